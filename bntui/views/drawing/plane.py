"""A plane of two inputs: a glyph for what stands at each place of it, and points over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bntui.maths.numeric import Array, Indices
from bntui.records import dataclass
from bntui.views.drawing.axes import Axis, ChartFrame, cell_of, framed, label_row, settle, value_labels
from bntui.views.drawing.picture import Picture, Sheet, sentence, stacked
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.lines import Line, Lines, Role, Size, Span, fill


@dataclass(frozen=True, slots=True)
class Points:
    """Points of the plane (k, 2), all with one glyph."""

    places: Array
    glyph: str
    role: Role


@dataclass(frozen=True, slots=True)
class Ground:
    """What the plane is made of: at each place of a grid (g₂, g₁), from the lower left on, the index of a glyph, −1 for none."""

    kinds: Indices
    glyphs: Sequence[str]
    across: tuple[float, float]
    up: tuple[float, float]


def plane_picture(
    ground: Ground, points: Sequence[Points], size: Size, *, title: Line, labels: tuple[str, str], ascii: bool
) -> Picture:
    """The plane with its axes, later points in front; `labels` name the axes."""
    spelled = (Span(in_ascii(span.text, ascii), span.role) for span in title)
    above = (fill(spelled, size.width),) if size.height >= 3 else ()
    frame = framed(size, above)
    x, y = settle(Axis(limits=ground.across), np.array(ground.across)), settle(Axis(limits=ground.up), np.array(ground.up))
    if x is None or y is None or frame.width < 1 or frame.height < 1:
        return sentence("nothing to draw", size, above, ascii)
    sheet = _ground_cells(ground, frame, ascii)
    for one in points:
        across, up = x.places(one.places[:, 0]), y.places(one.places[:, 1])
        for column, row in zip(across.tolist(), up.tolist(), strict=True):
            if 0 <= column <= 1 and 0 <= row <= 1:
                sheet[cell_of(column, frame.width), cell_of(row, frame.height)] = (in_ascii(one.glyph, ascii), one.role)
    below: Lines = ()
    if frame.footer:
        label = cut(in_ascii(", ".join(labels), ascii), frame.width // 2, in_ascii("…", ascii))
        numbers = label_row(x.ticks(min(max(frame.width // 9, 1), 10)), frame.width, cells(label) + 1)
        text = " " * frame.side + numbers[: frame.width - cells(label)] + label
        below = (fill((Span(text, "faint"),), size.width),)
    return Picture(frame.width, frame.height, stacked(sheet), value_labels(y, frame, ascii), above, below)


def _ground_cells(ground: Ground, frame: ChartFrame, ascii: bool) -> Sheet:
    rows, columns = ground.kinds.shape
    across = ((np.arange(frame.width) + 0.5) / frame.width * columns).astype(np.intp)
    up = ((np.arange(frame.height) + 0.5) / frame.height * rows).astype(np.intp)
    found = ground.kinds[np.ix_(up, across)].tolist()
    glyphs = [in_ascii(glyph, ascii) for glyph in ground.glyphs]
    return {
        (column, row): (glyphs[kind], "faint") if kind >= 0 else ("?", "warning")
        for row, kinds in enumerate(found)
        for column, kind in enumerate(kinds)
    }
