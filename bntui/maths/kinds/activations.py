"""The activations g, each with its slope, its bend, and what a face says of it. A linear one is no stage."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Protocol

from bntui.maths.numeric import Array, np
from bntui.maths.tape import Do, at_once, written
from bntui.records import dataclass

LEAKY_SLOPE = 0.01
FEW, MANY = 2**12, 2**16  # numbers in an array: a second call costs more than it saves, or a second array leaves the cache


class Value(Protocol):
    """g(u), carried out by `do`, into `out` where that is given."""

    def __call__(self, u: Array, out: Array | None = None, do: Do = at_once) -> Array:
        """g(u)."""


class Slope(Protocol):
    """g′(u), from u and a = g(u), carried out by `do`, into `out` where that is given."""

    def __call__(self, u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
        """g′(u)."""


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation g, unit by unit, under the `name` that YAML has for it.

    `value` is g(u), `slope` g′(u), from u and a = g(u), or from a alone where `slope_needs_input` is false. `bend(u, a, g′)` is
    g″(u), None where g is made of straight pieces. `symbol` is g in a formula, `slope_says` what its slope is, in a sentence,
    `torch` the function of PyTorch. `saturates` says that the slope vanishes far from 0 on both sides, `dies` that it is 0 on a
    whole side.
    """

    name: str
    symbol: str
    value: Value
    slope: Slope
    bend: Callable[[Array, Array, Array], Array] | None
    slope_needs_input: bool
    slope_says: str
    torch: str
    saturates: bool = False
    dies: bool = False

    def slope_at(self, u: Array) -> Array:
        """g′(u)."""
        return self.slope(u, self.value(u))


def _identity(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return u


def _identity_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(written, np.ones_like, a, out)


def _relu(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(_larger, u, _zeros(u.shape) if u.size <= MANY else 0.0, out)


def _relu_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(np.sign if a.size <= FEW else _not_zero, a, out)


def _not_zero(a: Array, out: Array | None) -> Array:
    """1 where a number is not 0: its sign, where none is negative, but for NaN, and what comes back to that is NaN itself."""
    if out is None:
        return np.not_equal(a, 0.0).astype(np.float64)
    np.copyto(out, np.not_equal(a, 0.0))
    return out


@lru_cache(maxsize=64)
def _zeros(shape: tuple[int, ...]) -> Array:
    """As many zeros as an array has numbers: to compare with them takes half the time of comparing with one."""
    return _many_zeros()[: math.prod(shape)].reshape(shape)


@cache
def _many_zeros() -> Array:
    return np.zeros(MANY)


def _leaky_relu(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(_larger, u, do(np.multiply, LEAKY_SLOPE, u, None), out)


def _leaky_relu_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(written, lambda a: np.where(a > 0, 1.0, LEAKY_SLOPE), a, out)


def _larger(one: Array, other: Array | float, out: Array | None) -> Array:
    larger: Array = np.maximum(one, other, out=out)
    return larger


def sigmoid(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    """σ(u) = 1/(1 + e⁻ᵘ)."""
    a = do(np.negative, u, out)
    do(np.exp, a, a)
    do(np.add, a, 1.0, a)
    return do(np.divide, 1.0, a, a)


def _sigmoid_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    inverse = do(np.exp, u, out)  # 1/σ(−u) = 1 + eᵘ; a·(1 − a) is 0 from u = 37 on, where the slope still is 1e-16
    do(np.add, inverse, 1.0, inverse)
    return do(np.divide, a, inverse, inverse)


def _sigmoid_bend(u: Array, a: Array, slope: Array) -> Array:
    return slope * (1 - 2 * a)


def _tanh(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(np.tanh, u, out)


def _tanh_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    inverse = do(np.cosh, u, out)  # 1 − a² is 0 from u = 20 on
    do(np.square, inverse, inverse)
    return do(np.divide, 1.0, inverse, inverse)


def _tanh_bend(u: Array, a: Array, slope: Array) -> Array:
    return -2 * a * slope


def _normal_density(u: Array) -> Array:
    return np.exp(-np.square(u) / 2) / math.sqrt(2 * math.pi)


def _normal_share(u: Array) -> Array:
    """Φ(u) = ½ erfc(−u/√2), exact in both tails."""
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(-u / math.sqrt(2)), dtype=np.float64) / 2


def _gelu(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(np.multiply, u, do(written, _normal_share, u, None), out)


def _gelu_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(written, lambda u: _normal_share(u) + u * _normal_density(u), u, out)


def _gelu_bend(u: Array, a: Array, slope: Array) -> Array:
    return _normal_density(u) * (2 - np.square(u))


def _silu(u: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(np.multiply, u, sigmoid(u, None, do), out)


def _silu_slope(u: Array, a: Array, out: Array | None = None, do: Do = at_once) -> Array:
    return do(written, lambda u, a: sigmoid(u) + a * sigmoid(-u), u, a, out)


def _silu_bend(u: Array, a: Array, slope: Array) -> Array:
    return sigmoid(u) * sigmoid(-u) * (2 + u * (sigmoid(-u) - sigmoid(u)))


LINEAR = Activation(
    "linear", "", _identity, _identity_slope, None, slope_needs_input=False,
    slope_says="Its slope is 1 everywhere.",
    torch="torch.nn.Identity()",
)
RELU = Activation(
    "relu", "relu", _relu, _relu_slope, None, slope_needs_input=False,
    slope_says="The slope is 1 where u > 0 and 0 where it is not: it passes a signal whole or not at all.",
    torch="torch.relu", dies=True,
)
LEAKY_RELU = Activation(
    "leaky_relu", "leaky", _leaky_relu, _leaky_relu_slope, None, slope_needs_input=False,
    slope_says=f"The slope is 1 where u > 0 and {LEAKY_SLOPE} where it is not: nothing is cut off for good.",
    torch="torch.nn.functional.leaky_relu",
)
SIGMOID = Activation(
    "sigmoid", "σ", sigmoid, _sigmoid_slope, _sigmoid_bend, slope_needs_input=True,
    slope_says="The slope is a·(1 − a): at most ¼, at u = 0, and next to nothing where |u| is large.",
    torch="torch.sigmoid", saturates=True,
)
TANH = Activation(
    "tanh", "tanh", _tanh, _tanh_slope, _tanh_bend, slope_needs_input=True,
    slope_says="The slope is 1 − a²: at most 1, at u = 0, and next to nothing where |u| is large.",
    torch="torch.tanh", saturates=True,
)
GELU = Activation(
    "gelu", "gelu", _gelu, _gelu_slope, _gelu_bend, slope_needs_input=True,
    slope_says="The slope is near 1 for large u, near 0 for very negative u, and from −0.13 to 1.13 between.",
    torch="torch.nn.functional.gelu",
)
SILU = Activation(
    "silu", "silu", _silu, _silu_slope, _silu_bend, slope_needs_input=True,
    slope_says="The slope is near 1 for large u, near 0 for very negative u, and from −0.1 to 1.1 between.",
    torch="torch.nn.functional.silu",
)

ACTIVATIONS = {each.name: each for each in (LINEAR, RELU, LEAKY_RELU, SIGMOID, TANH, GELU, SILU)}
