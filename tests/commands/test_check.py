"""`bntui check` as a person at a shell meets it."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from session.worlds import CHAIN, SLOW_CHAIN
from shell import CORE, PROGRAM, Capture, printed

from bntui.commands.cli import run

GOOD = SLOW_CHAIN + 'lesson: [{say: "**Look** <b>", do: {step: 2}, expect: {step: {is: 2}}}]\n'
FAILING = SLOW_CHAIN + "lesson: [{do: {step: 2}, expect: {loss: {above: 1e9}}}]\n"


@pytest.mark.parametrize("name", CORE)
def test_check_finds_the_shipped_scenarios_good(capsys: Capture, name: str) -> None:
    assert printed(capsys, "check", name) == f"{name}: good\n"


def test_check_tells_every_mistake_with_its_place_and_goes_on(capsys: Capture, tmp_path: Path, chain: str) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(CHAIN.replace("units: 1, weight: [[0.9]]", "unit: 1").replace("0.3}", "fast}"), encoding="utf-8")
    status = run(["check", str(bad), chain, "nowhere.yaml"])
    out, err = capsys.readouterr()
    assert status == 2
    assert out == f"{chain}: good\n"
    assert f"{bad}:7:" in err
    assert "unknown key 'unit'" in err
    assert "did you mean 'units'?" in err
    assert f"{bad}:12:" in err
    assert "nowhere.yaml: there is no such file" in err


def test_check_without_play_only_validates(file: Path, capsys: Capture) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: good\n"


def test_check_with_play_fails_where_an_expectation_does(file: Path, capsys: Capture) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file), "--play"]) == 1
    out = capsys.readouterr().out
    assert f"{file}:{len(SLOW_CHAIN.splitlines()) + 1}: beat 1: loss above 1e+09: no, it is" in out
    assert out.endswith("1 of 1 expectation failed\n")


def test_an_invalid_file_wins_over_a_failing_one(file: Path, capsys: Capture) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file), "no-such-lesson", "--play"]) == 2
    assert "neither a file nor in the library" in capsys.readouterr().err


COURSE = "version: 1\ntitle: Mine\nparts: [{title: P, about: Of it., scenarios: [lesson.yaml, other.yaml]}]\n"


def test_check_of_a_course_plays_each_of_its_lessons(file: Path, capsys: Capture) -> None:
    course, other = file.with_name("mine.yaml"), file.with_name("other.yaml")
    for path, text in ((course, COURSE), (file, GOOD), (other, FAILING)):
        path.write_text(text, encoding="utf-8")
    assert run(["check", str(course)]) == 0
    assert capsys.readouterr().out == "".join(f"{each}: good\n" for each in (course, file, other))
    assert run(["check", str(course), "--play"]) == 1
    out = capsys.readouterr().out
    assert f"{course}: good\n" in out
    assert f"{file}: good, 1 expectation held\n" in out
    assert f"{other}: 1 of 1 expectation failed\n" in out


def test_check_of_a_course_tells_of_an_invalid_scenario_and_goes_on(file: Path, capsys: Capture) -> None:
    course, other = file.with_name("mine.yaml"), file.with_name("other.yaml")
    for path, text in ((course, COURSE), (file, GOOD.replace("0.01", "fast")), (other, GOOD)):
        path.write_text(text, encoding="utf-8")
    assert run(["check", str(course), "--play"]) == 2
    out, err = capsys.readouterr()
    assert f"{other}: good, 1 expectation held\n" in out
    assert f"{file}:" in err
    assert "found 'fast'; allowed: a number" in err
    other.unlink()
    assert run(["check", str(course)]) == 2
    assert f"{course}:3:60: parts.0.scenarios.1: found 'other.yaml': there is no such scenario\n" in capsys.readouterr().err


def test_check_writes_json_and_junit(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    junit = file.with_suffix(".xml")
    assert run(["check", str(file), "--play", "--json", "--junit", str(junit)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0]["expectations"][0]["held"]
    assert 'failures="0"' in junit.read_text(encoding="utf-8")


@pytest.mark.parametrize("watched", ["lesson.yaml", "mine.yaml"])
def test_check_watches_a_file_and_each_of_a_course_until_it_is_interrupted(file: Path, watched: str) -> None:
    file.write_text(FAILING, encoding="utf-8")
    file.with_name("mine.yaml").write_text(COURSE.replace(", other.yaml", ""), encoding="utf-8")
    command = [*PROGRAM, "check", str(file.with_name(watched)), "--play", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any("1 of 1 expectation failed" in line for line in lines)
        time.sleep(0.05)  # so that the file's time differs where clocks are coarse
        file.write_text(GOOD, encoding="utf-8")
        assert any("was saved" in line for line in lines)
        assert any("good, 1 expectation held" in line for line in lines)
        process.terminate()
