"""A lesson in the app: its pane, its keys, its question, its pace, and the file that is saved while it is shown."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN, bits
from textual.widgets import Input, OptionList
from tui.behind import idle
from tui.face import PATIENCE, Face, choosing, exploring

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.session.keep.journal import Journal
from bntui.session.keep.kept import kept_sessions
from bntui.session.keep.resuming import resume
from bntui.session.session import Session
from bntui.session.teach import completion, notes
from bntui.session.teach.notes import Notes
from bntui.tui.app import Bntui
from bntui.tui.screens.dialogs import Asking

LESSON = """
lesson:
  - say: "Take two steps and **look**."
    note: "for the speaker"
    do: [{step: 2}, {view: loss}]
  - ask: {question: "Up or down?", choices: [up, down], answer: 2, because: "it falls"}
    do: {step: 3}
  - say: "LONG"
    run: {speed: 1000, until: {step: {above: 19}}, limit: 50}
  - say: "The last."
    do: {view: layers}
""".replace("LONG", " ".join(["A long story."] * 60))

TEXT = SLOW_CHAIN + LESSON


@asynccontextmanager
async def from_file(path: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Face]:
    """The app with a scenario that was read from a file."""
    app = Bntui(Session(read_file(path)))
    async with app.run_test(size=size, notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        yield face


def number(face: Face) -> int:
    lesson = face.explorer.snapshot.lesson if face.explorer.snapshot else None
    return lesson.number if lesson else -1


async def asked(face: Face) -> None:
    await face.until(lambda: isinstance(face.screen, Asking) and bool(face.screen.query(OptionList)))


async def answer(face: Face, key: str) -> None:
    await asked(face)
    face.hit(key)
    await face.until(lambda: face.screen is face.explorer)
    if key != "escape":  # the dialog has gone before its answer is asked for
        await face.until(lambda: not face.session.lesson.asking)
    await face.settled()


async def test_n_begins_the_lesson_and_its_pane_comes_beside_the_charts() -> None:
    async with exploring(TEXT) as face:
        assert "6 lesson 0/4" in face.says("tabs")
        assert "n begin lesson" in face.says("keys")
        assert face.says("beat") == ""
        await face.press("n")
        assert face.says("beat").startswith("Take two steps and look.")
        assert "6 lesson 1/4" in face.says("tabs")
        assert " · step 2 · " in face.says("header")
        assert face.says("panel").startswith("J")
        assert len(face.says("beat").splitlines()) == 5


@pytest.mark.parametrize("key", ["n", "p", "6"])
async def test_without_a_lesson_its_keys_say_so(key: str) -> None:
    async with exploring(SLOW_CHAIN) as face:
        assert "lesson" not in face.says("tabs")
        face.hit(key)
        await face.until(lambda: "This scenario has no lesson" in face.toasts())
        assert face.session.view == "layers"


async def test_a_question_is_answered_by_a_digit_before_anything_moves() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("n")
        await asked(face)
        assert face.static("#asking-question") == "Up or down?"
        assert face.session.history.step == 2
        await answer(face, "2")
        assert " · step 5 · " in face.says("header")
        assert "✓ Right: down. it falls" in face.says("beat")


async def wrongly(face: Face, key: str) -> None:
    """Make a wrong choice, and read what speaks against it."""
    await asked(face)
    face.hit(key)
    await face.until(lambda: face.screen.query_one("#asking-against").display)


async def test_what_is_told_in_the_corner_leaves_a_question_free() -> None:
    async with exploring(TEXT, size=(60, 20)) as face:
        await face.press("n")
        face.hit("n")
        await asked(face)
        face.app.notify("Everybody on this machine can read what you show.")
        await face.until(lambda: any(toast.region for toast in face.screen.query("Toast")))
        (toast,) = face.screen.query("Toast")
        asking = face.screen.query_one("#asking")
        assert asking.region.bottom == 20
        assert toast.region.bottom <= asking.region.y


async def test_a_wrong_choice_is_told_of_below_the_question_and_another_one_may_be_made() -> None:
    async with exploring(TEXT.replace("because", 'wrong: {1: "Nothing lifts it."}, because')) as face:
        await face.press("n")
        face.hit("n")
        await wrongly(face, "1")
        assert face.static("#asking-question") == "Up or down?"
        assert [str(option.prompt) for option in face.screen.query_one(OptionList).options] == ["1✗ up", "2  down"]
        assert face.static("#asking-against") == "✗ Not quite: up. Nothing lifts it."
        assert face.static("#asking-hint") == "1–2 or ↑↓ enter tries again   esc look again first   n tells which"
        assert face.session.history.step == 2
        await answer(face, "2")
        assert "✓ Right: down. it falls" in face.says("beat")


async def test_who_gives_up_reads_the_question_the_choice_and_the_right_answer() -> None:
    async with exploring(TEXT, size=(60, 20)) as face:
        await face.press("n")
        face.hit("n")
        await asked(face)
        face.hit("n")  # nothing was tried
        await wrongly(face, "1")
        assert face.static("#asking-hint") == "1–2 tries again   esc look again   n tells which"
        await answer(face, "n")
        assert face.says("beat").split("\n")[0].strip() == "Up or down?"
        assert "✗ Not quite: up. The right answer: down. it falls" in " ".join(face.says("beat").split())
        assert " · step 5 · " in face.says("header")


async def test_enter_answers_too_and_escape_lets_one_look_again_first() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("n")
        await answer(face, "escape")
        assert face.session.history.step == 2
        assert "n opens the question" in face.says("beat")
        face.hit("n")
        await asked(face)
        face.hit("down")
        await answer(face, "enter")
        assert "✓ Right: down." in face.says("beat")


async def test_a_page_that_a_larger_window_no_longer_has_is_no_page_to_go_back_from() -> None:
    async with exploring(TEXT, size=(64, 20)) as face:
        await face.press("n")
        face.hit("n")
        await answer(face, "2")
        face.hit("n")
        await face.until(lambda: number(face) == 3 and face.session.history.step == 20 and idle(face.explorer.conductor))
        await face.press("n", "n")
        assert face.explorer.companion.page == 2
        await face.pilot.resize_terminal(240, 60)
        await face.press("6")
        assert face.explorer.pages == 1
        await face.press("p")
        assert number(face) == 2
        await face.press("p", "p", "p")
        assert number(face) == 0


async def test_a_run_goes_to_its_end_and_a_long_beat_has_pages() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("n")
        await answer(face, "2")
        face.hit("n")
        await face.until(lambda: number(face) == 3 and face.session.history.step == 20 and idle(face.explorer.conductor))
        await face.settled()
        assert "6 lesson 3/4 …" in face.says("tabs")
        first = face.says("beat")
        await face.press("n")
        assert number(face) == 3
        assert face.says("beat") != first
        await face.press("p")
        assert face.says("beat") == first
        await face.press("6")
        assert face.says("panel") == ""
        assert len(face.says("beat").splitlines()) > 5


async def test_the_end_has_a_score_and_the_lesson_counts_as_completed() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        face.hit("n")
        await answer(face, "2")
        while number(face) < 4:
            await face.press("n")
        assert "The end of the lesson. 1 of 1 question answered rightly." in face.says("beat")
        await face.until(lambda: "test.yaml" in completion.completed())
        await face.press("n")
        await face.until(lambda: "That was the last beat." in face.toasts())
        await face.press("n", "n")
        await face.press("6")
        assert face.toasts().count("That was the last beat.") == 1


async def test_p_goes_back_to_the_state_from_before_the_beat() -> None:
    async with exploring(TEXT) as face:
        await face.press("n")
        before = bits(face.session.history.moment)
        face.hit("n")
        await answer(face, "2")
        await face.press("p")
        assert number(face) == 1
        assert bits(face.session.history.moment) == before
        await face.press("p")
        assert number(face) == 0
        assert face.says("beat") == ""
        assert face.session.history.step == 0


async def test_stepping_freely_in_between_is_followed_by_a_sentence_about_it() -> None:
    async with exploring(TEXT) as face:
        await face.press("n", "space", "space", "b", "n")
        await answer(face, "2")
        assert face.says("beat").startswith("The lesson goes on from its own state; tab")
        assert " · step 5 · " in face.says("header")
        assert " · BN off" in face.says("header")


async def test_a_wide_screen_has_the_progress_in_a_rule_above_four_rows() -> None:
    async with exploring(TEXT, size=(120, 40)) as face:
        await face.press("n")
        assert "lesson 1/4" in face.says("rule")
        assert face.says("beat").startswith("Take two steps")
        assert len(face.says("beat").splitlines()) == 4


async def test_a_lesson_is_readable_in_plain_ascii() -> None:
    async with exploring(TEXT, ascii=True) as face:
        await face.press("n")
        assert face.everything().isascii()


async def test_saving_the_file_shows_the_new_lesson_at_the_same_beat(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    async with from_file(file) as face:
        await face.press("n")
        file.write_text(TEXT.replace("Take two steps and **look**", "Now *this*"), encoding="utf-8")
        await face.until(lambda: face.says("beat").startswith("Now this."))
        assert (number(face), face.session.history.step) == (1, 2)
        face.hit("n")
        await answer(face, "2")
        assert (number(face), face.session.history.step) == (2, 5)


async def test_a_file_that_is_saved_refreshes_a_session_that_was_resumed_too(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    before = Session(read_file(file))
    before.recorder = journal = Journal(tmp_path / "kept")
    before.do(parse_action({"beat": 1}))
    journal.close(before)
    (path,) = (tmp_path / "kept").glob("*.jsonl")
    again, sentence = resume(path)
    assert sentence is None
    app = Bntui(again)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        assert "Take two steps and look." in face.says("beat")
        file.write_text(TEXT.replace("Take two steps", "Go two steps"), encoding="utf-8")
        await face.until(lambda: "Go two steps and look." in face.says("beat"))
        assert number(face) == 1


async def test_what_goes_on_after_the_file_was_saved_can_be_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    app = Bntui(Session(read_file(file)), keeps=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        await face.press("n")
        file.write_text(TEXT.replace("Take two steps", "Go two steps"), encoding="utf-8")
        await face.until(lambda: "Go two steps and look." in face.says("beat"))
        await face.press("space")
        assert face.session.history.step == 3
        await face.until(lambda: [each.step for each in kept_sessions()] == [3])
        (one,) = kept_sessions()
        app.let_go()
    again, _ = resume(one.path)
    assert (again.history.step, again.lesson.number) == (3, 1)
    assert "Go two steps" in again.loaded.source


async def test_a_session_that_is_opened_in_place_of_another_lets_that_one_go(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    app = Bntui(Session(read_file(file)), keeps=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        await face.press("space")
        app.explore(Session(read_file(file)))
        await face.settled()
        await face.press("space", "space")
        await face.until(lambda: {(one.step, one.holder is None) for one in kept_sessions()} == {(1, True), (2, False)})
        first = next(one for one in kept_sessions() if one.step == 1)
        again, _ = resume(first.path)
        app.explore(again)
        await face.settled()
        await face.press("space")
        await face.until(lambda: {(one.step, one.holder is None) for one in kept_sessions()} == {(2, True), (2, False)})
        app.let_go()


async def test_a_mistake_in_the_saved_file_is_told_in_place_and_the_old_lesson_stays(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    async with from_file(file) as face:
        await face.press("n")
        file.write_text(TEXT.replace("note:", "nte:"), encoding="utf-8")
        await face.until(lambda: "unknown key 'nte'" in face.says("beat").replace("\n", " "))
        assert "6 lesson 1/4" in face.says("tabs")
        await face.press("space")
        assert " · step 3 · " in face.says("header")
        file.write_text(TEXT, encoding="utf-8")
        await face.until(lambda: face.says("beat").startswith("Take two steps"))


async def test_saving_the_file_takes_nothing_from_a_session_without_its_lesson(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(TEXT, encoding="utf-8")
    async with from_file(file) as face:
        await face.press("space", "space")
        file.write_text(TEXT + "\n", encoding="utf-8")
        await face.until(lambda: "one.yaml was saved; o opens it anew" in face.toasts())
        assert face.session.history.step == 2


async def test_the_speakers_notes_follow_and_go_with_the_session() -> None:
    def told() -> Notes | None:
        return next(iter(notes.running()), None)

    async with exploring(TEXT) as face:
        await face.until(lambda: told() is not None)
        await face.press("n")
        await face.until(lambda: (now := told()) is not None and now.now.note == "for the speaker")
        assert "for the speaker" not in face.everything()
        now = told()
        assert now is not None
        assert now.following.question == "Up or down?"
    face.app.settle()
    assert notes.running() == []


@pytest.mark.timeout(PATIENCE * 4)
async def test_keys_are_heard_while_a_run_takes_its_time() -> None:
    slow = SLOW_CHAIN + "\nlesson: [{say: go, run: {speed: 0.5, limit: 30}}]\n"
    async with exploring(slow) as face:
        face.hit("n")
        await face.until(lambda: "lesson 0.5/s" in face.says("header"))
        face.hit("b")
        await face.until(lambda: face.session.history.step == 30 and idle(face.explorer.conductor))
        await face.settled()
        assert " · BN off → BN on" in face.says("header")


async def test_the_library_finds_lessons_by_their_words_and_says_how_long_they_take() -> None:
    async with choosing() as face:
        options = face.screen.query_one(OptionList)
        await face.pilot.press("slash")
        face.screen.query_one(Input).value = "ANDERSON iris"
        await face.until(lambda: "No lesson speaks of" in face.static("#library-text"))
        face.screen.query_one(Input).value = "real flowers"
        await face.until(lambda: [option.id for option in options.options] == ["iris"])
        await face.until(lambda: "about 7 minutes: " in face.static("#library-text"))
        await face.pilot.press("enter")
        await face.settled()
        assert face.says("header").startswith("Fisher's irises")


async def test_the_library_marks_what_has_been_completed() -> None:
    async with exploring(TEXT) as face:
        lesson = face.session.lesson.standing
        assert lesson is not None
        completion.complete("iris", lesson)
        await face.pilot.press("o")
        prompts = [str(option.prompt) for option in face.screen.query_one(OptionList).options]
        assert any(prompt.startswith("✓ Fisher's irises") for prompt in prompts)
        assert sum(prompt.startswith("✓") for prompt in prompts) == 1


