"""Curvature along the directions that descent can take, and the largest rate that it allows.

λ_max is the largest algebraic eigenvalue of D^½HD^½ with D = diag(η_i/η), by Lanczos on exact Hessian products; what rate it
allows is the optimizer's to say, for plain descent 2/λ_max [Cohen et al. 2021]. The ends of the spectrum, the largest
eigenvalues and the least, are what Lanczos finds first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, takewhile
from typing import NamedTuple

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.objective import Product
from bntui.records import dataclass

ITERATIONS = 100
TOLERANCE = 1e-8  # of the eigenvalue: how far off it can be when Lanczos is done
LARGEST = 10  # eigenvalues that are looked for from the top
ROUNDING = 1e-13  # of the largest eigenvalue in magnitude: no smaller difference can be told
LOOKED_AT = 5  # products between two looks at what has been found


class Eigenvalue(NamedTuple):
    """An eigenvalue, as far as it was found: some eigenvalue is no further from it than `doubt`."""

    value: float
    doubt: float

    @property
    def converged(self) -> bool:
        """Whether more products would change no digit that is shown."""
        return self.doubt <= 1e-3 * abs(self.value)


NO_NUMBER = Eigenvalue(float("nan"), float("nan"))


class KrylovSpace(NamedTuple):
    """What Lanczos knows after some products: eigenvalues (k,) ascending, their vectors (k, k) in `basis`, k vectors (size,).

    `length` is what the last product left outside the space, 0 where it is exhausted; `scale` is the largest number met.
    """

    values: Array
    vectors: Array
    basis: list[Array]
    length: float
    scale: float

    def eigenvalue(self, place: int) -> Eigenvalue:
        """One of them; its doubt is the residual: `length` times the vector's last entry."""
        return Eigenvalue(float(self.values[place]), self.length * abs(float(self.vectors[-1, place])))

    def settled(self, place: int) -> bool:
        """Whether one is found to as many digits as are asked for."""
        found = self.eigenvalue(place)
        return found.doubt <= max(TOLERANCE * abs(found.value), ROUNDING * self.scale)

    def directions(self, places: Sequence[int]) -> Array:
        """The eigenvectors of some of them, (…, size)."""
        return self.vectors[:, places].T @ np.asarray(self.basis[: len(self.values)])


def _lanczos(
    product: Product, vector: Array, iterations: int, apart: Array | None = None, scale: float = 0.0
) -> Iterator[KrylovSpace | None]:
    """The growing Krylov spaces of a symmetric operator from a first vector (size,), with full reorthogonalization.

    With `apart`, orthonormal rows (n, size), in the complement of these, where `scale` says how large the operator's numbers are.
    None, and no more, where it is not finite.
    """
    vector = _outside(_outside(vector, apart), apart)
    size = vector.size - (0 if apart is None else len(apart))
    basis = [vector / np.sqrt(np.dot(vector, vector))]
    diagonal: list[float] = []
    beside: list[float] = []
    most = min(iterations, size)
    while len(diagonal) < most:
        image = product(basis[-1])
        if not np.isfinite(image).all():
            yield None
            return
        diagonal.append(float(np.dot(basis[-1], image)))
        known = np.asarray(basis)
        for _ in range(2):  # once is not enough: rounding brings the leading directions back
            image = _outside(image, apart)
            image = image - known.T @ (known @ image)
        length = float(np.sqrt(np.dot(image, image)))
        scale = max(scale, *map(abs, diagonal + beside))
        exhausted = length <= ROUNDING * scale or len(basis) == size
        if exhausted or len(basis) % LOOKED_AT == 0 or len(basis) == most:
            tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
            values, vectors = np.linalg.eigh(tridiagonal)
            yield KrylovSpace(values, vectors, basis, 0.0 if exhausted else length, scale)
        if exhausted:
            return
        beside.append(length)
        basis.append(image / length)


def _outside(vector: Array, apart: Array | None) -> Array:
    """A vector (size,) without its part along orthonormal rows (n, size)."""
    return vector if apart is None else vector - apart.T @ (apart @ vector)


def _first_vector(size: int, number: int = 0) -> Array:
    return np.random.default_rng(number).standard_normal(size)


def largest_eigenvalue(product: Product, size: int, iterations: int = ITERATIONS) -> Eigenvalue:
    """The largest algebraic eigenvalue of a symmetric operator on vectors (size,), by Lanczos with full reorthogonalization.

    NaN where the operator is not finite.
    """
    found = Eigenvalue(0.0, 0.0)
    if size == 0:
        return found
    for space in _lanczos(product, _first_vector(size), iterations):
        if space is None:
            return NO_NUMBER
        found = space.eigenvalue(-1)
        if space.settled(-1):
            break
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """The ends of a spectrum: the largest eigenvalues, descending, each as often as it occurs, and the least one.

    `vectors` (k + 1, size) are the unit eigenvectors of the largest and, as the last row, of the least.
    """

    largest: tuple[Eigenvalue, ...]
    least: Eigenvalue
    vectors: Array


