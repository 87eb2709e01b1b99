"""Lessons played for their handout: the screen at each beat, or the picture that the beat opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from bntui.commands.printed import screen
from bntui.scenario.reading.loading import Loaded, read_file
from bntui.scenario.shelf.courses import Course
from bntui.session.session import Session
from bntui.session.teach.pictures import drawn
from bntui.session.teach.verdicts import take_beat
from bntui.views.drawing.canvas import Size
from bntui.views.pages.handout import Handout, Played, ToldLesson, ToldPart, as_html, as_markdown
from bntui.views.pages.picture import picture_page
from bntui.views.text.lines import Lines

SIZE = Size(100, 24)
FORMS: dict[str, Callable[[Handout], str]] = {".md": as_markdown, ".html": as_html, ".htm": as_html}
Tell = Callable[[float, str], None]  # takes how much of a course is done, and the title of the lesson that is played next


def lesson_handout(loaded: Loaded, answers: bool, tell: Tell) -> Handout:
    """The handout of one scenario. Raises Refusal where a picture of its lesson cannot be drawn."""
    lesson = told(loaded, answers, lambda share: tell(share, loaded.scenario.title))
    return Handout(lesson.title, lesson.summary, (ToldPart("", "", (lesson,)),), answers)


def course_handout(course: Course, answers: bool, tell: Tell) -> Handout:
    """The handout of a course, each lesson named before it is played. Raises ScenarioError and Refusal."""
    lessons = _told_lessons(course.files, answers, tell)
    parts = tuple(ToldPart(part.title, part.about, tuple(islice(lessons, len(part.files)))) for part in course.parts)
    return Handout(course.title, course.summary, parts, answers)


def _told_lessons(files: Sequence[Path], answers: bool, tell: Tell) -> Iterator[ToldLesson]:
    for place, file in enumerate(files):
        loaded = read_file(file)
        begun, title = place / len(files), loaded.scenario.title
        tell(begun, title)
        yield told(loaded, answers, partial(_tell_part, tell, begun, 1 / len(files), title))


def _tell_part(tell: Tell, begun: float, part: float, title: str, share: float) -> None:
    tell(begun + part * share, title)


def told(loaded: Loaded, answers: bool, tell: Callable[[float], None]) -> ToldLesson:
    """A scenario as it is handed out: the beats of its lesson, or its first screen where it has none.

    `tell` takes how much is done. The summary says what a lesson finds: beside questions that are handed out without their answers
    it is left out.
    """
    scenario = loaded.scenario
    beginning = () if scenario.lesson else screen(Session(loaded), SIZE, ascii=False)
    asks = any(beat.ask is not None for beat in scenario.lesson)
    return ToldLesson(scenario.title, scenario.summary if answers or not asks else "", tuple(played(loaded, tell)), beginning)


def played(loaded: Loaded, tell: Callable[[float], None]) -> Iterator[Played]:
    """The beats of a lesson in their order, every question answered rightly."""
    session, beats = Session(loaded), loaded.scenario.lesson
    for number, beat in enumerate(beats, start=1):
        take_beat(session, number)
        yield Played(number, beat, _picture(session))
        tell(number / len(beats))


def _picture(session: Session) -> Lines:
    """What the beat at hand opens, or the screen as the beat leaves it. Raises Refusal where that cannot be drawn."""
    place = session.history.place
    opened = session.lesson.picture(place)
    if opened is None:
        return screen(session, SIZE, ascii=False, view=session.view)
    *_, whole = drawn(session.situation(), opened)
    return picture_page(whole, SIZE, lit=session.lesson.lit(place))
