"""Two runs of a command write the same bytes, on one core or many, whatever Python's hashes are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bntui.commands.cli import NAMES

OF_SESSIONS = {"notes", "follow"}  # what they show is the present
SHORT = ("--count", "5", "--steps", "20", "--seeds", "2")
COMMANDS = [
    ["list"],
    ["list", "--json"],
    ["check", "goodfellow-chain", "sigmoid-net", "which-part", "--play", "--json"],
    ["check", "goodfellow-chain", "sigmoid-net", "--play", "--junit", "lessons.xml"],
    ["trace", "deep-relu", "--steps", "20", "--meters", "--arrays", "-o", "run.jsonl"],
    ["trace", "iris", "--steps", "20", "-o", "run.csv"],
    ["trace", "deep-relu", "--steps", "2", "--seeds", "5"],
    ["trace", "goodfellow-chain", "--lesson"],
    ["trace", "iris", "--steps", "9", "--seeds", "40", "--only", "loss,accuracy", "-o", "spread.csv"],
    ["trace", "digits", "--steps", "2", "--only", "loss,curvature,eigenvalue,gradient.*.weight,normalization", "--every", "2"],
    ["show", "sigmoid-net", "--at", "30", "--view", "eigenvalues"],
    ["show", "iris", "--at", "600", "--ascii"],
    ["report", "goodfellow-chain", "-o", "lesson.html"],
    ["report", "which-part", "-o", "lesson.md"],
    ["sweep", "deep-relu", *SHORT, "--over", "normalization", "-o", "rates.csv"],
    ["sweep", "deep-relu", *SHORT, "--over", "batch_size=8,full", "-o", "rates.json"],
    ["sweep", "sigmoid-net", *SHORT, "--over", "depth"],
    ["sweep", "deep-relu", *SHORT, "--group", "h*.weight"],
    ["sweep", "iris", *SHORT, "--switching", "preserve", "--over", "optimizer=sgd,adam,adamw", "--json"],
    ["sweep", "goodfellow-chain", *SHORT, "--at", "1", "--set", "training.learning_rate=0.01"],
    ["landscape", "deep-relu", "--at", "2", "--set", "training.learning_rate=1e-3", "-o", "landscape.json"],
    ["landscape", "sigmoid-net"],
    ["landscape", "deep-relu", "--growth", "--width", "32", "--seeds", "2"],
    ["landscape", "deep-relu", "--growth", "--width", "16", "--seeds", "3", "-o", "growth.json"],
    ["export", "deep-relu", "--torch", "-o", "program.py"],
    ["schema"],
    ["schema", "--course"],
    ["new", "mine.yaml"],
    *(["completion", shell] for shell in ("bash", "zsh", "fish")),
    ["goodfellow-chain"],
]
# runs all of them in one process, and says what each printed and with what it ended
RUN = """
import contextlib, io, json, os, sys
if sys.argv[1] != "all":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from bntui.__main__ import settle_threads
settle_threads(os.environ)
from bntui.commands.cli import run
told = []
for command in json.loads(sys.argv[2]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(command)
    told.append((command, status, out.getvalue(), err.getvalue()))
json.dump(told, sys.stdout)
"""


def written(folder: Path, cores: str, seed: str) -> tuple[list[list[object]], dict[str, bytes]]:
    """What every command prints and writes, from a folder and a home without a past."""
    folder.mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": seed, "XDG_STATE_HOME": str(folder / "state")}
    environment["PYTHONPATH"] = os.pathsep.join(each or os.getcwd() for each in sys.path)
    command = [sys.executable, "-c", RUN, cores, json.dumps(COMMANDS)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=True)
    return json.loads(ended.stdout), {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="a process cannot be held to one core here")
def test_two_runs_write_the_same_bytes_on_one_core_or_many(tmp_path: Path) -> None:
    (told, files), (again, files_again) = written(tmp_path / "one", "one", "1"), written(tmp_path / "all", "all", "2")
    for once, twice in zip(told, again, strict=True):
        assert once == twice
        assert once[1] == 0, once
    assert files == files_again
    assert len(files) == sum(bool({"-o", "--junit", "new"} & {*command}) for command in COMMANDS)


def test_every_command_is_among_them() -> None:
    assert {command[0] for command in COMMANDS} >= set(NAMES) - OF_SESSIONS
