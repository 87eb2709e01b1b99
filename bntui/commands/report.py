"""`bntui report`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bntui.commands import typed
from bntui.commands.command import GOOD, Command
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.files import CannotWrite, output
from bntui.scenario.text.wording import harmless


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of which scenario, and where it is written."""
    typed.add_name(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="lesson.md or lesson.html")
    typed.add_memory(parser)
    typed.add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Write the handout; the file's ending says in which form."""
    from bntui.commands.handout import FORMS, handout  # noqa: PLC0415 - brings the charts with it

    path = Path(options.output)
    if path.suffix.lower() not in FORMS:
        raise CannotWrite(f"'{harmless(options.output)}' ends in neither .md nor .html; the ending says what is written")
    loaded = read_file(library.find(options.scenario))
    with output(path, loaded.files, options.force) as file:
        file.write(handout(loaded, path.suffix.lower()))
    print(f"{harmless(options.output)} written")
    return GOOD


REPORT = Command(
    name="report", help="Write a lesson as a handout, with ledger and charts at each beat.", arguments=arguments, run=run
)
