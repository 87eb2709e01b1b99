"""An output for which there is no room: a sentence, and no half of a file."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no files")]

ROOM = 300  # bytes
LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, resource.RLIM_INFINITY))
from bntui.commands import cli
sys.exit(cli.run(sys.argv[1:]))
"""
OUTPUTS = [
    "trace relu-net --steps 9 -o out.jsonl",
    "trace relu-net --steps 9 -o out.csv",
    "sweep relu-net --json -o out.json",
    "report relu-net -o out.md",
    "report relu-net -o out.html",
    "export relu-net --torch -o out.py",
    "new out.yaml",
]


@pytest.mark.parametrize("line", OUTPUTS)
def test_where_there_is_no_room_a_sentence_is_said_and_no_file_is_left(tmp_path: Path, line: str) -> None:
    command = [sys.executable, "-c", LIMITED, *line.split()]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    sentence = f"bntui: {command[-1]} cannot be written: File too large\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", sentence)
    assert list(tmp_path.iterdir()) == []
