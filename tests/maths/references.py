"""The network of MATHS.md once more, as plain formulas that autograd differentiates.

Nothing of bntui's stages, costs or descent is used here, only its names: a mistake would have to be made twice.
"""

import math
from dataclasses import dataclass

import autograd.numpy as np
import numpy
from autograd import grad, jacobian
from autograd.extend import Box, defvjp, primitive


def sigmoid(u):
    """1/(1 + e⁻ᵘ), accurate in both tails."""
    return np.exp(-np.logaddexp(0.0, -u))


@primitive
def normal_share(u):
    """Φ(u), the share of a standard normal below u."""
    return numpy.vectorize(math.erfc)(-u / math.sqrt(2)) / 2


defvjp(normal_share, lambda ans, u: lambda g: g * np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi))


def activation(name, u):
    """g(u) as the textbook has it."""
    formulas = {
        "linear": lambda: u,
        "relu": lambda: np.where(u > 0, u, 0.0),
        "leaky_relu": lambda: np.where(u > 0, u, 0.01 * u),
        "sigmoid": lambda: sigmoid(u),
        "tanh": lambda: np.tanh(u),
        "gelu": lambda: u * normal_share(u),
        "silu": lambda: u * sigmoid(u),
    }
    return formulas[name]()


def cost(name, outputs, logits, targets):
    """J; `logits` is what entered the last activation."""
    samples = outputs.shape[0]
    formulas = {
        "mse": lambda: np.mean((outputs - targets) ** 2),
        "half_mse": lambda: np.sum((outputs - targets) ** 2) / (2 * samples),
        "bce": lambda: np.mean(targets * np.logaddexp(0.0, -logits) + (1 - targets) * np.logaddexp(0.0, logits)),
        "cross_entropy": lambda: -np.sum(targets * (outputs - _log_sum_exp(outputs))) / samples,
    }
    return formulas[name]()


def _log_sum_exp(outputs):
    largest = np.max(outputs, axis=1, keepdims=True)
    return largest + np.log(np.sum(np.exp(outputs - largest), axis=1, keepdims=True))


def batch_norm(z, gamma, beta, epsilon):
    """BN by the batch's own mean and biased variance."""
    mean = np.mean(z, axis=0, keepdims=True)
    variance = np.mean((z - mean) ** 2, axis=0, keepdims=True)
    return gamma * (z - mean) / np.sqrt(variance + epsilon) + beta


def held(value):
    """The numbers of a value, as constants for autograd however often it differentiates."""
    while isinstance(value, Box):
        value = value._value
    return value


def _mean(z, axis):
    return np.mean(z, axis=axis, keepdims=True)


def _over(kind, groups, z):
    """The mean of z, as wide as z: over its rows, or over its columns in as many groups."""
    if kind.startswith("batch_"):
        return _mean(z, 0) * np.ones_like(held(z))
    parts = np.split(z, groups, axis=1)
    return np.concatenate([_mean(part, 1) * np.ones_like(held(part)) for part in parts], axis=1)


def normalize(layer, z, parameters, running, mode):
    """What one layer's normalization makes of z in training or evaluation mode, with or without γ and β."""
    kind = layer.normalization.kind.name
    gamma, beta = parameters.get(f"{layer.name}.gamma", 1.0), parameters.get(f"{layer.name}.beta", 0.0)
    centred = kind not in ("batch_scale", "rms_norm")
    by_estimates = mode == "eval" and kind.startswith("batch_")
    groups = layer.normalization.groups if kind == "group_norm" else 1
    mean, square = 0.0, 1.0 - layer.normalization.epsilon
    if centred:
        mean = running[f"{layer.name}.mean"] if by_estimates else _over(kind, groups, z)
    if kind != "batch_centre" and by_estimates:
        square = running[f"{layer.name}.variance" if centred else f"{layer.name}.mean_square"]
    elif kind != "batch_centre":
        square = _over(kind, groups, (z - mean) ** 2)
    if kind == "batch_norm_detached":
        mean, square = held(mean), held(square)
    return gamma * (z - mean) / np.sqrt(square + layer.normalization.epsilon) + beta


def forward(architecture, structure, parameters, running, inputs, mode="train", probes=None):
    """The outputs, and what enters each factor: `<layer>.weight`, `<layer>.norm`, `<layer>.activation`.

    What enters a layer is at `<layer>.skip` too, where a skip connection may take it along; what it puts out is at `<layer>.join`
    before anything is added to it.

    A probe is an array of zeros added to what enters a factor, or to the outputs (`cost`): ∂J/∂probe is the signal.
    """
    seen = {}

    def at(place, value):
        seen[place] = value + probes[place] if probes else value
        return seen[place]

    signal, source, put_out = inputs, "inputs", {}
    for layer in architecture.layers:
        weight, normalized = parameters[f"{layer.name}.weight"], layer.name in structure.normalized
        of_weight = normalized and layer.normalization.kind.name == "weight_norm"
        if of_weight:
            length = np.sqrt(np.sum(weight**2, axis=1))
            weight = (weight.T / length * np.ravel(parameters.get(f"{layer.name}.gamma", 1.0))).T
        signal = put_out[source] = at(f"{layer.name}.skip", signal)
        signal = np.dot(at(f"{layer.name}.weight", signal), weight.T)
        if layer.name in structure.biased:
            signal = signal + parameters[f"{layer.name}.bias"]
        placement = layer.normalization.placement if normalized and not of_weight else None
        if placement == "before_activation":
            signal = normalize(layer, at(f"{layer.name}.norm", signal), parameters, running, mode)
        signal = activation(layer.activation.name, at(f"{layer.name}.activation", signal))
        if placement == "after_activation":
            signal = normalize(layer, at(f"{layer.name}.norm", signal), parameters, running, mode)
        signal = at(f"{layer.name}.join", signal)
        if layer.skip_from is not None and structure.skips:
            signal = signal + put_out[layer.skip_from]
        source = layer.name
    return at("cost", signal), seen


