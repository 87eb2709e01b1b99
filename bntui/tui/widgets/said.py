"""Text of a dialog: never markup, and in the characters that the terminal has."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.widgets import Static

from bntui.tui.host import host_of
from bntui.views.screen.arrangement import LEAST_COLUMNS, LEAST_ROWS


def spelled(node: DOMNode, text: str) -> str:
    """The text in the characters that the terminal of this widget has."""
    return host_of(node).spelled(text)


class Said(Static):
    """A text that says exactly what it was given."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(spelled(self, text), id=id, classes=classes, markup=False)

    def say(self, text: str) -> None:
        """Say this instead."""
        self.update(spelled(self, text))


class NoRoom(Said):
    """What stands alone in a window that is too small for anything else."""

    def __init__(self) -> None:
        super().__init__(f"bntui needs at least {LEAST_COLUMNS} columns and {LEAST_ROWS} rows; please make the window larger.")
