"""Every number that a lesson prints is expected there or stands on the screen there, and no bound stands for a known number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from numbers_in_text import ROUNDING, Printed, claims, equations, on_screen, plain
from paced import mostly_slow
from session.worlds import CHAIN

from bntui.commands.printed import frame_text
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.reading.loading import Loaded, read_file, read_text
from bntui.scenario.shelf import library
from bntui.session.look.quantities import Value, measure
from bntui.session.session import Session
from bntui.session.teach.pictures import measured
from bntui.session.teach.verdicts import found, take_beat
from bntui.views.drawing.canvas import Size

SIZES = ((80, 24), (120, 40))
CHAOS = 10  # a tolerance in units of the last digit printed: all digits but the last must be expected, the last is measured
LOOSE = 1.5  # a bound further from the value than this holds another number than the one that is there
LOOSE_BETWEEN = 5.0  # two bounds state an order of magnitude together, as "some thousandths" does
ENDLESS = 1e12  # beyond this a run has exploded, and its numbers mean nothing
NORMS = ("parameter", "gradient")  # quantities without a sign, of numbers that may have one


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds numbers once a beat was taken: what it expects, what was measured, the screen, and what was set."""

    expect: Mapping[str, Comparison]
    measured: Mapping[str, Value]
    screen: tuple[Printed, ...]
    settings: frozenset[float]


@dataclass(frozen=True, slots=True)
class Taken:
    """A beat, the moment after it, and all moments before; the first of them is the start of the lesson."""

    number: int
    beat: LessonBeat
    after: Moment
    earlier: tuple[Moment, ...]


@pytest.mark.parametrize("name", mostly_slow(library.names()))
def test_every_number_of_a_lesson_is_held_and_no_bound_is_loose(name: str) -> None:
    wrong = [f"{name}, {sentence}" for sentence in complaints(read_file(library.find(name)))]
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(
    "beat",
    [
        '{say: "a is 2.14, more than 2", do: {step: 1}, expect: {parameter.a.weight: {about: 2.14, within: 0.1%, above: 2}}}',
        '{say: "J is 1,827, it has risen ×671", do: {step: 1}}',
        '{say: "η is 0.3, five layers, 5 targets up to 6", do: {step: 1}}',
        '{say: "2 · 3 = 6 and 0.3 · 0.5 = 0.15"}',
        '{ask: {question: "J is 2.72. And then?", choices: ["77,777", "1,827"], answer: 2}, do: {step: 1}}',
        '{say: "J has grown from 2.724", do: {step: 1}}',
        '{say: "J is 671 times as large", do: {step: 1}, expect: {loss: {about: 1827, within: 0.1%}}}',
        '{say: "Section 77.7 (Smith and others, 1977)"}',
        '{say: "J is more than 1,000", do: {step: 1}, expect: {loss: {above: 1000}}}',
        "{do: {step: 2}, expect: {loss: {above: 1e6}}}",
    ],
)
def test_what_is_expected_or_shown_or_set_is_held(beat: str) -> None:
    assert complaints(chain_with(beat)) == []


@pytest.mark.parametrize(
    ("beat", "complaint"),
    [
        ('{say: "J is 2.73"}', "say: 2.73 (now)"),
        ('{say: "J is 2.71", do: {step: 1}}', "say: 2.71 (now)"),
        ('{say: "2 · 3 = 7.77"}', "say: 7.77 (now)"),
        ('{say: "J is more than 1,500", do: {step: 1}, expect: {loss: {above: 1400, below: 2000}}}', "say: 1,500 (above)"),
        ('{say: "a is 2.1399", do: {step: 1}, expect: {parameter.a.weight: {about: 2.1399, within: 1%}}}', "say: 2.1399 (now)"),
        (
            '{say: "J is 672 times as large", do: {step: 1}, expect: {parameter.a.weight: {about: 2.14, within: 1%}}}',
            "say: 672 (ratio)",
        ),
        ('{ask: {question: "And?", choices: ["77,777", "1,827"], answer: 1}, do: {step: 1}}', "choice: 77,777 (now)"),
        ('{ask: {question: "And?", choices: ["no", "yes"], answer: 1, because: "J is 7.77"}}', "because: 7.77 (now)"),
        ('{ask: {question: "And?", choices: ["no", "yes"], answer: 2, wrong: {1: "J is 7.77"}}}', "wrong 1: 7.77 (now)"),
        ('{say: "J is a thousand times as large", do: {step: 1}}', "say: a thousand times (ratio)"),
        ("{do: {step: 1}, expect: {loss: {above: 1000}}}", "expect: loss above 1000, and it is 1826"),
        ("{do: {step: 1}, expect: {loss: {above: 100, below: 2000}}}", "expect: loss above 100 and below 2000, and it is 1826"),
    ],
)
def test_any_other_number_and_a_loose_bound_are_named(beat: str, complaint: str) -> None:
    (found,) = complaints(chain_with(beat))
    assert found.startswith(f"beat 2, {complaint}")


