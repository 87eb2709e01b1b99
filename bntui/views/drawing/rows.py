"""Bars in rows: the staircase of a chain's products, and changes about zero."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from bntui.views.drawing.axes import EXPONENTS, Tick, cell_of, label_row, power_label, round_step
from bntui.views.drawing.picture import Bars, Picture, dot
from bntui.views.text.cells import TWIN_MARK, in_ascii
from bntui.views.text.lines import Line, Role, Size, Span

TREADS_KEPT, AXES_KEPT = 128, 16


def staircase_limits(
    products: Iterable[float | None], previous: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Powers of ten that hold the magnitude of every finite product other than zero, at least a decade apart.

    The previous limits stay, or grow, while they are at most about twice as wide as needed: bars keep their places.
    """
    finite = [abs(product) for product in products if product and math.isfinite(product)]
    low = math.floor(math.log10(min(finite))) if finite else 0
    high = math.ceil(math.log10(max(finite))) if finite else 1
    low, high = max(min(low, high - 1), EXPONENTS[0]), min(max(high, low + 1), EXPONENTS[1])
    if previous is not None:
        before = exponents(previous)
        wide_low, wide_high = min(low, math.floor(before[0])), max(high, math.ceil(before[1]))
        if wide_high - wide_low <= 2 * (high - low) + 4:
            low, high = max(wide_low, EXPONENTS[0]), min(wide_high, EXPONENTS[1])
    return 10.0**low, 10.0**high


@lru_cache(maxsize=AXES_KEPT)
def staircase_axis(limits: tuple[float, float], width: int) -> Line:
    """Powers of ten as labels over their columns, one line of `width` cells."""
    low, high = exponents(limits)
    room = max(len(power_label(round(end))) for end in (low, high)) + 2
    step = max(round_step((high - low) * room / max(width, room)), 1.0)
    powers = range(math.ceil(low / step), math.floor(high / step) + 1)
    ticks = [Tick((index * step - low) / (high - low), power_label(round(index * step))) for index in powers]
    return (Span(label_row(ticks, width), "faint"),) if width > 0 else ()


def staircase_rows(
    steps: Sequence[tuple[float | None, float | None]], width: int, limits: tuple[float, float], ascii: bool
) -> list[tuple[Bars, ...]]:
    """The bars of each step, in a row of `width` cells of its own."""
    low, high = exponents(limits)
    return [
        () if before is None or after is None else tread(before, after, low, high, width, ascii) for before, after in steps
    ]


@lru_cache(maxsize=TREADS_KEPT)
def tread(before: float, after: float, low: float, high: float, width: int, ascii: bool) -> tuple[Bars, ...]:
    """The bar between two products, on an axis between two exponents of ten."""
    return tuple(bar(place(before, low, high), place(after, low, high), width, ascii))


def exponents(limits: tuple[float, float]) -> tuple[float, float]:
    """The limits as exponents of ten; a decade from 1 where they are no limits."""
    low, high = limits
    if not (0 < low < high < math.inf):
        return 0.0, 1.0
    first, last = math.log10(low), math.log10(high)
    return first, max(last, first + 1e-6)


def place(product: float, low: float, high: float) -> float:
    """Where a product stands, 0 at the low end and 1 at the high end; infinite for zero and infinity."""
    if product == 0:
        return -math.inf
    return (math.log10(abs(product)) - low) / (high - low) if math.isfinite(product) else abs(product)


def bar(before: float, after: float, width: int, ascii: bool) -> list[Bars]:
    """One bar between two places, with an arrow on an edge that it runs over."""
    if math.isnan(before) or math.isnan(after):
        return [dot(width - 1, 0, "?", "warning")]
    edges = edge_marks(before, after, width, ascii)
    if math.isclose(before, after, abs_tol=1e-9):
        return edges or [dot(cell_of(after, width), 0, in_ascii("│", ascii), "plain")]
    role: Role = "growth" if after > before else "shrinkage"
    left, right = sorted(min(max(place, 0.0), 1.0) for place in (before, after))
    first, last = round(left * width), round(right * width) - 1
    if last < first:  # shorter than a cell, yet not nothing
        first = last = cell_of(left, width)
    glyph = in_ascii("█" if role == "growth" else "▒", ascii)
    return [Bars(((first + 0.5, 0.5),), ((last + 0.5, 0.5),), glyph, role), *edges]


