"""The eigenvalues: the ten largest and the least as bars about zero, each with how much of its vector lies along the mean."""

from __future__ import annotations

import math
from typing import NamedTuple

from bntui.session.look.snapshot import CurvedDirection, Eigenvalues, Snapshot
from bntui.views.drawing import canvas
from bntui.views.text.cells import TWIN_MARK, cells, in_ascii
from bntui.views.text.lines import Line, Lines, Role, Size, Span, fitted, padded, remark
from bntui.views.text.numbers import brief, significant

BEFORE_MARK = "•"
TABLE = 24  # columns of an eigenvalue's number, value and share
DOUBT = 9
LEAST_BARS = 6
GAP = 2
NO_SLOPE = "A gradient without μ and σ is no gradient of J: there is no Hessian."
NOT_FINITE = "The Hessian is not finite here, and has no eigenvalues."
TITLES = (
    "eigenvalues of D^½HD^½; mean: the share of the vector that moves the layers' means",
    "eigenvalues of D^½HD^½ and shares along the mean",
    "eigenvalues of D^½HD^½",
    "",
)


class Row(NamedTuple):
    """An eigenvalue under its number, and what stands for it before and in the twin, where there is anything."""

    label: str
    now: CurvedDirection
    before: float | None
    twin: float | None


def eigenvalues_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """The largest eigenvalues and the least, one below the other, in blocks beside each other where there are few rows.

    A bar to the right is a direction in which J curves upwards, one to the left and of another shade downwards. What they were
    before the last step or switch, and what they are in the twin, are marks in the same rows. Where the products of the Hessian
    did not suffice a value is a bound, and how far off it can be stands behind ±. Those without room are counted before the least.
    """
    now = snapshot.eigenvalues
    if now is None or now.least is None:
        return remark("measuring …", size)
    if math.isnan(now.least.value):
        return remark(NO_SLOPE if snapshot.without_slope else NOT_FINITE, size)
    twin = None if snapshot.twin is None else snapshot.twin.eigenvalues
    rows = _rows(now, snapshot.eigenvalues_before, twin)
    doubtful = not all(each.converged for each in (*now.largest, now.least))
    table = TABLE + (DOUBT if doubtful else 0)
    lines: list[Line] = []
    if size.height > len(rows) + 1:
        titles = (in_ascii(title, ascii) for title in TITLES)
        lines.append((Span(next(title for title in titles if cells(title) <= size.width), "strong"),))
    room = max(size.height - len(lines) - 1, 1)
    blocks = max(min(-(-len(rows) // room), (size.width + GAP) // (table + LEAST_BARS + GAP)), 1)
    places = blocks * room
    hidden = len(rows) - max(places - 1, 2) if len(rows) > places else 0
    shown = [*rows[: len(rows) - hidden - 1], rows[-1]]
    width = (size.width + GAP) // blocks - GAP
    heading = _heading(rows, width, doubtful, ascii)
    lines.append(_beside([heading] * blocks, width))
    drawn = [_line(row, bar, doubtful, ascii) for row, bar in zip(shown, _bars(shown, width - table, ascii), strict=True)]
    if hidden and places > len(shown):
        drawn.insert(-1, (Span(f"   +{hidden} more", "faint"),))
    deep = -(-len(drawn) // blocks)
    for number in range(deep):
        lines.append(_beside(drawn[number::deep], width))
    return padded(lines, size.width, size.height)


def _rows(now: Eigenvalues, before: Eigenvalues | None, twin: Eigenvalues | None) -> list[Row]:
    """Every eigenvalue with the one of the same number before and in the twin."""
    rows = [
        Row(str(place + 1), each, _value(before, place), _value(twin, place)) for place, each in enumerate(now.largest)
    ]
    assert now.least is not None, "it comes with the largest"
    return [*rows, Row("least", now.least, _value(before, None), _value(twin, None))]


def _value(other: Eigenvalues | None, place: int | None) -> float | None:
    """One of other eigenvalues, the least without a place; None where there is none."""
    if other is None or (place is not None and place >= len(other.largest)):
        return None
    found = other.least if place is None else other.largest[place]
    return None if found is None else found.value


def _heading(rows: list[Row], width: int, doubtful: bool, ascii: bool) -> Line:
    """What the columns are, and what the marks among the bars."""
    names = f"{'':<6}{'eigenvalue':>11}{'mean':>6} " + (f"{'doubt':<{DOUBT}}" if doubtful else "")
    spans = [Span(names, "faint")]
    room = width - len(names)
    marks: list[tuple[str, Role, bool]] = [
        (f"{in_ascii(BEFORE_MARK, ascii)} before ", "faint", any(row.before is not None for row in rows)),
        (f"{in_ascii(TWIN_MARK, ascii)} twin ", "twin", any(row.twin is not None for row in rows)),
    ]
    for text, role, there in marks:
        if there and cells(text) <= room:
            spans.append(Span(text, role))
            room -= cells(text)
    return tuple(spans)


def _line(row: Row, bar: Line, doubtful: bool, ascii: bool) -> Line:
    now = row.now
    bound = "" if now.converged else in_ascii("≤" if row.label == "least" else "≥", ascii)
    value = in_ascii("≈0", ascii) if now.rounding else bound + significant(now.value)
    share = "" if now.mean_share is None else f"{100 * now.mean_share:.0f} %"
    text = f"{row.label:>5} {value:>11} {share:>5} "
    if doubtful:
        doubt = "" if now.converged else f"{in_ascii('±', ascii)}{brief(now.doubt)}"
        text += f"{doubt:<{DOUBT}}"
    return (Span(text), *bar)


def _bars(rows: list[Row], width: int, ascii: bool) -> Lines:
    """The bars of the rows, all to one scale, with the marks of before and of the twin."""
    marks: list[tuple[str, Role, list[float | None]]] = [
        (in_ascii(BEFORE_MARK, ascii), "faint", [row.before for row in rows]),
        (in_ascii(TWIN_MARK, ascii), "twin", [row.twin for row in rows]),
    ]
    values = [0.0 if row.now.rounding else row.now.value for row in rows]
    return canvas.about_zero(values, marks, Size(max(width, 0), len(rows)), ascii)


def _beside(blocks: list[Line], width: int) -> Line:
    """Lines of that width beside each other."""
    spans: list[Span] = []
    for block in blocks:
        spans += [*fitted(block, width), Span(" " * GAP)]
    return tuple(spans)
