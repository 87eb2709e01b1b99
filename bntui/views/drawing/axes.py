"""Axes of a chart: their limits, where a value stands on them, and their ticks and labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from bntui.maths.numeric import Array
from bntui.records import dataclass
from bntui.views.text.cells import cells, in_ascii
from bntui.views.text.lines import Lines, Size, Span
from bntui.views.text.numbers import PLAIN, written

Scale = Literal["linear", "log"]
AXES_KEPT = 64
GUTTER = 7  # six characters of label and the axis itself
LARGEST = 1e300  # beyond it the difference of two values may be infinite
EXPONENTS = (-323, 308)  # the powers of ten that a float64 can be


@dataclass(frozen=True, slots=True)
class Axis:
    """How values are laid out along one side of a chart; without limits the data decide."""

    scale: Scale = "linear"
    limits: tuple[float, float] | None = None
    label: str = ""


class Tick(NamedTuple):
    """A labelled place on an axis, 0 at its low end and 1 at its high end."""

    place: float
    label: str


class ChartFrame(NamedTuple):
    """How a chart divides its cells: the plot, the gutter to its left, the rows below; the title is what is left."""

    width: int
    height: int
    side: int
    footer: int


class Ruler(NamedTuple):
    """An axis with settled limits; on a log scale they are exponents of ten."""

    scale: Scale
    low: float
    high: float

    def places(self, values: Array) -> Array:
        """Where values stand, 0 at the low end and 1 at the high end; NaN for what no axis can show."""
        with np.errstate(all="ignore"):
            places = (scaled(values, self.scale) - self.low) / (self.high - self.low)
        return np.clip(places, -1e3, 1e3)

    def ends(self) -> tuple[Tick, ...]:
        """Ticks at the limits alone."""
        if self.scale == "log":
            return Tick(0.0, power_label(self.low)), Tick(1.0, power_label(self.high))
        step = round_step((self.high - self.low) / 4)
        low, high = number_labels((self.low, self.high), step)
        return Tick(0.0, low), Tick(1.0, high)

    def ticks(self, count: int, whole: bool = False) -> tuple[Tick, ...]:
        """At most about `count` ticks at round values, whole numbers if asked."""
        span = self.high - self.low
        step = round_step(span / max(count, 1))
        if whole or self.scale == "log":
            step = max(step, 1.0)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        values = [index * step for index in range(first, last + 1)]
        labels = [power_label(value) for value in map(round, values)] if self.scale == "log" else number_labels(values, step)
        places = [min(max((value - self.low) / span, 0.0), 1.0) for value in values]
        shown: list[Tick] = []
        for place, label in zip(places, labels, strict=True):
            if not shown or shown[-1].label != label:
                shown.append(Tick(place, label))
        return tuple(shown)


def scaled(values: Array, scale: Scale) -> Array:
    """Values as an axis measures them; NaN where they are not finite, or not positive on a log scale."""
    with np.errstate(all="ignore"):
        if scale == "log":
            return np.where((values > 0) & np.isfinite(values), np.log10(values), np.nan)
        return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)


def settle(axis: Axis, values: Array, extend: bool = True) -> Ruler | None:
    """The axis with limits: its own where they are usable, else the data's; None without any data.

    With `extend` the data's limits are widened to round values. Limits that are as good as equal are moved apart.
    """
    if axis.limits is not None:
        low, high = scaled(np.array(axis.limits, dtype=np.float64), axis.scale).tolist()
        if high > low and not narrow(low, high):
            return Ruler(axis.scale, low, high)
    measured = scaled(values, axis.scale)
    measured = measured[~np.isnan(measured)]
    if measured.size == 0:
        return None
    low, high = float(measured.min()), float(measured.max())
    if axis.scale == "log" and extend:
        low, high = math.floor(low), math.ceil(high)
        return Ruler("log", low, max(high, low + 1))
    if narrow(low, high):
        middle = (low + high) / 2
        margin = abs(middle) / 2 if abs(middle) > 1 / LARGEST and axis.scale == "linear" else 0.5
        low, high = middle - margin, middle + margin
    if extend and axis.scale == "linear":
        step = round_step((high - low) / 4)
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Ruler(axis.scale, low, high)


def narrow(low: float, high: float) -> bool:
    """Whether limits are as good as equal: what lies between them is rounding."""
    return not high - low > max(1e-9 * max(abs(low), abs(high)), 1e-300)


def power_label(exponent: float) -> str:
    """A power of ten as a board has it: 0.01, 1,000, 1e7; or the number with one digit where the exponent is not whole."""
    if exponent == round(exponent):
        written_out = PLAIN[0] <= exponent <= PLAIN[1]
        return written(float(f"1e{round(exponent)}"), 1) if written_out else f"1e{round(exponent)}"
    mantissa, _, power = f"{10.0 ** (exponent - math.floor(exponent)):.0e}".partition("e")
    return f"{mantissa}e{math.floor(exponent) + int(power)}"


def round_step(step: float) -> float:
    """The next of 1, 2, 5 times a power of ten that is no smaller."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((factor * power for factor in (1.0, 2.0, 5.0) if factor * power >= step * (1 - 1e-9)), 10.0 * power)


