"""However the program ends, the terminal is as it was, the session is kept, and nothing is left running."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from terminal.driver import PATIENCE, PROGRAM, Terminal
from terminal.test_kill import until_kept

from bntui.session.keep import storage
from bntui.session.keep.kept import kept_sessions
from bntui.session.keep.resuming import resume

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")

MAIN_SCREEN = b"\x1b[?1049l"
CURSOR_SHOWN = b"\x1b[?25h"


def kept_step(state: Path) -> int:
    """The step at which the session goes on."""
    session, _ = resume(next(kept_sessions(state / "bntui" / "sessions")).path)
    return session.history.step


def opened(state: Path, command: Sequence[str] = PROGRAM) -> Terminal:
    """A program three steps into a scenario."""
    program = Terminal([*command, "goodfellow-chain"], XDG_STATE_HOME=str(state))
    program.until("step 0")
    program.press("b   ")
    program.until("step 3")
    until_kept(program, state, 3)
    return program


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_it_cleanly(tmp_path: Path, name: str, status: int) -> None:
    with opened(tmp_path) as program:
        program.process.send_signal(getattr(signal, name))
        assert program.ended() == status
        assert program.output.rfind(MAIN_SCREEN) > 0
        assert program.output.rfind(CURSOR_SHOWN) > 0
    assert kept_step(tmp_path) == 3


@pytest.mark.slow
def test_a_terminal_that_goes_away_leaves_no_process(tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        program.hang_up()
        assert program.process.wait(timeout=PATIENCE) == 129
    assert kept_step(tmp_path) == 3


@pytest.mark.slow
def test_a_terminal_that_goes_away_without_a_signal_leaves_no_process(tmp_path: Path) -> None:
    with opened(tmp_path, WITHOUT_TERMINAL) as program:
        program.hang_up()
        assert program.process.wait(timeout=PATIENCE) == 129
    assert kept_step(tmp_path) == 3


def test_ctrl_z_suspends_and_fg_comes_back_repainted(tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        program.press("\x1a")
        end = time.monotonic() + PATIENCE
        while not _stopped(program.process.pid) and time.monotonic() < end:
            program.read(0.05)
        assert _stopped(program.process.pid)
        program.read(0.2)
        assert program.output.rfind(MAIN_SCREEN) > 0
        program.screen.reset()
        os.kill(program.process.pid, signal.SIGCONT)
        program.until("step 3")
        program.press(" ")
        program.until("step 4")


def _stopped(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "T"


# the terminal is not its own, so that no hang-up reaches it: only that nothing more can be read
WITHOUT_TERMINAL = [
    sys.executable,
    "-c",
    "import os, signal, sys\nif child := os.fork():\n    signal.signal(signal.SIGHUP, signal.SIG_IGN)\n    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    "os.setsid()\nos.execv(sys.executable, [sys.executable, '-m', 'bntui', *sys.argv[1:]])",
]

CRASH = """
import sys
from bntui.commands import cli
from bntui.tui.screens.explorer import Explorer
from bntui.session.session import Session
{patch}
sys.exit(cli.run(["goodfellow-chain"]))
"""
APP = """
def crash(self): raise RuntimeError("on purpose")
Explorer.action_formula = crash
"""
WORKER = """
take = Session.take
def crash(self, action):
    if action.key == "scale": raise RuntimeError("on purpose")
    return take(self, action)
Session.take = crash
"""


def patched(state: Path, patch: str) -> Terminal:
    """A program with a fault, three steps into a scenario."""
    program = Terminal([sys.executable, "-c", CRASH.format(patch=patch)], (120, 40), XDG_STATE_HOME=str(state))
    program.until("step 0")
    program.press("b   ")
    program.until("step 3")
    until_kept(program, state, 3)
    return program


def test_a_crash_restores_the_terminal_and_says_how_to_go_on(tmp_path: Path) -> None:
    with patched(tmp_path, APP) as program:
        program.press("f")
        assert program.ended() == 1
        assert program.output.rfind(MAIN_SCREEN) > 0
        assert b"bntui --resume" in program.output[program.output.rfind(MAIN_SCREEN) :]
    assert kept_step(tmp_path) == 3


@pytest.mark.slow
def test_a_crash_in_an_action_is_told_and_the_session_goes_on(tmp_path: Path) -> None:
    with patched(tmp_path, WORKER) as program:
        program.press("*")
        program.until("Something went wrong")
        program.press(" ")
        program.until("step 4")
        program.press("q")
        assert program.ended() == 0
    assert storage.journals(tmp_path / "bntui" / "sessions")
