"""Asking what stands on the screen."""

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList
from tui.face import Face, exploring

from bntui.tui.screens.explaining import Explaining

NET = """
version: 1
title: Explained
network:
  layers:
    - {name: h1, units: 4, activation: relu}
    - {name: h2, units: 4, activation: tanh}
    - {name: head, units: 1, batch_norm: false}
  batch_norm: {enabled: true}
data: {generator: {name: sine, samples: 16}}
training: {learning_rate: 0.05}
"""


async def asked(face: Face) -> None:
    """The explanations, opened."""
    face.hit("i")
    await face.until(lambda: isinstance(face.screen, Explaining) and bool(face.screen.query("#explaining-says")))
    await face.until(lambda: face.static("#explaining-says") != "")


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("size", [(60, 18), (60, 20), (80, 24), (120, 40)], ids=str)
async def test_the_selected_layer_is_explained_first_and_the_arrows_go_through_its_rows(size: tuple[int, int], ascii: bool) -> None:
    async with exploring(NET, size=size, ascii=ascii) as face:
        await face.press("space", "down")  # from the head to h2
        await asked(face)
        layer = face.explorer.snapshot.focus.layer if face.explorer.snapshot else ""
        assert face.static("#explaining-title") == f"Explained: the chain of {layer}"
        name = face.static("#explaining-name")
        assert name.startswith(f"{layer} ")
        await face.pilot.press("down")
        await face.until(lambda: face.static("#explaining-name") != name)
        options = face.screen.query_one(OptionList)
        assert options.highlighted is not None
        assert face.screen.query_one("#explaining-keys").region.bottom < size[1]
        said = face.static("#explaining-says")
        width = face.screen.query_one("#explaining-text").scrollable_content_region.width
        assert max(len(line) for line in said.splitlines()) <= width
        assert not ascii or said.isascii()


async def test_tab_goes_on_to_the_open_view_with_its_numbers_and_to_the_signs_and_back() -> None:
    async with exploring(NET) as face:
        await face.press("space", "3")
        await asked(face)
        await face.pilot.press("tab")
        await face.until(lambda: face.static("#explaining-title") == "Explained: the view step")
        await face.pilot.press("down")
        await face.until(lambda: face.static("#explaining-name") == "first order")
        orders = face.explorer.snapshot.orders if face.explorer.snapshot else None
        assert orders is not None
        assert f"gᵀs = −{-orders.first:.3g}"[:9] in face.static("#explaining-says")
        await face.pilot.press("tab")
        await face.until(lambda: face.static("#explaining-title") == "Explained: marks and signs")
        await face.pilot.press("shift+tab", "shift+tab")
        await face.until(lambda: face.static("#explaining-title").startswith("Explained: the chain of"))


async def test_what_has_no_room_is_read_on() -> None:
    async with exploring(NET, size=(60, 18)) as face:
        await asked(face)
        text = face.screen.query_one("#explaining-text")
        await face.pilot.press("down")
        await face.until(lambda: face.static("#explaining-name") == "h1 scale γ/σ" and text.max_scroll_y > 0)
        await face.pilot.press("space")
        await face.until(lambda: text.scroll_y > 0)
        await face.pilot.press("pageup")
        await face.until(lambda: text.scroll_y == 0)


@pytest.mark.parametrize("key", ["escape", "i", "q", "enter"])
async def test_it_is_left_as_it_was_entered(key: str) -> None:
    async with exploring(NET) as face:
        await asked(face)
        await face.pilot.press("tab", "down", key)
        await face.until(lambda: face.screen is face.explorer)
        assert face.session.history.last_step == 0


async def test_a_run_pauses_for_it() -> None:
    async with exploring(NET) as face:
        face.hit("r")
        await face.until(lambda: face.explorer.conductor.running)
        await asked(face)
        assert not face.explorer.conductor.running


async def test_the_palette_finds_it() -> None:
    async with exploring(NET) as face:
        await face.pilot.press("colon")
        await face.until(lambda: isinstance(face.screen, CommandPalette))
        palette = face.screen
        palette.query_one(Input).value = "explain: the rows"
        options = palette.query_one(OptionList)
        await face.until(lambda: options.option_count > 0 and "explain" in str(options.get_option_at_index(0).prompt))
        await face.pilot.press("enter")
        await face.until(lambda: isinstance(face.screen, Explaining))
