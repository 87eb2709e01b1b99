"""What whoever speaks before a class needs: the list of beats, going to any of them, the blank screen, and no answer too early."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from paced import mostly_slow
from session.worlds import SLOW_CHAIN, bits, do
from session.worlds import session as session_of
from textual.command import CommandPalette
from textual.widgets import Input, OptionList
from tui.face import Face, exploring

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.session.teach import notes
from bntui.tui.app import Bntui
from bntui.tui.screens.beats import Beats
from bntui.tui.screens.blank import HINT, Blank
from bntui.tui.screens.dialogs import Asking
from bntui.tui.screens.explaining import Explaining
from bntui.tui.screens.sweep import SweepScreen

LESSON = """
lesson:
  - say: "Take **two** steps."
    do: {step: 2}
  - ask: {question: "Up or down?", choices: [upwards, sideways], answer: 2, because: "it slides"}
    do: {step: 3}
  - say: "Sideways it went."
    run: {speed: 0.5, limit: 4}
  - say: "Many steps."
    do: [{step: 5}, {view: loss}]
  - ask: {question: "And at last?", choices: [this, that], answer: 1}
    do: {step: 1}
"""
TEXT = SLOW_CHAIN + LESSON
PICTURED = SLOW_CHAIN + """
lesson:
  - say: "Look at this."
    sweep: {steps: 2, count: 3}
  - say: "The end."
