"""What is written here is written by the tree that it stands in, not by another one that happens to be installed."""

from __future__ import annotations

import argparse
from pathlib import Path

import bntui

TREE = Path(__file__).resolve().parents[1]


def require_own_tree(parser: argparse.ArgumentParser) -> None:
    """End the program with a sentence where the bntui that it runs is not this tree's. Raises SystemExit."""
    running = Path(bntui.__file__).resolve().parent
    if running != TREE / "bntui":
        parser.error(f"this would write what {running} says; run it with PYTHONPATH={TREE}")
