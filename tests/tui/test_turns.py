"""Keys that come all at once, as a slow link lets them go: each does what it would have done if somebody had waited for it."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest
from session.worlds import CHAIN, SLOW_CHAIN
from textual._types import CallbackType as Callback
from textual.command import CommandPalette
from textual.events import Paste
from textual.screen import Screen
from textual.widgets import Input, OptionList
from tui.face import Face, choosing, exploring

from bntui.scenario.shelf import library
from bntui.tui import turns
from bntui.tui.screens.library import Library


def searched(face: Face) -> str:
    """What stands in the line of the screen on top; nothing while it has none."""
    return "".join(line.value for line in face.screen.query(Input))


async def test_words_that_come_with_the_key_of_the_search_are_all_looked_for() -> None:
    async with choosing() as face:
        face.hit("slash", *"quadratic")  # over the list q leaves the program
        await face.until(lambda: searched(face) == "quadratic")
        assert face.app.is_running


async def test_a_machine_that_gives_the_program_no_time_sends_no_key_astray(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, ahead = asyncio.get_running_loop(), 0.0
    time, begin = loop.time, turns.InTurn._begin_turn

    def begin_and_stand_still(app: turns.InTurn) -> int:
        nonlocal ahead
        turn = begin(app)
        ahead += 2 * turns.PATIENCE  # in which nothing goes on
        return turn

    monkeypatch.setattr(loop, "time", lambda: time() + ahead)
    monkeypatch.setattr(turns.InTurn, "_begin_turn", begin_and_stand_still)
    async with choosing() as face:
        face.hit("slash", *"quadratic")
        await face.until(lambda: searched(face) == "quadratic")
        assert face.app.is_running


@pytest.mark.slow
async def test_a_session_that_is_left_searched_opened_and_stepped_at_once_is_there() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("space", "o", "slash", *"sigmoids", "enter", "space", "space")
        await face.until(lambda: face.says("header").startswith("Vanishing through sigmoids · step 2 · "))


async def test_a_step_that_is_typed_with_the_key_that_asks_for_it_is_gone_to() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("j", "1", "2", "enter", "b")  # over the session 1 and 2 open views
        await face.until(lambda: " · step 12 · " in face.says("header") and "BN on" in face.says("header"))
        assert "[1 layers]" in face.says("tabs")


@pytest.mark.slow
async def test_words_typed_with_the_key_of_the_palette_stand_in_it() -> None:
    async with exploring(CHAIN) as face:
        face.hit("colon", *"batch")
        await face.until(lambda: isinstance(face.screen, CommandPalette) and searched(face) == "batch")


async def test_the_key_that_ends_a_blank_screen_does_nothing_else_and_the_next_one_acts() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("full_stop", "b", "space")
        await face.until(lambda: " · step 1 · " in face.says("header"))
        assert "BN off" in face.says("header")


@pytest.mark.slow
async def test_a_screen_that_goes_away_with_all_that_was_sent_to_it_holds_no_key_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)

    class Losing(Screen[None]):
        BINDINGS: ClassVar = [("x", "app.pop_screen", "leave")]

        def call_later(self, callback: Callback, *arguments: object, **named: object) -> bool:
            return True

    async with exploring(SLOW_CHAIN) as face:
        await face.app.push_screen(Losing())
        face.hit("b", "x", "space", "space")
        await face.until(lambda: " · step 2 · " in face.says("header"))
        assert "BN off" in face.says("header")


@pytest.mark.slow
async def test_what_is_pasted_over_the_list_is_looked_for() -> None:
    async with choosing() as face:
        face.app.post_message(Paste("goodfellow\n"))
        await face.until(lambda: searched(face) == "goodfellow")
        face.hit("enter")
        await face.until(lambda: face.app.explorer is not None)


@pytest.mark.slow
async def test_a_path_that_is_pasted_is_opened_by_enter_and_leaves_the_list_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CHAIN.replace("Goodfellow's chain", "My own"), encoding="utf-8")
    async with choosing() as face:
        face.app.post_message(Paste(str(file)))
        await face.until(lambda: searched(face) == str(file))
        assert isinstance(face.screen, Library)
        face.screen.on_resize()
        await face.pilot.pause()
        assert {option.id for option in face.screen.query_one(OptionList).options} >= set(library.names())
        face.hit("enter")
        await face.until(lambda: face.app.explorer is not None and face.says("header").startswith("My own · step 0 · "))


ASKING = """
lesson:
  - {say: One.}
  - {ask: {question: "Up or down?", choices: [up, down], answer: 2}, do: {step: 3}}
  - {say: Three., do: {step: 2}}
"""


async def test_an_answer_that_comes_with_the_key_of_its_beat_is_given_and_the_key_after_it_reads_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 10.0)  # however busy the machine is
    async with exploring(SLOW_CHAIN + ASKING) as face:
        face.hit("n", "n", "2", "n")  # over the session 2 opens a view
        await face.until(lambda: " · step 5 · " in face.says("header"))
        await face.settled()
        assert face.session.lesson.answers == {2: 2}
        assert face.session.view == "layers"


@pytest.mark.slow
async def test_keys_that_hurry_through_a_run_that_is_watched_do_not_wait_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 10.0)
    lesson = "lesson: [{run: {limit: 1000, speed: 2}}, {run: {limit: 1000, speed: 2}}, {say: Three.}]\n"
    async with exploring(SLOW_CHAIN + lesson) as face:
        face.hit("n", "n", "n", "space")
        await face.until(lambda: " · step 2001 · " in face.says("header"))
