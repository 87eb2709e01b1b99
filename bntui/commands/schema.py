"""`bntui schema`."""

from __future__ import annotations

import argparse
import json

from bntui.commands.command import GOOD, Command
from bntui.commands.streams import ascii_alone


def run(options: argparse.Namespace) -> int:
    """Print the schema; in ASCII, which JSON can always be, where there is nothing else."""
    from bntui.scenario.model.scenario import json_schema  # noqa: PLC0415 - slow to build

    print(json.dumps(json_schema(), indent=2, ensure_ascii=ascii_alone()))
    return GOOD


SCHEMA = Command(name="schema", help="The JSON Schema of scenarios, for editors.", run=run)
