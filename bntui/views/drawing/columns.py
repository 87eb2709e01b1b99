"""Upright bars, a group for each layer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bntui.records import dataclass
from bntui.views.drawing.axes import Axis, ChartFrame, Ruler, framed, settle, value_labels
from bntui.views.drawing.picture import Bars, Picture, Sheet, legend, sentence, stacked
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.lines import Lines, Role, Size, Span, fill

EIGHTHS = "▁▂▃▄▅▆▇█"
WIDEST = 6  # cells of a bar: wider ones are slabs
PICTURES_KEPT = 16
SEEN = 1.25  # of a log axis: the lowest bar stands so many times above its foot, at least
LABEL = 8  # cells in which a name can be told from others


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each group and the glyph of its bars; `previous` values stand as faint ticks where they differ."""

    label: str
    values: Sequence[float | None]
    glyph: str = "█"
    role: Role = "accent"
    previous: Sequence[float | None] = ()


class Bar(NamedTuple):
    """One bar: its first and last column, and its height in cells."""

    first: int
    last: int
    height: float
    glyph: str
    role: Role

    def eighths(self, ascii: bool) -> int:
        """Its height in eighths of a cell, in which solid bars end; others end in whole cells."""
        if self.glyph != "█" or ascii:
            return 8 * max(round(self.height), 1) if self.height > 0 else 0
        return round(self.height * 8)


Placed = tuple[tuple[int, int], tuple[str, Role]]  # a cell and what stands in it
Stack = tuple[int, int, int, str, Role]  # a bar by its first and last column, its eighths of a cell, glyph and role


def columns_picture(
    groups: Sequence[str], series: Sequence[Series], size: Size, *, log: bool, title: str, ascii: bool
) -> Picture:
    """Bars side by side in each group, or behind each other where there is no room."""
    series = [drawable(one, ascii) for one in series]
    above = title_row(title, series, size, ascii)
    frame = framed(size, above)
    y = bar_axis([value for one in series for value in (*one.values, *one.previous)], log)
    if y is None or not groups or frame.width < 1 or frame.height < 1:
        return sentence("nothing finite to draw", size, above, ascii)
    slots = group_slots(len(groups), len(series), frame.width)
    heights = bar_heights([value for one in series for value in (*one.values, *one.previous)], y, frame.height)
    bars: list[Bar] = []
    signs: Sheet = {}
    for index, slot in enumerate(slots):
        for (first, last), one in zip(slot, series, strict=True):
            value = value_at(one.values, index)
            bars.append(Bar(first, last, heights.get(value, 0.0), one.glyph, one.role))
            row = previous_row(value_at(one.previous, index), value, heights)
            if row is not None and not overlaid(slot):
                signs |= {(column, row): ("_" if ascii else "─", "faint") for column in range(first, last + 1)}
            if value is not None and not 0 < value < math.inf:
                sign, row = sign_of(value, frame.height)
                signs |= {
                    (column, row): (in_ascii(sign, ascii), one.role) for column in sign_columns(sign, first, last)
                }
    below = (group_labels(tuple(groups), len(series), frame, ascii),) if frame.footer else ()
    lower_in_front = sorted(bars, key=lambda bar: -bar.height)
    stacks = tuple([(bar.first, bar.last, bar.eighths(ascii), bar.glyph, bar.role) for bar in lower_in_front])
    marks = bar_marks(stacks, tuple(signs.items()), frame.height)
    return Picture(frame.width, frame.height, marks, value_labels(y, frame, ascii), above, below)


def drawable(series: Series, ascii: bool) -> Series:
    """A series whose glyph is one character that the terminal has."""
    glyph = "=" if ascii and series.glyph == "▒" else in_ascii(series.glyph, ascii)
    glyph = glyph if len(glyph) == 1 and cells(glyph) == 1 and glyph.isprintable() else "#"
    return series if glyph == series.glyph else replace(series, glyph=glyph)


def title_row(title: str, series: Sequence[Series], size: Size, ascii: bool) -> Lines:
    """The title and the legend, where there is anything to say and a row for it."""
    entries = [(one.glyph, one.label, one.role) for one in series if one.label]
    return (legend(title, tuple(entries), size.width, ascii),) if size.height >= 3 and (title or entries) else ()


def bar_axis(values: Sequence[float | None], log: bool) -> Ruler | None:
    """An axis that holds the values, from 0 if it is linear and from where each bar is seen if not; None without a value."""
    known = [float(value) for value in values if value is not None and not math.isnan(value)]
    if not known:
        return None
    if log:
        shown = [value for value in known if 0 < value < math.inf]
        return settle(Axis("log"), np.array([min(shown) / SEEN, max(shown)])) if shown else Ruler("log", 0.0, 1.0)
    return settle(Axis(), np.array([0.0, *(value for value in known if value > 0)]))


