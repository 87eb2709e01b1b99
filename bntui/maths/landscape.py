"""The cost along the gradient: what a step of any size would do, and what first and second order promise of it.

Also the three measures of Santurkar et al. 2018, §3, over step sizes from half to four times the learning rate: the range
of J along the gradient, how far the gradient changes there, and the effective smoothness, that change over the distance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.curvature import curvature
from bntui.maths.objective import Objective
from bntui.records import dataclass

POINTS = 161
LEAST, MOST = 0.5, 4.0  # the step sizes of the measures, in learning rates
MEASURED = 8  # step sizes between them
AT_ONCE = 16  # step sizes whose J is computed side by side
BEYOND = 4.0
APART = 1e4  # a chart that spans more shows neither end well


@dataclass(frozen=True, slots=True, eq=False)
class Ray:
    """J(θ − t·Dg) over the step sizes t, D the relative rates, g the gradient; and the two predictions of it.

    `slope` and `bend` are dJ/dt and d²J/dt² at 0; `stable` is 2/λ_max, None where no eigenvalue is positive and
    where the gradient leaves μ and σ out.
    """

    sizes: Array
    loss: Array
    first: Array
    second: Array
    start: float
    slope: float
    bend: float
    stable: float | None

    @property
    def lowest(self) -> int | None:
        """The place of the step size at which J is least; None where no step lowers it."""
        if self.slope == 0 or not (self.loss <= self.start).any():
            return None
        return int(np.argmin(np.where(np.isfinite(self.loss), self.loss, np.inf)))

    @property
    def rising(self) -> int | None:
        """The place of the step size, beyond the lowest, from which on J is above its start; None where it is not."""
        above = np.flatnonzero(~(self.loss <= self.start))
        beyond = [] if self.lowest is None else above[above > self.lowest].tolist()
        return beyond[0] if beyond else None


@dataclass(frozen=True, slots=True)
class Measures:
    """Santurkar's measures at one state: max J − min J, the largest change of the gradient, and that over its distance."""

    loss_range: float
    gradient_change: float
    smoothness: float


def step_sizes(rate: float, stable: float | None, count: int = POINTS) -> Array:
    """Step sizes on a log axis around the learning rate and 2/λ, to four times the larger of them.

    Where the two are too far apart for one axis they are around 2/λ alone: there the landscape has its shape.
    """
    marks = [rate] if stable is None or not np.isfinite(stable) else [rate, stable]
    if stable is not None and max(marks) > APART * min(marks):
        marks = [stable]
    low = max(min(marks) / 30, np.finfo(np.float64).tiny)
    return np.geomspace(low, max(BEYOND * max(marks), 10 * low), count)


def along_gradient(objective: Objective, theta: Array, rate: float, relative: Array | float, at_once: int = AT_ONCE) -> Ray:
    """J along the gradient at θ (P,), where every parameter moves by t times its relative rate."""
    evaluation = objective.evaluate(theta)
    product = objective.hessian(theta, evaluation)
    with np.errstate(all="ignore"):
        direction = -np.asarray(relative * evaluation.gradient)
        left_out = objective.network.leaves_out(objective.mode)
        largest = -np.inf if left_out else curvature(product, theta.size, relative).value
        stable = 2 / largest if largest > 0 else None
        sizes = step_sizes(rate, stable)
        found = [
            objective.loss(theta + part[:, np.newaxis] * direction)
            for part in np.array_split(sizes, -(-len(sizes) // at_once))
        ]
        slope = float(np.dot(evaluation.gradient, direction))
        bend = float(np.dot(direction, product(direction)))
        start = float(evaluation.loss)
        first = start + sizes * slope
        return Ray(sizes, np.concatenate(found), first, first + sizes**2 * bend / 2, start, slope, bend, stable)


def measures(objective: Objective, theta: Array, rate: float, relative: Array | float) -> Measures:
    """The three measures at θ (P,), with steps from half to four times the learning rate along the gradient."""
    with np.errstate(all="ignore"):
        gradient = objective.evaluate(theta).gradient
        direction = -np.asarray(relative * gradient)
        sizes = rate * np.linspace(LEAST, MOST, MEASURED)
        there = objective.evaluate(theta + sizes[:, np.newaxis] * direction)
        losses = there.loss
        changes = np.sqrt(np.square(there.gradient - gradient).sum(axis=-1))
        distances = sizes * np.sqrt(np.square(direction).sum())
        smoothness = np.divide(changes, distances, out=np.zeros_like(changes), where=distances != 0)
        return Measures(_finite(losses.max() - losses.min()), _finite(changes.max()), _finite(smoothness.max()))


def _finite(value: float) -> float:
    """NaN, where a number has overflowed, counts as infinite."""
    return float("inf") if np.isnan(value) else float(value)


def middle_and_worst(values: Sequence[Measures]) -> tuple[Measures, Measures]:
    """The median and the largest of each measure."""
    table = np.array([(one.loss_range, one.gradient_change, one.smoothness) for one in values])
    with np.errstate(all="ignore"):
        middle, worst = np.median(table, axis=0), table.max(axis=0)
    return Measures(*map(_finite, middle)), Measures(*map(_finite, worst))
