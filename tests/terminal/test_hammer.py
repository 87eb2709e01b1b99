"""Keys at random for a minute, while it runs and its window changes: it goes on answering, and ends when it is told to."""

import os
import random
import sys
import time
from pathlib import Path

import pytest
from terminal.driver import bntui

SECONDS = float(os.environ.get("BNTUI_HAMMER", "60"))
ARROWS = ("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F")
# the surveys, each with keys that mean something there
SURVEYS = ("s", "s\x1b[C\x1b[C\r", "sv", "so\x1b[A", "sga*\r", "g", "gg", "gg\x1b[D\x1b[B")
KEYS = (*" +-bBNkvmufFi12345789rrr<>{}[]0tnp*/e\t\r\x1b", *ARROWS, "j7\r", "j600\r", "?", *SURVEYS)


def paused_at_the_start(screen: str) -> bool:
    """Whether the session's own header says so; a survey's names the step too, but not J behind it."""
    header = screen.partition("\n")[0]
    return "· step 0 · J " in header and "▶" not in header


@pytest.mark.slow
@pytest.mark.timeout(int(SECONDS) + 120)
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_keys_hammered_at_random_while_it_runs_and_is_resized(tmp_path: Path) -> None:
    source = random.Random(7)
    with bntui("sigmoid-net", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("step 0")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            program.press(source.choice(KEYS))
            if source.random() < 0.02:
                program.resize(source.randrange(1, 160), source.randrange(1, 60))
            for _ in range(source.randrange(1, 4)):
                program.read(0.05)
            assert program.process.poll() is None, program.last_words()
            assert "Something went wrong" not in program.text(), program.text()
        program.resize(80, 24)
        for _ in range(20):  # keys may still be on their way, and a dialog may open yet; home pauses too
            program.press("escape")
            program.read(0.5)
            program.press("home")
            program.read(0.5)
            if paused_at_the_start(program.text()):
                break
        program.until(paused_at_the_start)
        program.quiet(1.0)  # an escape and a q that come together are another key
        program.press("q")
        assert program.ended() == 0
        program.assert_restored()
