"""Work on all cores at once, by threads: numpy lets go of the interpreter while it computes, and a thread starts at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

MOST = 8  # threads: more of them wait for the interpreter
PAUSE = 0.05  # seconds between two looks at what is under way

Result = TypeVar("Result")
Task = Callable[[Callable[[], bool]], Result]  # does its work, and gives it up where it is told that it has been stopped


def cores() -> int:
    """How many threads this process may run at once to good effect."""
    return min(MOST, processors())


def processors() -> int:
    """On how many processors this process may run."""
    usable = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(usable(0)) if usable else os.cpu_count() or 1


def worked_off(tasks: Sequence[Task[Result]], workers: int) -> Generator[tuple[int, Result] | None, None, None]:
    """The number of each task and what it found, as they end; None twenty times a second while none does.

    The tasks are begun in their order, and rest while nobody asks for more: what a screen paints meanwhile has the processor.
    An error in one of them is raised here. Closed early, it stops all and waits for them.
    """
    waiting, found = deque(range(len(tasks))), SimpleQueue[tuple[int, Result | BaseException]]()
    stop, asked = Event(), Event()

    def stopped() -> bool:
        asked.wait()
        return stop.is_set()

    def work() -> None:
        while not stopped():
            try:
                number = waiting.popleft()
            except IndexError:
                return
            try:
                found.put((number, tasks[number](stopped)))
            except BaseException as error:  # whatever it is, it is raised where the result is awaited
                found.put((number, error))

    threads = [Thread(target=work, name="sweep", daemon=True) for _ in range(min(workers, len(tasks)))]
    for thread in threads:
        thread.start()
    try:
        left = len(tasks)
        while left:
            asked.set()
            outcome = _next(found)
            left -= outcome is not None
            asked.clear()
            yield outcome
    finally:
        stop.set()
        asked.set()
        for thread in threads:
            thread.join()


def _next(found: SimpleQueue[tuple[int, Result | BaseException]]) -> tuple[int, Result] | None:
    """What has been found next; None where that takes long."""
    try:
        number, result = found.get(timeout=PAUSE)
    except Empty:
        return None
    if isinstance(result, BaseException):
        raise result
    return number, result
