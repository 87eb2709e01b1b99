"""The first row of a terminal, read from what bntui sends it: where a whole screen read again would take minutes."""

from __future__ import annotations

import codecs
import re

from feel import COLUMNS

TOKENS = re.compile(  # a place, a move to the right, what changes no place, text; the last kind is unfinished
    r"\x1b\[(\d+);(\d+)H|\x1b\[(\d*)C|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\r\n]|([^\x1b\r\n]+)|(\x1b.*)", re.DOTALL
)


class Header:
    """Takes bytes as they come; `text` is the row. Every character takes one cell, as those of a header do."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._cells = [" "] * COLUMNS
        self._row, self._column, self._unfinished = 0, 0, ""

    @property
    def text(self) -> str:
        """What the row shows."""
        return "".join(self._cells)

    def feed(self, came: bytes) -> None:
        """Take some bytes more."""
        written, self._unfinished = self._unfinished + self._decode(came), ""
        for row, column, right, text, unfinished in TOKENS.findall(written):
            if row:
                self._row, self._column = int(row), int(column) - 1
            elif right:
                self._column += int(right)
            elif text:
                if self._row == 1:
                    self._cells[self._column : self._column + len(text)] = text
                    del self._cells[COLUMNS:]
                self._column += len(text)
            self._unfinished = unfinished
