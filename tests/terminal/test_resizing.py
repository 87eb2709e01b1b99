"""The window is dragged: what is sent meanwhile, what a key does, and what stands there in the end."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from terminal.driver import PROGRAM, Terminal, bntui

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")

SIZES = [(120 - step, 40 - step // 4) for step in range(1, 21)]
REPAINT = "\x0c"
BETWEEN = 0.03  # seconds from one size to the next


@contextmanager
def opened(columns: int, rows: int) -> Iterator[Terminal]:
    """A program whose first screen stands."""
    with bntui("sigmoid-net", size=(columns, rows)) as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.quiet()
        yield terminal


def dragged(terminal: Terminal, reads: bool = True) -> None:
    """Drag the window through twenty sizes."""
    for size in SIZES:
        terminal.resize(*size)
        end = time.monotonic() + BETWEEN
        while (left := end - time.monotonic()) > 0:
            if not (reads and terminal.read(left)):
                time.sleep(min(left, BETWEEN / 10))


def assert_painted_right(terminal: Terminal) -> None:
    """What is there is what all of it sent again shows, to the last row."""
    terminal.quiet()
    shown = terminal.text()
    terminal.screen.reset()
    terminal.press(REPAINT)
    terminal.until("‖∂J/∂W‖")
    terminal.quiet()
    assert terminal.text() == shown
    assert terminal.row(-1).startswith("space step")


@pytest.mark.slow
def test_the_size_is_the_terminals_and_not_what_a_shell_has_exported() -> None:
    exported = {"COLUMNS": "100", "LINES": "30"}
    with bntui("sigmoid-net", **exported) as terminal, bntui("sigmoid-net") as other:
        for each in (terminal, other):
            each.until("‖∂J/∂W‖")
            each.quiet()
        assert terminal.text() == other.text()
    with bntui("notes", size=(60, 10), **exported) as view:
        view.until("No lesson is running")
        assert view.row(0).endswith("SCENARIO, then")  # broken at 60 columns


@pytest.mark.slow
def test_a_terminal_that_does_not_know_its_size_has_eighty_columns() -> None:
    """As a serial line, and some that a container is given."""
    with (
        Terminal(["sh", "-c", f"stty rows 0 cols 0; exec {shlex.join(PROGRAM)} sigmoid-net"]) as terminal,
        bntui("sigmoid-net") as other,
    ):
        for each in (terminal, other):
            each.until("‖∂J/∂W‖")
            each.quiet()
        assert terminal.text() == other.text()
    with Terminal(["sh", "-c", f"stty rows 0 cols 0; exec {shlex.join(PROGRAM)} notes"]) as view:
        view.until("No lesson is running. Open one with bntui SCENARIO")


@pytest.mark.slow
def test_a_drag_through_twenty_sizes_is_painted_once_or_twice_and_right_in_the_end() -> None:
    with opened(120, 40) as terminal, opened(*SIZES[-1]) as other:
        before = len(terminal.output)
        terminal.resize(*SIZES[-1])
        terminal.quiet()
        once = len(terminal.output) - before
        assert terminal.text() == other.text()
        terminal.resize(120, 40)
        terminal.quiet()
        before = len(terminal.output)
        dragged(terminal)
        terminal.quiet()
        assert 0.5 * once < len(terminal.output) - before < 2.5 * once
        assert terminal.text() == other.text()


@pytest.mark.slow
def test_a_key_in_the_middle_of_a_drag_is_answered_in_the_middle() -> None:
    with opened(120, 40) as terminal:
        for number, size in enumerate(SIZES):
            terminal.resize(*size)
            if number == len(SIZES) // 2:
                terminal.press("space")
                terminal.until(" · step 1 · ")
                # the header, which says so, may have gone before the rest, at the size that there is
                terminal.until(lambda text: text.splitlines()[-1].startswith("space step"))
        assert_painted_right(terminal)


@pytest.mark.slow
def test_while_it_runs_the_last_size_is_painted_right_too() -> None:
    with opened(120, 40) as terminal:
        terminal.press("r")
        terminal.until("10/s")
        dragged(terminal)
        terminal.until(lambda text: text.splitlines()[-1].startswith("r pause"))
        terminal.press("r")
        terminal.until(lambda text: "10/s" not in text)
        assert_painted_right(terminal)


@pytest.mark.slow
def test_over_a_line_that_takes_nothing_meanwhile_the_last_size_comes_right_when_it_does() -> None:
    with opened(120, 40) as terminal:
        terminal.press("r")
        terminal.until("10/s")
        dragged(terminal, reads=False)
        terminal.press("r")
        terminal.until(lambda text: text.splitlines()[-1].startswith("space step") and "10/s" not in text)
        assert_painted_right(terminal)
