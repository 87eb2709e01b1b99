"""Noticing that a file was saved, by looking at it now and then."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bntui.scenario.reading.loading import Loaded

INTERVAL = 0.3  # seconds between two looks
Stamp = tuple[int, int, int] | None


class Watched:
    """A file, and what it looked like when last asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = _stamp(path)

    def changed(self) -> bool:
        """Whether the file is another than when last asked; one that is gone counts once it is back."""
        stamp = _stamp(self.path)
        if stamp is None or stamp == self._stamp:
            return False
        self._stamp = stamp
        return True


def source_of(loaded: Loaded) -> Path | None:
    """The file that a scenario was read from, where it was read from one."""
    return None if loaded.folder is None else loaded.folder / Path(loaded.origin).name


def changes(paths: Sequence[Path]) -> Iterator[Path]:
    """Each of these files as it is saved, without end."""
    watched = [Watched(path) for path in paths]
    while True:
        time.sleep(INTERVAL)
        yield from (each.path for each in watched if each.changed())


def _stamp(path: Path) -> Stamp:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
