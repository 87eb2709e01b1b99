"""The landscape about a session's state, Santurkar's measures over its training, and the growth of gradients with depth.

Everything is read from the session when a survey is prepared; the generators touch it no more and may run on a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import numpy as np

from bntui.maths.architecture import Activation, Architecture
from bntui.maths.descent import Descent, Rates, State, descend, diverged
from bntui.maths.growth import Growth, growth, network_of, theory
from bntui.maths.landscape import Measures, Ray, along_gradient, evaluator, measures, middle_and_worst
from bntui.maths.stages import Array, OneSampleError
from bntui.maths.switching import SwitchError, switch
from bntui.session.experiment import Refusal
from bntui.session.session import Session

LEAST_STEPS = 50  # of training, where the session has made fewer
LAST_STEPS = 50  # of training, over which the measures are taken
GROWTH_SEEDS = 5
GROWTH_WIDTH, GROWTH_DEPTH = 128, 30
MOST_WIDTH, MOST_DEPTH, MOST_SAMPLES = 1024, 200, 1024
LEAST_DEPTH, LEAST_SAMPLES = 3, 2

BatchAt = Callable[[int], tuple[Array, Array]]


@dataclass(frozen=True, slots=True)
class Course:
    """The measures over the last steps of training, without or with BN; `steps` are the first and the last of them."""

    label: str
    steps: tuple[int, int]
    diverged_at: int | None
    middle: Measures
    worst: Measures


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """J along the gradient from the present state, and the measures over training; all of it at `progress` 1."""

    title: str
    step: int
    normalized: bool
    learning_rate: float
    ray: Ray | None = None
    courses: tuple[Course, ...] = ()
    progress: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be computed."""
        return self.progress >= 1


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """The networks whose gradients are followed down: m samples, hidden layers of one width, and how many of them."""

    samples: int
    width: int
    depth: int
    seeds: int = GROWTH_SEEDS


@dataclass(frozen=True, slots=True, eq=False)
class GrowthSurvey:
    """The gradient's norms by depth at the start, without and with BN, and theory's squared gain per layer under BN."""

    plan: GrowthPlan
    activation: Activation
    deviation: float
    theory: float | None
    off: Growth | None = None
    on: Growth | None = None
    progress: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be computed."""
        return self.progress >= 1


@dataclass(frozen=True, slots=True, eq=False)
class _Training:
    """A run from the scenario's start at the session's settings."""

    label: str
    architecture: Architecture
    state: State
    how: Descent


def landscape(session: Session) -> Generator[Landscape, None, None]:
    """Prepare the landscape about the session's state, and return the generator that surveys it. Raises Refusal."""
    experiment, moment = session.experiment, session.history.moment
    on = moment.state.structure.normalized or frozenset(experiment.architecture.switchable)
    begin = experiment.start.state
    how = Descent(experiment.rates(moment), moment.momentum, moment.mode)
    trainings = []
    try:
        for label, normalized in (("BN off", frozenset[str]()), ("BN on", on)):
            if label == "BN off" or on:
                inputs, _ = experiment.batches.at(0)
                state = switch(experiment.architecture, begin, normalized, inputs, moment.switching, moment.mode)
                trainings.append(_Training(label, experiment.architecture, state, how))
    except (SwitchError, OneSampleError) as error:
        raise Refusal(str(error)) from error
    return _survey(session, trainings)


def _survey(session: Session, trainings: list[_Training]) -> Generator[Landscape, None, None]:
    experiment, moment = session.experiment, session.history.moment
    batches, network = experiment.batches, experiment.network(moment)
    rates = experiment.rates(moment)
    title = session.loaded.scenario.title

    def run() -> Generator[Landscape, None, None]:
        normalized = bool(moment.state.structure.normalized)
        made = Landscape(title, moment.step, normalized, moment.learning_rate)
        yield made
        evaluate = evaluator(network, moment.state.running, *batches.at(moment.step), moment.mode)
        relative = _relative(rates, rates.vector(network.layout))
        made = replace(made, ray=along_gradient(evaluate, moment.state.theta, moment.learning_rate, relative))
        steps = max(moment.step, LEAST_STEPS)
        yield replace(made, progress=0.1)
        for place, training in enumerate(trainings):
            course = _course(training, batches.at, steps)
            while True:
                try:
                    done = next(course)
                except StopIteration as stopped:
                    made = replace(made, courses=(*made.courses, stopped.value))
                    break
                share = (place + done / steps) / len(trainings)
                yield replace(made, progress=min(0.1 + 0.9 * share, 0.999))
            yield replace(made, progress=1.0 if place == len(trainings) - 1 else 0.1 + 0.9 * (place + 1) / len(trainings))

    return run()


