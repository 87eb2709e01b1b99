"""The meters of a moment: curvature and the rate that it allows, what the next update will do, and how it moves each layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bntui.maths import memory
from bntui.maths.anatomy import orders
from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Array, Mode, Parameters
from bntui.maths.curvature import (
    ITERATIONS,
    LARGEST,
    ROUNDING,
    Eigenvalue,
    critical_curvature,
    curvature,
    curvature_along,
    spectrum,
)
from bntui.maths.descent import decay_of, preconditioner, update
from bntui.maths.kinds.optimizers import Optimizer, Sgd
from bntui.maths.mean_direction import mean_shares
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.maths.network import Network
from bntui.maths.norms import norm
from bntui.maths.objective import Product
from bntui.session.look.snapshot import CurvedDirection, Eigenvalues, Meters
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment


def meters_of(experiment: Experiment, moment: Moment, with_curvature: bool) -> Meters:
    """The meters of a moment, with the part that takes long or without it."""
    network, rates, optimizer = experiment.network(moment), experiment.rates(moment), moment.optimizer
    share = rates.share(moment.step)
    with np.errstate(all="ignore"):
        step = update(moment.state, network, experiment.lend(moment), experiment.descent(moment))
        parameters, updates = network.layout.views(moment.state.theta), network.layout.views(step)
        weights = [Name(layer.name, WEIGHT) for layer in experiment.architecture.layers]
        found = Meters(
            effective_rates=tuple(
                (layer, _effective_rate(optimizer, rates.of(Name(layer, WEIGHT)) * share, squares))
                for layer, squares in _free_lengths(network, parameters, moment.mode).items()
            ),
            update_ratios=tuple((name, _ratio(norm(updates[name]), norm(parameters[name]))) for name in parameters),
            angles=tuple((name.layer, _angle(parameters[name], updates[name])) for name in weights),
        )
    return with_measured_curvature(experiment, moment, found, lambda: False) if with_curvature else found


def with_measured_curvature(
    experiment: Experiment, moment: Moment, meters: Meters, stopped: Callable[[], bool]
) -> Meters:
    """The meters with the curvature of a moment; may be called from a thread, and stops soon once `stopped` says so.

    NaN where μ and σ are left out of the gradient, as in `eigenvalues_of`: there is no quadratic to foretell by either.
    """
    network, objective, theta = experiment.network(moment), experiment.objective(moment), moment.state.theta
    evaluation = objective.evaluate(theta)
    exact = objective.hessian(theta, evaluation)
    detached = network.leaves_out(moment.mode)

    def product(direction: Array) -> Array:
        return np.full_like(direction, np.nan) if detached or stopped() else exact(direction)

    relative = experiment.rates(moment).vector(network.layout) / moment.learning_rate
    largest = curvature(product, theta.size, relative)
    critical = _critical_curvature(experiment, moment, product, evaluation.gradient, relative, largest)
    stable, rate = moment.optimizer.stable_rate(critical.value), experiment.rate_in_force(moment)
    along = curvature_along(product, evaluation.gradient, relative)
    with np.errstate(all="ignore"):
        step = update(moment.state, network, evaluation, experiment.descent(moment))
    return replace(
        meters,
        curvature=largest.value,
        curvature_found=largest.converged and critical.converged,
        stable_rate=stable,
        rate_over_stable=None if stable is None else rate / stable,
        gradient_curvature=along,
        rate_over_cancelling=rate * along / 2 if along is not None and isinstance(moment.optimizer, Sgd) else None,
        spherical_sharpness=_spherical_sharpness(network, theta, moment.mode, product),
        coming=None if detached else orders(objective, theta, step, evaluation),
    )


def eigenvalues_of(experiment: Experiment, moment: Moment, stopped: Callable[[], bool]) -> Eigenvalues:
    """The ends of the spectrum at a moment; may be called from a thread, and stops soon once `stopped` says so.

    NaN where μ and σ are left out of the gradient: that is no gradient of J, and its derivative is not symmetric.
    """
    network, objective, theta = experiment.network(moment), experiment.objective(moment), moment.state.theta
    evaluation = objective.evaluate(theta)
    exact = objective.hessian(theta, evaluation)

    def product(direction: Array) -> Array:
        return np.full_like(direction, np.nan) if stopped() else exact(direction)

    relative = experiment.rates(moment).vector(network.layout) / moment.learning_rate
    if network.leaves_out(moment.mode):
        nothing = CurvedDirection(math.nan, math.nan, converged=False, mean_share=math.nan)
        return Eigenvalues((nothing,) * min(LARGEST, theta.size), nothing)
    found = spectrum(product, theta.size, relative)
    shares = mean_shares(network, theta, evaluation, found.vectors, np.sqrt(relative))
    every = (*found.largest, found.least)
    dust = ROUNDING * max(abs(each.value) for each in every)
    directions = [_curved(each, dust, float(share)) for each, share in zip(every, shares, strict=True)]
    return Eigenvalues(tuple(directions[:-1]), directions[-1])


def _curved(eigenvalue: Eigenvalue, dust: float, share: float) -> CurvedDirection:
    nothing = abs(eigenvalue.value) <= dust
    converged = eigenvalue.converged or eigenvalue.doubt <= dust
    return CurvedDirection(eigenvalue.value, eigenvalue.doubt, converged, None if nothing else share)


def _free(network: Network, mode: Mode) -> dict[str, tuple[Name, ...]]:
    """The layers in whose weight a length makes no difference, each with the parameters that this length is of."""
    found = {}
    for layer, kind in network.kinds.items():
        before = kind.over == "weight" or network.architecture.layer(layer).normalized_before_activation
        if kind.frees is not None and before and not kind.estimated(mode):
            parts = (WEIGHT, BIAS) if kind.frees_bias else (WEIGHT,)
            found[layer] = tuple(name for part in parts if (name := Name(layer, part)) in network.layout.places)
    return found


def _free_lengths(network: Network, parameters: Parameters, mode: Mode) -> dict[str, Array]:
    """By layer the squares of the lengths that make no difference: of each row, or of the rows of each group of units."""
    found = {}
    for layer, names in _free(network, mode).items():
        kind, settings = network.kinds[layer], network.architecture.layer(layer).normalization
        rows = np.square(parameters[names[0]]).sum(axis=-1)
        for bias in names[1:]:
            rows = rows + np.square(parameters[bias])[0]
        groups = settings.groups if kind.grouped else 1
        found[layer] = rows if kind.frees == "row" else rows.reshape(groups, -1).sum(axis=-1)
    return found


def _spherical_sharpness(network: Network, theta: Array, mode: Mode, product: Callable[[Array], Array]) -> float | None:
    """λ_max of the Hessian in the weights whose length makes no difference, times their ‖w‖²; None where there are none."""
    free = _free(network, mode)
    if not free:
        return None
    chosen = np.zeros_like(theta)
    for name in (name for names in free.values() for name in names):
        chosen[network.layout.places[name][0]] = 1.0
    with np.errstate(all="ignore"):
        return curvature(product, theta.size, chosen).value * float(np.dot(chosen, np.square(theta)))


def _critical_curvature(
    experiment: Experiment, moment: Moment, product: Product, gradient: Array, relative: Array | float, largest: Eigenvalue
) -> Eigenvalue:
    """The curvature that the optimizer's stable rate goes by; for plain descent and momentum the `largest` of J itself."""
    optimizer, layout, state = moment.optimizer, experiment.network(moment).layout, moment.state
    with np.errstate(all="ignore"):
        scale = preconditioner(optimizer, layout, state.theta, gradient, state.memory)
    if isinstance(scale, float) and optimizer.decay.is_zero:
        return largest
    steadiness = optimizer.stable_rate(1.0)
    apart = steadiness / 2 if optimizer.decoupled and steadiness is not None else None
    return critical_curvature(product, state.theta.size, relative, scale, decay_of(optimizer, layout), apart)


