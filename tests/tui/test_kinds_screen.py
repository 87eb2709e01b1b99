"""Choosing a kind of normalization from the screen."""

import pytest
from session.worlds import session
from textual.command import CommandPalette
from textual.widgets import Input, OptionList
from tui.face import Face, exploring

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.tui.screens.dialogs import Kinds
from bntui.views.pages.choices import kind_lines

NET = """
version: 1
title: Kinds
network:
  layers:
    - {name: h1, units: 4, activation: tanh}
    - {name: h2, units: 4, activation: relu}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 16}}
training: {learning_rate: 0.05}
"""


async def listed(face: Face) -> OptionList:
    """The list of kinds, opened."""
    face.hit("N")
    await face.until(lambda: isinstance(face.screen, Kinds) and bool(face.screen.query(OptionList)))
    return face.screen.query_one(OptionList)


async def test_the_list_names_every_kind_marks_those_in_force_and_says_what_each_does() -> None:
    async with exploring(NET, "network.batch_norm.enabled=true") as face:
        options = await listed(face)
        rows = {option.id: str(option.prompt) for option in options.options}
        assert list(rows) == list(NORMALIZATIONS)
        assert [name for name, row in rows.items() if row.startswith("●")] == ["batch_norm"]
        for place, (name, kind) in enumerate(NORMALIZATIONS.items()):
            assert name in rows[name]
            assert kind.short in rows[name]
            options.highlighted = place
            await face.until(lambda kind=kind: kind.says in face.static("#kinds-says"))
        assert face.static("#kinds-title") == "Normalization: BN on"


def test_on_sixty_columns_no_row_of_the_list_is_cut() -> None:
    standing = session(NET).stand()
    for columns, most in ((60, 46), (80, 62)):
        _, rows = kind_lines(standing, False, columns)
        assert max(len(row) for _, row in rows) <= most
    assert any("units of a sample" in row for _, row in rows)


async def test_enter_takes_the_kind_that_is_pointed_at_and_b_switches_it() -> None:
    async with exploring(NET) as face:
        await listed(face)
        await face.pilot.press("down", "down", "down", "down", "enter")
        await face.until(lambda: " → LN on" in face.says("header"))
        assert "b LN" in face.says("keys")
        await face.press("b")
        assert " · LN on → LN off" in face.says("header")
        await face.press("b", "B")
        assert " · LN on → LN h2" in face.says("header")
        options = await listed(face)
        assert str(options.get_option("layer_norm").prompt).startswith("●")


@pytest.mark.parametrize("key", ["escape", "N", "q"])
async def test_the_list_is_left_without_a_change(key: str) -> None:
    async with exploring(NET) as face:
        await listed(face)
        await face.pilot.press("down", key)
        await face.until(lambda: face.screen is face.explorer)
        await face.settled()
        assert " · BN off" in face.says("header")
        assert face.session.history.last_step == 0
        assert not face.session.stand().marks


async def test_the_kind_in_force_is_taken_again_without_a_mark() -> None:
    async with exploring(NET, "network.batch_norm.enabled=true") as face:
        await listed(face)
        await face.pilot.press("enter")
        await face.until(lambda: face.screen is face.explorer)
        await face.settled()
        assert not face.session.stand().marks


async def test_a_kind_that_a_layer_cannot_have_is_refused_in_a_sentence() -> None:
    async with exploring(NET.replace("units: 4, activation: relu", "units: 1, activation: relu")) as face:
        await listed(face)
        await face.pilot.press("down", "down", "down", "down", "enter")
        await face.until(lambda: "h2: one unit cannot be normalized by its own mean and variance" in face.toasts())
        assert " · BN off" in face.says("header")


@pytest.mark.parametrize("name", NORMALIZATIONS)
async def test_the_palette_has_every_kind(name: str) -> None:
    async with exploring(NET) as face:
        await face.pilot.press("colon")
        await face.until(lambda: isinstance(face.screen, CommandPalette))
        palette = face.screen
        palette.query_one(Input).value = f"normalization: {name} ("
        options = palette.query_one(OptionList)
        await face.until(lambda: options.option_count > 0 and f": {name} (" in str(options.get_option_at_index(0).prompt))
        await face.pilot.press("enter")
        await face.until(lambda: f" → {NORMALIZATIONS[name].short} on" in face.says("header"))


async def test_a_twin_is_typed_with_its_kind() -> None:
    async with exploring(NET, "network.batch_norm.enabled=true") as face:
        face.hit("T")
        await face.until(lambda: bool(face.screen.query(Input)))
        await face.type("norm layr_norm")
        await face.until(lambda: "did you mean layer_norm" in face.static("#prompt-hint"))
        await face.type("norm layer_norm")
        await face.until(lambda: " · BN on · twin LN on J " in face.says("header"))


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_list_has_room_on_the_smallest_screen(ascii: bool) -> None:
    async with exploring(NET, size=(60, 18), ascii=ascii) as face:
        options = await listed(face)
        await face.until(lambda: options.region.height == len(NORMALIZATIONS))
        assert face.screen.query_one("#kinds-keys").region.bottom < 18
