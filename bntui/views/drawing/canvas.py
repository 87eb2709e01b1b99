"""The gateway to plotext: nothing else imports it, and no number reaches it that is not inside the plot.

All charts are drawn by plotext's one global figure: call them from one thread only. Each returns exactly as many lines
as its size has rows, each exactly as wide, at any size from 1×1; what does not fit is left out, labels first.
"""

from __future__ import annotations

import atexit
import functools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from bntui.views.drawing.axes import Axis
from bntui.views.drawing.columns import Series, columns_picture
from bntui.views.drawing.curves import AxisMark, Curve, curves_picture
from bntui.views.drawing.heat import heat_picture
from bntui.views.drawing.picture import Bars, Picture, PlotMark, Stroke, Upright, raised
from bntui.views.drawing.plane import Ground, Points, plane_picture
from bntui.views.drawing.rows import about_zero_picture, signed_picture, staircase_axis, staircase_limits, staircase_rows
from bntui.views.text.cells import in_ascii
from bntui.views.text.lines import Line, Lines, Role, Size, Span, fill

__all__ = [
    "Axis",
    "AxisMark",
    "Curve",
    "Ground",
    "Lines",
    "Points",
    "Series",
    "Size",
    "about_zero",
    "columns",
    "curves",
    "heat",
    "plane",
    "signed",
    "staircase",
    "staircase_axis",
    "staircase_limits",
]

ROLES: tuple[Role, ...] = get_args(Role)
PARTS = re.compile(r"\x1b\[([0-9;]*)m|([^\x1b]+)")  # of a row: codes, or a text
ROLE_OF_CODES: dict[str, Role] = {"": "plain", "0": "plain", **{f"38;5;{place}": role for place, role in enumerate(ROLES, 1)}}
DRAWINGS_KEPT, ROWS_KEPT, STAIRS_KEPT = 16, 256, 512
INSIDE = 1e-3  # of a cell: what stands on the plot's border belongs to the outermost cell

STAIRS: dict[tuple[tuple[Bars, ...], int, bool], Line] = {}  # rows of staircases that were drawn: bars, width, whether in ASCII


def staircase(
    steps: Sequence[tuple[float | None, float | None]], size: Size, limits: tuple[float, float], ascii: bool = False
) -> Lines:
    """A row for each factor: a bar on a log₁₀ axis from the magnitude of the product before it to that after it.

    As many rows as steps, at most `size.height`. An arrow stands on the edge for zero, infinity and what is outside. From one
    step to the next most bars stay in their cells: only rows that were not drawn before are.
    """
    width = max(size.width, 0)
    rows = staircase_rows(steps[: max(size.height, 0)], width, limits, ascii) if width else []
    if len(STAIRS) > STAIRS_KEPT:
        STAIRS.clear()
    unknown = list(dict.fromkeys([row for row in rows if (row, width, ascii) not in STAIRS]))
    if unknown:
        marks = [raised(bars, len(unknown) - 1 - place) for place, row in enumerate(unknown) for bars in row]
        drawn = draw(tuple(marks), width, len(unknown), ascii)
        STAIRS.update(((row, width, ascii), line) for row, line in zip(unknown, drawn, strict=True))
    return tuple([STAIRS[row, width, ascii] for row in rows])


def curves(
    curves: Sequence[Curve],
    size: Size,
    *,
    x_axis: Axis | None = None,
    y_axis: Axis | None = None,
    marks: Sequence[AxisMark] = (),
    title: str = "",
    ascii: bool = False,
) -> Lines:
    """Curves over one pair of axes, later ones in front, with labelled vertical marks.

    An arrow stands at the top where y is infinite, at the foot where a log axis cannot show it; NaN is a gap.
    """
    return paint(
        curves_picture(
            curves, size, x_axis=x_axis or Axis(), y_axis=y_axis or Axis(), marks=marks, title=title, ascii=ascii
        ),
        ascii,
    )


def columns(
    groups: Sequence[str],
    series: Sequence[Series],
    size: Size,
    *,
    log: bool = True,
    title: str = "",
    ascii: bool = False,
) -> Lines:
    """An upright bar for each series in each group; None leaves a gap, 0 says so at the foot, infinity is an arrow."""
    return paint(columns_picture(groups, series, size, log=log, title=title, ascii=ascii), ascii)


def signed(values: Sequence[float], size: Size, twins: Sequence[float] = (), ascii: bool = False) -> Lines:
    """A row for each value: a bar to the right of the middle for what grows, to the left for what falls; twins are marks."""
    return paint(signed_picture(values, size, twins, ascii), ascii)


def about_zero(
    values: Sequence[float], marks: Sequence[tuple[str, Role, Sequence[float | None]]], size: Size, ascii: bool = False
) -> Lines:
    """A row for each value: a solid bar to the right of zero, a shaded one to the left, to one scale; marks are a glyph, its
    role, and a value or None for each row.
    """
    return paint(about_zero_picture(values, marks, size, ascii), ascii)


def heat(
    grid: Sequence[Sequence[float | None]],
    size: Size,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    limits: tuple[float, float] | None = None,
    title: str = "",
    ascii: bool = False,
) -> Lines:
    """Positive values as shades on a log₁₀ scale; `!` is infinite, `0` zero or less, `?` NaN, a dot no value."""
    picture = heat_picture(grid, size, rows=rows, columns=columns, limits=limits, title=title, ascii=ascii)
    return paint(picture, ascii)


