"""A bound on memory as a person at a shell meets it: a sentence and the way out, before anything is made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import Capture, printed, refused

from bntui.commands.cli import run
from bntui.scenario.reading import memory
from bntui.session.session import Session

LARGE = """
version: 1
title: Large
network: {layers: [{units: 20, activation: relu}, {units: 1}]}
data: {generator: {name: line, samples: 4000000}}
training: {learning_rate: 0.1}
"""


@pytest.fixture(autouse=True)
def _default() -> Iterator[None]:
    yield
    memory.allow(memory.DEFAULT)


@pytest.fixture
def large(tmp_path: Path) -> str:
    """A scenario that needs more memory than is allowed."""
    path = tmp_path / "large.yaml"
    path.write_text(LARGE, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", [("check",), ("show", "--at", "1"), ("trace",), ("sweep",), ("landscape",), ()])
def test_a_scenario_that_needs_too_much_is_refused_by_every_command(
    large: str, capsys: Capture, command: tuple[str, ...]
) -> None:
    said = refused(capsys, *command[:1], large, *command[1:])
    assert "large.yaml:4:19: network.layers: the scenario needs about 4.8 GB of memory; allowed: 2 GB" in said
    assert "--memory 6G" in said


def test_what_is_allowed_counts_for_check_too(large: str, capsys: Capture) -> None:
    assert printed(capsys, "check", large, "--memory", "6G") == f"{large}: good\n"


def test_a_survey_that_needs_too_much_is_refused(capsys: Capture) -> None:
    said = refused(capsys, "landscape", "deep-relu", "--growth", "--width", "1024", "--depth", "200", "--samples", "1024")
    assert "the growth in networks of that width and depth needs about 39 GB of memory; allowed: 2 GB" in said
    assert "this sweep needs about" in refused(capsys, "sweep", "sigmoid-net", "--memory", "3M")
    many = ("--count", "100000", "--seeds", "100")
    assert "this sweep needs about 14 GB of memory" in refused(capsys, "sweep", "goodfellow-chain", *many)


def test_what_is_no_amount_of_memory_is_said(capsys: Capture) -> None:
    said = refused(capsys, "show", "sigmoid-net", "--memory", "lots")
    assert "'lots' is no amount of memory such as 8G or 500M" in said
    assert "did you mean" not in said


def test_a_lack_of_memory_that_nobody_reckoned_ends_in_a_sentence(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Session, "observe", fail)
    assert run(["show", "goodfellow-chain"]) == 2
    assert capsys.readouterr().err == "bntui: there is not enough memory for this\n"
