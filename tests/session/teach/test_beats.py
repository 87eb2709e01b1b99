"""A beat that is looked for: by its number, by its words, and never by what answers a question."""

import pytest
from session.worlds import SLOW_CHAIN, do, session

from bntui.session.look.standing import LessonStanding
from bntui.session.teach.beats import NoSuchBeat, find, found

LESSON = """
lesson:
  - say: "The chain, **five** weights."
  - ask: {question: "Which way does it go, up or down?", choices: [upwards, sideways], answer: 2, because: "it slides", wrong: {1: "too steep"}}
    do: {step: 3}
  - say: "The control: `a` alone."
    note: "hand out the sheets"
  - say: "A control again."
  - do: [{step: 2}, {view: loss}]
  - ask: {question: "And at the end?", choices: [small, large], answer: 1}
  - say: "Small it is."
"""


def standing(*numbers: int, lesson: str = LESSON, answer: int | None = None) -> LessonStanding:
    at = do(session(SLOW_CHAIN + lesson), *({"beat": number} for number in numbers))
    if answer is not None:
        do(at, {"answer": answer})
    told = at.lesson.standing
    assert told is not None
    return told


BEATS = standing().beats


@pytest.mark.parametrize(("typed", "number"), [("3", 3), (" 07 ", 7), ("the CONTROL", 3), ("a **control** again", 4), ("five weights", 1),
                                               ("weights five", 1), ("up or down", 2)])  # fmt: skip
def test_it_is_found_by_its_number_or_by_words_that_it_says_or_asks(typed: str, number: int) -> None:
    assert find(BEATS, typed) == number
    assert found(BEATS, typed)[0] == number


@pytest.mark.parametrize("typed", ["sideways", "slides", "steep", "sheets"])
def test_nothing_is_found_by_an_answer_by_why_or_by_a_note(typed: str) -> None:
    assert found(BEATS, typed) == ()
    with pytest.raises(NoSuchBeat, match=f"no beat says or asks '{typed}'; the lesson has the beats 1 to 7"):
        find(BEATS, typed)


@pytest.mark.parametrize(("typed", "told"), [
    ("0", "there is no beat 0; the lesson has the beats 1 to 7"),
    ("8", "there is no beat 8; the lesson has the beats 1 to 7"),
    ("9" * 5000, "there is no beat 999999999; the lesson has the beats 1 to 7"),
    ("the contrl", "no beat says or asks 'the contrl'; the lesson has the beats 1 to 7; did you mean 'control'?"),
    ("", "no beat says or asks ''; the lesson has the beats 1 to 7"),
    ("control", "'control' stands in 2 beats; say more of it, or the number: 3 The control: a alone.; 4 A control again."),
])  # fmt: skip
def test_where_none_is_meant_or_several_are_the_near_ones_are_named(typed: str, told: str) -> None:
    with pytest.raises(NoSuchBeat) as refused:
        find(BEATS, typed)
    assert str(refused.value) == told


def test_a_scenario_without_a_lesson_has_none() -> None:
    with pytest.raises(NoSuchBeat, match="this scenario has no lesson, and so no beats"):
        find((), "1")


def test_the_beginning_of_a_number_narrows_the_beats_and_nothing_leaves_them_all() -> None:
    many = standing(lesson=f"lesson: [{', '.join(['{say: x}'] * 12)}]").beats
    assert found(many, "1") == (1, 10, 11, 12)
    assert found(many, " ") == tuple(range(1, 13))


def test_a_beat_of_neither_words_nor_a_question_is_told_by_what_it_does() -> None:
    assert BEATS[4].words == "(step, view)"


def test_the_words_behind_a_question_that_waits_are_not_told() -> None:
    def told(lesson: LessonStanding) -> list[int]:
        return [number for number in range(1, 8) if lesson.tells(number)]

    assert told(standing()) == [1, 2, 6]
    assert told(standing(2)) == [1, 2, 6]
    assert told(standing(2, answer=1)) == [1, 2, 3, 4, 5, 6]
    assert told(standing(5)) == [1, 2, 3, 4, 5, 6]
    assert told(standing(7)) == [1, 2, 3, 4, 5, 6, 7]
    assert told(standing(6, 1)) == [1, 2, 3, 4, 5, 6]