def _effective_rate(optimizer: Optimizer, rate: float, squares: Array) -> float:
    """The effective rate where these are the squares of the lengths: the median over them."""
    return float(np.median(optimizer.effective_rate(rate, squares)))


def _angle(weight: Array, step: Array) -> float:
    """By how many degrees an update turns a row of a weight, both (n_l, n_{l−1}): the median over the rows."""
    length = np.sqrt(np.square(weight).sum(axis=-1, keepdims=True))
    ahead = (step * weight).sum(axis=-1, keepdims=True) / length
    across = step - ahead * (weight / length)
    return float(np.degrees(np.median(np.arctan2(np.sqrt(np.square(across).sum(axis=-1)), (length + ahead)[..., 0]))))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def curvature_bytes(architecture: Architecture, samples: int) -> int:
    """The curvature of a moment and what is measured with it."""
    return memory.curvature(architecture, samples, ITERATIONS)


def eigenvalues_bytes(architecture: Architecture, samples: int) -> int:
    """The eigenvalues of a moment with their vectors: the vectors of one Krylov space are there while another is made."""
    size = memory.parameters(architecture)
    vectors = min(ITERATIONS, size) + 3 * min(LARGEST + 1, size)
    return curvature_bytes(architecture, samples) + vectors * memory.NUMBER * size
