"""`bntui list`."""

from __future__ import annotations

import argparse

from bntui.commands.command import GOOD, Command
from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.courses import Course
from bntui.scenario.text.wording import counted
from bntui.session.keep import shelf


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of which course."""
    parser.add_argument("course", nargs="?", metavar="COURSE", help="the file of a course of one's own")


def run(options: argparse.Namespace) -> int:
    """Print what a course has, or the library."""
    return print_course(courses.shipped() if options.course is None else courses.read_course(library.find(options.course)))


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


LIST = Command(name="list", help="The library: its parts, and each lesson's name and title.", arguments=arguments, run=run)
