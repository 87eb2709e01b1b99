"""The links a network is made of: each states its forward step and, beside it, its factor of the chain rule.

Arrays are float64; axis −2 is the sample, axis −1 the unit, leading axes are independent runs. A stage's forward
step returns what goes on and what it keeps for the way back. Its backward step takes the signal ∂J/∂(its output),
writes its parameters' gradients, and returns the named signals that it makes on the way to ∂J/∂(its input): one for
a plain stage, three for batch normalization, whose factor is (γ/σ)·(I − 11ᵀ/m − x̂x̂ᵀ/m), none where it passes the signal on.

A step makes new arrays, or writes to those that it is given: forward to `out` what goes on, and over its own input where that
is `free`, for nobody reads it again; backward to the next of `outs` each of its signals. What a stage reads again on the way
back is said by `keeps_input` and `keeps_output`.

Beside both stands how they change while θ moves along a direction: `forward_along` and `backward_along` are their exact
derivatives, d/dt at θ + t·direction, from which the Hessian's products are made [Pearlmutter 1994]. The masks of ReLUs
stay as they are.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from bntui.maths.arrays import Array, Mode, Parameters, product, sum_of, sum_of_products, turned
from bntui.maths.kinds.activations import Activation
from bntui.maths.kinds.normalizations import GAMMA, Normalization
from bntui.maths.link import NEW, Link, Outs
from bntui.maths.names import ACTIVATION, WEIGHT, Name
from bntui.maths.normalizing import Normalize
from bntui.maths.tape import Do, at_once, written
from bntui.records import dataclass


@dataclass(frozen=True, slots=True)
class Affine:
    """z = a·Wᵀ + b, with W (n_l, n_{l−1}) as in torch.nn.Linear."""

    layer: str
    weight: Name
    bias: Name | None
    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False

    def incoming(self, kept: Array) -> Array:
        """The input, from what the forward step kept: the input itself."""
        return kept

    def forward(
        self,
        incoming: Array,
        parameters: Parameters,
        running: Parameters,
        mode: Mode,
        out: Array | None = None,
        free: bool = False,
        do: Do = at_once,
    ) -> tuple[Array, Array]:
        """The pre-activation, and the input that the weight's gradient will need."""
        outgoing = product(incoming, turned(parameters[self.weight], do), out, do)
        if self.bias is not None:
            do(np.add, outgoing, parameters[self.bias], outgoing)
        return outgoing, incoming

    def backward(
        self,
        signal: Array,
        incoming: Array,
        parameters: Parameters,
        gradients: Parameters,
        outs: Outs = NEW,
        do: Do = at_once,
    ) -> list[Link]:
        """∂J/∂W = δᵀ·a and ∂J/∂b = Σδ; the factor is the weight: δ·W."""
        product(signal.swapaxes(-1, -2), incoming, gradients[self.weight], do)
        if self.bias is not None:
            sum_of(signal, gradients[self.bias], do=do)
        return [Link(self.weight, product(signal, parameters[self.weight], next(outs), do))]

    def forward_along(
        self, change: Array, incoming: Array, parameters: Parameters, direction: Parameters
    ) -> tuple[Array, Array]:
        """The change of z while the input changes by `change`: ȧ·Wᵀ + a·Ẇᵀ + ḃ; and what `backward_along` will need."""
        outgoing = product(change, parameters[self.weight].swapaxes(-1, -2))
        outgoing += product(incoming, direction[self.weight].swapaxes(-1, -2))
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
        product(change.swapaxes(-1, -2), incoming, products[self.weight])
        products[self.weight][...] += product(signal.swapaxes(-1, -2), kept_change)
        if self.bias is not None:
            sum_of(change, products[self.bias])
        outgoing = product(change, parameters[self.weight])
        outgoing += product(signal, direction[self.weight])
        return outgoing


class Rows(NamedTuple):
    """What a normalized weight keeps of a forward step: a, y = a·Vᵀ, V, and by row s = γ/‖v‖ and ‖v‖², both (…, 1, n)."""

    incoming: Array
    unscaled: Array
    weight: Array
    scale: Array
    squares: Array

    def projected(self, raw: Array) -> Array:
        """What of a gradient of V, as V (…, n_l, n_{l−1}), does not go along its rows."""
        along = (self.weight * raw).sum(axis=-1, keepdims=True) / self.squares.swapaxes(-1, -2)
        return raw - self.weight * along


