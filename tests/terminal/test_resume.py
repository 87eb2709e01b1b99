"""Left, open elsewhere, hanging, one of several: how a person gets back to a session."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from terminal.driver import MODES, PROGRAM, Terminal, bntui
from terminal.test_kill import die, step_of, until_kept

from bntui.session.keep import storage
from bntui.session.keep.kept import KeptSession, kept_sessions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")


@contextmanager
def began(state: Path, steps: int, scenario: str = "relu-net") -> Iterator[Terminal]:
    """A program so many steps into a scenario, which are all kept."""
    with bntui(scenario, XDG_STATE_HOME=str(state)) as program:
        program.until("step 0")
        program.press(" " * steps)
        program.until(f"step {steps} ")
        until_kept(program, state, steps)
        yield program


def there(state: Path) -> list[KeptSession]:
    """The sessions that can be gone on with."""
    return list(kept_sessions(state / "bntui" / "sessions"))


def without_terminal(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program where nobody reads along."""
    command = [*PROGRAM, "--resume", *arguments]
    environment = {"XDG_STATE_HOME": str(state), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)


def test_a_session_that_was_left_goes_on_and_is_told_how(tmp_path: Path) -> None:
    with began(tmp_path, 2) as program:
        program.press("q")
        assert program.ended() == 0
        (one,) = there(tmp_path)
        assert f"the session is kept; go on with it: bntui --resume {one.name}" in program.text().replace("\n", "")
    with bntui("--resume", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("step 2")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["--share", "nowhere"], {}, "there is no folder nowhere"),
        (["--theme", "drak"], {}, "there is no theme 'drak'"),
        ([], {"TERM": "dumb"}, "this terminal (TERM=dumb) cannot move its cursor"),
    ],
)
def test_what_is_refused_is_refused_before_a_session_is_taken_over(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    with began(tmp_path, 2) as first:
        with bntui("--resume", *arguments, size=(200, 24), XDG_STATE_HOME=str(tmp_path), **variables) as second:
            assert second.ended() == 2
            assert second.text().startswith(f"bntui: {sentence}")
        first.press(" ")
        first.until("step 3 ")


@pytest.mark.slow
def test_where_nothing_was_done_nothing_is_said_and_nothing_is_there_to_go_on_with(tmp_path: Path) -> None:
    with bntui("goodfellow-chain", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("step 0")
        program.press("q")
        assert program.ended() == 0
        assert "--resume" not in program.text()
    with bntui("--resume", XDG_STATE_HOME=str(tmp_path)) as program:
        assert program.ended() == 2
        assert "there is no session to go on with" in program.text()


@pytest.mark.slow
def test_a_session_is_discarded_when_that_is_said_twice(tmp_path: Path) -> None:
    with began(tmp_path, 2) as program:
        program.press("Q")
        program.until("Discard this session and leave?")
        program.press("escape")
        program.until(lambda screen: "Discard this session" not in screen)
        program.press("Q")
        program.until("Discard this session and leave?")
        program.press("\r")
        assert program.ended() == 0
        assert "--resume" not in program.text()
    assert list((tmp_path / "bntui" / "sessions").iterdir()) == []


@pytest.mark.slow
def test_of_several_the_one_that_is_named_or_chosen_goes_on(tmp_path: Path) -> None:
    for steps, scenario in ((3, "dead-relus"), (4, "relu-net"), (5, "sigmoid-net")):
        with began(tmp_path, steps, scenario) as program:
            die(program)
    sessions = there(tmp_path)
    assert [one.step for one in sessions] == [5, 4, 3]

    listed = without_terminal(tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    for number, (line, one) in enumerate(zip(listed.stdout.splitlines(), sessions, strict=True), start=1):
        assert line.split()[:2] == [str(number), one.name]
        assert one.title[:30] in line
        assert f"step {one.step} " in line
        assert "ago" in line

    with bntui("--resume", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("Which one?")
        for one in sessions:
            assert one.name in program.text()
        program.press("7\r")
        program.until("there is no session '7'")
        program.press("2\r")
        program.until("step 4 ")
        die(program)
    with bntui("--resume", sessions[2].name, XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("step 3 ")
        die(program)
    assert "step 3 " in without_terminal(tmp_path, "1").stdout, "the one that was written last"
    with bntui("--resume", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("Which one?")
        program.press("q\r")
        assert program.ended() == 0
    assert len(there(tmp_path)) == 3


@pytest.mark.slow
def test_a_session_can_be_discarded_from_the_list(tmp_path: Path) -> None:
    for steps in (3, 4):
        with began(tmp_path, steps) as program:
            die(program)
    with bntui("--resume", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("Which one?")
        program.press("d 1\r")
        program.until("[y/N]")
        program.press("n\r")
        program.until(lambda screen: screen.count("Which one?") == 2)
        assert len(there(tmp_path)) == 2
        program.press("d1\r")
        program.until(lambda screen: screen.count("[y/N]") == 2)
        program.press("y\r")
        program.until(lambda screen: screen.count("Which one?") == 3)
        program.press("\r")
        program.until("step 3 ")
    assert [one.step for one in there(tmp_path)] == [3]


@pytest.mark.slow
def test_a_connection_that_hangs_is_told_of_and_taken_over(tmp_path: Path) -> None:
    with began(tmp_path, 3) as ghost:
        told = without_terminal(tmp_path)
        assert told.returncode == 2
        assert f"is still open in process {ghost.process.pid} since " in told.stderr
        with bntui("--resume", size=(120, 30), XDG_STATE_HOME=str(tmp_path)) as program:
            program.until("Take it over?")
            assert f"process {ghost.process.pid}" in program.text()
            program.press("n\r")
            assert program.ended() == 0
        ghost.press(" ")
        ghost.until("step 4 ")
        with bntui("--resume", size=(120, 30), XDG_STATE_HOME=str(tmp_path)) as program:
            program.until("Take it over?")
            program.press("y\r")
            program.until("step 4 ")
            assert ghost.ended() == 129
            assert "goes on in another window" in ghost.text()
            assert "go on with it" not in ghost.text()
            program.press(" ")
            program.until("step 5 ")
            until_kept(program, tmp_path, 5)
            die(program)
    (one,) = there(tmp_path)
    assert (one.step, one.holder) == (5, None)


@pytest.mark.slow
def test_a_suspended_program_is_taken_over_too(tmp_path: Path) -> None:
    with began(tmp_path, 3) as ghost:
        ghost.press("\x1a")
        ghost.until(lambda screen: ghost.mode(MODES["alternate screen"]) is False)
        with bntui("--resume", size=(120, 30), XDG_STATE_HOME=str(tmp_path)) as program:
            program.until("Take it over?")
            program.press("y\r")
            program.until("step 3 ")
            ghost.ended()
            program.press(" ")
            program.until("step 4 ")


@pytest.mark.slow
def test_two_windows_never_have_one_session_though_it_was_resumed(tmp_path: Path) -> None:
    with began(tmp_path, 3) as program:
        die(program)
    with bntui("--resume", size=(120, 30), XDG_STATE_HOME=str(tmp_path)) as first:
        first.until("step 3 ")
        with bntui("--resume", size=(120, 30), XDG_STATE_HOME=str(tmp_path)) as second:
            second.until("Take it over?")
            assert f"process {first.process.pid}" in second.text()
        with bntui(XDG_STATE_HOME=str(tmp_path)) as third:
            third.until("open in process")
            third.press("\r")
            third.until("Press enter again")
            third.press("\r")
            third.until("· step ")
            assert step_of(third) == 3
            assert first.ended() == 129


@pytest.mark.slow
def test_a_class_on_one_account_loses_nothing(tmp_path: Path) -> None:
    with began(tmp_path, 1) as program:
        die(program)
    (first,) = storage.journals(tmp_path / "bntui" / "sessions")
    for number in range(23):
        (first.parent / f"20261125-000000-{number:08x}.jsonl").write_bytes(first.read_bytes())
    with began(tmp_path, 1) as program:
        program.press("q")
        assert program.ended() == 0
    assert len(there(tmp_path)) == 25
    with bntui(XDG_STATE_HOME=str(tmp_path)) as program:
        program.until("Continue an older session")
        assert program.text().count("Continue: ") == 3
        assert "▸ marks it." in " ".join(program.text().split())  # enter goes on with a session here
        program.press("down", "down", "down", "enter")
        program.until(lambda screen: screen.count("Continue: ") > 8)
        program.press("d")
        program.until("Press d again")
        program.press("d")
        program.until(lambda screen: "Press d again" not in screen)
    assert len(there(tmp_path)) == 24


@pytest.mark.slow
@pytest.mark.parametrize("ends", [die, Terminal.hang_up], ids=["killed", "hung up"])
def test_the_screen_looks_as_it_did_when_the_connection_was_lost(tmp_path: Path, ends: Callable[[Terminal], object]) -> None:
    with began(tmp_path, 2) as program:
        program.press("5")
        program.until("[5 ")
        program.press("f")
        program.until("∂J/∂W")
        before = program.text()
        ends(program)
    with bntui("--resume", XDG_STATE_HOME=str(tmp_path)) as program:
        program.until(lambda text: text == before)
