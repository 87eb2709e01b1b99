"""Screens as text."""

from bntui.scenario.model.actions import Shown
from bntui.session.look.snapshot import Snapshot
from bntui.views.screen.frame import frame_lines
from bntui.views.text.lines import text_of


def frame(snapshot: Snapshot, columns: int, rows: int, ascii: bool = False, view: Shown = "layers") -> str:
    """The screen of a snapshot as it is printed."""
    return text_of(frame_lines(snapshot, columns, rows, ascii, view))
