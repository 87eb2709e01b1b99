"""The sides of a sweep beside each other: a curve and a letter for each, and the table that names them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np

from bntui.maths.arrays import Array
from bntui.session.survey.swept import Side, Sweep
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Axis, AxisMark, Curve, Lines, Size
from bntui.views.text.cells import LIT_MARK, cells, cut, in_ascii
from bntui.views.text.lines import Line, Role, Span
from bntui.views.text.numbers import brief

MARKERS = ("o", "braille")  # of BN off and on
SAMPLES = ("o", "⠒")  # the same in a table
TURNS: tuple[Role, ...] = ("accent", "second", "growth", "shrinkage", "twin", "strong")
SPREAD = (0.1, 0.9)
FLOOR, CEILING = 1e-6, 10.0  # times the best constant's cost: what is beyond is drawn at the edge
LEAST_ROWS = 12  # of a page: one with fewer has no room for a table
CHART = 8  # rows that the chart, the title and the sentences keep for themselves
WIDTHS, SIDES = (7, 15, 5, 9, 5, 8, 6), "><>>>>>"
NOTHING = "·"
LEAST_NAME = 20  # cells of a name, for which columns are left out: the last ones, then the range, which the chart shows too
CHOSEN = ((0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4), (0, 2, 3, 4), (0, 2, 3), (0, 3), (0,))


def limits(ends: Array, scale: float | None) -> tuple[float, float]:
    """The powers of ten between which J is drawn: what is below has been learned, what is above is hopeless."""
    positive = ends[np.isfinite(ends) & (ends > 0)]
    scale = scale or (float(np.median(positive)) if positive.size else 1.0)
    low = max(min([scale / 10, *positive.tolist()]), scale * FLOOR)
    return 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(scale * CEILING))


def sign(sweep: Sweep, place: int) -> str:
    """What a side is drawn with: its letter, or what BN off and on have."""
    return SAMPLES[place] if sweep.plan.over is None else ascii_lowercase[place]


def role(sweep: Sweep, place: int) -> Role:
    """The colour that helps to follow a side; none means anything alone."""
    return ("second", "accent")[place] if sweep.plan.over is None else TURNS[place % len(TURNS)]


def lettered(sweep: Sweep, size: Size, cursor: int | None, ascii: bool) -> Lines:
    """The median J at the end by rate, a letter for each side, as long as half of the seeds do not diverge.

    Where the sides have best constants of their own J is drawn as a share of them.
    """
    sides = sweep.variants[0].sides
    scales = [1.0 if sweep.best_constant is not None else side.best_constant or 1.0 for side in sides]
    ends = [(side.ends / scale).ravel() for side, scale in zip(sides, scales, strict=True)]
    low, high = limits(np.concatenate(ends), 1.0 if sweep.best_constant is None else sweep.best_constant)
    threshold = sides[0].threshold / scales[0]
    curves = [Curve("½B: trains below", sweep.rates, [threshold] * len(sweep.rates), "-", "faint")]
    marks = []
    for place, (side, scale) in enumerate(zip(sides, scales, strict=True)):
        median = side.quantile(0.5) / scale
        shown = np.where(np.isfinite(median), np.clip(median, low, high), np.nan)
        known = np.isfinite(shown) | np.isinf(median)
        curves.append(Curve("", np.array(sweep.rates)[known], shown[known], sign(sweep, place), role(sweep, place)))
        if sweep.largest(side) > 0:
            marks.append(AxisMark(sweep.largest(side), sign(sweep, place), role(sweep, place)))
    title = f"{'J' if sweep.best_constant is not None else 'J/B'}; a curve ends where its runs diverge"
    return by_rate(sweep, curves, marks, (low, high), cursor, title, size, ascii)


def by_rate(
    sweep: Sweep,
    curves: Sequence[Curve],
    marks: Sequence[AxisMark],
    limits: tuple[float, float],
    cursor: int | None,
    title: str,
    size: Size,
    ascii: bool,
) -> Lines:
    """Curves over the rates of a sweep, those that are marked and the one at the cursor below them."""
    return canvas.curves(
        curves,
        size,
        x_axis=Axis("log", (sweep.rates[0], sweep.rates[-1]), label="η"),
        y_axis=Axis("log", limits),
        marks=[*marks, *(() if cursor is None else (AxisMark(sweep.rates[cursor], "◂▸"),))],
        title=title,
        ascii=ascii,
    )


def table(sweep: Sweep, size: Size, cursor: int | None, ascii: bool, lit: Sequence[str] = ()) -> Lines:
    """A row for each side: its sign, the largest rate that trains, and what became of the runs at the cursor's rate.

    Without a cursor each row is of its own largest rate. What has no room is counted. The rows of curves that are `lit`, by name,
    have a mark.
    """
    sides = sweep.variants[0].sides
    room = size.height - CHART - 1
    if size.height < LEAST_ROWS or room < 1:
        return ()
    shown = sides if len(sides) <= room else sides[: room - 1]
    over = "" if sweep.plan.over is None else sweep.plan.over.path.rpartition(".")[2]
    names = [over, *((side.label if side.value is None else side.value) for side in sides)]
    longest = max(cells(name) for name in names)
    columns = next((each for each in CHOSEN if _left(size, each) >= min(longest, LEAST_NAME)), CHOSEN[-1])
    width = max(min(longest, _left(size, columns)), 1)
    where = "there: J" if cursor is None else f"{brief(sweep.rates[cursor])}: J"
    heads = ("trains", "to η, range", "none", where, "train", "×‖w‖", "turned")
    rows: list[Line] = [(Span(_row("", over, width, heads, columns, ascii), "faint"),)]
    for place, side in enumerate(shown):
        row = _row(sign(sweep, place), names[place + 1], width, _cells(sweep, side, cursor), columns, ascii)
        spoken = side.curve in lit
        rows.append((Span(f"{row[0]}{LIT_MARK}{row[2:]}", "lit") if spoken else Span(row, role(sweep, place)),))
    if len(shown) < len(sides):
        rows.append((Span(f"+{len(sides) - len(shown)} more", "faint"),))
    return tuple(rows)


def _left(size: Size, columns: Sequence[int]) -> int:
    """The cells that are left for a name beside so many columns."""
    return size.width - sum(WIDTHS[column] for column in columns) - len(columns) - 2


def _row(sign: str, name: str, width: int, texts: Sequence[str], columns: Sequence[int], ascii: bool) -> str:
    spelled = [in_ascii(text, ascii) for text in (sign, cut(name, width), *texts)]
    first, name, *values = spelled
    places = [f"{values[column]:{SIDES[column]}{WIDTHS[column]}}" for column in columns]
    return " ".join([f"{first:<1}", f"{name:<{width}}", *places])


def _cells(sweep: Sweep, side: Side, cursor: int | None) -> tuple[str, ...]:
    largest = side.largest(sweep.rates)
    known, median = largest[largest > 0], sweep.largest(side)
    run = side.done.any(axis=0)
    none = f"{int((largest[run] == 0).sum())}/{int(run.sum())}" if run.any() else NOTHING
    spread = f"{brief(known.min())}–{brief(known.max())}" if known.size > 1 else ""
    first = _bounded(sweep, median) if run.any() else NOTHING
    place = cursor if cursor is not None else sweep.rates.index(median) if median else None
    if place is None or not side.done[place].any():
        return first, spread, none, *[NOTHING] * 4
    done = side.done[place]
    ends, growth, turned = side.ends[place][done], side.growth[place][done], side.turned[place][done]
    trained = f"{int((ends < side.threshold).sum())}/{int(done.sum())}"
    loss = float(side.quantile(0.5)[place])
    said = brief(loss) if math.isfinite(loss) else "diverged"
    return first, spread, none, said, trained, _middle(growth, "×{}"), _middle(turned, "{}°")


def _middle(values: Array, text: str) -> str:
    finite = values[np.isfinite(values)]
    return text.format(brief(float(np.median(finite)))) if finite.size else NOTHING


def _bounded(sweep: Sweep, rate: float) -> str:
    return "none" if not rate else f"≥{brief(rate)}" if rate >= sweep.rates[-1] else brief(rate)
