"""Work that nobody waits for longer than they want: done on threads of its own, which end by themselves or with the program."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

PARTS = 10  # in which one waits: of a time in which the machine gives the program none, only one passes, for no work could be done
LINGER = 1.0  # seconds that a thread waits for more to do: to begin another costs a fifth of a millisecond

T = TypeVar("T")


class Late(Exception):
    """What was asked for has not come in time; it may still."""


class _Asked(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self.result: T | None = None
        self.error: BaseException | None = None

    def __call__(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # raised again where it was asked for
            self.error = error


def within(seconds: float, work: Callable[[], T]) -> T:
    """What work gives, and what it raises. Raises Late where that takes longer; the work goes on then."""
    asked = _Asked(work)
    thread = threading.Thread(target=asked, name="bntui-aside", daemon=True)
    thread.start()
    for _ in range(PARTS):
        thread.join(seconds / PARTS)
    if thread.is_alive():
        raise Late
    if asked.error is not None:
        raise asked.error
    return asked.result  # type: ignore[return-value]  # it is what `work` gave


class Worker:
    """Does its work on a thread whenever somebody wakes it; the thread is there only while something is to be done.

    `work` does what is due, and gives the seconds after which it wants to look again, None where only the next waking tells.
    """

    def __init__(self, work: Callable[[], float | None], name: str) -> None:
        self._work, self._name = work, name
        self._news = threading.Condition()
        self._awake = self._again = self._works = False

    def wake(self) -> None:
        """There is something to do."""
        with self._news:
            self._again = True
            self._news.notify_all()
            if self._awake or sys.is_finalizing():  # a thread would never begin, and be waited for
                return
            self._awake = True
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def settle(self, seconds: float) -> bool:
        """Wait until all is done that it was woken for, so long at most; whether it is."""
        with self._news:
            return self._news.wait_for(lambda: not (self._again or self._works), seconds)

    def _run(self) -> None:
        try:
            while self._goes_on():
                pass
        except BaseException:  # whoever wakes it next tries anew
            with self._news:
                self._awake = self._works = False
            raise

    def _goes_on(self) -> bool:
        """Do what is due, and wait for more; whether there is."""
        with self._news:
            self._again, self._works = False, True
        pause = self._work()
        with self._news:
            self._works = False
            self._news.notify_all()
            is_wanted = self._news.wait_for(lambda: self._again, LINGER if pause is None else pause)
            self._awake = is_wanted or pause is not None
            return self._awake
