"""bntui inside tmux, GNU screen and mosh: what stands on the screen, keys, a run, and the answers that pace the frames."""

import base64
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.conftest import program_of, tool
from terminal.driver import PROGRAM, Terminal

from bntui.tui.glass import Glass

pytestmark = [pytest.mark.slow, pytest.mark.optional]

# asks the terminal how it is and says what came back
ASKING = """
import os, select, sys, termios, tty
before = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, b"\\x1b[5n")
heard = os.read(0, 16) if select.select([0], [], [], 5)[0] else b""
termios.tcsetattr(0, termios.TCSADRAIN, before)
print("heard", heard.hex(), os.environ["TERM"])
sys.stdin.readline()
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario that settles."""
    file = tmp_path / "chain.yaml"
    file.write_text(SLOW_CHAIN, encoding="utf-8")
    return file


@contextmanager
def tmux(folder: Path, command: Sequence[str], name: str = "tmux-256color") -> Iterator[Terminal]:
    """A program in a tmux of its own, which calls itself by a name; its last row is tmux's own."""
    server = [tool("tmux"), "-S", str(folder / "tmux")]
    settings = folder / "tmux.conf"
    settings.write_text(f'set -g default-terminal "{name}"\n', encoding="utf-8")
    try:
        with Terminal([*server, "-f", str(settings), "new-session", *command], (80, 25)) as terminal:
            terminal.answer()
            yield terminal
    finally:
        subprocess.run([*server, "kill-server"], capture_output=True, check=False)


@contextmanager
def screen(folder: Path, command: Sequence[str]) -> Iterator[Terminal]:
    """A program in a GNU screen of its own."""
    sockets = folder / "screens"
    sockets.mkdir(mode=0o700)
    variables = {"SCREENDIR": str(sockets)}
    try:
        with Terminal([tool("screen"), "-U", "-c", "/dev/null", "-S", "bntui", *command], **variables) as terminal:
            terminal.answer()
            yield terminal
    finally:
        quitting = [tool("screen"), "-S", "bntui", "-X", "quit"]
        subprocess.run(quitting, env={**os.environ, **variables}, capture_output=True, check=False)


@contextmanager
def mosh(connection: Sequence[str], command: str) -> Iterator[Terminal]:
    """A program at the other end of a mosh, by the server of the tests."""
    client, *options, host = connection
    ssh = shlex.join([client, *(option for option in options if option != "-tt")])
    server = f"env LC_ALL=C.UTF-8 MOSH_SERVER_NETWORK_TMOUT=30 {tool('mosh-server')}"  # it ends by itself where a test has failed
    called = [tool("mosh"), f"--ssh={ssh}", f"--server={server}", "--no-init", "--family=inet", "--experimental-remote-ip=local", host]
    with Terminal([*called, "--", "sh", "-c", command]) as terminal:
        terminal.answer()
        yield terminal


def works(terminal: Terminal, mark: str = "‖∂J/∂W‖") -> None:
    """A person steps, looks, runs, pauses and quits."""
    terminal.until(" · step 0 · ")
    terminal.until(mark)
    terminal.press("space", "right")
    terminal.until(" · step 2 · ")
    terminal.press("left", "up")
    terminal.until(" · step 1 · ")
    terminal.until("∂J/∂b = ")
    terminal.press("b")
    terminal.until("BN on")
    terminal.press("?")
    terminal.until("The ledger multiplies")
    terminal.press("escape")
    terminal.until(lambda text: "The ledger multiplies" not in text)
    terminal.press("r")
    terminal.until("r pause")
    terminal.until(lambda text: " · step 1 · " not in text)
    terminal.press("r")
    terminal.until("r run")


def test_in_tmux_a_hat_in_the_last_column_stands_on_its_letter(tmp_path: Path) -> None:
    glass = Glass()
    glass.resized(80, 24)
    glass.draw("\x1b[3;70Hall along x\u0302")
    written = shlex.quote(f"\x1b[2J\x1b[?7l{glass.changes()}\x1b[5;1Hend")
    with tmux(tmp_path, ["sh", "-c", f"printf %s {written}; read line"]) as terminal:
        terminal.until("end")
        assert terminal.row(2).endswith("all along x\u0302")


