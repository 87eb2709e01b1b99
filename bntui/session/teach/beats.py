"""The beats of a lesson as somebody looks for one: by its number, or by the words that it says or asks.

What answers a question is never looked in, nor what is for the speaker alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from bntui.scenario.model.beats import LessonBeat, without_marks
from bntui.scenario.text.wording import counted, shown, suggestion

TOLD = 40  # characters of a beat, for whoever chooses among several
MOST_TOLD = 6  # beats in a sentence
MOST_DIGITS = 9  # of a number that may be a beat's


class NoSuchBeat(ValueError):
    """Nothing, or too much, is meant by what was typed; the sentence says what there is."""


def found(beats: Sequence[LessonBeat], typed: str) -> tuple[int, ...]:
    """The beats that a number or words may mean, counted from 1, the likeliest first; all of them where nothing is typed.

    A number is that of the beat, or the beginning of it. Words stand in what the beat says or asks, in any order; beats that
    begin with them come first.
    """
    text = _as_looked_for(typed)
    numbers = range(1, len(beats) + 1)
    if text.isdecimal():
        return tuple(number for number in numbers if str(number).startswith(text.lstrip("0") or "0"))
    hits = [number for number in numbers if all(word in _searched(beats[number - 1]) for word in text.split())]
    return tuple(sorted(hits, key=lambda number: not _begins(beats[number - 1], text)))


def find(beats: Sequence[LessonBeat], typed: str) -> int:
    """The beat that a number or words mean, counted from 1. Raises NoSuchBeat where none is meant, or several are."""
    if not beats:
        raise NoSuchBeat("this scenario has no lesson, and so no beats")
    text = typed.strip()
    if text.isdecimal():
        if len(text) > MOST_DIGITS or not 1 <= int(text) <= len(beats):
            raise NoSuchBeat(f"there is no beat {text[:MOST_DIGITS]}; the lesson has the beats 1 to {len(beats)}")
        return int(text)
    hits = found(beats, text) if text else ()
    begun = [number for number in hits if _begins(beats[number - 1], _as_looked_for(text))]
    for meant in (begun, hits):
        if len(meant) == 1:
            return meant[0]
    if hits:
        told = "; ".join(f"{number} {_told(beats[number - 1])}" for number in islice(hits, MOST_TOLD))
        raise NoSuchBeat(f"{shown(text)} stands in {counted(len(hits), 'beat')}; say more of it, or the number: {told}")
    raise NoSuchBeat(f"no beat says or asks {shown(text)}; the lesson has the beats 1 to {len(beats)}{_near(beats, text)}")


def _as_looked_for(text: str) -> str:
    return without_marks(text).casefold()


def _begins(beat: LessonBeat, text: str) -> bool:
    asked = "" if beat.ask is None else beat.ask.question
    return any(_as_looked_for(words).startswith(text) for words in (beat.say or "", asked))


def _searched(beat: LessonBeat) -> str:
    """What words are looked for in: what is said, and the question without its choices."""
    return _as_looked_for(f"{beat.say or ''} {'' if beat.ask is None else beat.ask.question}")


def _told(beat: LessonBeat) -> str:
    words = beat.words
    return words if len(words) <= TOLD else f"{words[: TOLD - 2].rstrip()} …"


def _near(beats: Sequence[LessonBeat], text: str) -> str:
    """The near words of the lesson for those that stand nowhere in it."""
    known = sorted({word for beat in beats for word in re.findall(r"\w+", _searched(beat))})
    unknown = [word for word in text.casefold().split() if not any(word in _searched(beat) for beat in beats)]
    return "".join(islice(filter(None, (suggestion(word, known) for word in unknown)), 1))
