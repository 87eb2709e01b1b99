"""Which lessons have been completed, and with how many right answers; kept in the user's state folder."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from bntui.scenario.reading.loading import Loaded
from bntui.scenario.shelf import library
from bntui.session.keep import private
from bntui.session.look.standing import LessonStanding


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
    with suppress(ValueError):
        return TypeAdapter(dict[str, Completed]).validate_json(private.read(_file()) or "{}")
    return {}


def complete(name: str, lesson: LessonStanding) -> None:
    """Remember that a lesson was completed. Raises OSError."""
    known = completed() | {name: Completed(lesson.right, lesson.questions)}
    told = {each: {"right": went.right, "questions": went.questions} for each, went in sorted(known.items())}
    private.write(_file(), json.dumps(told, ensure_ascii=False, indent=1), lasting=True)


def _file() -> Path:
    return private.folder() / "completed.json"
