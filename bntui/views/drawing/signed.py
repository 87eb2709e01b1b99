"""Signed bars: one row each, to the right of zero for what grows and to the left for what falls."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bntui.views.drawing.picture import TWIN_MARK, Bars, Picture, Size, dot, in_ascii
from bntui.views.text.spans import Role


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
