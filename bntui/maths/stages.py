"""The links a network is made of: each states its forward step and, beside it, its factor of the chain rule.

Arrays are float64; axis −2 is the sample, axis −1 the unit, leading axes are independent runs. A stage's forward
step returns what goes on and what it keeps for the way back. Its backward step takes the signal ∂J/∂(its output),
writes its parameters' gradients, and returns the named signals that it makes on the way to ∂J/∂(its input): one for
a plain stage, three for batch normalization, whose factor is (γ/σ)·(I − 11ᵀ/m − x̂x̂ᵀ/m).

A forward step makes a new array, or writes to `out` where one is given: its own input, where nobody reads that again.
What a stage reads again on the way back is said by `keeps_input` and `keeps_output`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bntui.maths.architecture import Activation

Array = NDArray[np.float64]
Parameters = Mapping[str, Array]
Mode = Literal["train", "eval"]

LEAKY_SLOPE = 0.01
SMALL = 2**13  # numbers in an array up to which a call costs more than the work, and BLAS stays in one thread


class Link(NamedTuple):
    """One factor of the chain and the signal as it stands after it."""

    factor: str
    signal: Array


class OneSampleError(ValueError):
    """One sample was to be normalized by its own statistics."""


class Normalization(NamedTuple):
    """What a batch normalization keeps of a batch; per-unit arrays are (…, 1, n).

    `mean` and `variance` are the batch's own (biased) in training and the running estimates in evaluation mode.
    """

    mean: Array
    variance: Array
    sigma: Array
    normalized: Array


def _sum(array: Array, out: Array | None = None, each: float = 1.0) -> Array:
    """The sum over the samples, (…, 1, n), where each of them counts `each`."""
    samples, units = array.shape[-2:]
    if samples * units <= SMALL:
        return np.matmul(_row(samples, each), array, out)
    summed = np.add.reduce(array, axis=-2, keepdims=True, out=out)
    return summed if each == 1 else np.multiply(summed, each, summed)


def _sum_of_products(one: Array, other: Array, out: Array | None = None, each: float = 1.0) -> Array:
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


@dataclass(frozen=True, slots=True)
class Affine:
    """z = a·Wᵀ + b, with W (n_l, n_{l−1}) as in torch.nn.Linear."""

    layer: str
    weight: str
    bias: str | None
    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False

    def forward(
        self, incoming: Array, parameters: Parameters, running: Parameters, mode: Mode, out: Array | None = None
    ) -> tuple[Array, Array]:
        """The pre-activation, and the input that the weight's gradient will need."""
        outgoing = np.matmul(incoming, parameters[self.weight].swapaxes(-1, -2), out)
        if self.bias is not None:
            outgoing += parameters[self.bias]
        return outgoing, incoming

    def backward(self, signal: Array, incoming: Array, parameters: Parameters, gradients: Parameters) -> list[Link]:
        """∂J/∂W = δᵀ·a and ∂J/∂b = Σδ; the factor is the weight: δ·W."""
        np.matmul(signal.swapaxes(-1, -2), incoming, gradients[self.weight])
        if self.bias is not None:
            _sum(signal, gradients[self.bias])
        return [Link(self.weight, np.matmul(signal, parameters[self.weight]))]


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """u = γ(z − μ)/σ + β with σ = √(v + ε), per unit [Ioffe & Szegedy 2015, Algorithm 1]."""

    layer: str
    gamma: str | None
    beta: str | None
    mean: str
    variance: str
    epsilon: float
    keeps_input: ClassVar[bool] = False

    @property
    def keeps_output(self) -> bool:
        """Whether what goes on is x̂ itself."""
        return self.gamma is None or self.beta is None

    def statistics(
        self, incoming: Array, running: Parameters, mode: Mode, out: Array | None = None
    ) -> Normalization:
        """Normalize by the batch, or by the running estimates in evaluation mode.

        Raises OneSampleError where a batch of one would be normalized by itself.
        """
        if mode == "eval":
            mean, variance = running[self.mean], running[self.variance]
            normalized = np.subtract(incoming, mean, out)
        else:
            samples = incoming.shape[-2]
            if samples < 2:
                raise OneSampleError(f"{self.layer}: one sample cannot be normalized by its own mean and variance")
            mean = _sum(incoming) / samples  # of equal numbers that number: a sum of m-ths may miss its last digit
            normalized = np.subtract(incoming, mean, out)
            variance = _sum_of_products(normalized, normalized, each=1 / samples)
        sigma = np.sqrt(variance + self.epsilon)
        normalized /= sigma
        return Normalization(mean, variance, sigma, normalized)

    def forward(
        self, incoming: Array, parameters: Parameters, running: Parameters, mode: Mode, out: Array | None = None
    ) -> tuple[Array, tuple[Normalization, Mode]]:
        """The normalized, rescaled and shifted pre-activation (or activation, where it is placed after it)."""
        kept = self.statistics(incoming, running, mode, out)
        if self.gamma is None or self.beta is None:
            return kept.normalized, (kept, mode)
        outgoing = kept.normalized * parameters[self.gamma]
        outgoing += parameters[self.beta]
        return outgoing, (kept, mode)

    def backward(
        self, signal: Array, kept: tuple[Normalization, Mode], parameters: Parameters, gradients: Parameters
    ) -> list[Link]:
        """The three parts of the factor, in their order: scale, centre, project; `scale` alone in evaluation mode."""
        normalization, mode = kept
        normalized = normalization.normalized
        if self.gamma is None or self.beta is None:
            scale = 1 / normalization.sigma
        else:
            _sum(signal, gradients[self.beta])
            _sum_of_products(signal, normalized, gradients[self.gamma])
            scale = parameters[self.gamma] / normalization.sigma
        scaled = signal * scale
        links = [Link(f"{self.layer}.norm.scale", scaled)]
        if mode == "train":
            share = 1 / signal.shape[-2]
            centred = scaled - _sum(scaled, each=share)
            along = normalized * _sum_of_products(centred, normalized, each=share)
            links.append(Link(f"{self.layer}.norm.centre", centred))
            links.append(Link(f"{self.layer}.norm.project", np.subtract(centred, along, along)))
        return links


