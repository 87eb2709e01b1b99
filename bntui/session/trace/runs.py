"""Runs of a scenario from first weights of several seeds, side by side; nothing of their past is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import numpy as np

from bntui.maths import memory
from bntui.maths.arrays import Array
from bntui.maths.descent import State, descend, diverged
from bntui.maths.network import Evaluation
from bntui.maths.numeric import Indices, Truths
from bntui.maths.sweep import chosen, runs_at_once, spare, stacked
from bntui.records import dataclass
from bntui.scenario.data.building import initial_parameters
from bntui.scenario.reading.loading import Loaded
from bntui.session.look.observing import observe_apart
from bntui.session.look.quantities import Value, needed, values
from bntui.session.look.reckoning import require
from bntui.session.look.standing import Focus, Standing
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

NONE_DRAWN = "--seeds: every weight of this scenario is written in it, so all runs would be the same; leave --seeds out"
EVALUATIONS = 2  # that a run keeps: where it stands, and where it stood before, for the orders of the step between
TAPED = 2  # how often the arrays of an evaluation are there, with its tape and the room that its norms are taken in
OF_CALLS = 200_000  # bytes: the calls that are noted on tapes, the chains and what else of a run is no array
TOGETHER = ("step", "loss", "accuracy", "diverged")  # what is told of runs that are computed as one batch


class Runs(Protocol):
    """Runs that take their steps together, each until it diverges."""

    def go_to(self, step: int) -> None:
        """Descend to a step; what has diverged, or does on the way, stays there."""

    def values(self, names: Sequence[str]) -> list[dict[str, Value]]:
        """The values of quantities in each run, now or where it has diverged."""


def runs_of(loaded: Loaded, count: int, names: Iterable[str]) -> Runs:
    """Runs of which these quantities will be asked, of so many seeds of the first weights, from the scenario's own on.

    The data and its batches are the same in all of them. Raises Refusal where no weight is drawn, and where there is no room.
    """
    init = loaded.scenario.network.init
    if init.scheme == "constant" or all(layer.weight is not None for layer in loaded.scenario.network.layers):
        raise Refusal(NONE_DRAWN)
    own, problem = Session(loaded), loaded.problem
    require(problem.numbers * memory.NUMBER + count * bytes_of_run(own), f"{count} runs side by side")
    seeds = range(init.seed, init.seed + count)
    if set(names) <= set(TOGETHER):
        return Batch(own.experiment, seeds)
    return Apart(loaded, seeds, replace(own.stand(), focus=Focus(own.focus.layer)))


def bytes_of_run(session: Session) -> int:
    """What a run with an experiment of its own takes beside the data."""
    experiment, optimizer = session.experiment, session.history.moment.optimizer
    kept = min(EVALUATIONS, experiment.evaluations_kept) * TAPED
    return OF_CALLS + kept * memory.training(experiment.architecture, experiment.batches.samples, 0, memory.vectors_of(optimizer))


class Apart:
    """Runs of which anything may be asked, each with an experiment of its own."""

    def __init__(self, loaded: Loaded, seeds: Iterable[int], standing: Standing) -> None:
        self._standing = standing
        self._experiments = [_seeded(loaded, seed) for seed in seeds]
        self.moments = [experiment.start for experiment in self._experiments]
        self._before: list[Moment | None] = [None] * len(self.moments)

    def go_to(self, step: int) -> None:
        """Descend to a step; what has diverged, or does on the way, stays there."""
        for run, experiment in enumerate(self._experiments):
            with suppress(Refusal):
                while (moment := self.moments[run]).step < step:
                    self.moments[run], self._before[run] = experiment.updated(moment), moment

    def values(self, names: Sequence[str]) -> list[dict[str, Value]]:
        """The values of quantities in each run, now or where it has diverged."""
        detail, standing = needed(names), self._standing
        together = zip(self._experiments, self.moments, self._before, strict=True)
        return [values(names, observe_apart(*run, standing, detail)) for run in together]


def _seeded(loaded: Loaded, seed: int) -> Experiment:
    """The experiment of a scenario with another seed of its first weights."""
    scenario, problem = loaded.scenario, loaded.problem
    network = scenario.network.changed(init=scenario.network.init.changed(seed=seed))
    drawn = replace(problem, parameters=initial_parameters(scenario, problem.architecture, seed))
    experiment = Experiment(scenario.changed(network=network), drawn)
    experiment.evaluations_kept = min(EVALUATIONS, experiment.evaluations_kept)
    return experiment


@dataclass(slots=True)
class _Part:
    """Some runs of a batch: which they are, their states as one, and their evaluation on the batch of the next update."""

    runs: Indices
    state: State
    evaluation: Evaluation
    starting_loss: Array
    ended: Truths


class Batch:
    """Runs of which J and accuracy alone are asked: one computation for as many of them as are computed at once.

    Their numbers are bit by bit those that each has alone; a run that diverges leaves the batch.
    """

    def __init__(self, experiment: Experiment, seeds: Sequence[int]) -> None:
        begin, count = experiment.start, len(seeds)
        self._experiment, self._how = experiment, experiment.descent(begin)
        self._network = experiment.network(begin)
        self.step = np.zeros(count, dtype=np.intp)
        self._loss, self._accuracy = np.full((2, count), np.nan)
        self._diverged = np.zeros(count, dtype=bool)
        at_once = runs_at_once(experiment.architecture, experiment.batches.samples)
        self.parts = [
            self._arrived(np.arange(at, min(at + at_once, count)), stacked([each.state for each in moments]))
            for at in range(0, count, at_once)
            if (moments := [experiment.seeded(begin, seed) for seed in seeds[at : at + at_once]])
        ]

    def _arrived(self, runs: Indices, state: State, before: _Part | None = None) -> _Part:
        """Evaluate some runs at their step, over the arrays of the step before, and note what is asked of them."""
        inputs, targets = self._experiment.batches.at(state.step)
        over = None if before is None else spare(before.evaluation, len(runs))
        evaluation = self._network.evaluate(state.theta, state.running, inputs, targets, self._how.mode, over)
        begun = evaluation.loss if before is None else before.starting_loss[~before.ended]
        with np.errstate(all="ignore"):
            ended = diverged(evaluation.loss, evaluation.gradient, begun)
            right = self._network.accuracy_of(evaluation.forward, targets)
        self.step[runs], self._loss[runs], self._diverged[runs] = state.step, evaluation.loss, ended
        if right is not None:
            self._accuracy[runs] = right
        return _Part(runs, state, evaluation, begun, ended)

    def go_to(self, step: int) -> None:
        """Descend to a step; what has diverged, or does on the way, stays there."""
        for number, part in enumerate(self.parts):
            at = part
            while at.state.step < step and not at.ended.all():
                going = np.flatnonzero(~at.ended)
                after = descend(at.state, self._network, at.evaluation, self._how)
                at = self._arrived(at.runs[going], chosen(after, going), at)
            self.parts[number] = at

    def values(self, names: Sequence[str]) -> list[dict[str, Value]]:
        """The values of quantities in each run, now or where it has diverged."""
        known = self._experiment.architecture.cost.accuracy is not None
        told = {"step": self.step, "loss": self._loss, "accuracy": self._accuracy, "diverged": self._diverged}
        rows = zip(*(told[name].tolist() for name in names), strict=True)
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return found if known else [row | dict.fromkeys({"accuracy"} & set(names)) for row in found]
