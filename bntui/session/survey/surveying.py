"""The landscape about a session's state, Santurkar's measures over its training, and the growth of gradients with depth.

A survey looks at a situation alone, with an Experiment of its own: it may run on a thread while the session goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bntui.maths.arrays import Array, Mode
from bntui.maths.descent import Descent, Rates, State, descend, diverged
from bntui.maths.growth import Growth, growth, network_of, theory
from bntui.maths.kinds.activations import Activation
from bntui.maths.kinds.normalizations import BATCH_NORM, Normalization, short_of
from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Optimizer
from bntui.maths.landscape import Measures, Ray, along_gradient, measures, middle_and_worst
from bntui.maths.memory import vectors_of
from bntui.maths.network import Layout
from bntui.maths.normalizing import TooFewError
from bntui.maths.objective import Objective
from bntui.maths.switching import SwitchError, switch, with_skips
from bntui.records import dataclass
from bntui.scenario.model.pictured import LANDSCAPE, MEASURES, TRAININGS
from bntui.scenario.model.pictures import LEAST_DEPTH, LEAST_SAMPLES, MOST_DEPTH, MOST_SAMPLES, MOST_WIDTH
from bntui.session.look.reckoning import require
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.run.replay import updated_moments
from bntui.session.survey.reckoning import growth_bytes, landscape_bytes
from bntui.session.survey.situation import Situation, looked_back

GROWTH = f"{LANDSCAPE}.growth"
LEAST_STEPS = 50  # of training, where the session has made fewer
GROWTH_SEEDS = 5
GROWTH_WIDTH, GROWTH_DEPTH = 128, 30


@dataclass(frozen=True, slots=True)
class Course:
    """The measures over the last steps of a training, by its name among `TRAININGS` and what its column is called.

    `norm` is what the normalization of its last state is called, "" where it had none.
    `steps` are the first and the last of the steps that were measured.
    """

    name: str
    label: str
    norm: str
    steps: tuple[int, int]
    diverged_at: int | None
    middle: Measures
    worst: Measures


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """J along the gradient from the present state, and the measures over training; all of it at `progress` 1.

    `kinds` are the normalized layers, each with its kind, `switchable` those that could be, and `short` is what the normalization
    is called where there is none; `learning_rate` is the one in force. `diverged` says that the run has diverged at this state.
    """

    title: str
    step: int
    kinds: tuple[tuple[str, Normalization], ...]
    switchable: tuple[str, ...]
    short: str
    mode: Mode
    learning_rate: float
    ray: Ray | None = None
    courses: tuple[Course, ...] = ()
    progress: float = 0.0
    optimizer: Optimizer = PLAIN_DESCENT
    diverged: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be computed."""
        return self.progress >= 1

    @property
    def figures(self) -> dict[str, float | None]:
        """What its page says in numbers, by the names that a lesson has for them; None where a number does not exist."""
        found = {} if self.ray is None else _of_ray(self.ray, self.learning_rate)
        for course in self.courses:
            for end, measured in (("", course.middle), (".worst", course.worst)):
                found |= {f"{course.name}.{name}{end}": float(getattr(measured, name)) for name in MEASURES}
        return {f"{LANDSCAPE}.{name}": value for name, value in found.items()}


def _of_ray(ray: Ray, rate: float) -> dict[str, float | None]:
    with np.errstate(all="ignore"):
        first, second = rate * ray.slope, rate**2 * ray.bend / 2
    lowest, rising = ray.lowest, ray.rising
    return {
        "first_order": first,
        "second_order": second,
        "lowest_rate": None if lowest is None else float(ray.sizes[lowest]),
        "rising_rate": None if rising is None else float(ray.sizes[rising]),
        "stable_rate": ray.stable,
    }


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """The networks whose gradients are followed down: m samples, hidden layers of one width, and how many of them."""

    samples: int
    width: int
    depth: int
    seeds: int = GROWTH_SEEDS


