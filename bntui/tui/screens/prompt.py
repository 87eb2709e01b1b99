"""A small question over the screen: one line is typed, and an error stays until it is mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said

Read = TypeVar("Read")


class Prompt(Dialog[Read | None]):
    """Returns what `read` makes of the typed line, or None where it was left; an `empty` line may mean something."""

    BINDINGS = [("escape", "leave", "leave")]

    def __init__(self, title: str, hint: str, read: Callable[[str], Read], empty: bool = False) -> None:
        super().__init__()
        self._empty = empty
        self._title, self._hint, self._read = title, hint, read

    def compose(self) -> ComposeResult:
        """A title, the line, and the hint that an error takes the place of."""
        with Vertical(id="prompt"):
            yield Said(self._title, id="prompt-title")
            yield Input()
            yield Said(self._hint, id="prompt-hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line, or say what is wrong with it."""
        if not event.value.strip() and not self._empty:
            self.dismiss(None)
            return
        try:
            read = self._read(event.value)
        except ValueError as error:
            self.query_one("#prompt-hint", Said).say(str(error))
            return
        self.dismiss(read)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
