"""Gradient descent, one immutable state after another: θ ← θ − η∘d, with the optimizer's direction d and η per parameter.

Here is the one rule by which a single run and a batch of runs are updated.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Array, Mode
from bntui.maths.kinds.normalizations import VARIANCE
from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Memory, Optimizer
from bntui.maths.kinds.schedules import UNCHANGING, Schedule
from bntui.maths.names import BIAS, WEIGHT, ByName, Name
from bntui.maths.network import Evaluation, Layout, Network, Normalized, Structure, each_kind, network
from bntui.maths.normalizing import Normalize, Statistics
from bntui.maths.numeric import Truths
from bntui.records import dataclass

DIVERGED = 1e12  # a loss this many times its start has diverged


@dataclass(frozen=True, slots=True)
class Rates:
    """The learning rate η, the rates of parameters whose names match a pattern (the last match holds), and their schedule."""

    learning_rate: float
    by_name: tuple[tuple[str, float], ...] = ()
    schedule: Schedule = UNCHANGING

    def of(self, parameter: Name) -> float:
        """The rate of one parameter, before the schedule."""
        return ByName(self.learning_rate, self.by_name).of(parameter)

    def vector(self, layout: Layout) -> Array | float:
        """The rate of each number in θ, before the schedule: one for all, or a vector (P,)."""
        return _numbers(ByName(self.learning_rate, self.by_name), layout)

    def share(self, step: int) -> float:
        """The share of every rate that is in force at a step."""
        return self.schedule.share(step)


def _numbers(by_name: ByName, layout: Layout) -> Array | float:
    """A number for each of θ, by the names of the parameters: one for all, or a vector (P,)."""
    return _vector(by_name, layout) if by_name.by_name else by_name.value


@lru_cache(maxsize=64)
def _vector(numbers: ByName, layout: Layout) -> Array:
    return layout.flatten({name: np.full(shape, numbers.of(name)) for name, shape in layout.shapes})


def decay_of(optimizer: Optimizer, layout: Layout) -> Array | float:
    """λ, the weight decay of each number in θ: one for all, or a vector (P,)."""
    return _numbers(optimizer.decay, layout)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Everything that descent changes: θ, what the optimizer remembers, the running estimates, and what is normalized.

    The vectors are laid out by the network of `structure`, those of `memory` like θ; nothing may write to them.
    """

    step: int
    structure: Structure
    theta: Array
    memory: Memory
    running: Array

    def network(self, architecture: Architecture) -> Network:
        """The network that this state belongs to."""
        return network(architecture, self.structure)


@dataclass(frozen=True, slots=True)
class Descent:
    """How an update is made: the rates, the optimizer, and whether BN uses the batch or its running estimates."""

    rates: Rates
    optimizer: Optimizer = PLAIN_DESCENT
    mode: Mode = "train"


def start(
    architecture: Architecture,
    parameters: Mapping[Name, Array],
    normalized: Normalized = (),
    optimizer: Optimizer = PLAIN_DESCENT,
) -> State:
    """The state before the first update, from initial weights (…, n_l, n_{l−1}) and biases (…, n_l).

    Normalized layers begin with their kind's first values, as γ = 1, β = 0 and the running estimates 0 and 1; the kinds are the
    architecture's where `normalized` only names the layers.
    """
    biased = frozenset(layer.name for layer in architecture.layers if layer.bias)
    structure = Structure.of(architecture, each_kind(architecture, normalized), biased)
    built = network(architecture, structure)
    leading = next(iter(parameters.values())).shape[:-2]
    theta = np.empty((*leading, built.layout.size))
    running = np.empty((*leading, built.running_layout.size))
    for name, view in built.layout.views(theta).items():
        if name.part in (WEIGHT, BIAS):
            view[...] = parameters[name] if name.part == WEIGHT else parameters[name][..., np.newaxis, :]
        else:
            view[...] = dict(built.kinds[name.layer].parameters)[name.part]
    for name, view in built.running_layout.views(running).items():
        view[...] = dict(built.kinds[name.layer].running)[name.part]
    return State(0, structure, theta, nothing_remembered(optimizer, theta), running)


def nothing_remembered(optimizer: Optimizer, theta: Array) -> Memory:
    """The memory of an optimizer that has seen no gradient, for θ (…, P)."""
    return tuple(np.zeros_like(theta) for _ in optimizer.remembers)


def direction(
    optimizer: Optimizer, layout: Layout, theta: Array, gradient: Array, memory: Memory
) -> tuple[Array, Memory]:
    """d, the weight decay in it, and what is remembered after it; θ, gradient and memory (…, P)."""
    if optimizer.decay.is_zero:
        return optimizer.direction(gradient, memory)
    pull = decay_of(optimizer, layout) * theta
    if not optimizer.decoupled:
        return optimizer.direction(gradient + pull, memory)
    towards, memory = optimizer.direction(gradient, memory)
    return towards + pull, memory


