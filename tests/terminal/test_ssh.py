"""bntui over a real ssh connection, to a server of our own on the loopback interface."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.driver import MODES, MOUSE, PROGRAM, Terminal

HERE = "127.0.0.1"
PATIENCE = 10.0


def tool(name: str) -> str:
    """Where a program of OpenSSH is; the test is skipped where it is missing."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[list[str]]:
    """The beginning of an ssh command that reaches a server of our own."""
    server, client, keygen = tool("sshd"), tool("ssh"), tool("ssh-keygen")
    for key in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / key)], check=True)
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]
    settings = {
        "ListenAddress": f"{HERE}:{port}",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",  # tmp_path may lie in a folder that others can write to
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
        "PasswordAuthentication": "no",
        "AcceptEnv": "LANG",  # as most systems have it: the locale is the far terminal's
    }
    config = tmp_path / "sshd_config"
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    with subprocess.Popen([server, "-D", "-e", "-f", str(config)], stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(process, port)
            options = ("StrictHostKeyChecking=no", f"UserKnownHostsFile={tmp_path / 'known'}", "LogLevel=ERROR", "SendEnv=LANG")
            named = [word for option in options for word in ("-o", option)]
            login = ["-F", "none", "-p", str(port), "-i", str(tmp_path / "user"), "-l", getpass.getuser(), HERE]
            yield [client, "-tt", *named, *login]
        finally:
            process.terminate()


def wait_for(process: "subprocess.Popen[str]", port: int) -> None:
    """Until the server answers; the test is skipped with the server's own words where it cannot run here."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            assert process.stderr is not None
            pytest.skip(f"sshd cannot run here: {process.stderr.read().strip()}")
        try:
            socket.create_connection((HERE, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.skip("sshd does not answer")


@pytest.mark.slow
def test_over_ssh_keys_work_and_the_mouse_stays_the_terminals_own(connection: list[str], tmp_path: Path) -> None:
    scenario = tmp_path / "chain.yaml"
    scenario.write_text(SLOW_CHAIN, encoding="utf-8")
    folder = Path.cwd()
    program = f"'{sys.executable}' {' '.join(PROGRAM[1:])} '{scenario}'"
    command = f"cd '{folder}' && exec env XDG_STATE_HOME='{tmp_path}' {program}"
    with Terminal([*connection, command]) as terminal:
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
