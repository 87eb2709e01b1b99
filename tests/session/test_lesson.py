"""A lesson in a session: its beats, its questions, the way back, and stepping freely in between."""

from typing import Any

import pytest
from session.worlds import SLOW_CHAIN, bits, do, session

from bntui.scenario.model.actions import parse_action
from bntui.session.lesson import RETURNED
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

LESSON = """
lesson:
  - say: "Two steps."
    do: {step: 2}
  - ask: {question: "And then?", choices: [up, down], answer: 2, because: "so it is"}
    do: [{set: {batch_norm: true}}, {step: 3}]
  - say: "Run until it is small."
    run: {speed: 50, until: {loss: {below: 4.0}}, limit: 60}
  - do: [{back: 4}, {step: 2}, {view: loss}, {focus: {layer: c}}]
"""


def taught(lesson: str = LESSON, *actions: dict[str, Any]) -> Session:
    return do(session(SLOW_CHAIN + lesson), *actions)


def test_a_beat_takes_its_actions() -> None:
    at = taught(LESSON, {"beat": 1})
    assert at.history.step == 2
    assert at.stand().lesson is not None
    assert (at.lesson.number, at.lesson.asking) == (1, False)


def test_a_beat_begins_from_where_the_beat_before_looked() -> None:
    for number in (1, 3):
        lesson, person = taught(LESSON, {"beat": number}), taught(LESSON, {"beat": number})
        do(person, {"focus": {"layer": "c", "sample": 1}}, {"beat": number + 1})
        do(lesson, {"beat": number + 1})
        assert person.focus == lesson.focus
    do(person, {"focus": {"layer": "b", "sample": 1}}, {"beat": 2})
    assert person.focus == taught(LESSON, {"beat": 2}).focus


def test_a_question_is_answered_before_the_steps_are_taken() -> None:
    at = taught(LESSON, {"beat": 1}, {"beat": 2})
    assert at.lesson.asking
    assert at.history.step == 2
    do(at, {"answer": 2})
    assert not at.lesson.asking
    assert (at.history.step, at.stand().normalized) == (5, ("a", "b", "c", "d", "e"))


def test_the_score_counts_what_was_answered_rightly() -> None:
    for choice, right in ((1, 0), (2, 1)):
        standing = taught(LESSON, {"beat": 2}, {"answer": choice}).lesson.standing
        assert standing is not None
        assert (standing.right, standing.questions, standing.answer) == (right, 1, choice)


def test_an_answer_is_refused_where_nothing_is_asked_or_there_is_no_such_choice() -> None:
    with pytest.raises(Refusal, match="no question is asked now"):
        taught(LESSON, {"answer": 1})
    with pytest.raises(Refusal, match="found 3; allowed: 1 to 2"):
        taught(LESSON, {"beat": 2}, {"answer": 3})


def test_there_is_no_beat_beyond_the_last() -> None:
    with pytest.raises(Refusal, match="there is no beat 5; the lesson has 4"):
        taught(LESSON, {"beat": 5})


def test_a_run_stops_once_what_it_waits_for_holds() -> None:
    at = taught(LESSON, {"beat": 3})
    assert at.observe().loss < 4.0
    do(at, {"back": 1})
    assert at.observe().loss >= 4.0


def test_a_run_stops_at_its_limit() -> None:
    at = taught("lesson: [{run: {until: {loss: {below: 0}}, limit: 7}}]", {"beat": 1})
    assert at.history.step == 7


def test_a_run_tells_its_speed_while_it_goes_on() -> None:
    at = taught(LESSON, {"beat": 2})
    paces = {at.lesson.pace for _ in at.perform(parse_action({"beat": 3}))}
    assert 50.0 in paces
    assert at.lesson.pace is None


def test_going_back_restores_the_state_from_before_the_beat() -> None:
    at = taught(LESSON, {"beat": 1})
    before, view, focus = bits(at.history.moment), at.view, at.focus
    do(at, {"beat": 2}, {"answer": 1}, {"beat": 4})
    assert bits(at.history.moment) != before
    do(at, {"beat": 1})
    assert (bits(at.history.moment), at.view, at.focus) == (before, view, focus)
    do(at, {"beat": 0})
    assert bits(at.history.moment) == bits(at.experiment.start)


def test_a_lesson_taken_twice_leads_to_the_same_state() -> None:
    at = taught(LESSON, {"beat": 4})
    first = bits(at.history.moment)
    do(at, {"beat": 0}, {"beat": 4})
    assert bits(at.history.moment) == first


def test_stepping_freely_is_allowed_and_the_lesson_goes_on_where_it_was() -> None:
    straight = taught(LESSON, {"beat": 4})
    strayed = taught(LESSON, {"beat": 1}, {"step": 9}, {"set": {"learning_rate": 0.5}}, {"step": 1}, {"beat": 3})
    assert strayed.lesson.sentence == RETURNED
    do(strayed, {"beat": 3})
    assert strayed.lesson.sentence == ""
    do(strayed, {"goto": 1}, {"set": {"batch_norm": False}}, {"beat": 4})
    assert strayed.lesson.sentence == RETURNED
    assert bits(strayed.history.moment) == bits(straight.history.moment)


