"""The lessons of the course, held together: questions before their answers, a reason against every wrong choice, words in order."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from numbers_in_text import Printed, claims, on_screen
from paced import mostly_slow

from bntui.commands.printed import frame_text
from bntui.scenario.model.actions import Answer, Beat
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.pictured import is_pictured
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import courses, library
from bntui.session.look.quantities import Value, measure
from bntui.session.session import Session
from bntui.views.drawing.canvas import Size

LESSONS = [path.stem for path in courses.shipped().files]
SIZES = (Size(80, 24), Size(120, 40))
TELLING = 2  # digits from which a number is no coincidence
# what stands on the screen while a question waits, is a number of its answer, and does not give the answer away
COINCIDENCES = {
    ("sigmoid-net", 3, "0.24"): "a row of the ledger, σ′, is 0.2415; the question itself tells the J of the best constant",
    ("small-batches", 9, "1.13"): "J without BN, before the switch: with estimates of 0 and 1 BN changes nothing, which is asked",
    ("units-that-learn", 2, "0.197"): "at 120×40 the stable rate is 0.1969; the answer is a J",
}


@functools.cache
def beats(name: str) -> tuple[LessonBeat, ...]:
    entry = library.entry(library.find(name))
    described = library.described(entry)
    assert described is not None
    return described.scenario.lesson


@pytest.mark.parametrize("name", mostly_slow(LESSONS))
def test_no_question_is_asked_when_its_answer_stands_on_the_screen(name: str) -> None:
    given_away = {(name, number, text) for number, text in answers_on_the_screen(name)}
    assert given_away == {each for each in COINCIDENCES if each[0] == name}


def answers_on_the_screen(name: str) -> Iterator[tuple[int, str]]:
    """The numbers of answers that the beat's actions bring about, and the screen shows before them; with the number of the beat."""
    at = Session(read_file(library.find(name)))
    earlier: list[dict[str, Value]] = []
    for number, beat in enumerate(at.lesson.beats, start=1):
        names = [each for each in beat.expect or {} if not is_pictured(each)]
        at.do(Beat(number=number))
        if at.lesson.asking and beat.ask is not None:
            spoken_of = at.lesson.beats[number - 2].show if number > 1 else None
            assert set(at.lesson.lit(at.history.place)) <= set(spoken_of or ()), f"beat {number} lights up before it is answered"
            before = measure(at, names)
            shown = [each for size in SIZES for each in on_screen(frame_text(at, size, ascii=False, view=at.view))]
            at.do(Answer(choice=beat.ask.answer))
            for claim in claims(f"{beat.ask.choices[beat.ask.answer - 1]}. {beat.ask.because}"):
                known = [before, *earlier]  # what was found before is recalled, not given away
                if is_brought_about(claim, measure(at, names), known) and any(stands(claim, each) for each in shown):
                    yield number, claim.text
        earlier.append(measure(at, names))


def is_brought_about(claim: Printed, after: dict[str, Value], before: list[dict[str, Value]]) -> bool:
    """Whether a number is what a quantity has become, and was not before, here or in the twin."""
    if claim.value in (0, 1) or sum(letter.isdigit() for letter in claim.text.lstrip("0.×≈ ")) < TELLING:
        return False
    became = {plain(name) for name, value in after.items() if isinstance(value, float) and claim.agrees(value)}
    known = {plain(name) for moment in before for name, value in moment.items() if isinstance(value, float) and claim.agrees(value)}
    return bool(became - known)


def plain(quantity: str) -> str:
    """What a quantity is of either network."""
    return quantity.removeprefix("twin.")


def stands(claim: Printed, shown: Printed) -> bool:
    """Whether a number on the screen is the one that is claimed."""
    return claim.agrees(shown.value, shown.unit) and abs(abs(shown.value) - abs(claim.value)) <= max(claim.unit, shown.unit)


@pytest.mark.parametrize("name", LESSONS)
def test_every_wrong_choice_has_a_reason_of_its_own(name: str) -> None:
    lacking = [
        (number, choice)
        for number, beat in enumerate(beats(name), start=1)
        if beat.ask is not None
        for choice in range(1, len(beat.ask.choices) + 1)
        if choice != beat.ask.answer and not beat.ask.against(choice)
    ]
    assert lacking == []


@pytest.mark.parametrize("name", LESSONS)
def test_no_two_wrong_choices_of_a_question_have_the_same_reason(name: str) -> None:
    for beat in beats(name):
        if beat.ask is not None:
            reasons = list(beat.ask.wrong.values())
            assert len(set(reasons)) == len(reasons)
