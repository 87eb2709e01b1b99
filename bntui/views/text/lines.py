"""Text for any face: lines of spans, each with a role that the face may colour; cut, filled and broken to fit."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Literal, NamedTuple

from bntui.records import dataclass
from bntui.views.text.cells import POWER, TIMES, beginning, cells, cut, cut_at_word, graphemes, in_ascii

Role = Literal["plain", "strong", "faint", "accent", "second", "growth", "shrinkage", "warning", "twin", "selected", "lit"]


class Span(NamedTuple):
    """A run of characters that share one role."""

    text: str
    role: Role = "plain"


Line = tuple[Span, ...]
Lines = tuple[Line, ...]

PARTS = re.compile(f"{POWER.pattern}|.", re.DOTALL)  # of a text that are spelled in ASCII each by itself

PARAGRAPHS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Size:
    """The cells that a chart may fill."""

    width: int
    height: int


LEAST_PAGE = Size(40, 12)  # of a survey


def require_page(size: Size) -> None:
    """Refuse a size in which no page of a survey has room. Raises ValueError."""
    if size.width < LEAST_PAGE.width or size.height < LEAST_PAGE.height:
        raise ValueError(f"a page needs at least {LEAST_PAGE.width} columns and {LEAST_PAGE.height} rows")


def plain(line: Line) -> str:
    """The characters of a line without their roles."""
    return "".join([span.text for span in line])


def text_of(lines: Iterable[Line]) -> str:
    """Lines as plain text, without trailing blanks."""
    return "\n".join(plain(line).rstrip() for line in lines)


def blank(width: int) -> Line:
    """A line of blanks."""
    return (Span(" " * width),) if width > 0 else ()


def fill(spans: Iterable[Span], width: int) -> Line:
    """Spans cut or filled with blanks to exactly `width` cells, neighbours of one role joined."""
    out: list[Span] = []
    room = width
    for span in spans:
        text = cut(span.text, room)
        room -= cells(text)
        if text and out and out[-1].role == span.role:
            out[-1] = Span(out[-1].text + text, span.role)
        elif text:
            out.append(Span(text, span.role))
    if room > 0:
        out = [*out[:-1], Span(out[-1].text + " " * room)] if out and out[-1].role == "plain" else [*out, *blank(room)]
    return tuple(out)


def fitted(line: Line, width: int, fill: bool = True) -> Line:
    """The line cut to a width, and filled up to it."""
    text = plain(line)
    if text.isprintable() and (rest := width - cells(text)) >= 0:
        return (*line, Span(" " * rest)) if fill and rest > 0 else line
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
    rows = textwrap.wrap(text, max(size.width, 1))
    if len(rows) > size.height > 0:
        rows = [*rows[: size.height - 1], cut_at_word(" ".join(rows[size.height - 1 :]), size.width)]
    return padded([(Span(row, "faint"),) for row in rows], size.width, size.height)


@lru_cache(maxsize=PARAGRAPHS_KEPT)
def paragraph(begin: Line, text: str, width: int, height: int) -> tuple[Line, ...]:
    """A sentence broken at words, its later rows under its beginning; what does not fit ends in …."""
    indent = sum(cells(span.text) for span in begin)
    rows = textwrap.wrap(text, max(width - indent, 1)) or [""]
    if len(rows) > height:
        rest = " ".join(rows[height - 1 :])
        rows = [*rows[: height - 1], cut_at_word(rest, max(width - indent, 1))]
    first: Line = (*begin, Span(rows[0])) if rows else begin
    others: list[Line] = [(Span(" " * indent), Span(row)) for row in rows[1:]]
    return padded([first, *others], width, height)


def whole_sentences(text: str, width: int, rows: int = 1) -> str:
    """As many of the sentences as fit into so many rows, the first in any case."""
    first, *others = re.split(r"(?<=\.) ", text)
    for sentence in others:
        if len(textwrap.wrap(f"{first} {sentence}", width)) > rows:
            break
        first = f"{first} {sentence}"
    return first


def line_in_ascii(line: Line, width: int) -> Line:
    """The line in plain ASCII and still `width` cells: what a longer rendering takes is given back.

    The blanks after it give it back, or the last ones of the line; one always stays, so that columns remain apart.
    """
    spans: list[Span] = []
    owed, blank = 0, False
    for span in _with_products(line):
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


def _with_products(line: Line) -> Line:
    """The line with a star for each dot that multiplies: what stands behind it says so, in the next span too."""
    said = plain(line)
    if "·" not in said:
        return line
    told = TIMES.sub("*", said)
    ends = [0, *accumulate(len(span.text) for span in line)]
    return tuple(Span(told[begin:end], span.role) for span, begin, end in zip(line, ends, ends[1:], strict=False))


def _pulled_left(spans: list[Span], by: int) -> Line:
    """The end of a line pulled to the left over the blanks before it, the last ones first, as far as there are so many."""
    pulled: list[Span] = []
    for span in reversed(spans):
        text = span.text
        for gap in reversed([*re.finditer("  +", text)] if by > 0 else []):
            start = max(gap.end() - by, gap.start() + 1)
            by -= gap.end() - start
            text = text[:start] + text[gap.end() :]
        pulled.append(Span(text, span.role))
    return tuple(reversed(pulled))


def hanging(begin: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with something before the first and blanks of that width before the others."""
    blanks = Span(" " * cells(begin))
    return tuple((Span(begin) if index == 0 else blanks, *line) for index, line in enumerate(lines))


def wrapped(spans: Iterable[Span], width: int) -> tuple[Line, ...]:
    """Spans broken at blanks into lines of at most that width; a longer word is broken where the line ends."""
    lines: list[list[Span]] = [[]]
    room = width
    for word in _words(spans):
        length = sum(cells(span.text) for span in word)
        if lines[-1] and length + 1 > room:
            lines.append([])
            room = width
        if lines[-1]:
            lines[-1].append(Span(" "))
            room -= 1
        for span in word:
            for character_run in _pieces(span, room, width):
                if cells(character_run.text) > room:
                    lines.append([])
                    room = width
                lines[-1].append(character_run)
                room -= cells(character_run.text)
    return tuple(tuple(line) for line in lines if line)


def _words(spans: Iterable[Span]) -> Iterable[list[Span]]:
    """The words, each of one or more spans without a blank in them."""
    word: list[Span] = []
    for span in spans:
        for piece in re.split(r"(\s+)", span.text):
            if piece.isspace():
                if word:
                    yield word
                word = []
            elif piece:
                word.append(Span(piece, span.role))
    if word:
        yield word


def _pieces(span: Span, room: int, width: int) -> Iterable[Span]:
    """A span as it is, or, where no line holds it, in pieces."""
    text = span.text
    while cells(text) > (limit := max(room if cells(span.text) > width else width, 1)):
        length = len(beginning(text, limit)) or len(next(iter(graphemes(text))))
        yield Span(text[:length], span.role)
        text, room = text[length:], width
    yield Span(text, span.role)
