"""Switching batch normalization on and off in mid-run, and rewriting weights by hand.

`reset` is what adding BN means: on sets γ = 1, β = 0, off drops them. `preserve` is the control experiment: on sets
γ = σ, β = μ so that no output moves, off folds γ, β, μ, σ into the affine stage that follows or precedes. In evaluation
mode σ and μ are those of the running estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.descent import State
from bntui.maths.network import Structure, network
from bntui.maths.stages import Array, BatchNorm, Mode, Normalization

Switching = Literal["reset", "preserve"]


class SwitchError(ValueError):
    """A switch that cannot be made; the message is a sentence for the person who asked for it."""


def switch(
    architecture: Architecture,
    state: State,
    normalized: frozenset[str],
    inputs: Array,
    how: Switching = "reset",
    mode: Mode = "train",
) -> State:
    """The same state with exactly the layers `normalized` under BN; `inputs` (m, n₀) is the current batch.

    What stays keeps its parameters, velocities and estimates; what is brought in or rewritten has no velocity.
    Raises SwitchError where `preserve` is impossible, and OneSampleError for a batch of one in training.
    """
    on, off = normalized - state.structure.normalized, state.structure.normalized - normalized
    if how == "preserve":
        _refuse_impossible(architecture, on, off)
    with np.errstate(all="ignore"):
        if off:
            state = _switched_off(architecture, state, off, inputs, how, mode)
        if on:
            state = _switched_on(architecture, state, on, inputs, how, mode)
    return state


def rewritten(architecture: Architecture, state: State, values: Mapping[str, Array]) -> State:
    """The state with these parameters replaced; each is broadcast to its shape and starts with no velocity.

    Raises KeyError for a parameter that the network does not have now.
    """
    layout = state.network(architecture).layout
    theta, velocity = state.theta.copy(), state.velocity.copy()
    parameters, velocities = layout.views(theta), layout.views(velocity)
    for name, value in values.items():
        parameters[name][...] = value
        velocities[name][...] = 0.0
    return replace(state, theta=theta, velocity=velocity)


def _refuse_impossible(architecture: Architecture, on: frozenset[str], off: frozenset[str]) -> None:
    for layer in architecture.layers:
        if layer.name in on and not layer.batch_norm.affine:
            raise SwitchError(f"{layer.name}: preserve needs γ and β, and this layer's BN has none (affine: false)")
    last = architecture.layers[-1]
    nonlinear_after = last.activation != "linear" and last.batch_norm.placement == "after_activation"
    if last.name in off and nonlinear_after:
        raise SwitchError(f"{last.name}: preserve cannot fold BN after the last activation into any weight")


def _carried(architecture: Architecture, state: State, structure: Structure) -> State:
    """The state laid out for another structure; parameters that are new there are 0, with no velocity."""
    old, new = state.network(architecture), network(architecture, structure)
    leading = state.theta.shape[:-1]
    moved = []
    for before, after, vector in (
        (old.layout, new.layout, state.theta),
        (old.layout, new.layout, state.velocity),
        (old.running_layout, new.running_layout, state.running),
    ):
        parts = before.views(vector)
        moved.append(after.flatten({name: parts.get(name, np.zeros(shape)) for name, shape in after.shapes}, leading))
    theta, velocity, running = moved
    return State(state.step, structure, theta, velocity, running)


def _switched_on(
    architecture: Architecture, state: State, on: frozenset[str], inputs: Array, how: Switching, mode: Mode
) -> State:
    """Walk the batch forward through the new structure, giving each new BN its γ, β and estimates on the way."""
    state = _carried(architecture, state, replace(state.structure, normalized=state.structure.normalized | on))
    built = state.network(architecture)
    parameters, running = built.layout.views(state.theta), built.running_layout.views(state.running)
    signal = inputs
    for stage in built.stages:
        if isinstance(stage, BatchNorm) and stage.layer in on:
            observed = stage.statistics(signal, running, "train")
            samples = signal.shape[-2]
            running[stage.mean][...] = observed.mean
            running[stage.variance][...] = observed.variance * (samples / (samples - 1))
            if stage.gamma is not None and stage.beta is not None:
                used = observed if mode == "train" else stage.statistics(signal, running, "eval")
                parameters[stage.gamma][...] = used.sigma if how == "preserve" else 1.0
                parameters[stage.beta][...] = used.mean if how == "preserve" else 0.0
        signal, _ = stage.forward(signal, parameters, running, mode)
    return state


def _switched_off(
    architecture: Architecture, state: State, off: frozenset[str], inputs: Array, how: Switching, mode: Mode
) -> State:
    remaining = state.structure.normalized - off
    if how == "reset":
        return _carried(architecture, state, replace(state.structure, normalized=remaining))
    built = state.network(architecture)
    forward = built.forward(state.theta, state.running, inputs, mode)
    kept = {
        stage.layer: memory[0]
        for stage, memory in zip(built.stages, forward.kept, strict=True)
        if isinstance(stage, BatchNorm)
    }
    maps = {name: _as_affine(built.batch_norm(name), kept[name], built.layout.views(state.theta)) for name in off}
    folded = {name: _fold_target(architecture, architecture.layer(name)) for name in off}
    structure = Structure(remaining, state.structure.biased | frozenset(target.name for target in folded.values()))
    state = _carried(architecture, state, structure)
    layout = state.network(architecture).layout
    parameters, velocities = layout.views(state.theta), layout.views(state.velocity)
    for layer in architecture.layers:
        if layer.name not in off:
            continue
        gain, shift = maps[layer.name]
        target = folded[layer.name]
        weight, bias = parameters[f"{target.name}.weight"], parameters[f"{target.name}.bias"]
        if target is layer:
            weight *= gain.swapaxes(-1, -2)
            bias[...] = bias * gain + shift
        else:
            bias += np.matmul(shift, weight.swapaxes(-1, -2))
            weight *= gain
        velocities[f"{target.name}.weight"][...] = 0.0
        velocities[f"{target.name}.bias"][...] = 0.0
    return state


def _as_affine(stage: BatchNorm, kept: Normalization, parameters: Mapping[str, Array]) -> tuple[Array, Array]:
    """BN on this batch as u = gain·z + shift, per unit."""
    gamma = 1.0 if stage.gamma is None else parameters[stage.gamma]
    beta = 0.0 if stage.beta is None else parameters[stage.beta]
    gain = gamma / kept.sigma
    return gain, beta - gain * kept.mean


def _fold_target(architecture: Architecture, layer: Layer) -> Layer:
    """The layer whose affine stage takes this layer's BN in: its own, or the next where BN follows the activation."""
    if layer.activation == "linear" or layer.batch_norm.placement == "before_activation":
        return layer
    return architecture.layers[architecture.position(layer.name) + 1]
