"""Between textual and the terminal: what one that is none of UTF-8 is sent, and what its keys send."""

from __future__ import annotations

import codecs
from functools import partial

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.drivers import linux_driver
from textual.filter import LineFilter

from bntui.views.text.cells import in_ascii_cells

LATIN = "bntui.latin"  # the name of an error handler


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


def take_any_bytes() -> None:
    """Let textual read a byte that is no UTF-8 as the letter that it is in Latin-1: by itself it ends with a traceback."""
    codecs.register_error(LATIN, _in_latin)
    setattr(linux_driver, "getincrementaldecoder", _decoder)  # noqa: B010 - textual has no setting for it


def _decoder(encoding: str) -> partial[codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), LATIN)


def _in_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end
