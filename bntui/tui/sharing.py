"""Between the screen and those who follow it: what it shows is written as it changes, at most ten times a second, off the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bntui.session.session import Session
from bntui.session.share.folder import Folder
from bntui.tui.host import Lookable

INTERVAL = 0.1  # seconds between two writings
BUSY = 0.02  # seconds after which a session that is on another thread is asked for again


class Sharing:
    """Shares one session after another in a folder; `name` is that under which the one at hand is kept.

    In the user's own folder it is only announced that there is a session, until somebody follows it. Where the folder cannot be
    written that is said once, and nothing more is shared.
    """

    def __init__(self, folder: Folder, name: Callable[[], str | None], complain: Callable[[str], None]) -> None:
        from bntui.session.share.speaking import Speaking  # noqa: PLC0415 - the start does not wait for it

        self._speaking = Speaking(folder)
        self._name, self._complain = name, complain
        self._shown: Lookable | None = None
        self._announced: Lookable | None = None
        self._changed = self._ended = False
        self._wished = not folder.is_private
        self._next = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._speaking.clear()

    def show(self, shown: Lookable) -> None:
        """The screen has changed."""
        self._shown, self._changed = shown, True
        if self._wished or self._announced is not shown:
            self._go_on()

    def look(self) -> None:
        """See, about once a second, whether somebody follows."""
        self._wished = self._speaking.is_wished()
        if self._wished and self._changed:
            self._go_on()

    def end(self) -> None:
        """Take all of it away, when the loop has ended."""
        self._ended = True
        self._speaking.end()

    def _go_on(self) -> None:
        """Write what has changed, or later where something was written just now."""
        if self._shown is None or self._ended or self._timer is not None or self._writing is not None:
            return
        wait, session = self._next - time.monotonic(), self._shown.session
        if wait > 0 or session is None:
            self._timer = asyncio.get_running_loop().call_later(max(wait, BUSY), self._again)
            return
        self._changed, self._announced, self._next = False, self._shown, time.monotonic() + INTERVAL
        self._writing = asyncio.create_task(self._write(session, self._shown))

    def _again(self) -> None:
        self._timer = None
        self._go_on()

    async def _write(self, session: Session, shown: Lookable) -> None:
        sending = self._speaking.gather(session, shown.looks(), self._name())
        try:
            await asyncio.to_thread(self._speaking.send, sending)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self._ended = True
            self._complain(f"What you show is not shared any more: {reason}.")
        self._writing = None
        if self._changed and self._wished:
            self._go_on()
