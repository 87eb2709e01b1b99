"""`bntui list`."""

from __future__ import annotations

import argparse

from bntui.commands.command import GOOD, Command
from bntui.scenario.shelf import library


def run(options: argparse.Namespace) -> int:
    """Print what the library has."""
    entries = library.entries()
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        print(f"{entry.name:<{width}}  {entry.title} ({entry.size})")
    return GOOD


LIST = Command(name="list", help="The library: each scenario's name and title.", run=run)
