"""Files of a journal: private, one session each, every line proved by a sum over all before it."""

from __future__ import annotations

import json
import os
import secrets
import stat
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bntui.session.keep import holding, private

LARGEST = 256 * 2**20
TAIL = 2**12  # bytes at the end of a journal that are looked at first
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
    return private.folder() / "sessions"


def journals(place: Path) -> list[Path]:
    """Every journal in a folder, the newest first."""
    found = []
    for path in place.glob("*.jsonl"):
        with suppress(OSError):  # one that was removed meanwhile
            told = path.lstat()
            if stat.S_ISREG(told.st_mode):
                found.append((told.st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


class Store:
    """A journal file that is open for writing, and held against everybody else for as long."""

    def __init__(self, path: Path, descriptor: int, total: int = 0) -> None:
        self.path = path
        self._descriptor = descriptor
        self._total = total
        holding.note_holder(path)

    @classmethod
    def create(cls, place: Path) -> Store:
        """A new file in a folder that only its owner may read. Raises OSError."""
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.is_symlink():  # a link's target may serve others too
            place.chmod(0o700)
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(4)}.jsonl"
        path = place / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        holding.hold(descriptor)
        return cls(path, descriptor)

    @classmethod
    def take(cls, path: Path, patience: float = holding.GLANCE) -> Store | None:
        """An existing file, to go on in; None where another session holds it for longer than `patience` seconds. Raises OSError."""
        descriptor = holding.open_held(path, patience)
        return None if descriptor is None else cls(path, descriptor)

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
            holding.forget_holder(self.path)
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Delete the file. Raises OSError."""
        self.path.unlink()
        self.close()


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


def first_record(path: Path) -> Record | None:
    """The first line of a journal, unproved; None where there is none. Raises OSError."""
    with path.open("rb") as file:
        return unproved(file.readline(LARGEST))


def last_record(path: Path) -> Record | None:
    """The last whole line of a journal, unproved; None where there is none. Raises OSError."""
    size, reach = path.stat().st_size, TAIL
    with path.open("rb") as file:
        while True:
            file.seek(max(0, size - reach))
            lines = [line for line in file if line.endswith(b"\n")]
            if len(lines) > 1 or reach >= size:  # the first of them may lack its beginning
                return unproved(lines[-1]) if lines else None
            reach *= 8


def unproved(line: bytes) -> Record | None:
    """What a line says, whatever its sum; None where it says nothing that can be read."""
    with suppress(ValueError, RecursionError):
        record = json.loads(line)
        return record if isinstance(record, dict) else None
    return None


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
