"""The screen as plain text, for a pipe, a report or a terminal that cannot do more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bntui.maths.architecture import Architecture
from bntui.scenario.model.actions import Shown
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.views.panes.ledger import most_rows, wanted_rows
from bntui.views.screen.arrangement import Arrangement, arrange, has_room
from bntui.views.screen.panes import Showing, detail_for, ledger_limits, render, roomiest, rows_of_view
from bntui.views.text.lines import Line, Span, padded, text_of

TOO_SMALL = "a frame needs at least 60 columns and 18 rows"


def frame_detail(architecture: Architecture, columns: int, rows: int, view: Shown = "layers", scored: bool = True) -> Detail:
    """What has to be observed for a frame, with J on all of the data or without. Raises ValueError where it has no room."""
    arrangement, showing = _empty(architecture, columns, rows, False, view)
    return replace(detail_for(showing, arrangement, large=False, scored=scored), curvature=True)


def frame(snapshot: Snapshot, columns: int, rows: int, ascii: bool = False, view: Shown = "layers") -> str:
    """Header, ledger, charts and the sentence that says why. Raises ValueError where they have no room."""
    arrangement, showing = _empty(snapshot.architecture, columns, rows, ascii, view)
    if showing.opened.drawing is not None:
        panel, foot = rows_of_view(snapshot, showing, columns, rows)
        arrangement = arrange(columns, rows, wanted_rows(snapshot, showing.folding), keys=False, panel=panel, foot=foot)
    showing = replace(showing, limits=ledger_limits(snapshot, None))
    return laid_out(render(snapshot, arrangement, showing), arrangement, rows)


def _empty(architecture: Architecture, columns: int, rows: int, ascii: bool, view: Shown) -> tuple[Arrangement, Showing]:
    """A frame before anything stands in it."""
    if not has_room(columns, rows):
        raise ValueError(TOO_SMALL)
    folding = roomiest(architecture, columns, rows, keys=False)
    return arrange(columns, rows, most_rows(architecture, folding), keys=False), Showing(view=view, folding=folding, ascii=ascii)


def laid_out(panes: Mapping[str, Sequence[Line]], arrangement: Arrangement, rows: int) -> str:
    """The lines of the panes at their places, as one text; a pane that was just placed may have too few of them."""
    filled = {name: padded(panes[name], place.width, place.height) for name, place in arrangement.panes if name in panes}
    lines: list[Line] = []
    for row in range(rows):
        here = sorted(
            (place.column, place.width, filled[name][row - place.row])
            for name, place in arrangement.panes
            if name in filled and place.row <= row < place.row + place.height
        )
        spans: list[Span] = []
        end = 0
        for column, width, line in here:
            spans += [Span(" " * (column - end)), *line]
            end = column + width
        lines.append(tuple(spans))
    return text_of(lines)
