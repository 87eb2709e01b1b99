"""What the speaker's view in a second terminal knows of a running session: a small private file, written at each beat.

The view stays with the session that it began with, wherever that one goes on, and with the window it was in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, field, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from bntui.records import dataclass
from bntui.scenario.model.beats import LessonBeat, minutes
from bntui.scenario.model.parts import Limits
from bntui.scenario.model.pictures import BeatLandscape, Picture
from bntui.scenario.model.validating import validated
from bntui.scenario.text.wording import harmless_throughout
from bntui.session.keep import private, processes
from bntui.session.keep.aside import Worker
from bntui.session.keep.processes import Process
from bntui.session.look.standing import LessonStanding

MOST_OF_A_BEAT = 100  # characters: as many as a row has
_Finite = Annotated[float, Limits(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class BeatNotes:
    """What a speaker wants to know of a beat; "" where there is nothing. `wrong`: why not, by the number of the choice."""

    say: str = ""
    note: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    answer: int = 0
    because: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Where a lesson stands, the beat at hand and the one after it.

    `opened_at` and `beat_at` are Unix times; `process` is where it runs; `session` is the name under which it is kept, None
    while it is not. `minutes` is how long the lesson takes, and `left` its beats after the one at hand; `words` are the first ones
    of each beat. `blank`: the speaker has blanked the screen. `answer` is the choice that was made at this beat, 0 for none.
    """

    title: str
    number: int
    beats: int
    asking: bool
    right: int
    questions: int
    opened_at: _Finite
    beat_at: _Finite
    now: BeatNotes
    following: BeatNotes
    process: Process
    session: str | None
    minutes: int = 0
    left: int = 0
    words: tuple[str, ...] = ()
    blank: bool = False
    answer: int = 0


def notes_of(
    title: str, lesson: LessonStanding, opened_at: float, beat_at: float, session: str | None, blank: bool = False
) -> Notes:
    """What the speaker sees of a lesson in this process."""
    following = lesson.beats[lesson.number] if lesson.number < len(lesson.beats) else None
    return Notes(
        title,
        lesson.number,
        len(lesson.beats),
        lesson.asking,
        lesson.right,
        lesson.questions,
        opened_at,
        beat_at,
        _of(lesson.beat),
        _of(following),
        processes.this(),
        session,
        minutes(lesson.beats),
        minutes(lesson.beats[lesson.number :]),
        tuple(beat.words[:MOST_OF_A_BEAT] for beat in lesson.beats),
        blank,
        lesson.answer or 0,
    )


def publish(notes: Notes) -> None:
    """Show these notes to the speaker's view. Raises OSError."""
    private.write(_file(notes.process), json.dumps(asdict(notes), ensure_ascii=False))


def withdraw() -> None:
    """The session is over: take its notes away."""
    private.remove(_file(processes.this()))


class Desk:
    """Where this process lays the notes of the lesson at hand: the newest, off the way of whoever takes keys."""

    def __init__(self) -> None:
        self._newest: Notes | None = None
        self._laying = Worker(self._lay, "bntui-notes")

    def lay(self, notes: Notes | None) -> None:
        """Show these notes to the speaker's view; None takes away what lies there."""
        self._newest = notes
        self._laying.wake()

    def settle(self, seconds: float) -> bool:
        """Wait until the newest lies there, so long at most; whether it does."""
        return self._laying.settle(seconds)

    def _lay(self) -> None:
        """Write what is the newest now; a folder that cannot be written takes nothing from the session."""
        notes = self._newest
        if notes is None:
            withdraw()
            return
        with suppress(OSError):
            publish(notes)


def running() -> list[Notes]:
    """The notes of every lesson that runs, the one that was opened first first; what cannot be read counts as none."""
    found = []
    for path in _folder().glob("*.json"):
        notes = _read(path)
        if notes is not None and path.name == _file(notes.process).name and processes.runs(notes.process):
            found.append(notes)
        elif notes is None or not notes.process.is_elsewhere:  # of another machine nobody here can tell
            private.remove(path)
    return sorted(found, key=lambda notes: notes.opened_at)


def followed(earlier: Notes, lessons: Sequence[Notes]) -> Notes | None:
    """What has become of notes by now: those of the same window, else of the same session in another one; None for neither.

    A session that goes on, wherever it does, has been spoken about since the earlier of its starts, and at a beat likewise.
    """
    same = [notes for notes in lessons if notes.session is not None and notes.session == earlier.session]
    now = next((notes for notes in lessons if notes.process == earlier.process), next(iter(same), None))
    if now is None or now not in same:
        return now
    beat_at = min(now.beat_at, earlier.beat_at) if now.number == earlier.number else now.beat_at
    return replace(now, opened_at=min(now.opened_at, earlier.opened_at), beat_at=beat_at)


def _read(path: Path) -> Notes | None:
    with suppress(ValueError, RecursionError):
        return validated(Notes, harmless_throughout(json.loads(private.read(path) or "")))
    return None


def _of(beat: LessonBeat | None) -> BeatNotes:
    if beat is None:
        return BeatNotes()
    told, ask = BeatNotes(beat.say or "", beat.note or "", picture=_opened(beat.picture)), beat.ask
    if ask is None:
        return told
    return replace(told, question=ask.question, choices=ask.choices, answer=ask.answer, because=ask.because, wrong=ask.wrong)


def _opened(picture: Picture | None) -> str:
    """What a beat opens, in a few words; "" where it opens nothing."""
    if picture is None:
        return ""
    if isinstance(picture, BeatLandscape):
        return "the growth of gradients with depth" if picture.growth else "J along the gradient"
    over = picture.over if picture.over is None or isinstance(picture.over, str) else ", ".join(picture.over)
    return "a sweep of learning rates" if over is None else f"a sweep of learning rates over {over}"


def _folder() -> Path:
    return private.folder() / "notes"


def _file(process: Process) -> Path:
    return _folder() / f"{process.number}-{quote(process.host, safe='')}.json"