@pytest.mark.parametrize("name", ["screen", "tmux-256color"])
def test_in_tmux_all_works_and_the_pane_is_given_back(scenario: Path, tmp_path: Path, name: str) -> None:
    with tmux(tmp_path, [*PROGRAM, str(scenario)], name) as terminal:
        works(terminal)
        assert terminal.mouse
        captured = subprocess.run(
            [tool("tmux"), "-S", str(tmp_path / "tmux"), "capture-pane", "-p"], capture_output=True, text=True, check=True
        )
        assert "∂J/∂b " in captured.stdout.split("\n")[1]
        terminal.press("q")
        assert terminal.ended() == 0


def test_in_a_shell_in_tmux_the_screen_is_given_back(scenario: Path, tmp_path: Path) -> None:
    with tmux(tmp_path, ["env", "PS1=ready ", "sh"]) as terminal:
        terminal.until("ready")
        terminal.press(f"{shlex.join([*PROGRAM, str(scenario)])}\r")
        works(terminal)
        terminal.press("q")
        terminal.until("bntui --resume")
        terminal.press("echo back $((40 + 2))\r")
        terminal.until("back 42")


def test_in_gnu_screen_all_works(scenario: Path, tmp_path: Path) -> None:
    with screen(tmp_path, [*PROGRAM, str(scenario)]) as terminal:
        works(terminal)
        assert not terminal.mouse
        hardcopy = tmp_path / "hardcopy"
        subprocess.run(
            [tool("screen"), "-S", "bntui", "-X", "hardcopy", str(hardcopy)],
            env={**os.environ, "SCREENDIR": str(tmp_path / "screens")}, capture_output=True, check=True,
        )
        terminal.until(lambda text: hardcopy.exists())
        assert "gain" in hardcopy.read_text("utf-8", "replace")
        terminal.press("q")
        terminal.until("screen is terminating")


def test_in_gnu_screen_the_mouse_is_taken_where_that_is_asked_for(scenario: Path, tmp_path: Path) -> None:
    with screen(tmp_path, [*PROGRAM, "--mouse", str(scenario)]) as terminal:
        terminal.until("‖∂J/∂W‖")
        assert terminal.mouse


def copied(terminal: Terminal) -> str:
    """The text that the terminal was asked to copy last."""
    asked = re.findall(rb"\x1b\]52;\w*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)", bytes(terminal.output))
    return base64.b64decode(asked[-1]).decode() if asked else ""


def copies(terminal: Terminal) -> None:
    """A person copies the screen, and it reaches the terminal whole."""
    terminal.until("‖∂J/∂W‖")
    terminal.press("y")
    terminal.until("sent to the terminal")
    terminal.until(lambda text: copied(terminal).startswith("Goodfellow's chain · step 0"))
    assert len(copied(terminal)) > 1000  # more than GNU screen holds at once
    assert copied(terminal).splitlines()[-1].startswith("why ")
    terminal.press("\x0c")
    terminal.until("sent to the terminal")
    assert "52;c" not in terminal.text()


def test_gnu_screen_hands_a_copy_on_to_the_terminal(scenario: Path, tmp_path: Path) -> None:
    with screen(tmp_path, [*PROGRAM, str(scenario)]) as terminal:
        copies(terminal)


def test_tmux_hands_a_copy_on_where_it_is_told_to_and_that_is_said(scenario: Path, tmp_path: Path) -> None:
    with tmux(tmp_path, [*PROGRAM, str(scenario)]) as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.press("y")
        terminal.until("set -s")
        assert copied(terminal) == ""
        told = [tool("tmux"), "-S", str(tmp_path / "tmux"), "set", "-s", "set-clipboard", "on"]
        subprocess.run(told, check=True)
        copies(terminal)


def test_over_mosh_all_works(connection: list[str], scenario: Path, tmp_path: Path) -> None:
    with mosh(connection, program_of(tmp_path, str(scenario))) as terminal:
        copies(terminal)
        works(terminal)
        assert not terminal.mouse
        terminal.press("q")
        assert terminal.ended() == 0


def asking() -> list[str]:
    return [sys.executable, "-c", ASKING]


def test_each_of_them_answers_the_question_behind_a_frame(connection: list[str], tmp_path: Path) -> None:
    for opened in (tmux(tmp_path, asking()), screen(tmp_path, asking()), mosh(connection, shlex.join(asking()))):
        with opened as terminal:
            terminal.until("heard")
            assert "heard 1b5b306e " in terminal.text()
            terminal.press("\r")
            assert terminal.ended() == 0
