"""What a step did, taken apart: first order, second order, the rest, and the actual change of J.

θ′ = θ + s with s = −η∘v; gradient and Hessian on the batch of that step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bntui.maths.chain import norm
from bntui.maths.stages import Array

Gradient = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Orders:
    """The parts of one step's ΔJ; they sum to `actual`."""

    first: float
    second: float
    rest: float
    actual: float


def hessian_product(gradient: Gradient, theta: Array, direction: Array) -> Array:
    """H·direction by a central difference of the gradient, with a step of length 1e-6·(1 + ‖θ‖).

    The direction itself as the difference would be up to 100 % wrong where a step is long.
    """
    length = norm(direction)
    if length == 0 or not np.isfinite(length):
        return np.zeros_like(direction) if length == 0 else np.full_like(direction, np.nan)
    reach = 1e-6 * (1 + norm(theta)) / length
    offset = reach * direction
    return (gradient(theta + offset) - gradient(theta - offset)) / (2 * reach)


def orders(
    theta: Array, step: Array, loss_before: float, loss_after: float, gradient_before: Array, gradient: Gradient
) -> Orders:
    """Take ΔJ of the step θ → θ + s apart: gᵀs, ½ sᵀHs, and what is left."""
    with np.errstate(all="ignore"):
        first = float(np.dot(gradient_before, step))
        second = float(np.dot(step, hessian_product(gradient, theta, step))) / 2
        actual = loss_after - loss_before
        return Orders(first, second, actual - first - second, actual)


def closed_form_orders(weights: Array, steps: Array, scale: float) -> Array:
    """The orders 1, 2, … of the change of ŷ = scale·∏w when every w moves by its step [Deep Learning §8.7.1].

    The change of order k is the coefficient of tᵏ in scale·∏(w + t·s), which holds where a weight is 0 too.
    """
    polynomial = np.ones(1)
    for weight, step in zip(weights, steps, strict=True):
        polynomial = np.convolve(polynomial, np.array([weight, step]))
    return scale * polynomial[1:]
