"""What a command is, and the words and statuses that all of them share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec

from bntui.records import dataclass

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
    CannotWrite, OSError. One that may take the terminal (`on_terminal`) heeds signals by itself.
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = _none
    on_terminal: bool = False


def require_terminal() -> None:
    """Refuse to take a terminal on a system that has none of the kind that is drawn on, as Windows has not. Raises UsageError."""
    if find_spec("termios") is None:
        others = "`bntui show`, trace, sweep, check and report need none"
        raise UsageError(f"this system has no terminals that bntui can draw on, as Windows has in WSL; {others}")


def complain(text: str) -> None:
    """Say what is wrong, where it is not taken for what was asked for; where nobody can be told any more, it is not said."""
    with suppress(OSError):
        try:
            print(text, file=sys.stderr, flush=True)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # nothing of it is tried again at the end
