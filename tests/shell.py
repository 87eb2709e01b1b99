"""Commands as a person at a shell meets them."""

import pytest

from bntui.commands.cli import run

Capture = pytest.CaptureFixture[str]


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