def chain_with(beat: str) -> Loaded:
    """The chain with a lesson of two beats, the first of which says what J is at the start."""
    return read_text(f"{CHAIN}lesson:\n  - expect: {{loss: {{about: 2.7242, within: 0.01%}}}}\n  - {beat}\n", "chain.yaml", None)


def complaints(loaded: Loaded) -> list[str]:
    """Every number of a lesson that nothing holds, with what comes nearest to it, and every loose bound of its expectations."""
    return [sentence for each in taken(loaded) for sentence in (*unheld(each), *loose_bounds(each))]


def unheld(taken: Taken) -> Iterator[str]:
    for where, text in texts(taken.beat):
        for number in claims(text):
            if not held(number, taken, where):
                yield f"beat {taken.number}, {where}: {number.text}{nearest(number, taken)}"


def loose_bounds(taken: Taken) -> Iterator[str]:
    """Bounds far from the value that no text of the beat states."""
    for quantity, comparison in taken.after.expect.items():
        value = taken.after.measured[quantity]
        if isinstance(value, float) and is_loose(comparison, value, stated_bounds(taken.beat)):
            yield f"beat {taken.number}, expect: {quantity} {comparison}, and it is {found(value)}"


def is_loose(comparison: Comparison, value: float, stated: Iterable[Printed]) -> bool:
    """Whether a comparison has bounds alone, far from the value, and neither are they stated nor is the value endless or rounding."""
    if comparison.about is not None or "equals" in comparison.given:
        return False
    if not math.isfinite(value) or abs(value) >= ENDLESS or abs(value) <= ROUNDING:
        return False
    if comparison.above is not None and comparison.below is not None and comparison.above * comparison.below > 0:
        ratio = comparison.below / comparison.above
        return max(ratio, 1 / ratio) > LOOSE_BETWEEN
    given = {"above": comparison.above, "below": comparison.below}
    return any(
        bound
        and not 1 / LOOSE <= value / bound <= LOOSE
        and not any(number.bound == side and number.agrees(bound) for number in stated)
        for side, bound in given.items()
    )


def stated_bounds(beat: LessonBeat) -> list[Printed]:
    return [number for _, text in texts(beat) for number in claims(text) if number.bound]


def texts(beat: LessonBeat) -> Iterator[tuple[str, str]]:
    """What a beat says for true, by where it stands: wrong choices are not among it."""
    if beat.say:
        yield "say", beat.say
    if beat.ask:
        yield "question", beat.ask.question
        yield "choice", beat.ask.choices[beat.ask.answer - 1]
        yield "because", beat.ask.because
        for number, reason in beat.ask.wrong.items():
            yield f"wrong {number}", reason


def taken(loaded: Loaded) -> Iterator[Taken]:
    """Every beat of a lesson as it is played."""
    session = Session(loaded)
    moments = [moment(session, LessonBeat(say=""))]
    for number, beat in enumerate(session.lesson.beats, start=1):
        take_beat(session, number)
        moments.append(moment(session, beat))
        yield Taken(number, beat, moments[-1], tuple(moments[:-1]))


def moment(session: Session, beat: LessonBeat) -> Moment:
    expect = beat.expect or {}
    screen = [number for size in SIZES for number in on_screen(frame_text(session, Size(*size), ascii=False, view=session.view))]
    settings = {*scenario_settings(session.loaded), *beat_settings(beat), float(len(session.observe().normalized))}
    values = measure(session, {"learning_rate"}) | measured(session, expect)
    return Moment(expect, values, tuple(screen), frozenset(settings))


def scenario_settings(loaded: Loaded) -> Iterator[float]:
    """What the scenario itself says, defaults too, and how many layers, hidden layers, samples (trained on, held out), inputs and
    outputs it has."""
    yield from leaves({key: told for key, told in loaded.scenario.mapping(whole=True).items() if key not in ("lesson", "version", "sweep")})
    layers, problem = loaded.scenario.network.layers, loaded.problem
    yield from map(float, (len(layers), len(layers) - 1, *problem.inputs.shape, *problem.targets.shape))
    held_out = 0 if problem.held_out is None else problem.held_out.samples
    yield from map(float, (problem.samples, held_out))


