"""The activations g, each with its slope, its bend, and what a face says of it. A linear one is no stage."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bntui.maths.numeric import Array, np

LEAKY_SLOPE = 0.01


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation g, unit by unit, under the `name` that YAML has for it.

    `value(u, out)` is g(u), into `out` where that is given. `slope(u, a)` is g′(u), from u and a = g(u), or from a alone where
    `slope_needs_input` is false. `bend(u, a, g′)` is g″(u), None where g is made of straight pieces. `symbol` is g in a
    formula, `slope_says` what its slope is, in a sentence, `torch` the function of PyTorch. `saturates` says that the slope
    vanishes far from 0 on both sides, `dies` that it is 0 on a whole side.
    """

    name: str
    symbol: str
    value: Callable[[Array, Array | None], Array]
    slope: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array, Array], Array] | None
    slope_needs_input: bool
    slope_says: str
    torch: str
    saturates: bool = False
    dies: bool = False

    def slope_at(self, u: Array) -> Array:
        """g′(u)."""
        return self.slope(u, self.value(u, None))


def _identity(u: Array, out: Array | None = None) -> Array:
    return u


def _identity_slope(u: Array, a: Array) -> Array:
    return np.ones_like(a)


def _relu(u: Array, out: Array | None = None) -> Array:
    return np.maximum(u, 0.0, out=out)


def _relu_slope(u: Array, a: Array) -> Array:
    return np.sign(a)


def _leaky_relu(u: Array, out: Array | None = None) -> Array:
    return np.maximum(u, LEAKY_SLOPE * u, out=out)


def _leaky_relu_slope(u: Array, a: Array) -> Array:
    return np.where(a > 0, 1.0, LEAKY_SLOPE)


def sigmoid(u: Array, out: Array | None = None) -> Array:
    """σ(u) = 1/(1 + e⁻ᵘ)."""
    a = np.negative(u, out)
    np.exp(a, a)
    np.add(a, _one(), a)
    return np.divide(_one(), a, a)


def _sigmoid_slope(u: Array, a: Array) -> Array:
    inverse = np.exp(u)  # 1/σ(−u) = 1 + eᵘ; a·(1 − a) is 0 from u = 37 on, where the slope still is 1e-16
    np.add(inverse, _one(), inverse)
    return np.divide(a, inverse, inverse)


@cache
def _one() -> Array:
    """1 as an array, which a call would make of the number first."""
    return np.ones(())


def _sigmoid_bend(u: Array, a: Array, slope: Array) -> Array:
    return slope * (1 - 2 * a)


def _tanh(u: Array, out: Array | None = None) -> Array:
    return np.tanh(u, out)


def _tanh_slope(u: Array, a: Array) -> Array:
    return 1 / np.square(np.cosh(u))  # 1 − a² is 0 from u = 20 on


def _tanh_bend(u: Array, a: Array, slope: Array) -> Array:
    return -2 * a * slope


def _normal_density(u: Array) -> Array:
    return np.exp(-np.square(u) / 2) / math.sqrt(2 * math.pi)


def _normal_share(u: Array) -> Array:
    """Φ(u) = ½ erfc(−u/√2), exact in both tails."""
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(-u / math.sqrt(2)), dtype=np.float64) / 2


def _gelu(u: Array, out: Array | None = None) -> Array:
    return np.multiply(u, _normal_share(u), out)


def _gelu_slope(u: Array, a: Array) -> Array:
    return _normal_share(u) + u * _normal_density(u)


def _gelu_bend(u: Array, a: Array, slope: Array) -> Array:
    return _normal_density(u) * (2 - np.square(u))


def _silu(u: Array, out: Array | None = None) -> Array:
    return np.multiply(u, sigmoid(u), out)


def _silu_slope(u: Array, a: Array) -> Array:
    return sigmoid(u) + a * sigmoid(-u)


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
