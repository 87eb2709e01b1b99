"""What a scenario makes fixed, and the one function that moves a moment on: `advance(moment, action) → moment`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, assert_never

import numpy as np

from bntui.maths.architecture import Layer
from bntui.maths.arrays import Array
from bntui.maths.batches import Batches
from bntui.maths.chain import read_chain, read_gradients
from bntui.maths.descent import Descent, Rates, State, descend, diverged, nothing_remembered, start
from bntui.maths.kinds.normalizations import NORMALIZATIONS, Normalization
from bntui.maths.kinds.optimizers import Sgd
from bntui.maths.names import WEIGHT, ByName, Name
from bntui.maths.network import Evaluation, Network, Structure
from bntui.maths.normalizing import TooFewError
from bntui.maths.objective import Objective
from bntui.maths.switching import SwitchError, rewritten, switch, with_skips
from bntui.scenario.data.building import HeldOut, Problem, initial_parameters
from bntui.scenario.model.actions import (
    Answer,
    AnyAction,
    Back,
    Beat,
    Future,
    GoTo,
    LookAt,
    Reset,
    ScaleWeights,
    Set,
    Step,
    Twin,
    Untwin,
    View,
)
from bntui.scenario.model.matrices import Drawn
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.reading.action_checks import NO_SKIPS, rate_mistakes
from bntui.session.run.moment import Moment, Vitals
from bntui.session.run.refusal import Refusal

Changing = TypeVar("Changing", Set, ScaleWeights)

NORMALIZED_BY = {"batch_norm", "normalization"}
SAME_TWIN = "no layer can be normalized here, so a twin the other way would be the same; T makes one of another rate or seed"
EVALUATIONS_KEPT = 3  # of where a run stands, where it stood before, and what was looked at last; with a twin twice as many
LARGE_NETWORK = 200_000  # numbers in a forward pass; of a larger network only the newest evaluation is kept
QUICKLY_SCORED = 2_000_000  # numbers in the forward passes over all data: more are computed where they are asked for by name


class Experiment:
    """A scenario's network, data and rates: everything that no action changes."""

    def __init__(self, scenario: Scenario, problem: Problem) -> None:
        training = scenario.training
        self._scenario = scenario
        self.architecture = problem.architecture
        size = None if training.batch_size == "full" else training.batch_size
        self.batches = Batches(problem.inputs, problem.targets, size, training.seed)
        self.held_out: HeldOut | None = problem.held_out
        self._schedule = training.rate_schedule
        decay = ByName(training.weight_decay, tuple(training.weight_decays.items()))
        optimizer = training.optimizer_named(training.optimizer, decay)
        self.start = Moment(
            start(problem.architecture, problem.parameters, problem.normalized, optimizer),
            training.learning_rate,
            optimizer,
            "train",
            scenario.switching,
            tuple(training.learning_rates.items()),
        )
        width = self.architecture.inputs + 2 * sum(layer.units for layer in self.architecture.layers)
        self.is_large = width * self.batches.samples >= LARGE_NETWORK
        self.scores_quickly = width * problem.samples <= QUICKLY_SCORED
        self.evaluations_kept = 1 if self.is_large else EVALUATIONS_KEPT
        self._evaluations: OrderedDict[Moment, Evaluation] = OrderedDict()
        self._given: set[Moment] = set()  # those of them whose evaluation somebody may keep
        self._signals_asked = False  # whether anybody has read the signals themselves
        self._vitals: OrderedDict[Moment, Vitals] = OrderedDict()
        self._networks: dict[Structure, Network] = {}
        self.starting_loss = self.lend(self.start).loss

    def __getstate__(self) -> dict[str, Any]:
        """What a copy has of this one: no evaluations, for their tapes write to the arrays of this one."""
        return vars(self) | {"_evaluations": OrderedDict(), "_given": set()}

    @property
    def work(self) -> float:
        """How many multiplications the matrix products of one evaluation take."""
        return 3.0 * self.batches.samples * self.start.state.theta.size

    def network(self, moment: Moment) -> Network:
        """The network as the moment has it."""
        structure = moment.state.structure
        if structure not in self._networks:  # a smaller key than an architecture is, at every step
            self._networks[structure] = moment.state.network(self.architecture)
        return self._networks[structure]

    def descent(self, moment: Moment) -> Descent:
        """How the next update will be made."""
        return Descent(self.rates(moment), moment.optimizer, moment.mode)

    def rates(self, moment: Moment) -> Rates:
        """The rates by parameter, with their schedule."""
        return Rates(moment.learning_rate, moment.rates_by_name, self._schedule)

    def rate_in_force(self, moment: Moment) -> float:
        """The learning rate of the next update, which is the moment's by the schedule's share."""
        return moment.learning_rate * self.rates(moment).share(moment.step)

    def batch(self, moment: Moment) -> tuple[Array, Array]:
        """Inputs and targets of the batch that the next update will use."""
        return self.batches.at(moment.step)

    def evaluate(self, moment: Moment) -> Evaluation:
        """The network on the batch that the next update will use; nothing writes to its arrays again."""
        evaluation = self.lend(moment, signals=True)
        self._given.add(moment)
        return evaluation

    def lend(self, moment: Moment, signals: bool = False) -> Evaluation:
        """The same for whoever reads it at once: when another moment is evaluated its arrays may be written over.

        Where one evaluation is kept it has the `signals` themselves, and not their norms alone, from when they are first asked for.
        """
        self._signals_asked |= signals
        known = self._evaluations.get(moment)
        if known is not None and not (signals and known.norms is not None):
            self._evaluations.move_to_end(moment)  # what is read is not the first to be written over
            return known
        spare = self._let_go(moment)  # before the next one is made: a large one is hundreds of megabytes
        norms_alone = self.evaluations_kept == 1 and not self._signals_asked
        state, (inputs, targets) = moment.state, self.batch(moment)
        evaluation = self.network(moment).evaluate(
            state.theta, state.running, inputs, targets, moment.mode, spare, norms_alone
        )
        self._evaluations[moment] = evaluation
        return evaluation

    def _let_go(self, moment: Moment) -> Evaluation | None:
        """Make room for the evaluation of a moment: what is let go of for it, where it may be written over."""
        if len(self._evaluations) < self.evaluations_kept:
            return None
        oldest, evaluation = self._evaluations.popitem(last=False)
        if oldest in self._given:
            self._given.remove(oldest)
            return None
        alike = (oldest.state.structure, oldest.mode) == (moment.state.structure, moment.mode)
        too_few = self._signals_asked and evaluation.norms is not None  # arrays for signals that shall be kept
        return evaluation if alike and not too_few else None

    def vitals(self, moment: Moment) -> Vitals:
        """J, divergence, the gradients' norms and the chains of the whole batch."""
        known = self._vitals.get(moment)
        if known is not None:
            return known
        evaluation = self.lend(moment)
        network = self.network(moment)
        chains = read_chain(network, evaluation)
        gradients = read_gradients(network, evaluation, chains)
        vitals = Vitals(float(evaluation.loss), self.has_diverged(moment), gradients, chains)
        while len(self._vitals) >= 2 * EVALUATIONS_KEPT:
            self._vitals.popitem(last=False)
        self._vitals[moment] = vitals
        return vitals

    def has_diverged(self, moment: Moment) -> bool:
        """Whether J or a gradient is not finite, or J is beyond 1e12 times its start."""
        known = self._vitals.get(moment)
        if known is not None:
            return known.diverged
        evaluation = self.lend(moment)
        return bool(diverged(evaluation.loss, evaluation.gradient, self.starting_loss))

    def objective(self, moment: Moment) -> Objective:
        """J as a function of θ, on the batch of this moment and without touching its estimates."""
        return Objective(self.network(moment), moment.state.running, *self.batch(moment), moment.mode)

    def advance(self, moment: Moment, action: AnyAction, other: Moment | None = None) -> Moment:
        """The moment after one action that changes the network, its settings or its twin; `step` makes one update.

        A twin begins as `other` stands where one is given, else as this moment does.

        Raises Refusal.
        """
        try:
            match action:
                case Step():
                    return self.updated(moment)
                case Reset():
                    return self._reset(moment)
                case Beat():
                    return moment  # where a lesson goes on in a future of its own
                case Set():
                    return self._in_both(moment, action, self._with_settings)
                case ScaleWeights():
                    return self._in_both(moment, action, self._scaled)
                case Twin():
                    if self.evaluations_kept == EVALUATIONS_KEPT:
                        self.evaluations_kept *= 2
                    return replace(moment, twin=self._twin_of(other or moment, action))
                case Untwin():
                    return replace(moment, twin=None)
                case Back() | GoTo() | Future() | LookAt() | View() | Answer():
                    raise TypeError(f"{type(action).__name__} does not change the network")
                case _:
                    assert_never(action)
        except (SwitchError, TooFewError) as error:
            raise Refusal(str(error)) from error

    def updated(self, moment: Moment) -> Moment:
        """The moment after one update of the network and of its twin; what has diverged stays as it is.

        Raises Refusal where nothing is left to descend.
        """
        twin = moment.twin
        if self.has_diverged(moment) and (twin is None or self.has_diverged(twin)):
            back = "; go back" if moment.step else ""
            raise Refusal(f"diverged at step {moment.step}: there is nothing to descend{back}")
        after = self._descended(moment)
        return after if twin is None else replace(after, twin=self._descended(twin))

    def repeated(self, moment: Moment) -> Moment:
        """The moment after an update that was made before, and so could be made."""
        if moment.twin is not None:
            return self.updated(moment)
        state = descend(moment.state, self.network(moment), self.lend(moment), self.descent(moment))
        return replace(moment, state=state)

    def _descended(self, moment: Moment) -> Moment:
        if self.has_diverged(moment):
            since = moment.step if moment.diverged_at is None else moment.diverged_at
            return replace(moment, state=replace(moment.state, step=moment.step + 1), diverged_at=since)
        state = descend(moment.state, self.network(moment), self.lend(moment), self.descent(moment))
        return replace(moment, state=state, diverged_at=None)

    def _reset(self, moment: Moment) -> Moment:
        """The start, beside a twin that differs as the one at hand does."""
        if moment.twin is None or moment.twin.difference is None:
            return self.start
        return replace(self.start, twin=self._twin_of(self.start, moment.twin.difference))

    def _in_both(self, moment: Moment, action: Changing, change: Callable[[Moment, Changing], Moment]) -> Moment:
        """Change a moment, and its twin in all that is not the difference between them."""
        twin = moment.twin
        changed = change(moment, action)
        if twin is None:
            return changed
        shared = _without_difference(action, twin)
        return replace(changed, twin=twin if shared is None else change(twin, shared))

    def _twin_of(self, moment: Moment, difference: Twin) -> Moment:
        """This moment with the difference in it: BN the other way where nothing is named. Raises Refusal where that is no other."""
        if not difference.given and not (self.architecture.switchable or moment.state.structure.normalized):
            raise Refusal(SAME_TWIN)
        twin = replace(moment, twin=None, difference=difference)
        if difference.init_seed is not None:
            twin = replace(twin, state=replace(self.seeded(moment, difference.init_seed).state, step=moment.step))
        batch_norm: bool | tuple[str, ...] | None = difference.batch_norm
        if not difference.given:
            batch_norm = not moment.state.structure.normalized
        changes: dict[str, Any] = {
            "learning_rate": difference.learning_rate,
            "batch_norm": batch_norm,
            "normalization": difference.normalization,
            "skips": difference.skips,
            "optimizer": difference.optimizer,
            "weight_decay": difference.weight_decay,
        }
        named = {name: value for name, value in changes.items() if value is not None}
        return self._with_settings(twin, Set(**named)) if named else twin

    def seeded(self, moment: Moment, seed: int) -> Moment:
        """The start with the moment's settings and first weights of that seed."""
        parameters = initial_parameters(self._scenario, self.architecture, seed)
        fresh = start(self.architecture, parameters, self.network(moment).kinds, moment.optimizer)
        return replace(moment, state=with_skips(fresh, moment.state.structure.skips))

    def _with_settings(self, moment: Moment, values: Set) -> Moment:
        moment = replace(
            moment,
            learning_rate=moment.learning_rate if values.learning_rate is None else values.learning_rate,
            mode=moment.mode if values.mode is None else values.mode,
            switching=moment.switching if values.switching is None else values.switching,
            rates_by_name=self._with_rates(moment, values.learning_rates or {}),
        )
        moment = self._with_optimizer(moment, values)
        if isinstance(values.normalization, str) and values.normalization != "none":
            moment = replace(moment, kind=NORMALIZATIONS[values.normalization])
        wanted = self._wanted_kinds(moment, values)
        if wanted is not None:
            inputs, _ = self.batch(moment)
            state = switch(self.architecture, moment.state, wanted, inputs, moment.switching, moment.mode)
            moment = replace(moment, state=state)
        if values.skips is not None:
            if not self.architecture.forked:
                raise Refusal(NO_SKIPS)
            moment = replace(moment, state=with_skips(moment.state, values.skips))
        if values.weights is not None:
            moment = replace(moment, state=self._rewritten(moment, values.weights))
        self._require_statistics(moment)
        return moment

    def _with_rates(self, moment: Moment, wanted: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        """The rates by pattern with those that are wanted last, where they hold; what a pattern said before is forgotten."""
        for _, message in rate_mistakes(wanted, self.architecture, ()):
            raise Refusal(message)
        kept = tuple(pair for pair in moment.rates_by_name if pair[0] not in wanted)
        return (*kept, *((pattern, float(rate)) for pattern, rate in wanted.items()))

    def _with_optimizer(self, moment: Moment, values: Set) -> Moment:
        """Another optimizer, which remembers nothing yet, or other settings of the one at hand."""
        optimizer, state = moment.optimizer, moment.state
        decay = optimizer.decay if values.weight_decay is None else replace(optimizer.decay, value=values.weight_decay)
        if values.optimizer not in (None, optimizer.name):
            optimizer = self._scenario.training.optimizer_named(values.optimizer, decay)
            state = replace(state, memory=nothing_remembered(optimizer, state.theta))
        if values.momentum is not None:
            if not isinstance(optimizer, Sgd):
                raise Refusal(f"{optimizer.name} has no momentum; it has {' and '.join(optimizer.settings)}, set in the scenario")
            optimizer = replace(optimizer, momentum=values.momentum)
        return replace(moment, optimizer=replace(optimizer, decay=decay), state=state)

    def _wanted_kinds(self, moment: Moment, values: Set) -> dict[str, Normalization] | None:
        """Which layers are to be normalized and in which kind; None where nothing is said of it."""
        now = self.network(moment).kinds
        if values.batch_norm is not None:
            wanted = values.batch_norm
            if isinstance(wanted, bool):
                wanted = self.architecture.switchable if wanted else ()
            return {name: now.get(name) or self.kind_of(moment, name) for name in wanted}
        if values.normalization is None:
            return None
        if values.normalization == "none":
            return {}
        if isinstance(values.normalization, str):
            return dict.fromkeys(now or self.architecture.switchable, NORMALIZATIONS[values.normalization])
        for name in values.normalization:
            self.layer(name)
        return {name: NORMALIZATIONS[kind] for name, kind in values.normalization.items()}

    def kinds_on(self, moment: Moment) -> dict[str, Normalization]:
        """The normalized layers, or where there are none all that can be switched, each in its kind."""
        now = self.network(moment).kinds
        return now or {name: self.kind_of(moment, name) for name in self.architecture.switchable}

    def kind_of(self, moment: Moment, name: str) -> Normalization:
        """In which kind a layer is normalized when it is switched on. Raises Refusal where there is no such layer."""
        return moment.kind or self.layer(name).normalization.kind

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises Refusal where there is none."""
        try:
            return self.architecture.layer(name)
        except KeyError:
            names = ", ".join(layer.name for layer in self.architecture.layers)
            raise Refusal(f"there is no layer '{name}'; the layers are {names}") from None

    def _rewritten(self, moment: Moment, weights: Mapping[str, object]) -> State:
        views = self.network(moment).layout.views(moment.state.theta)
        arrays: dict[Name, Array] = {}
        for text, value in weights.items():
            name = Name.read(text)
            if name not in views:
                raise Refusal(f"there is no parameter '{name}' now; there are {', '.join(views)}")
            try:
                place = self.architecture.position(name.layer)
                drawn = value.values(views[name].shape, moment.step, place) if isinstance(value, Drawn) else value
                arrays[name] = np.asarray(drawn, dtype=np.float64).reshape(views[name].shape)
            except ValueError as error:
                rows, columns = views[name].shape
                raise Refusal(f"{name} has {rows} × {columns} numbers") from error
        return rewritten(self.architecture, moment.state, arrays)

    def _scaled(self, moment: Moment, scale: ScaleWeights) -> Moment:
        name = Name(self.layer(scale.layer).name, WEIGHT)
        views = self.network(moment).layout.views(moment.state.theta)
        with np.errstate(all="ignore"):
            return replace(moment, state=rewritten(self.architecture, moment.state, {name: views[name] * scale.by}))

    def _require_statistics(self, moment: Moment) -> None:
        """Refuse settings under which the next update could not be computed."""
        if sentence := self.network(moment).too_few(self.batches.samples, moment.mode):
            raise Refusal(sentence)


def _without_difference(action: Changing, twin: Moment) -> Changing | None:
    """The action less what its twin differs in; None where nothing is left of it."""
    difference = twin.difference
    if isinstance(action, ScaleWeights) or difference is None:
        return action
    own = set(difference.given) or {"batch_norm"}
    if own & NORMALIZED_BY:  # either form of what the two differ in
        own |= NORMALIZED_BY
    if "optimizer" in own:
        own.add("momentum")  # which the other one may not have
    shared = {name: getattr(action, name) for name in action.given if name not in own}
    return Set(**shared) if shared else None
