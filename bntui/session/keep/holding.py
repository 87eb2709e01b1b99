"""Who holds a journal: a lock on the file for as long as it is open, and beside it a note of the process that has it.

The lock alone decides, for the system lets go of it however the process ends. The note says whom to ask; it counts only
while the lock is held and the process in it is still the same.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bntui.session.keep import private, processes
from bntui.session.keep.processes import Process

try:
    import fcntl
except ImportError:  # Windows has no such locks; there two windows may open the same session
    fcntl = None  # type: ignore[assignment]

LOOK = 0.02  # seconds between two tries
GLANCE = 0.3  # seconds; far longer than whoever only looks at a journal holds its lock


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a journal open, and since when (Unix time); both None where it cannot be told."""

    process: Process | None = None
    since: float | None = None


def open_held(path: Path, patience: float = GLANCE) -> int | None:
    """The descriptor of a file that was opened to read and append, and is held against everybody else until it is closed.

    None where somebody holds it for longer than the patience, in seconds. Raises OSError.
    """
    end = time.monotonic() + patience
    while True:
        descriptor = _opened(path)
        if hold(descriptor):
            if os.fstat(descriptor).st_nlink:
                return descriptor
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        os.close(descriptor)
        if time.monotonic() >= end:
            return None
        time.sleep(LOOK)


def hold(descriptor: int) -> bool:
    """Hold an open file against everybody else until it is closed; False where somebody holds it."""
    return fcntl is None or _locked(descriptor, fcntl.LOCK_EX)


def holder(path: Path) -> Holder | None:
    """Who has a journal open; None where nobody has. Raises OSError."""
    descriptor = _opened(path)
    try:
        if fcntl is None or _locked(descriptor, fcntl.LOCK_SH):  # shared: whoever else looks now is not taken for a holder
            return None
    finally:
        os.close(descriptor)
    with suppress(ValueError, TypeError, KeyError, RecursionError, OverflowError):
        told = json.loads(private.read(_note(path)) or "{}")
        process = Process(int(told["process"]["number"]), str(told["process"]["started"]))
        if processes.runs(process):
            return Holder(process, float(told["since"]))
    return Holder()


def note_holder(path: Path) -> None:
    """Say beside a journal that the process at hand has it open; where that cannot be written the lock is enough."""
    with suppress(OSError):
        private.write(_note(path), json.dumps(asdict(Holder(processes.this(), time.time()))))


def forget_holder(path: Path) -> None:
    """Take the note away."""
    private.remove(_note(path))


def _note(path: Path) -> Path:
    return path.with_suffix(".open")


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0))


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
