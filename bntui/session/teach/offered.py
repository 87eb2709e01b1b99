"""What the library offers, read from disks that may give no answer: lessons, sessions to go on with, and what is opened."""

from __future__ import annotations

from dataclasses import field, replace
from pathlib import Path

from bntui.records import dataclass
from bntui.scenario.reading.loading import Loaded, read_file
from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.courses import Course, Part
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.keep import shelf
from bntui.session.keep.kept import KeptSession, kept_sessions
from bntui.session.session import Session
from bntui.session.teach.completion import Completed, completed


@dataclass(frozen=True, slots=True)
class Lessons:
    """A course and the lessons of its parts. `wrong` says why it is not the one that was asked for, "" where it is."""

    course: Course
    parts: tuple[tuple[Part, tuple[LibraryEntry, ...]], ...]
    wrong: str = ""

    @property
    def entries(self) -> tuple[LibraryEntry, ...]:
        """All lessons in order."""
        return tuple(entry for _, entries in self.parts for entry in entries)


@dataclass(frozen=True, slots=True)
class Past:
    """What the user's folder remembers: sessions to go on with, the newest first, if there are `more`, and how lessons went."""

    kept: tuple[KeptSession, ...] = ()
    more: bool = False
    completed: dict[str, Completed] = field(default_factory=dict)


def lessons(path: Path | None) -> Lessons:
    """The lessons of the course in a file; of the library where there is none, or it was spoilt meanwhile."""
    try:
        course, wrong = courses.course_or_shipped(path), ""
    except ScenarioError as error:
        course, wrong = courses.shipped(), str(error.complaints[0])
    return Lessons(course, tuple(zip(course.parts, shelf.entries(course), strict=True)), wrong)


def past(at_hand: str | None, most: int | None) -> Past:
    """How lessons went, and what can be gone on with but for the session at hand: all, or the newest that are not finished."""
    others = (kept for kept in kept_sessions() if kept.name != at_hand)
    if most is None:
        return Past(tuple(others), False, completed())
    found: list[KeptSession] = []
    more = False
    for kept in others:
        if len(found) < most and not kept.finished:
            found.append(kept)
            continue
        more = True
        if len(found) == most:
            break
    return Past(tuple(found), more, completed())


def opened(named: str, course: Path | None) -> Session | Course:
    """What a name or a path leads to: a course, every lesson of it valid, or a session of a scenario that `course` has.

    Raises ScenarioError with every complaint.
    """
    path = library.find(named)
    if courses.is_course(path):
        return courses.opened(path)
    return Session(replace(read_file(path), course=course))


def following(loaded: Loaded) -> Session | None:
    """The lesson that comes after this one in its course; None after the last one, and where it is in none.

    Raises ScenarioError with every complaint.
    """
    place = None if loaded.source_file is None else courses.place_of(loaded.source_file, loaded.course)
    if place is None or place.following is None:
        return None
    return Session(replace(read_file(place.following.path), course=loaded.course))
