"""What a chart consists of before it is drawn: marks in cell coordinates, and the text around them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from bntui.records import dataclass
from bntui.views.text.cells import cells, cut, cut_at_word, in_ascii
from bntui.views.text.lines import Line, Lines, Role, Size, Span, blank, fill


class Stroke(NamedTuple):
    """A line through points, x from the left and y from the bottom in cells; where `joined` is false it starts anew."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    joined: tuple[bool, ...]
    glyph: str  # one character, or "braille"
    role: Role


class Bars(NamedTuple):
    """Straight bars one cell thick, each from one cell centre to another."""

    begin: tuple[tuple[float, float], ...]
    end: tuple[tuple[float, float], ...]
    glyph: str
    role: Role


class Upright(NamedTuple):
    """A thin vertical line through the whole plot."""

    column: int
    role: Role


Sheet = dict[tuple[int, int], tuple[str, Role]]  # (column from the left, row from the bottom): glyph and role
PlotMark = Stroke | Bars | Upright

LEGENDS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot of `width` by `height` cells with a gutter to its left, a margin to its right, and lines above and below all of it."""

    width: int
    height: int
    marks: tuple[PlotMark, ...] = ()
    gutter: tuple[Span, ...] = ()
    above: Lines = ()
    below: Lines = ()
    margin: Lines = ()


def dot(column: int, row: int, glyph: str, role: Role) -> Bars:
    """One character in a cell, columns from the left and rows from the bottom."""
    return dots([(column, row)], glyph, role)


def raised(bars: Bars, rows: int) -> Bars:
    """The same bars so many rows higher."""
    begin, end = (tuple((x, y + rows) for x, y in places) for places in (bars.begin, bars.end))
    return Bars(begin, end, bars.glyph, bars.role)


def dots(places: Iterable[tuple[int, int]], glyph: str, role: Role) -> Bars:
    """One character in each of several cells, columns from the left and rows from the bottom."""
    centres = tuple((column + 0.5, row + 0.5) for column, row in places)
    return Bars(centres, centres, glyph, role)


def stacked(sheet: Sheet) -> tuple[Bars, ...]:
    """The cells of a sheet as upright bars, those of one glyph and role together."""
    runs: dict[tuple[str, Role], list[tuple[tuple[int, int], int]]] = {}
    for (column, row), kind in sorted(sheet.items()):
        known = runs.setdefault(kind, [])
        if known and known[-1][0][0] == column and known[-1][1] == row - 1:
            known[-1] = (known[-1][0], row)
        else:
            known.append(((column, row), row))
    return tuple(
        Bars(
            tuple((column + 0.5, row + 0.5) for (column, row), _ in places),
            tuple((column + 0.5, top + 0.5) for (column, _), top in places),
            glyph,
            role,
        )
        for (glyph, role), places in runs.items()
        if glyph != " "
    )


@lru_cache(maxsize=LEGENDS_KEPT)
def legend(title: str, entries: tuple[tuple[str, str, Role], ...], width: int, ascii: bool) -> Line:
    """The title, then each entry's glyph and label, cut alike until they fit.

    Of a title that has no room beside them what stands before a semicolon is kept.
    """
    ellipsis = in_ascii("…", ascii)
    title = in_ascii(title, ascii)
    labels = [in_ascii(label, ascii) for _, label, _ in entries]
    wanted = sum(cells(label) + 4 for label in labels)
    spans: list[Span] = []
    if title and cells(title) + wanted > width:
        title = title.partition(";")[0]
    if title:
        room = width if not labels else max(width - wanted, min(cells(title), width // 3))
        title = cut_at_word(title, room, ellipsis)
        spans.append(Span(title, "strong"))
    left = width - cells(title)
    roomy = wanted <= left
    for index, ((glyph, _, role), name) in enumerate(zip(entries, labels, strict=True)):
        if left < 3:
            break
        gap = "" if not spans else "  " if roomy else " "
        room = (left if roomy else left // (len(labels) - index)) - 2 - len(gap)
        label = cut_at_word(name, max(room, 0), ellipsis)
        left -= len(gap) + 2 + cells(label)
        spans += [Span(gap), Span(f"{glyph} {label}", role)]
    return fill(spans, width)


def sentence(text: str, size: Size, above: Lines, ascii: bool) -> Picture:
    """A plot with a sentence in its middle and nothing else."""
    rows = max(size.height - len(above), 0)
    line = cut(text, size.width, in_ascii("…", ascii))
    row = fill((Span(" " * ((size.width - cells(line)) // 2)), Span(line, "faint")), size.width)
    empty = blank(size.width)
    body = tuple(row if index == (rows - 1) // 2 else empty for index in range(rows))
    return Picture(0, 0, above=(above + body)[: size.height])
