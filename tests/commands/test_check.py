"""`bntui check` as a person at a shell meets it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from session.worlds import CHAIN, SLOW_CHAIN
from shell import CORE, PROGRAM, Capture, computed, printed, refused, until

from bntui.commands.cli import run
from bntui.session.survey import cores

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


@pytest.mark.slow
def test_an_invalid_file_wins_over_a_failing_one(file: Path, capsys: Capture) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file), "no-such-lesson", "--play"]) == 2
    assert "neither a file nor in the library" in capsys.readouterr().err


COURSE = "version: 1\ntitle: Mine\nparts: [{title: P, about: Of it., scenarios: [lesson.yaml, other.yaml]}]\n"


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.parametrize("watched", [pytest.param("lesson.yaml", marks=pytest.mark.slow), "mine.yaml"])
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


ENDLESS = SLOW_CHAIN + "lesson: [{expect: {step: {is: 0}}}, {do: {step: 10000000}}, {expect: {step: {is: 0}}}]\n"
LAST = len(SLOW_CHAIN.splitlines()) + 1


def cases(junit: Path) -> list[tuple[str, str]]:
    """The cases of a JUnit file, each with how it ended."""
    root = ElementTree.fromstring(junit.read_text(encoding="utf-8"))
    return [(case.attrib["name"], next((end.tag for end in case), "passed")) for case in root.iter("testcase")]


@pytest.mark.slow
def test_a_lesson_that_takes_too_long_is_ended_at_its_beat_and_the_others_are_played(file: Path, capsys: Capture) -> None:
    good, junit = file.with_name("good.yaml"), file.with_name("junit.xml")
    file.write_text(ENDLESS, encoding="utf-8")
    good.write_text(GOOD, encoding="utf-8")
    assert run(["check", str(file), str(good), "--play", "--limit", "5", "--junit", str(junit)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        f"{file}:{LAST}: beat 1: step exactly 0: yes, it is 0",
        f"{file}:{LAST}: beat 2: the lesson took longer than 5 s and was ended here; --limit SECONDS allows more",
        f"{file}: 1 of 2 expectations failed",
        f"{good}:{LAST}: beat 1: step exactly 2: yes, it is 2",
        f"{good}: good, 1 expectation held",
    ]
    assert [end for _, end in cases(junit)] == ["passed", "passed", "failure", "passed", "passed"]


def children(process: int) -> list[int]:
    """The processes that a process has started."""
    lists = Path("/proc").glob(f"{process}/task/*/children")  # each thread has its own
    return [int(each) for found in lists for each in found.read_text().split()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the children of a process are looked up in /proc")
@pytest.mark.parametrize(
    ("end", "status", "told"),
    [
        ("player", 1, [("valid", "passed"), ("line 14, beat 1: step exactly 0", "passed"), ("line 14, beat 2", "failure")]),
        (signal.SIGINT, 130, [("valid", "skipped"), ("line 14, beat 1: step exactly 0", "passed")]),
        (signal.SIGTERM, 143, [("valid", "skipped"), ("line 14, beat 1: step exactly 0", "passed")]),
        (signal.SIGHUP, 129, [("valid", "skipped"), ("line 14, beat 1: step exactly 0", "passed")]),
    ],
)
def test_whatever_ends_the_play_the_junit_file_is_written_and_no_player_stays(
    file: Path, end: signal.Signals | str, status: int, told: list[tuple[str, str]]
) -> None:
    file.write_text(ENDLESS, encoding="utf-8")
    junit = file.with_name("junit.xml")
    defaults = "for end in signal.SIGINT, signal.SIGHUP: signal.signal(end, signal.SIG_DFL)"  # a shell or nohup may have said otherwise
    heeded = f"import os, signal, sys\n{defaults}\nos.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-I", "-S", "-c", heeded, *PROGRAM, "check", str(file), "--play", "--limit", "600", "--junit", str(junit)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        player = until(lambda: children(process.pid))[0]
        until(lambda: computed(player) > 1.5)
        if isinstance(end, str):
            os.kill(player, signal.SIGKILL)
        else:
            process.send_signal(end)
        out, err = process.communicate(timeout=30)
    assert process.returncode == status
    assert "Traceback" not in err
    assert [(name.replace(f"line {LAST}", "line 14"), how) for name, how in cases(junit)] == told
    if end == "player":
        assert f"{file}:{LAST}: beat 2: the process that played it ended by SIGKILL" in out
    else:
        assert err == "bntui: ended before 1 of 1 file had been checked\n"
    assert not Path(f"/proc/{player}").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no POSIX shell on Windows")
@pytest.mark.parametrize("play", ["", "--play"])
def test_the_junit_file_is_written_though_the_reader_has_gone(file: Path, play: str) -> None:
    files = [file.with_name(f"{name}.yaml") for name in "ab"]
    for path in files:
        path.write_text(GOOD, encoding="utf-8")
    junit = file.with_name("junit.xml")
    piped = f'"$0" -m bntui check {files[0]} {files[1]} {play} --junit {junit} | true'
    subprocess.run(["bash", "-c", piped, sys.executable], check=True)
    until(junit.exists)
    assert len(cases(junit)) >= 2


@pytest.mark.slow
def test_the_same_is_told_in_the_same_order_by_however_many_players(
    file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [file.with_name(f"{name}.yaml") for name in "abcd"]
    for path, text in zip(files, (GOOD.replace("step: 2}, e", "step: 300}, e"), FAILING, GOOD.replace("0.01", "fast"), GOOD), strict=True):
        path.write_text(text, encoding="utf-8")
    told = []
    for count in (1, 3):
        monkeypatch.setattr(cores, "processors", lambda count=count: count)
        assert run(["check", *map(str, files), "--play"]) == 2
        told.append(capsys.readouterr())
        assert run(["check", *map(str, files), "--play", "--json"]) == 2
        told.append(capsys.readouterr())
    assert told[:2] == told[2:]
    assert [line.partition(".yaml")[0][-1] for line in told[0].out.splitlines()] == list("aabbdd")


def test_play_uses_nothing_that_lies_in_the_folder_it_is_started_in(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    file.with_name("numpy.py").write_text("raise SystemExit('taken in')", encoding="utf-8")
    monkeypatch.chdir(file.parent)
    monkeypatch.setattr(sys, "path", [each for each in sys.path if each])
    assert "good, 1 expectation held" in printed(capsys, "check", str(file), "--play")


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "1e9"])
def test_a_limit_is_a_number_of_seconds(capsys: Capture, limit: str) -> None:
    assert f"'{limit}' is not a number of seconds above 0" in refused(capsys, "check", "relu-net", "--play", f"--limit={limit}")


def test_a_limit_without_play_is_refused_for_it_would_end_nothing(capsys: Capture) -> None:
    assert "none is without --play" in refused(capsys, "check", "relu-net", "--limit", "5")
