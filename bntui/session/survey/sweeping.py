"""Sweeps over learning rates, BN off and on, from the situation of a session; also over the init gain or the depth.

A sweep is a generator of results, each as complete as it is by then, so a face can draw it as it comes and stop it at any
time by asking no further.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from bntui.maths.architecture import Architecture, Switching
from bntui.maths.arrays import Array, Mode
from bntui.maths.batches import Batches
from bntui.maths.descent import Descent, Rates, State, start
from bntui.maths.kinds.costs import Cost
from bntui.maths.kinds.optimizers import Optimizer
from bntui.maths.memory import vectors_of
from bntui.maths.names import WEIGHT, Name
from bntui.maths.network import Layout
from bntui.maths.stages import TooFewError
from bntui.maths.sweep import NEVER, chosen, descents, rate_rows, runs_at_once, side_by_side
from bntui.maths.switching import SwitchError, switch, with_skips
from bntui.scenario.data.building import initial_parameters
from bntui.scenario.data.layout import architecture_of, initially_normalized, weight_count
from bntui.scenario.model.scenario import MOST_WEIGHTS, Scenario
from bntui.scenario.text.wording import listing
from bntui.session.look.reckoning import require, sweep_bytes
from bntui.session.run.experiment import Experiment, Moment, Refusal
from bntui.session.survey.situation import Situation
from bntui.session.survey.variants import Over, deeper, own_size, sizes

Counts = NDArray[np.intp]
BEST_SHARE = 0.5  # a run trains if it ends below this share of the best constant's cost


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep tries. `parameter` is the pattern of the names whose rate is swept, None for all without a rate of their own."""

    rates: tuple[float, ...]
    steps: int
    seeds: int
    switching: Switching
    parameter: str | None = None
    over: Over | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One network shape at every rate and seed: J at the end (rate, seed), NaN where it has not been run yet.

    `diverged_at` is the step at which a run diverged, or NEVER.
    """

    label: str
    normalized: tuple[str, ...]
    loss: Array
    diverged_at: Counts
    done: NDArray[np.bool_]

    @property
    def ends(self) -> Array:
        """J at the end, infinite where the run diverged, NaN where it has not been run yet."""
        ended = np.where(self.diverged_at == NEVER, self.loss, np.inf)
        return np.where(self.done, ended, np.nan)

    def quantile(self, share: float) -> Array:
        """J at the end by rate, at that share of the seeds that have been run; NaN where none has."""
        ordered = np.sort(self.ends, axis=1)  # NaN last
        count = self.done.sum(axis=1)
        place = np.clip(np.round(share * (count - 1)).astype(np.intp), 0, None)
        return np.where(count > 0, ordered[np.arange(len(ordered)), place], np.nan)

    def largest(self, rates: tuple[float, ...], threshold: float) -> Array:
        """The largest rate that trains, by seed; 0 where none does."""
        with np.errstate(invalid="ignore"):
            trains = self.ends < threshold
        return np.where(trains, np.array(rates)[:, np.newaxis], 0.0).max(axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """The network at one gain or depth (None: as it is), BN off and, where any layer can be normalized, on."""

    size: float | None
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """What is known of a sweep: all of it at `progress` 1.

    `best_constant` is B, the cost of the best constant output; `from_step` is None where every run begins with weights drawn anew.
    """

    title: str
    plan: Plan
    cost: Cost
    seeds: tuple[int, ...]
    from_step: int | None
    learning_rate: float
    own_size: float
    best_constant: float
    variants: tuple[Variant, ...]
    progress: float = 0.0

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rates that are tried."""
        return self.plan.rates

    @property
    def threshold(self) -> float:
        """A run whose J ends below this has trained: half of the best constant's cost."""
        return BEST_SHARE * self.best_constant

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be run."""
        return self.progress >= 1

    def largest(self, side: Side) -> float:
        """The median over the seeds of the largest rate that trains; 0 where it does not train at any."""
        return float(np.quantile(side.largest(self.rates, self.threshold), 0.5, method="lower"))

    def ratios(self, variant: Variant) -> Array:
        """The largest rate that trains with BN over that without, by seed; NaN where either does not train at any."""
        off, on = (side.largest(self.rates, self.threshold) for side in variant.sides)
        return np.divide(on, off, out=np.full_like(on, np.nan), where=(off > 0) & (on > 0))


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """The runs of one network shape: where each seed starts, and how far the table of its ends is filled."""

    variant: int
    side: int
    architecture: Architecture
    states: State
    starting_loss: float | None
    rates: list[Rates]
    pending: list[Counts]

    @property
    def layout(self) -> Layout:
        """Where each parameter stands in θ."""
        return self.states.network(self.architecture).layout

    @property
    def work(self) -> float:
        """Numbers of θ: what a run costs."""
        return float(self.states.theta.shape[-1])


def plan_for(
    situation: Situation,
    *,
    first: float | None = None,
    last: float | None = None,
    count: int | None = None,
    steps: int | None = None,
    seeds: int | None = None,
    switching: Switching | None = None,
    parameter: str | None = None,
    over: Over | None = None,
) -> Plan:
    """The scenario's own sweep with what is asked for differently. Raises Refusal with a sentence."""
    wanted = situation.scenario.sweep
    first, last = wanted.start if first is None else first, wanted.to if last is None else last
    if not 0 < first < last:
        raise Refusal(f"the rates run from {first:g} to {last:g}; the first must be above 0 and below the last")
    rates = np.geomspace(first, last, wanted.count if count is None else count)
    return Plan(
        tuple(float(rate) for rate in rates),
        wanted.steps if steps is None else steps,
        wanted.seeds if seeds is None else seeds,
        switching or situation.moment.switching,
        parameter,
        over,
    )


