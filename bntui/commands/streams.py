"""The standard streams: what stands in for a closed one, how large the terminal is, and which characters are printed to one."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from bntui.tui.extent import extent_of
from bntui.views.text.cells import spelled
from bntui.views.text.face import draws_ascii, is_utf

NEAREST = "bntui.nearest"  # the name of the error handler that spells in ASCII


def open_closed() -> None:
    """Stand in for what the shell has closed: nothing comes in, and complaints go nowhere."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as above


def terminal_size(columns: int = 80) -> os.terminal_size:
    """The terminal's own size.

    Without a terminal, or where it knows none, it is what COLUMNS and LINES say, and so many `columns` where they say nothing.
    """
    return size_on(sys.stdout) or shutil.get_terminal_size((columns, 24))


def size_on(stream: TextIO) -> os.terminal_size | None:
    """The size of the terminal that a stream is printed on; None where there is none, or it knows none."""
    with suppress(OSError, ValueError):  # a stream that was closed, or is none of the system's
        return extent_of(stream.fileno())
    return None


def give_up_output() -> None:
    """Let nothing that is still to be written be tried again at the end of the process."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def take_face(asked: bool | None) -> None:
    """From now on the standard streams print what the terminal can show, or ASCII or not as is asked for."""
    if draws_ascii(asked, sys.stdout.encoding or "", environment(), sys.stdout.isatty()):
        print_ascii(sys.stdout, sys.stderr)
    elif asked is not None:
        for stream in (sys.stdout, sys.stderr):
            print_data(stream)


def ascii_alone(asked: bool = False) -> bool:
    """Whether the standard output has nothing but ASCII, as the face that was taken says."""
    return asked or not is_utf(sys.stdout.encoding or "")


def environment() -> Mapping[str, str]:
    """The environment that the program was started in: Python itself sets LC_CTYPE where the locale is C."""
    try:
        started = Path("/proc/self/environ").read_bytes()
    except OSError:
        return os.environ
    pairs = (os.fsdecode(entry).partition("=") for entry in started.split(b"\0") if entry)
    return {name: value for name, _, value in pairs}


def print_ascii(*streams: TextIO | None) -> None:
    """From now on these streams print what they have no character for in the nearest ASCII."""
    codecs.register_error(NEAREST, spelled)
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="ascii", errors=NEAREST)


def print_data(stream: TextIO) -> None:
    """From now on this stream prints data, which is UTF-8 in every locale and spelled as it is."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
