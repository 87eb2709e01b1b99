"""What a step did, taken apart: first order, second order, the rest, and the actual change of J.

θ′ = θ + s; gradient and Hessian on the batch of that step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.network import Evaluation, Forward, Network
from bntui.maths.objective import Objective
from bntui.maths.stages import Nonlinearity
from bntui.records import dataclass


class Kinks(NamedTuple):
    """How many slopes of (leaky) ReLUs a step has switched: of how many slopes, on how many samples, in how many units.

    Where there are any J is no smooth function between the two ends of the step, and orders beyond the first say little.
    """

    crossed: int
    slopes: int
    samples: int
    units: int


@dataclass(frozen=True, slots=True)
class Orders:
    """The parts of one step's ΔJ; `first`, `second` and `rest` sum to `actual`."""

    first: float
    second: float
    rest: float
    actual: float
    kinks: Kinks


def orders(
    objective: Objective, theta: Array, step: Array, evaluation: Evaluation | None = None, arrived: Forward | None = None
) -> Orders:
    """Take ΔJ of the step θ → θ + s, both (P,), apart: gᵀs, ½ sᵀHs, and what is left.

    `evaluation` is that at θ and `arrived` the forward pass at θ + s, where they have been made.
    """
    before = objective.evaluate(theta) if evaluation is None else evaluation
    after = objective.forward(theta + step) if arrived is None else arrived
    with np.errstate(all="ignore"):
        first = float(np.dot(before.gradient, step))
        second = float(np.dot(step, objective.hessian(theta, before)(step))) / 2
        actual = float(objective.network.loss_of(after, objective.targets) - before.loss)
        return Orders(first, second, actual - first - second, actual, crossed(objective.network, before.forward, after))


def crossed(network: Network, before: Forward, after: Forward) -> Kinks:
    """The kinks between two forward passes of one network on the same batch."""
    crossings = [
        stage.slopes(one) != stage.slopes(other)
        for stage, one, other in zip(network.stages, before.kept, after.kept, strict=True)
        if isinstance(stage, Nonlinearity) and stage.kind.bend is None
    ]
    if not crossings:
        return Kinks(0, 0, 0, 0)
    table = np.concatenate(crossings, axis=-1)
    return Kinks(int(table.sum()), table.size, int(table.any(axis=-1).sum()), int(table.any(axis=-2).sum()))


def closed_form_orders(weights: Array, steps: Array, scale: float) -> Array:
    """The orders 1, 2, … of the change of ŷ = scale·∏w when every w moves by its step [Deep Learning §8.7.1].

    The change of order k is the coefficient of tᵏ in scale·∏(w + t·s), which holds where a weight is 0 too.
    """
    polynomial = np.ones(1)
    for weight, step in zip(weights, steps, strict=True):
        polynomial = np.convolve(polynomial, np.array([weight, step]))
    return scale * polynomial[1:]
