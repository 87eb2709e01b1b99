"""How much of a direction in θ moves the means of what the layers put out, and nothing else.

A unit's z = w·a + b has over a batch the mean w·ā + b, so of a change (ẇ, ḃ) of its parameters only the part along (ā, 1) moves
that mean: this is the unit's mean direction, and 1 is the input that a bias has. The Hessian of a linear unit is the second
moment of its inputs, Σ + (ā, 1)(ā, 1)ᵀ with Σ their covariance, and where the mean is not zero that last term makes its largest
eigenvalue, along the mean direction [LeCun et al. 1998, §4.3]. The γ and β of a normalization are such a unit's parameters too,
with the inputs x̂ and 1: where x̂ is centred, β alone.

The vector of a mean direction is the gradient of the mean, so a stage's own backward step computes it from the signal 1/m.
"""

from __future__ import annotations

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.chain import ROUNDING
from bntui.maths.link import Kept
from bntui.maths.names import WEIGHT
from bntui.maths.network import Evaluation, Network
from bntui.maths.skips import Fork, Join
from bntui.maths.stages import Nonlinearity, Stage


def mean_shares(network: Network, theta: Array, evaluation: Evaluation, directions: Array, root: Array | float = 1.0) -> Array:
    """‖the part along the mean directions of all units‖² over ‖direction‖², for each of the directions (k, P), as (k,).

    The directions are those of D^−½θ, with `root` D^½, (P,) or one number: there a unit's mean moves along D^½(ā, 1).
    """
    along = np.zeros(len(directions))
    samples = len(evaluation.forward.outputs)
    by_chance = np.random.default_rng(0).standard_normal((samples, 1))
    with np.errstate(all="ignore"):
        for stage, kept in zip(network.stages, evaluation.forward.kept, strict=True):
            if isinstance(stage, Nonlinearity | Fork | Join):
                continue
            own = _moved(network, theta, stage, kept, np.full((samples, 1), 1 / samples)) * _of_layer(network, root, stage)
            anyhow = _moved(network, theta, stage, kept, by_chance / np.sqrt(samples)) * _of_layer(network, root, stage)
            lengths = np.square(own).sum(axis=-1)
            # the mean of what is centred is rounding, and has no direction
            moving = lengths > ROUNDING**2 * np.square(anyhow).sum(axis=-1)
            products = (own * _of_layer(network, directions, stage)).sum(axis=-1)[:, moving]
            along += (np.square(products) / lengths[moving]).sum(axis=-1)
        share: Array = along / np.square(directions).sum(axis=-1)
    return share


def _moved(network: Network, theta: Array, stage: Stage, kept: Kept, signal: Array) -> Array:
    """The gradient of the sum of a stage's outputs, each times the signal of its sample (m, 1), with a row for each unit."""
    gradient = np.zeros_like(theta)
    of_units = np.repeat(signal, network.architecture.layer(stage.layer).units, axis=-1)
    stage.backward(of_units, kept, network.layout.views(theta), network.layout.views(gradient))
    return _of_layer(network, gradient, stage)


def _of_layer(network: Network, vector: Array | float, stage: Stage) -> Array:
    """The parameters of a stage's layer in vectors (…, P), a row for each unit: (…, n, parameters of a unit)."""
    if not isinstance(vector, np.ndarray):
        return np.asarray(vector)
    views = network.layout.views(vector)
    own = [name for name in network.layout.names if name.layer == stage.layer]
    return np.concatenate([views[name] if name.part == WEIGHT else views[name].swapaxes(-1, -2) for name in own], axis=-1)
