"""`bntui check`."""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from pathlib import Path

from bntui.commands import streams, typed
from bntui.commands.command import Command, complain
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.files import output, require_writable
from bntui.scenario.text.formats import as_json
from bntui.scenario.text.wording import harmless


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which files, how thoroughly, and how it is told."""
    parser.add_argument("files", nargs="+", metavar="FILE")
    typed.add_memory(parser)
    parser.add_argument("--play", action="store_true", help="play each lesson and test its expectations")
    parser.add_argument("--json", action="store_true", help="say everything as one JSON document")
    parser.add_argument("--junit", metavar="FILE", help="write JUnit XML there, for CI")
    typed.add_force(parser)
    parser.add_argument("--watch", action="store_true", help="check again whenever a file is saved, until ctrl+c")


def run(options: argparse.Namespace) -> int:
    """Check the files, and, while watching, again whenever one is saved."""
    if options.json:
        streams.print_data(sys.stdout)
    if options.junit is not None:
        require_writable(Path(options.junit), map(Path, options.files), options.force)
    status = _check_all(options, options.force)
    if options.watch:
        from bntui.session.teach import reloading  # noqa: PLC0415 - beside its only use

        for path in reloading.changes([path for file in options.files for path in courses.files_to_watch(library.find(file))]):
            print(f"{harmless(str(path))} was saved")
            status = _check_all(options, force=True)  # what it wrote itself
    return status


def _check_all(options: argparse.Namespace, force: bool) -> int:
    from bntui.session.teach import verdicts  # noqa: PLC0415 - xml is needed here alone

    results = []
    for result in chain.from_iterable(verdicts.every_checked(file, options.play) for file in options.files):
        results.append(result)
        if not options.json:
            for sentence in verdicts.sentences(result):
                (complain if result.complaints else print)(sentence)
    if options.json:
        print(as_json(verdicts.check_record(results), indent=2))
    if options.junit is not None:
        read = [path for result in results for path in result.read]
        with output(Path(options.junit), read, force) as file:
            file.write(verdicts.as_junit(results))
    sys.stdout.flush()
    return verdicts.status(results)


CHECK = Command(
    name="check", help="Validate scenarios and courses; with --play, test what their lessons expect.", arguments=arguments, run=run
)
