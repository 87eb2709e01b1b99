"""The themes: what is read stands out from what is behind it, and growth and shrinkage do not need their colours."""

import pytest
from session.worlds import SLOW_CHAIN
from session.worlds import session as session_of
from textual.color import Color
from tui.face import Face

from bntui.tui.app import THEMES, Bntui
from bntui.tui.widgets.pane import ROLE_STYLES


def luminance(color: Color) -> float:
    """Of WCAG 2: the share of light, of channels made linear."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
    return sum(share * channel for share, channel in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("theme", "least"), [("dark", 4.5), ("light", 4.5), ("projector", 7.0)])
async def test_what_is_read_stands_out_from_what_is_behind_it(theme: str, least: float) -> None:
    app = Bntui(session_of(SLOW_CHAIN), theme)
    async with app.run_test(size=(80, 24)) as pilot:
        face = Face(app, pilot)
        await face.settled()
        for role, name in ROLE_STYLES.items():
            behind, written = face.explorer.background_colors[1], face.explorer.get_component_styles(name).color
            assert contrast(behind, behind + written) >= (3.0 if role == "faint" and theme != "projector" else least), role


async def test_the_projector_has_colours_of_its_own_until_another_theme_is_chosen() -> None:
    app = Bntui(session_of(SLOW_CHAIN), "projector")
    async with app.run_test(size=(80, 24)) as pilot:
        face = Face(app, pilot)
        await face.settled()
        style = face.explorer.get_component_styles(ROLE_STYLES["growth"])
        assert style.color.hex.lower() == "#8a2c00"
        app.theme = THEMES["light"]
        await face.until(lambda: face.explorer.get_component_styles(ROLE_STYLES["growth"]).color.hex.lower() == "#9c3f00")
        app.theme = THEMES["projector"]
        await face.until(lambda: face.explorer.get_component_styles(ROLE_STYLES["growth"]).color.hex.lower() == "#8a2c00")
