"""Curves over common axes, with vertical marks: the loss over the steps, a sweep, a landscape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from bntui.maths.numeric import Array
from bntui.records import dataclass
from bntui.views.drawing.axes import Axis, ChartFrame, Ruler, cell_of, framed, label_row, settle, value_labels
from bntui.views.drawing.picture import Bars, Picture, PlotMark, Sheet, Stroke, Upright, dots, legend, sentence, stacked
from bntui.views.drawing.thinning import trace_of
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.lines import Lines, Role, Size, Span, fill

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ASCII_MARKERS = "*ox%@&$=svwz"
LONGEST_END = 8  # cells of a name at a curve's end
LONGEST_MARK = 8  # cells, as 2/lambda has
LEAST_WITH_ENDS = 30
BRAILLE_SAMPLE = "⠒"  # a braille curve in the legend


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to be joined, in ascending order of x or sorted here; `marker` is "braille" or one character.

    A curve is named by its `label` in the legend or by its `end`, which stands at the right of the plot where it ends. Points
    that are not `joined` stand alone.
    """

    label: str
    x: ArrayLike
    y: ArrayLike
    marker: str = "braille"
    role: Role = "accent"
    end: str = ""
    joined: bool = True


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A place on the x axis with a letter or two, in the colour of the curve that it is of, where it is of one."""

    x: float
    label: str
    role: Role = "accent"


@dataclass(frozen=True, slots=True)
class Plot:
    """The cells of the plot, its axes, and what its glyphs may be."""

    frame: ChartFrame
    x: Ruler
    y: Ruler
    ascii: bool


def curves_picture(
    curves: Sequence[Curve],
    size: Size,
    *,
    x_axis: Axis,
    y_axis: Axis,
    marks: Sequence[AxisMark],
    title: str,
    ascii: bool,
) -> Picture:
    """The axes around the curves, as much of them as fits."""
    curves = one_cell_each(curves, ascii)
    data = [points(curve) for curve in curves]
    above = title_row(title, curves, size, ascii)
    x, y = common_axes(data, x_axis, y_axis)
    if x is None or y is None or size.width < 1 or size.height < 1:
        return sentence("nothing finite to draw", size, above, ascii)
    wide = ends_width(curves, size, ascii)
    plot = Plot(framed(Size(size.width - wide, size.height), above, ruled=True), x, y, ascii)
    columns = mark_columns(marks, plot)
    drawn: list[PlotMark] = mark_lines(columns, plot)
    for curve, (xs, ys) in zip(curves, data, strict=True):
        drawn += curve_marks(curve, xs, ys, plot)
    drawn += mark_letters(columns, plot)
    whole = all(bool(np.all(xs % 1 == 0)) for xs, _ in data)
    return Picture(
        plot.frame.width,
        plot.frame.height,
        tuple(drawn),
        value_labels(y, plot.frame, ascii),
        above,
        tuple(fill(row, size.width) for row in x_rows(x_axis.label, whole, plot)),
        ends(curves, data, plot, wide) if wide else (),
    )


def one_cell_each(curves: Sequence[Curve], ascii: bool) -> list[Curve]:
    """The curves with what each is drawn with; in ASCII a braille curve gets a character that no other curve has."""
    markers = [one_cell(curve.marker, ascii) for curve in curves]
    named = [
        curve if curve.marker == marker else replace(curve, marker=marker) for curve, marker in zip(curves, markers, strict=True)
    ]
    if not ascii:
        return named
    taken = {curve.marker for curve in named}
    free = cycle([marker for marker in ASCII_MARKERS if marker not in taken] or ASCII_MARKERS)
    return [replace(curve, marker=next(free)) if curve.marker == "braille" else curve for curve in named]


def one_cell(marker: str, ascii: bool) -> str:
    """The character that a curve is drawn with, or "braille"."""
    if marker == "braille":
        return marker
    marker = in_ascii(marker, ascii)
    return marker if len(marker) == 1 and cells(marker) == 1 and marker.isprintable() and marker != " " else "*"


def points(curve: Curve) -> tuple[Array, Array]:
    """A curve's x and y, as long as the shorter of them, in ascending order of x; x is finite."""
    x, y = np.asarray(curve.x, dtype=np.float64).ravel(), np.asarray(curve.y, dtype=np.float64).ravel()
    count = min(x.size, y.size)
    x, y = x[:count], y[:count]
    placed = np.isfinite(x)
    if not placed.all():
        x, y = x[placed], y[placed]
    if np.any(x[1:] < x[:-1]):
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return x, y


