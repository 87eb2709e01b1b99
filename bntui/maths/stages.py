"""The links a network is made of: each states its forward step and, beside it, its factor of the chain rule.

Arrays are float64; axis −2 is the sample, axis −1 the unit, leading axes are independent runs. A stage's forward
step returns what goes on and what it keeps for the way back. Its backward step takes the signal ∂J/∂(its output),
writes its parameters' gradients, and returns the named signals that it makes on the way to ∂J/∂(its input): one for
a plain stage, three for batch normalization, whose factor is (γ/σ)·(I − 11ᵀ/m − x̂x̂ᵀ/m).

A forward step makes a new array, or writes to `out` where one is given: its own input, where nobody reads that again.
What a stage reads again on the way back is said by `keeps_input` and `keeps_output`.

Beside both stands how they change while θ moves along a direction: `forward_along` and `backward_along` are their exact
derivatives, d/dt at θ + t·direction, from which the Hessian's products are made [Pearlmutter 1994]. The masks of ReLUs
stay as they are.
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

    @property
    def factor(self) -> str:
        """The first link of its backward step."""
        return self.weight

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

    def forward_along(
        self, change: Array, incoming: Array, parameters: Parameters, direction: Parameters
    ) -> tuple[Array, Array]:
        """The change of z while the input changes by `change`: ȧ·Wᵀ + a·Ẇᵀ + ḃ; and what `backward_along` will need."""
        outgoing = np.matmul(change, parameters[self.weight].swapaxes(-1, -2))
        outgoing += np.matmul(incoming, direction[self.weight].swapaxes(-1, -2))
        if self.bias is not None:
            outgoing += direction[self.bias]
        return outgoing, change

    def backward_along(
        self,
        signal: Array,
        change: Array,
        incoming: Array,
        kept_change: Array,
        parameters: Parameters,
        direction: Parameters,
        products: Parameters,
    ) -> Array:
        """The change of δ·W while the signal changes by `change`; the changes of ∂J/∂W and ∂J/∂b go to `products`."""
        np.matmul(change.swapaxes(-1, -2), incoming, products[self.weight])
        products[self.weight][...] += np.matmul(signal.swapaxes(-1, -2), kept_change)
        if self.bias is not None:
            _sum(change, products[self.bias])
        outgoing = np.matmul(change, parameters[self.weight])
        outgoing += np.matmul(signal, direction[self.weight])
        return outgoing


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
    def factor(self) -> str:
        """The first link of its backward step."""
        return f"{self.layer}.norm.scale"

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
        links = [Link(self.factor, scaled)]
        if mode == "train":
            share = 1 / signal.shape[-2]
            centred = scaled - _sum(scaled, each=share)
            along = normalized * _sum_of_products(centred, normalized, each=share)
            links.append(Link(f"{self.layer}.norm.centre", centred))
            links.append(Link(f"{self.layer}.norm.project", np.subtract(centred, along, along)))
        return links

    def forward_along(
        self, change: Array, kept: tuple[Normalization, Mode], parameters: Parameters, direction: Parameters
    ) -> tuple[Array, tuple[Array, Array]]:
        """The change of u: γ·ẋ̂ + γ̇·x̂ + β̇, with ẋ̂ = (ż − μ̇ − x̂·σ̇)/σ and σ̇ = mean(x̂·ż); μ and σ stand still in evaluation mode."""
        normalization, mode = kept
        normalized, sigma_change = normalization.normalized, np.zeros_like(normalization.sigma)
        if mode == "train":
            share = 1 / change.shape[-2]
            change = change - _sum(change, each=share)
            sigma_change = _sum_of_products(normalized, change, each=share)
            change -= normalized * sigma_change
        normalized_change = change / normalization.sigma
        if self.gamma is None or self.beta is None:
            return normalized_change, (normalized_change, sigma_change)
        outgoing = normalized_change * parameters[self.gamma]
        outgoing += normalized * direction[self.gamma]
        outgoing += direction[self.beta]
        return outgoing, (normalized_change, sigma_change)

    def backward_along(
        self,
        signal: Array,
        change: Array,
        kept: tuple[Normalization, Mode],
        kept_change: tuple[Array, Array],
        parameters: Parameters,
        direction: Parameters,
        products: Parameters,
    ) -> Array:
        """The change of the signal after scale, centre and project; those of ∂J/∂γ and ∂J/∂β go to `products`."""
        normalization, mode = kept
        normalized, (normalized_change, sigma_change) = normalization.normalized, kept_change
        if self.gamma is None or self.beta is None:
            scale = 1 / normalization.sigma
            scale_change = -scale * sigma_change / normalization.sigma
        else:
            _sum(change, products[self.beta])
            _sum_of_products(change, normalized, products[self.gamma])
            products[self.gamma][...] += _sum_of_products(signal, normalized_change)
            scale = parameters[self.gamma] / normalization.sigma
            scale_change = (direction[self.gamma] - scale * sigma_change) / normalization.sigma
        outgoing = change * scale
        outgoing += signal * scale_change
        if mode != "train":
            return outgoing
        share = 1 / signal.shape[-2]
        outgoing -= _sum(outgoing, each=share)
        centred = signal * scale
        centred -= _sum(centred, each=share)
        along_change = _sum_of_products(outgoing, normalized, each=share)
        along_change += _sum_of_products(centred, normalized_change, each=share)
        outgoing -= normalized_change * _sum_of_products(centred, normalized, each=share)
        outgoing -= normalized * along_change
        return outgoing


@dataclass(frozen=True, slots=True)
class Nonlinearity:
    """a = g(u), unit by unit; its factor is g′(u), computed from u and a.

    `bend` is g″(u), computed from u, a and g′(u); None where g is made of straight pieces.
    """

    layer: str
    factor: str
    function: Callable[[Array, Array | None], Array]
    derivative: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array, Array], Array] | None
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

    def forward_along(
        self, change: Array, kept: tuple[Array, Array], parameters: Parameters, direction: Parameters
    ) -> tuple[Array, tuple[Array, Array]]:
        """The change of a: g′(u) ∘ u̇."""
        slopes = self.derivative(*kept)
        return change * slopes, (change, slopes)

    def backward_along(
        self,
        signal: Array,
        change: Array,
        kept: tuple[Array, Array],
        kept_change: tuple[Array, Array],
        parameters: Parameters,
        direction: Parameters,
        products: Parameters,
    ) -> Array:
        """The change of δ ∘ g′(u): δ̇ ∘ g′(u) + δ ∘ g″(u) ∘ u̇."""
        entering, slopes = kept_change
        outgoing = change * slopes
        if self.bend is not None:
            bent = self.bend(*kept, slopes)
            bent *= entering
            bent *= signal
            outgoing += bent
        return outgoing


Stage = Affine | BatchNorm | Nonlinearity
Kept = Any  # each stage knows the type of what it keeps, and of how that changes along a direction


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


def _sigmoid_bend(u: Array, a: Array, slope: Array) -> Array:
    return slope * (1 - 2 * a)


def _tanh_slope(u: Array, a: Array) -> Array:
    return 1 / np.square(np.cosh(u))  # 1 − a² is 0 from u = 20 on


def _tanh_bend(u: Array, a: Array, slope: Array) -> Array:
    return -2 * a * slope


class _Function(NamedTuple):
    """g, its slope and bend, and whether the slope is computed from u; the ReLUs' can be told from a."""

    function: Callable[[Array, Array | None], Array]
    derivative: Callable[[Array, Array], Array]
    bend: Callable[[Array, Array, Array], Array] | None
    keeps_input: bool


_FUNCTIONS: dict[str, _Function] = {
    "relu": _Function(_relu, _relu_slope, None, keeps_input=False),
    "leaky_relu": _Function(_leaky_relu, _leaky_relu_slope, None, keeps_input=False),
    "sigmoid": _Function(sigmoid, _sigmoid_slope, _sigmoid_bend, keeps_input=True),
    "tanh": _Function(np.tanh, _tanh_slope, _tanh_bend, keeps_input=True),
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
