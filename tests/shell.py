"""Commands as a person at a shell meets them."""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bntui.commands.cli import run

Capture = pytest.CaptureFixture[str]
T = TypeVar("T")

PROGRAM = [sys.executable, "-m", "bntui"]
CORE = ("deep-relu", "goodfellow-chain", "relu-net", "sigmoid-net")


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def printed(capsys: Capture, *arguments: str) -> str:
    """What a command that is good prints."""
    status = run(list(arguments))
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out


def refused(capsys: Capture, *arguments: str) -> str:
    """The sentence with which a command is refused."""
    status = run(list(arguments))
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    return err


def lines(text: str) -> list[dict[str, Any]]:
    """What a trace says, a mapping a line."""
    return [json.loads(line) for line in text.splitlines()]


def computed(process: int) -> float:
    """The seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until(found: Callable[[], T]) -> T:
    """What is found once something is."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError("it has not come")
