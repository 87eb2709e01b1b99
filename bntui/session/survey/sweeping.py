"""Sweeps over learning rates, BN off and on or over any path of the scenario, from the situation of a session.

A sweep is a generator of results, each as complete as it is by then, so a face can draw it as it comes, stop it at any
time by closing it, and go on with it from what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bntui.maths.architecture import Architecture, Switching
from bntui.maths.arrays import Array
from bntui.maths.descent import State
from bntui.maths.numeric import Indices
from bntui.maths.sweep import NEVER, chosen, descents, joined, rate_rows, runs_at_once, travelled
from bntui.records import dataclass
from bntui.scenario.model.pictures import BeatSweep
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.reading.overs import OverError, asked_over, grid_of
from bntui.session.run.refusal import Refusal
from bntui.session.survey.cores import cores, worked_off
from bntui.session.survey.situation import Situation
from bntui.session.survey.swept import Plan, Side, Sweep, Variant
from bntui.session.survey.trials import Prepared, Trial, prepare
from bntui.session.survey.variants import own_size

MOST = 100_000  # rates, steps, seeds
COARSE = 16  # rates at most of the first picture: every curve has them before any has more


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """Trials whose runs can be computed side by side: the same network, batches and optimizer.

    Run number (trial·rates + rate)·seeds + seed begins at the state of that trial and seed. `places` are those of the trials.
    """

    places: tuple[tuple[int, int], ...]
    trials: tuple[Trial, ...]
    states: State
    rates: int
    seeds: int

    @property
    def work(self) -> float:
        """What a run costs: multiplications of a step."""
        return float(self.states.theta.shape[-1]) * self.trials[0].batches.samples


@dataclass(slots=True)
class _Part:
    """Some runs of a pool; `steps` says how far they are."""

    pool: _Pool
    runs: Indices
    steps: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """How the runs of a part ended; None of them where it was stopped."""

    loss: Array
    diverged_at: Indices
    growth: Array
    turned: Array


def plan_for(
    situation: Situation,
    *,
    first: float | None = None,
    last: float | None = None,
    count: int | None = None,
    steps: int | None = None,
    seeds: int | None = None,
    switching: Switching | None = None,
    group: str | None = None,
    over: str | Mapping[str, tuple[Any, ...]] | None = None,
) -> Plan:
    """The scenario's own sweep with what is asked for differently. Raises Refusal with a sentence.

    `over` is gain or depth, a grid of them, PATH=a,b,c, or a mapping of one path to its values.
    """
    wanted = situation.scenario.sweep
    first, last = wanted.start if first is None else first, wanted.to if last is None else last
    if not 0 < first < last < np.inf:
        raise Refusal(f"the rates run from {first:g} to {last:g}; the first must be above 0 and below the last")
    for name, number in (("count", count), ("steps", steps), ("seeds", seeds)):
        if number is not None and not 1 <= number <= MOST:
            raise Refusal(f"{name}: found {number}; allowed: 1 to {MOST:,}")
    rates = np.geomspace(first, last, wanted.count if count is None else count)
    plan = Plan(
        tuple(float(rate) for rate in rates),
        wanted.steps if steps is None else steps,
        wanted.seeds if seeds is None else seeds,
        switching or situation.moment.switching,
        wanted.group if group is None else group,
    )
    try:
        return with_axis(plan, situation.scenario, wanted.over if over is None else over)
    except OverError as error:
        raise Refusal(str(error)) from error


def plan_of(situation: Situation, picture: BeatSweep) -> Plan:
    """The sweep that a beat of the lesson opens. Raises Refusal with a sentence."""
    return plan_for(
        situation,
        first=picture.start,
        last=picture.to,
        count=picture.count,
        steps=picture.steps,
        seeds=picture.seeds,
        switching=picture.switching,
        group=picture.group,
        over=picture.over,
    )


def asked_for(plan: Plan) -> BeatSweep:
    """What a beat would ask for to open such a sweep."""
    asked: dict[str, Any] = {
        "start": float(plan.rates[0]),
        "to": float(plan.rates[-1]),
        "count": len(plan.rates),
        "steps": plan.steps,
        "seeds": plan.seeds,
        "switching": plan.switching,
        "over": plan.grid or (None if plan.over is None else plan.over.text),
        "group": plan.group,
    }
    return BeatSweep(**{name: value for name, value in asked.items() if value is not None})


def with_axis(plan: Plan, scenario: Scenario, asked: str | Mapping[str, tuple[Any, ...]] | None) -> Plan:
    """The plan over something else beside the rate: gain, depth, PATH=a,b,c, a mapping of one path to its values, or nothing.

    Raises OverError.
    """
    if asked is None:
        return replace(plan, over=None, grid=None)
    grid = grid_of(asked)
    return replace(plan, over=None if grid else asked_over(asked, scenario), grid=grid)


def sweep(
    situation: Situation, plan: Plan, known: Sweep | None = None, workers: int | None = None
) -> Generator[Sweep, None, None]:
    """Prepare a sweep from a situation, and return the generator that runs it, on all cores unless it is said on how many.

    What is `known` of the same plan from the same situation is not run again. Raises Refusal.
    """
    prepared = prepare(situation, plan, workers or cores())
    made = known or _unknown(situation, plan, prepared)
    return _run(made, _parts(made, prepared), prepared.workers)


def complete(results: Iterator[Sweep]) -> Sweep:
    """The last and whole result."""
    *_, last = results
    return last


def _unknown(situation: Situation, plan: Plan, prepared: Prepared) -> Sweep:
    """The sweep before anything is run."""
    count = len(plan.rates), len(prepared.seeds)
    variants = [
        Variant(size, tuple(Side.unknown(each.label, each.value, each.normalized, each.best_constant, *count) for each in sides))
        for size, sides in zip(prepared.sizes, prepared.trials, strict=True)
    ]
    scenario, moment = situation.scenario, situation.moment
    return Sweep(
        scenario.title,
        plan,
        situation.problem.architecture.cost,
        prepared.seeds,
        None if prepared.anew else moment.step,
        prepared.stuck,
        moment.learning_rate,
        own_size(scenario, plan.grid or "gain"),
        tuple(variants),
        session_step=moment.step,
        begins_at=prepared.begins_at,
    )


def _parts(made: Sweep, prepared: Prepared) -> list[_Part]:
    """What is left to be run, in parts of as many runs as are computed at once: one of each pool in turn, coarse rates first."""
    lists = []
    for pool in _pools(made, prepared):
        order = _order(pool)
        places = [made.variants[variant].sides[side] for variant, side in pool.places]
        done = np.concatenate([side.done.ravel() for side in places])
        order = order[~done[order]]
        at_once = runs_at_once(pool.trials[0].architecture, pool.trials[0].batches.samples)
        rounds = max(-(-len(order) // (at_once * prepared.workers)), 1)  # in each every thread has as much to do
        lists.append([_Part(pool, runs) for runs in np.array_split(order, rounds * prepared.workers) if runs.size])
    most = max(map(len, lists), default=0)
    return [parts[turn] for turn in range(most) for parts in lists if turn < len(parts)]


def _pools(made: Sweep, prepared: Prepared) -> Iterator[_Pool]:
    alike: dict[tuple[object, ...], list[tuple[tuple[int, int], Trial]]] = {}
    for variant, sides in enumerate(prepared.trials):
        for place, trial in enumerate(sides):
            shape: tuple[Architecture, object] = trial.architecture, trial.states.structure
            how = (id(trial.batches), trial.optimizer, trial.mode, trial.schedule, trial.starting_loss, trial.states.step)
            alike.setdefault((*shape, *how), []).append(((variant, place), trial))
    for members in alike.values():
        places, trials = zip(*members, strict=True)
        yield _Pool(places, trials, joined([trial.states for trial in trials]), len(made.rates), len(made.seeds))


def _order(pool: _Pool) -> Indices:
    """The runs of a pool: each trial's first seed at coarse rates, its other seeds there, then the same at the rates between."""
    rates = _refining(pool.rates)
    spacing = 1
    while -(-pool.rates // spacing) > COARSE:
        spacing *= 2
    coarse = int(np.sum(rates % spacing == 0))
    runs = [
        (trial * pool.rates + int(rate)) * pool.seeds + seed
        for some in (rates[:coarse], rates[coarse:])
        for seed in range(pool.seeds)
        for trial in range(len(pool.trials))
        for rate in some
    ]
    return np.array(runs, dtype=np.intp)


def _refining(count: int) -> Indices:
    """0 … count − 1, far apart at first and ever closer: a chart of the first few is a coarse picture of all."""
    step = 1 << max(count - 1, 1).bit_length()
    order: list[int] = []
    while step >= 1:
        order += [place for place in range(0, count, step) if place % (2 * step) or not order]
        step //= 2
    return np.array(order, dtype=np.intp)


def _run(made: Sweep, parts: Sequence[_Part], workers: int) -> Generator[Sweep, None, None]:
    yield made
    if not parts:
        yield replace(made, progress=1.0)
        return
    left = sum(part.pool.work * len(part.runs) for part in parts) * made.plan.steps
    share = left / (left + _done_work(made, parts))
    tasks = [partial(_ended, part, made.plan.steps) for part in parts]
    ended = 0
    for outcome in worked_off(tasks, workers):
        under_way = sum(part.pool.work * len(part.runs) * part.steps for part in parts) / left
        progress = max(made.progress, min(1 - share * (1 - under_way), 0.999))
        if outcome is not None:
            number, found = outcome
            ended += 1
            made = _with_part(made, parts[number], found)
            progress = 1.0 if ended == len(parts) else progress
        made = replace(made, progress=progress)
        yield made


def _done_work(made: Sweep, parts: Sequence[_Part]) -> float:
    """What has been done of the pools that are gone on with."""
    pools = {id(part.pool): part.pool for part in parts}.values()
    sides = [(pool, made.variants[variant].sides[side]) for pool in pools for variant, side in pool.places]
    return sum(pool.work * int(side.done.sum()) for pool, side in sides) * made.plan.steps


def _ended(part: _Part, steps: int, stopped: Callable[[], bool]) -> _Found | None:
    """Make the steps of a part; None where it is stopped on the way."""
    pool, first = part.pool, part.pool.trials[0]
    whose, seed = part.runs // (pool.rates * pool.seeds), part.runs % pool.seeds
    begin = chosen(pool.states, whose * pool.seeds + seed)
    layout = begin.network(first.architecture).layout
    rates = [pool.trials[trial].rates[rate] for trial, rate in zip(whose, part.runs // pool.seeds % pool.rates, strict=True)]
    running = descents(
        first.architecture,
        begin,
        rate_rows(rates, layout),
        first.batches,
        steps,
        first.optimizer,
        first.mode,
        None if first.starting_loss is None else np.full(len(part.runs), first.starting_loss),
        first.schedule,
    )
    while not stopped():
        try:
            part.steps = next(running)
        except StopIteration as stop:
            part.steps = steps
            ends = stop.value
            growth, turned = travelled(layout, first.weights, begin.theta, ends.theta)
            finite = ends.diverged_at == NEVER
            return _Found(ends.loss, ends.diverged_at, np.where(finite, growth, np.nan), np.where(finite, turned, np.nan))
    return None


def _with_part(made: Sweep, part: _Part, found: _Found | None) -> Sweep:
    """The sweep with what a part has found."""
    if found is None:
        return made
    pool, variants = part.pool, list(made.variants)
    whose, run = np.divmod(part.runs, pool.rates * pool.seeds)
    for trial in np.unique(whose):
        (variant, place), these = pool.places[trial], whose == trial
        sides = list(variants[variant].sides)
        side = sides[place] = sides[place].copied()
        side.done.flat[run[these]] = True
        for table, values in (
            (side.loss, found.loss),
            (side.diverged_at, found.diverged_at),
            (side.growth, found.growth),
            (side.turned, found.turned),
        ):
            table.flat[run[these]] = values[these]
        variants[variant] = replace(variants[variant], sides=tuple(sides))
    return replace(made, variants=tuple(variants))
