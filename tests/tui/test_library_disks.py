"""The library while a disk gives no answer, as a home directory on a server that hangs: it waits for what it reads, no key does."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from session.worlds import CHAIN, SLOW_CHAIN, do
from session.worlds import session as session_of
from textual.widgets import OptionList, Static
from tui.face import Face, choosing, exploring

from bntui.scenario.shelf import courses
from bntui.scenario.shelf import library as shelved
from bntui.session.keep import journal
from bntui.session.teach import offered
from bntui.tui import turns
from bntui.tui.screens import library
from bntui.tui.screens.library import Library

ENTRIES = courses.shipped().entries()

Hang = Callable[[Any, str], None]


@pytest.fixture
def answers() -> Iterator[threading.Event]:
    """Set where the disk answers again."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def hang(answers: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Hang:
    """Lets a function give no answer for as long as the disk gives none; what is waited for is told soon."""
    for owner, each in ((library, "MOMENT"), (library, "ANSWER"), (turns, "PATIENCE")):
        monkeypatch.setattr(owner, each, 0.05)

    def begin(room: Any, name: str) -> None:
        real = getattr(room, name)

        def hung(*arguments: object) -> object:
            answers.wait(20)
            return real(*arguments)

        monkeypatch.setattr(room, name, hung)

    return begin


def rows(face: Face) -> list[str]:
    """What the list shows."""
    return [str(option.prompt) for option in face.screen.query_one(OptionList).options]


def told(face: Face) -> str:
    """What is said of the row that is chosen; nothing while the screen is not there yet."""
    return " ".join(str(text.render()) for text in face.screen.query("#library-text").results(Static)).replace("\n", " ")


@pytest.mark.slow
async def test_lessons_are_there_before_sessions_are_and_whoever_has_chosen_one_stays_at_it(
    hang: Hang, answers: threading.Event
) -> None:
    at = session_of(SLOW_CHAIN)
    journal.keep(at)
    do(at, {"step": 3})
    at.recorder.close(at)
    hang(offered, "past")
    async with choosing() as face:
        await face.until(lambda: "gives no answer" in face.toasts())
        face.hit("down")
        await face.until(lambda: ENTRIES[1].summary[:20] in told(face))
        answers.set()
        await face.until(lambda: rows(face)[0].startswith("Continue: "))
        chosen = face.screen.query_one(OptionList).highlighted_option
        assert chosen is not None
        assert chosen.id == ENTRIES[1].name


@pytest.mark.slow
async def test_a_library_that_cannot_be_read_says_what_it_waits_for_and_is_left(hang: Hang) -> None:
    hang(offered, "lessons")
    async with exploring(SLOW_CHAIN) as face:
        face.hit("o")
        await face.until(lambda: isinstance(face.screen, Library) and told(face) == library.LOOKING)
        face.hit("escape", "space")
        await face.until(lambda: " · step 1 · " in face.says("header"))


async def test_a_scenario_that_does_not_open_is_given_up_with_escape_and_another_one_is_opened(
    hang: Hang, answers: threading.Event
) -> None:
    async with choosing() as face:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(offered, "opened", lambda named, course: answers.wait(20))
            face.hit("enter")
            await face.until(lambda: told(face) == library.OPENING)
            face.hit("down", "escape")
            await face.until(lambda: ENTRIES[1].summary[:20] in told(face))
        face.hit("enter")
        await face.until(lambda: face.app.explorer is not None and face.says("header").startswith(ENTRIES[1].title))


@pytest.mark.slow
async def test_of_a_file_that_cannot_be_read_the_title_and_what_it_is_about_are_told_and_of_the_next_one_too(hang: Hang) -> None:
    hang(shelved, "described")
    async with choosing() as face:
        await face.until(lambda: told(face) == f"{ENTRIES[0].title}  {ENTRIES[0].summary}")
        face.hit("down")
        await face.until(lambda: told(face) == f"{ENTRIES[1].title}  {ENTRIES[1].summary}")


@pytest.mark.slow
async def test_a_file_that_was_spoilt_since_it_was_listed_is_told_of(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(CHAIN, encoding="utf-8")
    course = tmp_path / "course.yaml"
    text = "version: 1\ntitle: My course\nparts:\n  - {title: Part, about: All., scenarios: [one.yaml, two.yaml]}\n"
    course.write_text(text, encoding="utf-8")
    async with choosing(course) as face:
        (tmp_path / "two.yaml").write_text("title: [\n", encoding="utf-8")
        face.hit("down")
        await face.until(lambda: "two.yaml:" in told(face))