@dataclass(frozen=True, slots=True)
class Nonlinearity:
    """a = g(u), unit by unit; its factor is g′(u), computed from u and a."""

    layer: str
    factor: str
    function: Callable[[Array, Array | None], Array]
    derivative: Callable[[Array, Array], Array]
    keeps_input: bool
    keeps_output: ClassVar[bool] = True

    def forward(
        self, incoming: Array, parameters: Parameters, running: Parameters, mode: Mode, out: Array | None = None
    ) -> tuple[Array, tuple[Array, Array]]:
        """The activation, and what its slope is computed from."""
        outgoing = self.function(incoming, out)
        return outgoing, (incoming, outgoing)

    def backward(
        self, signal: Array, kept: tuple[Array, Array], parameters: Parameters, gradients: Parameters
    ) -> list[Link]:
        """δ ∘ g′(u)."""
        slopes = self.derivative(*kept)
        return [Link(self.factor, np.multiply(signal, slopes, slopes))]


Stage = Affine | BatchNorm | Nonlinearity
Kept = Any  # each stage knows the type of what it keeps


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
    a += 1
    return np.divide(1, a, a)


def _sigmoid_slope(u: Array, a: Array) -> Array:
    inverse = np.exp(u)  # 1/σ(−u) = 1 + eᵘ; a·(1 − a) is 0 from u = 37 on, where the slope still is 1e-16
    inverse += 1
    return np.divide(a, inverse, inverse)


def _tanh_slope(u: Array, a: Array) -> Array:
    return 1 / np.square(np.cosh(u))  # 1 − a² is 0 from u = 20 on


class _Function(NamedTuple):
    """g, its slope, and whether the slope is computed from u; the ReLUs' can be told from a."""

    function: Callable[[Array, Array | None], Array]
    derivative: Callable[[Array, Array], Array]
    keeps_input: bool


_FUNCTIONS: dict[str, _Function] = {
    "relu": _Function(_relu, _relu_slope, keeps_input=False),
    "leaky_relu": _Function(_leaky_relu, _leaky_relu_slope, keeps_input=False),
    "sigmoid": _Function(sigmoid, _sigmoid_slope, keeps_input=True),
    "tanh": _Function(np.tanh, _tanh_slope, keeps_input=True),
}


def nonlinearity(layer: str, activation: Activation) -> Nonlinearity | None:
    """The stage of an activation; a linear one is no stage."""
    if activation == "linear":
        return None
    return Nonlinearity(layer, f"{layer}.activation", *_FUNCTIONS[activation])


def slope(activation: Activation, u: Array) -> Array:
    """g′(u) of an activation, unit by unit."""
    if activation == "linear":
        return np.ones_like(u)
    g = _FUNCTIONS[activation]
    return g.derivative(u, g.function(u, None))
