"""The screen as plain text, for a pipe, a report or a terminal that cannot do more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bntui.maths.architecture import Architecture
from bntui.scenario.model.actions import Shown
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.views.panes.ledger import most_rows, wanted_rows
from bntui.views.screen.arrangement import Arrangement, arrange, has_room
from bntui.views.screen.panes import Showing, detail_for, ledger_limits, render, roomiest, rows_of_view
from bntui.views.text.cells import cells
from bntui.views.text.lines import Line, Lines, blank, padded, text_of

TOO_SMALL = "a frame needs at least 60 columns and 18 rows"


def frame_detail(architecture: Architecture, columns: int, rows: int, view: Shown = "layers", scored: bool = True) -> Detail:
    """What has to be observed for a frame, with J on all of the data or without. Raises ValueError where it has no room."""
    arrangement, showing = _empty(architecture, columns, rows, False, view)
    return replace(detail_for(showing, arrangement, large=False, scored=scored), curvature=True)


def frame_lines(snapshot: Snapshot, columns: int, rows: int, ascii: bool = False, view: Shown = "layers") -> Lines:
    """Header, ledger, charts and the sentence that says why. Raises ValueError where they have no room."""
    arrangement, showing = _empty(snapshot.architecture, columns, rows, ascii, view)
    if showing.opened.drawing is not None:
        panel, foot = rows_of_view(snapshot, showing, columns, rows)
        arrangement = arrange(columns, rows, wanted_rows(snapshot, showing.folding), keys=False, panel=panel, foot=foot)
    showing = replace(showing, limits=ledger_limits(snapshot, None))
    return composed(render(snapshot, arrangement, showing), arrangement, rows)


def _empty(architecture: Architecture, columns: int, rows: int, ascii: bool, view: Shown) -> tuple[Arrangement, Showing]:
    """A frame before anything stands in it."""
    if not has_room(columns, rows):
        raise ValueError(TOO_SMALL)
    folding = roomiest(architecture, columns, rows, keys=False)
    return arrange(columns, rows, most_rows(architecture, folding), keys=False), Showing(view=view, folding=folding, ascii=ascii)


def laid_out(panes: Mapping[str, Lines], arrangement: Arrangement, rows: int) -> str:
    """The lines of the panes at their places, as one text."""
    return text_of(composed(panes, arrangement, rows))


def composed(panes: Mapping[str, Lines], arrangement: Arrangement, rows: int) -> Lines:
    """The lines of the panes at their places, as those of a screen; one that was just placed may have too few."""
    found: list[Line] = [()] * rows
    for name, place in sorted(arrangement.panes, key=lambda pane: pane[1].column):
        if name not in panes:
            continue
        lines = padded(panes[name], place.width, place.height) if len(panes[name]) != place.height else panes[name]
        for row, line in enumerate(lines[: rows - place.row], place.row):
            gap = place.column - sum(cells(span.text) for span in found[row])
            found[row] = (*found[row], *blank(gap), *line)
    return tuple(found)
