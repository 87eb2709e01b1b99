"""How large a terminal is, asked in one place: on the screen, and by whatever is printed on one."""

import fcntl
import os
import pty
import struct
import termios

import pytest

from bntui.commands import progress, streams
from bntui.tui.extent import extent_of


def sized(descriptor: int, columns: int, rows: int) -> None:
    """Give a terminal a size."""
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def test_a_terminal_says_its_size_whatever_the_shell_has_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "33")
    monkeypatch.setenv("LINES", "11")
    own, terminal = pty.openpty()
    sized(terminal, 97, 31)
    with os.fdopen(terminal, "w") as printed:
        monkeypatch.setattr("sys.stdout", printed)
        assert extent_of(terminal) == streams.terminal_size() == (97, 31)
        assert progress.Progress(printed)._columns() == 97
        sized(terminal, 0, 0)  # a serial line
        assert extent_of(terminal) is None
        assert streams.terminal_size() == (33, 11)
        assert progress.Progress(printed)._columns() == 80
    os.close(own)
    assert extent_of(terminal) is None
    assert streams.terminal_size() == (33, 11)  # of a stream that was closed
