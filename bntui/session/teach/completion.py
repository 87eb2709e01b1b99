"""Which lessons have been completed, and with how many right answers; kept in the user's state folder."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path

from bntui.records import dataclass
from bntui.scenario.reading.loading import Loaded
from bntui.scenario.shelf import library
from bntui.session.keep import private
from bntui.session.look.standing import LessonStanding

_writing = threading.Lock()  # a slow disk may still be at one lesson when the next one is completed


@dataclass(frozen=True, slots=True)
class Completed:
    """How a lesson went when it was completed last."""

    right: int
    questions: int


def name_of(loaded: Loaded) -> str:
    """The name under which a scenario's lesson is remembered: its name in the library, else its path."""
    source = loaded.source_file
    return loaded.origin if source is None else library.name_of(source)


def completed() -> dict[str, Completed]:
    """The lessons that have been completed, by name; what cannot be read counts as none."""
    with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError):
        told = json.loads(private.read(_file()) or "{}")
        return {name: Completed(_number(went["right"]), _number(went["questions"])) for name, went in told.items()}
    return {}


def complete(name: str, lesson: LessonStanding) -> None:
    """Remember that a lesson was completed. Raises OSError."""
    with _writing:
        known = completed() | {name: Completed(lesson.right, lesson.questions)}
        told = {each: {"right": went.right, "questions": went.questions} for each, went in sorted(known.items())}
        private.write(_file(), json.dumps(told, ensure_ascii=False, indent=1), lasting=True)


def _number(told: object) -> int:
    if type(told) is not int:
        raise ValueError("a number of questions")
    return told


def _file() -> Path:
    return private.folder() / "completed.json"
