"""`bntui schema`."""

from __future__ import annotations

import argparse
import json

from bntui.commands.command import GOOD, Command
from bntui.commands.streams import ascii_alone


def arguments(parser: argparse.ArgumentParser) -> None:
    """Of what."""
    parser.add_argument("--course", action="store_true", help="the schema of courses instead")


def run(options: argparse.Namespace) -> int:
    """Print the schema; in ASCII, which JSON can always be, where there is nothing else."""
    from bntui.scenario.model.course import course_schema  # noqa: PLC0415 - slow to build
    from bntui.scenario.model.scenario import json_schema  # noqa: PLC0415 - as above

    schema = course_schema() if options.course else json_schema()
    print(json.dumps(schema, indent=2, ensure_ascii=ascii_alone()))
    return GOOD


COMMAND = Command(name="schema", help="The JSON Schema of scenarios, for editors.", arguments=arguments, run=run)
