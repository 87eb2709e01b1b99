"""Writing the file that somebody asked for: whole or not at all, and never over one that is being read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from bntui.scenario.text.wording import harmless

FORCE = "--force replaces it"


class CannotWrite(ValueError):
    """An output that is not written; the message is a sentence."""


@contextmanager
def output(path: Path, reading: Iterable[Path], force: bool, otherwise: str = FORCE) -> Iterator[TextIO]:
    """A file to write to, which takes its place when all of it is there. Raises CannotWrite, OSError.

    `reading` are the files that this run reads; any other that exists already is replaced by `force` alone, and the sentence
    says `otherwise` how. A device or a pipe is written to as it is.
    """
    read = tuple(reading)
    require_writable(path, read, force, otherwise)
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    target = path.resolve()  # a link goes on leading to it
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8") as file:
            yield file
        require_writable(path, read, force, otherwise)
        if target.exists():
            part.chmod(target.stat().st_mode)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()


def require_writable(path: Path, reading: Iterable[Path], force: bool, otherwise: str = FORCE) -> None:
    """Refuse a directory, a file that is being read, and without `force` any that exists. Raises CannotWrite."""
    name = harmless(str(path))
    if path.is_dir():
        raise CannotWrite(f"{name} is a directory; name a file in it")
    if any(_is_same(path, each) for each in reading):
        raise CannotWrite(f"{name} is what is being read; nothing was written")
    if path.is_file() and not force:
        raise CannotWrite(f"{name} exists already; {otherwise}")


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
