"""The folder through which a session is followed, and its files: who may read them, and how they are read and written.

There are two kinds of folder: the user's own, which nobody else may enter, and one that a speaker has made for a class. Files
are written whole or appended to; whoever reads takes only regular files of bounded size that belong to the folder's owner.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bntui.records import dataclass
from bntui.session.keep import private, processes
from bntui.session.keep.processes import Process

PRESENT, LOG, MOMENTS, SWEEP, WISH = ".now", ".tree", ".numbers", ".sweep", ".wish"
BEGIN, AT = "bntui-", "@"
STRANGE = re.compile(r"[^A-Za-z0-9-]+")  # in the name of a machine, where it is to stand in that of a file
MOST_NAME = 100
MOST_PRESENT = MOST_SWEEP = 2**20
MOST_LOG = 64 * 2**20
MOST_MOMENTS = 32 * 2**20
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class NoClass(Exception):
    """A folder that cannot be used for a class; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder in which sessions are shared. `owner` is the user whose files are read; `mode` is that of the files in it."""

    path: Path
    owner: int
    mode: int = 0o600

    @property
    def is_private(self) -> bool:
        """Whether it is the user's own, in which a session is shared only while somebody asks for it."""
        return self.mode == 0o600

    def file(self, process: Process, ending: str) -> Path:
        """The file of a process; one of the same number on another machine, which may have the same folder, has other files."""
        return self.path / f"{BEGIN}{process.number}{AT}{_machine(process.host)}{ending}"

    def presents(self) -> Iterator[Path]:
        """The files that say where sessions stand now."""
        with suppress(OSError):
            yield from sorted(each for each in self.path.iterdir() if each.name.startswith(BEGIN) and each.suffix == PRESENT)

    def read(self, path: Path, most: int, begin: int = 0) -> bytes | None:
        """What a file holds from a byte on; None where there is none, or another thing in its place, or more than `most` bytes."""
        with suppress(OSError, ValueError), open(private.opened(path, owner=self.owner), "rb") as file:
            if os.fstat(file.fileno()).st_size <= most:
                file.seek(begin)
                content = file.read(most + 1 - begin)
                return content if len(content) <= most - begin else None
        return None

    def write(self, path: Path, content: bytes) -> None:
        """Put these bytes in place of a file's in one stroke. Raises OSError."""
        part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
        try:
            with open(self.created(part), "wb") as file:
                file.write(content)
            part.replace(path)
        except OSError:
            private.remove(part)
            raise

    def created(self, path: Path) -> int:
        """The descriptor of a new file to append to. Raises OSError."""
        if self.is_private:
            private.make_folder(self.path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0), self.mode)
        if not self.is_private:
            os.fchmod(descriptor, self.mode)  # whatever the umask: the folder says who may read
        return descriptor

    def remove(self, process: Process) -> None:
        """Remove all files of a process."""
        begin = self.file(process, ".").name
        with suppress(OSError):
            for path in list(self.path.iterdir()):
                if path.name.lstrip(".").startswith(begin):
                    private.remove(path)


def process_of(path: Path) -> Process | None:
    """The process on this machine whose file that is by its name, whenever it started; None where it is another's."""
    number, _, machine = path.name.removeprefix(BEGIN).partition(AT)
    here = machine.partition(".")[0] == _machine(processes.here())
    return Process(int(number), "") if here and number.isdecimal() else None


def _machine(host: str) -> str:
    """The name of a machine in the name of a file."""
    return STRANGE.sub("-", host)[:MOST_NAME]


def own() -> Folder:
    """The user's own folder, in the state folder: nobody else may enter it."""
    return Folder(private.folder() / "class", os.getuid())


def to_share_in(path: Path) -> Folder:
    """A folder that the user has made for a class, to share a session in it. Raises NoClass, OSError."""
    told = _told(path)
    if told.st_uid != os.getuid():
        raise NoClass(f"{path} is not your own folder; make one with `mkdir`, so that nobody else can put files into it")
    if told.st_mode & stat.S_ISVTX:  # /tmp and its like are not to be closed to others
        raise NoClass(f"{path} is there for everybody to write to; make a folder in it, with `mkdir -m 755`")
    if told.st_mode & OTHERS_WRITE:
        raise NoClass(f"others can write to {path}: `chmod go-w {path}` first, so that what the class reads is yours")
    return Folder(path.resolve(), told.st_uid, 0o644)


def to_follow_in(path: Path) -> Folder:
    """A folder in which somebody shares a session. Raises NoClass, OSError."""
    for above in reversed(path.absolute().parents):
        if not above.exists():
            break
        if not above.is_dir():
            raise NoClass(f"{above} is not a folder")
        if not os.access(above, os.X_OK):
            raise NoClass(f"{path} cannot be reached: {_closed(above, 'x')}")
    owner = _told(path).st_uid
    if not os.access(path, os.R_OK | os.X_OK):
        raise NoClass(_closed(path, "rx"))
    return Folder(path, owner, 0o644)


def _closed(path: Path, rights: str) -> str:
    """That a folder is closed to whoever asks, and how its owner opens it: to one more of a group that may, or to everybody."""
    told = path.stat()
    enters = stat.S_IXGRP | (stat.S_IRGRP if "r" in rights else 0)
    group = f"the group {_group(told.st_gid)} may, and with " if told.st_mode & enters == enters else ""
    everybody = " everybody" if group else ""
    says = f"{user_name(told.st_uid)}, whose folder it is, says who may watch"
    return f"{path} is closed to you; {says}: {group}`chmod o+{rights} {path}`{everybody}"


def _told(path: Path) -> os.stat_result:
    try:
        told = path.stat()
    except FileNotFoundError:
        raise NoClass(f"there is no folder {path}; whoever speaks makes it first, with `mkdir -m 755`") from None
    if not stat.S_ISDIR(told.st_mode):
        raise NoClass(f"{path} is not a folder")
    return told


def readers(path: Path) -> str:
    """Who can read what is shared in a folder, as a sentence. Raises OSError."""
    path = path.resolve()
    way = [path, *path.parents]
    everybody = _opened_to(way, stat.S_IROTH, stat.S_IXOTH)
    if everybody is None:
        return f"Everybody on this machine can read what you show in {path}."
    group = _opened_to(way, stat.S_IRGRP, stat.S_IXGRP)
    if group is None:
        return f"Members of the group {_group(path.stat().st_gid)} can read what you show in {path}, nobody else."
    closed = "read it" if everybody == path else f"enter {everybody}"
    how = "rx" if everybody == path else "x"
    return f"Nobody but you can read what you show in {path}: others cannot {closed} (chmod o+{how} {everybody})."


def _opened_to(way: list[Path], reads: int, enters: int) -> Path | None:
    """The first folder of a way, from within, that keeps others out by these bits; None where none does."""
    own_group = way[0].stat().st_gid
    for place, folder in enumerate(way):
        told = folder.stat()
        needed = reads | enters if place == 0 else enters
        mode = told.st_mode
        if enters == stat.S_IXGRP and told.st_gid != own_group:  # a group counts for others in the folders of another one
            mode = (mode & stat.S_IRWXO) << 3
        if mode & needed != needed:
            return folder
    return None


def _group(number: int) -> str:
    try:
        import grp  # noqa: PLC0415 - Windows has none

        return grp.getgrgid(number).gr_name
    except (ImportError, KeyError):
        return str(number)


def user_name(number: int) -> str:
    """The name of a user, or the number where there is none."""
    try:
        import pwd  # noqa: PLC0415 - as above

        return pwd.getpwuid(number).pw_name
    except (ImportError, KeyError):
        return f"user {number}"
