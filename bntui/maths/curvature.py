"""Curvature along the directions that descent can take, and the largest rate that it allows.

λ_max is the largest algebraic eigenvalue of D^½HD^½ with D = diag(η_i/η), by Lanczos on exact Hessian products; what rate it
allows is the optimizer's to say, for plain descent 2/λ_max [Cohen et al. 2021].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.objective import Product

ITERATIONS = 100
TOLERANCE = 1e-8  # of the eigenvalue: how far off it can be when Lanczos is done
ROUNDING = 1e-13  # of the largest eigenvalue in magnitude: no smaller difference can be told
LOOKED_AT = 5  # products between two looks at what has been found


class Eigenvalue(NamedTuple):
    """The largest algebraic eigenvalue, as far as it was found: some eigenvalue is no further from it than `doubt`."""

    value: float
    doubt: float

    @property
    def converged(self) -> bool:
        """Whether more products would change no digit that is shown."""
        return self.doubt <= 1e-3 * abs(self.value)


def largest_eigenvalue(product: Product, size: int, iterations: int = ITERATIONS) -> Eigenvalue:
    """The largest algebraic eigenvalue of a symmetric operator on vectors (size,), by Lanczos with full reorthogonalization.

    NaN where the operator is not finite.
    """
    if size == 0:
        return Eigenvalue(0.0, 0.0)
    vector = np.random.default_rng(0).standard_normal(size)
    basis = [vector / np.sqrt(np.dot(vector, vector))]
    diagonal: list[float] = []
    beside: list[float] = []
    most = min(iterations, size)
    while True:
        image = product(basis[-1])
        if not np.isfinite(image).all():
            return Eigenvalue(float("nan"), float("nan"))
        diagonal.append(float(np.dot(basis[-1], image)))
        known = np.asarray(basis)
        for _ in range(2):  # once is not enough: rounding brings the leading directions back
            image = image - known.T @ (known @ image)
        length = float(np.sqrt(np.dot(image, image)))
        scale = max(map(abs, diagonal + beside))
        exhausted = length <= ROUNDING * scale or len(basis) == size
        if exhausted or len(basis) % LOOKED_AT == 0 or len(basis) == most:
            found = _top(diagonal, beside, 0.0 if exhausted else length)
            if len(basis) >= most or found.doubt <= max(TOLERANCE * abs(found.value), ROUNDING * scale):
                return found
        beside.append(length)
        basis.append(image / length)


def _top(diagonal: list[float], beside: list[float], length: float) -> Eigenvalue:
    """The largest eigenvalue of the tridiagonal matrix; its doubt is the residual: `length` times the vector's last entry."""
    tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    values, vectors = np.linalg.eigh(tridiagonal)
    return Eigenvalue(float(values[-1]), length * abs(float(vectors[-1, -1])))


def curvature(product: Product, size: int, relative_rates: Array | float) -> Eigenvalue:
    """λ_max of D^½HD^½ for H·v on vectors (size,), with D the rates over the learning rate; 0 in D keeps a parameter out."""
    root = np.sqrt(relative_rates)
    with np.errstate(all="ignore"):
        return largest_eigenvalue(lambda v: root * product(root * v), size)


def curvature_along(product: Product, gradient: Array, relative_rates: Array | float) -> float | None:
    """(Dg)ᵀH(Dg)/gᵀDg, the curvature in which descent takes its step; None where the gradient is zero.

    η/2 times it is what the second order takes back of what the first order promises.
    """
    with np.errstate(all="ignore"):
        direction = relative_rates * gradient
        whole = float(np.dot(gradient, direction))
        return float(np.dot(direction, product(direction))) / whole if whole else None

