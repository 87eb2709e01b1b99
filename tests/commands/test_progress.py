"""The line that says how far long work is, as a person at a terminal meets it."""

import io

import pyte
from shell import Terminal

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