@dataclass(frozen=True, slots=True, eq=False)
class GrowthSurvey:
    """The gradient's norms by depth at the start, without and with a `kind` of normalization.

    `theory` is what it says of the squared gain per layer under BN, None where it says nothing.
    """

    plan: GrowthPlan
    activation: Activation
    kind: Normalization
    deviation: float
    theory: float | None
    off: Growth | None = None
    on: Growth | None = None
    progress: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be computed."""
        return self.progress >= 1

    @property
    def figures(self) -> dict[str, float | None]:
        """What its page says in numbers, by the names that a lesson has for them; None where a number does not exist."""
        gains = {"off": self.off, "on": self.on}
        found = {f"{GROWTH}.{name}": None if side is None else side.squared_gain for name, side in gains.items()}
        return found | {f"{GROWTH}.theory": self.theory}


@dataclass(frozen=True, slots=True, eq=False)
class _Visited:
    """A state of a training, how it was updated, and whether it had diverged."""

    state: State
    how: Descent
    diverged: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Training:
    """A training whose states are visited one by one; `steps` is how many there will be."""

    name: str
    label: str
    norm: str
    states: Iterator[_Visited]
    steps: int


def landscape(situation: Situation) -> Generator[Landscape, None, None]:
    """Prepare the landscape about the situation's moment, and return the generator that surveys it. Raises Refusal.

    The measures are taken over the last steps of the session's own way and of its twin's. Where there is no twin, or no way
    that is long enough, what is missing is trained from the scenario's start at the present settings.
    """
    vectors = vectors_of(situation.moment.optimizer)
    needed = landscape_bytes(situation.problem.architecture, situation.samples, looked_back(situation.moment), vectors)
    require(situation.nbytes + needed, "the landscape of this network")
    experiment, moment = situation.experiment(), situation.moment
    rates = experiment.rates(moment)
    objective = experiment.objective(moment)
    made = Landscape(
        situation.scenario.title,
        moment.step,
        tuple(objective.network.kinds.items()),
        experiment.architecture.switchable,
        short_of(experiment.kinds_on(moment).values()),
        moment.mode,
        experiment.rate_in_force(moment),
        optimizer=moment.optimizer,
        diverged=experiment.has_diverged(moment),
    )
    relative = _relative(rates, objective.network.layout)
    anew = _anew(experiment, moment)

    def run() -> Generator[Landscape, None, None]:
        yield made
        ray = along_gradient(objective, moment.state.theta, made.learning_rate, relative)
        begun = replace(made, ray=ray, progress=0.1)
        yield begun
        remembered: list[_Training] = []
        if moment.step >= LEAST_STEPS:
            looking_back = _remembered(experiment, situation)
            while (found := next(looking_back)) is None:
                yield begun
            remembered = found
        trainings = sorted((*remembered, *anew), key=lambda each: bool(each.norm))
        yield from _measured(begun, trainings, experiment)

    return run()


def _remembered(experiment: Experiment, situation: Situation) -> Iterator[list[_Training] | None]:
    """What the session and its twin went through in the last steps, as far as they were updated; None while it is repeated."""
    first = situation.moment.step - looked_back(experiment.start)
    own: list[_Visited] = []
    twins: list[_Visited] = []
    for moment in updated_moments(experiment, situation.recent):
        for visited, one in ((own, moment), (twins, moment.twin)):
            if one is not None and one.diverged_at is None and one.step >= first:
                visited.append(_Visited(one.state, experiment.descent(one), experiment.has_diverged(one)))
        yield None
    if situation.moment.twin is None:
        twins = []
    yield [
        _Training(
            name,
            TRAININGS[name],
            _norm_of(visited[-1].state.structure.kinds_in(experiment.architecture)),
            iter(visited),
            len(visited),
        )
        for name, visited in (("this_run", own), ("twin", twins))
        if visited
    ]


def _norm_of(kinds: Mapping[str, Normalization]) -> str:
    """What these layers' normalization is called, "" where there are none."""
    return short_of(kinds.values()) if kinds else ""


def _anew(experiment: Experiment, moment: Moment) -> list[_Training]:
    """What is trained from the scenario's start because no twin and no way of the session's own shows it. Raises Refusal."""
    on, both, normalized = experiment.kinds_on(moment), moment.step < LEAST_STEPS, moment.state.structure.normalized
    if moment.twin is not None and not both:
        return []
    called, again = (f"{short_of(on.values())} ", "") if both else ("", "_anew")
    trainings = []
    if both or normalized:
        trainings.append(_trained_anew(experiment, moment, f"off{again}", called, {}))
    if on and (both or not normalized):
        trainings.append(_trained_anew(experiment, moment, f"on{again}", called, on))
    return trainings


def _trained_anew(
    experiment: Experiment, moment: Moment, name: str, called: str, kinds: Mapping[str, Normalization]
) -> _Training:
    """A training from the scenario's start at the moment's settings, with these layers normalized. Raises Refusal."""
    inputs, _ = experiment.batches.at(0)
    begin = with_skips(experiment.start.state, moment.state.structure.skips)
    try:
        state = switch(experiment.architecture, begin, kinds, inputs, moment.switching, moment.mode)
    except (SwitchError, TooFewError) as error:
        raise Refusal(str(error)) from error
    steps = max(moment.step, LEAST_STEPS)
    label = f"{called}{TRAININGS[name]}"
    return _Training(name, label, _norm_of(kinds), _trained(experiment, state, experiment.descent(moment), steps), steps)


