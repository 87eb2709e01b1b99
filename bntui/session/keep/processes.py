"""Processes by their number, their start and their machine: a number alone may belong to another process by now, or there."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from bntui.records import dataclass

PROC = Path("/proc")


def here() -> str:
    """The name of this machine: a folder may be that of several."""
    return platform.node()


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its number, when it started in the words of the system, and the machine that it is on."""

    number: int
    started: str
    host: str = field(default_factory=here)

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is on another machine, where nobody here can see it."""
        return self.host != here()


def this() -> Process:
    """The process at hand."""
    return Process(os.getpid(), _started(os.getpid()) or "")


def runs(process: Process, user: int | None = None) -> bool:
    """Whether exactly this process runs here, for a user by number, or for the same one as the process at hand."""
    return process.number > 0 and not process.is_elsewhere and _started(process.number, user) == process.started


def ask_to_end(process: Process) -> None:
    """Hang up on a process, as its terminal would; one that is suspended is woken for that. Raises OSError."""
    with suppress(ProcessLookupError):
        os.kill(process.number, signal.SIGHUP)
        os.kill(process.number, signal.SIGCONT)


def _started(number: int, user: int | None = None) -> str | None:
    """When a process of a user, by default of this one, started; None where there is none of that number."""
    owner = os.getuid() if user is None else user
    if (PROC / "self" / "stat").exists():
        with suppress(OSError, ValueError):
            place = PROC / str(number)
            told = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()
            return told[19] if place.stat().st_uid == owner else None
        return None
    with suppress(OSError, ValueError):
        command = ["ps", "-o", "uid=", "-o", "lstart=", "-p", str(number)]
        environment = {**os.environ, "LC_ALL": "C"}
        told = subprocess.run(command, check=False, capture_output=True, text=True, env=environment).stdout.split()
        return " ".join(told[1:]) if told and int(told[0]) == owner else None
    return None
