"""`bntui list`."""

from __future__ import annotations

import argparse
import sys
from typing import Annotated, TypedDict

from bntui.commands import streams
from bntui.commands.command import GOOD, Command
from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.courses import Course
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.formats import FORMAT, Document, as_json
from bntui.scenario.text.wording import counted
from bntui.session.keep import shelf


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of which course, and in which form."""
    parser.add_argument("course", nargs="?", metavar="COURSE", help="the file of a course of one's own")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


class ListedRecord(TypedDict):
    """A scenario of the course."""

    name: Annotated[str, "what it is opened by: its name in the library, else its path"]
    title: Annotated[str, "its title"]
    summary: Annotated[str, "what there is to see"]
    part: Annotated[int, "the part that it stands in, counted from 1"]
    minutes: Annotated[int, "how long its lesson takes"]
    questions: Annotated[int, "how many questions it asks"]
    size: Annotated[str, "how large its network is, in words"]
    path: Annotated[str, "its file"]
    complaints: Annotated[list[str], "everything that is wrong with it; empty where it can be used"]


class PartRecord(TypedDict):
    """A part of the course."""

    title: Annotated[str, "its heading"]
    about: Annotated[str, "what is learnt in it"]


class ListDocument(Document):
    """`bntui list --json`: a course, or the library."""

    title: Annotated[str, "the title of the course"]
    parts: Annotated[list[PartRecord], "its parts, in order"]
    scenarios: Annotated[list[ListedRecord], "its scenarios, in order"]


def run(options: argparse.Namespace) -> int:
    """Print what a course has, or the library."""
    course = courses.shipped() if options.course is None else courses.read_course(library.find(options.course))
    if not options.json:
        return print_course(course)
    streams.print_data(sys.stdout)
    print(as_json(list_record(course), indent=2))
    return GOOD


def list_record(course: Course) -> ListDocument:
    """A course as a document."""
    parts = enumerate(shelf.entries(course), start=1)
    return {
        "format": FORMAT,
        "title": course.title,
        "parts": [{"title": part.title, "about": part.about} for part in course.parts],
        "scenarios": [_listed(entry, number) for number, entries in parts for entry in entries],
    }


def _listed(entry: LibraryEntry, part: int) -> ListedRecord:
    return {
        "name": entry.name,
        "title": entry.title,
        "summary": entry.summary,
        "part": part,
        "minutes": entry.minutes,
        "questions": entry.questions,
        "size": entry.size,
        "path": str(entry.path),
        "complaints": list(map(str, entry.complaints)),
    }


def print_course(course: Course) -> int:
    """Print the parts of a course and their lessons, by the names under which they are opened."""
    print(course.title)
    parts = list(zip(course.parts, shelf.entries(course), strict=True))
    width = max(len(entry.name) for _, entries in parts for entry in entries)
    for number, (part, entries) in enumerate(parts, start=1):
        print(f"\n{number} {part.title}. {part.about}")
        for entry in entries:
            about = entry.error or f"{entry.title} ({counted(entry.minutes, 'minute')}; {entry.size})"
            print(f"  {entry.name:<{width}}  {about}")
    return GOOD


COMMAND = Command(name="list", help="The library: its parts, and each lesson's name and title.", arguments=arguments, run=run)