def ends_of_spectrum(product: Product, size: int, count: int = LARGEST, iterations: int = ITERATIONS) -> Spectrum:
    """The `count` largest algebraic eigenvalues and the least of a symmetric operator on vectors (size,), size > 0.

    The first is `largest_eigenvalue`, bit for bit. A Krylov space holds one vector of each eigenvalue; others of the same value
    are looked for in the complement of what was found, where that has been found to the last digit. NaN where the operator is
    not finite.
    """
    wanted = min(count, size)
    leading: Eigenvalue | None = None
    found: KrylovSpace | None = None
    for space in _lanczos(product, _first_vector(size), iterations):
        if space is None:
            return Spectrum((NO_NUMBER,) * wanted, NO_NUMBER, np.full((wanted + 1, size), np.nan))
        found = space
        if leading is None and space.settled(-1):
            leading = space.eigenvalue(-1)
        if all(map(space.settled, (0, *_top(space, wanted)))):
            break
    assert found is not None, "a space is looked at before the products end"
    places = _top(found, wanted)
    sure = list(takewhile(found.settled, places))
    largest, vectors = _with_equal_ones(product, found, sure, wanted, iterations)
    rest = places[len(sure) :][: wanted - len(largest)]
    largest += map(found.eigenvalue, rest)
    return Spectrum(
        (leading or largest[0], *largest[1:]),
        found.eigenvalue(0),
        np.concatenate([vectors, found.directions([*rest, 0])]),
    )


def _top(space: KrylovSpace, wanted: int) -> list[int]:
    """The places of the largest eigenvalues that a space has, descending."""
    return [-place for place in range(1, min(wanted, len(space.values)) + 1)]


def _with_equal_ones(
    product: Product, space: KrylovSpace, sure: list[int], wanted: int, iterations: int
) -> tuple[list[Eigenvalue], Array]:
    """The eigenvalues at these places of a space, with those that their complement has above the last of them, at most `wanted`.

    Of a space that has nothing else to offer the complement fills up what is missing.
    """
    largest, vectors = [space.eigenvalue(place) for place in sure], space.directions(sure)
    size = vectors.shape[-1]
    fill_up = len(sure) == len(space.values)
    for number in count(1):  # another first vector each time: the last one has no part left in what it has found
        if len(vectors) in (0, size):
            break
        least = -np.inf if fill_up and len(largest) < wanted else largest[-1].value
        found, more = None, list[int]()
        for other in _lanczos(product, _first_vector(size, number), iterations, vectors, space.scale):
            if other is None:
                break
            found = other
            more = [place for place in _top(other, wanted) if other.values[place] > least + ROUNDING * other.scale]
            if other.eigenvalue(-1).converged and all(map(other.settled, more)):
                break
        if found is None or not more:
            break
        together = [*largest, *map(found.eigenvalue, more)]
        order = sorted(range(len(together)), key=lambda place: -together[place].value)[:wanted]
        vectors = np.concatenate([vectors, found.directions(more)])[order]
        largest = [together[place] for place in order]
    return largest, vectors


def curvature(product: Product, size: int, relative_rates: Array | float) -> Eigenvalue:
    """λ_max of D^½HD^½ for H·v on vectors (size,), with D the rates over the learning rate; 0 in D keeps a parameter out."""
    root = np.sqrt(relative_rates)
    with np.errstate(all="ignore"):
        return largest_eigenvalue(lambda v: root * product(root * v), size)


def critical_curvature(
    product: Product, size: int, relative_rates: Array | float, scale: Array | float, decay: Array | float, apart: float | None
) -> Eigenvalue:
    """The curvature that decides on the stable rate where gradients are divided by a scale P and weights decay by λ.

    λ_max of (D/P)^½(H + Λ)(D/P)^½, for descent with decay is that of J + ½Σλθ². Where the decay stands `apart` from the scaled
    gradient it is λ_max of (D/P)^½H(D/P)^½ + apart·DΛ. A quadratic under momentum first grows in the direction in which it
    changes its sign at every step, θ′ = −θ and m′ = −m, and that condition on η is this eigenproblem. With Λ = 0 it is the
    preconditioned sharpness of Cohen et al. 2022.
    """
    with np.errstate(all="ignore"):
        root, beside = np.sqrt(relative_rates / scale), relative_rates * decay

        def together(vector: Array) -> Array:
            moved = root * vector
            if apart is None:
                return root * (product(moved) + decay * moved)
            return root * product(moved) + apart * beside * vector

        return largest_eigenvalue(together, size)


def curvature_along(product: Product, gradient: Array, relative_rates: Array | float) -> float | None:
    """(Dg)ᵀH(Dg)/gᵀDg, the curvature in which descent takes its step; None where the gradient is zero.

    η/2 times it is what the second order takes back of what the first order promises.
    """
    with np.errstate(all="ignore"):
        direction = relative_rates * gradient
        whole = float(np.dot(gradient, direction))
        return float(np.dot(direction, product(direction))) / whole if whole else None


def spectrum(product: Product, size: int, relative_rates: Array | float, count: int = LARGEST) -> Spectrum:
    """The `count` largest eigenvalues of D^½HD^½, `curvature` the first of them, and the least; arguments as there."""
    root = np.sqrt(relative_rates)
    with np.errstate(all="ignore"):
        return ends_of_spectrum(lambda v: root * product(root * v), size, count)