def number_labels(values: Sequence[float], step: float) -> list[str]:
    """Short labels of one form for all values: 1.25, or -3e4 where that is too long."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals <= 5:
        labels = [f"{value:.{decimals}f}" for value in values]
        if all(len(label) <= GUTTER - 1 for label in labels):
            return [label.lstrip("-") if float(label) == 0 else label for label in labels]
    return [exponent_label(value, step) for value in values]


def exponent_label(value: float, step: float) -> str:
    """A value as mantissa and exponent, with the digits the step asks for; empty where six cannot hold it."""
    if abs(value) < step / 2:
        return "0"
    wanted = math.floor(math.log10(abs(value))) - math.floor(math.log10(step))
    for digits in range(max(min(wanted, 3), 0), -1, -1):
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        label = f"{mantissa}e{int(exponent)}"
        if len(label) < GUTTER:
            return label
    return ""


def cell_of(place: float, count: int) -> int:
    """The cell of `count` in which a place stands."""
    return min(max(math.floor(place * count), 0), count - 1)


def label_row(ticks: Sequence[Tick], width: int, reserved: int = 0) -> str:
    """Labels centred over their columns, without those that would touch the one before or the `reserved` cells."""
    row = ""
    for tick in sorted(ticks, key=lambda tick: tick.place):
        length = cells(tick.label)
        start = max(min(cell_of(tick.place, max(width, 1)) - (length - 1) // 2, width - length), 0)
        if start + length <= width - reserved and (not row or start > cells(row)):
            row += " " * (start - cells(row)) + tick.label
    return row + " " * (width - cells(row))


def framed(size: Size, above: Lines, ruled: bool = False) -> ChartFrame:
    """The room for the plot, labels dropped first where there is little. `ruled` asks for a line along the x axis."""
    side = GUTTER if size.width >= 3 * GUTTER else 0
    footer = (1 if size.height >= 4 else 0) + (1 if ruled and side and size.height >= 10 else 0)
    return ChartFrame(size.width - side, size.height - len(above) - footer, side, footer)


@lru_cache(maxsize=AXES_KEPT)
def value_labels(y: Ruler, frame: ChartFrame, ascii: bool) -> tuple[Span, ...]:
    """The y axis with its labels, where there is room for it."""
    if not frame.side:
        return ()
    ticks = y.ends() if frame.height < 8 else y.ticks(min(frame.height // 2, 6))
    return gutter(ticks, frame.height, ascii)


def gutter(ticks: Sequence[Tick], height: int, ascii: bool) -> tuple[Span, ...]:
    """The y labels with the axis, a span for each row from the top; of two in one row the lower value stays."""
    upright, crossing = in_ascii("│", ascii), in_ascii("┤", ascii)
    labels: dict[int, str] = {}
    for tick in ticks:
        labels.setdefault(height - 1 - cell_of(tick.place, height), tick.label)
    return tuple(
        Span(f"{labels[row]:>{GUTTER - 1}}{crossing}" if row in labels else " " * (GUTTER - 1) + upright, "faint")
        for row in range(height)
    )
