"""The program on disks that are full, slow, or lose what they were not made to keep."""

import json
import os
import resource
import sys
import time
from pathlib import Path

import pytest
from terminal.driver import Terminal
from terminal.test_ends import kept_step
from terminal.test_kill import step_of, until_kept
from terminal.test_preferences import choose_theme

from bntui.session.keep import storage
from bntui.session.keep.resuming import resume

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux gives a process that runs other limits"),
]

SCENARIO = "relu-net"
PROGRAM = """
import os, sys, time
from bntui.commands import cli
from bntui.session.keep import {room}

class Disk:
    def __getattr__(self, name):
        return getattr(os, name)
{disk}
{room}.os = Disk()
sys.exit(cli.run({arguments!r}))
"""
# takes nothing before a file is there
SLOW = """
    def write(self, descriptor, data):
        while not os.path.exists({gate!r}):
            time.sleep(0.01)
        return os.write(descriptor, data)
"""
# does not answer who writes a speaker's notes or shares a session
SILENT = """
    def open(self, path, *rest):
        while any(f"/{each}/" in str(path) for each in ("notes", "class")):
            time.sleep(0.01)
        return os.open(path, *rest)
"""
# gives no answer of anything of the program's own for as long as a file is there, as a home directory on a server that hangs
HUNG = """
    import pathlib
    def hang(path):
        while os.path.exists({gate!r}) and "/bntui/" in str(path) and not str(path).endswith(".yaml"):
            time.sleep(0.01)
    def open(self, path, *rest):
        Disk.hang(path)
        return os.open(path, *rest)
    def lstat(path):
        Disk.hang(path)
        return os.lstat(path)
    def unlink(path):
        Disk.hang(path)
        os.unlink(path)
    pathlib.Path.lstat, pathlib.Path.unlink = lstat, unlink
"""
# has a home directory that gives no answer, as one on a server that is gone
GONE = """
import io, os, sys, time

def hanging(call):
    def hangs(path, *rest, **named):
        while not isinstance(path, int) and os.fspath(path).startswith({home!r}):
            time.sleep(0.01)
        return call(path, *rest, **named)
    return hangs

for name in ("access", "chmod", "listdir", "lstat", "mkdir", "open", "readlink", "rename", "replace", "scandir", "stat", "unlink"):
    setattr(os, name, hanging(getattr(os, name)))
io.open = hanging(io.open)
from bntui.commands import cli
sys.exit(cli.run({arguments!r}))
"""
# tells when what was written, and when the disk was made to keep it
TOLD = """
    def tell(self, what):
        with open({told!r}, "a") as file:
            file.write(what + "\\n")
    def write(self, descriptor, data):
        count = os.write(descriptor, data)
        self.tell(f"write {{time.time()}} {{os.fstat(descriptor).st_size}}")
        return count
    def fsync(self, descriptor):
        size = os.fstat(descriptor).st_size
        os.fsync(descriptor)
        self.tell(f"sync {{time.time()}} {{size}}")
"""


def on_disk(state: Path, disk: str, *arguments: str, room: str = "storage") -> Terminal:
    """A program whose journal lies on such a disk, or what another room writes."""
    code = PROGRAM.format(disk=disk, arguments=list(arguments), room=room)
    return Terminal([sys.executable, "-c", code], (120, 40), XDG_STATE_HOME=str(state))


def at_home_on_a_server_that_is_gone(home: Path, *arguments: str) -> Terminal:
    """A program whose state, preferences and cache lie where nothing answers."""
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("STATE", "CONFIG", "CACHE")}
    code = GONE.format(home=str(home), arguments=list(arguments))
    return Terminal([sys.executable, "-c", code], (300, 40), HOME=str(home), **folders)  # so wide that no path is broken


def test_who_begins_while_the_home_directory_gives_no_answer_works_and_leaves(tmp_path: Path) -> None:
    with at_home_on_a_server_that_is_gone(tmp_path, SCENARIO) as program:
        program.until("step 0")
        program.press(" ")
        program.until("step 1 ")
        program.press("q")
        assert program.ended() == 0
        assert "what was done last is not kept" in program.text()
        assert "gives no answer" in program.text()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["--resume", "notes", "follow"])
def test_what_needs_a_home_directory_that_gives_no_answer_says_so(tmp_path: Path, command: str) -> None:
    with at_home_on_a_server_that_is_gone(tmp_path, command) as program:
        assert program.ended() == 2
        assert "preferences is not used: its disk gives no answer" in program.text()
        assert program.text().count("its disk gives no answer") == 2


@pytest.mark.parametrize("arguments", [["list"], ["check", SCENARIO], ["show", SCENARIO]])
def test_what_needs_no_home_directory_does_without_one_that_gives_no_answer(tmp_path: Path, arguments: list[str]) -> None:
    with at_home_on_a_server_that_is_gone(tmp_path, *arguments) as program:
        assert program.ended() == 0