@dataclass(frozen=True, slots=True)
class WeightNormedAffine:
    """z = s·y + b with y = a·Vᵀ and s = γ/‖v‖ for each row v of V [Salimans & Kingma 2016]; `weight` is V, `gamma` may be None.

    Its factor has two parts, s and V. The gradient of V is that of the plain weight, of which a last part takes away what goes
    along each row.
    """

    layer: str
    weight: Name
    bias: Name | None
    gamma: Name | None
    scale: Name
    project: Name
    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = False

    @classmethod
    def of(cls, layer: str, kind: Normalization, bias: Name | None, affine: bool) -> WeightNormedAffine:
        """The affine map of a layer whose weight is normalized, with γ or without."""
        scale, project = (Name(layer, part.factor) for part in kind.parts)
        return cls(layer, Name(layer, WEIGHT), bias, Name(layer, GAMMA) if affine else None, scale, project)

    def squares(self, parameters: Parameters) -> Array:
        """‖v‖² of each row, by unit (…, 1, n)."""
        return np.square(parameters[self.weight]).sum(axis=-1)[..., np.newaxis, :]

    def scales(self, parameters: Parameters) -> Array:
        """γ/‖v‖ of each row, by unit (…, 1, n)."""
        return self._gain(parameters) / np.sqrt(self.squares(parameters))

    def _gain(self, parameters: Parameters) -> Array | float:
        return 1.0 if self.gamma is None else parameters[self.gamma]

    def forward(
        self,
        incoming: Array,
        parameters: Parameters,
        running: Parameters,
        mode: Mode,
        out: Array | None = None,
        free: bool = False,
        do: Do = at_once,
    ) -> tuple[Array, Rows]:
        """The pre-activation, and what the way back needs."""
        weight = parameters[self.weight]
        unscaled = product(incoming, turned(weight, do), None, do)
        squares = do(written, self.squares, parameters, None)
        scale = do(np.sqrt, squares, None)
        scale = do(np.divide, self._gain(parameters), scale, scale)
        outgoing = do(np.multiply, unscaled, scale, out)
        if self.bias is not None:
            do(np.add, outgoing, parameters[self.bias], outgoing)
        return outgoing, Rows(incoming, unscaled, weight, scale, squares)

    def incoming(self, kept: Rows) -> Array:
        """The input, from what the forward step kept."""
        return kept.incoming

    def backward(
        self,
        signal: Array,
        kept: Rows,
        parameters: Parameters,
        gradients: Parameters,
        outs: Outs = NEW,
        do: Do = at_once,
    ) -> list[Link]:
        """∂J/∂V = G − v(v·G)/‖v‖² row by row, with G = (δ·s)ᵀ·a; the factor is s and V."""
        scaled = do(np.multiply, signal, kept.scale, next(outs))
        raw = product(scaled.swapaxes(-1, -2), kept.incoming, gradients[self.weight], do)
        do(written, kept.projected, raw, raw)
        if self.gamma is not None:
            along = sum_of_products(signal, kept.unscaled, do=do)
            do(np.divide, along, do(np.sqrt, kept.squares, None), gradients[self.gamma])
        if self.bias is not None:
            sum_of(signal, gradients[self.bias], do=do)
        return [Link(self.scale, scaled), Link(self.weight, product(scaled, kept.weight, next(outs), do))]

    def forward_along(
        self, change: Array, kept: Rows, parameters: Parameters, direction: Parameters
    ) -> tuple[Array, tuple[Array, Array, Array]]:
        """The change of z, s·ẏ + ṡ·y + ḃ, with ẏ = ȧ·Vᵀ + a·V̇ᵀ and ṡ = γ̇/‖v‖ − s(v·v̇)/‖v‖²."""
        weight_change = direction[self.weight]
        unscaled_change = product(change, kept.weight.swapaxes(-1, -2))
        unscaled_change += product(kept.incoming, weight_change.swapaxes(-1, -2))
        scale_change = -kept.scale * _by_row(kept.weight, weight_change) / kept.squares
        if self.gamma is not None:
            scale_change += direction[self.gamma] / np.sqrt(kept.squares)
        outgoing = unscaled_change * kept.scale
        outgoing += kept.unscaled * scale_change
        if self.bias is not None:
            outgoing += direction[self.bias]
        return outgoing, (change, unscaled_change, scale_change)

    def backward_along(
        self,
        signal: Array,
        change: Array,
        kept: Rows,
        kept_change: tuple[Array, Array, Array],
        parameters: Parameters,
        direction: Parameters,
        products: Parameters,
    ) -> Array:
        """The change of the signal after s and V; those of ∂J/∂V, ∂J/∂γ and ∂J/∂b go to `products`."""
        incoming, unscaled, weight, scale, squares = kept
        incoming_change, unscaled_change, scale_change = kept_change
        weight_change = direction[self.weight]
        squares_change = 2 * _by_row(weight, weight_change)
        scaled, scaled_change = signal * scale, change * scale + signal * scale_change
        along = sum_of_products(signal, unscaled)  # ∂J/∂s
        along_change = sum_of_products(change, unscaled) + sum_of_products(signal, unscaled_change)
        if self.gamma is not None:
            products[self.gamma][...] = (along_change - along * squares_change / (2 * squares)) / np.sqrt(squares)
        if self.bias is not None:
            sum_of(change, products[self.bias])
        taken = scale * along / squares
        taken_change = (scale_change * along + scale * along_change - taken * squares_change) / squares
        along_weight = products[self.weight]
        product(scaled_change.swapaxes(-1, -2), incoming, along_weight)
        along_weight += product(scaled.swapaxes(-1, -2), incoming_change)
        along_weight -= taken_change.swapaxes(-1, -2) * weight
        along_weight -= taken.swapaxes(-1, -2) * weight_change
        outgoing = product(scaled_change, weight)
        outgoing += product(scaled, weight_change)
        return outgoing


def _by_row(one: Array, other: Array) -> Array:
    """The product of each row of a weight with that of another, by unit (…, 1, n)."""
    return (one * other).sum(axis=-1)[..., np.newaxis, :]


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
        self,
        incoming: Array,
        parameters: Parameters,
        running: Parameters,
        mode: Mode,
        out: Array | None = None,
        free: bool = False,
        do: Do = at_once,
    ) -> tuple[Array, tuple[Array, Array]]:
        """The activation, and what its slope is computed from."""
        outgoing = self.kind.value(incoming, incoming if free else out, do)
        return outgoing, (incoming, outgoing)

    def backward(
        self,
        signal: Array,
        kept: tuple[Array, Array],
        parameters: Parameters,
        gradients: Parameters,
        outs: Outs = NEW,
        do: Do = at_once,
    ) -> list[Link]:
        """δ ∘ g′(u)."""
        slopes = self.kind.slope(*kept, next(outs), do)
        return [Link(self.factor, do(np.multiply, signal, slopes, slopes))]

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


AnyAffine = Affine | WeightNormedAffine
Stage = AnyAffine | Normalize | Nonlinearity

