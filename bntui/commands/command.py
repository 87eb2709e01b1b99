"""What a command is, and the words and statuses that all of them share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

GOOD, FAILED, INVALID, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141  # failed: an expectation, or a bound that is not reached


class UsageError(Exception):
    """Something on the command line that cannot be taken; the message is a sentence."""


def _none(parser: argparse.ArgumentParser) -> None:
    """Takes no arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing that `bntui` does.

    `name` is the first word that calls it, "" for what is done where no command is named; `help` is one line. `arguments` puts
    what it takes into a parser, and `run` does it and gives the exit status. It raises UsageError, Refusal, ScenarioError,
    CannotWrite, OSError.
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = _none


def complain(text: str) -> None:
    """Say what is wrong, where it is not taken for what was asked for."""
    print(text, file=sys.stderr)