def beat_settings(beat: LessonBeat) -> Iterator[float]:
    """What the beat's actions set and how far they go; the limit of a run only where nothing else ends it."""
    for action in beat.actions:
        yield from leaves(action.mapping())
    if beat.picture is not None:
        yield from leaves(beat.picture.mapping(whole=True))
    if beat.run and beat.run.until is None:
        yield float(beat.run.limit)


def leaves(value: Any) -> Iterator[float]:
    """Every number in nested mappings and lists."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def held(number: Printed, taken: Taken, where: str) -> bool:
    """Whether a number is held where it stands: a question and its choices are read before the beat's actions, the rest after them.

    What the text sets against what is now may have been expected at any earlier beat; what an equation in the beat yields, is so.
    """
    if any(number.agrees(result.value) for _, text in texts(taken.beat) for result in equations(plain(text))):
        return True
    if where in {"question", "choice"} and holds(number, taken.earlier[-1]):
        return True
    if number.past and any(expected(number, moment) for moment in taken.earlier):
        return True
    return holds(number, taken.after) or (number.times and any(number.agrees(ratio) for ratio in ratios(taken)))


def holds(number: Printed, moment: Moment) -> bool:
    """Whether a moment has the number: in an expectation, on the screen or among what was set."""
    return (
        expected(number, moment)
        or any(number.agrees(shown.value, shown.unit) for shown in moment.screen if shown.factor or not number.times)
        or any(math.isclose(abs(number.value), abs(setting), rel_tol=ROUNDING) for setting in moment.settings)
    )


def expected(number: Printed, moment: Moment) -> bool:
    """Whether an expectation says this number as narrowly as the text prints it, and it was found."""
    return any(says(name, comparison, number, moment.measured[name]) for name, comparison in moment.expect.items())


def says(name: str, comparison: Comparison, number: Printed, value: Value) -> bool:
    """Whether one comparison says the number: as the bound that the text states, or as the value itself.

    Unless the text calls it about so much, the value found must be the number as printed, and the tolerance may not reach
    further than to its last digit.
    """
    if number.bound and (bound := getattr(comparison, number.bound)) is not None and number.agrees(bound):
        return True
    if value is None or isinstance(value, bool):
        return False
    sign = math.copysign(1.0, number.value) if name.split(".")[-3:][0] in NORMS else 1.0
    if "equals" in comparison.given:
        return number.agrees(sign * value)
    if comparison.about is None or not number.agrees(sign * comparison.about):
        return False
    return number.hedged or number.order or (number.agrees(sign * value) and comparison.tolerance <= CHAOS * number.unit + ROUNDING)


def ratios(taken: Taken) -> Iterator[float]:
    """How many times one value is another: two that this beat expects, or one of them now and at an earlier beat."""
    now = values(taken.after)
    yield from (one / other for one in now.values() for other in now.values())
    for moment in taken.earlier:
        for name, before in values(moment).items():
            if name in now:
                yield from (now[name] / before, before / now[name])


def values(moment: Moment) -> dict[str, float]:
    """What a moment expects to be about so much, and η, as it was measured; no zeros."""
    near = {name for name, comparison in moment.expect.items() if comparison.about is not None}
    return {
        name: float(value)
        for name, value in moment.measured.items()
        if value and math.isfinite(value) and (name in near or name == "learning_rate")
    }


def nearest(number: Printed, taken: Taken) -> str:
    """How the text takes a number, and what was expected and what stands on the screen that comes nearest to it."""
    kinds = (number.bound, "about" if number.hedged else "", "before" if number.past else "", "ratio" if number.times else "")
    told = {
        f"{name} {comparison}, it is {found(value)}": abs(abs(value) - abs(number.value))
        for name, comparison in taken.after.expect.items()
        if isinstance(value := taken.after.measured[name], int | float)
    }
    seen = {shown.text: abs(abs(shown.value) - abs(number.value)) for shown in taken.after.screen}
    return (
        f" ({' '.join(filter(None, kinds)) or 'now'}); nearest expectation: {min(told, key=told.__getitem__, default='none')};"
        f" nearest on the screen: {min(seen, key=seen.__getitem__, default='none')}"
    )
