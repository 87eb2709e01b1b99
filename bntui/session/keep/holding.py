"""Who holds a journal: a lock on the file for as long as it is open, and beside it a note of the process that has it.

On one machine the lock decides, for the system lets go of it however the process ends. The note says whom to ask; it counts only
while the lock is held and the process in it is still the same. A folder on a server is less: there may be no locks, they may not
be answered, or each machine may have its own. So no lock is waited for longer than a moment, without one the note decides, a
note of another machine counts until somebody takes the session over, and whoever writes looks first whether the note is still its
own.
"""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bntui.records import dataclass
from bntui.scenario.text.wording import harmless
from bntui.session.keep import private, processes
from bntui.session.keep.aside import Late, within
from bntui.session.keep.processes import Process

try:
    import fcntl
except ImportError:  # Windows has no such locks; there two windows may open the same session
    fcntl = None  # type: ignore[assignment]

LOOK = 0.02  # seconds between two tries
GLANCE = 0.3  # seconds; far longer than whoever only looks at a journal holds its lock
ANSWER = 1.0  # seconds in which a file system that has locks says whether one is to be had
LAST_TIME = 1e11  # seconds of Unix time that still have a date

_without_locks: set[int] = set()  # file systems, by their device


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a journal open, and since when (Unix time); both None where it cannot be told."""

    process: Process | None = None
    since: float | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is on another machine, where it may have ended long ago."""
        return self.process is not None and self.process.is_elsewhere


def open_held(path: Path, patience: float = GLANCE, from_elsewhere: bool = False) -> int | None:
    """The descriptor of a file that was opened to read and write, and is held against everybody else until it is closed.

    None where somebody holds it for longer than the patience, in seconds; `from_elsewhere` whoever may have it open on another
    machine gives way. Raises OSError.
    """
    end = time.monotonic() + patience
    while True:
        descriptor = private.opened(path, os.O_RDWR)
        if hold(descriptor, None if from_elsewhere else path):
            if os.fstat(descriptor).st_nlink:
                return descriptor
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        os.close(descriptor)
        if time.monotonic() >= end:
            return None
        time.sleep(LOOK)


def hold(descriptor: int, path: Path | None = None) -> bool:
    """Hold an open file against everybody else until it is closed; False where somebody does, be it as the note at `path` says."""
    locked = _locked(descriptor, "LOCK_EX")
    return locked is not False and (path is None or _noted(path, locked) is None)


def holder(path: Path) -> Holder | None:
    """Who has a journal open; None where nobody has. Raises OSError."""
    descriptor = private.opened(path)
    try:
        locked = _locked(descriptor, "LOCK_SH")  # shared: whoever else looks now is not taken for a holder
    finally:
        os.close(descriptor)
    return _noted(path, locked) or (Holder() if locked is False else None)


def is_lost(path: Path, mine: Process) -> bool:
    """Whether another process than one's own says by now that it has a journal open."""
    note = _note_at(path)
    return note is not None and note.process != mine


def _noted(path: Path, locked: bool | None) -> Holder | None:
    """Whom the note names, where that counts; `locked` says whether a lock was to be had, None where there are none."""
    note = _note_at(path)
    if note is None or note.process is None:
        return None
    counts = note.is_elsewhere or (not locked and processes.runs(note.process))
    return note if counts else None


def _note_at(path: Path) -> Holder | None:
    with suppress(ValueError, TypeError, KeyError, RecursionError, OverflowError):
        told = json.loads(private.read(_note(path)) or "{}")
        process, since = told["process"], float(told["since"])
        found = Process(int(process["number"]), str(process["started"]), harmless(str(process.get("host", processes.here()))))
        return Holder(found, since) if 0 <= since < LAST_TIME else None
    return None


def note_holder(path: Path) -> Process:
    """Say beside a journal that the process at hand, which is returned, has it open; where that cannot be the lock is enough."""
    mine = processes.this()
    with suppress(OSError):
        private.write(_note(path), json.dumps(asdict(Holder(mine, time.time()))))
    return mine


def forget_holder(path: Path) -> None:
    """Take the note away."""
    private.remove(_note(path))


def _note(path: Path) -> Path:
    return path.with_suffix(".open")


def _locked(descriptor: int, kind: str) -> bool | None:
    """Whether a lock was to be had; None where this file system has none, or gives no answer."""
    if fcntl is None:
        return None
    device = os.fstat(descriptor).st_dev
    if device in _without_locks:
        return None
    try:
        within(ANSWER, partial(fcntl.flock, descriptor, getattr(fcntl, kind) | fcntl.LOCK_NB))
    except (BlockingIOError, PermissionError):
        return False
    except (Late, OSError):
        _without_locks.add(device)
        return None
    return True
