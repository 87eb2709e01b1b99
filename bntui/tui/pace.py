"""How often a run is painted: as often as a frame may be, and more seldom where others keep the processors busy."""

from __future__ import annotations

import time

PATIENT = 5  # times as long as its work had to wait for a processor of late, a run waits beside a frame's time for the next frame
LONGEST_WAIT = 0.2  # seconds for which one frame is taken to have waited at most
LATE = 0.3  # what the last frame counts in that


class Pace:
    """The seconds from one frame of a run to the next, by how long the last ones had to wait for a processor.

    Steps go on meanwhile: what is left to others is what keys wait for.
    """

    def __init__(self, frame: float) -> None:
        self._frame = frame
        self._waited = 0.0

    @property
    def between(self) -> float:
        """The seconds from one frame to the next."""
        return self._frame + PATIENT * self._waited

    def painted(self, begun: tuple[float, float]) -> None:
        """A frame has been made, on which work was begun then, and done without a pause."""
        self._waited += LATE * (waited_since(*begun) - self._waited)


def time_and_work() -> tuple[float, float]:
    """The time, and how long the processors have worked for this program by then, in seconds."""
    return time.perf_counter(), time.process_time()


def waited_since(time: float, work: float) -> float:
    """How long this program has had to wait for a processor in what it has done without a pause since then.

    One that was stopped for hours has not waited longer than any that runs.
    """
    now, worked = time_and_work()
    return min(max(0.0, now - time - (worked - work)), LONGEST_WAIT)
