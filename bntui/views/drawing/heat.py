"""A heat map: positive values as shades on a log₁₀ scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bntui.views.drawing.axes import Axis, Ruler, Tick, label_row, settle
from bntui.views.drawing.picture import Picture, Sheet, sentence, stacked
from bntui.views.text.cells import cells, cut, cut_at_word, in_ascii, pad
from bntui.views.text.lines import Line, Role, Size, Span, fill

SHADES = " ░▒▓█"
ASCII_SHADES = " .:+#"


def heat_picture(
    grid: Sequence[Sequence[float | None]],
    size: Size,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    limits: tuple[float, float] | None,
    title: str,
    ascii: bool,
) -> Picture:
    """The grid's first row on top. Where it has more cells than the plot, some stand for their neighbours."""
    across = max((len(row) for row in grid), default=0)
    known = [value for row in grid for value in row if value is not None]
    scale = settle(Axis("log", limits), np.array(known, dtype=np.float64)) or Ruler("log", 0.0, 1.0)
    shades = ASCII_SHADES if ascii else SHADES
    above = (title_row(title, scale, shades, size.width, ascii),) if size.height >= 3 else ()
    side = min(max(map(cells, rows)) + 1, size.width // 3) if rows and size.width >= 12 else 0
    footer = bool(columns) and size.height >= 4
    width, height = size.width - side, size.height - len(above) - footer
    if not known or width < 1 or height < 1:
        return sentence("nothing to draw", size, above, ascii)
    sheet: Sheet = {}
    for row in range(height):
        line = grid[row * len(grid) // height]
        for column in range(width):
            index = column * across // width
            sheet[column, height - 1 - row] = shade(line[index] if index < len(line) else None, scale, shades, ascii)
    names = tuple(row_label(rows, row, height, side, ascii) for row in range(height)) if side else ()
    below = (column_labels(columns, width, side, ascii),) if footer else ()
    return Picture(width, height, stacked(sheet), names, above, below)


def shade(value: float | None, scale: Ruler, shades: str, ascii: bool) -> tuple[str, Role]:
    """The glyph of one value."""
    if value is None:
        return in_ascii("·", ascii), "faint"
    if math.isnan(value):
        return "?", "warning"
    if value == math.inf:
        return "!", "warning"
    if value <= 0:
        return "0", "shrinkage"
    place = (math.log10(value) - scale.low) / (scale.high - scale.low)
    return shades[min(max(int(place * len(shades)), 0), len(shades) - 1)], "accent"


def title_row(title: str, scale: Ruler, shades: str, width: int, ascii: bool) -> Line:
    """The title, and at the right what the lightest and the darkest shade stand for."""
    low, high = f"1e{scale.low:.3g}", f"1e{scale.high:.3g}"
    key = f"{low} {shades} {high}"
    title = cut_at_word(in_ascii(title, ascii), max(width - cells(key) - 2, 0), in_ascii("…", ascii))
    gap = width - cells(title) - cells(key)
    return fill((Span(title, "strong"), Span(" " * max(gap, 0)), Span(key, "faint")), width)


def row_label(rows: Sequence[str], row: int, height: int, side: int, ascii: bool) -> Span:
    """A row's name beside the first of its lines."""
    index = row * len(rows) // height
    first = row == 0 or (row - 1) * len(rows) // height != index
    return Span(pad(cut(in_ascii(rows[index], ascii), side - 1, in_ascii("…", ascii)) if first else "", side), "faint")


def column_labels(columns: Sequence[str], width: int, side: int, ascii: bool) -> Line:
    """The columns' names below their middles, those left out that would touch the one before."""
    names = [cut(in_ascii(name, ascii), width, in_ascii("…", ascii)) for name in columns]
    ticks = [Tick((index + 0.5) / len(names), name) for index, name in enumerate(names)]
    return fill((Span(" " * side + label_row(ticks, width), "faint"),), side + width)
