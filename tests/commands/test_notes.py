"""The commands of whoever writes or gives a lesson: check, trace, report, notes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN

from bntui.commands.cli import run
from bntui.session.keep import private, processes
from bntui.session.keep.processes import Process
from bntui.session.teach import completion, notes
from bntui.session.teach.notes import BeatNotes, Notes

GOOD = SLOW_CHAIN + 'lesson: [{say: "**Look** <b>", do: {step: 2}, expect: {step: {is: 2}}}]\n'
FAILING = SLOW_CHAIN + "lesson: [{do: {step: 2}, expect: {loss: {above: 1e9}}}]\n"
RUNNING = SLOW_CHAIN + "lesson: [{do: {step: 1}}, {run: {until: {step: {above: 3}}}}]\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "lesson.yaml"


def test_check_without_play_only_validates(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: good\n"


def test_check_with_play_fails_where_an_expectation_does(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file), "--play"]) == 1
    out = capsys.readouterr().out
    assert f"{file}:{len(SLOW_CHAIN.splitlines()) + 1}: beat 1: loss above 1e+09: no, it is" in out
    assert out.endswith("1 of 1 expectation failed\n")


def test_an_invalid_file_wins_over_a_failing_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FAILING, encoding="utf-8")
    assert run(["check", str(file), "no-such-lesson", "--play"]) == 2
    assert "neither a file nor in the library" in capsys.readouterr().err


def test_check_writes_json_and_junit(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD, encoding="utf-8")
    junit = file.with_suffix(".xml")
    assert run(["check", str(file), "--play", "--json", "--junit", str(junit)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0]["expectations"][0]["held"]
    assert 'failures="0"' in junit.read_text(encoding="utf-8")


def test_check_watches_until_it_is_interrupted(file: Path) -> None:
    file.write_text(FAILING, encoding="utf-8")
    command = [sys.executable, "-m", "bntui", "check", str(file), "--play", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any("1 of 1 expectation failed" in line for line in lines)
        time.sleep(0.05)  # so that the file's time differs where clocks are coarse
        file.write_text(GOOD, encoding="utf-8")
        assert any("was saved" in line for line in lines)
        assert any("good, 1 expectation held" in line for line in lines)
        process.terminate()


def test_the_trace_of_a_lesson_has_its_runs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(RUNNING, encoding="utf-8")
    assert run(["trace", str(file), "--lesson"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["step"] for line in lines] == [0, 1, 2, 3, 4]


def test_a_report_in_markdown_has_text_frame_and_verdict(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    handout = file.with_suffix(".md")
    assert run(["report", str(file), "-o", str(handout)]) == 0
    text = handout.read_text(encoding="utf-8")
    assert "**Look** \\<b\\>" in text
    assert "· step 2 ·" in text
    assert "✓ step exactly 2: yes, it is 2" in text


def test_a_report_in_html_is_one_page_and_escaped(file: Path) -> None:
    file.write_text(GOOD.replace("Goodfellow's chain", "'<script>alert(1)</script>'"), encoding="utf-8")
    handout = file.with_suffix(".html")
    assert run(["report", str(file), "-o", str(handout)]) == 0
    text = handout.read_text(encoding="utf-8")
    assert "<strong>Look</strong> &lt;b&gt;" in text
    assert "<script>" not in text
    assert "src=" not in text
    assert "href=" not in text


def test_a_report_needs_an_ending_that_says_its_form(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD, encoding="utf-8")
    assert run(["report", str(file), "-o", str(file.with_suffix(".pdf"))]) == 2
    assert "ends in neither .md nor .html" in capsys.readouterr().err


def test_notes_say_so_where_no_lesson_runs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["notes"]) == 0
    assert "No lesson is running" in capsys.readouterr().out


def told(title: str, process: Process | None = None, session: str | None = None, opened_at: float = 0.0) -> Notes:
    """Notes of a lesson that runs in a process, this one if no other is given."""
    now = BeatNotes(say="Look.", note="Ask the **class**.", question="Why?", choices=("a", "b"), answer=2)
    began = opened_at or time.time() - 75
    return Notes(
        title, 3, 9, True, 1, 4, began, time.time() - 5, now, BeatNotes(say="And then."), process or processes.this(), session
    )


def published(file: Path, notes_of_it: Notes) -> Path:
    """The file in which another process shows its notes."""
    place = file.parent / "state" / "bntui" / "notes"
    private.write(place / f"{notes_of_it.process.number}.json", json.dumps(asdict(notes_of_it)))
    return place / f"{notes_of_it.process.number}.json"


@pytest.fixture
def another() -> Iterator[Process]:
    """A second process that runs."""
    code = "from bntui.session.keep import processes; print(processes.this().started, flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Process(process.pid, process.stdout.readline().strip())
        process.communicate("\n")


def test_notes_show_the_beat_the_next_one_and_what_is_for_the_speaker_only(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes.publish(told("The chain"))
    assert run(["notes"]) == 0
    out = capsys.readouterr().out
    for said in ("The chain · beat 3 of 9 · 1 of 4 right", "1:15 since the start", "! Ask the class.", " *2 b", "And then."):
        assert said in out
    notes.withdraw()
    assert notes.running() == []


def test_of_several_lessons_none_is_shown_before_one_is_chosen(
    file: Path, another: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    notes.publish(told("The chain"))
    published(file, told("The other", another))
    assert run(["notes"]) == 0
    out = capsys.readouterr().out
    assert "Several lessons are running" in out
    for number, title in ((os.getpid(), "The chain"), (another.number, "The other")):
        assert f"{number}  {title} · beat 3 of 9" in out
    assert "Ask the class" not in out
    assert run(["notes", str(another.number)]) == 0
    assert "The other · beat 3 of 9" in capsys.readouterr().out
    assert run(["notes", "1"]) == 2
    assert "no lesson is running in process 1" in capsys.readouterr().err


def test_the_view_stays_with_its_window_and_goes_with_its_session(another: Process) -> None:
    gone = Process(another.number, "before")
    mine, moved = told("Mine", gone, "1a2b3c4d"), told("Mine", another, "1a2b3c4d")
    foreign, unkept = told("Another's", processes.this(), "99999999"), told("Another's", processes.this())
    assert notes.followed(mine, [foreign]) is None
    assert notes.followed(mine, [foreign, moved]) == moved
    next_one = told("The next lesson", another, "7777")
    assert notes.followed(moved, [foreign, next_one]) == next_one
    assert notes.followed(told("Mine", gone), [unkept]) is None


def test_notes_of_a_session_that_was_killed_are_not_shown(file: Path, another: Process) -> None:
    path = published(file, told("t", Process(another.number, "of another start")))
    assert notes.running() == []
    assert not path.exists()


@pytest.mark.parametrize("kind", ["pipe", "device", "types", "words", "depth", "infinite"])
def test_notes_that_were_tampered_with_are_not_shown(file: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    good = asdict(told("t"))
    path = published(file, told("t"))
    text = {
        "types": json.dumps(good | {"beats": "many"}),
        "words": "no JSON",
        "depth": "[" * 200_000,
        "infinite": json.dumps(good | {"opened_at": float("inf")}),
    }
    if kind in text:
        path.write_text(text[kind])
    else:
        path.unlink()
        os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/zero")
    assert run(["notes"]) == 0
    assert "No lesson is running" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"a": {"right": "x", "questions": 1}}', '{"a": {"right": 1e999, "questions": 1}}'])
def test_what_is_said_to_be_completed_but_cannot_be_read_counts_as_nothing(file: Path, text: str) -> None:
    private.write(file.parent / "state" / "bntui" / "completed.json", text)
    assert completion.completed() == {}


def test_the_notes_are_readable_by_their_owner_alone(file: Path) -> None:
    notes.publish(told("t"))
    (written,) = (file.parent / "state" / "bntui" / "notes").glob("*.json")
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.parent.stat().st_mode & 0o777 == 0o700
