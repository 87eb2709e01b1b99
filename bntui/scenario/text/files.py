"""Files: read though somebody else may have made them, and written whole or not at all.

A file is read within bounds, never blocking, never following where it should not; an output never takes the place of what is
being read, and of another file only when that is asked for.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from bntui.scenario.text.wording import harmless

Stamp = tuple[int, int, int] | None  # when a file was changed last, its size, and which one it is; None where there is none

MOST_BYTES = 10_000_000  # of a document
FORCE = "--force replaces it"

_REASONS = {
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "there is no such file",
    errno.EISDIR: "this is a directory; name a file in it",
    errno.EACCES: "this file may not be read",
    errno.EPERM: "this file may not be read",
    errno.ELOOP: "this is a symbolic link that leads nowhere but to itself",
    errno.ENAMETOOLONG: "there is no such file; the name is too long",
}


class CannotRead(Exception):
    """A file cannot be used; the message is one sentence. `line` and `column` where it is a place in the file."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def read_text_file(path: Path, most_bytes: int) -> str:
    """The text of a regular file of at most that size, in UTF-8. Raises CannotRead."""
    return decoded(_bytes(path, most_bytes))


def read_standard_input(most_bytes: int) -> str:
    """The text that comes in, of at most that size, in UTF-8. Raises CannotRead."""
    try:
        content = sys.stdin.buffer.read(most_bytes + 1)
    except OSError as error:
        raise CannotRead(f"it cannot be read: {error.strerror or error}") from None
    if len(content) > most_bytes:
        raise CannotRead(f"it is larger than {most_bytes // 10**6} MB; that is the most allowed")
    return decoded(content)


def stamp(path: Path) -> Stamp:
    """What tells a file from what it was before it was saved anew; None where there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def inside(folder: Path, name: str, what: str) -> Path:
    """The file of that name if it lies in the folder of `what` names it, once links are followed. Raises CannotRead."""
    try:
        home = folder.resolve()
        target = (home / name).resolve()
    except (OSError, RuntimeError, ValueError):
        raise CannotRead("this is a symbolic link that leads nowhere but to itself") from None
    if Path(name).is_absolute() or not target.is_relative_to(home):
        raise CannotRead(f"this lies outside the {what}'s folder; put the file beside the {what}")
    return target


def _bytes(path: Path, most_bytes: int) -> bytes:
    try:
        _require_regular(os.stat(path))
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            _require_regular(status)
            content = b"" if status.st_size > most_bytes else file.read(most_bytes + 1)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0)
        raise CannotRead(reason or f"this file cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise CannotRead("there is no such file; the name has a null character") from None
    if status.st_size > most_bytes or len(content) > most_bytes:
        raise CannotRead(f"this file is larger than {most_bytes // 10**6} MB; that is the most allowed")
    return content


def _require_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise CannotRead(_REASONS[errno.EISDIR])
    if not stat.S_ISREG(status.st_mode):
        raise CannotRead("this is not a regular file, but a device, pipe or socket")


def decoded(content: bytes) -> str:
    """The text of bytes in UTF-8, a byte order mark left out. Raises CannotRead with the place of a wrong byte."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a byte order mark the decoder counts from after it, so the place is found in the same bytes it saw.
        before = bytes(error.object)[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        byte = bytes(error.object)[error.start]
        raise CannotRead(f"found the byte 0x{byte:02x}; the text must be UTF-8", line, column) from None


class CannotWrite(ValueError):
    """An output that is not written; the message is a sentence."""


@contextmanager
def output(path: Path, reading: Iterable[Path], force: bool, otherwise: str = FORCE) -> Iterator[TextIO]:
    """A file to write to, which takes its place when all of it is there. Raises CannotWrite.

    `reading` are the files that this run reads; any other that exists already is replaced by `force` alone, and the sentence
    says `otherwise` how. A device or a pipe is written to as it is.
    """
    read = tuple(reading)
    require_writable(path, read, force, otherwise)
    if path.exists() and not path.is_file():
        with _named(path), path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    target = path.resolve()  # a link goes on leading to it
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _named(path, part), part.open("x", encoding="utf-8") as file:
            yield file
        require_writable(path, read, force, otherwise)
        with _named(path, part):
            if target.exists():
                part.chmod(target.stat().st_mode)
            part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def _named(path: Path, part: Path | None = None) -> Iterator[None]:
    """Say by its name that a file cannot be written, be it by its `part`: what a system refuses of a write has none."""
    try:
        yield
    except BrokenPipeError:  # whoever reads a pipe has enough
        raise
    except OSError as error:
        if error.filename not in (None, str(path), str(part)):  # of a file that is being read
            raise
        raise CannotWrite(f"{harmless(str(path))} cannot be written: {error.strerror or error}") from error


def require_writable(path: Path, reading: Iterable[Path], force: bool, otherwise: str = FORCE) -> None:
    """Refuse a directory, a file in none, one that is being read, and without `force` any that exists. Raises CannotWrite."""
    name = harmless(str(path))
    if "\0" in str(path):
        raise CannotWrite(f"{name} cannot be written: the name has a null character")
    if _leads_nowhere(path):
        raise CannotWrite(f"{name} cannot be written: {_REASONS[errno.ELOOP]}")
    if not path.parent.is_dir():
        raise CannotWrite(f"{name} cannot be written: there is no folder {harmless(str(path.parent))}")
    if path.is_dir():
        raise CannotWrite(f"{name} is a directory; name a file in it")
    if any(_is_same(path, each) for each in reading):
        raise CannotWrite(f"{name} is what is being read; nothing was written")
    if path.is_file() and not force:
        raise CannotWrite(f"{name} exists already; {otherwise}")


def _leads_nowhere(path: Path) -> bool:
    """Whether a path is a link that leads in a circle."""
    try:
        return path.resolve().is_symlink()
    except RuntimeError:  # before Python 3.13
        return True


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
