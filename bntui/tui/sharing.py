"""Between the screen and those who follow it: what it shows is written as it changes, at most ten times a second, off the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from bntui.scenario.text.wording import harmless
from bntui.session.keep.aside import Worker
from bntui.session.share.folder import Folder
from bntui.tui.apart import apart
from bntui.tui.host import Lookable

if TYPE_CHECKING:
    from bntui.session.session import Session
    from bntui.session.share.looks import Looks
    from bntui.session.share.speaking import Sending

INTERVAL = 0.1  # seconds between two writings
SOON = 0.05  # seconds between two where more was done in a run than steps: forty wait for it
AGAIN = 5.0  # seconds after which it is tried again where nothing could be written
SHARED_AGAIN = "What you show is shared again."
LOOK = 1.0  # seconds between two looks for a wish
BUSY = 0.02  # seconds after which a session that is on another thread is asked for again


class Sharing:
    """Shares one session after another in a folder; `name` is that under which the one at hand is kept.

    In the user's own folder it is only announced that there is a session, until somebody follows it. Where the folder cannot be
    written that is said once, and tried again; when it works, that is said too.
    """

    def __init__(self, folder: Folder, name: Callable[[], str | None], complain: Callable[[str], None]) -> None:
        from bntui.session.share.speaking import Speaking  # noqa: PLC0415 - the start does not wait for it

        self._speaking = Speaking(folder)
        self._name, self._complain = name, complain
        self._shown: Lookable | None = None
        self._announced: Lookable | None = None
        self._unshared: Lookable | None = None  # what is too large
        self._changed = self._ended = False
        self._wished = not folder.is_private
        self._next = 0.0
        self._said = ""
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._is_cleared = False
        self._watching = Worker(self._look, "bntui-class")
        self._loop = asyncio.get_running_loop()

    def show(self, shown: Lookable) -> None:
        """The screen has changed."""
        self._shown, self._changed = shown, True
        if self._wished or self._announced is not shown:
            self._go_on()

    def watch(self) -> None:
        """See from now on whether somebody follows; before the first look take away what others have left."""
        self._watching.wake()

    def _look(self) -> float | None:
        """Look once, on a thread, for a disk may take its time."""
        if not self._is_cleared:
            self._speaking.clear()
            self._is_cleared = True
        wished = self._speaking.is_wished()
        if self._ended:
            return None
        if wished or self._wished:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._heed, wished)
        return LOOK if self._speaking.folder.is_private else None

    def _heed(self, wished: bool) -> None:
        self._wished = wished
        if wished and self._changed:
            self._go_on()

    def end(self) -> None:
        """Take all of it away, when the loop has ended."""
        self._ended = True
        self._speaking.end()

    def _go_on(self) -> None:
        """Write what has changed, or later where something was written just now or the session is on another thread."""
        if self._shown is None or self._shown is self._unshared or self._ended or self._writing is not None:
            return
        wait, session = self._next - time.monotonic(), self._shown.session
        if 0 < wait < INTERVAL and session is not None and self._has_acted(session, self._shown.looks()):
            wait -= INTERVAL - SOON
        if wait > 0 or session is None:
            self._look_again(max(wait, BUSY))
            return
        self._changed, self._announced, self._next = False, self._shown, time.monotonic() + INTERVAL
        sending = self._speaking.gather(session, self._shown.looks(), self._name())  # now: soon another thread may have it
        self._writing = asyncio.create_task(self._write(sending))

    def _has_acted(self, session: Session, looks: Looks) -> bool:
        """Whether the speaker has done something while it runs."""
        return looks.running and self._speaking.has_acted(session, looks, self._name())

    def _look_again(self, wait: float) -> None:
        """Go on after so many seconds, where that is sooner than it was to be."""
        loop = asyncio.get_running_loop()
        if self._timer is not None and self._timer.when() > loop.time() + wait:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = loop.call_later(wait, self._again)

    def _again(self) -> None:
        self._timer = None
        if self._changed:
            self._go_on()

    async def _write(self, sending: Sending) -> None:
        try:
            await apart(partial(self._speaking.send, sending))
        except OSError as error:  # perhaps there is room again soon
            self._speaking.begin_anew()
            self._changed, self._next, self._announced = True, time.monotonic() + AGAIN, None
            if self._wished:  # else it matters to nobody, and the journal has said what it costs
                folder = harmless(str(self._speaking.folder.path))
                self._say(f"What you show cannot be shared: {folder} cannot be written ({error.strerror or error}).")
        except ValueError as error:  # the next scenario may be another matter
            self._speaking.end()
            self._unshared, self._changed = self._announced, False
            self._say(f"What you show is not shared: {error}.")
        else:
            if self._said:
                self._said = ""
                self._complain(SHARED_AGAIN)
        finally:
            self._writing = None
        if self._changed and self._wished:
            self._go_on()

    def _say(self, sentence: str) -> None:
        if sentence != self._said and not self._speaking.folder.is_private:  # who shares nothing need not know
            self._said = sentence
            self._complain(sentence)