def value_at(values: Sequence[float | None], index: int) -> float | None:
    """A value, or None past the end."""
    return values[index] if index < len(values) else None


def bar_heights(values: Iterable[float | None], y: Ruler, height: int) -> dict[float | None, float]:
    """How high the bar of each positive value is in cells: at least an eighth, full for infinity. Others have none."""
    positive = [value for value in values if value is not None and value > 0]
    places = y.places(np.array(positive, dtype=np.float64)).tolist()
    return {
        value: float(height) if math.isinf(value) else max(min(place, 1.0) * height, 1 / 8)
        for value, place in zip(positive, places, strict=True)
    }


def sign_of(value: float, height: int) -> tuple[str, int]:
    """What stands where no bar can be drawn, and in which row."""
    if value == math.inf:
        return "↑", height - 1
    if math.isnan(value):
        return "?", 0
    return ("0" if value == 0 else "↓"), 0


def sign_columns(sign: str, first: int, last: int) -> range:
    """An arrow at the top is as wide as its bar, other signs one cell."""
    return range(first, last + 1) if sign == "↑" else range((first + last) // 2, (first + last) // 2 + 1)


def overlaid(slot: Sequence[tuple[int, int]]) -> bool:
    """Whether the bars of a group stand behind each other."""
    return len(slot) > 1 and slot[0] == slot[1]


def previous_row(before: float | None, now: float | None, heights: Mapping[float | None, float]) -> int | None:
    """The row of the previous value's tick; None where the bar ends in it too, or where there is no such value."""
    if before is None or not 0 < before < math.inf:
        return None
    row = math.ceil(heights[before]) - 1
    return None if row == math.ceil(heights.get(now, 0.0)) - 1 else row


def group_slots(groups: int, series: int, width: int) -> list[list[tuple[int, int]]]:
    """First and last column of each series' bar in each group."""
    slot = width // groups
    if slot < series:  # no room side by side: behind each other, without gaps
        starts = [index * width // groups for index in range(groups + 1)]
        return [[(start, max(end - 1, start))] * series for start, end in pairwise(starts)]
    thickness = max(min((slot - 1) // max(series, 1), WIDEST), 1)
    margin = (slot - thickness * series) // 2
    bars = [(margin + one * thickness, margin + (one + 1) * thickness - 1) for one in range(series)]
    return [[(index * slot + first, index * slot + last) for first, last in bars] for index in range(groups)]


@lru_cache(maxsize=PICTURES_KEPT)
def bar_marks(stacks: tuple[Stack, ...], signs: tuple[Placed, ...], height: int) -> tuple[Bars, ...]:
    """What bars are drawn with, those further on in front of others, and signs in front of all of them."""
    sheet: Sheet = {}
    for first, last, eighths, glyph, role in stacks:
        for row in range(min(math.ceil(eighths / 8), height)):
            ending = eighths - 8 * row
            for column in range(first, last + 1):
                sheet[column, row] = (glyph if ending >= 8 else EIGHTHS[ending - 1], role)
    return stacked(sheet | dict(signs))


@lru_cache(maxsize=PICTURES_KEPT)
def group_labels(
    groups: tuple[str, ...], series: int, frame: ChartFrame, ascii: bool
) -> tuple[Span, ...]:
    """The groups' names centred below the bars of so many series, cut, and only each k-th where they are many."""
    slots = group_slots(len(groups), series, frame.width)
    names = [in_ascii(name, ascii) for name in groups]
    centres = [(slot[0][0] + slot[-1][1]) // 2 for slot in slots]
    pitch = frame.width / len(groups)
    wanted = min(max(map(cells, names)) + 1, LABEL) if pitch < LABEL else 0
    every = next((k for k in (1, 2, 3, 4, 5, 10, 20, 50, 100) if k * pitch >= wanted), len(groups))
    row = ""
    for index in range(0, len(groups), every):
        room = max(int(every * pitch) - 1, 1)
        name = cut(names[index], min(room, frame.width), in_ascii("…", ascii))
        start = min(max(centres[index] - (cells(name) - 1) // 2, cells(row) + bool(row)), frame.width - cells(name))
        if start >= cells(row) + bool(row):
            row += " " * (start - cells(row)) + name
    return fill((Span(" " * frame.side + row),), frame.side + frame.width)
