"""`bntui` without a command, where there is no terminal; tests/terminal has one."""

from pathlib import Path

import pytest
from shell import Capture, printed, refused


def test_without_a_terminal_and_a_scenario_the_library_is_listed(capsys: Capture) -> None:
    assert printed(capsys) == printed(capsys, "list")


def test_without_a_terminal_a_scenario_is_printed_as_one_frame(capsys: Capture, chain: str) -> None:
    frame = printed(capsys, chain)
    assert frame == printed(capsys, "show", chain)
    assert frame.startswith("Goodfellow's chain · step 0 · J 2.724 · η 0.3 · BN off")


@pytest.mark.parametrize("command", [["goodfellow-chain"], ["follow"]])
def test_a_folder_without_a_name_is_not_the_one_at_hand(command: list[str], capsys: Capture) -> None:
    assert "argument --share: '' names no folder" in refused(capsys, *command, "--share", "")


def test_whoever_follows_is_told_how_a_class_is_followed(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert "for a class, name its folder with --share" in refused(capsys, "follow")
    assert "with --share" not in refused(capsys, "follow", "--share", str(tmp_path))


def test_the_version_is_one_line(capsys: Capture) -> None:
    told = printed(capsys, "--version")
    assert told.startswith("bntui")
    assert told.count("\n") == 1


def test_without_a_terminal_a_course_of_ones_own_is_listed(capsys: Capture, chain: str) -> None:
    course = Path(chain).with_name("mine.yaml")
    course.write_text("version: 1\ntitle: Mine\nparts: [{title: P, about: Of it., scenarios: [chain.yaml]}]\n")
    assert printed(capsys, str(course)) == printed(capsys, "list", str(course))


def test_a_course_with_a_scenario_that_cannot_be_used_is_refused_and_the_scenario_named(capsys: Capture, chain: str) -> None:
    course = Path(chain).with_name("mine.yaml")
    course.write_text("version: 1\ntitle: Mine\nparts: [{title: P, about: Of it., scenarios: [chain.yaml]}]\n")
    Path(chain).write_text("version: 1\nnetwork: {}\n")
    told = refused(capsys, str(course))
    assert f"{chain}:1:1: title: missing" in told
    assert f"{chain}:2:10: network.layers: missing" in told


def test_a_course_where_a_scenario_is_wanted_is_refused_in_a_sentence(capsys: Capture, chain: str) -> None:
    course = Path(chain).with_name("mine.yaml")
    course.write_text("version: 1\ntitle: Mine\nparts: [{title: P, about: Of it., scenarios: [chain.yaml]}]\n")
    assert "mine.yaml:1:1: this is a course; wanted is a scenario" in refused(capsys, "trace", str(course), "--steps", "1")


def test_without_a_terminal_the_frame_of_a_beat_is_printed(capsys: Capture) -> None:
    frame = printed(capsys, "goodfellow-chain", "--beat", "control: from")
    assert frame == printed(capsys, "show", "goodfellow-chain", "--beat", "3")
    assert frame.startswith("Goodfellow's chain · step 0 · »J 1,830 → 0.311 · η 0.3 · BN off")


def test_a_question_that_is_gone_to_is_printed_in_the_state_before_its_outcome(capsys: Capture) -> None:
    assert printed(capsys, "goodfellow-chain", "--beat", "2").startswith("Goodfellow's chain · step 0 · J 2.724 · η 0.3 · BN off")


@pytest.mark.parametrize("command", [[], ["show"]])
@pytest.mark.parametrize(("typed", "told"), [
    ("13", "there is no beat 13; the lesson has the beats 1 to 12"),
    ("explods", "did you mean 'explodes'?"),
    ("BN", "'BN' stands in 5 beats; say more of it, or the number: 6 Again 0.3, now with BN"),
])  # fmt: skip
def test_a_beat_that_is_not_there_is_refused_with_the_near_ones(command: list[str], typed: str, told: str, capsys: Capture) -> None:
    assert told in refused(capsys, *command, "goodfellow-chain", "--beat", typed)


def test_a_beat_is_of_one_scenario_and_no_step(capsys: Capture, chain: str) -> None:
    assert "name one before it" in refused(capsys, "--beat", "3")
    assert "leave out one of them" in refused(capsys, "show", "goodfellow-chain", "--beat", "3", "--at", "2")
    assert "this scenario has no lesson" in refused(capsys, "show", chain, "--beat", "3")
