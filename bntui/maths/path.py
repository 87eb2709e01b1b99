"""One path of units through a wider network: the same stages, on one unit of each layer.

A backward step is linear in the signal and, but for the weights, works unit by unit; so the signal that runs along one
unit of each layer is a chain of one-unit stages, and the signals of all paths sum to the whole one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.names import WEIGHT, Name
from bntui.maths.network import Evaluation, Forward, Network, network
from bntui.maths.stages import Affine, BatchNorm, Kept, Link, Statistics


def follow(whole: Network, evaluation: Evaluation, theta: Array, units: Mapping[str, int]) -> tuple[Network, Evaluation]:
    """The one-unit network along a path, and its backward pass with the numbers of the whole one.

    `units` names the path's unit in each layer; where it names none, and in the input, the path goes by unit 0.
    """
    layers = whole.architecture.layers
    chosen = [units.get(layer.name, 0) for layer in layers]
    architecture = replace(
        whole.architecture, inputs=1, layers=tuple(replace(layer, units=1) for layer in layers)
    )
    thin = network(architecture, whole.structure)
    unit = dict(zip((layer.name for layer in layers), chosen, strict=True))
    before = dict(zip((layer.name for layer in layers), [0, *chosen[:-1]], strict=True))
    wide = whole.layout.views(theta)
    parameters = {
        name: view[unit[name.layer] :, before[name.layer] :][:1, :1]
        if name.part == WEIGHT
        else view[:, unit[name.layer] :][:, :1]
        for name, view in wide.items()
    }
    kept = tuple(
        _kept_of(stage, memory, before[stage.layer] if isinstance(stage, Affine) else unit[stage.layer])
        for stage, memory in zip(whole.stages, evaluation.forward.kept, strict=True)
    )
    gradient = np.zeros(thin.layout.size)
    with np.errstate(all="ignore"):
        links = _links(thin, evaluation, kept, chosen[-1], parameters, thin.layout.views(gradient))
    last = slice(chosen[-1], chosen[-1] + 1)
    forward = Forward(evaluation.forward.outputs[:, last], kept, evaluation.forward.logits[:, :1])
    return thin, Evaluation(evaluation.loss, forward, tuple(links), gradient)


def _links(
    thin: Network,
    evaluation: Evaluation,
    kept: tuple[Kept, ...],
    output: int,
    parameters: Mapping[Name, Array],
    gradients: Mapping[Name, Array],
) -> list[Link]:
    """The path's links: what the cost says of its output unit, and from there every stage's backward step."""
    stages = list(zip(thin.stages, kept, strict=True))
    given = 1 if thin.cost.logit_derivative is None else 2
    links = [link._replace(signal=link.signal[:, output : output + 1]) for link in evaluation.links[:given]]
    if given == 2:
        stages.pop()
    for stage, memory in reversed(stages):
        links += stage.backward(links[-1].signal, memory, parameters, gradients)
    return links


def _kept_of(stage: object, memory: Kept, unit: int) -> Kept:
    """What a stage keeps, of one unit."""
    one = slice(unit, unit + 1)
    if isinstance(stage, Affine):
        return memory[:, one]
    if isinstance(stage, BatchNorm):
        whole, mode = memory
        parts = (whole.mean, whole.variance, whole.sigma, whole.normalized)
        return Statistics(*(part[:, one] for part in parts)), mode
    return tuple(part[:, one] for part in memory)