def edge_marks(before: float, after: float, width: int, ascii: bool) -> list[Bars]:
    """Arrows where the bar leaves the axis."""
    marks = []
    if min(before, after) < -1e-9:
        marks.append(dot(0, 0, in_ascii("◂", ascii), "shrinkage"))
    if max(before, after) > 1 + 1e-9:
        marks.append(dot(width - 1, 0, in_ascii("▸", ascii), "growth"))
    return marks


def signed_picture(values: Sequence[float], size: Size, twins: Sequence[float], ascii: bool) -> Picture:
    """The bars, the first in the top row, to the scale of the largest finite value; an infinite one has an arrow at its end.

    Where there are twins, a mark stands in each row where the twin's bar would end.
    """
    height = max(min(len(values), size.height), 0)
    half = size.width // 2
    largest = max((abs(value) for value in (*values, *twins) if math.isfinite(value)), default=0.0)
    bars: list[Bars] = []
    for index, value in enumerate(values[:height]):
        row = height - 1 - index
        if half < 1:
            break
        if math.isnan(value):
            bars.append(dot(half, row, "?", "warning"))
            continue
        length = _length(value, largest, half)
        if length == 0:
            bars.append(dot(half, row, in_ascii("│", ascii), "plain"))
            continue
        bars.append(_bar(value > 0, length, half, row, ascii))
        if math.isinf(value):
            edge = (size.width - 1, "▸") if value > 0 else (0, "◂")
            bars.append(dot(edge[0], row, in_ascii(edge[1], ascii), "warning"))
    for index, twin in enumerate(twins[:height] if half > 0 else ()):
        if not math.isnan(twin):
            bars.append(dot(_end(twin, largest, half, size.width), height - 1 - index, in_ascii(TWIN_MARK, ascii), "twin"))
    return Picture(size.width, height, tuple(bars))


def _end(value: float, largest: float, half: int, width: int) -> int:
    """The column in which a bar ends; that of zero where it has no length."""
    length = _length(value, largest, half)
    return min(half + max(length - 1, 0), width - 1) if value >= 0 or length == 0 else half - length


def _length(value: float, largest: float, half: int) -> int:
    if math.isinf(value):
        return half
    return round(abs(value) / largest * half) if largest > 0 else 0


def _bar(grows: bool, length: int, half: int, row: int, ascii: bool) -> Bars:
    role: Role = "growth" if grows else "shrinkage"
    first, last = (half, half + length - 1) if grows else (half - length, half - 1)
    glyph = in_ascii("█" if grows else "▒", ascii)
    return Bars(((first + 0.5, row + 0.5),), ((last + 0.5, row + 0.5),), glyph, role)


def about_zero_picture(
    values: Sequence[float], marks: Sequence[tuple[str, Role, Sequence[float | None]]], size: Size, ascii: bool
) -> Picture:
    """Bars about a zero that stands where the values leave it, the first in the top row; all values are finite.

    A bar to the right of zero is solid, one to the left shaded. Marks stand where a bar of their value would end, for one that is
    beyond the longest an arrow on the edge.
    """
    height = max(min(len(values), size.height), 0)
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    last = size.width - 1
    axis = in_ascii("│", ascii)
    if last < 1 or high == low:
        return Picture(max(size.width, 0), height, tuple(dot(0, row, axis, "plain") for row in range(height) if last >= 0))
    zero = min(max(math.ceil(-low / (high - low) * last), int(low < 0)), last - int(high > 0))
    scale = min(zero / -low if low < 0 else math.inf, (last - zero) / high if high > 0 else math.inf)
    bars: list[Bars] = []
    for index, value in enumerate(values[:height]):
        row, end = height - 1 - index, zero + round(value * scale)
        if end != zero:
            role: Role = "growth" if end > zero else "shrinkage"
            glyph = in_ascii("█" if end > zero else "▒", ascii)
            first, final = sorted((zero + (1 if end > zero else -1), end))
            bars.append(Bars(((first + 0.5, row + 0.5),), ((final + 0.5, row + 0.5),), glyph, role))
        bars.append(dot(zero, row, axis, "plain"))
        for mark, mark_role, others in marks:
            other = others[index]
            if other is None or math.isnan(other):
                continue
            place = zero + other * scale
            if -0.5 <= place <= last + 0.5:
                bars.append(dot(min(max(round(place), 0), last), row, mark, mark_role))
            else:
                bars.append(dot(last if place > 0 else 0, row, in_ascii("▸" if place > 0 else "◂", ascii), mark_role))
    return Picture(size.width, height, tuple(bars))
