"""Points made fit for plotext: split where they are not finite, two a column at most, cut at the plot's border."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bntui.maths.numeric import Array
from bntui.records import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

DOTS = 4  # rows of braille dots in a cell

Corner = tuple[float, float]
Number = TypeVar("Number", np.float64, np.bool_)


@dataclass(frozen=True, slots=True)
class Trace:
    """Points in cells of the plot; where `joined` is false the line starts anew."""

    x: Array
    y: Array
    joined: NDArray[np.bool_]

    def part(self, which: NDArray[np.bool_]) -> Trace:
        """Some of the points."""
        return Trace(self.x[which], self.y[which], self.joined[which])


def trace_of(x: Array, y: Array, width: int, height: int) -> Trace:
    """The line through points given in cells, ready to be drawn in a plot of some size."""
    return clipped(levelled(thinned(x, y, width)), width, height)


def thinned(x: Array, y: Array, width: int) -> Trace:
    """The finite points, at most two a column: its smallest and its largest y, in the order in which it goes."""
    index = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    x, y = x[index], y[index]
    joined = np.zeros(index.size, dtype=np.bool_)
    np.equal(index[1:], index[:-1] + 1, joined[1:])
    if x.size <= 2 * width:
        return Trace(x, y, joined)
    column = np.floor(np.clip(x, -1, width))
    starts = np.concatenate(([0], (column[1:] > column[:-1]).nonzero()[0] + 1))
    ends = np.concatenate((starts[1:] - 1, [x.size - 1]))
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    rising = y[starts] <= y[ends]
    return Trace(
        _in_turn(column[starts] + 0.25, column[starts] + 0.75),
        _in_turn(np.where(rising, low, high), np.where(rising, high, low)),
        _in_turn(joined[starts], np.ones(starts.size, dtype=np.bool_)),
    )


def _in_turn(one: NDArray[Number], other: NDArray[Number]) -> NDArray[Number]:
    """The numbers of two arrays in turn: what numpy's stack does, which takes longer for so few."""
    both = np.empty((one.size, 2), dtype=one.dtype)
    both[:, 0], both[:, 1] = one, other
    return both.reshape(-1)


def levelled(trace: Trace) -> Trace:
    """A trace without the points inside a level stretch: they would add no dot."""
    if trace.x.size < 3:
        return trace
    row = np.floor(trace.y * DOTS)
    level = np.zeros(row.size, dtype=np.bool_)
    level[1:-1] = (row[1:-1] == row[:-2]) & (row[1:-1] == row[2:]) & trace.joined[1:-1] & trace.joined[2:]
    return trace.part(~level)


def clipped(trace: Trace, width: int, height: int) -> Trace:
    """The parts of a trace inside the plot, cut where they cross its border."""
    inside = (trace.x >= 0) & (trace.x <= width) & (trace.y >= 0) & (trace.y <= height)
    if inside.all():
        return trace
    corners = list(zip(trace.x.tolist(), trace.y.tolist(), strict=True))
    out: list[tuple[Corner, bool]] = []
    before, within = corners[0], False
    for corner, joined, inner in zip(corners, trace.joined.tolist(), inside.tolist(), strict=True):
        part = None
        if joined:
            part = (before, corner) if within and inner else segment(before, corner, width, height)
        before, within = corner, inner
        if part is not None and part[0] != part[1]:
            if not out or out[-1][0] != part[0]:
                out.append((part[0], False))
            out.append((part[1], True))
        elif inner and (not out or out[-1][0] != corner):
            out.append((corner, False))
    return Trace(
        np.array([corner[0] for corner, _ in out]),
        np.array([corner[1] for corner, _ in out]),
        np.array([joined for _, joined in out], dtype=np.bool_),
    )


def segment(begin: Corner, end: Corner, width: int, height: int) -> tuple[Corner, Corner] | None:
    """The part of a straight line inside the plot (Liang and Barsky), or None."""
    first, last = 0.0, 1.0
    for start, stop, limit in zip(begin, end, (width, height), strict=True):
        run = stop - start
        if run == 0 and not 0 <= start <= limit:
            return None
        if run != 0:
            near, far = sorted((-start / run, (limit - start) / run))
            first, last = max(first, near), min(last, far)
    if first > last:
        return None
    across, up = end[0] - begin[0], end[1] - begin[1]
    return (
        held(begin[0] + first * across, begin[1] + first * up, width, height),
        held(begin[0] + last * across, begin[1] + last * up, width, height),
    )


def held(x: float, y: float, width: int, height: int) -> Corner:
    """A point of the plot, whatever rounding says."""
    return min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))
