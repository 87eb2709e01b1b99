"""Keys that are pressed before the screen is there: they wait for it, and are not echoed."""

from __future__ import annotations

import os
import signal
import sys
import termios
import tty
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

SIGNALS = {"SIGTERM": 143, "SIGHUP": 129}  # that end the program, and with which status


class EarlyKeys:
    """The terminal without echo while textual is loaded; in the end it is as it was, whatever happens."""

    def __init__(self) -> None:
        self._terminal = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self._before: list[Any] | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> EarlyKeys:
        with suppress(OSError, termios.error):
            if os.tcgetpgrp(self._terminal) == os.getpgrp():  # a process in the background would be stopped
                self._take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        before = self.hand_over()
        if before is not None:
            with suppress(termios.error):  # the terminal may have gone
                termios.tcsetattr(self._terminal, termios.TCSANOW, before)

    def hand_over(self) -> list[Any] | None:
        """How the terminal was, for whoever gives it back from now on; None where there is nothing to give back here."""
        before, self._before = self._before, None
        while self._handlers:
            signal.signal(*self._handlers.popitem())
        return before

    def _take(self) -> None:
        """Set the modes that textual will set, except that ctrl+c ends the program until textual reads it."""
        before, quiet = termios.tcgetattr(self._terminal), termios.tcgetattr(self._terminal)
        for name in SIGNALS:
            number = getattr(signal, name)
            self._handlers[number] = signal.signal(number, _leave)
        self._before = before
        quiet[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        quiet[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        quiet[tty.CC][termios.VMIN] = 1
        termios.tcsetattr(self._terminal, termios.TCSANOW, quiet)


def _leave(number: int, frame: FrameType | None) -> None:
    """End, by way of all that is to be put back."""
    sys.exit(SIGNALS[signal.Signals(number).name])
