"""Where the runs of a sweep begin: for each of its sides the network, the first states by seed, and how it is trained.

A sweep goes on from where the session stands, so that each side is a switch made there, unless nothing but settings has
changed since the start, what it goes over says how the network is made, or nothing can descend from there: then weights of
several seeds are drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np

from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Mode
from bntui.maths.batches import Batches
from bntui.maths.descent import Rates, State, nothing_remembered
from bntui.maths.kinds.normalizations import Normalization, short_of
from bntui.maths.kinds.optimizers import OPTIMIZERS, Optimizer
from bntui.maths.kinds.schedules import Schedule
from bntui.maths.memory import NUMBER, vectors_of
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.maths.sweep import stacked
from bntui.maths.switching import with_skips
from bntui.records import dataclass
from bntui.scenario.data.building import Problem, build_with, initial_parameters
from bntui.scenario.data.layout import architecture_of, initially_normalized, weight_count
from bntui.scenario.model.actions import Set
from bntui.scenario.model.scenario import MOST_WEIGHTS
from bntui.scenario.model.sources import Extent
from bntui.scenario.reading.action_checks import rate_mistakes
from bntui.scenario.reading.describing import Described
from bntui.scenario.reading.loading import varied
from bntui.scenario.reading.memory import too_much
from bntui.scenario.reading.overs import DEPTH, NONE, NORMALIZATION, Over
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.wording import harmless
from bntui.session.look.reckoning import require
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.survey.reckoning import sweep_bytes
from bntui.session.survey.situation import Situation
from bntui.session.survey.swept import Plan, Stuck
from bntui.session.survey.variants import deeper, own_size, sizes


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One side of a sweep: the state (seed, P) that each seed begins from, and how it is trained at every rate.

    `starting_loss` is what a diverging J is measured by, None for each run's own first J. `weights` are those whose way is
    measured.
    """

    label: str
    value: str | None
    normalized: tuple[str, ...]
    best_constant: float
    architecture: Architecture
    states: State
    rates: tuple[Rates, ...]
    weights: tuple[Name, ...]
    batches: Batches
    optimizer: Optimizer
    mode: Mode
    schedule: Schedule
    starting_loss: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """The trials of a sweep, for each size of a grid its sides, and what they have in common.

    `anew` says that weights are drawn for each seed, `stuck` why there is no going on from the session's state ("" where there is),
    `begins_at` is J there, None where it begins anew, `workers` how many threads have room for their runs.
    """

    trials: tuple[tuple[Trial, ...], ...]
    sizes: tuple[float | None, ...]
    seeds: tuple[int, ...]
    anew: bool
    stuck: Stuck
    begins_at: float | None
    workers: int


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What a network of the sweep is made from: the size in a grid, the value at a path, and the scenario with it."""

    size: float | None
    value: str | None
    described: Described


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """A network of the sweep: its experiment, and the moment at which each seed begins."""

    case: _Case
    experiment: Experiment
    moments: tuple[Moment, ...]
    starting_loss: float | None


def prepare(situation: Situation, plan: Plan, cores: int) -> Prepared:
    """The trials of a plan, on as many of the cores as memory allows. Raises Refusal with a sentence."""
    cases = tuple(_cases(situation, plan))
    workers = _workers(situation, plan, cases, cores)
    own, moment = situation.experiment(), replace(situation.moment, twin=None, switching=plan.switching)
    anew = plan.grid is not None or _makes_anew(plan) or _untouched(own, moment)
    stuck: Stuck = "" if anew else _stuck(own, moment)
    anew = anew or bool(stuck)
    seeds = _seeds(situation, plan, cases) if anew else (situation.scenario.network.init.seed,)
    grounds = [_ground(situation, case, own, moment, len(seeds) if anew else None) for case in cases]
    if plan.group is not None:
        for message in _unmatched(plan.group, grounds):
            raise Refusal(message)
    dealt: dict[tuple[int, int, int | None, int], Batches] = {}  # the same batches of all that are dealt alike
    sides = [tuple(_sides(plan, ground, own, moment, dealt)) for ground in grounds]
    if plan.over is not None:
        sides = [tuple(side for each in sides for side in each)]
    sizes_tried = tuple(case.size for case in cases)[: len(sides)]
    begins_at = None if anew else own.vitals(moment).loss
    return Prepared(tuple(sides), sizes_tried, seeds, anew, stuck, begins_at, workers)


def _cases(situation: Situation, plan: Plan) -> Iterator[_Case]:
    scenario, over = situation.scenario, plan.over
    samples, inputs = situation.problem.inputs.shape
    extent = Extent(samples, inputs, situation.problem.targets.shape[1])
    if over is not None and over.path != NORMALIZATION:
        for value in over.values:
            try:
                described = varied(situation.loaded, over, value)
            except ScenarioError as error:
                raise Refusal(_refused(over, value, error)) from error
            deep = deeper(described.scenario, int(value)) if over.path == DEPTH else described.scenario
            yield _Case(None, value, replace(described, scenario=deep))
        return
    for size in sizes(scenario, plan.grid):
        one = deeper(scenario, int(size)) if plan.grid == "depth" and size is not None else scenario
        yield _Case(size, None, Described(one, extent, situation.loaded.tables))


def _refused(over: Over, value: str, error: ScenarioError) -> str:
    first, *others = error.complaints
    place = f"{first.path}: " if first.path not in ("", over.path) else ""
    more = f"; and {len(others)} more" if others else ""
    return f"{harmless(over.path)}={harmless(value)}: {place}{first.message}{more}"


def _workers(situation: Situation, plan: Plan, cases: tuple[_Case, ...], cores: int) -> int:
    """On how many cores the sweep has room. Raises Refusal where it has none on a single one."""
    networks = [architecture_of(case.described.scenario, case.described.extent.inputs) for case in cases]
    samples = max(_samples(case.described) for case in cases)
    own = situation.scenario.data
    data = NUMBER * sum(case.described.extent.numbers for case in cases if case.described.scenario.data != own)
    sides = len(plan.over.values) if plan.over is not None and plan.over.path == NORMALIZATION else 1 if plan.over else 2

    optimizers = [OPTIMIZERS[case.described.scenario.training.optimizer] for case in cases]
    vectors = max(map(vectors_of, [situation.moment.optimizer, *optimizers]))

    def needed(workers: int) -> int:
        return situation.nbytes + data + sweep_bytes(networks, samples, plan.seeds, vectors, sides, workers, len(plan.rates))

    require(needed(1), "this sweep")
    return next(workers for workers in range(cores, 0, -1) if workers == 1 or too_much(needed(workers), "") is None)


def _samples(described: Described) -> int:
    size = described.scenario.training.batch_size
    return described.extent.samples if size == "full" else size


def _makes_anew(plan: Plan) -> bool:
    """Whether what a sweep goes over says how a network is made, not only how it is trained from here on."""
    return plan.over is not None and plan.over.path != NORMALIZATION and not plan.over.path.startswith("training.")


def _stuck(experiment: Experiment, moment: Moment) -> Stuck:
    """Why nothing can be learned from a moment on: it has diverged, or no weight has a gradient; "" where it can."""
    if experiment.has_diverged(moment):
        return "diverged"
    weights = [size for name, size in experiment.vitals(moment).gradients.items() if name.part == WEIGHT]
    return "" if any(weights) else "no gradient"


def _untouched(experiment: Experiment, moment: Moment) -> bool:
    """Whether nothing but settings and switches has changed since the start, so that weights of any seed may stand in."""
    begin = experiment.start
    if moment.step:
        return False
    now = experiment.network(moment).layout.views(moment.state.theta)
    then = experiment.network(begin).layout.views(begin.state.theta)
    same = {name for name in then if name.part in (WEIGHT, BIAS)}
    return same <= set(now) and all(np.array_equal(now[name], then[name]) for name in same)


def _seeds(situation: Situation, plan: Plan, cases: tuple[_Case, ...]) -> tuple[int, ...]:
    """The scenario's seed and those after it, as many as fit into memory; one where no weight is drawn."""
    count = plan.seeds
    for case in cases:
        network, inputs = case.described.scenario.network, case.described.extent.inputs
        drawn = network.init.scheme != "constant" and any(layer.weight is None for layer in network.layers)
        most = max(1, MOST_WEIGHTS // weight_count(case.described.scenario, inputs))
        count = min(count, most) if drawn else 1
    return tuple(situation.scenario.network.init.seed + offset for offset in range(count))


def _ground(situation: Situation, case: _Case, own: Experiment, moment: Moment, seeds: int | None) -> _Ground:
    """The network of a case, and where each of so many seeds begins; without seeds it goes on from the moment."""
    scenario = case.described.scenario
    experiment = own if scenario is situation.scenario else Experiment(scenario, _problem(situation, case.described))
    settled = _settled(experiment.start, own.start, moment)
    if seeds is None:
        return _Ground(case, experiment, (settled,), float(own.starting_loss))
    first = scenario.network.init.seed
    begin = replace(settled, state=with_skips(experiment.start.state, moment.state.structure.skips))
    moments = [experiment.seeded(begin, seed) for seed in range(first, first + seeds)]
    if case.size is not None and scenario is situation.scenario:
        moments = [_scaled(experiment, each, case.size / own_size(scenario, "gain")) for each in moments]
    return _Ground(case, experiment, tuple(moments), None)


def _problem(situation: Situation, described: Described) -> Problem:
    """What descent starts from; of the session's own data there is no second copy."""
    scenario, own, problem = described.scenario, situation.scenario, situation.problem
    units = scenario.network.layers[-1].units, own.network.layers[-1].units
    if (scenario.data, scenario.cost) != (own.data, own.cost) or units[0] != units[1]:
        return build_with(scenario, described.tables)
    architecture = architecture_of(scenario, problem.inputs.shape[1])
    parameters, normalized = initial_parameters(scenario, architecture), initially_normalized(scenario, architecture)
    return replace(problem, architecture=architecture, parameters=parameters, normalized=normalized)


def _settled(start: Moment, own: Moment, moment: Moment) -> Moment:
    """The moment with the settings in which a case starts otherwise than the session did."""
    changed = {
        name: getattr(start, name)
        for name in ("optimizer", "rates_by_name")
        if getattr(start, name) != getattr(own, name)
    }
    settled = replace(moment, **changed)
    if settled.optimizer.name == moment.optimizer.name:
        return settled
    memory = nothing_remembered(settled.optimizer, moment.state.theta)
    return replace(settled, state=replace(moment.state, memory=memory))


def _scaled(experiment: Experiment, moment: Moment, factor: float) -> Moment:
    """The moment with every weight times a factor."""
    theta = moment.state.theta.copy()
    for name, weight in experiment.network(moment).layout.views(theta).items():
        np.multiply(weight, factor if name.part == WEIGHT else 1.0, out=weight)
    return replace(moment, state=replace(moment.state, theta=theta))


def _unmatched(group: str, grounds: list[_Ground]) -> list[str]:
    """What is to be said of a pattern that no parameter of any network has."""
    wrong = [rate_mistakes([group], ground.experiment.architecture, ()) for ground in grounds]
    return [] if not all(wrong) else [message for _, message in wrong[0]]


def _sides(
    plan: Plan, ground: _Ground, own: Experiment, moment: Moment, dealt: dict[tuple[int, int, int | None, int], Batches]
) -> Iterator[Trial]:
    """The sides of a network: one where its value makes the difference, else a switch for each."""
    experiment = ground.experiment
    now, switchable = own.network(moment).kinds, experiment.architecture.switchable
    names = switchable if plan.grid is not None else tuple(now) or switchable
    wanted: list[tuple[str, str | None, Set]]
    if plan.over is None:
        kinds = {name: now.get(name) or experiment.kind_of(moment, name) for name in names}
        short = short_of(kinds.values())
        wanted = [(f"{short} off", None, Set(batch_norm=False))]
        wanted += [(f"{short} on", None, Set(normalization={name: kind.name for name, kind in kinds.items()}))] if kinds else []
    elif plan.over.path == NORMALIZATION:
        wanted = [(kind, kind, _of_kind(kind, names)) for kind in plan.over.values]
    else:
        value = str(ground.case.value)
        name = plan.over.path.rpartition(".")[2]
        wanted = [(f"{name} {value}", value, _as_set(ground, own, now))]
    batches = experiment.batches
    batches = dealt.setdefault((id(batches.inputs), id(batches.targets), batches.size, batches.seed), batches)
    for label, value_of, switch in wanted:
        moments = [experiment.advance(begin, switch) for begin in ground.moments]
        yield _trial(plan, ground, batches, label, value_of, moments)


def _of_kind(kind: str, layers: tuple[str, ...]) -> Set:
    """The switch of these layers to a kind of normalization, or to none."""
    return Set(batch_norm=False) if kind == NONE else Set(normalization=dict.fromkeys(layers, kind))


def _as_set(ground: _Ground, own: Experiment, now: Mapping[str, Normalization]) -> Set:
    """The switch of a case to the normalization that the session has, unless its value says another one for the start."""
    experiment = ground.experiment
    start, begun = own.network(own.start).kinds, experiment.network(experiment.start).kinds
    there, here = experiment.architecture.switchable, own.architecture.switchable
    if begun != start and (tuple(begun) != there or tuple(start) != here):
        wanted = begun
    elif now and tuple(now) == here and len(set(now.values())) == 1:
        wanted = dict.fromkeys(there, next(iter(now.values())))
    else:
        names = [layer.name for layer in experiment.architecture.layers]
        wanted = {name: kind for name, kind in now.items() if name in names}
    return Set(normalization={name: kind.name for name, kind in wanted.items()}) if wanted else Set(batch_norm=False)


def _trial(
    plan: Plan, ground: _Ground, batches: Batches, label: str, value: str | None, moments: list[Moment]
) -> Trial:
    experiment, first = ground.experiment, moments[0]
    network, rates = experiment.network(first), experiment.rates(first)
    weights = [name for name in network.layout.names if name.part == WEIGHT]
    if plan.group is None:
        each = [replace(rates, learning_rate=rate) for rate in plan.rates]
    else:
        each = [replace(rates, by_name=(*rates.by_name, (plan.group, rate))) for rate in plan.rates]
        weights = [name for name in weights if fnmatchcase(name, plan.group)]
    return Trial(
        label,
        value,
        network.normalized,
        experiment.architecture.cost.best_constant(batches.targets),
        experiment.architecture,
        stacked([moment.state for moment in moments]),
        tuple(each),
        tuple(weights),
        batches,
        first.optimizer,
        first.mode,
        rates.schedule,
        ground.starting_loss,
    )
