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

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from bntui.maths.arrays import Array, Mode, Parameters, sum_of, sum_of_products
from bntui.maths.kinds.activations import Activation
from bntui.maths.kinds.normalizations import BETA, GAMMA, MEAN, VARIANCE, Normalization
from bntui.maths.names import ACTIVATION, Name


class Link(NamedTuple):
    """One factor of the chain and the signal as it stands after it; `subtracts` says that the factor takes some of it away."""

    factor: Name
    signal: Array
    subtracts: bool = False


class OneSampleError(ValueError):
    """One sample was to be normalized by its own statistics."""


class Statistics(NamedTuple):
    """What a normalization keeps of a batch; per-unit arrays are (…, 1, n).

    `mean` and `variance` are the batch's own (biased) in training and the running estimates in evaluation mode.
    """

    mean: Array
    variance: Array
    sigma: Array
    normalized: Array


@dataclass(frozen=True, slots=True)
class Affine:
    """z = a·Wᵀ + b, with W (n_l, n_{l−1}) as in torch.nn.Linear."""

    layer: str
    weight: Name
    bias: Name | None
    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False

    @property
    def factor(self) -> Name:
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
            sum_of(signal, gradients[self.bias])
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
            sum_of(change, products[self.bias])
        outgoing = np.matmul(change, parameters[self.weight])
        outgoing += np.matmul(signal, direction[self.weight])
        return outgoing


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """u = γ(z − μ)/σ + β with σ = √(v + ε), per unit [Ioffe & Szegedy 2015, Algorithm 1].

    `gamma` and `beta` are None where they are left out; `factors` names the parts of the backward step.
    """

    layer: str
    gamma: Name | None
    beta: Name | None
    mean: Name
    variance: Name
    epsilon: float
    kind: Normalization
    factors: tuple[Name, ...]
    keeps_input: ClassVar[bool] = False

    @classmethod
    def of(cls, layer: str, kind: Normalization, epsilon: float, affine: bool) -> BatchNorm:
        """The normalization of a layer, with γ and β or without."""
        return cls(
            layer,
            Name(layer, GAMMA) if affine else None,
            Name(layer, BETA) if affine else None,
            Name(layer, MEAN),
            Name(layer, VARIANCE),
            epsilon,
            kind,
            tuple(Name(layer, part.factor) for part in kind.parts),
        )

    @property
    def factor(self) -> Name:
        """The first link of its backward step."""
        return self.factors[0]

    @property
    def keeps_output(self) -> bool:
        """Whether what goes on is x̂ itself."""
        return self.gamma is None or self.beta is None

    def statistics(
        self, incoming: Array, running: Parameters, mode: Mode, out: Array | None = None
    ) -> Statistics:
        """Normalize by the batch, or by the running estimates in evaluation mode.

        Raises OneSampleError where a batch of one would be normalized by itself.
        """
        if mode == "eval":
            mean, variance = running[self.mean], running[self.variance]
            normalized = np.subtract(incoming, mean, out)
        else:
            samples = incoming.shape[-2]
            if samples < self.kind.least_samples:
                raise OneSampleError(f"{self.layer}: {self.kind.too_few}")
            mean = sum_of(incoming) / samples  # of equal numbers that number: a sum of m-ths may miss its last digit
            normalized = np.subtract(incoming, mean, out)
            variance = sum_of_products(normalized, normalized, each=1 / samples)
        sigma = np.sqrt(variance + self.epsilon)
        normalized /= sigma
        return Statistics(mean, variance, sigma, normalized)

    def forward(
        self, incoming: Array, parameters: Parameters, running: Parameters, mode: Mode, out: Array | None = None
    ) -> tuple[Array, tuple[Statistics, Mode]]:
        """The normalized, rescaled and shifted pre-activation (or activation, where it is placed after it)."""
        kept = self.statistics(incoming, running, mode, out)
        if self.gamma is None or self.beta is None:
            return kept.normalized, (kept, mode)
        outgoing = kept.normalized * parameters[self.gamma]
        outgoing += parameters[self.beta]
        return outgoing, (kept, mode)

    def backward(
        self, signal: Array, kept: tuple[Statistics, Mode], parameters: Parameters, gradients: Parameters
    ) -> list[Link]:
        """The three parts of the factor, in their order: scale, centre, project; `scale` alone in evaluation mode."""
        statistics, mode = kept
        normalized = statistics.normalized
        if self.gamma is None or self.beta is None:
            scale = 1 / statistics.sigma
        else:
            sum_of(signal, gradients[self.beta])
            sum_of_products(signal, normalized, gradients[self.gamma])
            scale = parameters[self.gamma] / statistics.sigma
        scaled = signal * scale
        scale_factor, centre_factor, project_factor = self.factors
        links = [Link(scale_factor, scaled)]
        if mode == "train":
            share = 1 / signal.shape[-2]
            centred = scaled - sum_of(scaled, each=share)
            along = normalized * sum_of_products(centred, normalized, each=share)
            links.append(Link(centre_factor, centred, subtracts=True))
            links.append(Link(project_factor, np.subtract(centred, along, along), subtracts=True))
        return links

    def forward_along(
        self, change: Array, kept: tuple[Statistics, Mode], parameters: Parameters, direction: Parameters
    ) -> tuple[Array, tuple[Array, Array]]:
        """The change of u: γ·ẋ̂ + γ̇·x̂ + β̇, with ẋ̂ = (ż − μ̇ − x̂·σ̇)/σ and σ̇ = mean(x̂·ż); μ and σ stand still in evaluation mode."""
        statistics, mode = kept
        normalized, sigma_change = statistics.normalized, np.zeros_like(statistics.sigma)
        if mode == "train":
            share = 1 / change.shape[-2]
            change = change - sum_of(change, each=share)
            sigma_change = sum_of_products(normalized, change, each=share)
            change -= normalized * sigma_change
        normalized_change = change / statistics.sigma
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
        kept: tuple[Statistics, Mode],
        kept_change: tuple[Array, Array],
        parameters: Parameters,
        direction: Parameters,
        products: Parameters,
    ) -> Array:
        """The change of the signal after scale, centre and project; those of ∂J/∂γ and ∂J/∂β go to `products`."""
        statistics, mode = kept
        normalized, (normalized_change, sigma_change) = statistics.normalized, kept_change
        if self.gamma is None or self.beta is None:
            scale = 1 / statistics.sigma
            scale_change = -scale * sigma_change / statistics.sigma
        else:
            sum_of(change, products[self.beta])
            sum_of_products(change, normalized, products[self.gamma])
            products[self.gamma][...] += sum_of_products(signal, normalized_change)
            scale = parameters[self.gamma] / statistics.sigma
            scale_change = (direction[self.gamma] - scale * sigma_change) / statistics.sigma
        outgoing = change * scale
        outgoing += signal * scale_change
        if mode != "train":
            return outgoing
        share = 1 / signal.shape[-2]
        outgoing -= sum_of(outgoing, each=share)
        centred = signal * scale
        centred -= sum_of(centred, each=share)
        along_change = sum_of_products(outgoing, normalized, each=share)
        along_change += sum_of_products(centred, normalized_change, each=share)
        outgoing -= normalized_change * sum_of_products(centred, normalized, each=share)
        outgoing -= normalized * along_change
        return outgoing


