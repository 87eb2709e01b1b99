"""What the README and the pages of docs tell a reader to type is typed: every script, every block, every whole command."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from commands.test_every_command import PAGES, is_whole
from shell import Capture

import bntui
from bntui.commands.cli import NAMES, run
from bntui.maths import memory
from bntui.maths.sweep import runs_at_once
from bntui.scenario.shelf import library
from bntui.scenario.shelf.writing import TEMPLATE

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = {page: "".join(re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)) for page in PAGES}
TYPED = list(dict.fromkeys(text for page in PAGES for text in re.findall(r"`bntui ([^`]+)`", page.read_text(encoding="utf-8"))))
# what a reader puts in place of a word that stands for his own
FOR_WORDS = {"FILE": "mine.yaml", "FILE…": "mine.yaml", "SCENARIO": "goodfellow-chain", "FILE.py": "program.py", "NAME": "relu-net"}
OUTPUTS = {"report": "handout.html", "new": "another.yaml"}  # for FILE where it is what is written
IN_SHORT = {"sweep": ["--count", "3", "--steps", "10"]}  # what takes long as it stands
# .ci/run plays the whole course, tests/commands/test_report.py prints it
ELSEWHERE = {"check scenarios/course.yaml --play", "report --course -o course.html"}
# they look for a session that runs, go on with one, or keep what was chosen on a terminal
WAITING = {"follow", "notes", "--resume", "--remember"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader may stand: a scenario and a course of his own, and the scenarios beside them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shutil.copytree(library.folder(), tmp_path / "scenarios")
    (tmp_path / "mine.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "course.yaml").write_text("version: 1\ntitle: C\nparts: [{title: P, about: It., scenarios: [mine.yaml, relu-net]}]\n")
    return tmp_path


def whole(commands: list[str]) -> Iterator[str]:
    """Those that can be typed as they stand and come to an end."""
    for text in commands:
        words = shlex.split(text)
        if is_whole(words) and not WAITING & set(words) and text not in ELSEWHERE:
            yield text


WHOLE = list(whole(TYPED))


@pytest.mark.slow
@pytest.mark.parametrize("text", WHOLE)
def test_a_command_that_a_page_names_does_what_it_says(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    command, *rest = shlex.split(text)
    places = FOR_WORDS | ({"FILE": OUTPUTS[command]} if command in OUTPUTS else {})
    words = [places.get(word, word) for word in (command, *rest)]
    if "-" in words:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("scenarios/relu-net.yaml").read_bytes())))
    if words == ["new", "mine.yaml"]:
        Path("mine.yaml").unlink()
    assert run([*words, *IN_SHORT.get(command, [])]) == 0, capsys.readouterr().err
    out, _ = capsys.readouterr()
    assert out.strip() or "-o" in words


def test_there_are_commands_to_be_typed() -> None:
    assert {shlex.split(text)[0] for text in WHOLE} >= set(NAMES) - WAITING - {"completion"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no POSIX shell on Windows")
def test_the_page_on_scripts_runs_as_it_stands(folder: Path) -> None:
    shim = folder / "bin" / "bntui"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bntui "$@"\n')
    shim.chmod(0o755)
    path = os.pathsep.join([str(shim.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    (folder / "mine.yaml").unlink()  # the page writes it itself
    script = BLOCKS[ROOT / "docs" / "scripts.md"]
    environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(each or str(ROOT) for each in sys.path)}
    ended = subprocess.run(["bash", "-e", "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    for name in re.findall(r"(?:> |-o |--junit )(\S+\.\S+)", script):
        assert Path(name).stat().st_size, name


def test_the_page_on_scripts_says_how_many_runs_are_taken_side_by_side() -> None:
    page = " ".join((ROOT / "docs" / "scripts.md").read_text(encoding="utf-8").split())
    deep = bntui.load("deep-relu")._session.experiment.architecture
    (layer,) = (each for each in deep.layers if each.name == "h1")
    wide = replace(deep, layers=(replace(layer, units=64),) * 20)
    told = []
    for network, samples in ((deep, 64), (wide, 256)):
        at_once = runs_at_once(network, samples)
        told.append((at_once, round(memory.descents(network, samples, 0, at_once) / 1e6)))
    (runs, size), (wide_runs, wide_size) = told
    assert f": {runs} of `deep-relu`, {size} MB, " in page
    assert f" and {wide_runs} of a network of 20 layers of 64 units on 256 samples, {wide_size} MB." in page


@pytest.mark.slow
def test_the_experiment_with_the_api_prints_what_the_page_says() -> None:
    program = ROOT / "docs" / "largest_rate.py"
    ended = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    assert "".join(f"    {line}\n" for line in ended.stdout.splitlines()) in page


@pytest.mark.slow
@pytest.mark.optional
def test_the_pictures_of_the_readme_can_be_drawn_anew(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    program = ROOT / "docs" / "pictures.py"
    ended = subprocess.run([sys.executable, str(program), "--into", str(tmp_path)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert set(ended.stdout.split()) >= set(re.findall(r"\(docs/([\w-]+\.png)\)", README))
    assert all((tmp_path / name).stat().st_size > 1000 for name in ended.stdout.split())
