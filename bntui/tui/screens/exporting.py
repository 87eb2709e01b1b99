"""The export of a trace: how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.worker import get_current_worker

from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said


class Exporting(Dialog[str]):
    """Returns a sentence on what came of it."""

    BINDINGS = [("escape", "stop", "stop")]

    def __init__(self, work: Iterator[int], states: int, name: str) -> None:
        super().__init__()
        self._work, self._states, self._name = work, states, name

    def compose(self) -> ComposeResult:
        """How far it is."""
        with Vertical(id="prompt"):
            yield Said(f"Writing {self._name}", id="prompt-title")
            yield Said("", id="exporting")
            yield Said("esc stops", id="prompt-hint")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._export, thread=True, exit_on_error=False)

    def action_stop(self) -> None:
        """Stop; nothing is left of the file."""
        self.workers.cancel_all()
        self.dismiss("stopped; no file was written")

    def _export(self) -> None:
        worker = get_current_worker()
        count = 0
        try:
            for count in self._work:
                if worker.is_cancelled:
                    return
                if count % 200 == 1:
                    self.app.call_from_thread(self._tell, count)
        except (OSError, ValueError) as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.dismiss, f"not written: {error}")
            return
        finally:
            close = getattr(self._work, "close", None)
            if close is not None:
                close()
        if not worker.is_cancelled:
            self.app.call_from_thread(self.dismiss, f"{self._name}: {count} states written")

    def _tell(self, count: int) -> None:
        share = min(100, 100 * count // max(self._states, 1))
        self.query_one("#exporting", Said).say(f"{count} of {self._states} states, {share} %")
