"""The network that a scenario describes, without a number in it."""

from __future__ import annotations

from itertools import pairwise

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS
from bntui.scenario.model.scenario import LayerBatchNorm, LayerPart, NetworkPart, Scenario


def layer_names(network: NetworkPart) -> tuple[str, ...]:
    """The names of the layers from the input; one without a name is layer1, layer2 … by its place."""
    return tuple(layer.name or f"layer{place}" for place, layer in enumerate(network.layers, start=1))


def architecture_of(scenario: Scenario, inputs: int) -> Architecture:
    """The network for data of that many inputs."""
    network = scenario.network
    layers = (
        Layer(
            name=name,
            units=layer.units,
            activation=ACTIVATIONS[layer.activation],
            bias=layer.bias is not False,
            switchable=layer.batch_norm is not False,
            normalization=normalization_of(network, layer),
        )
        for name, layer in zip(layer_names(network), network.layers, strict=True)
    )
    return Architecture(inputs, tuple(layers), COSTS[scenario.cost])


def normalization_of(network: NetworkPart, layer: LayerPart) -> NormalizationSettings:
    """How a layer is normalized when it is: its own settings, else the network's."""
    own = layer.batch_norm if isinstance(layer.batch_norm, LayerBatchNorm) else LayerBatchNorm()
    whole = network.batch_norm
    return NormalizationSettings(
        placement=whole.placement if own.placement is None else own.placement,
        epsilon=whole.epsilon if own.epsilon is None else own.epsilon,
        momentum=whole.momentum if own.momentum is None else own.momentum,
        affine=whole.affine if own.affine is None else own.affine,
    )


def initially_normalized(scenario: Scenario, architecture: Architecture) -> tuple[str, ...]:
    """The layers that start with BN, from the input."""
    enabled = scenario.network.batch_norm.enabled
    if isinstance(enabled, bool):
        return architecture.switchable if enabled else ()
    return tuple(layer.name for layer in architecture.layers if layer.name in enabled)


def weight_count(scenario: Scenario, inputs: int) -> int:
    """How many weights the network has, biases left out."""
    widths = [inputs, *(layer.units for layer in scenario.network.layers)]
    return sum(before * after for before, after in pairwise(widths))