def _relative(rates: Rates, vector: Array | float) -> Array | float:
    return vector / rates.learning_rate


def _course(training: _Training, batch_at: BatchAt, steps: int) -> Generator[int, None, Course]:
    """Train, and take the measures at each of the last states that are updated."""
    state, how, network = training.state, training.how, training.state.network(training.architecture)
    relative = _relative(how.rates, how.rates.vector(network.layout))
    found: list[Measures] = []
    starting: Array | None = None
    ended = None
    for made in range(steps):
        inputs, targets = batch_at(state.step)
        evaluation = network.evaluate(state.theta, state.running, inputs, targets, how.mode)
        starting = evaluation.loss if starting is None else starting
        evaluate = evaluator(network, state.running, inputs, targets, how.mode)
        found.append(measures(evaluate, state.theta, how.rates.learning_rate, relative))
        del found[:-LAST_STEPS]
        with np.errstate(all="ignore"):
            if bool(diverged(evaluation.loss, evaluation.gradient, starting)):
                ended = state.step
                break
        state = descend(state, network, evaluation, how)
        yield made + 1
    last = state.step if ended is not None else steps - 1
    return Course(training.label, (last - len(found) + 1, last), ended, *middle_and_worst(found))


def growth_plan(
    session: Session,
    samples: int | None = None,
    width: int | None = None,
    depth: int | None = None,
    seeds: int | None = None,
) -> GrowthPlan:
    """The scenario's batch in a wide and deep network, unless it is asked for differently. Raises Refusal."""
    own = min(max(session.experiment.batches.samples, LEAST_SAMPLES), MOST_SAMPLES)
    plan = GrowthPlan(samples or own, width or GROWTH_WIDTH, depth or GROWTH_DEPTH, seeds or GROWTH_SEEDS)
    limits = (
        ("samples", plan.samples, LEAST_SAMPLES, MOST_SAMPLES),
        ("width", plan.width, 1, MOST_WIDTH),
        ("depth", plan.depth, LEAST_DEPTH, MOST_DEPTH),
    )
    for name, value, least, most in limits:
        if not least <= value <= most:
            raise Refusal(f"{name} {value} cannot be surveyed; allowed: {least} to {most}")
    return plan


def survey_growth(session: Session, plan: GrowthPlan) -> Generator[GrowthSurvey, None, None]:
    """Follow the gradient down networks of the scenario's activation and scale of weights, without BN and with it."""
    scenario, architecture = session.loaded.scenario, session.experiment.architecture
    first = architecture.layers[0]
    activation = first.activation
    init = scenario.network.init
    deviation = np.sqrt(1.0 if init.scheme == "xavier" else 2.0) * (init.gain or 1.0)
    network = network_of(plan.width, plan.depth, activation, architecture.inputs, first.batch_norm)
    seeds = tuple(range(init.seed, init.seed + plan.seeds))
    survey = GrowthSurvey(plan, activation, float(deviation), theory(activation, plan.samples))

    def run() -> Generator[GrowthSurvey, None, None]:
        made = survey
        yield made
        pairs = zip(
            growth(network, False, plan.samples, float(deviation), seeds),
            growth(network, True, plan.samples, float(deviation), seeds),
            strict=True,
        )
        for place, (off, on) in enumerate(pairs, start=1):
            made = replace(made, off=off, on=on, progress=place / plan.seeds)
            yield made

    return run()
