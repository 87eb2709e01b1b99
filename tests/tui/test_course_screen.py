"""A course on the screen: its parts, what is done in it, and the way from one lesson to the next."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from textual.widgets import Input, OptionList
from tui.face import Face, choosing

from bntui.scenario.shelf import courses, library
from bntui.session.keep import shelf
from bntui.session.teach.completion import completed
from bntui.tui.screens.library import Library

LESSON = 'lesson: [{say: "Only this."}, {ask: {question: "So?", choices: ["yes", "no"], answer: 1}}]\n'


@pytest.fixture
def course(file: Path) -> Path:
    """A course of two lessons of one's own in two parts, with a state folder of its own."""
    for name in ("one", "two"):
        text = SLOW_CHAIN.replace("title: Goodfellow's chain", f"title: Lesson {name}")
        file.with_name(f"{name}.yaml").write_text(text + LESSON, encoding="utf-8")
    path = file.with_name("mine.yaml")
    parts = "".join(f"  - {{title: Part {name}, about: Of {name}., scenarios: [{name}.yaml]}}\n" for name in ("one", "two"))
    path.write_text(f"version: 1\ntitle: My course\nparts:\n{parts}", encoding="utf-8")
    return path


def rows(face: Face) -> list[str]:
    return [" ".join(str(option.prompt).split()) for choices in face.screen.query(OptionList) for option in choices.options]


async def play(face: Face) -> None:
    """The lesson at hand from its first beat to the end, its question answered rightly."""
    await face.until(lambda: face.app.explorer is not None and face.says("beat") != "")
    await face.settled()
    face.hit("n")
    await face.until(lambda: face.screen is not face.explorer)
    face.hit("1")
    await face.until(lambda: face.screen is face.explorer and "The end of the lesson." in face.says("beat"))
    await face.settled()


async def test_the_library_stands_in_parts_each_with_a_sentence() -> None:
    async with choosing(size=(120, 40)) as face:
        await face.until(lambda: bool(rows(face)))
        shown = rows(face)
        for number, part in enumerate(courses.shipped().parts, start=1):
            assert f"{number} {part.title} 0 of {len(part.files)} {part.about}" in shown
        assert sum("begin here" in row for row in shown) == 1


async def test_a_course_of_ones_own_is_read_from_its_first_lesson_to_its_last(course: Path) -> None:
    async with choosing(course) as face:
        await face.until(lambda: len(rows(face)) == 4)
        assert face.static("#library-title") == "bntui · My course"
        assert rows(face) == ["1 Part one 0 of 1 Of one.", "▸ Lesson one begin here 2 min", "2 Part two 0 of 1 Of two.", "Lesson two 2 min"]
        await face.pilot.press("enter")
        await play(face)
        assert "1 of 1 question answered rightly. Next: Lesson two. n opens it." in " ".join(face.says("beat").split())
        assert "n next lesson" in face.says("keys")
        first = face.explorer
        face.hit("n")
        await face.until(lambda: face.app.explorer not in (None, first))
        await play(face)
        assert face.says("header").startswith("Lesson two")
        assert "It was the last lesson: the course is done." in " ".join(face.says("beat").split())
        names = {str(course.with_name(f"{name}.yaml").resolve()) for name in ("one", "two")}
        await face.until(lambda: set(completed()) == names)  # it is written beside the screen
        face.hit("o")
        await face.until(lambda: isinstance(face.screen, Library) and "1 Part one 1 of 1 Of one." in rows(face))
        assert "✓ Lesson one 1/1 2 min" in rows(face)
        assert face.static("#library-begin").startswith("The course is done;")


async def test_at_the_end_of_a_lesson_no_key_waits_for_the_files_of_its_course(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, place_of = threading.Event(), courses.place_of

    def hung(file: Path, course: Path | None) -> courses.Place | None:
        answers.wait(20)
        return place_of(file, course)

    monkeypatch.setattr(courses, "place_of", hung)
    async with choosing(course) as face:
        await face.until(lambda: len(rows(face)) == 4)
        await face.pilot.press("enter")
        await play(face)
        await face.press("b", "space")
        assert not answers.is_set()
        assert "next lesson" not in face.says("keys")
        await face.press("left", "b")
        answers.set()
        await face.until(lambda: "n next lesson" in face.says("keys"))


async def test_the_library_that_was_opened_before_reads_no_lesson_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.entries(courses.shipped())
    monkeypatch.setattr(library, "entry", lambda path: pytest.fail(f"{path} was read"))
    async with choosing() as face:
        await face.until(lambda: len(rows(face)) > len(courses.shipped().files))


async def test_the_path_of_a_course_is_opened_from_the_library(course: Path) -> None:
    async with choosing() as face:
        face.hit("slash")
        await face.until(lambda: face.screen.query_one(Input).has_focus)
        await face.type(str(course))
        await face.until(lambda: face.static("#library-title") == "bntui · My course")
        await face.until(lambda: len(rows(face)) == 4)


async def test_a_course_with_a_mistake_is_told_of_and_the_library_stays(course: Path) -> None:
    course.write_text(course.read_text(encoding="utf-8").replace("two.yaml", "twoo.yaml"), encoding="utf-8")
    async with choosing() as face:
        face.hit("slash")
        await face.until(lambda: face.screen.query_one(Input).has_focus)
        await face.type(str(course))
        await face.until(lambda: "did you mean 'two.yaml'?" in face.static("#library-text").replace("\n", " "))
        assert face.static("#library-title").startswith("bntui · gradient descent")


async def test_many_mistakes_are_counted_and_read_to_their_end_by_keys(tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.yaml"
    wrong = "".join(f"  - expect: {{lossy{number}: {{above: 1}}}}\n" for number in range(8))
    spoilt.write_text(SLOW_CHAIN + f"lesson:\n{wrong}", encoding="utf-8")
    async with choosing() as face:
        face.hit("slash")
        await face.until(lambda: face.screen.query_one(Input).has_focus)
        await face.type(str(spoilt))
        await face.until(lambda: face.static("#library-text").startswith("8 mistakes (pgdn reads on)"))
        beside = face.screen.query_one("#library-preview")
        assert beside.scroll_offset.y == 0
        await face.pilot.press("pagedown")
        await face.until(lambda: beside.scroll_offset.y == beside.size.height)
        await face.pilot.press("pageup")
        await face.until(lambda: beside.scroll_offset.y == 0)


async def test_a_lesson_that_was_spoilt_meanwhile_is_told_of_where_it_would_follow(course: Path) -> None:
    async with choosing(course) as face:
        await face.until(lambda: len(rows(face)) == 4)
        await face.pilot.press("enter")
        await play(face)
        course.with_name("two.yaml").write_text("version: [", encoding="utf-8")
        face.hit("n")
        await face.until(lambda: "not YAML" in face.toasts())
        assert face.says("header").startswith("Lesson one")
