"""A speaker and two who follow, each on a terminal of their own size."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from terminal.driver import PATIENCE, Terminal, bntui
from terminal.test_kill import die, until_kept

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows"), pytest.mark.slow]


def made(tmp_path: Path) -> str:
    """A folder that a teacher has made for a class."""
    path = tmp_path / "class"
    path.mkdir(mode=0o755)
    return str(path)


def test_two_follow_one_looks_around_and_returns_one_goes_on_by_itself(memory: Path) -> None:
    room = made(memory)
    with (
        bntui("follow", "--share", room) as early,
        bntui("goodfellow-chain", "--share", room, size=(120, 40)) as speaker,
    ):
        early.until("Nobody shares a session")
        speaker.until("can read what you show in")
        early.until("following")
        with bntui("follow", "--share", room, "--ascii", size=(60, 20)) as late:
            late.until("following")
            speaker.press("space", "space", "b", "space")
            for each in (speaker, early, late):
                each.until("step 3 ")
            assert "BN on" in early.row(0)
            late.press("left")
            late.until("looking around")
            late.until("step 2 ")
            late.press("b")
            late.until("You follow")
            speaker.press("space")
            early.until("step 4 ")
            late.until("is at step 4")
            late.press("=")
            late.until("following")
            late.until("step 4 ")
            early.press("O")
            early.until("space step")
            early.press("space")
            early.until("step 5 ")
            speaker.until("step 4 ")
            assert "step 5 " not in speaker.text()
            speaker.press("q")
            assert speaker.ended() == 0
            assert list(Path(room).iterdir()) == []
            late.until("has ended the session")
            late.press("left")
            late.until("step 3 ")
            early.press("q")
            assert early.ended() == 0
            assert "bntui --resume" in early.last_words()
            late.press("q")
            assert late.ended() == 0


def test_a_session_that_was_killed_is_followed_again_when_it_goes_on(tmp_path: Path) -> None:
    room, state = made(tmp_path), str(tmp_path / "state")
    with bntui("relu-net", "--share", room, XDG_STATE_HOME=state) as speaker, bntui("follow", "--share", room) as follower:
        follower.until("following")
        speaker.press("space", "space")
        follower.until("step 2 ")
        until_kept(speaker, tmp_path / "state", 2)
        die(speaker)
        follower.until("has ended the session")
        with bntui("--resume", "--share", room, XDG_STATE_HOME=state) as again:
            again.until("step 2 ")
            follower.until("following")
            again.press("space")
            follower.until("step 3 ")
            again.press("q")
            assert again.ended() == 0
            assert f"--share {room}" in again.last_words().replace("\r\n", "")


def shared(state: str, count: int, *read: Terminal) -> None:
    """Wait until so many sessions are announced in a state folder."""
    end = time.monotonic() + PATIENCE
    while len(list(Path(state, "bntui", "class").glob("*.now"))) != count:
        assert time.monotonic() < end
        for each in read:
            each.read(0.02)


def test_ones_own_session_is_shared_while_it_is_followed(tmp_path: Path) -> None:
    state = str(tmp_path)
    with bntui("relu-net", XDG_STATE_HOME=state) as speaker:
        shared(state, 1, speaker)
        with bntui("follow", XDG_STATE_HOME=state) as follower:
            follower.until("following")
            speaker.press("space")
            follower.until("step 1 ")
            with bntui("sigmoid-net", XDG_STATE_HOME=state) as other:
                shared(state, 2, other)
                with bntui("follow", XDG_STATE_HOME=state) as listing:
                    listing.until(f"{other.process.pid}  ")
                    assert listing.ended() == 0
                with bntui("follow", str(other.process.pid), XDG_STATE_HOME=state) as second:
                    other.press("space", "space")
                    second.until("step 2 ")
            speaker.press("space", "space")
            follower.until("step 3 ")


def test_another_scenario_that_the_speaker_opens_is_followed(tmp_path: Path) -> None:
    room = made(tmp_path)
    with bntui("relu-net", "--share", room) as speaker, bntui("follow", "--share", room) as follower:
        follower.until("The ReLU net")
        speaker.until("step 0")
        speaker.press("o")
        speaker.until("enter opens")
        speaker.press("down", "enter")
        follower.until(lambda screen: "The ReLU net" not in screen and "following" in screen)
        title = follower.row(0)[:12]
        speaker.until(lambda screen: screen.startswith(title))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_a_question_shows_its_choices_and_then_its_answer(tmp_path: Path, size: tuple[int, int]) -> None:
    scenario = tmp_path / "asks.yaml"
    scenario.write_text(
        """
version: 1
title: Asks
network: {layers: [{name: a, units: 1, weight: [[1.1]], bias: false}]}
data: {inputs: [[0.5], [1.0]], targets: [[1.5], [3.0]]}
training: {learning_rate: 0.1}
lesson:
  - {say: Here it begins., note: Secretly.}
  - {say: Now think., ask: {question: "Will J fall?", choices: ["Yes, it falls", "No"], answer: 1, because: The rate is small.}, do: {step: 1}}
""",
        encoding="utf-8",
    )
    room = made(tmp_path)
    with bntui(str(scenario), "--share", room) as speaker, bntui("follow", "--share", room, size=size) as follower:
        follower.until("Here it begins.")
        speaker.press("n")
        follower.until("Yes, it falls")
        assert "The rate is small." not in follower.text()
        speaker.press("n")
        speaker.until("enter answers")
        speaker.press("1")
        follower.until("The rate is small.")
        assert "Secretly" not in follower.text()


def seconds(program: Terminal) -> float:
    """What a program has had of the processor."""
    told = Path(f"/proc/{program.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def cost(speaker: Terminal, first: int, keys: int) -> float:
    """The processor's time that keys take, until the last one is on the screen."""
    begin = seconds(speaker)
    for step in range(first + 1, first + keys + 1):
        speaker.press("space")
        speaker.until(f"step {step} ")
    return seconds(speaker) - begin


@pytest.mark.skipif(sys.platform != "linux", reason="what a process costs is read from /proc")
def test_followers_that_stall_or_vanish_do_not_hold_the_speaker_up(tmp_path: Path) -> None:
    room = made(tmp_path)
    with bntui("sigmoid-net", "--share", room) as speaker:
        speaker.until("step 0")
        alone = cost(speaker, 0, 12)
        with ExitStack() as seats:
            reading, stopped, unread, killed = (seats.enter_context(bntui("follow", "--share", room)) for _ in range(4))
            for each in (reading, stopped, unread, killed):
                each.until("following")
            os.kill(stopped.process.pid, signal.SIGSTOP)
            together = cost(speaker, 12, 6)
            die(killed)
            together += cost(speaker, 18, 6)
            reading.until("step 24 ")
            os.kill(stopped.process.pid, signal.SIGCONT)
            stopped.until("step 24 ")
            unread.until("step 24 ")
            assert together < 2 * alone + 0.1
