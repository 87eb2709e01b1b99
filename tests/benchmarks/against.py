"""What the benchmarks of speed have in common: programs timed by turns, and their goals."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Run = Callable[[], object]
Seconds = Mapping[str, list[float]]


def by_turns(programs: Mapping[str, Run], seconds: float, repeat: int = 1) -> Seconds:
    """The processor's seconds that each takes for one of `repeat` runs, as often as so many seconds of the clock allow.

    They take turns, so that a machine whose speed drifts is fair to all; what others do on it does not count. Nor does what the
    interpreter's search for garbage would take to go through all that has been imported for any of them.
    """
    gc.collect()
    gc.freeze()
    found: dict[str, list[float]] = {name: [] for name in programs}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not all(map(len, found.values())):
        for name, run in programs.items():
            run()  # what another program has left in the caches is not this one's cost
            begin = time.process_time()
            for _ in range(repeat):
                run()
            found[name].append((time.process_time() - begin) / repeat)
    gc.unfreeze()
    return found


def times(found: Seconds, slow: str, quick: str) -> float:
    """How many times as long the one takes as the other, in the median of the turns."""
    return statistics.median(one / other for one, other in zip(found[slow], found[quick], strict=True))


def goal(says: str, wanted: float, measured: float, *, at_most: bool = False) -> str:
    """A line that says whether a goal is reached."""
    reached = measured <= wanted if at_most else measured >= wanted
    bound = "at most" if at_most else "at least"
    return f"    {says}: goal {bound} {wanted:g} ×, measured {measured:.2f} ×{'' if reached else ' (not reached)'}"
