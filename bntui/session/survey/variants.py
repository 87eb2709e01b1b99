"""The same scenario with larger first weights or another number of hidden layers: the second axis of a sweep."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from bntui.maths.architecture import INPUTS
from bntui.scenario.data.layout import PREVIOUS, PlacedLayer, layers_of
from bntui.scenario.model.scenario import MOST_LAYERS, LayerPart, Scenario
from bntui.session.run.experiment import Refusal

Over = Literal["gain", "depth"]

FACTORS = (0.25, 0.354, 0.5, 0.707, 1.0, 1.414, 2.0, 2.828, 4.0)
DEPTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192)


def own_size(scenario: Scenario, over: Over) -> float:
    """The scenario's own gain (1 where its scheme has none: a factor on its first weights), or its number of hidden layers."""
    if over == "depth":
        return len(layers_of(scenario.network)) - 1
    return scenario.network.init.gain or 1.0


def sizes(scenario: Scenario, over: Over | None) -> tuple[float | None, ...]:
    """The gains or depths that a sweep tries, ascending; (None,) for the network as it is."""
    if over is None:
        return (None,)
    own = own_size(scenario, over)
    if over == "gain":
        return tuple(own * factor for factor in FACTORS)
    if own < 1:
        raise Refusal("a network without hidden layers has no depth to sweep over")
    return tuple(float(depth) for depth in DEPTHS if depth <= max(2 * own, 4) and depth < MOST_LAYERS)


def deeper(scenario: Scenario, depth: int) -> Scenario:
    """The scenario with that number of hidden layers: its first ones, then the last of them again and again, then its head.

    Raises Refusal where written weights do not fit any more.
    """
    *hidden, head = (_alone(placed) for placed in layers_of(scenario.network))
    repeated = hidden[-1]
    added = [_again(repeated, place) for place in range(len(hidden), depth)]
    layers = (*hidden[:depth], *added, head)
    known = {placed.name for placed in layers_of(scenario.network)[:depth]}
    if head.skip_from not in (None, PREVIOUS, INPUTS, *known):
        raise Refusal(f"{_name(head)} adds {head.skip_from}, which a shallower network lacks; depth cannot be swept over")
    for before, layer in pairwise(layers):
        written = layer.units if layer.weight == "identity" else len(layer.weight[0]) if layer.weight else before.units
        if written != before.units:
            raise Refusal(f"{_name(layer)} has written weights for another layer before it; depth cannot be swept over")
    return scenario.model_copy(update={"network": scenario.network.model_copy(update={"layers": layers})})


def _alone(placed: PlacedLayer) -> LayerPart:
    """A layer as it is written where nothing is repeated."""
    name = None if placed.part.name is None else placed.name
    return placed.part.model_copy(update={"name": name, "repeat": None})


def _again(layer: LayerPart, place: int) -> LayerPart:
    name = None if layer.name is None else f"{layer.name}-{place + 1}"
    return layer.model_copy(update={"name": name})


def _name(layer: LayerPart) -> str:
    return layer.name or "a layer"