def test_a_disk_that_does_not_answer_holds_no_key_up_and_gets_all_of_them_when_it_does(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with on_disk(tmp_path, SLOW.format(gate=str(gate)), SCENARIO) as program:
        program.until("step 0")
        for step in range(1, 6):
            program.press(" ")
            program.until(f"step {step} ")
        program.press("b")
        program.until("BN on")
        program.until(lambda _: bool(storage.journals(tmp_path / "bntui" / "sessions")))
        (path,) = storage.journals(tmp_path / "bntui" / "sessions")
        assert path.read_bytes() == b""
        gate.touch()
        program.press("q")
        assert program.ended() == 0
    assert kept_step(tmp_path) == 5


def test_one_can_leave_while_the_disk_does_not_answer_and_is_told_what_that_costs(tmp_path: Path) -> None:
    with on_disk(tmp_path, SLOW.format(gate=str(tmp_path / "never")), SCENARIO) as program:
        program.until("step 0")
        program.press(" ")
        program.until("step 1 ")
        program.press("q")
        assert program.ended() == 0
        assert "what was done last is not kept: " in program.text().replace("\n", "")
        assert "(it gives no answer)" in program.text().replace("\n", "")
        assert "--resume" not in program.text()


def test_one_can_leave_while_nothing_answers_who_writes_the_speakers_notes(tmp_path: Path) -> None:
    with on_disk(tmp_path, SILENT, SCENARIO, room="private") as program:
        program.until("step 0")
        program.press(" ")
        program.until("step 1 ")
        program.press("q")
        assert program.ended() == 0
        assert "--resume" in program.text()


def test_while_a_home_directory_hangs_themes_lessons_and_other_scenarios_hold_no_key_up(memory: Path) -> None:
    gate = memory / "gate"
    with on_disk(memory, HUNG.format(gate=str(gate)), SCENARIO, room="private") as program:
        program.until("lesson 1/")
        gate.touch()
        choose_theme(program, "projector")
        program.until(lambda text: program.screen.buffer[0][0].bg == "ffffff")
        program.press("n")
        program.until("lesson 2/")
        program.press("o")
        program.until("Your sessions and what")
        program.press("/Vanishing")
        program.until("about 8 minutes")
        program.press("enter")
        program.until(lambda text: "step 0" in text and text.startswith("Vanishing through"))
        program.press(" ")
        program.until("step 1 ")
        assert "comes again" not in program.text()
        gate.unlink()
        program.until("comes again")
        program.press("q")
        assert program.ended() == 0
    assert not list((memory / "bntui" / "notes").iterdir())


def test_a_loss_of_power_costs_at_most_the_last_second_of_the_keys_that_were_pressed(memory: Path) -> None:
    told = memory / "told"
    pressed: list[float] = []
    with on_disk(memory, TOLD.format(told=str(told)), SCENARIO) as program:
        program.until("step 0")
        for pause in (0.0, 0.1, 0.5, 0.1, 0.1, 1.2, 0.3, 0.3, 0.3, 0.3):
            end = time.monotonic() + pause
            while time.monotonic() < end:
                program.read(0.02)
            program.press(" ")
            program.until(f"step {len(pressed) + 1} ")
            pressed.append(time.time())
        end = time.monotonic() + 2
        while time.monotonic() < end:
            program.read(0.1)
        (path,) = storage.journals(memory / "bntui" / "sessions")
        content = path.read_bytes()
        program.process.kill()
    events = [line.split() for line in told.read_text().splitlines()]
    synced = [(float(when), int(size)) for kind, when, size in events if kind == "sync"]
    slack = 0.5  # seconds that a busy machine may take for what is due
    for step, when in enumerate(pressed, start=1):
        sizes = [size for at, size in synced if at <= when + 1.0 + slack]
        lines = content[: max(sizes, default=0)].splitlines()
        assert json.loads(lines[-1])["at"] >= step, "on the disk for good a second after it was shown"


def test_a_disk_that_is_full_is_told_of_once_the_session_goes_on_and_is_whole_when_there_is_room_again(tmp_path: Path) -> None:
    with on_disk(tmp_path, "", SCENARIO) as program:
        program.until("step 0")
        program.press("   ")
        program.until("step 3 ")
        path = until_kept(program, tmp_path, 3).path
        limits = resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
        program.press("b")
        program.until("For now this session is not being kept")
        program.until(lambda text: "File" in text and "large" in text)  # the folder's name decides where the sentence is broken
        for step in range(4, 8):
            program.press(" ")
            program.until(f"step {step} ")
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (20, limits[1]))
        for key, asks in (("w", "Save the session"), ("x", "Export the trace")):
            program.press(key)
            program.until(asks)
            program.press(str(tmp_path / f"{key}.out"), "enter")
            program.until(lambda text: "File" in text and "large" in text)
            assert "Errno" not in program.text()
            program.press("escape")
            program.until(lambda text, asks=asks: asks not in text)
        program.until(lambda _: os.listdir(tmp_path) == ["bntui"])
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, limits)
        program.until("This session is being kept again")
        program.press(" ")
        program.until("step 8 ")
        until_kept(program, tmp_path, 8)
        program.process.kill()
    assert kept_step(tmp_path) == 8


def test_who_leaves_while_the_disk_is_full_is_told_that_the_last_of_it_is_not_kept(tmp_path: Path) -> None:
    with on_disk(tmp_path, "", SCENARIO) as program:
        program.until("step 0")
        program.press("   ")
        program.until("step 3 ")
        path = until_kept(program, tmp_path, 3).path
        resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (path.stat().st_size + 20, resource.RLIM_INFINITY))
        program.press("b")
        program.until("For now this session is not being kept")
        program.press("q")
        assert program.ended() == 0
        left = program.text().replace("\n", "")
        assert "what was done last is not kept" in left
        assert f"bntui --resume {path.stem.rpartition('-')[2]}" in left
    session, _ = resume(path)
    assert session.history.step == 3
    assert session.observe().normalized == ()


def test_a_disk_that_is_full_from_the_start_costs_nothing_but_the_keeping(tmp_path: Path) -> None:
    (tmp_path / "bntui").touch()
    with on_disk(tmp_path, "", SCENARIO) as program:
        program.until("step 0")
        program.press("  ")
        program.until("step 2 ")
        program.until("For now this session is not being kept")
        assert step_of(program) == 2
        program.press("q")
        assert program.ended() == 0
        assert "--resume" not in program.text()
    assert os.listdir(tmp_path) == ["bntui"]
