"""`bntui new`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bntui.commands import typed
from bntui.commands.command import GOOD, Command
from bntui.scenario.text.files import output
from bntui.scenario.text.wording import harmless


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where it is written."""
    parser.add_argument("file", metavar="FILE")
    typed.add_force(parser)


def run(options: argparse.Namespace) -> int:
    """Write the template."""
    from bntui.scenario.shelf.writing import TEMPLATE  # noqa: PLC0415 - beside its only use

    with output(Path(options.file), (), options.force) as file:
        file.write(TEMPLATE)
    print(f"{harmless(options.file)} written; open it with: bntui {harmless(options.file)}")
    return GOOD


COMMAND = Command(name="new", help="Write a commented scenario to start from.", arguments=arguments, run=run)
