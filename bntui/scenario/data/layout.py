"""The network that a scenario describes, without a number in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from bntui.maths.architecture import INPUTS, Architecture, Layer, NormalizationSettings
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.scenario import LayerBatchNorm, LayerNormalization, LayerPart, NetworkPart, Scenario

PREVIOUS = "previous"  # the layer before, or the network's inputs, as what a skip connection comes from


class PlacedLayer(NamedTuple):
    """A layer of the network: its name, what is written of it, and at which place among the written ones, counted from 0."""

    name: str
    part: LayerPart
    place: int


def layers_of(network: NetworkPart) -> tuple[PlacedLayer, ...]:
    """The layers from the input, those with `repeat` as often as they say."""
    names = layer_names((part.name, part.repeat) for part in network.layers)
    return tuple(PlacedLayer(name, network.layers[place], place) for name, place in names)


def layer_names(written: Iterable[tuple[str | None, int | None]]) -> Iterator[tuple[str, int]]:
    """The name of each layer, and its place among the written ones, which say (name, repeat).

    A repeated h is h1, h2 …; a layer without a name is layer1, layer2 … by its number from the input.
    """
    number = 0
    for place, (name, repeat) in enumerate(written):
        for turn in range(1, (repeat or 1) + 1):
            number += 1
            if name is None:
                yield f"layer{number}", place
            else:
                yield (name if repeat is None else f"{name}{turn}"), place


def architecture_of(scenario: Scenario, inputs: int) -> Architecture:
    """The network for data of that many inputs."""
    network = scenario.network
    placed = layers_of(network)
    layers = (
        Layer(
            name=name,
            units=layer.units,
            activation=ACTIVATIONS[layer.activation],
            bias=layer.bias is not False,
            switchable=is_switchable(layer),
            normalization=normalization_of(network, layer),
            skip_from=before if layer.skip_from == PREVIOUS else layer.skip_from,
        )
        for (name, layer, _), before in zip(placed, [INPUTS, *(each.name for each in placed)], strict=False)
    )
    return Architecture(inputs, tuple(layers), COSTS[scenario.cost])


def is_switchable(layer: LayerPart) -> bool:
    """Whether a layer takes part when normalization is switched everywhere."""
    return layer.batch_norm is not False and layer.normalization is not False


def normalization_of(network: NetworkPart, layer: LayerPart) -> NormalizationSettings:
    """How a layer is normalized when it is: its own settings, else the network's."""
    own = _own_settings(layer)
    whole = network.settings
    return NormalizationSettings(
        kind=NORMALIZATIONS[own.kind or whole.kind],
        placement=whole.placement if own.placement is None else own.placement,
        epsilon=whole.epsilon if own.epsilon is None else own.epsilon,
        momentum=whole.momentum if own.momentum is None else own.momentum,
        affine=whole.affine if own.affine is None else own.affine,
        groups=own.groups or whole.groups,
    )


def _own_settings(layer: LayerPart) -> LayerBatchNorm | LayerNormalization:
    if isinstance(layer.batch_norm, LayerBatchNorm):
        return layer.batch_norm
    if isinstance(layer.normalization, LayerNormalization):
        return layer.normalization
    kind = layer.normalization if isinstance(layer.normalization, str) else None  # which was found valid with the layer
    return LayerNormalization(kind=kind)


def initially_normalized(scenario: Scenario, architecture: Architecture) -> tuple[str, ...]:
    """The layers that start normalized, from the input."""
    enabled = scenario.network.settings.enabled
    if isinstance(enabled, bool):
        return architecture.switchable if enabled else ()
    return tuple(layer.name for layer in architecture.layers if layer.name in enabled)


def weight_count(scenario: Scenario, inputs: int) -> int:
    """How many weights the network has, biases left out."""
    widths = [inputs, *(layer.part.units for layer in layers_of(scenario.network))]
    return sum(before * after for before, after in pairwise(widths))