def _trained(experiment: Experiment, state: State, how: Descent, steps: int) -> Iterator[_Visited]:
    """The states of a training, each before its update."""
    network = state.network(experiment.architecture)
    starting: Array | None = None
    for _ in range(steps):
        evaluation = network.evaluate(state.theta, state.running, *experiment.batches.at(state.step), how.mode)
        starting = evaluation.loss if starting is None else starting
        with np.errstate(all="ignore"):
            ended = bool(diverged(evaluation.loss, evaluation.gradient, starting))
        yield _Visited(state, how, ended)
        state = descend(state, network, evaluation, how)


def _measured(
    made: Landscape, trainings: Sequence[_Training], experiment: Experiment
) -> Generator[Landscape, None, None]:
    """The landscape with the measures of one training after another."""
    yield made
    for place, training in enumerate(trainings):
        course = _course(training, experiment)
        while True:
            try:
                done = next(course)
            except StopIteration as stopped:
                made = replace(made, courses=(*made.courses, stopped.value))
                break
            share = (place + done / training.steps) / len(trainings)
            yield replace(made, progress=min(0.1 + 0.9 * share, 0.999))
        yield replace(made, progress=1.0 if place == len(trainings) - 1 else 0.1 + 0.9 * (place + 1) / len(trainings))


def _relative(rates: Rates, layout: Layout) -> Array | float:
    """Each parameter's rate over the learning rate."""
    return rates.vector(layout) / rates.learning_rate


def _course(training: _Training, experiment: Experiment) -> Generator[int, None, Course]:
    """Take the measures at each of the last states that are updated; yields how many states have been visited."""
    last = deque[_Visited](maxlen=looked_back(experiment.start))
    visited = 0
    for visited, seen in enumerate(training.states, start=1):
        last.append(seen)
        if seen.diverged:
            break
        yield visited
    found: list[Measures] = []
    for seen in last:
        state, rates = seen.state, seen.how.rates
        network = state.network(experiment.architecture)
        objective = Objective(network, state.running, *experiment.batches.at(state.step), seen.how.mode)
        rate = rates.learning_rate * rates.share(state.step)
        found.append(measures(objective, state.theta, rate, _relative(rates, network.layout)))
        yield visited
    steps = last[0].state.step, last[-1].state.step
    ended = steps[1] if last[-1].diverged else None
    return Course(training.name, training.label, training.norm, steps, ended, *middle_and_worst(found))


def growth_plan(
    situation: Situation,
    samples: int | None = None,
    width: int | None = None,
    depth: int | None = None,
    seeds: int | None = None,
) -> GrowthPlan:
    """The scenario's batch in a wide and deep network, unless it is asked for differently. Raises Refusal."""
    own = min(max(situation.samples, LEAST_SAMPLES), MOST_SAMPLES)
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


def survey_growth(situation: Situation, plan: GrowthPlan) -> Generator[GrowthSurvey, None, None]:
    """Follow the gradient down networks of the scenario's activation and scale of weights, without normalization and with it.

    The kind is that of the first layer, as it is in force or as it would be switched on. Raises Refusal.
    """
    architecture, init = situation.problem.architecture, situation.scenario.network.init
    first = architecture.layers[0]
    activation = first.activation
    deviation = np.sqrt(1.0 if init.scheme == "xavier" else 2.0) * (init.gain or 1.0)
    kind = _kind_of_first(situation)
    settings = replace(first.normalization, kind=kind)
    network = network_of(plan.width, plan.depth, activation, architecture.inputs, settings)
    if impossible := network.layers[0].impossible(kind):
        raise Refusal(impossible)
    require(situation.nbytes + growth_bytes(network, plan.samples), "the growth in networks of that width and depth")
    seeds = tuple(range(init.seed, init.seed + plan.seeds))
    line = theory(activation, plan.samples) if kind is BATCH_NORM else None
    survey = GrowthSurvey(plan, activation, kind, float(deviation), line)

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


def _kind_of_first(situation: Situation) -> Normalization:
    """The kind that the first layer is normalized in, or would be."""
    architecture, moment = situation.problem.architecture, situation.moment
    first = architecture.layers[0]
    return moment.state.structure.kinds_in(architecture).get(first.name) or moment.kind or first.normalization.kind
