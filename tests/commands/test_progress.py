"""The line that says how far long work is, as a person at a terminal meets it."""

import io
import os
import pty
import re
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pyte
import pytest
from paced import mostly_slow
from shell import Terminal

from bntui.commands import progress as progress_module
from bntui.commands.cli import run
from bntui.commands.progress import BAR, Progress


def seen(text: str) -> str:
    """The line that stands on the terminal."""
    screen = pyte.Screen(80, 2)
    pyte.Stream(screen).feed(text)
    return screen.display[0].rstrip()


def test_it_says_how_much_is_done_and_what_is_under_way() -> None:
    terminal = Terminal()
    with Progress(terminal, patience=0) as progress:
        progress.tell(0.5, "playing deep-relu")
        assert seen(terminal.getvalue()) == f"{'#' * (BAR // 2)}{'.' * (BAR // 2)}  50 %, playing deep-relu"
    assert seen(terminal.getvalue()) == ""


def test_a_shorter_line_leaves_nothing_of_a_longer_one_and_a_long_one_is_cut() -> None:
    terminal = Terminal()
    progress = Progress(terminal, patience=0)
    progress.tell(0.1, "π" * 200)
    assert len(seen(terminal.getvalue())) == 79
    progress._next = 0.0  # the pause between two tellings is over
    progress.tell(1.0, "short")
    assert seen(terminal.getvalue()) == f"{'#' * BAR} 100 %, short"


def test_what_is_done_within_a_second_and_what_nobody_looks_at_says_nothing() -> None:
    quick, pipe = Terminal(), io.StringIO()
    for stream, patience in ((quick, 3600.0), (pipe, 0.0)):
        with Progress(stream, patience) as progress:
            progress.tell(0.5)
        assert stream.getvalue() == ""


SHARE = re.compile(r"(\d+) %")
IN_ONE_GO = {
    "show sigmoid-net --at 40": ("begin", "on the way to step 40, ctrl+c stops"),
    "sweep sigmoid-net --at 40 --count 2 --steps 1 --seeds 1 --json": ("begin", "on the way to step 40"),
    "trace sigmoid-net --steps 40 --every 40 --only loss -o out.csv": ("trace", "traced, ctrl+c keeps"),
    "trace sigmoid-net --steps 300 --every 300 --seeds 2 --only loss -o out.csv": ("trace", "traced, ctrl+c keeps"),
    "trace sigmoid-net --steps 40 --every 40 --to step>39 --only loss -o out.csv": ("trace", "traced, ctrl+c keeps"),
    "report sigmoid-net -o out.md": ("report", "playing Vanishing through sigmoids"),
}


@pytest.mark.parametrize("line", mostly_slow(list(IN_ONE_GO), list(IN_ONE_GO)[:1]))
def test_a_terminal_is_told_how_far_a_command_is_that_has_nothing_to_print_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    module, says = IN_ONE_GO[line]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_module, "PAUSE", 0.0)
    monkeypatch.setattr(f"bntui.commands.{module}.Progress", partial(Progress, patience=0))
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    assert run(line.split()) == 0
    told = terminal.getvalue()
    assert says in told
    shares = [int(found) for found in SHARE.findall(told)]
    assert len(set(shares)) > 4
    assert shares == sorted(shares)
    assert seen(told).strip() in ("", *(text for text in told.splitlines() if text.startswith("bntui: ")))


def test_a_terminal_that_says_no_width_has_eighty_columns() -> None:
    own, other = pty.openpty()
    try:
        with open(other, "w", closefd=False) as stream:
            assert Progress(stream)._columns() == 80
    finally:
        os.close(own)
        os.close(other)


def test_a_terminal_that_goes_away_ends_no_work() -> None:
    terminal = Terminal()
    terminal.close()
    terminal.write = Mock(side_effect=OSError(5, "Input/output error"))  # type: ignore[method-assign] # a terminal that has gone
    terminal.isatty = lambda: True  # type: ignore[method-assign] # as above
    with Progress(terminal, patience=0) as progress:
        progress.tell(0.5)
        progress._next = 0.0
        progress.tell(0.6)
    assert terminal.write.call_count == 1
