"""What keeps a session beyond the moment: its futures, its file, its trace, the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bntui.scenario.model.actions import Future
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.wording import harmless
from bntui.session.look.entry import EntryError
from bntui.tui.conductor import Conductor
from bntui.tui.widgets.pane import PaneScreen

if TYPE_CHECKING:
    from bntui.tui.screens.prompt import Prompt

FILE_HINT = "a file name; a ! after it replaces what is there"


class KeepingScreen(PaneScreen[None]):
    """A screen with a session that can be saved, exported, copied, and gone back to in any of its futures."""

    conductor: Conductor

    def shown_text(self) -> str:
        """What is on the screen, as text."""
        raise NotImplementedError

    def draws_ascii(self) -> bool:
        """Whether nothing but ASCII may be drawn."""
        raise NotImplementedError

    def action_futures(self) -> None:
        """Choose among the futures."""
        from bntui.session.run.futures import futures  # noqa: PLC0415 - the start does not wait for it
        from bntui.tui.screens.futures import Futures  # noqa: PLC0415 - as above

        self._pause()
        self.app.push_screen(Futures(futures(self.conductor.session.history), self.draws_ascii()), self._go_over)

    def _go_over(self, number: int | None) -> None:
        if number is not None:
            self.conductor.request(lambda standing: Future(number=number))

    def action_save(self) -> None:
        """Ask for a name and write the session as a scenario."""
        self._pause()
        self.app.push_screen(_prompt("Save the session as a scenario", self._save), self._say_saved)

    def _save(self, name: str) -> dict[str, object]:
        from bntui.session.keep import saving  # noqa: PLC0415 - the start does not wait for it

        try:
            return {"saved": saving.write_scenario(self.conductor.session, name.strip()).name}
        except ScenarioError as error:
            raise EntryError(f"not written: {error.complaints[0].message}") from error
        except OSError as error:
            raise EntryError(f"{harmless(name)} cannot be written: {error.strerror or error}") from error

    def _say_saved(self, result: dict[str, object] | None) -> None:
        if result is not None:
            self.notify(f"{harmless(str(result['saved']))} written; its lesson repeats this session", markup=False)

    def action_export(self) -> None:
        """Ask for a name and write the trace."""
        self._pause()
        self.app.push_screen(_prompt("Export the trace as JSON lines", _named), self._export)

    def _export(self, result: dict[str, object] | None) -> None:
        from bntui.session.keep import saving  # noqa: PLC0415 - the start does not wait for it
        from bntui.tui.screens.exporting import Exporting  # noqa: PLC0415 - as above

        if result is not None:
            session, name = self.conductor.session, str(result["name"])
            work = saving.write_trace(session, name)
            screen = Exporting(work, saving.states_of(session), harmless(name.removesuffix("!")))
            self.app.push_screen(screen, lambda said: self.notify(said or "", markup=False))

    def action_copy(self, whole: bool) -> None:
        """Copy what is on the screen, or the whole session as a scenario, with the terminal's own clipboard."""
        from bntui.session.keep import saving  # noqa: PLC0415 - the start does not wait for it

        if not whole:
            self.app.copy_to_clipboard(self.shown_text())
            self.notify("The screen is copied as text.", markup=False)
            return
        try:
            self.app.copy_to_clipboard(saving.as_scenario(self.conductor.session))
        except ScenarioError as error:
            self.notify(f"not copied: {error.complaints[0].message}", severity="warning", markup=False)
        else:
            self.notify("The session is copied as a scenario.", markup=False)

    def _pause(self) -> None:
        if self.conductor.running:
            self.conductor.toggle_running()


def _prompt(title: str, read: Callable[[str], dict[str, object]]) -> Prompt[dict[str, object]]:
    """The question for a file name."""
    from bntui.tui.screens.prompt import Prompt  # noqa: PLC0415 - the start does not wait for it

    return Prompt(title, FILE_HINT, read)


def _named(text: str) -> dict[str, object]:
    return {"name": text.strip()}
