"""Sessions that are left while the program goes on: what the disk still has to take of them is waited for beside the keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from bntui.session.session import Recorder


class Departures:
    """Whoever keeps a session that was left ends on a thread of its own; where not all could be kept, `complain` is told why."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._under_way: dict[Recorder, Event] = {}
        self._unkept: str | None = None

    def see_off(self, recorder: Recorder) -> None:
        """Wait until all that was noted is kept, however long that takes."""
        loop, gone = asyncio.get_running_loop(), Event()
        self._under_way[recorder] = gone

        def wait() -> None:
            try:
                recorder.finish(patient=True)
                self._unkept = recorder.unkept or self._unkept
            finally:
                gone.set()
                self._under_way.pop(recorder, None)
            if recorder.unkept is not None:
                with suppress(RuntimeError):  # the loop has ended meanwhile
                    loop.call_soon_threadsafe(self._complain, recorder.unkept)

        Thread(target=wait, name="bntui-departure", daemon=True).start()  # it ends with the program, whatever it waits for

    def wait(self, seconds: float) -> None:
        """Wait until all of them are gone, so many seconds at most; on any thread."""
        end = time.monotonic() + seconds
        for gone in list(self._under_way.values()):
            gone.wait(max(0.0, end - time.monotonic()))

    def settle(self, seconds: float) -> str | None:
        """Wait so for the last time; why not all of one is kept, None where it is."""
        self.wait(seconds)
        for recorder in list(self._under_way):
            self._unkept = recorder.unkept or self._unkept
        self._under_way.clear()
        return self._unkept