def values(case):
    """What enters each factor of a case."""
    return forward(case.architecture, case.structure, case.parameters, case.running, case.inputs, case.mode)[1]


def loss(architecture, structure, parameters, running, inputs, targets, mode="train", probes=None):
    """J of the whole network."""
    outputs, seen = forward(architecture, structure, parameters, running, inputs, mode, probes)
    return cost(architecture.cost.name, outputs, seen[f"{architecture.layers[-1].name}.activation"], targets)


@dataclass(frozen=True)
class Expected:
    """What autograd says: J, ∂J/∂(every parameter), and the signal and the value at every place of `forward`.

    `rounding` is what may be left where numbers of this size are subtracted from each other.
    """

    loss: float
    gradients: dict[str, numpy.ndarray]
    signals: dict[str, numpy.ndarray]
    values: dict[str, numpy.ndarray]
    rounding: float


def expected(case) -> Expected:
    """Everything about one case, by autograd."""
    architecture, last = case.architecture, case.architecture.layers[-1]
    probes = {"cost": numpy.zeros((len(case.inputs), last.units))}
    incoming = architecture.inputs
    for layer in architecture.layers:
        probes[f"{layer.name}.weight"] = probes[f"{layer.name}.skip"] = numpy.zeros((len(case.inputs), incoming))
        for place in ("norm", "activation", "join"):
            probes[f"{layer.name}.{place}"] = numpy.zeros((len(case.inputs), layer.units))
        incoming = layer.units

    def of(everything):
        parameters, zeros = everything
        return loss(architecture, case.structure, parameters, case.running, case.inputs, case.targets, case.mode, zeros)

    everything = (dict(case.parameters), probes)
    with numpy.errstate(over="ignore"):  # autograd divides by cosh², which is infinite from 355 on
        gradients, signals = grad(of)(everything)
    entering = values(case)
    # the softmax less its target is a difference of numbers of size 1
    sizes = [1.0 if architecture.cost.name == "cross_entropy" else 0.0, *map(_largest, signals.values())]
    rounding = 1e-12 * max(sizes) * (1 + max(map(_largest, entering.values())))
    if architecture.cost.name == "bce":  # computed from the logits: nothing flowed through ŷ itself
        signals["cost"] = bce_derivative(entering[f"{last.name}.activation"], case.targets)
    return Expected(float(of(everything)), gradients, signals, entering, rounding)


def _largest(array):
    return numpy.abs(array).max()


def length(array):
    """The Frobenius norm, by the largest element so that no square overflows or underflows."""
    largest = _largest(array)
    return largest * numpy.sqrt(((array / largest) ** 2).sum()) if largest else 0.0


def bce_derivative(logits, targets):
    """∂J/∂ŷ = ((1 − y)/(1 − ŷ) − y/ŷ)/N, with 1/ŷ as 1 + e⁻ᵘ and 1/(1 − ŷ) as 1 + eᵘ, held below infinity."""
    largest = 1 / numpy.finfo(float).tiny
    with numpy.errstate(over="ignore"):
        wrong, right = (numpy.minimum(1 + numpy.exp(u), largest) for u in (logits, -logits))
    return ((1 - targets) * wrong - targets * right) / logits.size


def batch_norm_jacobian(z, gamma, epsilon):
    """∂BN(z)/∂z of one unit's column (m,) by autograd: (m, m)."""
    return jacobian(lambda column: batch_norm(column[:, None], gamma, 0.0, epsilon)[:, 0])(z)


def loss_of_vector(case):
    """J as a function of the flat θ, for autograd to differentiate as often as wanted."""

    def of(theta):
        parameters = {
            name: np.reshape(theta[place], shape) for name, (place, shape) in case.network.layout.places.items()
        }
        return loss(case.architecture, case.structure, parameters, case.running, case.inputs, case.targets, case.mode)

    return of


def hessian(function, point):
    """The full Hessian of a function of a vector, by autograd twice; not finite where autograd's own formulas overflow."""
    with numpy.errstate(all="ignore"):
        return jacobian(grad(function))(point)


def assert_central_differences(function, gradient, point, names, reach=1e-6, relative=1e-5):
    """Hold every component of a gradient against (f(θ + h) − f(θ − h))/2h; a failure prints both values."""
    allowed = relative * (1 + numpy.max(numpy.abs(gradient), initial=0.0))
    for place, name in enumerate(names):
        offset = numpy.zeros_like(point)
        offset[place] = reach * (1 + abs(point[place]))
        difference = float(function(point + offset) - function(point - offset)) / (2 * offset[place])
        if not abs(difference - gradient[place]) <= allowed:
            raise AssertionError(
                f"∂/∂{name}: the gradient says {gradient[place]:.12g}, central differences say {difference:.12g}"
            )
