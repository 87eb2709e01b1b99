"""Arrays, and their sums over the samples.

Arrays are float64; axis −2 is the sample, axis −1 the unit, leading axes are independent runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from bntui.maths.names import Name
from bntui.maths.numeric import Array, np

__all__ = ["SMALL", "Array", "Mode", "Parameters", "sum_of", "sum_of_products"]

Parameters = Mapping[Name, Array]
Mode = Literal["train", "eval"]

SMALL = 2**13  # numbers in an array up to which a call costs more than the work, and BLAS stays in one thread


def sum_of(array: Array, out: Array | None = None, each: float = 1.0) -> Array:
    """The sum over the samples, (…, 1, n), where each of them counts `each`."""
    samples, units = array.shape[-2:]
    if samples * units <= SMALL:
        return np.matmul(_row(samples, each), array, out)
    summed = np.add.reduce(array, axis=-2, keepdims=True, out=out)
    return summed if each == 1 else np.multiply(summed, each, summed)


def sum_of_products(one: Array, other: Array, out: Array | None = None, each: float = 1.0) -> Array:
    """The sum over the samples of the product of two arrays, (…, 1, n), where each sample counts `each`."""
    samples, units = one.shape[-2:]
    if samples * units <= SMALL or units == 1:  # einsum sums one unit's column in another order among many runs
        return np.matmul(_row(samples, each), one * other, out)
    summed = np.einsum("...ij,...ij->...j", one, other)[..., np.newaxis, :]  # without an array for the product
    return np.multiply(summed, each, out)


@lru_cache(maxsize=64)
def _row(samples: int, each: float) -> Array:
    """What a small array is multiplied by to be summed, which is quicker than to reduce it."""
    return np.full((1, samples), each)
