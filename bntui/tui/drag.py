"""The sizes that a terminal takes while its window is dragged: it is painted where that rests, not at each of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

REST = 0.1  # seconds without another size after which the last one counts
LONGEST = 1.0  # seconds after which the one at hand counts, however it goes on


class Timer(Protocol):
    """What will call back, unless it is cancelled."""

    def cancel(self) -> None:
        """Do not call back."""


class Drag:
    """Sizes that come one after another; `settled` is called when the one at hand counts, `later` calls back after seconds."""

    def __init__(
        self,
        settled: Callable[[], None],
        later: Callable[[float, Callable[[], None]], Timer],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settled, self._later, self._now = settled, later, now
        self._timer: Timer | None = None
        self._began = 0.0

    @property
    def goes_on(self) -> bool:
        """Whether there is a size that does not count yet."""
        return self._timer is not None

    def resized(self) -> None:
        """There is another size."""
        now = self._now()
        if self._timer is None:
            self._began = now
        else:
            self._timer.cancel()
        self._timer = self._later(max(0.0, min(REST, self._began + LONGEST - now)), self.settle)

    def settle(self) -> None:
        """The size at hand counts now, where there is one that did not yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._settled()

    def drop(self) -> None:
        """No size counts any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
