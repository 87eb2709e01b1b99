"""Networks for experiments, one for each seed, and what comes of descending them at many rates side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.arrays import Array
from bntui.maths.batches import Batches
from bntui.maths.descent import Rates, State, start
from bntui.maths.kinds.activations import RELU, Activation
from bntui.maths.kinds.normalizations import BATCH_NORM, Normalization
from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Optimizer
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.maths.sweep import NEVER, descents, rate_rows, runs_at_once, side_by_side
from bntui.maths.switching import switch

HEAD = "head"
HE, XAVIER = 2.0, 1.0  # the weights' variance times n_in at gain 1
BAD, GOOD = 4 * XAVIER, HE  # the bad start of MATHS.md has Xavier's gain 2

LOOKED_AT = 6  # rates side by side in the search for the largest


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A network with its first weights and its data: inputs (m, n₀) and targets (m, 1)."""

    architecture: Architecture
    state: State
    inputs: Array
    targets: Array

    @property
    def best_constant(self) -> float | Array:
        """The cost of the best constant output, one for each run where there are many."""
        leading = self.targets.shape[:-2]
        costs = [self.architecture.cost.best_constant(each) for each in self.targets.reshape(-1, *self.targets.shape[-2:])]
        return np.array(costs) if leading else costs[0]


@dataclass(frozen=True, slots=True)
class Design:
    """Hidden layers of one width and a linear head; x ~ N(0,1), y = sin 2x₁, half_mse, m samples, biases 0.

    `variance` is the weights' times n_in. `hidden` and `head` say which layers are normalized, by `kind`, None for none at all.
    With `preserved` the normalization is brought in so that it moves no output at the start; with `folded` it is there for the
    start alone, and folded into weights and biases before the first step.
    """

    depth: int = 8
    width: int = 16
    inputs: int = 1
    samples: int = 64
    variance: float = GOOD
    activation: Activation = RELU
    kind: Normalization | None = BATCH_NORM
    affine: bool = True
    hidden: bool = True
    head: bool = False
    epsilon: float = 1e-5
    preserved: bool = False
    folded: bool = False

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the hidden layers."""
        return tuple(f"h{place}" for place in range(1, self.depth + 1))

    @property
    def normalized(self) -> tuple[str, ...]:
        """The names of the normalized layers."""
        if self.kind is None:
            return ()
        return (*(self.layers if self.hidden else ()), *((HEAD,) if self.head else ()))

    def problem(self, seed: int) -> Problem:
        """The network and the data of a seed; designs that differ in normalization alone have the same weights and data."""
        settings = NormalizationSettings(kind=self.kind or BATCH_NORM, epsilon=self.epsilon, affine=self.affine)
        hidden = (Layer(name, self.width, self.activation, normalization=settings) for name in self.layers)
        architecture = Architecture(self.inputs, (*hidden, Layer(HEAD, 1, normalization=settings)))
        random = np.random.default_rng(seed)
        x = random.normal(size=(self.samples, self.inputs))
        weights = first_weights(architecture, self.variance, random)
        state = start(architecture, weights, () if self.preserved else self.normalized)
        if self.preserved or self.folded:
            state = switch(architecture, state, frozenset(self.normalized if self.preserved else ()), x, "preserve")
        return Problem(architecture, state, x, np.sin(2 * x[:, :1]))


def first_weights(architecture: Architecture, variance: float, random: np.random.Generator) -> dict[Name, Array]:
    """Weights ~ N(0, variance/n_in) and biases of 0."""
    parameters: dict[Name, Array] = {}
    incoming = architecture.inputs
    for layer in architecture.layers:
        parameters[Name(layer.name, WEIGHT)] = random.normal(size=(layer.units, incoming)) * np.sqrt(variance / incoming)
        parameters[Name(layer.name, BIAS)] = np.zeros(layer.units)
        incoming = layer.units
    return parameters


def together(design: Design, seeds: int) -> Problem:
    """The problems of all seeds side by side, a leading axis for the seed in every array."""
    made = [design.problem(seed) for seed in range(seeds)]
    states = [problem.state for problem in made]
    state = replace(
        states[0],
        theta=np.stack([one.theta for one in states]),
        memory=tuple(np.stack(parts) for parts in zip(*(one.memory for one in states), strict=True)),
        running=np.stack([one.running for one in states]),
    )
    inputs, targets = (np.stack([getattr(problem, name) for problem in made]) for name in ("inputs", "targets"))
    return Problem(made[0].architecture, state, inputs, targets)


def ends(problem: Problem, rates: Sequence[Rates], steps: int, optimizer: Optimizer = PLAIN_DESCENT) -> Array:
    """J after so many steps at each of these rates, inf where the run diverged."""
    batches = Batches(problem.inputs, problem.targets)
    rows = rate_rows(rates, problem.state.network(problem.architecture).layout)
    at_once = runs_at_once(problem.architecture, problem.inputs.shape[0])
    found = []
    for first in range(0, len(rows), at_once):
        part = rows[first : first + at_once]
        running = descents(problem.architecture, side_by_side(problem.state, len(part)), part, batches, steps, optimizer)
        while True:
            try:
                next(running)
            except StopIteration as stopped:
                found.append(np.where(stopped.value.diverged_at == NEVER, stopped.value.loss, np.inf))
                break
    return np.concatenate(found)


def ladder(first: float, last: float, to_the_decade: int = 4) -> list[float]:
    """Rates from `first` to about `last`, so many to each power of ten."""
    count = round(np.log10(last / first) * to_the_decade) + 1
    return [first * 10 ** (place / to_the_decade) for place in range(count)]


def largest_rate(problem: Problem, rates: Sequence[float], steps: int = 300) -> float:
    """The largest of these growing rates at which J ends below half the best constant's cost; 0 where none does.

    It is looked for from above, a few rates side by side: what is below the largest need not be run.
    """
    for last in range(len(rates), 0, -LOOKED_AT):
        part = rates[max(0, last - LOOKED_AT) : last]
        trained = ends(problem, [Rates(rate) for rate in part], steps) < problem.best_constant / 2
        if trained.any():
            return max(rate for rate, good in zip(part, trained, strict=True) if good)
    return 0.0


def largest_rates(design: Design, rates: Sequence[float], seeds: int, steps: int = 300) -> Array:
    """The largest rate that trains, for each seed."""
    return np.array([largest_rate(design.problem(seed), rates, steps) for seed in range(seeds)])
