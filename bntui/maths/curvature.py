"""Curvature along the directions that descent can take, and the largest rate that it allows.

λ_max is the largest algebraic eigenvalue of D^½HD^½ with D = diag(η_i/η), by Lanczos on Hessian-vector products; the
stable rate is 2(1 + momentum)/λ_max [Cohen et al. 2021].
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bntui.maths.anatomy import Gradient, hessian_product
from bntui.maths.stages import Array

ITERATIONS = 60
TOLERANCE = 1e-9


def largest_eigenvalue(product: Callable[[Array], Array], size: int, iterations: int = ITERATIONS) -> float:
    """The largest algebraic eigenvalue of a symmetric operator on vectors (size,), by Lanczos with full reorthogonalization.

    NaN where the operator is not finite.
    """
    if size == 0:
        return 0.0
    vector = np.random.default_rng(0).standard_normal(size)
    basis = [vector / np.sqrt(np.dot(vector, vector))]
    diagonal: list[float] = []
    beside: list[float] = []
    found = -np.inf
    for _ in range(min(iterations, size)):
        image = product(basis[-1])
        if not np.isfinite(image).all():
            return float("nan")
        diagonal.append(float(np.dot(basis[-1], image)))
        known = np.asarray(basis)
        for _ in range(2):  # once is not enough: rounding brings the leading directions back
            image = image - known.T @ (known @ image)
        previous, found = found, _top(diagonal, beside)
        length = float(np.sqrt(np.dot(image, image)))
        scale = max(map(abs, diagonal))
        if length <= 1e-12 * scale or abs(found - previous) <= TOLERANCE * max(abs(found), 1e-300):
            break
        beside.append(length)
        basis.append(image / length)
    return found


def _top(diagonal: list[float], beside: list[float]) -> float:
    tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    return float(np.linalg.eigvalsh(tridiagonal)[-1])


def curvature(gradient: Gradient, theta: Array, relative_rates: Array | float) -> float:
    """λ_max of D^½HD^½ at θ, with D the rates over the learning rate."""
    root = np.sqrt(relative_rates)
    with np.errstate(all="ignore"):
        return largest_eigenvalue(lambda v: root * hessian_product(gradient, theta, root * v), theta.size)


def stable_rate(curvature: float, momentum: float) -> float | None:
    """The largest learning rate at which a quadratic of this curvature is descended; None where it is not positive."""
    return 2 * (1 + momentum) / curvature if curvature > 0 else None
