"""Which characters a terminal gets: what was asked for, what its locale says, and what is printed where it has ASCII alone."""

import json
import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from session.worlds import CHAIN

from bntui.commands.streams import draws_ascii, print_ascii

PROGRAM = [sys.executable, "-m", "bntui"]
NOT_UTF_8 = [{}, {"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "en_US.ISO-8859-1", "LANG": "en_US.UTF-8"}, {"LC_CTYPE": "de_DE@euro"}]
UTF_8 = [
    {"LANG": "C.UTF-8"}, {"LANG": "en_US.utf8"}, {"LC_CTYPE": "UTF-8"}, {"LANG": "C", "LC_CTYPE": "C.UTF-8"},
    {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.UTF-8@euro"}, {"LC_ALL": "xx_XX.UTF-8", "LANG": "C"},
]  # fmt: skip


@pytest.mark.parametrize("environment", NOT_UTF_8)
def test_a_locale_that_is_not_utf_8_gets_ascii(environment: dict[str, str]) -> None:
    assert draws_ascii(False, sys.__stdout__, environment)


@pytest.mark.parametrize("environment", UTF_8)
def test_a_locale_of_utf_8_gets_all_there_is_unless_ascii_is_asked_for(environment: dict[str, str]) -> None:
    stream = TextIOWrapper(BytesIO(), "utf-8")
    assert not draws_ascii(False, stream, environment)
    assert draws_ascii(True, stream, environment)


def test_a_stream_of_another_encoding_gets_ascii_whatever_the_locale() -> None:
    assert draws_ascii(False, TextIOWrapper(BytesIO(), "latin-1"), {"LC_ALL": "C.UTF-8"})


def test_what_is_ours_is_spelled_and_what_is_a_name_stays_to_be_told_from_another() -> None:
    written = BytesIO()
    stream = TextIOWrapper(written, "utf-8")
    print_ascii(stream)
    print("‖∂J/∂W‖ ≤ 10⁻³ … café 你", file=stream, flush=True)
    assert written.getvalue() == b"|dJ/dW| <= 10^-3 ~ caf\\xe9 \\u4f60\n"


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LANG": "POSIX"}, {"LC_ALL": "en_US.ISO-8859-1"}, {}])
@pytest.mark.parametrize(
    "command",
    [["--help"], ["sweep", "--help"], ["list"], ["show", "goodfellow-chain", "--at", "1"], ["check", "bad.yaml"], ["show", "gödfellow"]],
)
def test_every_command_prints_ascii_in_such_a_locale(locale: dict[str, str], command: list[str], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(CHAIN.replace("units: 1", "units: ×…", 1), encoding="utf-8")
    ended = run(command, locale, tmp_path)
    assert (ended.stdout + ended.stderr).isascii()
    assert (ended.stdout + ended.stderr).strip()
    assert b"Traceback" not in ended.stderr


def test_data_are_utf_8_in_any_locale(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(CHAIN.replace("units: 1", "units: ×…é", 1), encoding="utf-8")
    ended = run(["check", "bad.yaml", "--json"], {"LANG": "C"}, tmp_path)
    assert "×…é" in ended.stdout.decode("utf-8")
    assert json.loads(ended.stdout)["status"] == 2


def run(command: list[str], locale: dict[str, str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """A command in a locale, its output as bytes."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIOENCODING"))}
    return subprocess.run([*PROGRAM, *command], capture_output=True, env={**inherited, **locale}, cwd=folder, check=False)
