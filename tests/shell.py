"""Commands as a person at a shell meets them."""

import io
import json
import sys
from typing import Any

import pytest

from bntui.commands.cli import run

Capture = pytest.CaptureFixture[str]

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
