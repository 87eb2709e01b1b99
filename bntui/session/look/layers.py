"""What is known of each layer at a moment: its norms, variances and slopes, and what its activation sees."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bntui.maths.architecture import Layer
from bntui.maths.arrays import Array, Parameters
from bntui.maths.chain import LayerChain
from bntui.maths.descent import statistics
from bntui.maths.kinds.normalizations import GAMMA, SCALE
from bntui.maths.names import WEIGHT, Name
from bntui.maths.network import Network
from bntui.maths.normalizing import Statistics
from bntui.maths.norms import norm
from bntui.maths.stages import Nonlinearity, WeightNormedAffine
from bntui.session.look.snapshot import LayerActivations, LayerNumbers
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment, Vitals

FLAT = 0.05  # a slope below this passes almost no gradient


def layer_numbers(
    experiment: Experiment, moment: Moment, now: Vitals, before: Vitals | None
) -> tuple[LayerNumbers, ...]:
    """The numbers of every layer from the input, `before` being the vitals of the step before, where there was one."""
    network = experiment.network(moment)
    parameters = network.layout.views(moment.state.theta)
    kept = statistics(network, experiment.lend(moment))
    earlier: Mapping[Name, float] = {} if before is None else before.gradients
    slopes = _slopes(experiment, moment)
    found = []
    with np.errstate(all="ignore"):
        for layer, chain in zip(experiment.architecture.layers, now.chains, strict=True):
            name, weight = layer.name, parameters[Name(layer.name, WEIGHT)]
            epsilon = layer.normalization.epsilon
            variance = _variances(network, layer, kept.get(name))
            projects = name in kept and network.kinds[name].projects
            scale = _scale(network, layer, kept.get(name), parameters)
            rows = np.sqrt(np.add.reduce(np.square(weight), axis=-1))
            found.append(
                LayerNumbers(
                    layer=name,
                    weight_gradient=chain.product,
                    rounding=chain.is_rounding,
                    weight_gradient_before=earlier.get(Name(name, WEIGHT)),
                    gamma_gradient=now.gradients.get(Name(name, GAMMA)),
                    gamma_rounding=_arrives_as_rounding(chain),
                    gamma_gradient_before=earlier.get(Name(name, GAMMA)),
                    weight=norm(weight),
                    surviving=_mean(epsilon / (variance + epsilon)) if projects and variance is not None else None,
                    variance=None if variance is None else _mean(variance),
                    variances=None if variance is None else variance.size,
                    below_epsilon=None if variance is None else int(np.count_nonzero(variance < epsilon)),
                    epsilon=None if variance is None else epsilon,
                    scale=None if scale is None else norm(scale),
                    pair=None if scale is None else norm(rows * scale),
                    flat=float(np.mean(np.abs(slopes[name]) < FLAT)) if name in slopes else None,
                    dead_units=int((slopes[name] == 0).all(axis=-2).sum()) if name in slopes else None,
                )
            )
    return tuple(found)


def _mean(array: Array) -> float:
    """The mean of all numbers: numpy's own takes ten times as long for a few of them."""
    return float(np.add.reduce(array, axis=None)) / array.size


def _variances(network: Network, layer: Layer, kept: Statistics | None) -> Array | None:
    """Each v that a layer is divided by, once; None where there are none."""
    if kept is None or kept.variance is None:
        return None
    kind, groups = network.kinds[layer.name], layer.normalization.groups
    return kept.variance[..., :: layer.units // groups] if kind.grouped and groups > 1 else kept.variance


def _scale(network: Network, layer: Layer, kept: Statistics | None, parameters: Parameters) -> Array | None:
    """γ/σ, or γ/‖w‖, of each unit (1, n_l), None where there is none; the root mean square where it differs among samples."""
    stage = network.normalization(layer.name)
    if stage is not None and kept is not None:
        scale = stage.scale(kept, parameters)
        if scale is None or scale.shape == (1, layer.units):
            return scale
        if scale.shape[-2] > 1:
            scale = np.sqrt(np.square(scale).mean(axis=-2, keepdims=True))
        return np.broadcast_to(scale, (1, layer.units))
    affine = network.affine(layer.name)
    return affine.scales(parameters) if isinstance(affine, WeightNormedAffine) else None


def _arrives_as_rounding(chain: LayerChain) -> bool:
    """Whether the signal that arrives at a layer's BN is nothing but rounding."""
    scale, trunk = Name(chain.layer, SCALE.factor), chain.trunk
    return scale in trunk.names and trunk.is_rounding(trunk.names.index(scale) - 1)


def _slopes(experiment: Experiment, moment: Moment) -> dict[str, Array]:
    """g′ of every layer that has a nonlinear activation, (m, n_l)."""
    network, evaluation = experiment.network(moment), experiment.lend(moment)
    pairs = zip(network.stages, evaluation.forward.kept, strict=True)
    with np.errstate(all="ignore"):
        return {stage.layer: stage.slopes(kept) for stage, kept in pairs if isinstance(stage, Nonlinearity)}


def layer_activations(experiment: Experiment, moment: Moment, layer: str) -> LayerActivations:
    """What the activation of a layer sees: z, and u where BN stands before it."""
    network = experiment.network(moment)
    settings = experiment.architecture.layer(layer)
    memories = dict(zip(network.stages, experiment.lend(moment).forward.kept, strict=True))
    affine = network.affine(layer)
    with np.errstate(all="ignore"):
        parameters = network.layout.views(moment.state.theta)
        before, _ = affine.forward(affine.incoming(memories[affine]), parameters, {}, moment.mode)
        after = before  # computed anew: an activation may have been written over what it was computed from
        if settings.normalized_before_activation and layer in network.structure.normalized:
            stage = network.normalization(layer)
            running = network.running_layout.views(moment.state.running)
            if stage is not None:
                after, _ = stage.forward(before, parameters, running, moment.mode)
        slopes = settings.activation.slope_at(after)
        mean = before.mean(axis=-2)
        sigma = before.std(axis=-2)
    return LayerActivations(
        layer,
        settings.activation,
        before,
        after,
        mean,
        sigma,
        float(np.mean(slopes == 0)),
        float(np.mean(np.abs(slopes) < FLAT)),
    )


def activations_at_start(experiment: Experiment, layer: str) -> LayerActivations:
    """The same at the start of the scenario."""
    return layer_activations(experiment, experiment.start, layer)
