"""A pass through a network as the list of numpy calls that it consists of, so that it can be made again over the same arrays.

What a stage computes it says as `do(call, *inputs, out)`: `call` writes to `out`, the last of its arguments, or makes a new array
where that is None, and returns it. Done `at_once` this is a plain call. A tape notes it as well, with the array that it wrote to.
Played again, a pass costs its calls alone, however many objects it took to say which.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import Any, NoReturn, Protocol

from bntui.maths.numeric import Array, np

SPREAD = 2**13  # numbers in an array up to which it is quicker to spread a row to its size first
LONG = 2**7  # numbers in a row from which on numpy goes through many of them as quickly as through one


class Do(Protocol):
    """Who carries out the calls of a pass."""

    def __call__(self, call: Callable[..., Array], *arguments: Any) -> Array:
        """What a call makes of its arguments, the last of which is where it writes to, or None."""


def at_once(call: Callable[..., Array], *arguments: Any) -> Array:
    """Call, and note nothing."""
    return call(*arguments)


class Tape:
    """The calls of one pass, on arrays that are its own: θ, the running estimates, inputs and targets among them."""

    __slots__ = ("__weakref__", "_calls", "_shapes", "_spread", "numbers")

    def __init__(self, theta: Array, running: Array, inputs: Array, targets: Array) -> None:
        self.numbers = np.array(theta), np.array(running), np.array(inputs), np.array(targets)
        self._shapes = [own.shape for own in self.numbers]
        self._spread: dict[tuple[int, ...], Array] = {}
        self._calls: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def __reduce__(self) -> NoReturn:
        """A tape has no copy: its calls are bound to its arrays, and some of these are parts of others."""
        raise TypeError("a tape is bound to its arrays and has no copy")

    def __call__(self, call: Callable[..., Array], *arguments: Any) -> Array:
        """What a call makes of its arguments; note it, and where it was written to."""
        made = call(*arguments)
        by_elements = isinstance(call, np.ufunc) and call.signature is None
        inputs = [self._beside(one, made) if by_elements or isinstance(one, float) else one for one in arguments[:-1]]
        self._calls.append((call, self._in_long_rows(*inputs, made) if by_elements else (*inputs, made)))
        return made

    def _beside(self, one: Any, made: Array) -> Array:
        """An input of a ufunc as numpy is quickest with it: a number as an array without axes, a row as often as there are rows.

        To spread a row by a product takes a third of the time that numpy needs to go through an array beside it; of −0 it makes 0.
        """
        if isinstance(one, float) or one.size == 1:
            return np.asarray(one).reshape(())
        if one.ndim == made.ndim == 2 and one.shape[0] < made.shape[0] and made.size <= SPREAD:
            spread = self._spread.setdefault(made.shape, np.empty(made.shape))
            self._calls.append((np.ones((made.shape[0], 1)).dot, (one, spread)))
            return spread
        array: Array = one
        return array

    def _in_long_rows(self, *arrays: Array) -> tuple[Array, ...]:
        """The inputs of a ufunc and what it made, of many runs: several samples in one row, beside which its own is repeated."""
        made = arrays[-1]
        samples, units = made.shape[-2:]
        times = gcd(samples, max(LONG // units, 1))
        if made.ndim == 2 or times == 1 or units == 1:
            return arrays
        row = (*made.shape[:-2], 1, units)
        others = [one for one in arrays if one.shape != row]
        if len(others) == len(arrays) or not all(one.shape == made.shape and one.flags.c_contiguous for one in others):
            return arrays
        several = (*made.shape[:-2], samples // times, times * units)
        return tuple([self._repeated(one, times) if one.shape == row else one.reshape(several) for one in arrays])

    def _repeated(self, row: Array, times: int) -> Array:
        """A row of each run as often as that, one after the other."""
        runs, units = row.shape[:-2], row.shape[-1]
        several = self._spread.setdefault((*runs, times, units), np.empty((*runs, times, units)))
        self._calls.append((np.copyto, (several, row)))
        return several.reshape(*runs, 1, times * units)

    def fits(self, *others: Array) -> bool:
        """Whether the pass can be made again with other numbers: there are as many of each kind."""
        return self._shapes == [one.shape for one in others]

    def play(self, *others: Array) -> None:
        """Make the pass again with other numbers, over all arrays of the one before."""
        for own, one in zip(self.numbers, others, strict=True):
            np.copyto(own, one)
        for call, arguments in self._calls:
            call(*arguments)


def written(function: Callable[..., Array], *arguments: Any) -> Array:
    """What a function that only makes new arrays makes of its arguments, in the last of them where that is one."""
    *inputs, out = arguments
    made = function(*inputs)
    if out is None:
        return made
    out[...] = made
    return out