def test_going_back_in_a_beat_does_not_turn_off_where_the_person_did() -> None:
    lesson = "lesson: [{do: {step: 5}}, {do: [{back: 4}, {step: 6}]}]"
    straight = taught(lesson, {"beat": 2})
    strayed = taught(lesson, {"beat": 1}, {"goto": 2}, {"set": {"batch_norm": True}}, {"step": 2}, {"beat": 2})
    assert bits(strayed.history.moment) == bits(straight.history.moment)


def test_what_was_stepped_before_the_lesson_is_left_behind_by_its_first_beat() -> None:
    at = taught(LESSON, {"step": 3}, {"set": {"batch_norm": True}}, {"beat": 1})
    assert at.lesson.sentence == RETURNED
    assert bits(at.history.moment) == bits(taught(LESSON, {"beat": 1}).history.moment)


def test_stepping_while_a_question_waits_changes_nothing_in_the_beat() -> None:
    at = taught(LESSON, {"beat": 2}, {"step": 5}, {"answer": 2})
    assert at.lesson.sentence == RETURNED
    assert bits(at.history.moment) == bits(taught(LESSON, {"beat": 2}, {"answer": 2}).history.moment)


def test_a_question_that_was_passed_over_takes_its_actions_all_the_same() -> None:
    at = taught(LESSON, {"beat": 2}, {"beat": 3})
    assert bits(at.history.moment) == bits(taught(LESSON, {"beat": 2}, {"answer": 2}, {"beat": 3}).history.moment)
    assert at.lesson.answers == {}


def test_a_question_is_asked_once() -> None:
    at = taught(LESSON, {"beat": 2}, {"answer": 1}, {"beat": 1}, {"beat": 2})
    assert not at.lesson.asking
    assert at.history.step == 5


def test_going_back_to_a_question_that_nobody_answered_asks_it_in_the_state_before_it() -> None:
    before = taught(LESSON, {"beat": 2})
    at = taught(LESSON, {"beat": 4}, {"beat": 2})
    assert at.lesson.asking
    assert bits(at.history.moment) == bits(before.history.moment)
    do(at, {"answer": 2}, {"beat": 4}, {"beat": 2})
    assert not at.lesson.asking
    assert at.history.step == 5


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_beat_is_reached_in_one_state_from_wherever_one_comes(number: int) -> None:
    straight = taught(LESSON, *({"beat": each} for each in range(1, number + 1)))
    late = [{"step": 600}], [1, {"twin": {}}, {"step": 3}], [1, {"set": {"batch_norm": False, "learning_rate": 1e30}}, {"step": 1}]
    for way in ([], [4], [4, 1], [3, {"step": 2}], [1, {"set": {"learning_rate": 0.5}}], [4, 0, {"step": 3}], *late):
        at = taught(LESSON, *(each if isinstance(each, dict) else {"beat": each} for each in way), {"beat": number})
        assert bits(at.history.moment) == bits(straight.history.moment)
        assert at.lesson.number == number


@pytest.mark.parametrize("onwards", [2, 3, 4])
@pytest.mark.parametrize("steps", [1, 3, 6])
def test_a_beat_that_was_stopped_is_taken_anew_before_the_lesson_goes_on(steps: int, onwards: int) -> None:
    straight = taught(LESSON, {"beat": 2}, {"answer": 2}, *({"beat": each} for each in range(3, onwards + 1)))
    at = taught(LESSON, {"beat": 2})
    work = at.perform(parse_action({"answer": 2}))
    for _ in range(steps):
        next(work, None)
    work.close()
    do(at, {"beat": onwards})
    assert bits(at.history.moment) == bits(straight.history.moment)
    assert at.lesson.sentence == ""


def test_a_jump_that_was_stopped_stands_in_the_beat_that_it_had_come_to_and_goes_on_from_there() -> None:
    at = taught(LESSON)
    work = at.perform(parse_action({"beat": 4}))
    while at.lesson.number < 3:
        next(work)
    next(work)
    work.close()
    assert at.lesson.number == 3
    do(at, {"beat": 4})
    assert bits(at.history.moment) == bits(taught(LESSON, {"beat": 4}).history.moment)


def test_of_the_beats_on_the_way_to_another_no_run_is_watched() -> None:
    at = taught(LESSON, {"beat": 1})
    assert {at.lesson.pace for _ in at.perform(parse_action({"beat": 4}))} == {None}


def test_a_run_that_diverges_ends_its_steps_and_the_lesson_goes_on() -> None:
    text = "lesson: [{do: [{set: {learning_rate: 5.0}}, {step: 50}, {reset: true}, {step: 1}]}]"
    at = taught(text, {"beat": 1})
    assert (at.history.step, at.lesson.sentence) == (1, "")


def test_what_a_beat_is_refused_is_told_and_the_rest_is_done() -> None:
    at = taught("lesson: [{do: [{set: {weights: {a.bias: 1.0}}}, {step: 2}]}]", {"beat": 1})
    assert "there is no parameter 'a.bias' now" in at.lesson.sentence
    assert at.history.step == 2


def test_a_scenario_without_a_lesson_has_nothing_to_show() -> None:
    assert session(SLOW_CHAIN).stand().lesson is None
