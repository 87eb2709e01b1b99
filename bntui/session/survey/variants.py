"""The same scenario with larger first weights or another number of hidden layers: the second axis of a sweep."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from bntui.maths.architecture import INPUTS
from bntui.scenario.data.layout import PREVIOUS, PlacedLayer, layers_of
from bntui.scenario.model.scenario import MOST_LAYERS, LayerPart, Scenario
from bntui.scenario.reading.overs import Grid
from bntui.session.run.refusal import Refusal

FACTORS = (0.25, 0.354, 0.5, 0.707, 1.0, 1.414, 2.0, 2.828, 4.0)
NO_DEPTH = "a network without hidden layers has no depth to sweep over"
DEPTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192)


def own_size(scenario: Scenario, grid: Grid) -> float:
    """The scenario's own gain (1 where its scheme has none: a factor on its first weights), or its number of hidden layers."""
    if grid == "depth":
        return len(layers_of(scenario.network)) - 1
    return scenario.network.init.gain or 1.0


def sizes(scenario: Scenario, grid: Grid | None) -> tuple[float | None, ...]:
    """The gains or depths that a sweep tries, ascending; (None,) for the network as it is."""
    if grid is None:
        return (None,)
    own = own_size(scenario, grid)
    if grid == "gain":
        return tuple(own * factor for factor in FACTORS)
    if own < 1:
        raise Refusal(NO_DEPTH)
    return tuple(float(depth) for depth in DEPTHS if depth <= max(2 * own, 4) and depth < MOST_LAYERS)


def suggestions(scenario: Scenario, samples: int) -> tuple[str, ...]:
    """What it makes sense to sweep this scenario over, as it would be typed: gain and depth, or PATH=a,b,c."""
    hidden, init = layers_of(scenario.network)[:-1], scenario.network.init
    found = ["normalization", "gain"]
    if hidden and all(layer.part.weight is None for layer in (*hidden, layers_of(scenario.network)[-1])):
        own, units = len(hidden), hidden[0].part.units
        depths = dict.fromkeys(max(1, round(own * factor)) for factor in (0.25, 0.5, 1, 2))
        widths = dict.fromkeys(max(1, round(units * factor)) for factor in (0.5, 1, 2))
        found += ["depth", _typed("depth", depths), _typed("units", widths)]
    if init.scheme in ("he", "xavier"):
        found.append(_typed("init.gain", (f"{(init.gain or 1.0) * factor:g}" for factor in (0.5, 1, 2))))
    if init.scheme != "constant":
        found.append(_typed("init.seed", range(init.seed, init.seed + 4)))
    sizes_tried = [size for size in (4, 16, 64) if size < samples]
    found += [_typed("batch_size", (*sizes_tried, "full"))] if sizes_tried else []
    return (*found, "training.momentum=0,0.5,0.9", "weight_decay=0,1e-4,1e-3,1e-2")


def _typed(path: str, values: Iterable[object]) -> str:
    return f"{path}={','.join(map(str, values))}"


def deeper(scenario: Scenario, depth: int) -> Scenario:
    """The scenario with that number of hidden layers: its first ones, then the last of them again and again, then its head.

    Raises Refusal where written weights do not fit any more.
    """
    *hidden, head = (_alone(placed) for placed in layers_of(scenario.network))
    if not hidden:
        raise Refusal(NO_DEPTH)
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
    return scenario.changed(network=scenario.network.changed(layers=layers))


def _alone(placed: PlacedLayer) -> LayerPart:
    """A layer as it is written where nothing is repeated."""
    name = None if placed.part.name is None else placed.name
    return placed.part.changed(name=name, repeat=None)


def _again(layer: LayerPart, place: int) -> LayerPart:
    name = None if layer.name is None else f"{layer.name}-{place + 1}"
    return layer.changed(name=name)


def _name(layer: LayerPart) -> str:
    return layer.name or "a layer"
