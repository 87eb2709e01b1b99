"""How far long work is: one line on a terminal's stderr, there after a second and wiped away in the end."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from bntui.commands.streams import size_on
from bntui.views.text.cells import cells, cut

BAR = 30  # cells
PATIENCE = 1.0  # seconds within which nothing is said
PAUSE = 0.1  # seconds between two tellings
NARROWEST = 20  # columns of a terminal that says none


class Progress:
    """A line that says how much is done; nothing at all where nobody looks, and nothing of what is done within `patience`."""

    def __init__(self, stream: TextIO | None = None, patience: float = PATIENCE) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._looked_at = self._stream.isatty()
        self._next = time.perf_counter() + patience
        self._cells = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def tell(self, share: float, what: str = "ctrl+c stops") -> None:
        """Say that this share is done, and what is under way."""
        now = time.perf_counter()
        if not self._looked_at or now < self._next:
            return
        self._next = now + PAUSE
        full = round(min(max(share, 0.0), 1.0) * BAR)
        line = cut(f"{'#' * full}{'.' * (BAR - full)} {100 * share:3.0f} %, {what}", self._columns() - 1, "~")
        self._write(f"\r{line}{' ' * (self._cells - cells(line))}")
        self._cells = cells(line)

    def clear(self) -> None:
        """Wipe the line away, for something else to be said."""
        if self._cells and self._looked_at:
            self._write(f"\r{' ' * self._cells}\r")
            self._cells = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the terminal has gone; the work goes on
            self._looked_at = False

    def _columns(self) -> int:
        known = size_on(self._stream)
        return 80 if known is None else max(known.columns, NARROWEST)
