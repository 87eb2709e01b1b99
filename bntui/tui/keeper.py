"""What keeps a session beyond the moment: its futures, its file, its trace, the clipboard."""

from __future__ import annotations

import os
from collections.abc import Callable

from bntui.scenario.model.actions import Future
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.wording import harmless
from bntui.session.keep.preferences import shown_path
from bntui.session.look.entry import EntryError
from bntui.session.run.futures import futures
from bntui.tui.clipboard import condition
from bntui.tui.conductor import Conductor
from bntui.tui.host import Front

FILE_HINT = "a file name; a ! after it replaces what is there"
TRACE_HINT = "a file name, .csv for a table; a ! after it replaces what is there"


class Keeper:
    """Saves, exports and copies the session that is conducted, and goes back to any of its futures.

    `shown` is what is on the screen, as text.
    """

    def __init__(self, conductor: Conductor, front: Front, shown: Callable[[], str]) -> None:
        self._conductor, self._front, self._shown = conductor, front, shown

    def choose_future(self) -> None:
        """Choose among the futures."""
        self._conductor.pause()
        self._front.choose_future(futures(self._conductor.session.history), self._go_over)

    def _go_over(self, number: int | None) -> None:
        if number is not None:
            self._conductor.request(lambda standing: Future(number=number))

    def save(self) -> None:
        """Ask for a name and write the session as a scenario."""
        self._conductor.pause()
        self._front.read_line("Save the session as a scenario", FILE_HINT, self._write, self._say_saved)

    def _write(self, name: str) -> str:
        from bntui.session.keep import saving  # noqa: PLC0415 - the start does not wait for it

        try:
            return shown_path(saving.write_scenario(self._conductor.session, name.strip()))
        except ScenarioError as error:
            raise EntryError(f"not written: {error.complaints[0].message}") from error
        except OSError as error:
            raise EntryError(f"{harmless(name)} cannot be written: {error.strerror or error}") from error

    def _say_saved(self, name: str | None) -> None:
        if name is not None:
            self._front.say(f"{name} written; its lesson repeats this session")

    def export(self) -> None:
        """Ask for a name and write the trace."""
        self._conductor.pause()
        self._front.read_line("Export the trace as JSON lines or CSV", TRACE_HINT, str.strip, self._export)

    def _export(self, name: str | None) -> None:
        from bntui.session.keep import saving  # noqa: PLC0415 - the start does not wait for it

        if name is not None:
            session = self._conductor.session
            work, states = saving.write_trace(session, name), saving.states_of(session)
            path = shown_path(saving.trace_file(name))
            self._front.follow_export(work, states, path, lambda said: self._front.say(said or ""))

    def copy_screen(self) -> None:
        """Copy what is on the screen."""
        self._send(self._shown(), "The screen is sent to the terminal as text")

    def copy_session(self) -> None:
        """Copy the session as a scenario."""
        from bntui.session.keep import saving  # noqa: PLC0415 - the start does not wait for it

        try:
            text = saving.as_scenario(self._conductor.session)
        except ScenarioError as error:
            self._front.say(f"not copied: {error.complaints[0].message}", warning=True)
            return
        self._send(text, "The session is sent to the terminal as a scenario")

    def _send(self, text: str, sent: str) -> None:
        """Have the terminal copy a text; whether it does it does not say."""
        self._front.copy(text)
        self._front.say(f"{sent}, for its clipboard.{condition(os.environ)}")
