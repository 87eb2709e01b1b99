"""A beat as lines: wrapping, the question and its answer, pages."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import SLOW_CHAIN, do, held_over, session

from bntui.scenario.model.beats import Question
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import courses, library
from bntui.session.look.standing import LessonStanding
from bntui.session.session import Session
from bntui.session.teach.verdicts import take_beat
from bntui.views.panes.beat import beat_lines, beat_pane, page_count, pages, question_lines, spelled
from bntui.views.text.lines import Span, plain, text_of, wrapped

LESSON = """
lesson:
  - say: "First **look**."
  - say: "Think."
    ask: {question: "Which one?", choices: ["*up*", "**down**"], answer: 2, because: "it *falls*"}
"""
REASON = LESSON.replace("because", 'wrong: {1: "Nothing lifts it: η ≤ **½**."}, because')


def standing(*actions: dict[str, int]) -> LessonStanding:
    found = do(session(SLOW_CHAIN + LESSON), *actions).stand().lesson
    assert found is not None
    return found


def said(lesson: LessonStanding, width: int = 78) -> str:
    return text_of(beat_lines(lesson, width))


@held_over(100)
@given(st.lists(st.text(alphabet="abc ", max_size=12), max_size=6), st.integers(1, 20))
def test_wrapping_loses_no_character(texts: list[str], width: int) -> None:
    lines = wrapped([Span(text) for text in texts], width)
    assert "".join("".join(texts).split()) == "".join(plain(line) for line in lines).replace(" ", "")


def test_before_the_lesson_it_is_said_how_it_begins() -> None:
    assert said(standing()) == "This scenario has a lesson of 2 beats. n begins it."


def test_a_beat_says_what_it_has_to_say() -> None:
    lines = beat_lines(standing({"beat": 1}), 78)
    assert text_of(lines) == "First look."
    assert Span("look", "strong") in lines[0]


def test_a_question_waits_below_what_is_said() -> None:
    text = said(standing({"beat": 2}))
    assert text.startswith("Think.\nWhich one?\n")
    assert "n opens the question" in text
    assert "falls" not in text


@pytest.mark.parametrize(
    ("choice", "verdict", "score"),
    [(2, "✓ Right: down. it falls", "1 of 1"), (1, "✗ Not quite: up. The right answer: down. it falls", "0 of 1")],
)
def test_an_answer_is_told_with_its_reason_and_the_score_at_the_end(choice: int, verdict: str, score: str) -> None:
    text = said(standing({"beat": 2}, {"answer": choice}))
    assert verdict in text
    assert f"The end of the lesson. {score} question answered rightly. o opens another one." in text


def test_a_wrong_choice_is_told_its_own_reason_and_a_right_one_is_not() -> None:
    assert _answered(1).startswith("Which one?\n✗ Not quite: up. Nothing lifts it: η ≤ ½. The right answer: down. it falls\n")
    assert "Nothing lifts it" not in _answered(2)


def test_the_reason_against_a_choice_is_spelled_in_ascii_too() -> None:
    lesson = do(session(SLOW_CHAIN + REASON), {"beat": 2}, {"answer": 1}).stand().lesson
    assert lesson is not None
    assert "Nothing lifts it: eta <= 1/2." in said(spelled(lesson, True))


def _answered(choice: int) -> str:
    lesson = do(session(SLOW_CHAIN + REASON), {"beat": 2}, {"answer": choice}).stand().lesson
    assert lesson is not None
    return said(lesson)


def test_the_end_of_a_lesson_of_the_library_names_the_next_one() -> None:
    opened = Session(read_file(library.find("orders-of-a-step")))
    for number in range(1, len(opened.lesson.beats) + 1):
        assert opened.stand().lesson is not None
        assert "Next:" not in said(opened.stand().lesson)
        take_beat(opened, number)
    assert opened.lesson.find_place()
    told = said(opened.stand().lesson).replace("\n", " ")
    assert told.endswith("Next: The factor of BN, in its three parts. n opens it.")


def test_whoever_follows_is_offered_no_key_that_is_the_speakers() -> None:
    over = replace(standing({"beat": 2}, {"answer": 2}), followed=True)
    assert said(over).endswith("The end of the lesson. 1 of 1 question answered rightly.")
    assert said(replace(over, following="Rivals")).endswith("1 of 1 question answered rightly. Next: Rivals.")
    assert said(replace(over, number=0)) == "This scenario has a lesson of 2 beats."


def test_the_end_of_the_last_lesson_says_that_the_course_is_done() -> None:
    last = Session(read_file(courses.shipped().files[-1]))
    for number in range(1, len(last.lesson.beats) + 1):
        take_beat(last, number)
    assert last.lesson.find_place()
    assert said(last.stand().lesson).replace("\n", " ").endswith("It was the last lesson: the course is done. o opens any of them again.")


def test_a_choice_that_ends_its_own_sentence_gets_no_second_full_stop() -> None:
    asked = Question(question="Well?", choices=("It falls.", "Does it?"), answer=1)
    assert text_of(question_lines(asked, 2, 70)) == "Well?\n✗ Not quite: Does it? The right answer: It falls."


def test_a_long_beat_is_cut_into_pages() -> None:
    lesson = standing({"beat": 2})
    assert page_count(lesson, 22, 3) == 2
    assert text_of(beat_pane(lesson, 22, 3, 0)).startswith("Think.")
    assert text_of(beat_pane(lesson, 22, 3, 99)) == text_of(beat_pane(lesson, 22, 3, 1))
    assert pages((), 3) == ((),)


@pytest.mark.parametrize(("lines", "height", "cut_into"), [(4, 4, [4]), (5, 4, [3, 2]), (9, 4, [3, 3, 3]), (21, 5, [5, 4, 4, 4, 4])])
def test_a_last_page_is_as_long_as_the_others_but_for_a_line(lines: int, height: int, cut_into: list[int]) -> None:
    rows = [(Span(str(number)),) for number in range(lines)]
    cut = pages(rows, height)
    assert [len(page) for page in cut] == cut_into
    assert [row for page in cut for row in page] == rows


def test_a_page_that_another_follows_says_so_and_nothing_is_lost() -> None:
    lesson = standing({"beat": 2})
    for width in range(8, 40):
        count = page_count(lesson, width, 2)
        drawn = [text_of(beat_pane(lesson, width, 2, page)).rstrip() for page in range(count)]
        assert [text.endswith(" …") for text in drawn] == [True] * (count - 1) + [False]
        told = "".join(text.removesuffix(" …") for text in drawn)
        assert re.sub(r"\s", "", told) == re.sub(r"\s", "", text_of(beat_lines(lesson, 78)))


def test_the_question_gives_way_to_its_answer_where_both_have_no_room() -> None:
    lesson = standing({"beat": 2}, {"answer": 1})
    height = len(beat_lines(lesson, 40))
    assert "Which one?" in text_of(beat_pane(lesson, 40, height, 0))
    assert text_of(beat_pane(lesson, 40, height - 1, 0)).startswith("✗ Not quite: up. The right answer:")
    assert page_count(lesson, 40, height - 1) == 1


def test_an_error_of_the_file_stands_above_the_old_beat() -> None:
    pane = text_of(beat_pane(standing({"beat": 1}), 78, 5, 0, "lesson.yaml:3:1: unknown key"))
    assert pane.replace("\n", " ").startswith("The saved file cannot be used; the old lesson stays. lesson.yaml:3:1: unknown key")
    assert "First look." in pane


def test_in_ascii_a_text_is_spelled_before_it_is_broken_and_nothing_of_it_is_lost() -> None:
    letters = LESSON.replace("First **look**.", "γ/σ and η and γ/σ and η ≤ ½ Σ.")
    lesson = do(session(SLOW_CHAIN + letters), {"beat": 1}).stand().lesson
    assert lesson is not None
    pane = text_of(beat_pane(spelled(lesson, True), 20, 6, 0))
    assert pane.split() == ["gamma/sigma", "and", "eta", "and", "gamma/sigma", "and", "eta", "<=", "1/2", "sum."]
    assert spelled(lesson, False) is lesson
