"""Courses: scenarios in parts, in the order in which they are read. The library is the course that comes with the program."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import cache, lru_cache
from pathlib import Path

from bntui.records import dataclass
from bntui.scenario.model.course import CourseDocument
from bntui.scenario.model.parts import Invalid
from bntui.scenario.model.validating import validated
from bntui.scenario.reading import describing
from bntui.scenario.reading.describing import complaints_at, located
from bntui.scenario.reading.loading import file_text
from bntui.scenario.shelf import library
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.complaints import Complaint, DocumentPath, Finding, ScenarioError
from bntui.scenario.text.document import MapNode, Unreadable, parse
from bntui.scenario.text.files import CannotRead, Stamp, inside, stamp
from bntui.scenario.text.wording import shown, suggestion

COURSES_KEPT = 8
_NETWORK = re.compile(r"^network\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a course: its heading, what is learnt in it, and the files of its lessons in order."""

    title: str
    about: str
    files: tuple[Path, ...]

    def entries(self) -> tuple[LibraryEntry, ...]:
        """Its lessons as they are listed, light: nothing is built, and a broken one is told, not raised."""
        return tuple(map(library.entry, self.files))


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons in order. `path` is the file that says so."""

    path: Path
    title: str
    summary: str
    parts: tuple[Part, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of all its lessons, in order."""
        return tuple(file for part in self.parts for file in part.files)

    def entries(self) -> tuple[LibraryEntry, ...]:
        """All its lessons as they are listed."""
        return tuple(entry for part in self.parts for entry in part.entries())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lesson stands in its course: the lesson that follows, None after the last one."""

    following: LibraryEntry | None


@cache
def shipped() -> Course:
    """The course that comes with the program."""
    return read_course(library.folder() / library.COURSE)


def is_course(path: Path) -> bool:
    """Whether a file is a course rather than a scenario; what cannot be read is none."""
    try:
        text = file_text(path)
        root = MapNode() if _NETWORK.search(text) else parse(text)[0]
    except (ScenarioError, Unreadable):
        return False
    return describing.is_course(root)


def read_course(path: Path) -> Course:
    """The course in a file; its scenarios are there, but not read. Raises ScenarioError with every complaint."""
    origin, text = str(path), file_text(path)
    try:
        root, problems = parse(text)
    except Unreadable as error:
        raise ScenarioError(complaints_at(origin, error.problems)) from None
    if not describing.is_course(root):
        raise ScenarioError(complaints_at(origin, [(root.line, root.column, "this is no course; a course has parts")]))
    complaints = complaints_at(origin, problems)
    try:
        document = validated(CourseDocument, root.plain())
    except Invalid as error:
        raise ScenarioError([*complaints, *located(origin, root, error.findings)]) from None
    found = _Finder(path)
    parts = []
    for number, part in enumerate(document.parts):
        files = (found.file(name, ("parts", number, "scenarios", place)) for place, name in enumerate(part.scenarios))
        parts.append(Part(part.title, part.about, tuple(files)))
    complaints += located(origin, root, found.wrong)
    if complaints:
        raise ScenarioError(complaints)
    return Course(path, document.title, document.summary, tuple(parts))


class _Finder:
    """Finds the scenarios of a course in its folder, and what is wrong with their names."""

    def __init__(self, course: Path) -> None:
        self._folder, self._course = course.parent, course.name
        self._first: dict[Path, DocumentPath] = {}
        self.wrong: list[Finding] = []

    def file(self, name: str, place: DocumentPath) -> Path:
        """The file of a scenario that stands at a place in the course."""
        names = library.names()
        if name in names:
            path = target = library.find(name)
        else:
            path = self._folder / name
            try:
                target = inside(self._folder, name, "course")
            except CannotRead as error:
                self.wrong.append(Finding(place, f"found {shown(name)}: {error}"))
                return path
        if not target.is_file():
            beside = [*(file.name for file in self._folder.glob("*.y*ml") if file.name != self._course), *names]
            self.wrong.append(Finding(place, f"found {shown(name)}: there is no such scenario{suggestion(name, beside)}"))
        elif target in self._first:
            earlier = ".".join(map(str, self._first[target]))
            self.wrong.append(Finding(place, f"found {shown(name)}, as in {earlier}; a scenario is read once in a course"))
        self._first.setdefault(target, place)
        return path


def files_to_watch(path: Path) -> tuple[Path, ...]:
    """A file, and of a course that can be read the scenarios that it names."""
    try:
        return (path, *read_course(path).files) if is_course(path) else (path,)
    except ScenarioError:
        return (path,)


def opened(path: Path) -> Course:
    """The course in a file, every scenario of it valid. Raises ScenarioError with every complaint, those of the scenarios too."""
    course = read_course(path)
    wrong: list[Complaint] = [complaint for entry in course.entries() for complaint in entry.complaints]
    if wrong:
        raise ScenarioError(wrong)
    return course


def course_or_shipped(path: Path | None) -> Course:
    """The course in a file, and the library where there is none. Raises ScenarioError."""
    return shipped() if path is None else read_course(path)


def place_of(file: Path, course: Path | None) -> Place | None:
    """Where a lesson stands in the course that it was opened from, else in the library; None where it is in neither.

    A file is read once until it is saved anew: this is asked at every look at a lesson that is done.
    """
    onward, resolved = _onward(course, None if course is None else stamp(course)), file.resolve()
    if resolved not in onward:
        return None
    following = onward[resolved]
    return Place(None if following is None else _entry(following, stamp(following)))


@lru_cache(maxsize=COURSES_KEPT)
def _onward(course: Path | None, saved: Stamp) -> dict[Path, Path | None]:
    """The files of a course as it was `saved`, links followed, each with the one after it; none where it was spoilt."""
    try:
        files = course_or_shipped(course).files
    except ScenarioError:
        return {}
    return {file.resolve(): following for file, following in zip(files, (*files[1:], None), strict=True)}


@lru_cache(maxsize=COURSES_KEPT)
def _entry(file: Path, saved: Stamp) -> LibraryEntry:
    """A lesson as it was `saved`."""
    return library.entry(file)


def first_of(entries: Sequence[LibraryEntry], completed: Container[str]) -> LibraryEntry | None:
    """The lesson to begin with, or to go on with: the first that has not been completed; None where all have."""
    return next((entry for entry in entries if entry.error is None and entry.name not in completed), None)