def sweep(situation: Situation, plan: Plan) -> Generator[Sweep, None, None]:
    """Prepare a sweep from a situation, and return the generator that runs it. Raises Refusal."""
    scenario, inputs = situation.scenario, situation.problem.inputs.shape[1]
    varied = [deeper(scenario, int(size)) if plan.over == "depth" and size else scenario for size in sizes(scenario, plan.over)]
    architectures, vectors = [architecture_of(one, inputs) for one in varied], vectors_of(situation.moment.optimizer)
    needed = sweep_bytes(architectures, situation.samples, plan.seeds, vectors)
    require(situation.nbytes + needed, "this sweep")
    experiment, moment = situation.experiment(), situation.moment
    try:
        made, groups = _prepared(scenario, experiment, moment, plan)
    except (SwitchError, TooFewError) as error:
        raise Refusal(str(error)) from error
    return _run(made, groups, experiment.batches, experiment.descent(moment))


def complete(results: Iterator[Sweep]) -> Sweep:
    """The last and whole result."""
    *_, last = results
    return last


def _prepared(scenario: Scenario, experiment: Experiment, moment: Moment, plan: Plan) -> tuple[Sweep, list[_Group]]:
    batches, inputs = experiment.batches, experiment.architecture.inputs
    anew = plan.over is not None or _untouched(experiment, moment)
    seeds = _seeds(scenario, inputs, plan.seeds) if anew else (scenario.network.init.seed,)
    rates = _swept(experiment.rates(moment), plan)
    switched = moment.state.structure.normalized
    groups: list[_Group] = []
    variants: list[Variant] = []
    for size in sizes(scenario, plan.over):
        varied = deeper(scenario, int(size)) if plan.over == "depth" and size is not None else scenario
        architecture = architecture_of(varied, inputs)
        if anew:
            factor = size / own_size(scenario, "gain") if plan.over == "gain" and size is not None else 1.0
            begin = _drawn(varied, architecture, seeds, factor, moment.optimizer)
            begin = with_skips(begin, moment.state.structure.skips)
            on = frozenset(architecture.switchable)
        else:
            begin, on = side_by_side(moment.state, 1), switched or frozenset(architecture.switchable)
        if plan.over is None:
            on = switched or on
        _require_normalizable(batches, on, moment.mode)
        wanted = [("BN off", frozenset[str]())] + ([("BN on", on)] if on else [])
        sides = []
        for place, (label, normalized) in enumerate(wanted):
            states = switch(architecture, begin, normalized, batches.at(begin.step)[0], plan.switching, moment.mode)
            starting = None if anew else float(experiment.starting_loss)
            parts = _parts(architecture, len(rates), len(seeds), batches)
            groups.append(_Group(len(variants), place, architecture, states, starting, rates, parts))
            names = tuple(layer.name for layer in architecture.layers if layer.name in normalized)
            shape = (len(plan.rates), len(seeds))
            sides.append(Side(label, names, np.full(shape, np.nan), np.full(shape, NEVER), np.zeros(shape, dtype=bool)))
        variants.append(Variant(size, tuple(sides)))
    _require_match(plan, groups)
    made = Sweep(
        scenario.title,
        plan,
        experiment.architecture.cost,
        seeds,
        None if anew else moment.step,
        moment.learning_rate,
        own_size(scenario, plan.over or "gain"),
        experiment.architecture.cost.best_constant(batches.targets),
        tuple(variants),
    )
    return made, groups


