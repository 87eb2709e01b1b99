"""How a follower stands back: forty of them share the processors with the session that they watch, and it comes first.

`nice` weighs a program against those of its own terminal where Linux gives every terminal the same part of the processors
(sched(7), autogroup): there a terminal has a weight of its own, which whoever follows lowers for as long as it follows.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

NICE = 10
TERMINAL = Path("/proc/self/autogroup")
TRIES, BETWEEN = 5, 0.1  # Linux lets ten terminals a second be weighed anew, and seconds between two tries


class Behind:
    """Stands back from when it is made; a terminal can be given its weight back, a process cannot."""

    def __init__(self) -> None:
        os.nice(NICE)
        self._before = _terminals_nice()
        self._stood_back = self._before is None or self._before >= NICE
        self.stand_back()

    def stand_back(self) -> None:
        """Lower the terminal's weight where that could not be done yet."""
        self._stood_back = self._stood_back or _weigh(NICE)

    def stand_as_before(self) -> None:
        """Give the terminal back its weight."""
        if self._before is not None and self._before < NICE:
            for _ in range(TRIES):
                if _weigh(self._before):
                    break
                time.sleep(BETWEEN)
            self._stood_back = True


def _terminals_nice() -> int | None:
    """How far the terminal stands back, None where the system weighs none."""
    try:
        found = re.fullmatch(r"/autogroup-\d+ nice (-?\d+)\s*", TERMINAL.read_text())
    except OSError:
        return None
    return None if found is None else int(found[1])


def _weigh(nice: int) -> bool:
    """Have the terminal stand so far back; False where that has to wait."""
    try:
        TERMINAL.write_text(str(nice))
    except BlockingIOError:
        return False
    except OSError:  # it may not
        return True
    return True
