"""What a network is made of, before any number is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

Activation = Literal["linear", "relu", "leaky_relu", "sigmoid", "tanh"]
Cost = Literal["mse", "half_mse", "bce", "cross_entropy"]
Placement = Literal["before_activation", "after_activation"]

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
COSTS: tuple[Cost, ...] = get_args(Cost)
PLACEMENTS: tuple[Placement, ...] = get_args(Placement)


@dataclass(frozen=True, slots=True)
class BatchNormSettings:
    """How a layer is normalized when it is; the defaults are those of torch.nn.BatchNorm1d."""

    placement: Placement = "before_activation"
    epsilon: float = 1e-5
    momentum: float = 0.1
    affine: bool = True


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: an affine map, an activation, and perhaps batch normalization.

    `switchable` says whether the layer takes part when BN is switched everywhere.
    """

    name: str
    units: int
    activation: Activation = "linear"
    bias: bool = True
    switchable: bool = True
    batch_norm: BatchNormSettings = field(default_factory=BatchNormSettings)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network's layers from the input to the output, and the cost that is descended."""

    inputs: int
    layers: tuple[Layer, ...]
    cost: Cost = "half_mse"

    @property
    def switchable(self) -> tuple[str, ...]:
        """The names of the layers that are normalized when BN is switched on everywhere."""
        return tuple(layer.name for layer in self.layers if layer.switchable)

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises KeyError where there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def position(self, name: str) -> int:
        """The place of the layer of that name, counted from 0 at the input."""
        return self.layers.index(self.layer(name))
