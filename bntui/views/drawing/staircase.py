"""The staircase: a running product on a log₁₀ axis, a bar for each factor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bntui.views.drawing.axes import EXPONENTS, Tick, cell_of, label_row, round_step
from bntui.views.drawing.picture import Bars, Picture, Size, dot, in_ascii
from bntui.views.text.spans import Line, Role, Span


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


def staircase_axis(limits: tuple[float, float], width: int) -> Line:
    """Powers of ten as labels over their columns, one line of `width` cells."""
    low, high = exponents(limits)
    room = max(len(f"1e{round(low)}"), len(f"1e{round(high)}")) + 2
    step = max(round_step((high - low) * room / max(width, room)), 1.0)
    powers = range(math.ceil(low / step), math.floor(high / step) + 1)
    ticks = [Tick((index * step - low) / (high - low), f"1e{round(index * step)}") for index in powers]
    return (Span(label_row(ticks, width), "faint"),) if width > 0 else ()


def staircase_picture(
    steps: Sequence[tuple[float | None, float | None]], size: Size, limits: tuple[float, float], ascii: bool
) -> Picture:
    """The bars, from the first step in the top row."""
    height = max(min(len(steps), size.height), 0)
    low, high = exponents(limits)
    bars: list[Bars] = []
    if size.width > 0:
        for index, (before, after) in enumerate(steps[:height]):
            if before is not None and after is not None:
                row = height - 1 - index
                bars += bar(place(before, low, high), place(after, low, high), row, size.width, ascii)
    return Picture(size.width, height, tuple(bars))


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


def bar(before: float, after: float, row: int, width: int, ascii: bool) -> list[Bars]:
    """One bar between two places, with an arrow on an edge that it runs over."""
    if math.isnan(before) or math.isnan(after):
        return [dot(width - 1, row, "?", "warning")]
    edges = edge_marks(before, after, row, width, ascii)
    if math.isclose(before, after, abs_tol=1e-9):
        return edges or [dot(cell_of(after, width), row, in_ascii("│", ascii), "plain")]
    role: Role = "growth" if after > before else "shrinkage"
    left, right = sorted(min(max(place, 0.0), 1.0) for place in (before, after))
    first, last = round(left * width), round(right * width) - 1
    if last < first:  # shorter than a cell, yet not nothing
        first = last = cell_of(left, width)
    glyph = in_ascii("█" if role == "growth" else "▒", ascii)
    body = Bars(((first + 0.5, row + 0.5),), ((last + 0.5, row + 0.5),), glyph, role)
    return [body, *edges]


def edge_marks(before: float, after: float, row: int, width: int, ascii: bool) -> list[Bars]:
    """Arrows where the bar leaves the axis."""
    marks = []
    if min(before, after) < -1e-9:
        marks.append(dot(0, row, in_ascii("◂", ascii), "shrinkage"))
    if max(before, after) > 1 + 1e-9:
        marks.append(dot(width - 1, row, in_ascii("▸", ascii), "growth"))
    return marks
