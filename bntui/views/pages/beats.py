"""The beats of a lesson as they are chosen from: where one stands, and no word that would give an answer away."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.scenario.model.beats import minutes
from bntui.scenario.text.wording import counted
from bntui.session.look.standing import LessonStanding
from bntui.views.text.cells import cut_at_word, in_ascii

HERE, DONE = "▸", "✓"
HIDDEN = "… after question {number}"
BEFORE = 7  # cells before a beat's words


def heading(lesson: LessonStanding) -> str:
    """How far the lesson has come, and how long the beats after this one take."""
    left = minutes(lesson.beats[lesson.number :])
    time = f"about {counted(left, 'minute')}{' left' if lesson.number else ''}" if left else "the last one"
    return f"Beats: {lesson.number} of {len(lesson.beats)} · {time}"


def beat_rows(lesson: LessonStanding, numbers: Sequence[int], whole: bool, width: int, ascii: bool) -> list[str]:
    """A row of at most so many cells for each of these beats; those behind a question that waits say so, unless all is told."""
    return [_row(lesson, number, whole, width, ascii) for number in numbers]


def beat_title(lesson: LessonStanding, number: int, whole: bool = False) -> str:
    """A beat's words, or behind which question they stand."""
    if whole or lesson.tells(number):
        return lesson.beats[number - 1].words
    return HIDDEN.format(number=_waiting_before(lesson, number))


def _waiting_before(lesson: LessonStanding, number: int) -> int:
    """The last question before a beat: once it has been come to, the words of the beat are told."""
    return next(before for before in range(number - 1, 0, -1) if lesson.beats[before - 1].ask is not None)


def _row(lesson: LessonStanding, number: int, whole: bool, width: int, ascii: bool) -> str:
    mark = HERE if number == lesson.number else DONE if number <= lesson.reached else " "
    asks = "?" if lesson.beats[number - 1].ask is not None else " "
    words = in_ascii(beat_title(lesson, number, whole), ascii)
    return f"{in_ascii(mark, ascii)} {number:>2} {asks} {in_ascii(cut_at_word(words, max(width - BEFORE, 1)), ascii)}"

