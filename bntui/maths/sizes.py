"""The forward pass in sizes: how large each layer's pre-activation and activation are, and what a normalization makes of it."""

from __future__ import annotations

import math
from typing import NamedTuple

from bntui.maths.arrays import Array, Mode
from bntui.maths.chain import norm
from bntui.maths.network import Network
from bntui.maths.numeric import np
from bntui.maths.skips import Fork, forward
from bntui.maths.stages import Affine, Normalize, WeightNormedAffine


class LayerSizes(NamedTuple):
    """Root mean squares over a batch and a layer's units: of z, of what its normalization puts out, of what the layer puts out.

    `normalized` is None where the layer is not normalized; where its weight alone is, z is a·Wᵀ with the weight as
    it stands. `deviation` is σ of z over the batch, the root mean square over the units.
    """

    layer: str
    pre_activation: float
    normalized: float | None
    activation: float
    deviation: float


def sizes(network: Network, theta: Array, running: Array, inputs: Array, mode: Mode) -> tuple[LayerSizes, ...]:
    """The sizes of every layer from the input on, for θ (P,) and a batch (m, n₀)."""
    parameters, estimates = network.layout.views(theta), network.running_layout.views(running)
    found: dict[str, LayerSizes] = {}
    signal, beside = inputs, dict[str, Array]()
    with np.errstate(all="ignore"):
        for stage in network.stages:
            signal, kept = forward(stage, signal, parameters, estimates, mode, beside)
            size = _root_mean_square(signal)
            if isinstance(stage, WeightNormedAffine):
                before = kept.unscaled
                found[stage.layer] = LayerSizes(stage.layer, _root_mean_square(before), size, size, _deviation(before))
            elif isinstance(stage, Affine):
                found[stage.layer] = LayerSizes(stage.layer, size, None, size, _deviation(signal))
            elif isinstance(stage, Normalize):
                found[stage.layer] = found[stage.layer]._replace(normalized=size, activation=size)
            elif not isinstance(stage, Fork):
                found[stage.layer] = found[stage.layer]._replace(activation=size)
    return tuple(found.values())


def _root_mean_square(array: Array) -> float:
    return norm(array) / math.sqrt(array.size)


def _deviation(array: Array) -> float:
    return math.sqrt(array.var(axis=-2).mean())
