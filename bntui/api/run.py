"""A network under descent as a script or a notebook has it: acted on, measured, read out as arrays, shown."""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import numpy as np

from bntui.api.rates import RateSweep
from bntui.api.values import NoPlaceError, plain
from bntui.maths.chain import Factor
from bntui.maths.descent import outputs_beside
from bntui.maths.numeric import Array
from bntui.maths.sizes import layer_outputs
from bntui.scenario.model.actions import Shown, parse_action
from bntui.scenario.model.vocabulary import WORDS, chosen, unknown_quantity
from bntui.scenario.text.wording import listing, shown, suggestion
from bntui.session.look.quantities import Value, measure
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.trace.trace_lines import words
from bntui.views.drawing import svg
from bntui.views.screen.frame import frame_detail, frame_lines
from bntui.views.text.lines import Lines, text_of

ARRAYS = Detail(arrays=True)


class NoSuchNameError(Refusal, KeyError):
    """A name that stands for nothing here; the message is a sentence."""

    def __str__(self) -> str:
        """The sentence as it is: of a KeyError Python shows it in quotes."""
        return str(self.args[0])


class Run:
    """A network under descent, at some step; every method that acts returns the run itself.

    It may be copied and pickled: what was done in it goes with it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        """The title, the step and J."""
        return f"<bntui.Run {self._session.loaded.scenario.title!r} at step {self.step_number}, J {self['loss']:.4g}>"

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self._session.loaded.scenario.title

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers, from the input."""
        return tuple(layer.name for layer in self._session.experiment.architecture.layers)

    @property
    def step_number(self) -> int:
        """How many updates have been made."""
        return self._session.history.step

    def copy(self) -> Run:
        """A run of its own that stands where this one does: what is done in one leaves the other as it is."""
        loaded = self._session.loaded  # never changes
        return Run(copy.deepcopy(self._session, {id(loaded): loaded}))

    __copy__ = copy

    def do(self, *actions: Mapping[str, Any]) -> Run:
        """Take actions as a lesson writes them, as {"scale": {"layer": "b", "by": 10}}; arrays may stand for lists.

        Raises Refusal where one is none, or cannot be taken now; those before it have been taken.
        """
        for action in actions:
            try:
                taken = parse_action(plain(action))
            except (NoPlaceError, ValueError) as error:
                raise Refusal(str(error)) from None
            self._session.do(taken)
        return self

    def step(self, count: int = 1) -> Run:
        """Take steps of descent. Raises Refusal where the run has diverged before the last of them."""
        return self.do({"step": count})

    def back(self, count: int = 1) -> Run:
        """Go back by steps."""
        return self.do({"back": count})

    def reset(self) -> Run:
        """Start the scenario anew."""
        return self.do({"reset": True})

    def set(self, **changes: object) -> Run:
        """Change what the action `set` changes, as batch_norm=True, learning_rate=0.1 or normalization="layer_norm"."""
        return self.do({"set": changes})

    def __getitem__(self, quantity: str) -> Any:  # who asks for J reckons with it, and knows that it is a number
        """A quantity now, as run["gradient.a.weight"]: a number, true or false, None where there is none.

        What a trace tells in words is there as well, as run["normalization"], the kind of every normalized layer. Raises Refusal,
        which is a KeyError too.
        """
        if not isinstance(quantity, str):
            raise NoSuchNameError(f"a quantity is named by a text, as 'loss'; found {shown(quantity)}")
        if quantity in WORDS:
            return words(self._session.observe())[quantity]
        wrong = unknown_quantity(quantity, self._session.experiment.architecture, self._held_out)
        if wrong is not None:
            raise NoSuchNameError(wrong)
        return measure(self._session, (quantity,))[quantity]

    def __contains__(self, quantity: object) -> bool:
        """Whether there is such a quantity."""
        known = isinstance(quantity, str) and quantity not in WORDS
        return known and not unknown_quantity(str(quantity), self._session.experiment.architecture, self._held_out)

    def __iter__(self) -> Iterator[str]:
        """The names of the quantities."""
        return iter(self._fitting(()))

    def quantities(self, *names: str) -> dict[str, Value]:
        """Quantities now, by name: those named, all of a family as "gain", all that fit as "gain.h*"; without a name every one.

        Raises Refusal, which is a KeyError too, where a name stands for none.
        """
        return measure(self._session, self._fitting(names))

    def trace(self, steps: int, *names: str, every: int = 1) -> dict[str, Array]:
        """Quantities now and after each of so many more steps, or after `every` so many and the last, as arrays (states,).

        NaN where a number does not exist. A run that diverges ends the trace early: the last entry is the state in which it has.
        Raises Refusal.
        """
        count, stride = _whole("steps", steps, 0), _whole("every", every, 1)
        wanted = self._fitting(names)
        rows = [measure(self._session, wanted)]
        for begun in range(0, count, stride):
            before = self.step_number
            try:
                self.step(min(stride, count - begun))
            except Refusal:
                if self.step_number == before:
                    break
            rows.append(measure(self._session, wanted))
        return {name: np.array([_number(row[name]) for row in rows]) for name in wanted}

    def chain(self, layer: str) -> tuple[Factor, ...]:
        """The factors of a layer's chain over the whole batch, from the cost to the layer's input.

        Raises Refusal, which is a KeyError too.
        """
        for chain in self._session.observe(whole_batch=True).chains:
            if chain.layer == layer:
                return chain.factors
        raise NoSuchNameError(f"there is no layer {shown(layer)}; there are {listing(self.layers)}{suggestion(layer, self.layers)}")

    @property
    def parameters(self) -> dict[str, Array]:
        """Every weight, bias, γ and β by name, as copies."""
        return {str(name): np.array(array) for name, array in self._session.observe(ARRAYS).parameters}

    @property
    def gradients(self) -> dict[str, Array]:
        """∂J/∂θ of every parameter by name on the batch that the next update will use, as copies."""
        return {str(name): np.array(array) for name, array in self._session.observe(ARRAYS).gradients}

    @property
    def data(self) -> tuple[Array, Array]:
        """All training data, inputs (M, n₀) and targets (M, n_L), as copies."""
        batches = self._session.experiment.batches
        return np.array(batches.inputs), np.array(batches.targets)

    @property
    def batch(self) -> tuple[Array, Array]:
        """The batch that the next update will use, inputs (m, n₀) and targets (m, n_L), as copies."""
        inputs, targets = self._session.experiment.batch(self._session.history.moment)
        return np.array(inputs), np.array(targets)

    @property
    def outputs(self) -> dict[str, Array]:
        """What each layer puts out on that batch, by its name, (m, n_l); the last one's is ŷ."""
        experiment, moment = self._session.experiment, self._session.history.moment
        inputs, _ = experiment.batch(moment)
        state = moment.state
        return layer_outputs(experiment.network(moment), state.theta, state.running, inputs, moment.mode)

    def predict(self, inputs: Any) -> Array:
        """ŷ of other inputs (k, n₀), (k, n_L): in training mode under the statistics of the batch at hand. Raises Refusal."""
        experiment, moment = self._session.experiment, self._session.history.moment
        units = experiment.architecture.inputs
        try:
            rows = np.asarray(inputs, dtype=np.float64)
        except (TypeError, ValueError):
            raise Refusal(f"inputs are rows of numbers, {units} in each") from None
        if rows.ndim != 2 or rows.shape[1] != units:
            raise Refusal(f"inputs are rows of numbers, {units} in each; found the shape {rows.shape}")
        state = moment.state
        evaluation = experiment.evaluate(moment)
        return np.array(outputs_beside(experiment.network(moment), state.theta, state.running, evaluation, rows, moment.mode))

    def sweep(
        self,
        over: str | Mapping[str, Sequence[Any]] | None = None,
        *,
        first: float | None = None,
        last: float | None = None,
        count: int | None = None,
        steps: int | None = None,
        seeds: int | None = None,
        group: str | None = None,
    ) -> RateSweep:
        """J at the end of runs at many learning rates, BN off and on, or `over` a path.

        As "normalization=none,batch_norm" or {"batch_size": [8, "full"]}. It is `bntui sweep`, on all cores; what is left out is
        the scenario's own. Raises Refusal.
        """
        situation = self._session.situation()
        for name, number in (("count", count), ("steps", steps), ("seeds", seeds)):
            if number is not None:
                _whole(name, number, 1)
        axis = over if over is None or isinstance(over, str) else _axis(over)
        plan = plan_for(situation, first=first, last=last, count=count, steps=steps, seeds=seeds, group=group, over=axis)
        return RateSweep.of(complete(sweep(situation, plan)))

    def show(self, columns: int = 80, rows: int = 24, view: Shown = "layers") -> str:
        """The screen as text, as `bntui show`. Raises Refusal where it has no room or there is no such view."""
        views = get_args(Shown)
        if view not in views:
            raise Refusal(f"there is no view {shown(view)} on a screen; there are {listing(views)}{suggestion(view, views)}")
        try:
            return text_of(self._screen(columns, rows, view))
        except ValueError as error:
            raise Refusal(str(error)) from None

    def _repr_html_(self) -> str:
        """The screen as a picture, for a notebook."""
        return svg.with_style(self._screen(100, 24, "layers"), f"{self.title}, step {self.step_number}")

    def _screen(self, columns: int, rows: int, view: Shown) -> Lines:
        experiment = self._session.experiment
        detail = frame_detail(experiment.architecture, columns, rows, view, experiment.scores_quickly)
        return frame_lines(self._session.observe_all(detail), columns, rows, view=view)

    @property
    def _held_out(self) -> bool:
        return self._session.experiment.held_out is not None

    def _fitting(self, names: Iterable[str]) -> tuple[str, ...]:
        try:
            return chosen(tuple(names) or ("*",), self._session.experiment.architecture, self._held_out)
        except KeyError as error:
            raise NoSuchNameError(error.args[0]) from None


def _whole(what: str, number: Any, least: int) -> int:
    """A whole number, numpy's too. Raises Refusal."""
    try:
        found = operator.index(number)
    except TypeError:
        found = least - 1
    if found < least:
        raise Refusal(f"{what}: found {shown(number)}; allowed: a whole number of {least} or more")
    return found


def _axis(over: Any) -> dict[str, tuple[Any, ...]]:
    """A mapping of a path to its values, numpy's too. Raises Refusal."""
    try:
        return {path: tuple(values) for path, values in plain(over).items()}
    except (NoPlaceError, AttributeError, TypeError):
        wanted = "a text as 'batch_size=8,full', or a mapping of a path to a list"
        raise Refusal(f"over: found {shown(over)}; allowed: {wanted}") from None


def _number(value: Value) -> float:
    return np.nan if value is None else float(value)
