"""`bntui check`."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.commands import streams, typed
from bntui.commands.command import INTERRUPTED, Command, UsageError, complain
from bntui.commands.progress import Progress
from bntui.scenario.reading import memory
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.files import output, require_writable
from bntui.scenario.text.formats import as_json
from bntui.scenario.text.wording import counted, harmless

if TYPE_CHECKING:
    from bntui.session.teach.playing import Play
    from bntui.session.teach.verdicts import Checked

LIMIT = 60.0  # seconds


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which files, how thoroughly, and how it is told."""
    says = "scenarios, courses, names from `bntui list`, or - for the standard input"
    parser.add_argument("files", nargs="+", metavar="FILE", help=says)
    typed.add_memory(parser)
    parser.add_argument("--play", action="store_true", help="play each lesson and test its expectations")
    says = f"with --play: end a lesson that takes longer ({LIMIT:g}), and say at which beat"
    parser.add_argument("--limit", type=typed.seconds, metavar="SECONDS", help=says)
    parser.add_argument("--json", action="store_true", help="say everything as one JSON document")
    parser.add_argument("--junit", metavar="FILE", help="write JUnit XML there, for CI")
    typed.add_force(parser)
    parser.add_argument("--watch", action="store_true", help="check again whenever a file is saved, until ctrl+c")


def run(options: argparse.Namespace) -> int:
    """Check the files, and, while watching, again whenever one is saved. Raises UsageError."""
    if options.limit is not None and not options.play:
        raise UsageError("--limit ends lessons that are played, and none is without --play; type both, or leave --limit out")
    if options.json:
        streams.print_data(sys.stdout)
    if options.junit is not None:
        require_writable(Path(options.junit), map(Path, options.files), options.force)
    saved = _saved(options.files) if options.watch else iter(())  # before they are read: no change is missed
    status = _check_all(options, options.force)
    while status < INTERRUPTED and (path := next(saved, None)) is not None:
        print(f"{harmless(str(path))} was saved")
        status = _check_all(options, force=True)  # what it wrote itself
    return status


def _saved(files: Sequence[str]) -> Iterator[Path]:
    """The files that are watched, and those of their courses, each as it is saved."""
    from bntui.session.teach import reloading  # noqa: PLC0415 - beside its only use

    return reloading.changes([path for file in files for path in courses.files_to_watch(library.find(file))])


def _check_all(options: argparse.Namespace, force: bool) -> int:
    from bntui.session.teach import verdicts  # noqa: PLC0415 - xml is needed here alone
    from bntui.session.teach.playing import Play  # noqa: PLC0415 - as above

    plays = [Play.of(each) for file in options.files for each in verdicts.to_be_checked(file)]
    told: list[Checked] = []
    status: int | None = None

    def tell(result: Checked) -> None:
        told.append(result)
        for sentence in () if options.json else verdicts.sentences(result):
            (complain if result.complaints else print)(sentence)

    try:
        for result in _results(options, plays):
            tell(result)
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        rest = [play.cut_off() for play in plays[len(told) :]]
        if options.junit is not None:  # first of all: who reads what is printed may have gone
            read = [path for result in (*told, *rest) for path in result.read]
            with output(Path(options.junit), read, force) as file:
                file.write(verdicts.as_junit((*told, *rest)))
        for result in rest:
            tell(result)
        if options.json:
            print(as_json(verdicts.check_record(told), indent=2))
        sys.stdout.flush()
    if status is not None:
        complain(f"bntui: ended before {sum(result.cut for result in told)} of {counted(len(told), 'file')} had been checked")
    return verdicts.status(told) if status is None else status


def _results(options: argparse.Namespace, plays: Sequence[Play]) -> Iterator[Checked]:
    """What becomes of the files, in their order, each as soon as it and all before it are known."""
    from bntui.session.survey.cores import processors  # noqa: PLC0415 - brings numpy with it
    from bntui.session.teach import playing  # noqa: PLC0415 - as above

    unknown = [play for play in plays if play.result is None]
    allowed, limit = options.memory or memory.DEFAULT, options.limit or LIMIT
    work = playing.side_by_side(unknown, limit, allowed, processors()) if options.play else playing.one_by_one(unknown)
    waiting, verb = deque(plays), "played" if options.play else "checked"
    with Progress() as progress, closing(work):
        for _ in chain(work, [None]):
            while waiting and (result := waiting[0].result) is not None:
                waiting.popleft()
                progress.clear()
                yield result
            known = sum(play.result is not None for play in plays)
            progress.tell(known / len(plays), f"{known} of {counted(len(plays), 'file')} {verb}, ctrl+c stops")


COMMAND = Command(
    name="check", help="Validate scenarios and courses; with --play, test what their lessons expect.", arguments=arguments, run=run
)
