"""Between textual and the terminal: what one that is none of UTF-8 is sent."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from bntui.views.text.cells import in_ascii_cells


class InAscii(LineFilter):
    """Puts one ASCII character in each cell: of frames, scrollbars and whatever else textual draws by itself."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, each as wide as before."""
        return [Segment(_spelled(text), style, control) for text, style, control in segments]


def _spelled(text: str) -> str:
    if text.isascii():
        return text
    width = cell_len(text)  # textual's own reckoning: it has placed everything by it
    return in_ascii_cells(text)[:width].ljust(width)
