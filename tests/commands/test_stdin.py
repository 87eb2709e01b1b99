"""A scenario from the standard input, `-`, wherever a file may stand."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from shell import Capture, printed, refused

from bntui.commands.cli import run
from bntui.scenario.text.files import MOST_BYTES

NET = "{version: 1, title: From a pipe, network: {layers: [{name: h, units: 2, activation: tanh}, {units: 1}]}, data: {csv: {file: d.csv, inputs: [x], targets: [y]}}, training: {learning_rate: 0.1}, lesson: [{do: {step: 2}}, {expect: {step: {is: 2}}}]}"

COMMANDS = [
    ("trace", "--steps", "3"),
    ("show", "--at", "2"),
    ("sweep", "--count", "2", "--steps", "2", "--json"),
    ("landscape", "--json"),
    ("export", "--torch", "--steps", "1"),
    (),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program is started in, with a scenario and its table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n3,5\n4,4\n")
    (tmp_path / "net.yaml").write_text(NET)
    return tmp_path


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Let this come in at the standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0] if command else "open")
def test_what_comes_in_is_taken_as_a_file_is(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, command: tuple[str, ...]) -> None:
    pipe(monkeypatch, b"")
    first, *options = command or ("",)
    from_file = printed(capsys, *filter(None, (first, "net.yaml", *options)))
    pipe(monkeypatch, NET.encode())
    assert printed(capsys, *filter(None, (first, "-", *options))) == from_file.replace("bntui export net.yaml", "bntui export -")


def test_a_handout_of_what_comes_in(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    printed(capsys, "report", "net.yaml", "-o", "one.md")
    pipe(monkeypatch, NET.encode())
    printed(capsys, "report", "-", "-o", "other.md")
    assert (here / "one.md").read_text() == (here / "other.md").read_text()


def test_settings_are_put_into_it(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    pipe(monkeypatch, NET.encode())
    assert '"base_rate": 0.5' in printed(capsys, "trace", "-", "--steps", "0", "--set", "training.learning_rate=0.5")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "<stdin>:1:1: the file is empty"),
        (b"{version: 1", "<stdin>:2:1: not YAML"),
        (b"title: \xff", "<stdin>:1:8: found the byte 0xff; the text must be UTF-8"),
        (b"#" * (MOST_BYTES + 1), "<stdin>: it is larger than 10 MB; that is the most allowed"),
        (NET.replace("units: 1", "unit: 1").encode(), "<stdin>:1:"),
        (NET.replace("d.csv", "../d.csv").encode(), "this lies outside the scenario's folder"),
    ],
)
@pytest.mark.parametrize("command", ["trace", "show"])
def test_what_is_wrong_with_it_is_told_with_its_place(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, command: str, content: bytes, says: str
) -> None:
    pipe(monkeypatch, content)
    told = refused(capsys, command, "-")
    assert says in told
    assert all(line.startswith("<stdin>") for line in told.splitlines())


def test_it_is_not_written_over_and_neither_is_its_table(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    pipe(monkeypatch, NET.encode())
    assert run(["trace", "-", "-o", "d.csv", "--force"]) == 2
    assert "d.csv is what is being read" in capsys.readouterr().err


def test_the_screen_needs_the_keys_that_would_come_from_there(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert "leaves no keys to press; save it as a file" in refused(capsys, "-")


def test_a_file_of_that_name_is_named_with_its_folder(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    pipe(monkeypatch, b"")
    (here / "-").write_text(NET)
    assert printed(capsys, "trace", "./-", "--steps", "1")


@pytest.mark.parametrize("play", [(), pytest.param(("--play",), marks=pytest.mark.slow)])
def test_it_is_checked_and_played(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, play: tuple[str, ...]) -> None:
    pipe(monkeypatch, NET.encode())
    assert printed(capsys, "check", "-", *play).endswith("-: good, 1 expectation held\n" if play else "-: good\n")
    pipe(monkeypatch, NET.replace("units: 1", "unit: 1").encode())
    assert "<stdin>:1:" in refused(capsys, "check", "-", *play)
