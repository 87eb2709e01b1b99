"""`bntui report`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bntui.commands import typed
from bntui.commands.command import GOOD, Command, UsageError
from bntui.commands.progress import Progress
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.files import CannotWrite, output
from bntui.scenario.text.wording import harmless


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of which scenario or course, and where it is written."""
    says = "a name from `bntui list`, a file, the file of a course, or - for the standard input"
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=says)
    parser.add_argument("--course", action="store_true", help="the course that comes with the program")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="lesson.md or lesson.html")
    parser.add_argument("--no-answers", dest="answers", action="store_false", help="the questions alone, no summaries")
    typed.add_memory(parser)
    typed.add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Write the handout; the file's ending says in which form."""
    from bntui.commands.handout import FORMS, course_handout, lesson_handout  # noqa: PLC0415 - brings the charts with it

    if options.course == (options.scenario is not None):
        raise UsageError("a report is of one thing: a scenario, the file of a course, or --course for the library")
    path = Path(options.output)
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise CannotWrite(f"'{harmless(options.output)}' ends in neither .md nor .html; the ending says what is written")
    source = _course(options)
    with Progress() as progress:

        def tell(share: float, title: str) -> None:
            progress.tell(share, f"playing {title}")

        if source is not None:
            course = courses.opened(source)
            with output(path, (source, *course.files), options.force) as file:
                file.write(form(course_handout(course, options.answers, tell)))
        else:
            loaded = library.opened(options.scenario)
            with output(path, loaded.files, options.force) as file:
                file.write(form(lesson_handout(loaded, options.answers, tell)))
    print(f"{harmless(options.output)} written")
    return GOOD


def _course(options: argparse.Namespace) -> Path | None:
    """The file of the course that is wanted; None where it is a scenario."""
    if options.course:
        return courses.shipped().path
    if options.scenario == library.INPUT:
        return None
    source = library.find(options.scenario)
    return source if courses.is_course(source) else None


COMMAND = Command(
    name="report",
    help="Write a lesson or a course as a handout, with ledger and charts at each beat.",
    arguments=arguments,
    run=run,
)
