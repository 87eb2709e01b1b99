"""Small files of the user's own in the state folder, written whole and readable by nobody else."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bntui.session import storage

LARGEST = 2**20


def folder() -> Path:
    """The program's folder in the user's state folder."""
    return storage.folder().parent


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
    """The text of a file; None where there is none that can be read."""
    with suppress(OSError, ValueError):
        if path.stat().st_size <= LARGEST:
            return path.read_text(encoding="utf-8")
    return None


def remove(path: Path) -> None:
    """Remove a file, where it is there."""
    with suppress(OSError):
        path.unlink()
