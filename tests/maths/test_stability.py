"""The stable rate of every optimizer: below it a quadratic is descended, above it not, also with weight decay and with Adam's P."""

import numpy as np
import pytest
from maths.cases import about

from bntui.maths.curvature import critical_curvature
from bntui.maths.descent import decay_of, direction, preconditioner
from bntui.maths.kinds.optimizers import Adam, AdamW, Sgd
from bntui.maths.names import ByName, Name
from bntui.maths.network import Layout

SIZE = 6
LAYOUT = Layout(((Name("a", "weight"), (1, 4)), (Name("a", "bias"), (1, 2))))
DECAY = ByName(0.4, (("*.bias", 3.0),))
FROZEN = (0.9, 1 - 1e-15)  # v stands still, and so does P
DRAWN = np.random.default_rng(3)
ROOT = DRAWN.normal(size=(SIZE, SIZE))
HESSIAN = ROOT @ ROOT.T / 3 + np.eye(SIZE)  # in no direction so flat that four thousand steps leave it as it was
RELATIVE = DRAWN.uniform(0.2, 2.0, size=SIZE)  # the rates over η
MEMORY = (np.zeros(SIZE), DRAWN.uniform(0.1, 4.0, size=SIZE), np.full(SIZE, 1e17))

OPTIMIZERS = [
    *(Sgd(momentum, nesterov, decay) for momentum in (0.0, 0.9) for nesterov in (False, True) for decay in (ByName(0.0), DECAY)),
    *(kind((first, FROZEN[1]), 1e-3, decay) for kind in (Adam, AdamW) for first in (0.0, 0.5, 0.9) for decay in (ByName(0.0), DECAY)),
]


def stable_rate(optimizer) -> float:
    """What the meters compute, of J = ½θᵀHθ at θ = 0."""
    memory = MEMORY[: len(optimizer.remembers)]
    scale = preconditioner(optimizer, LAYOUT, np.zeros(SIZE), np.zeros(SIZE), memory)
    apart = optimizer.stable_rate(1.0) / 2 if optimizer.decoupled else None
    top = critical_curvature(lambda v: HESSIAN @ v, SIZE, RELATIVE, scale, decay_of(optimizer, LAYOUT), apart)
    assert top.converged
    return optimizer.stable_rate(top.value)


def growth(optimizer, rate, steps=4000) -> float:
    """By what θ has grown in that many updates from a random start, as its logarithm."""
    theta = 1e-12 * np.random.default_rng(0).normal(size=SIZE)  # so small that v does not feel its gradient
    memory = (np.zeros(SIZE), *MEMORY[1:])[: len(optimizer.remembers)]
    begin = np.abs(theta).max()
    for _ in range(steps):
        step, memory = direction(optimizer, LAYOUT, theta, HESSIAN @ theta, memory)
        theta = theta - rate * RELATIVE * step
        if not 1e-280 < np.abs(theta).max() < 1e-6:
            break
    return float(np.log(np.abs(theta).max() / begin))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_below_the_stable_rate_a_quadratic_is_descended_and_above_it_is_left(optimizer):
    limit = stable_rate(optimizer)
    assert growth(optimizer, 0.99 * limit) < -3
    assert growth(optimizer, 1.01 * limit) > 3


def test_with_one_rate_and_one_decay_the_decay_is_added_to_the_curvature():
    top = np.linalg.eigvalsh(HESSIAN)[-1]
    found = critical_curvature(lambda v: HESSIAN @ v, SIZE, 1.0, 1.0, 0.3, None)
    assert Sgd(0.5).stable_rate(found.value) == about(3 / (top + 0.3), rel=1e-7)


def test_of_adam_with_the_usual_betas_the_rate_times_the_preconditioned_curvature_is_38():
    assert Adam().stable_rate(2.0) == about(19.0)
    assert Adam().stable_formula == "38/λ_max(P⁻¹H)"
    assert Adam().stable_rate(-1.0) is None
