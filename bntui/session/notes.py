"""What the speaker's view in a second terminal knows of the running session: a small private file, written at each beat."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.text.wording import harmless
from bntui.session import private
from bntui.session.snapshot import LessonStanding


@dataclass(frozen=True, slots=True)
class BeatNotes:
    """What a speaker wants to know of a beat; "" where there is nothing."""

    say: str = ""
    note: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    answer: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Where the lesson stands, the beat at hand and the one after it, and when the session was opened (Unix time)."""

    title: str
    number: int
    beats: int
    asking: bool
    right: int
    questions: int
    opened_at: float
    beat_at: float
    now: BeatNotes
    following: BeatNotes


def notes_of(title: str, lesson: LessonStanding, opened_at: float) -> Notes:
    """What the speaker sees of a lesson."""
    following = lesson.beats[lesson.number] if lesson.number < len(lesson.beats) else None
    return Notes(
        title,
        lesson.number,
        len(lesson.beats),
        lesson.asking,
        lesson.right,
        lesson.questions,
        opened_at,
        time.time(),
        _of(lesson.beat),
        _of(following),
    )


def publish(notes: Notes) -> None:
    """Show these notes to the speaker's view. Raises OSError."""
    private.write(_file(os.getpid()), json.dumps(asdict(notes), ensure_ascii=False))


def withdraw() -> None:
    """The session is over: take its notes away."""
    private.remove(_file(os.getpid()))


def running() -> Notes | None:
    """The notes of the session that moved on last, of those that run; None where none does."""
    found: list[tuple[float, Notes]] = []
    for path in _folder().glob("*.json"):
        if not (path.stem.isdecimal() and _lives(int(path.stem))):
            private.remove(path)
        elif (notes := _read(path)) is not None:
            found.append((notes.beat_at, notes))
    return max(found, key=lambda each: each[0])[1] if found else None


def _read(path: Path) -> Notes | None:
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        told = _harmless(json.loads(private.read(path) or ""))
        return Notes(**(told | {"now": _beat(told["now"]), "following": _beat(told["following"])}))
    return None


def _beat(told: Mapping[str, Any]) -> BeatNotes:
    return BeatNotes(**{**told, "choices": tuple(told["choices"])})


def _harmless(value: Any) -> Any:
    """The value with every text in it harmless for a terminal."""
    if isinstance(value, str):
        return harmless(value, lines=True)
    if isinstance(value, list):
        return [_harmless(each) for each in value]
    if isinstance(value, dict):
        return {key: _harmless(each) for key, each in value.items()}
    return value


def _of(beat: LessonBeat | None) -> BeatNotes:
    if beat is None:
        return BeatNotes()
    ask = beat.ask
    question = () if ask is None else (ask.question, ask.choices, ask.answer, ask.because)
    return BeatNotes(beat.say or "", beat.note or "", *question)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _folder() -> Path:
    return private.folder() / "notes"


def _file(process: int) -> Path:
    return _folder() / f"{process}.json"
