"""Arrays, and their sums over the samples.

Arrays are float64; axis −2 is the sample, axis −1 the unit, leading axes are independent runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from bntui.maths.names import Name
from bntui.maths.numeric import Array, np
from bntui.maths.tape import Do, at_once, written
from bntui.records import dataclass

__all__ = [
    "OVER_SAMPLES",
    "SMALL",
    "Array",
    "Axis",
    "Mode",
    "OverSamples",
    "OverUnits",
    "Parameters",
    "product",
    "sum_of",
    "sum_of_products",
    "turned",
]

Parameters = Mapping[Name, Array]
Mode = Literal["train", "eval"]

UPRIGHT = 8, 16  # rows and columns of a matrix that BLAS multiplies by its transpose more slowly than it can be copied
SMALL = 2**13  # numbers in an array up to which a call costs more than the work, and BLAS stays in one thread


def product(one: Array, other: Array, out: Array | None = None, do: Do = at_once) -> Array:
    """The matrix product, or that of each run; `dot` is `matmul` without runs, bit for bit, and calls for half the time."""
    return do(one.dot, other, out) if one.ndim == other.ndim == 2 else do(np.matmul, one, other, out)


def turned(weight: Array, do: Do = at_once) -> Array:
    """Wᵀ (…, n_{l−1}, n_l), laid straight where a product takes longer with a small matrix that stands on its side."""
    across = weight.swapaxes(-1, -2)
    small = all(UPRIGHT[0] <= side <= UPRIGHT[1] for side in across.shape[-2:])
    return do(_straight, across, None) if small else across


def _straight(array: Array, out: Array | None) -> Array:
    if out is None:
        return np.ascontiguousarray(array)
    np.copyto(out, array)
    return out


def sum_of(array: Array, out: Array | None = None, each: float = 1.0, do: Do = at_once) -> Array:
    """The sum over the samples, (…, 1, n), where each of them counts `each`."""
    samples, units = array.shape[-2:]
    if samples * units <= SMALL:
        return product(_row(samples, each), array, out, do)
    blocks, rest = divmod(samples * units, SMALL)
    if rest == 0 and samples % blocks == 0:
        several = array.reshape(*array.shape[:-2], blocks, samples // blocks, units)
        return do(_sums_by_blocks, _row(samples // blocks, each), several, out)
    summed = do(_column_sums, array, out)
    return summed if each == 1 else do(np.multiply, summed, each, summed)


def sum_of_products(one: Array, other: Array, out: Array | None = None, each: float = 1.0, do: Do = at_once) -> Array:
    """The sum over the samples of the product of two arrays, (…, 1, n), where each sample counts `each`."""
    samples, units = one.shape[-2:]
    if samples * units <= SMALL or units == 1:  # einsum sums one unit's column in another order among many runs
        if one.ndim > 2:
            return do(_sums_of_runs, _row(samples, each), one, other, out)
        return product(_row(samples, each), do(np.multiply, one, other, None), out, do)
    summed = do(_column_sums_of_products, one, other, None)  # without an array for the product
    return do(np.multiply, summed, each, out)


def _sums_of_runs(row: Array, one: Array, other: Array, out: Array | None) -> Array:
    return np.matmul(row, one * other, out)  # an array for the product alone would have left the cache by the next pass


def _sums_by_blocks(row: Array, blocks: Array, out: Array | None) -> Array:
    return np.add.reduce(np.matmul(row, blocks), axis=-3, out=out)


def _column_sums(array: Array, out: Array | None) -> Array:
    return np.add.reduce(array, axis=-2, keepdims=True, out=out)


def _column_sums_of_products(one: Array, other: Array, out: Array | None) -> Array:
    summed: Array = np.einsum("...ij,...ij->...j", one, other, out=None if out is None else out[..., 0, :])
    return summed[..., np.newaxis, :] if out is None else out


class OverSamples:
    """Statistics of each unit over the samples, (…, 1, n)."""

    def count(self, array: Array) -> int:
        """Of how many numbers each statistic is taken."""
        return array.shape[-2]

    def total(self, array: Array, each: float = 1.0, do: Do = at_once) -> Array:
        """The sums, where each number counts `each`."""
        return sum_of(array, None, each, do)

    def total_of_products(self, one: Array, other: Array, each: float = 1.0, do: Do = at_once) -> Array:
        """The sums of the products of two arrays, where each counts `each`."""
        return sum_of_products(one, other, None, each, do)


@dataclass(frozen=True, slots=True)
class OverUnits:
    """Statistics of each sample over its units, (…, m, 1), or over as many `groups` of them, (…, m, n)."""

    groups: int = 1

    def count(self, array: Array) -> int:
        """Of how many numbers each statistic is taken."""
        return array.shape[-1] // self.groups

    def total(self, array: Array, each: float = 1.0, do: Do = at_once) -> Array:
        """The sums, where each number counts `each`."""
        return do(written, self._total, array, each, None)

    def _total(self, array: Array, each: float) -> Array:
        if self.groups == 1:
            return np.multiply(array.sum(axis=-1, keepdims=True), each)
        size = self.count(array)
        sums = array.reshape(*array.shape[:-1], self.groups, size).sum(axis=-1)
        return np.repeat(sums * each, size, axis=-1)

    def total_of_products(self, one: Array, other: Array, each: float = 1.0, do: Do = at_once) -> Array:
        """The sums of the products of two arrays, where each counts `each`."""
        return do(written, self._total_of_products, one, other, each, None)

    def _total_of_products(self, one: Array, other: Array, each: float) -> Array:
        return self._total(one * other, each)


Axis = OverSamples | OverUnits
OVER_SAMPLES = OverSamples()


@lru_cache(maxsize=64)
def _row(samples: int, each: float) -> Array:
    """What a small array is multiplied by to be summed, which is quicker than to reduce it."""
    return np.full((1, samples), each)