"""


@asynccontextmanager
async def opened(session: Session, beat: int) -> AsyncIterator[Face]:
    """The app with a session opened at a beat."""
    app = Bntui(session, opens=beat)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        yield Face(app, pilot)


def number(face: Face) -> int:
    lesson = face.explorer.snapshot.lesson if face.explorer.snapshot else None
    return lesson.number if lesson else -1


async def listed(face: Face) -> list[str]:
    """Open the list of beats; its rows."""
    face.hit("l")
    await face.until(lambda: isinstance(face.screen, Beats) and bool(face.screen.query(OptionList)) and bool(rows(face)))
    return rows(face)


def rows(face: Face) -> list[str]:
    return [str(option.prompt) for option in face.screen.query_one(OptionList).options]


def told(face: Face, selector: str) -> str:
    """What a line of the dialog on top says; nothing before it is there."""
    return face.static(selector) if face.screen.query(selector) else ""


async def typed(face: Face, text: str) -> list[str]:
    """Type into the list of beats; the rows that are left."""
    before = rows(face)
    face.screen.query_one(Input).value = text
    await face.until(lambda: rows(face) != before)
    return rows(face)


async def test_the_list_says_where_one_is_and_gives_no_answer_away() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        assert await listed(face) == [
            "▸  1   Take two steps.",
            "   2 ? Up or down?",
            "   3   … after question 2",
            "   4   … after question 2",
            "   5 ? And at last?",
        ]
        assert face.static("#beats-title") == "Beats: 1 of 5 · about 3 minutes left"
        assert face.screen.query_one(OptionList).highlighted == 0
        face.hit("tab")
        await face.until(lambda: "   3   Sideways it went." in rows(face))
        assert not any("sideways" in row or "slides" in row for row in rows(face))
        face.hit("tab")
        await face.until(lambda: "   3   … after question 2" in rows(face))
        await face.pilot.press("escape")
        assert (face.screen, number(face)) == (face.explorer, 1)


async def test_enter_goes_to_a_beat_in_the_state_in_which_the_lesson_reaches_it() -> None:
    straight = do(session_of(TEXT), *({"beat": each} for each in range(1, 5)))
    async with exploring(TEXT) as face:
        await listed(face)
        face.hit("down", "down", "down", "enter")
        await face.until(lambda: face.screen is face.explorer and number(face) == 4)
        await face.settled()
        assert bits(face.session.history.moment) == bits(straight.history.moment)
        assert "[2 J]" in face.says("tabs")
        assert face.says("beat").startswith("Many steps.")
        assert (await listed(face))[:4] == ["✓  1   Take two steps.", "✓  2 ? Up or down?", "✓  3   Sideways it went.", "▸  4   Many steps."]


@pytest.mark.slow
async def test_what_is_typed_narrows_the_list_and_enter_takes_the_first() -> None:
    async with exploring(TEXT) as face:
        await listed(face)
        assert await typed(face, "at last") == ["   5 ? And at last?"]
        assert await typed(face, "4") == ["   4   … after question 2"]
        assert await typed(face, "went sideways") == ["   3   … after question 2"]
        assert await typed(face, "slides") == []
        assert face.static("#beats-keys") == "No beat says or asks 'slides'."
        await face.pilot.press("enter")
        assert await typed(face, "two") == ["   1   Take two steps."]
        face.hit("enter")
        await face.until(lambda: face.screen is face.explorer and number(face) == 1)


@pytest.mark.slow
async def test_a_question_that_is_gone_to_is_asked_before_its_outcome_is_seen() -> None:
    async with exploring(TEXT) as face:
        for before, onwards in ((4, 2), (2, 5), (5, 2)):
            await listed(face)
            await typed(face, str(onwards))
            face.hit("enter")
            await face.until(lambda: isinstance(face.screen, Asking))
            assert face.session.history.step == {2: 2, 5: 14}[onwards]
            assert not {"sideways", "it slides"} & set(face.says("beat").split("\n")), before
            await face.pilot.press("escape")


@pytest.mark.slow
async def test_an_answered_question_is_shown_with_its_answer_when_one_comes_back() -> None:
    async with exploring(TEXT) as face:
        await listed(face)
        await typed(face, "2")
        face.hit("enter")
        await face.until(lambda: isinstance(face.screen, Asking))
        await face.pilot.press("1", "n")
        await face.until(lambda: face.session.history.step == 5)
        await face.press("p")
        assert number(face) == 1
        await face.press("n")
        assert "✗ Not quite: upwards. The right answer: sideways. it slides" in face.says("beat")


@pytest.mark.slow
async def test_without_a_lesson_there_is_no_list() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("l")
        await face.until(lambda: "This scenario has no lesson" in face.toasts())
        assert face.screen is face.explorer


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 20), (200, 60)])
async def test_the_list_has_room_in_a_small_and_a_large_window_and_is_spelled_in_ascii(size: tuple[int, int]) -> None:
    lesson = read_file(library.find("goodfellow-chain"))
    app = Bntui(Session(lesson), ascii=True, opens=4)
    async with app.run_test(size=size, notifications=True) as pilot:
        face = Face(app, pilot)
        await face.until(lambda: face.app.explorer is not None and number(face) == 4)
        await face.settled()
        told = await listed(face)
        assert len(told) == 12
        assert all(row.isascii() and len(row) < size[0] - 4 for row in told)
        assert told[3].startswith(">  4   All five again, and a second step: J is")
        assert face.screen.query_one("#beats").region.height <= size[1]


async def search(face: Face, words: str) -> list[str]:
    """Open the palette and type words; what it offers first."""
    await face.pilot.press("colon")
    await face.until(lambda: isinstance(face.screen, CommandPalette))
    before = rows(face)
    face.screen.query_one(Input).value = words
    await face.until(lambda: rows(face) not in (before, []))
    return [row.split("\n")[0] for row in rows(face)]


async def test_the_palette_goes_to_a_beat_by_its_number_or_by_its_words() -> None:
    async with exploring(TEXT) as face:
        assert (await search(face, "beat 4"))[0] == "beat 4: … after question 2"
        await face.pilot.press("enter")
        await face.until(lambda: number(face) == 4)
        assert (await search(face, "beat take two"))[0] == "beat 1: Take two steps."
        await face.pilot.press("enter")
        await face.until(lambda: number(face) == 1)


@pytest.mark.slow
@pytest.mark.parametrize("words", ["beat slides", "beat sideways", "sideways", "it slides"])
async def test_the_palette_finds_no_answer(words: str) -> None:
    async with exploring(TEXT.replace("Sideways it went", "So it went")) as face:
        assert not any("beat" in offer for offer in await search(face, words) if "list of beats" not in offer)


async def blanked(face: Face) -> None:
    face.hit("full_stop")
    await face.until(lambda: isinstance(face.screen, Blank) and told(face, "#blank-hint") == HINT)


@pytest.mark.parametrize("key", mostly_slow(["space", "q", "n", "ctrl+p", "ctrl+q", "escape", "full_stop"], ["space"]))
async def test_a_blank_screen_goes_with_any_key_which_does_nothing_else(key: str) -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        before = face.session.history.step
        await blanked(face)
        face.hit(key)
        await face.until(lambda: face.screen is face.explorer)
        await face.settled()
        assert face.app.is_running
        assert (face.session.history.step, number(face)) == (before, 1)


@pytest.mark.slow
async def test_what_runs_pauses_under_a_blank_screen_and_the_speaker_is_told_of_it() -> None:
    def blank() -> list[bool]:
        return [each.blank for each in notes.running()]

    async with exploring(TEXT) as face:
        await face.press("n")
        await face.until(lambda: blank() == [False])
        face.hit("r")
        await face.until(lambda: face.explorer.conductor.running)
        await blanked(face)
        await face.until(lambda: blank() == [True])
        assert not face.explorer.conductor.running
        face.hit("x")
        await face.until(lambda: blank() == [False])
        assert not face.explorer.conductor.running


@pytest.mark.slow
async def test_a_question_is_blanked_too_and_waits_behind_it_and_behind_the_list() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("n")
        await face.until(lambda: isinstance(face.screen, Asking) and bool(face.screen.query(OptionList)))
        await blanked(face)
        face.hit("1")
        await face.until(lambda: isinstance(face.screen, Asking))
        assert face.session.lesson.asking
        await listed(face)
        face.hit("escape")
        await face.until(lambda: isinstance(face.screen, Asking))
        await listed(face)
        await typed(face, "4")
        face.hit("enter")
        await face.until(lambda: face.screen is face.explorer and number(face) == 4)


@pytest.mark.slow
async def test_the_time_at_a_beat_runs_on_when_its_question_is_answered() -> None:
    def times() -> list[tuple[bool, float]]:
        return [(each.asking, each.beat_at) for each in notes.running()]

    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("n")
        await face.until(lambda: [asking for asking, _ in times()] == [True])
        (_, began), = times()
        await face.until(lambda: isinstance(face.screen, Asking) and bool(face.screen.query(OptionList)))
        face.hit("2")
        await face.until(lambda: times() == [(False, began)])


@pytest.mark.slow
async def test_a_lesson_opens_at_the_beat_that_was_asked_for() -> None:
    straight = do(session_of(TEXT), *({"beat": each} for each in range(1, 5)))
    async with opened(session_of(TEXT), 4) as face:
        await face.until(lambda: face.app.explorer is not None and number(face) == 4)
        await face.settled()
        assert bits(face.session.history.moment) == bits(straight.history.moment)
    async with opened(session_of(TEXT), 2) as face:
        await face.until(lambda: isinstance(face.screen, Asking))
        assert face.session.history.step == 2


async def pictured(face: Face) -> None:
    await face.press("n")
    await face.until(lambda: isinstance(face.screen, SweepScreen) and face.screen.result is not None and not face.screen.computing)


@pytest.mark.slow
async def test_over_a_beats_picture_the_keys_of_whoever_speaks_work_too() -> None:
    async with exploring(PICTURED) as face:
        await pictured(face)
        picture = face.screen
        face.hit("i")
        await face.until(lambda: isinstance(face.screen, Explaining) and told(face, "#explaining-name") == "the view: sweep")
        await face.pilot.press("escape")
        await blanked(face)
        face.hit("n")
        await face.until(lambda: face.screen is picture)
        assert len(await listed(face)) == 2
        face.hit("down", "enter")
        await face.until(lambda: face.screen is face.explorer and number(face) == 2)


@pytest.mark.slow
async def test_over_a_beats_picture_the_palette_offers_what_the_session_can_do() -> None:
    async with exploring(PICTURED) as face:
        await pictured(face)
        assert (await search(face, "one step of gradient"))[0].startswith("one step of gradient descent")
        await face.pilot.press("enter")
        await face.until(lambda: face.screen is face.explorer and face.session.history.step == 1)


@pytest.mark.slow
async def test_nothing_waits_for_an_answer_that_has_been_given() -> None:
    async with exploring(TEXT.replace("do: {step: 3}", "run: {speed: 0.5, limit: 30}")) as face:
        await face.press("n")
        face.hit("n")
        await face.until(lambda: isinstance(face.screen, Asking) and bool(face.screen.query(OptionList)))
        face.hit("2")
        seen = []
        await face.until(lambda: face.screen is face.explorer)
        await face.until(lambda: bool(seen.append(face.says("beat"))) or "lesson 0.5/s" in face.says("header"))
        assert not any("n opens the question" in text for text in seen)
        face.hit("n")
        await face.until(lambda: number(face) == 3)
