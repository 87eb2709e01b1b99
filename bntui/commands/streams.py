"""The face that a terminal gets: whether it can show more than ASCII, and how text is printed where it cannot."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from bntui.views.text.cells import in_ascii

NEAREST = "bntui.nearest"  # the name of the error handler that spells in ASCII


def draws_ascii(asked: bool, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether nothing but ASCII may be shown: because that is asked for, or because the locale is none of UTF-8.

    The name of the locale counts and not whether this machine has it: over SSH it is that of the terminal at the other end.
    """
    if asked or not _utf(stream.encoding or ""):
        return True
    name = next((environment[each] for each in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(each)), "C")
    codeset = name.partition(".")[2].partition("@")[0]
    return not _utf(codeset or name)  # macOS says LC_CTYPE=UTF-8


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
    codecs.register_error(NEAREST, _nearest)
    for stream in streams:
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="ascii", errors=NEAREST)


def print_data(stream: TextIO) -> None:
    """From now on this stream prints data, which is UTF-8 in every locale and spelled as it is."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _utf(name: str) -> bool:
    return name.lower().replace("-", "") in ("utf8", "utf16", "utf32")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """What is one of ours in ASCII, and any other character as its number: a name is to be told from another."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end], True, _number), error.end


def _number(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()