def _run(
    made: Sweep, groups: list[_Group], batches: Batches, how: Descent
) -> Generator[Sweep, None, None]:
    """Run a part of each network shape in turn, so that all curves grow alike."""
    yield made
    whole = sum(group.work * sum(len(part) for part in group.pending) for group in groups) * made.plan.steps
    done, seeds = 0.0, len(made.seeds)
    while any(group.pending for group in groups):
        for group in (group for group in groups if group.pending):
            part = group.pending.pop(0)
            work = group.work * len(part)
            running = descents(
                group.architecture,
                chosen(group.states, part % seeds),
                rate_rows([group.rates[place] for place in part // seeds], group.layout),
                batches,
                made.plan.steps,
                how.optimizer,
                how.mode,
                None if group.starting_loss is None else np.full(len(part), group.starting_loss),
                how.rates.schedule,
            )
            while True:
                try:
                    steps = next(running)
                except StopIteration as stopped:
                    ends = stopped.value
                    break
                yield replace(made, progress=min((done + work * steps) / whole, 0.999))
            done += work * made.plan.steps
            side = made.variants[group.variant].sides[group.side]
            table = Side(side.label, side.normalized, side.loss.copy(), side.diverged_at.copy(), side.done.copy())
            table.loss.flat[part], table.diverged_at.flat[part], table.done.flat[part] = ends.loss, ends.diverged_at, True
            left = any(one.pending for one in groups)
            made = replace(_with_side(made, group, table), progress=min(done / whole, 0.999) if left else 1.0)
            yield made


def _with_side(made: Sweep, group: _Group, side: Side) -> Sweep:
    variant = made.variants[group.variant]
    sides = tuple(side if place == group.side else known for place, known in enumerate(variant.sides))
    variants = tuple(
        replace(variant, sides=sides) if place == group.variant else known for place, known in enumerate(made.variants)
    )
    return replace(made, variants=variants)


def _parts(architecture: Architecture, rates: int, seeds: int, batches: Batches) -> list[Counts]:
    """The runs (rate·seeds + seed) in batches, coarse rates first."""
    order = (_refining(rates)[:, np.newaxis] * seeds + np.arange(seeds)).reshape(-1)
    at_once = runs_at_once(architecture, batches.samples)
    return [order[begin : begin + at_once] for begin in range(0, len(order), at_once)]


def _refining(count: int) -> Counts:
    """0 … count − 1, far apart at first and ever closer: a chart of the first few is a coarse picture of all."""
    step = 1 << max(count - 1, 1).bit_length()
    order: list[int] = []
    while step >= 1:
        order += [place for place in range(0, count, step) if place % (2 * step) or not order]
        step //= 2
    return np.array(order, dtype=np.intp)


def _swept(rates: Rates, plan: Plan) -> list[Rates]:
    if plan.parameter is None:
        return [replace(rates, learning_rate=rate) for rate in plan.rates]
    return [replace(rates, by_name=(*rates.by_name, (plan.parameter, rate))) for rate in plan.rates]


def _untouched(experiment: Experiment, moment: Moment) -> bool:
    """Whether nothing but settings and switches has changed since the start, so that weights of any seed may stand in."""
    begin = experiment.start
    if moment.step:
        return False
    now = experiment.network(moment).layout.views(moment.state.theta)
    then = experiment.network(begin).layout.views(begin.state.theta)
    same = {name for name in then if name.endswith((".weight", ".bias"))}
    return same <= set(now) and all(np.array_equal(now[name], then[name]) for name in same)


def _seeds(scenario: Scenario, inputs: int, count: int) -> tuple[int, ...]:
    """The scenario's seed and those after it, as many as fit into memory; one where no weight is drawn."""
    init = scenario.network.init
    most = max(1, MOST_WEIGHTS // weight_count(scenario, inputs))
    drawn = init.scheme != "constant" and any(layer.weight is None for layer in scenario.network.layers)
    return tuple(init.seed + offset for offset in range(min(count, most) if drawn else 1))


def _drawn(
    scenario: Scenario, architecture: Architecture, seeds: tuple[int, ...], factor: float, optimizer: Optimizer
) -> State:
    """The start of every seed, all first weights times a factor."""
    each: list[Mapping[Name, Array]] = [initial_parameters(scenario, architecture, seed) for seed in seeds]
    stacked = {
        name: np.stack([one[name] for one in each]) * (factor if name.part == WEIGHT else 1.0) for name in each[0]
    }
    return start(architecture, stacked, initially_normalized(scenario, architecture), optimizer)


def _require_normalizable(batches: Batches, on: frozenset[str], mode: Mode) -> None:
    if on and mode == "train" and min(batches.samples, batches.inputs.shape[0]) < 2:
        raise Refusal("a batch of one sample cannot be normalized in training: its variance is 0")


def _require_match(plan: Plan, groups: list[_Group]) -> None:
    """Refuse a pattern that no parameter of any network has."""
    if plan.parameter is None:
        return
    names = dict.fromkeys(name for group in groups for name in group.layout.names)
    if not any(fnmatchcase(name, plan.parameter) for name in names):
        near = get_close_matches(plan.parameter, names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else f"; there are {listing(names, 8)}"
        raise Refusal(f"no parameter is called '{plan.parameter}'{hint}")
