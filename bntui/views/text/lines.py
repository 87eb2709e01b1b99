"""Fitting lines into a pane: cutting, padding, and breaking sentences at words."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from bntui.views.drawing.picture import POWER, Size, cells, cut, in_ascii
from bntui.views.text.spans import Line, Span

PARTS = re.compile(f"{POWER.pattern}|.", re.DOTALL)  # of a text that are spelled in ASCII each by itself


def fitted(line: Line, width: int, fill: bool = True) -> Line:
    """The line cut to a width, and filled up to it."""
    spans: list[Span] = []
    room = width
    for span in line:
        if room <= 0:
            break
        text = cut(span.text, room)
        spans.append(Span(text, span.role))
        room -= cells(text)
    return (*spans, Span(" " * room)) if fill and room > 0 else tuple(spans)


def part(line: Line, start: int, stop: int) -> Line:
    """The cells of a line from `start` to before `stop`, of characters one cell wide."""
    spans: list[Span] = []
    for span in line:
        text = span.text[max(start, 0) : max(stop, 0)]
        if text:
            spans.append(Span(text, span.role))
        start, stop = start - len(span.text), stop - len(span.text)
    return tuple(spans)


def padded(lines: Sequence[Line], width: int, height: int) -> tuple[Line, ...]:
    """Exactly `height` lines, each exactly `width` cells."""
    shown = tuple(fitted(line, width) for line in lines[:height])
    return shown + ((Span(" " * width),),) * (height - len(shown))


def remark(text: str, size: Size) -> tuple[Line, ...]:
    """A sentence in place of what there is not yet to be drawn."""
    return padded([(Span(cut(text, size.width), "faint"),)], size.width, size.height)


def paragraph(begin: Line, text: str, width: int, height: int) -> tuple[Line, ...]:
    """A sentence broken at words, its later rows under its beginning; what does not fit ends in …."""
    indent = sum(cells(span.text) for span in begin)
    rows = textwrap.wrap(text, max(width - indent, 1)) or [""]
    if len(rows) > height:
        rest = " ".join(rows[height - 1 :])
        rows = [*rows[: height - 1], cut(rest, max(width - indent, 1))]
    first: Line = (*begin, Span(rows[0])) if rows else begin
    others: list[Line] = [(Span(" " * indent), Span(row)) for row in rows[1:]]
    return padded([first, *others], width, height)


def whole_sentences(text: str, width: int) -> str:
    """As many of the sentences as fit into a row, the first in any case."""
    first, *others = re.split(r"(?<=\.) ", text)
    for sentence in others:
        if cells(first) + 1 + cells(sentence) > width:
            break
        first = f"{first} {sentence}"
    return first


def line_in_ascii(line: Line, width: int) -> Line:
    """The line in plain ASCII and still `width` cells: what a longer rendering takes is given back.

    The blanks after it give it back, or the last ones of the line; one always stays, so that columns remain apart.
    """
    spans: list[Span] = []
    owed, blank = 0, False
    for span in line:
        spelled: list[str] = []
        for part in PARTS.findall(span.text):
            if part == " " and blank and owed > 0:
                owed -= 1
                continue
            spelled.append(in_ascii(part, True))
            if part == " " and owed < 0:  # and of what became shorter
                spelled.append(" " * -owed)
                owed = 0
            blank = part == " "
            owed += len(spelled[-1]) - cells(part) if not part.isascii() else 0
        spans.append(Span("".join(spelled), span.role))
    line = fitted(_pulled_left(spans, owed), width)
    return tuple(Span(in_ascii(span.text, True), span.role) for span in line)


def _pulled_left(spans: list[Span], by: int) -> Line:
    """The end of a line pulled to the left over the blanks before it, as far as there are so many."""
    for place in range(len(spans) - 1, -1, -1):
        gaps = [*re.finditer("  +", spans[place].text)]
        if by > 0 and gaps:
            text, end = spans[place].text, gaps[-1].end()
            kept = text[: max(end - by, gaps[-1].start() + 1)] + text[end:]
            return (*spans[:place], Span(kept, spans[place].role), *spans[place + 1 :])
    return tuple(spans)
