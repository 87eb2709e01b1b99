"""The forward pass in sizes: how large each layer's pre-activation and activation are, and what a normalization makes of it."""

from __future__ import annotations

import math
from typing import NamedTuple

from bntui.maths.arrays import Array, Mode
from bntui.maths.names import ACTIVATION
from bntui.maths.network import Network
from bntui.maths.normalizing import Normalize
from bntui.maths.norms import norm
from bntui.maths.numeric import np
from bntui.maths.skips import Fork, forward
from bntui.maths.stages import Affine, WeightNormedAffine

NORM = "norm"


class LayerSizes(NamedTuple):
    """Root mean squares over a batch and a layer's units: of z, of what its normalization puts out, of what the layer puts out.

    `normalized` is None where the layer is not normalized; where its weight alone is, z is a·Wᵀ with the weight as
    it stands. `deviation` is σ of z over the batch, the root mean square over the units. `incoming` is the size of what the
    layer takes in, `stages` are its stages in their order, `z`, `norm` and `activation`, each with the size of what it puts out.
    """

    layer: str
    pre_activation: float
    normalized: float | None
    activation: float
    deviation: float
    incoming: float
    stages: tuple[tuple[str, float], ...]

    def then(self, stage: str, size: float) -> LayerSizes:
        """The layer with another stage after those that it has; what that puts out the layer puts out."""
        return self._replace(activation=size, stages=(*self.stages, (stage, size)))


def sizes(
    network: Network, theta: Array, running: Array, inputs: Array, mode: Mode, sample: int | None = None
) -> tuple[LayerSizes, ...]:
    """The sizes of every layer from the input on, for θ (P,) and a batch (m, n₀): over the batch, or over one sample's units."""

    def size_of(array: Array) -> float:
        return _root_mean_square(array if sample is None else array[..., sample, :])

    parameters, estimates = network.layout.views(theta), network.running_layout.views(running)
    found: dict[str, LayerSizes] = {}
    signal, beside = inputs, dict[str, Array]()
    with np.errstate(all="ignore"):
        for stage in network.stages:
            incoming = size_of(signal)
            signal, kept = forward(stage, signal, parameters, estimates, mode, beside)
            size, layer = size_of(signal), stage.layer
            if isinstance(stage, WeightNormedAffine):
                before, z = kept.unscaled, size_of(kept.unscaled)
                found[layer] = LayerSizes(layer, z, size, size, _deviation(before), incoming, (("z", z), (NORM, size)))
            elif isinstance(stage, Affine):
                found[layer] = LayerSizes(layer, size, None, size, _deviation(signal), incoming, (("z", size),))
            elif isinstance(stage, Normalize):
                found[layer] = found[layer].then(NORM, size)._replace(normalized=size)
            elif not isinstance(stage, Fork):
                found[layer] = found[layer].then(ACTIVATION, size)
    return tuple(found.values())


def layer_outputs(network: Network, theta: Array, running: Array, inputs: Array, mode: Mode) -> dict[str, Array]:
    """What each layer puts out (m, n_l), by its name from the input on, for θ (P,) and a batch (m, n₀)."""
    parameters, estimates = network.layout.views(theta), network.running_layout.views(running)
    found: dict[str, Array] = {}
    signal, beside = inputs, dict[str, Array]()
    with np.errstate(all="ignore"):
        for stage in network.stages:
            signal, _ = forward(stage, signal, parameters, estimates, mode, beside)
            found[stage.layer] = signal
    return found


def _root_mean_square(array: Array) -> float:
    return norm(array) / math.sqrt(array.size)


def _deviation(array: Array) -> float:
    return math.sqrt(array.var(axis=-2).mean())
