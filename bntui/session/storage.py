"""Files of a journal: private, one session each, every line proved by a sum over all before it."""

from __future__ import annotations

import json
import os
import secrets
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

try:
    import fcntl
except ImportError:  # Windows has no such locks; there a session that still runs is told by its age alone
    fcntl = None  # type: ignore[assignment]

KEPT = 20
LARGEST = 256 * 2**20
_SUM = b', "sum": "'

Record = dict[str, Any]


class Damaged(Exception):
    """A journal that cannot be used; the message is a sentence, and the file stays."""


@dataclass(frozen=True, slots=True)
class Content:
    """The records of a journal, how many bytes they take, and the sum over them; what follows is a torn line."""

    records: tuple[Record, ...]
    length: int
    total: int


def folder() -> Path:
    """Where journals lie: in the user's state folder."""
    return Path(user_state_path("bntui", appauthor=False)) / "sessions"


def journals(place: Path) -> list[Path]:
    """Every journal in a folder, the newest first."""
    with suppress(OSError):
        found = [path for path in place.glob("*.jsonl") if path.is_file() and not path.is_symlink()]
        return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return []


class Store:
    """A journal file that is open for writing, and by nobody else."""

    def __init__(self, path: Path, descriptor: int, total: int = 0) -> None:
        self.path = path
        self._descriptor = descriptor
        self._total = total

    @classmethod
    def create(cls, place: Path) -> Store:
        """A new file in a folder that only its owner may read. Raises OSError."""
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}.jsonl"
        path = place / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        _lock(descriptor)
        prune(place)
        return cls(path, descriptor)

    @classmethod
    def take(cls, path: Path) -> Store | None:
        """An existing file, to go on in; None where another session is writing it. Raises OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0))
        if _lock(descriptor):
            return cls(path, descriptor)
        os.close(descriptor)
        return None

    def continue_after(self, content: Content) -> None:
        """Go on after these records; a torn line behind them is dropped. Raises OSError."""
        os.ftruncate(self._descriptor, content.length)
        self._total = content.total

    def append(self, record: Record) -> int:
        """Write a record as one line, in one piece; how many bytes it took. Raises OSError."""
        text = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
        total = zlib.crc32(text, self._total)
        line = text[:-1] + _SUM + f"{total:08x}".encode() + b'"}\n'
        written = os.write(self._descriptor, line)
        while written < len(line):
            written += os.write(self._descriptor, line[written:])
        self._total = total
        return len(line)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read(path: Path) -> Content:
    """The records of a journal up to a torn last line. Raises Damaged, or OSError."""
    if path.stat().st_size > LARGEST:
        raise Damaged(f"the journal {path.name} is larger than {LARGEST // 2**20} MB; it is kept as it is")
    records: list[Record] = []
    length = total = 0
    with path.open("rb") as file:
        for line in file:
            record, summed = _read(line, total)
            if record is None:
                if file.read(1):
                    raise Damaged(f"the journal {path.name} is damaged in line {len(records) + 1}; it is kept as it is")
                break
            records.append(record)
            total = summed
            length += len(line)
    return Content(tuple(records), length, total)


def last_record(path: Path) -> Record | None:
    """The last whole line of a journal, unproved; None where there is none. Raises OSError."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2**20))
        lines = [line for line in file if line.endswith(b"\n")]
    with suppress(ValueError):
        record = json.loads(lines[-1]) if lines else None
        return record if isinstance(record, dict) else None
    return None


def first_record(path: Path) -> Record | None:
    """The first line of a journal, unproved; None where there is none. Raises OSError."""
    with path.open("rb") as file:
        line = file.readline(LARGEST)
    with suppress(ValueError):
        record = json.loads(line)
        return record if isinstance(record, dict) else None
    return None


def prune(place: Path) -> None:
    """Delete the oldest journals beyond the number that is kept; one that is being written stays."""
    for path in journals(place)[KEPT:]:
        with suppress(OSError):
            store = Store.take(path)
            if store is not None:
                path.unlink()
                store.close()


def held(path: Path) -> bool:
    """Whether a session is writing this file."""
    store = None
    with suppress(OSError):
        store = Store.take(path)
    if store is None:
        return True
    store.close()
    return False


def _read(line: bytes, total: int) -> tuple[Record | None, int]:
    head, found, tail = line.rpartition(_SUM)
    text = head + b"}"
    total = zlib.crc32(text, total)
    if not found or tail != f"{total:08x}".encode() + b'"}\n':
        return None, total
    try:
        record = json.loads(text.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None, total
    return (record, total) if isinstance(record, dict) else (None, total)


def _lock(descriptor: int) -> bool:
    """Hold the file against other sessions for as long as it is open; False where one holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def finished(path: Path) -> bool:
    """Whether the session of a journal was left by its person, or never began. Raises OSError."""
    record = last_record(path)
    return record is None or "end" in record


def unfinished(place: Path) -> Iterator[Path]:
    """The journals of sessions that were cut off, the newest first; those that still run are left out."""
    for path in journals(place):
        with suppress(OSError):
            if not finished(path) and not held(path):
                yield path
