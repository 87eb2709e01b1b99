"""`bntui notes` as a person at a shell meets it."""

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from session.published import published, told
from shell import Capture

from bntui.commands.cli import run
from bntui.session.keep.processes import Process
from bntui.session.teach import notes


def test_notes_say_so_where_no_lesson_runs(file: Path, capsys: Capture) -> None:
    assert run(["notes"]) == 0
    assert "No lesson is running" in capsys.readouterr().out


def test_notes_show_the_beat_the_next_one_and_what_is_for_the_speaker_only(
    file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    notes.publish(told("The chain"))
    assert run(["notes"]) == 0
    out = capsys.readouterr().out
    for said in ("The chain · beat 3 of 9 · 1 of 4 right", "1:15 since the start", "! Ask the class.", " *2 b", "And then."):
        assert said in out
    notes.withdraw()
    assert notes.running() == []


def test_of_several_lessons_none_is_shown_before_one_is_chosen(
    file: Path, another: Process, capsys: Capture
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


@pytest.mark.parametrize("kind", ["pipe", "device", "types", "words", "depth", "infinite"])
def test_notes_that_were_tampered_with_are_not_shown(file: Path, kind: str, capsys: Capture) -> None:
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
