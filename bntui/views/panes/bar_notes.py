"""What stands over a bar of the ledger where it leaves room: a note, what was before a change, and the twin's mark."""

from __future__ import annotations

import math

from bntui.views.panes.ledger import Row, value_text
from bntui.views.text.cells import TWIN_MARK, cells, in_ascii
from bntui.views.text.lines import Line, Span, part, plain


def with_twin_mark(bar: Line, row: Row, limits: tuple[float, float], ascii: bool) -> Line:
    """The bar with a mark where the twin's product stands, unless the bar itself is there."""
    if row.twin is None or row.twin == 0 or row.twin_rounding or not math.isfinite(row.twin):
        return bar
    width = sum(len(span.text) for span in bar)
    low, high = (math.log10(limit) for limit in limits)
    column = round((math.log10(abs(row.twin)) - low) / (high - low) * (width - 1))
    if not 0 <= column < width or plain(bar)[column] != " ":
        return bar
    return (*part(bar, 0, column), Span(in_ascii(TWIN_MARK, ascii), "twin"), *part(bar, column + 1, width))


def with_note(bar: Line, row: Row, ascii: bool = False) -> Line:
    """The bar with the longest of its row's notes for which it leaves room."""
    text = plain(bar)
    for each in row.notes:
        note = in_ascii(each, ascii)
        width = cells(note)
        if not text[-width - 1 :].strip():
            return (*part(bar, 0, len(text) - width), Span(note, "faint"))
        if not text[: width + 1].strip():
            return (Span(note, "faint"), *part(bar, width, len(text)))
    return bar


def with_change(bar: Line, row: Row) -> Line:
    """The bar with the row's value before and after the last change, where they differ; where room is short with the one before.

    It stands where the bar leaves room, in a bar that leaves none over the end with more of it: a number is never cut.
    """
    if row.is_new and not row.notes:  # a note of a new row says more
        forms: tuple[str, ...] = ("new",)
    elif row.then is not None and (was := value_text(row.then)) != value_text(row):
        forms = (f"{was} → {value_text(row)}", f"{was} →")
    else:
        return bar
    text = plain(bar)
    right, left = (len(text) - len(stripped) for stripped in (text.rstrip(), text.lstrip()))
    for form in forms:
        if cells(form) < right:
            return (*part(bar, 0, len(text) - len(form)), Span(form, "second"))
        if cells(form) + 1 < left:
            return _begun_with(form, bar)
    shortest = forms[-1]
    if right >= left:
        return (*part(bar, 0, len(text) - len(shortest)), Span(shortest, "second"))
    return _begun_with(shortest, bar)


def _begun_with(form: str, bar: Line) -> Line:
    """The bar with a text over its beginning, a blank away from the number before it."""
    return (Span(f" {form}", "second"), *part(bar, len(form) + 1, len(plain(bar))))
