"""An empty screen, so that a class looks at whoever speaks."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.events import Click, Key

from bntui.tui.host import BLANK
from bntui.tui.screens.dialogs import DIALOGS, Leaving
from bntui.tui.widgets.said import Said

HINT = "any key goes on"


class Blank(Leaving[None]):
    """Shows nothing but how one goes on; the key that does so does nothing else."""

    CSS_PATH = DIALOGS
    shared_as: ClassVar[str] = "blank"

    def __init__(self) -> None:
        super().__init__(id=BLANK)

    def compose(self) -> ComposeResult:
        """The hint, faint at the foot."""
        yield Said(HINT, id="blank-hint")

    def on_key(self, event: Key) -> None:
        """Go on."""
        event.stop()
        event.prevent_default()
        self.dismiss()

    def on_click(self, event: Click) -> None:
        """Go on."""
        self.dismiss()
