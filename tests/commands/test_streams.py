"""Which characters a command prints: what the locale says, and what is printed where there is ASCII alone."""

import json
import os
import subprocess
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from paced import mostly_slow
from session.worlds import CHAIN
from shell import PROGRAM

from bntui.commands.streams import print_ascii


def test_what_is_ours_is_spelled_and_what_is_a_name_stays_to_be_told_from_another() -> None:
    written = BytesIO()
    stream = TextIOWrapper(written, "utf-8")
    print_ascii(stream)
    print("‖∂J/∂W‖ ≤ 10⁻³ … café 你", file=stream, flush=True)
    assert written.getvalue() == b"|dJ/dW| <= 10^-3 ~ caf\\xe9 \\u4f60\n"


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        *(pytest.param(other, marks=pytest.mark.slow) for other in ({"LANG": "POSIX"}, {"LC_ALL": "en_US.ISO-8859-1"}, {})),
    ],
)
@pytest.mark.parametrize(
    "command",
    mostly_slow(
        [["--help"], ["sweep", "--help"], ["list"], ["show", "goodfellow-chain", "--at", "1"], ["check", "bad.yaml"], ["show", "gödfellow"]],
        [["show", "goodfellow-chain", "--at", "1"]],
    ),
)
def test_every_command_prints_ascii_in_such_a_locale(locale: dict[str, str], command: list[str], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(CHAIN.replace("units: 1", "units: ×…", 1), encoding="utf-8")
    done = ended(command, locale, tmp_path)
    assert (done.stdout + done.stderr).isascii()
    assert (done.stdout + done.stderr).strip()
    assert b"Traceback" not in done.stderr


def test_data_are_utf_8_in_any_locale(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(CHAIN.replace("units: 1", "units: ×…é", 1), encoding="utf-8")
    done = ended(["check", "bad.yaml", "--json"], {"LANG": "C"}, tmp_path)
    assert "×…é" in done.stdout.decode("utf-8")
    assert json.loads(done.stdout)["status"] == 2


def ended(command: list[str], locale: dict[str, str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """A command in a locale, its output as bytes."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIOENCODING"))}
    return subprocess.run([*PROGRAM, *command], capture_output=True, env={**inherited, **locale}, cwd=folder, check=False)
