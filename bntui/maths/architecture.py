"""What a network is made of, before any number is in it."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, get_args

from bntui.maths.kinds.activations import LINEAR, Activation
from bntui.maths.kinds.costs import HALF_MSE, Cost
from bntui.maths.kinds.normalizations import BATCH_NORM, Normalization
from bntui.records import dataclass

Placement = Literal["before_activation", "after_activation"]
PLACEMENTS: tuple[Placement, ...] = get_args(Placement)
Switching = Literal["reset", "preserve"]
DEFAULT_GROUPS = 2
INPUTS = "inputs"  # what a skip connection from the network's inputs comes from


@dataclass(frozen=True, slots=True)
class NormalizationSettings:
    """How a layer is normalized when it is; the defaults are those of torch.nn.BatchNorm1d.

    `groups` is into how many groups a layer's units are divided by a kind that takes its statistics over groups of them.
    """

    kind: Normalization = BATCH_NORM
    placement: Placement = "before_activation"
    epsilon: float = 1e-5
    momentum: float = 0.1
    affine: bool = True
    groups: int = DEFAULT_GROUPS


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: an affine map, an activation, and perhaps a normalization.

    `switchable` says whether the layer takes part when normalization is switched everywhere. `skip_from` is an earlier layer, or
    INPUTS, whose output is added to this layer's own.
    """

    name: str
    units: int
    activation: Activation = LINEAR
    bias: bool = True
    switchable: bool = True
    normalization: NormalizationSettings = field(default_factory=NormalizationSettings)
    skip_from: str | None = None

    @property
    def is_linear(self) -> bool:
        """Whether no activation follows the affine map."""
        return self.activation is LINEAR

    @property
    def normalized_before_activation(self) -> bool:
        """Whether the layer's normalization, where it has one, stands between its affine map and its activation."""
        return self.is_linear or self.normalization.placement == "before_activation"

    def impossible(self, kind: Normalization) -> str | None:
        """Why this layer cannot be normalized in a kind, as a sentence; None where it can."""
        groups = self.normalization.groups if kind.grouped else 1
        if self.units % groups:
            return f"{self.name}: {kind.name} divides the units into {groups} groups, and {self.units} cannot be divided so"
        if kind.over == "units" and self.units // groups < kind.least:
            return f"{self.name}: {kind.too_few}"
        return None


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network's layers from the input to the output, and the cost that is descended."""

    inputs: int
    layers: tuple[Layer, ...]
    cost: Cost = HALF_MSE

    @property
    def switchable(self) -> tuple[str, ...]:
        """The names of the layers that are normalized when BN is switched on everywhere."""
        return tuple(layer.name for layer in self.layers if layer.switchable)

    @property
    def forked(self) -> dict[str, tuple[str, ...]]:
        """From which layers, or INPUTS, skip connections come, and to which layers, from the input on."""
        found: dict[str, tuple[str, ...]] = {}
        for layer in self.layers:
            if layer.skip_from is not None:
                found[layer.skip_from] = (*found.get(layer.skip_from, ()), layer.name)
        return found

    @property
    def bypassed(self) -> frozenset[str]:
        """The layers round which some skip connection goes."""
        names = [INPUTS, *(layer.name for layer in self.layers)]
        return frozenset(
            name
            for source, targets in self.forked.items()
            for name in names[names.index(source) + 1 : names.index(targets[-1]) + 1]
        )

    def before(self, name: str) -> str:
        """Whose output enters the layer of that name: the layer before it, or INPUTS."""
        place = self.position(name)
        return self.layers[place - 1].name if place else INPUTS

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises KeyError where there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def position(self, name: str) -> int:
        """The place of the layer of that name, counted from 0 at the input."""
        return self.layers.index(self.layer(name))
