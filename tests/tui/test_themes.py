"""The themes: what is read stands out from what is behind it, and growth and shrinkage do not need their colours."""

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from session.worlds import SLOW_CHAIN
from session.worlds import session as session_of
from textual.color import Color
from tui.face import Face
from tui.palettes import PALETTES, colour, contrast

from bntui.tui.app import Bntui
from bntui.tui.colours import underlines
from bntui.tui.themes import (
    KNOWN,
    ON_ANY,
    ON_BLACK,
    ON_WHITE,
    THEMES,
    Inks,
    WordsUnderlined,
    inked,
    inks_of,
    short_name,
    theme_problem,
    themes_for,
    uncoloured,
)
from bntui.tui.widgets.pane import ROLE_STYLES

INKS = ("plain", "faint", "accent", "second", "growth", "shrinkage", "warning", "twin")


@pytest.mark.parametrize(("theme", "least"), [("dark", 4.5), ("light", 4.5), ("projector", 7.0)])
async def test_what_is_read_stands_out_from_what_is_behind_it(theme: str, least: float) -> None:
    app = Bntui(session_of(SLOW_CHAIN), theme)
    async with app.run_test(size=(80, 24)) as pilot:
        face = Face(app, pilot)
        await face.settled()
        for role, name in ROLE_STYLES.items():
            behind, written = face.explorer.background_colors[1], face.explorer.get_component_styles(name).color
            needed = 3.0 if role == "faint" and theme != "projector" else least
            assert contrast(behind, behind + written) >= needed, role
            few = [Color.from_rich_color(each.rich_color.downgrade(ColorSystem.EIGHT_BIT)) for each in (behind, behind + written)]
            assert contrast(*few) >= 0.9 * needed, f"{role}, of 256 colours"


async def test_the_projector_has_colours_of_its_own_until_another_theme_is_chosen() -> None:
    app = Bntui(session_of(SLOW_CHAIN), "projector")
    async with app.run_test(size=(80, 24)) as pilot:
        face = Face(app, pilot)
        await face.settled()
        style = face.explorer.get_component_styles(ROLE_STYLES["growth"])
        assert style.color.hex.lower() == "#8a2c00"
        app.theme = THEMES["light"]
        await face.until(lambda: face.explorer.get_component_styles(ROLE_STYLES["growth"]).color.hex.lower() == "#963a00")
        app.theme = THEMES["projector"]
        await face.until(lambda: face.explorer.get_component_styles(ROLE_STYLES["growth"]).color.hex.lower() == "#8a2c00")


@pytest.mark.parametrize(("inks", "least"), [(ON_BLACK, 3.0), (ON_WHITE, 4.0)])
@pytest.mark.parametrize("palette", PALETTES)
def test_of_sixteen_colours_each_ink_can_be_read_on_its_paper(palette: str, inks: Inks, least: float) -> None:
    for role in INKS:
        assert contrast(colour(palette, getattr(inks, role)), colour(palette, inks.paper)) >= least, role
    assert contrast(*[colour(palette, name) for name in inks.chosen]) >= least


@pytest.mark.parametrize("palette", PALETTES)
def test_on_a_background_that_nobody_knows_each_ink_can_be_read_be_it_black_or_white(palette: str) -> None:
    for role in INKS:
        ink = getattr(ON_ANY, role)
        for paper in ("#000000", "#ffffff"):
            assert ink == "default" or contrast(colour(palette, ink), Color.parse(paper)) >= 2.6, (role, paper)


@pytest.mark.parametrize("inks", [ON_BLACK, ON_WHITE, ON_ANY])
def test_growth_is_told_from_shrinkage_a_curve_from_another_and_the_twin_from_what_it_is_beside(inks: Inks) -> None:
    for one, other in (("growth", "shrinkage"), ("accent", "second"), ("accent", "twin"), ("plain", "faint")):
        assert getattr(inks, one) != getattr(inks, other) or (inks, other) == (ON_ANY, "faint")


def test_every_theme_has_its_inks_under_its_own_name() -> None:
    assert [theme.name for theme in themes_for("16")] == [theme.name for theme in themes_for("truecolor")] == [theme.name for theme in KNOWN]
    of = {theme.name: inks_of(theme, "16") for theme in KNOWN}
    assert (of["textual-dark"], of["textual-light"], of["ansi-dark"]) == (ON_BLACK, ON_WHITE, ON_ANY)
    assert (of["nord"], of["solarized-light"]) == (ON_BLACK, ON_WHITE)
    assert of["projector"].faint == of["projector"].plain, "from the last row nothing is fainter than the rest"
    assert {inks_of(theme, "none") for theme in KNOWN} == {ON_ANY}


def test_what_is_the_terminals_own_is_written_in_the_themes_inks_and_nothing_is_left_faint() -> None:
    plain = inked(Style(), ON_WHITE)
    faint = inked(Style(dim=True), ON_WHITE)
    coloured = inked(Style(color="blue", bgcolor="default"), ON_WHITE)
    assert [str(style) for style in (plain, faint, coloured)] == [
        "black on bright_white", "not dim bright_black on bright_white", "blue on bright_white"
    ]  # fmt: skip


def test_what_matters_is_never_paler_than_the_rest_where_a_terminal_writes_bold_in_the_bright_form_of_its_colour() -> None:
    on_black, on_white = inked(Style(bold=True), ON_BLACK), inked(Style(bold=True), ON_WHITE)
    assert [str(style) for style in (on_black, on_white)] == ["bold bright_white on black", "not bold underline black on bright_white"]
    for inks in (ON_BLACK, ON_WHITE):
        for style in (Style(bold=True, reverse=True), Style(bold=True, color=inks.chosen[0], bgcolor=inks.chosen[1])):
            assert not inked(style, inks).bold
            assert not uncoloured(style).bold


def test_what_is_exchanged_is_so_by_its_colours_for_a_linux_console_leaves_brightness_where_it_is() -> None:
    assert str(inked(Style(reverse=True), ON_BLACK)) == "not reverse black on bright_white"
    assert str(inked(Style(reverse=True), ON_WHITE)) == "not reverse bright_white on black"


def test_where_lines_are_written_as_a_colour_nothing_is_underlined() -> None:
    assert [underlines({"TERM": name}) for name in ("linux", "linux-16color", "xterm", "putty")] == [False, False, True, True]
    assert str(inked(Style(bold=True), ON_WHITE.without_lines())) == "not bold black on bright_white"
    assert ON_BLACK.without_lines() == ON_BLACK


def test_words_are_underlined_and_not_the_space_around_them() -> None:
    segments = [Segment("  scale γ/σ   ", Style(underline=True)), Segment("  1.458")]
    pieces = WordsUnderlined().apply(segments, Color.parse("white"))
    assert [text for text, _, _ in pieces] == ["  ", "scale γ/σ", "   ", "  1.458"]
    assert [text for text, style, _ in pieces if style and style.underline] == ["scale γ/σ"]


def test_a_theme_is_asked_for_by_its_short_name() -> None:
    assert (short_name("textual-dark"), short_name("nord")) == ("dark", "nord")
    assert theme_problem(short_name("ansi-dark")) is None
