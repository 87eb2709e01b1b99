"""Files of the user's own in the state folder: written whole, readable by nobody else, and read only where they are still that."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from platformdirs import user_cache_path, user_state_path

from bntui.session.keep.aside import Late, within

LARGEST = 2**20
ANSWER = 1.0  # seconds
NO_ANSWER = "its disk gives no answer"


def folder() -> Path:
    """The program's folder in the user's state folder."""
    return Path(user_state_path("bntui", appauthor=False))


def cache_folder(name: str) -> Path:
    """Where what can be made anew is kept, by its name. Raises OSError or RuntimeError where there is no such place."""
    return Path(user_cache_path("bntui", appauthor=False)) / name


@cache
def answers(path: Path) -> bool:
    """Whether the disk that a path leads to gives an answer soon. It is asked once: who begins without it does not wait again."""
    try:
        within(ANSWER, partial(os.path.lexists, path))
    except Late:
        return False
    return True


def require_answer(path: Path) -> None:
    """Raises OSError where the disk that a path leads to gives no answer."""
    if not answers(path):
        raise TimeoutError(errno.ETIMEDOUT, NO_ANSWER, str(path))


def write(path: Path, text: str, lasting: bool = False) -> None:
    """Put a text in place of a file's in one stroke; one that is `lasting` outlasts a loss of power from now on. Raises OSError."""
    changed = make_folder(path.parent)
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            if lasting:
                file.flush()
                os.fsync(descriptor)
        part.replace(path)
    except OSError:
        remove(part)
        raise
    if lasting:
        for folder_above in (*changed, path.parent):
            sync_folder(folder_above)


def write_among(path: Path, text: str, most: int) -> None:
    """Put a text in place of a file's, and keep beside it only so many of the same ending: those saved last. Raises OSError."""
    write(path, text)
    aged = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda each: each.lstat().st_mtime_ns)
    for old in aged[:-most]:
        remove(old)


def make_folder(path: Path) -> tuple[Path, ...]:
    """Make a folder that only its owner may enter, and those above it, where there are none. Raises OSError.

    The folders in which there is a new name by that, the uppermost first: to be synced if it shall outlast a loss of power.
    """
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):  # mkdir itself makes the upper ones as open as the umask lets it
        each.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(exist_ok=True)  # which says so where something else stands there
    return tuple(each.parent for each in reversed(missing))


def sync_folder(path: Path) -> None:
    """See to it that the names in a folder outlast a loss of power, where the system can do that."""
    with suppress(OSError):  # not every file system syncs folders, and on Windows none can be opened
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def opened(path: Path, flags: int = os.O_RDONLY, owner: int | None = None) -> int:
    """The descriptor of a regular file of one's own, or of an `owner`. Raises OSError, also for a link to such a file."""
    # a named pipe without a writer must not be waited for, and a link may lead anywhere
    careful = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY"))
    descriptor = os.open(path, flags | careful)
    if is_own(os.fstat(descriptor), owner):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EPERM, "it is not a regular file of its user", str(path))


def is_own(told: os.stat_result, owner: int | None = None) -> bool:
    """Whether that is a regular file of the user's own, or of an `owner`."""
    if not hasattr(os, "getuid"):
        return stat.S_ISREG(told.st_mode)
    return stat.S_ISREG(told.st_mode) and told.st_uid == (os.getuid() if owner is None else owner)


def read(path: Path) -> str | None:
    """The text of a small regular file of one's own; None where there is none, or something else stands in its place."""
    with suppress(OSError, ValueError), open(opened(path), "rb") as file:
        content = file.read(LARGEST + 1)
        return content.decode("utf-8") if len(content) <= LARGEST else None
    return None


def remove(path: Path) -> None:
    """Remove a file, where it is there."""
    with suppress(OSError):
        path.unlink()
