"""The speaker's view in a second terminal: it stays with the session that it began with, and goes on with it."""

import re
import signal
import sys
from pathlib import Path

import pytest
from terminal.driver import bntui
from terminal.test_kill import die, until_kept

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")


def title(name: str) -> str:
    """The title of a scenario of the library."""
    return read_file(library.find(name)).scenario.title


@pytest.mark.slow
def test_another_sessions_lesson_does_not_take_the_speakers_view_over(tmp_path: Path) -> None:
    state = str(tmp_path)
    mine, other = title("relu-net"), title("sigmoid-net")
    with bntui("notes", XDG_STATE_HOME=state) as view:
        view.until("No lesson is running")
        with bntui("relu-net", XDG_STATE_HOME=state) as speaker:
            speaker.until("step 0")
            view.until(f"{mine} · beat 1 of")
            name = until_kept(speaker, tmp_path, 0).name
            with bntui("sigmoid-net", XDG_STATE_HOME=state) as foreign:
                foreign.until("step 0")
                foreign.until(lambda _: len(list((tmp_path / "bntui" / "notes").glob("*.json"))) == 2)
                with bntui("notes", XDG_STATE_HOME=state) as second:
                    second.until("Several lessons are running")
                    second.until(f"{foreign.process.pid}  {other} · beat 1")
                    assert second.ended() == 0
                with bntui("notes", str(foreign.process.pid), XDG_STATE_HOME=state) as second:
                    second.until(f"{other} · beat 1 of")
                clock = view.row(0)
                view.until(lambda screen, clock=clock: screen.split("\n")[0] != clock)
                assert f"{mine} · beat 1 of" in view.text()
                die(speaker)
                view.until("The session has ended")
                assert mine in view.text().replace("\n", " ")
                with bntui("--resume", name, XDG_STATE_HOME=state) as speaker_again:
                    speaker_again.until("· step ")
                    view.until(f"{mine} · beat 1 of")


@pytest.mark.slow
def test_a_small_window_shows_something_of_all_and_q_leaves_it_as_it_was(tmp_path: Path) -> None:
    state = str(tmp_path)
    with bntui("relu-net", XDG_STATE_HOME=state) as speaker:
        speaker.until("step 0")
        with bntui("notes", size=(30, 8), XDG_STATE_HOME=state) as view:
            view.until("== Now, beat 1")
            view.until("== Next, beat 2")
            assert re.fullmatch(r"\d\d:\d\d \d+:\d\d of \d+ \d+:\d\d", view.row(0))
            assert re.search(r"^… \d+ more lines?$", view.text(), re.MULTILINE)
            view.resize(80, 24)
            view.until("since the start")
            assert "more line" not in view.text().partition("== Beats")[0]
            view.press("x", "q")
            assert view.ended() == 0
            assert view.attributes_now == view.attributes


@pytest.mark.slow
def test_while_nothing_happens_little_more_than_the_clock_is_sent(tmp_path: Path) -> None:
    state = str(tmp_path)
    with bntui("relu-net", XDG_STATE_HOME=state) as speaker:
        speaker.until("step 0")
        with bntui("notes", "--ascii", XDG_STATE_HOME=state) as view:
            view.until("== Next, beat 2")
            assert view.text().isascii()
            before, clocks = len(view.output), set[str]()
            while len(clocks) < 4:
                view.read(0.2)
                clocks.add(view.row(0))
            assert len(view.output) - before <= 4 * 200


@pytest.mark.parametrize(("end", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path, end: signal.Signals, status: int) -> None:
    with bntui("notes", XDG_STATE_HOME=str(tmp_path)) as view:
        view.until("No lesson is running")
        view.process.send_signal(end)
        assert view.ended() == status
        assert view.attributes_now == view.attributes
