"""Notes of a running lesson, and what was completed: whose they are, and what cannot be read."""

from dataclasses import replace
from pathlib import Path

import pytest
from session.published import published, told

from bntui.session.keep import private, processes
from bntui.session.keep.processes import Process
from bntui.session.teach import completion, notes


def test_the_view_stays_with_its_window_and_goes_with_its_session(another: Process) -> None:
    gone = Process(another.number, "before")
    mine = told("Mine", gone, "1a2b3c4d")
    moved = replace(mine, process=another)
    foreign, unkept = told("Another's", processes.this(), "99999999"), told("Another's", processes.this())
    assert notes.followed(mine, [foreign]) is None
    assert notes.followed(mine, [foreign, moved]) == moved
    next_one = told("The next lesson", another, "7777")
    assert notes.followed(moved, [foreign, next_one]) == next_one
    assert notes.followed(told("Mine", gone), [unkept]) is None


def test_a_session_that_goes_on_in_another_process_has_been_spoken_about_since_its_first_start(another: Process) -> None:
    gone = Process(another.number, "before")
    earlier = replace(told("Mine", gone, "1a2b3c4d", opened_at=1000.0), beat_at=1500.0)
    moved = replace(told("Mine", another, "1a2b3c4d", opened_at=2000.0), beat_at=2000.0)
    now = notes.followed(earlier, [moved])
    assert now == replace(moved, opened_at=1000.0, beat_at=1500.0)
    onward = replace(moved, number=moved.number + 1, beat_at=2100.0)
    assert notes.followed(now, [onward]) == replace(onward, opened_at=1000.0)
    another_lesson = replace(onward, session="7777")
    assert notes.followed(now, [another_lesson]) == another_lesson


def test_notes_of_a_session_that_was_killed_are_not_shown(file: Path, another: Process) -> None:
    path = published(file, told("t", Process(another.number, "of another start")))
    assert notes.running() == []
    assert not path.exists()


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"a": {"right": "x", "questions": 1}}', '{"a": {"right": 1e999, "questions": 1}}'])
def test_what_is_said_to_be_completed_but_cannot_be_read_counts_as_nothing(file: Path, text: str) -> None:
    private.write(file.parent / "state" / "bntui" / "completed.json", text)
    assert completion.completed() == {}


def test_the_notes_are_readable_by_their_owner_alone(file: Path) -> None:
    notes.publish(told("t"))
    (written,) = (file.parent / "state" / "bntui" / "notes").glob("*.json")
    assert written.stat().st_mode & 0o777 == 0o600
    assert written.parent.stat().st_mode & 0o777 == 0o700
