"""Text of a dialog: never markup, and in the characters that the terminal has."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.widgets import Static

from bntui.tui.host import host_of


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