def common_axes(data: Sequence[tuple[Array, Array]], x_axis: Axis, y_axis: Axis) -> tuple[Ruler | None, Ruler | None]:
    """The settled axes; None where nothing can be drawn on them."""
    if not any(np.isfinite(y).any() for _, y in data):
        return None, None
    xs = np.concatenate([x[~np.isnan(y)] for x, y in data])
    ys = np.concatenate([y for _, y in data])
    x, y = settle(x_axis, xs, extend=False), settle(y_axis, ys)
    if y is None and y_axis.scale == "log":  # all of it zero or less: an axis for the arrows at its foot
        y = Ruler("log", 0.0, 1.0)
    return x, y


def title_row(title: str, curves: Sequence[Curve], size: Size, ascii: bool) -> Lines:
    """The title and, where there are several curves or no title, their legend."""
    entries = [
        (BRAILLE_SAMPLE if curve.marker == "braille" else curve.marker, curve.label, curve.role)
        for curve in curves
        if curve.label
    ]
    if len(curves) == 1 and title:
        entries = []
    return (legend(title, tuple(entries), size.width, ascii),) if size.height >= 3 and (title or entries) else ()


def x_rows(label: str, whole: bool, plot: Plot) -> Lines:
    """The x axis below the plot: its line where there is room, and its labels with the axis' name at their right."""
    frame = plot.frame
    if not frame.footer:
        return ()
    label = cut(in_ascii(label, plot.ascii), frame.width // 3, in_ascii("…", plot.ascii))
    ticks = plot.x.ticks(min(max(frame.width // 9, 1), 10), whole)
    numbers = label_row(ticks, frame.width, cells(label) + 1 if label else 0)
    line = ["─"] * frame.width
    for tick in ticks:
        line[cell_of(tick.place, frame.width)] = "┴"
    texts = (
        " " * (frame.side - 1) + in_ascii("└" + "".join(line), plot.ascii),
        " " * frame.side + numbers[: frame.width - cells(label)] + label,
    )
    return tuple(fill((Span(text, "faint"),), frame.side + frame.width) for text in texts[2 - frame.footer :])


def curve_marks(curve: Curve, xs: Array, ys: Array, plot: Plot) -> list[PlotMark]:
    """A curve as strokes, its lonely points as dots, and arrows where it is beyond what the axis can show."""
    width, height = plot.frame.width, plot.frame.height
    places = plot.x.places(xs)
    heights = plot.y.places(ys)
    if not curve.joined:
        return scattered(curve, places, heights, plot)
    trace = trace_of(places * width, heights * height, width, height)
    drawn: list[PlotMark] = []
    lonely = ~trace.joined & np.append(~trace.joined[1:], True)[: trace.x.size]
    if not lonely.all():
        line = trace.part(~lonely)
        x, y, joined = tuple(line.x.tolist()), tuple(line.y.tolist()), tuple(line.joined.tolist())
        drawn.append(Stroke(x, y, joined, curve.marker, curve.role))
    if lonely.any():
        single = trace.part(lonely)
        where = [(cell(x, width), cell(y, height)) for x, y in zip(single.x, single.y, strict=True)]
        drawn.append(dots(where, "•" if curve.marker == "braille" else curve.marker, curve.role))
    shown = (places >= 0) & (places <= 1)
    infinite = shown & np.isposinf(ys)
    sunk = shown & (ys <= 0 if plot.y.scale == "log" else np.isneginf(ys))
    for which, row, arrow in ((infinite, height - 1, "↑"), (sunk, 0, "↓")):
        if which.any():
            columns = sorted({cell_of(place, width) for place in places[which].tolist()})
            drawn.append(dots([(column, row) for column in columns], in_ascii(arrow, plot.ascii), curve.role))
    return drawn


def scattered(curve: Curve, across: Array, up: Array, plot: Plot) -> list[PlotMark]:
    """Points inside the plot, one mark for all that stand in one cell."""
    inside = (across >= 0) & (across <= 1) & (up >= 0) & (up <= 1)
    pairs = zip(across[inside].tolist(), up[inside].tolist(), strict=True)
    where = sorted({(cell_of(x, plot.frame.width), cell_of(y, plot.frame.height)) for x, y in pairs})
    return [dots(where, "•" if curve.marker == "braille" else curve.marker, curve.role)] if where else []


def cell(position: float, count: int) -> int:
    """The cell of `count` that holds a position."""
    return min(int(position), count - 1)


def ends_width(curves: Sequence[Curve], size: Size, ascii: bool) -> int:
    """How many cells the names at the curves' ends take, with a blank before them; none where there is no room for them."""
    longest = max((cells(end_text(curve, ascii)) for curve in curves), default=0)
    return longest + 1 if longest and size.width >= 4 * (longest + 1) and size.width >= LEAST_WITH_ENDS else 0


def end_text(curve: Curve, ascii: bool) -> str:
    """A curve's name as it stands at its end; in ASCII with the character that it is drawn with."""
    name = cut(in_ascii(curve.end, ascii), LONGEST_END, in_ascii("…", ascii))
    return f"{curve.marker}{name}" if ascii and name else name


def ends(curves: Sequence[Curve], data: Sequence[tuple[Array, Array]], plot: Plot, width: int) -> Lines:
    """The names of the curves beside the rows in which they end, later ones first; others go to the nearest row that is free."""
    height = plot.frame.height
    names: dict[int, Span] = {}
    for curve, (_, ys) in reversed(list(zip(curves, data, strict=True))):
        finite = ys[~np.isnan(ys)]
        if not curve.end or not finite.size or len(names) == height:
            continue
        row = end_row(float(finite[-1]), plot)
        free = min((each for each in range(height) if each not in names), key=lambda each: (abs(each - row), each))
        names[free] = Span(f" {end_text(curve, plot.ascii)}", curve.role)
    return tuple(fill((names[row],) if row in names else (), width) for row in reversed(range(height)))


def end_row(value: float, plot: Plot) -> int:
    """The row in which a curve ends, the outermost where the axis cannot show its last value."""
    place = float(plot.y.places(np.array([value]))[0])
    if np.isnan(place):
        return plot.frame.height - 1 if value > 0 else 0
    return min(max(int(place * plot.frame.height), 0), plot.frame.height - 1)


def mark_columns(marks: Sequence[AxisMark], plot: Plot) -> list[tuple[int, str, Role]]:
    """The columns of the marks inside the plot with their letters and colour, from the left; each letter once in a column."""
    columns: dict[int, tuple[list[str], Role]] = {}
    places = plot.x.places(np.array([mark.x for mark in marks], dtype=np.float64)).tolist()
    labels, roles = [in_ascii(mark.label, plot.ascii) for mark in marks], [mark.role for mark in marks]
    for place, label, role in dict.fromkeys(zip(places, labels, roles, strict=True)):
        if 0 <= place <= 1:
            column = cell_of(place, plot.frame.width)
            known, before = columns.get(column, ([], role))
            columns[column] = known if label in known else [*known, label], before if before == role else "plain"
    return sorted((column, side_by_side(labels), role) for column, (labels, role) in columns.items())


def side_by_side(labels: Sequence[str]) -> str:
    """What marks one column: letters together, names of more apart, for b and eta are not beta."""
    return ("," if max(map(len, labels)) > 1 else "").join(labels)


def mark_lines(columns: Sequence[tuple[int, str, Role]], plot: Plot) -> list[PlotMark]:
    """The marks' lines, to stand behind the curves; only their tops where so many would hide the curves."""
    if plot.frame.height < 2:
        return []
    if 4 * len(columns) > plot.frame.width:
        top = plot.frame.height - 1
        return [dots([(column, top) for column, _, _ in columns], in_ascii("│", plot.ascii), "faint")]
    return [Upright(column, "faint") for column, _, _ in columns]


def mark_letters(columns: Sequence[tuple[int, str, Role]], plot: Plot) -> tuple[Bars, ...]:
    """The marks' letters in the top row, leaving out those that would touch the one before."""
    letters: Sheet = {}
    top, width, free = plot.frame.height - 1, plot.frame.width, 0
    for column, label, role in columns:
        text = cut(label, min(LONGEST_MARK, width), in_ascii("…", plot.ascii))
        start = min(column, width - len(text))
        if cells(text) == len(text) and start >= free and top > 0:
            letters |= {(start + index, top): (letter, role) for index, letter in enumerate(text)}
            free = start + len(text) + 1
    return stacked(letters)
