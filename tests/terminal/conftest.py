"""A server of our own on the loopback interface, for what is tested over ssh."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal.driver import PROGRAM

HERE = "127.0.0.1"
PATIENCE = 20.0
MEMORY = Path("/dev/shm")  # files that lie on no disk, where a system has that


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder that is never slow: what a kill costs there is the program's doing, and not that of a disk which was busy."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


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


def program_of(tmp_path: Path, scenario: str) -> str:
    """The command that runs bntui at the other end, with what it keeps in a folder of its own."""
    program = f"'{sys.executable}' {' '.join(PROGRAM[1:])} '{scenario}'"
    return f"cd '{Path.cwd()}' && exec env XDG_STATE_HOME='{tmp_path}' {program}"
