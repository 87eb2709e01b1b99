"""kill -9 at any moment, of a resumed session too: it goes on at a state that it had passed through, at most a second of
running before."""

import os
import random
import sys
import time
from pathlib import Path

import pytest
from session.worlds import bits
from terminal.driver import Terminal, bntui

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.session.keep import storage
from bntui.session.keep.kept import KeptSession, kept_sessions
from bntui.session.keep.resuming import resume
from bntui.session.session import Session

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")

KILLS = int(os.environ.get("BNTUI_KILLS", "100"))
GENERATIONS = 10  # of one session that is killed and resumed, killed and resumed
SPEED = 20  # steps a second
SCENARIO = """
version: 1
title: To be killed
network: {layers: [{name: h, units: 4, activation: tanh}, {name: head, units: 1, batch_norm: false}]}
data: {generator: {name: sine, samples: 16}}
training: {learning_rate: 0.01}
"""


def step_of(program: Terminal) -> int:
    """The step in the header."""
    return int(program.row(0).partition("· step ")[2].split()[0])


def resumed(state: Path) -> Session:
    """The session that was killed."""
    (found,) = kept_sessions(state / "bntui" / "sessions")
    session, sentence = resume(found.path)
    assert sentence is None
    return session


def until_kept(program: Terminal, state: Path, step: int) -> KeptSession:
    """Read on until a session that somebody has open is in its file up to a step, which a busy disk takes its time for."""
    found: list[KeptSession] = []

    def is_kept(screen: str) -> bool:
        there = kept_sessions(state / "bntui" / "sessions")
        found[:] = [one for one in there if one.step == step and one.holder is not None and one.holder.process is not None]
        return bool(found)

    program.until(is_kept)
    return found[0]


def killed(scenario: Path, state: Path, source: random.Random) -> int:
    """Press BN and r, let it run, kill it; the step that was shown last."""
    with bntui(scenario, XDG_STATE_HOME=str(state)) as program:
        program.until("step 0")
        program.press(" " * 2)
        program.until("step 2")
        program.press("b")
        program.until("BN on")
        program.press(">r")
        end = time.monotonic() + source.uniform(0.1, 3.0)
        while time.monotonic() < end:
            program.read(0.02)
        step = step_of(program)
        die(program)
    return step


@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * KILLS)
def test_a_session_that_is_killed_while_it_runs_goes_on_where_it_was(tmp_path: Path, memory: Path) -> None:
    scenario = tmp_path / "killed.yaml"
    scenario.write_text(SCENARIO)
    source = random.Random(4)
    for turn in range(KILLS):
        state = memory / str(turn)
        shown = killed(scenario, state, source)
        session = resumed(state)
        assert shown - SPEED <= session.history.step, "no more than a second of running is lost"
        assert session.observe().normalized == ("h",), "what was taken before is there"
        whole = Session(read_file(scenario))
        for action in ({"step": 2}, {"set": {"batch_norm": True}}, {"step": session.history.step - 2}):
            if action != {"step": 0}:
                whole.do(parse_action(action))
        assert bits(session.history.moment) == bits(whole.history.moment)


def killed_again_and_again(state: Path, times: int) -> None:
    """Begin with BN and three steps, kill; resume, take five steps, change the rate, kill; and so on: nothing is lost."""
    with bntui("goodfellow-chain", XDG_STATE_HOME=str(state)) as program:
        program.until("step 0")
        program.press("b--   ")
        program.until("step 3")
        rate = rate_of(program)
        die(program)
    for turn in range(times):
        with bntui("--resume", XDG_STATE_HOME=str(state)) as program:
            program.until(f"step {3 + 5 * turn}")
            assert "BN on" in program.text()
            assert rate_of(program) == rate
            program.press("     ")
            program.until(f"step {8 + 5 * turn}")
            program.press("+" if turn % 2 else "-")
            program.until(lambda screen, before=rate: rate_of(program) != before)
            rate = rate_of(program)
            die(program)
    assert resumed(state).history.step == 3 + 5 * times


def rate_of(program: Terminal) -> str:
    """The learning rate in the header."""
    return program.row(0).partition("η ")[2].partition(" · ")[0].split()[-1]


def die(program: Terminal) -> None:
    """kill -9."""
    program.process.kill()
    program.process.wait()


@pytest.mark.slow
def test_a_session_that_is_killed_after_it_was_resumed_goes_on_where_it_was(memory: Path) -> None:
    killed_again_and_again(memory, 3)


@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * GENERATIONS)
def test_however_often_a_session_is_killed_and_resumed_nothing_is_lost(memory: Path) -> None:
    killed_again_and_again(memory, GENERATIONS)


@pytest.mark.slow
def test_a_killed_session_is_the_first_in_the_library_and_goes_on(memory: Path) -> None:
    with bntui("goodfellow-chain", XDG_STATE_HOME=str(memory)) as program:
        program.until("step 0")
        program.press("b   ")
        program.until("step 3")
        die(program)
    for step in (3, 4):
        with bntui(XDG_STATE_HOME=str(memory)) as program:
            program.until("Continue: Goodfellow's")
            assert f"step {step}" in program.text()
            program.press("\r")
            program.until("BN on")
            assert step_of(program) == step
            program.press(" ")
            program.until(f"step {step + 1}")
            die(program)
    assert resumed(memory).history.step == 5


@pytest.mark.slow
def test_a_journal_that_is_damaged_is_told_in_a_sentence(memory: Path) -> None:
    with bntui("goodfellow-chain", XDG_STATE_HOME=str(memory)) as program:
        program.until("step 0")
        program.press("b")
        program.until("BN off → BN on")
        program.press("b")
        program.until("BN on → BN off")
        program.press("b")
        program.until("BN off → BN on")
        die(program)
    (path,) = storage.journals(memory / "bntui" / "sessions")
    sound, _, rest = path.read_bytes().partition(b'"batch_norm": false')
    path.write_bytes(sound + b'"batch_norm": true ' + rest)
    number = len(sound.splitlines())
    with bntui("--resume", size=(120, 40), XDG_STATE_HOME=str(memory)) as program:
        assert program.ended() == 2
        assert f"damaged in line {number}; it is kept as it is" in program.text()
