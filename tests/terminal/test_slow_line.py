"""Over a slow line that buffers without end keys are answered soon, by what is the present."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from terminal.conftest import program_of
from terminal.driver import MODES, Terminal, bntui
from terminal.faraway import QUESTION, Faraway, faraway, line_to

DELAY = 0.3  # seconds each way
PRESSES = 3
# the rate in bytes a second, and the seconds within which a key is answered
LINES = [pytest.param(8_000, 1.2, id="8 kB/s"), pytest.param(2_000, 2.0, id="2 kB/s")]
SCENARIO = "sigmoid-net"
HELD = 4_000  # bytes that a slow line holds at most of a program that goes by it: two seconds of it
OVER_SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


def running(terminal: Terminal) -> bool:
    """Whether the header says so."""
    return "▶" in terminal.row(0)


def seconds_until(terminal: Terminal, is_so: Callable[[], bool]) -> float:
    """How long it takes until something is so, but for what a busy machine gave to others meanwhile."""
    begin, waited = time.monotonic(), terminal.kept_waiting
    while not is_so():
        assert time.monotonic() - begin < 20, terminal.text()
        terminal.read(0.02)
    passed = time.monotonic() - begin
    return passed - max(now - before for now, before in zip(terminal.kept_waiting, waited, strict=True))


def run_for(terminal: Terminal, seconds: float) -> None:
    """Watch it for a while."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)


def held_for(terminal: Faraway, seconds: float) -> float:
    """The bytes that its line holds half of a time: one look may fall into a moment in which a busy machine sends nothing on."""
    held, end = [terminal.down.holds], time.monotonic() + seconds
    while time.monotonic() < end:
        terminal.read(0.02)
        held.append(terminal.down.holds)
    return median(held)


def start_running(terminal: Terminal) -> None:
    """The first screen, and then 200 steps a second."""
    terminal.until("┤")
    terminal.press(*">>>>r")
    terminal.until("▶ 200/s")
    run_for(terminal, 3.0)


def pressed(terminal: Terminal) -> float:
    """How long r takes to be answered; what is then shown is the present, and the rest of the screen follows."""
    terminal.press("r")
    taken = seconds_until(terminal, lambda: not running(terminal))
    header = terminal.row(0)
    terminal.quiet(2.0)
    assert terminal.row(0) == header
    before = terminal.text()
    terminal.press("\x0c")  # all of it anew
    terminal.quiet(2.0)
    assert terminal.text() == before
    terminal.press("r")
    terminal.until(lambda text: running(terminal))
    run_for(terminal, 2.0)
    return taken


def paused(terminal: Terminal) -> float:
    """How long r takes to be answered; then it runs again."""
    terminal.press("r")
    taken = seconds_until(terminal, lambda: not running(terminal))
    terminal.press("r")
    terminal.until(lambda text: running(terminal))
    run_for(terminal, 2.0)
    return taken


def stopped(terminal: Terminal) -> bool:
    """Whether the program is suspended."""
    status = Path(f"/proc/{terminal.process.pid}/stat").read_text(encoding="utf-8")
    return status.rpartition(")")[2].split()[0] == "T"


def left(terminal: Terminal) -> float:
    """How long q takes to be answered; no answer of the terminal comes behind it."""
    terminal.press("q")
    taken = seconds_until(terminal, lambda: terminal.mode(MODES["alternate screen"]) is False)
    assert terminal.ended() == 0
    terminal.assert_restored()
    return taken


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "bound"), LINES)
def test_keys_are_answered_soon_while_it_runs(rate: float, bound: float) -> None:
    with faraway(SCENARIO, rate=rate, delay=DELAY) as terminal:
        terminal.answer()
        start_running(terminal)
        terminal.most_unanswered = 0
        assert median(pressed(terminal) for _ in range(PRESSES)) <= bound
        assert terminal.most_unanswered == 1
        assert left(terminal) <= bound


@pytest.mark.slow
@pytest.mark.optional
@pytest.mark.parametrize(("rate", "bound"), LINES)
def test_keys_are_answered_soon_over_ssh(connection: list[str], tmp_path: Path, rate: float, bound: float) -> None:
    port = int(connection[connection.index("-p") + 1])
    with line_to(port, rate, DELAY) as line:
        connection[connection.index("-p") + 1] = str(line)
        with Terminal([*connection, program_of(tmp_path, SCENARIO)]) as terminal:
            terminal.answer()
            start_running(terminal)
            assert median(pressed(terminal) for _ in range(PRESSES)) <= bound
            assert left(terminal) <= bound


@pytest.mark.slow
def test_of_a_terminal_that_never_answers_at_the_end_of_a_line_keys_are_answered_soon_too() -> None:
    with faraway(SCENARIO, rate=2_000, delay=DELAY, **OVER_SSH) as terminal:
        start_running(terminal)
        run_for(terminal, 4.0)
        assert held_for(terminal, 2.0) < HELD
        assert median(paused(terminal) for _ in range(PRESSES)) <= 2.0
        assert left(terminal) <= 2.0


@pytest.mark.slow
def test_frames_for_such_a_terminal_are_not_rationed_where_their_number_is_typed() -> None:
    with faraway(SCENARIO, "--fps", "20", rate=2_000, delay=DELAY, **OVER_SSH) as terminal:
        start_running(terminal)
        assert held_for(terminal, 2.0) > HELD


@pytest.mark.slow
def test_of_a_program_that_runs_one_frame_is_on_the_way() -> None:
    with faraway(SCENARIO, rate=20_000, delay=0.1) as terminal:
        terminal.answer()
        terminal.until("┤")
        terminal.quiet()
        terminal.most_unanswered = 0
        terminal.press("r")
        terminal.until(lambda text: running(terminal))
        run_for(terminal, 1.0)
        assert terminal.most_unanswered == 1
        terminal.press("r")
        terminal.until(lambda text: not running(terminal))
        left(terminal)
        assert terminal.unanswered == 0  # else the shell would be sent it as if it had been typed


@pytest.mark.slow
def test_a_program_that_is_suspended_leaves_no_answer_to_the_shell_and_goes_on() -> None:
    with faraway(SCENARIO, rate=20_000, delay=0.1) as terminal:
        terminal.answer()
        terminal.until("┤")
        terminal.press("r")
        terminal.until(lambda text: running(terminal))
        terminal.press("\x1a")
        seconds_until(terminal, lambda: stopped(terminal))
        assert terminal.unanswered == 0
        assert terminal.attributes_now == terminal.attributes
        terminal.process.send_signal(signal.SIGCONT)
        seconds_until(terminal, lambda: terminal.mode(MODES["alternate screen"]) is True)
        terminal.press("r")
        terminal.until(lambda text: not running(terminal))
        left(terminal)


@pytest.mark.slow
def test_a_terminal_that_does_not_answer_is_asked_for_a_while_and_shown_everything() -> None:
    with bntui(SCENARIO) as terminal:
        terminal.until("┤")
        terminal.press("r")
        terminal.until("▶")
        assert QUESTION in terminal.output
        seconds_until(terminal, lambda: QUESTION not in terminal.output[-4000:])
        before = len(terminal.output)
        run_for(terminal, 0.5)
        seconds_until(terminal, lambda: len(terminal.output) > before)
        assert QUESTION not in terminal.output[before:]
        terminal.press("r")
        terminal.until(lambda text: not running(terminal))
        left(terminal)
