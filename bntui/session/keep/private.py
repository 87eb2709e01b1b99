"""Small files of the user's own in the state folder, written whole and readable by nobody else."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

LARGEST = 2**20


def folder() -> Path:
    """The program's folder in the user's state folder."""
    return Path(user_state_path("bntui", appauthor=False))


def write(path: Path, text: str) -> None:
    """Put a text in place of a file's in one stroke. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except OSError:
        remove(part)
        raise


def read(path: Path) -> str | None:
    """The text of a file; None where there is none, or something else than a small regular file stands in its place."""
    with suppress(OSError, ValueError):
        # a named pipe without a writer must not be waited for, and a link may lead anywhere
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        with open(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                content = file.read(LARGEST + 1)
                return content.decode("utf-8") if len(content) <= LARGEST else None
    return None


def remove(path: Path) -> None:
    """Remove a file, where it is there."""
    with suppress(OSError):
        path.unlink()
