"""bntui over a real ssh connection, to a server of our own on the loopback interface."""

import os
import signal
import time
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.conftest import program_of
from terminal.driver import MODES, MOUSE, PATIENCE, Terminal, bntui
from terminal.test_kill import until_kept

from bntui.session.keep import processes
from bntui.session.keep.holding import holder
from bntui.session.keep.resuming import resume


@pytest.mark.slow
def test_over_ssh_keys_work_and_the_mouse_stays_the_terminals_own(connection: list[str], tmp_path: Path) -> None:
    scenario = tmp_path / "chain.yaml"
    scenario.write_text(SLOW_CHAIN, encoding="utf-8")
    with Terminal([*connection, program_of(tmp_path, str(scenario))]) as terminal:
        terminal.until(" · step 0 · ")
        terminal.until("‖∂J/∂W‖")
        terminal.press("space", "space")
        terminal.until(" · step 2 · ")
        terminal.press("b")
        terminal.until("BN on")
        terminal.press("left")
        terminal.until(" · step 1 · ")
        terminal.resize(120, 40)
        terminal.until("curvature")
        assert terminal.mode(MODES["alternate screen"]) is True
        terminal.press("q")
        assert terminal.ended() == 0
        assert not any(terminal.mode(number) for number in MOUSE)
        assert b"\x1b[?1000h" not in terminal.output
        assert b"\x1b[?1003h" not in terminal.output
        terminal.assert_restored()


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["client", "server", "program"])
def test_whoever_is_killed_the_session_is_kept_and_nobody_has_it_open(
    connection: list[str], tmp_path: Path, killed: str
) -> None:
    with Terminal([*connection, program_of(tmp_path, "relu-net")]) as terminal:
        terminal.until(" · step 0 · ")
        terminal.press("space", "space", "space")
        terminal.until(" · step 3 · ")
        one = until_kept(terminal, tmp_path, 3)
        assert one.holder is not None
        assert one.holder.process is not None
        program = one.holder.process
        server = int(Path(f"/proc/{program.number}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill({"client": terminal.process.pid, "server": server, "program": program.number}[killed], signal.SIGKILL)
        end = time.monotonic() + PATIENCE
        while processes.runs(program) and time.monotonic() < end:
            terminal.read(0.05)
        assert not processes.runs(program)
        assert holder(one.path) is None
    session, sentence = resume(one.path)
    assert (session.history.step, sentence) == (3, None)


@pytest.mark.slow
def test_over_ssh_a_session_is_followed(connection: list[str], tmp_path: Path) -> None:
    room = tmp_path / "class"
    room.mkdir(mode=0o755)
    follow = program_of(tmp_path, "follow") + f" --share '{room}'"
    with bntui("relu-net", "--share", str(room)) as speaker, Terminal([*connection, follow], size=(60, 20)) as follower:
        speaker.until("step 0")
        follower.until("following")
        speaker.press("space", "space")
        follower.until("step 2 ")
        follower.press("left")
        follower.until("looking around")
        follower.press("=")
        follower.until("following")
        follower.press("q")
        assert follower.ended() == 0
        follower.assert_restored()
