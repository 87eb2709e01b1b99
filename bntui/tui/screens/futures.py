"""The futures of a session as a small tree; one of them is chosen to go on in."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from bntui.session.run.futures import FutureEnd
from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said
from bntui.views.pages.choices import future_lines


class Futures(Dialog[int | None]):
    """Returns the number of the future that was chosen, or None."""

    BINDINGS = [("escape,tab,q", "leave", "leave")]

    def __init__(self, ends: Sequence[FutureEnd], ascii: bool) -> None:
        super().__init__()
        self._ends, self._ascii = ends, ascii

    def compose(self) -> ComposeResult:
        """A row for each future, the one at hand marked."""
        title, rows = future_lines(self._ends, self._ascii)
        with Vertical(id="futures"):
            yield Said("Futures: every path taken", id="futures-title")
            yield Said(title, id="futures-columns")
            yield OptionList(*(Option(Content(text), id=str(number)) for number, text in rows))
            yield Said("↑↓ choose  enter go there  esc stay", id="futures-keys")

    def on_mount(self) -> None:
        """Begin at the future at hand."""
        options = self.query_one(OptionList)
        here = next(end.number for end in self._ends if end.here)
        options.highlighted = options.get_option_index(str(here))
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        self.dismiss(int(event.option_id or 0))

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)
