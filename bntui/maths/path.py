"""One path of units through a wider network: the same stages, on one unit of each layer.

A backward step is linear in the signal and, but for the weights, works unit by unit; so the signal that runs along one
unit of each layer is a chain of one-unit stages, and the signals of all paths sum to the whole one. A normalization over the
units mixes them, and so does one of the weight's rows: there the path is the one that stays with its unit, and those that
change it make up the rest of the sum. A skip connection joins a unit to the one of the same number: where the path goes by both,
what comes round is in its signal, and so it is in that of every path which differs in the layers between them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bntui.maths.architecture import INPUTS, Architecture
from bntui.maths.arrays import Array
from bntui.maths.link import Kept, Link
from bntui.maths.names import WEIGHT, Name
from bntui.maths.network import Evaluation, Forward, Network, network
from bntui.maths.normalizing import Normalize, Statistics
from bntui.maths.skips import AnyStage, Beside, Skip, backward
from bntui.maths.stages import AnyAffine, Rows, WeightNormedAffine


def follow(whole: Network, evaluation: Evaluation, theta: Array, units: Mapping[str, int]) -> tuple[Network, Evaluation]:
    """The one-unit network along a path, and its backward pass with the numbers of the whole one.

    `units` names the path's unit in each layer; where it names none, and in the input, the path goes by unit 0.
    """
    layers = whole.architecture.layers
    chosen = [units.get(layer.name, 0) for layer in layers]
    unit = dict(zip((layer.name for layer in layers), chosen, strict=True))
    thin = network(_thinned(whole.architecture, {INPUTS: 0, **unit}), whole.structure)
    before = dict(zip((layer.name for layer in layers), [0, *chosen[:-1]], strict=True))
    wide = whole.layout.views(theta)
    parameters = {
        name: view[unit[name.layer] :, before[name.layer] :][:1, :1]
        if name.part == WEIGHT
        else view[:, unit[name.layer] :][:, :1]
        for name, view in wide.items()
    }
    memories = dict(zip(whole.stages, evaluation.forward.kept, strict=True))
    kept = tuple(_kept_of(stage, memories.get(stage), unit[stage.layer], before[stage.layer]) for stage in thin.stages)
    gradient = np.zeros(thin.layout.size)
    with np.errstate(all="ignore"):
        links, arriving = _links(thin, evaluation, memories, kept, unit, wide, parameters, thin.layout.views(gradient))
    last = slice(chosen[-1], chosen[-1] + 1)
    whole_way = evaluation.forward
    forward = Forward(whole_way.inputs[:, :1], whole_way.outputs[:, last], kept, whole_way.logits[:, :1])
    return thin, Evaluation(evaluation.loss, forward, tuple(links), tuple(arriving), gradient)


def _thinned(architecture: Architecture, unit: Mapping[str, int]) -> Architecture:
    """The architecture of one unit of each layer, with those skip connections that lead from one of them to another."""
    layers = (
        replace(layer, units=1, skip_from=layer.skip_from if unit.get(layer.skip_from or "") == unit[layer.name] else None)
        for layer in architecture.layers
    )
    return replace(architecture, inputs=1, layers=tuple(layers))


def _links(
    thin: Network,
    evaluation: Evaluation,
    memories: Mapping[AnyStage, Kept],
    kept: tuple[Kept, ...],
    unit: Mapping[str, int],
    wide: Mapping[Name, Array],
    parameters: Mapping[Name, Array],
    gradients: Mapping[Name, Array],
) -> tuple[list[Link], list[Array]]:
    """The path's links: what the cost says of its output unit, and from there every stage's backward step; and what arrives."""
    stages = list(zip(thin.stages, kept, strict=True))
    given = 1 if thin.cost.logit_derivative is None else 2
    output = unit[thin.architecture.layers[-1].name]
    links = [link._replace(signal=link.signal[:, output : output + 1]) for link in evaluation.links[:given]]
    if given == 2:
        stages.pop()
    arriving = []
    beside: Beside = {}
    for stage, memory in reversed(stages):
        signal = links[-1].signal
        arriving.append(signal)
        if isinstance(stage, Normalize) and stage.kind.over == "units":
            links += _staying(stage, memories[stage], signal, unit[stage.layer], wide)
        else:
            links += backward(stage, signal, memory, parameters, gradients, beside)
    return links, arriving


def _staying(stage: Normalize, memory: Kept, signal: Array, unit: int, parameters: Mapping[Name, Array]) -> list[Link]:
    """The links of a normalization that mixes the units, of the signal (m, 1) that comes by one unit and stays with it."""
    entering = np.zeros_like(memory[0].normalized)
    entering[:, unit : unit + 1] = signal
    unused = {name: np.empty_like(parameters[name]) for name in (stage.gamma, stage.beta) if name is not None}
    links = stage.backward(entering, memory, parameters, unused)
    return [link._replace(signal=link.signal[:, unit : unit + 1]) for link in links]


def _kept_of(stage: AnyStage, memory: Kept, unit: int, before: int) -> Kept:
    """What a stage keeps, of one unit, to which the path comes from the unit `before` of the layer below."""
    one, below = slice(unit, unit + 1), slice(before, before + 1)
    if isinstance(stage, WeightNormedAffine):
        incoming, unscaled, weight, scale, squares = memory
        return Rows(incoming[:, below], unscaled[:, one], weight[one, below], scale[:, one], squares[:, one])
    if isinstance(stage, AnyAffine):
        return memory[:, below]
    if isinstance(stage, Normalize):
        found, mode = memory
        parts = (part if part is None or part.shape[-1] == 1 else part[:, one] for part in found)
        return Statistics(*parts), mode
    return None if isinstance(stage, Skip) else tuple(part[:, one] for part in memory)
