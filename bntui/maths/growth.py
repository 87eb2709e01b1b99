"""How the gradient grows on its way down a deep network at initialization, and what theory says of it [Yang et al. 2019]."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.arrays import Array
from bntui.maths.descent import start
from bntui.maths.kinds.activations import LINEAR, RELU, Activation
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.maths.norms import norm
from bntui.records import dataclass

SETTLED = 10  # layers below the input after which the theory's fixed point is reached


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Norms by hidden layer from the input on, a row for each seed: of ∂J/∂a and of ∂J/∂W."""

    signal: Array
    weight: Array

    @property
    def squared_gain(self) -> float:
        """By what the squared norm of ∂J/∂a grows from one layer to the one below it, below the first layers' transient."""
        first = min(SETTLED, self.signal.shape[1] - 2)
        with np.errstate(all="ignore"):
            whole = np.log(self.signal[:, first] / self.signal[:, -1]).mean()
            return float(np.exp(2 * whole / (self.signal.shape[1] - 1 - first)))


def theory(activation: Activation, samples: int) -> float | None:
    """The squared gain per layer under BN at infinite width; None for an activation or a batch that it does not cover."""
    return THEORIES[activation](samples) if samples > 3 and activation in THEORIES else None


def _linear_gain(m: int) -> float:
    """(m − 2)/(m − 3)."""
    return (m - 2) / (m - 3)


def _relu_gain(m: int) -> float:
    """((m − 1 + J′(c))/(1 − J(c)) − 1)/(m − 3) with c = −1/(m − 1), which goes to π/(π − 1)."""
    c = -1 / (m - 1)
    angle = math.pi - math.acos(c)
    overlap, slope = (math.sqrt(1 - c * c) + angle * c) / math.pi, angle / math.pi
    return ((m - 1 + slope) / (1 - overlap) - 1) / (m - 3)


THEORIES = {LINEAR: _linear_gain, RELU: _relu_gain}


def network_of(width: int, depth: int, activation: Activation, inputs: int, settings: NormalizationSettings) -> Architecture:
    """Hidden layers of one width and a linear head."""
    hidden = tuple(Layer(f"h{place}", width, activation, normalization=settings) for place in range(1, depth + 1))
    return Architecture(inputs, (*hidden, Layer("head", 1, switchable=False)))


def growth(
    architecture: Architecture, normalized: bool, samples: int, deviation: float, seeds: tuple[int, ...]
) -> Generator[Growth, None, None]:
    """Draw networks, inputs x ~ N(0,1) and targets sin 2x, and yield the norms of the seeds so far.

    The weights' standard deviation is `deviation`/√n_in.
    """
    hidden = architecture.layers[:-1]
    signals: list[list[float]] = []
    weights: list[list[float]] = []
    for seed in seeds:
        random = np.random.default_rng(seed)
        x = random.standard_normal((samples, architecture.inputs))
        parameters: dict[Name, Array] = {}
        incoming = architecture.inputs
        for layer in architecture.layers:
            drawn = random.standard_normal((layer.units, incoming)) * (deviation / math.sqrt(incoming))
            parameters |= {Name(layer.name, WEIGHT): drawn, Name(layer.name, BIAS): np.zeros(layer.units)}
            incoming = layer.units
        state = start(architecture, parameters, architecture.switchable if normalized else ())
        network = state.network(architecture)
        evaluation = network.evaluate(state.theta, state.running, x, np.sin(2 * x[:, :1]))
        gradients = network.layout.views(evaluation.gradient)
        above = {link.factor: norm(link.signal) for link in evaluation.links}
        leaving = [above[Name(layer.name, WEIGHT)] for layer in architecture.layers[1:]]
        signals.append(leaving)
        weights.append([norm(gradients[Name(layer.name, WEIGHT)]) for layer in hidden])
        yield Growth(np.array(signals), np.array(weights))