@dataclass(frozen=True, slots=True)
class Nonlinearity:
    """a = g(u), unit by unit; its factor is g′(u)."""

    layer: str
    kind: Activation
    factor: Name
    keeps_output: ClassVar[bool] = True

    @classmethod
    def of(cls, layer: str, kind: Activation) -> Nonlinearity:
        """The activation of a layer."""
        return cls(layer, kind, Name(layer, ACTIVATION))

    @property
    def keeps_input(self) -> bool:
        """Whether u itself is read again on the way back."""
        return self.kind.slope_needs_input

    def slopes(self, kept: tuple[Array, Array]) -> Array:
        """g′(u), from what the forward step kept."""
        return self.kind.slope(*kept)

    def forward(
        self, incoming: Array, parameters: Parameters, running: Parameters, mode: Mode, out: Array | None = None
    ) -> tuple[Array, tuple[Array, Array]]:
        """The activation, and what its slope is computed from."""
        outgoing = self.kind.value(incoming, out)
        return outgoing, (incoming, outgoing)

    def backward(
        self, signal: Array, kept: tuple[Array, Array], parameters: Parameters, gradients: Parameters
    ) -> list[Link]:
        """δ ∘ g′(u)."""
        slopes = self.kind.slope(*kept)
        return [Link(self.factor, np.multiply(signal, slopes, slopes))]

    def forward_along(
        self, change: Array, kept: tuple[Array, Array], parameters: Parameters, direction: Parameters
    ) -> tuple[Array, tuple[Array, Array]]:
        """The change of a: g′(u) ∘ u̇."""
        slopes = self.kind.slope(*kept)
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
        if self.kind.bend is not None:
            bent = self.kind.bend(*kept, slopes)
            bent *= entering
            bent *= signal
            outgoing += bent
        return outgoing


Stage = Affine | BatchNorm | Nonlinearity
Kept = Any  # each stage knows the type of what it keeps, and of how that changes along a direction