def preconditioner(optimizer: Optimizer, layout: Layout, theta: Array, gradient: Array, memory: Memory) -> Array | float:
    """P, by which the next update divides each number's gradient; θ, gradient and memory (…, P)."""
    inside = not optimizer.decay.is_zero and not optimizer.decoupled
    return optimizer.preconditioner(gradient + decay_of(optimizer, layout) * theta if inside else gradient, memory)


def update(state: State, network: Network, evaluation: Evaluation, how: Descent) -> Array:
    """What the next update adds to θ: s = −η∘d."""
    with np.errstate(all="ignore"):
        step, _ = _step(state, network, evaluation, how)
        return -step


def descend(state: State, network: Network, evaluation: Evaluation, how: Descent) -> State:
    """The state after one update along the evaluation's gradient."""
    with np.errstate(all="ignore"):
        theta, memory = _step(state, network, evaluation, how)
        np.subtract(state.theta, theta, theta)
        running = _updated_estimates(state, network, evaluation) if how.mode == "train" else state.running
    return State(state.step + 1, state.structure, theta, memory, running)


def _step(state: State, network: Network, evaluation: Evaluation, how: Descent) -> tuple[Array, Memory]:
    """η∘d, and what is remembered after it."""
    towards, memory = direction(how.optimizer, network.layout, state.theta, evaluation.gradient, state.memory)
    return how.rates.vector(network.layout) * how.rates.share(state.step) * towards, memory


def diverged(loss: Array, gradient: Array, starting_loss: Array) -> Truths:
    """Whether J or a gradient is not finite, or J has grown beyond 1e12 times its start."""
    with np.errstate(all="ignore"):
        beyond = (starting_loss > 0) & (loss > DIVERGED * starting_loss)
        finite = np.isfinite(np.add.reduce(gradient, axis=-1))
        if not finite.all():  # or the sum alone has overflowed
            finite = np.isfinite(gradient).all(axis=-1)
    return ~np.isfinite(loss) | beyond | ~finite


def statistics(network: Network, evaluation: Evaluation) -> dict[str, Statistics]:
    """What each layer whose signal is normalized kept of the batch, by layer name."""
    pairs = zip(network.stages, evaluation.forward.kept, strict=True)
    return {stage.layer: kept[0] for stage, kept in pairs if isinstance(stage, Normalize)}


def _updated_estimates(state: State, network: Network, evaluation: Evaluation) -> Array:
    """(1 − momentum)·estimates + momentum·observed, with the unbiased variance."""
    if not network.running_layout.names:
        return state.running
    old, new = _estimate_weights(network, evaluation.forward.outputs.shape[-2])
    return old * state.running + new * batch_estimates(network, evaluation)


def batch_estimates(network: Network, evaluation: Evaluation) -> Array:
    """The statistics of a batch alone, where the running estimates stand, (…, R): the biased variance among them."""
    kept = evaluation.forward.kept
    seen = [kept[place][0][statistic] for place, statistic in network.estimates]
    return np.concatenate(seen, axis=-1)[..., 0, :] if seen else evaluation.gradient[..., :0]


def outputs_beside(
    network: Network, theta: Array, running: Array, evaluation: Evaluation, inputs: Array, mode: Mode
) -> Array:
    """ŷ of inputs (k, n₀) that enter no statistics, (k, n_L): in training those of the batch that was evaluated are in force.

    Every row stands by itself, whatever the others are; where the rows are those of that batch, ŷ is the batch's but for rounding.
    """
    estimates = batch_estimates(network, evaluation) if mode == "train" else running
    with np.errstate(all="ignore"):
        return network.forward(theta, estimates, inputs, "eval").outputs


@lru_cache(maxsize=64)
def _estimate_weights(network: Network, samples: int) -> tuple[Array, Array]:
    """What the running estimates and the batch's biased statistics are multiplied by."""
    settings = {layer.name: layer.normalization.momentum for layer in network.architecture.layers}
    old, new = {}, {}
    for name, shape in network.running_layout.shapes:
        share = settings[name.layer]
        old[name] = np.full(shape, 1 - share)
        new[name] = np.full(shape, share * (unbiased(samples) if name.part == VARIANCE else 1.0))
    return network.running_layout.flatten(old), network.running_layout.flatten(new)


def unbiased(samples: int) -> float:
    """What makes of a batch's biased variance the unbiased one."""
    return samples / (samples - 1)