def plane(
    ground: Ground, points: Sequence[Points], size: Size, *, title: Line, labels: tuple[str, str], ascii: bool = False
) -> Lines:
    """A plane of two inputs: a glyph at each place of it, points over them, the names of its axes at the lower right."""
    return paint(plane_picture(ground, points, size, title=title, labels=labels, ascii=ascii), ascii)


def paint(picture: Picture, ascii: bool) -> Lines:
    """Draw a picture's marks with plotext and put its text around them."""
    plot = draw(picture.marks, picture.width, picture.height, ascii) if picture.width and picture.height else ()
    if picture.gutter:
        plot = tuple((label, *row) for label, row in zip(picture.gutter, plot, strict=True))
    if picture.margin:
        plot = tuple((*row, *beside) for row, beside in zip(plot, picture.margin, strict=True))
    return picture.above + plot + picture.below


@functools.lru_cache(maxsize=DRAWINGS_KEPT)
def draw(marks: tuple[PlotMark, ...], width: int, height: int, ascii: bool) -> Lines:
    """The plot alone, without axes. The same marks are the same cells, so they are not drawn twice."""
    figure = library().figure
    figure.clear.data()
    figure.plot_size(width, height)
    for name, count in (("x", width), ("y", height)):
        ruler(name).lim(0.5, max(count - 0.5, 1.5))  # the centres of the first and the last cell
    points: list[Point] = []
    for mark in marks:
        if isinstance(mark, Upright):
            figure.line(mark.column, orientation=1, relative=False, pixel=pixel(mark.role))
        else:
            points += points_of(mark)
    if points:
        figure.draw(signal(points, width, height))
    return tuple(spans(row, width, ascii) for row in figure.build().string().split("\n")[:height])


@functools.cache
def library() -> Any:
    """plotext with all that its figure keeps from one drawing to the next.

    Imported at the first drawing because that takes longer than anything else at the start.
    """
    import plotext  # noqa: PLC0415 - see the docstring

    plotext.terminal.limit(False, False)
    plotext.figure.theme("colorless")
    plotext.figure.axes(False)
    for name in ("x", "y"):
        plotext.figure.ruler(name).ticks([])
    for kept in (marker, pixel, ruler):  # while plotext is whole: it is taken apart before those who still hold something of it
        atexit.register(kept.cache_clear)
    return plotext


@functools.cache
def ruler(name: str) -> Any:
    """An axis of the figure."""
    return library().figure.ruler(name)


@functools.cache
def pixel(role: Role) -> Any:
    """The colour that stands for a role while plotext draws."""
    return library().pixel(foreground=ROLES.index(role) + 1)


@functools.cache
def marker(glyph: str, role: Role) -> Any:
    """plotext's marker of a glyph."""
    return library().marker(glyph, pixel=pixel(role))


class Point(NamedTuple):
    """A point as plotext takes it; `joined` to the one before it or not."""

    x: float
    y: float
    joined: bool
    marker: Any


def points_of(mark: Stroke | Bars) -> list[Point]:
    """The points of a line, or of bars as lines. plotext's own `bar` draws the same as those, three times as slowly."""
    drawn = marker(mark.glyph, mark.role)
    if isinstance(mark, Stroke):
        return [Point(x, y, joined, drawn) for x, y, joined in zip(mark.x, mark.y, mark.joined, strict=True)]
    points = []
    for begin, end in zip(mark.begin, mark.end, strict=True):
        points.append(Point(*begin, False, drawn))
        if begin != end:
            points.append(Point(*end, True, drawn))
    return points


def signal(points: Sequence[Point], width: int, height: int) -> Any:
    """Lines as plotext takes them, no point outside the plot. One signal for all: what each costs is the same for few points."""
    right, top = width - INSIDE, height - INSIDE
    x = [INSIDE if x < INSIDE else right if x > right else x for x, _, _, _ in points]
    y = [INSIDE if y < INSIDE else top if y > top else y for _, y, _, _ in points]
    # two markers more than points: plotext copies each of a list that it might have to repeat
    markers = [point.marker for point in points] + [points[0].marker] * 2
    lines = library().figure.signal(x, y, marker=markers)
    lines.lines()
    for index, point in enumerate(points):
        if not point.joined:
            lines.line(index, False)
    # plotext asks each point for its colour, so as to choose others for signals without one. That takes a third of the
    # whole drawing and ours all have one. Should the name vanish, drawing is slower and nothing else.
    lines._get_unique_pixels = list
    return lines


@functools.lru_cache(maxsize=ROWS_KEPT)
def spans(row: str, width: int, ascii: bool) -> tuple[Span, ...]:
    """A row of plotext's output with its colours read back as roles: plotext gives out whole rows, and no cell of them."""
    texts: list[str] = []
    roles: list[Role] = []
    role: Role = "plain"
    for codes, text in PARTS.findall(row):
        if not text:
            role = ROLE_OF_CODES.get(codes, role)  # a background is none
        elif roles and roles[-1] == role:
            texts[-1] += text
        else:
            texts.append(text)
            roles.append(role)
    found = [Span(in_ascii(text, ascii), role) for text, role in zip(texts, roles, strict=True)]
    return fill(found, width) if ascii or sum(map(len, texts)) != width else tuple(found)
