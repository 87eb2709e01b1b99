"""Files of a journal: private, one session each, every line proved by a sum over all before it.

What was written since the disk last said that it has everything may be lost with the machine's power, wholly or in pieces: a line
with a hole in it, and all behind it. That is no damage, but where the journal ends.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bntui.records import dataclass
from bntui.session.keep import holding, private

LARGEST = 256 * 2**20
TAIL = 2**12  # bytes at the end of a journal that are looked at first
LONGEST_LOOK = 2**23  # bytes at either end of one that cannot be gone on with, or whose last line is not found sooner
LOST = 2**20  # bytes behind a hole that can be lost with it: what is written in a few seconds
_SUM = b', "sum": "'

Record = dict[str, Any]


class Damaged(Exception):
    """A journal that cannot be used; the message is a sentence, and the file stays."""


@dataclass(frozen=True, slots=True)
class Content:
    """The records of a journal, how many bytes they take, and the sum over them; what follows is torn.

    `has_hole` where that was not written whole and nothing of it can be told, as after a loss of power.
    """

    records: tuple[Record, ...]
    length: int
    total: int
    has_hole: bool = False


class Lost(OSError):
    """A journal that this process may not write any more; the message is a sentence's end."""


def folder() -> Path:
    """Where journals lie: in the user's state folder."""
    return private.folder() / "sessions"


def journals(place: Path) -> list[Path]:
    """Every journal of one's own in a folder, the newest first."""
    found = []
    for path in place.glob("*.jsonl"):
        with suppress(OSError):  # one that was removed meanwhile
            told = path.lstat()
            if private.is_own(told):
                found.append((told.st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def new_path(place: Path) -> Path:
    """Where in a folder a journal that begins now lies."""
    return place / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.urandom(4).hex()}.jsonl"


class Store:
    """A journal file that is open for writing, and held against everybody else for as long.

    One thread writes, and another may sync meanwhile; what was written since the last sync is to be told by whoever asks for it.
    """

    def __init__(self, path: Path, descriptor: int, named_in: Sequence[Path] = ()) -> None:
        self.path = path
        self._descriptor = descriptor
        self._named_in = named_in  # folders that the disk was not asked yet to keep the way to the file in
        self.end = 0, 0  # bytes that are written whole, and the sum over them
        self._mine = holding.note_holder(path)

    @classmethod
    def create(cls, path: Path) -> Store:
        """A new file in a folder that only its owner may read. Raises OSError."""
        changed = private.make_folder(path.parent)
        if not path.parent.is_symlink():  # a link's target may serve others too
            path.parent.chmod(0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        holding.hold(descriptor)
        return cls(path, descriptor, (*changed, path.parent))

    @classmethod
    def take(cls, path: Path, patience: float = holding.GLANCE, from_elsewhere: bool = False) -> Store | None:
        """An existing file, to go on in; None where another session holds it for longer than `patience` seconds. Raises OSError."""
        descriptor = holding.open_held(path, patience, from_elsewhere)
        return None if descriptor is None else cls(path, descriptor)

    def continue_after(self, content: Content) -> None:
        """Go on after these records; what is torn behind them is dropped. Raises OSError."""
        os.ftruncate(self._descriptor, content.length)
        self.end = content.length, content.total

    def append(self, texts: Sequence[bytes]) -> None:
        """Write records, each as a line: all, or what counts as none. Raises OSError, Lost where another process writes by now."""
        if holding.is_lost(self.path, self._mine):
            raise Lost("it goes on in another process")
        length, total = self.end
        lines = []
        for text in texts:
            total = zlib.crc32(text, total)
            lines.append(text[:-1] + _SUM + f"{total:08x}".encode() + b'"}\n')
        data = b"".join(lines)
        os.lseek(self._descriptor, length, os.SEEK_SET)  # over what an attempt that failed may have left
        written = 0
        while written < len(data):
            written += os.write(self._descriptor, data[written:])
        self.end = length + len(data), total

    def sync(self) -> None:
        """Wait until what has been written outlasts a loss of power. Raises OSError, Lost where the file was deleted."""
        os.fsync(self._descriptor)
        for folder_above in self._named_in:
            private.sync_folder(folder_above)
        self._named_in = ()
        if not os.fstat(self._descriptor).st_nlink:
            raise Lost("its journal was deleted")

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            if not holding.is_lost(self.path, self._mine):
                holding.forget_holder(self.path)
            with suppress(OSError):  # what it could say was said by sync
                os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Delete the file. Raises OSError."""
        self.path.unlink()
        self.close()


def serialized(record: Record) -> bytes:
    """A record as it is written, without its sum."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def read(path: Path) -> Content:
    """The records of a journal up to where it is torn. Raises Damaged, or OSError."""
    records: list[Record] = []
    length = total = 0
    with open(private.opened(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST:
            raise Damaged(f"the journal {path.name} is larger than {LARGEST // 2**20} MB; it is kept as it is")
        for line in file:
            record, summed = _read(line, total)
            if record is None:
                has_hole = b"\0" in line and size - length <= LOST
                if not has_hole and file.read(1):
                    raise Damaged(f"the journal {path.name} is damaged in line {len(records) + 1}; it is kept as it is")
                return Content(tuple(records), length, total, has_hole)
            records.append(record)
            total = summed
            length += len(line)
    return Content(tuple(records), length, total)


def first_record(path: Path) -> Record | None:
    """The first line of a journal, unproved; None where there is none. Raises OSError."""
    with open(private.opened(path), "rb") as file:
        most = LARGEST if os.fstat(file.fileno()).st_size <= LARGEST else LONGEST_LOOK
        return unproved(file.readline(most))


def last_record(path: Path) -> Record | None:
    """The last whole line of a journal, unproved; None where there is none that can be found. Raises OSError."""
    reach = TAIL
    with open(private.opened(path), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        while True:
            file.seek(max(0, size - reach))
            lines = [line for line in file.read(reach).splitlines(keepends=True) if line.endswith(b"\n")]
            if len(lines) > 1 or reach >= size:  # the first of them may lack its beginning
                return unproved(lines[-1]) if lines else None
            if reach >= LONGEST_LOOK:
                return None
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
