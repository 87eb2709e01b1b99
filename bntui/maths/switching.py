"""Switching batch normalization on and off in mid-run, and rewriting weights by hand.

`reset` is what adding BN means: on sets γ = 1, β = 0, off drops them. `preserve` is the control experiment: on sets
γ = σ, β = μ so that no output moves, off folds γ, β, μ, σ into the affine stage that follows or precedes. In evaluation
mode σ and μ are those of the running estimates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from bntui.maths.architecture import Architecture, Layer, Switching
from bntui.maths.arrays import Array, Mode
from bntui.maths.descent import State
from bntui.maths.kinds.optimizers import Memory
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.maths.network import Layout, Structure, network
from bntui.maths.stages import BatchNorm, Statistics


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

    What stays keeps its parameters, memory and estimates; of what is brought in or rewritten the optimizer remembers nothing.
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


def rewritten(architecture: Architecture, state: State, values: Mapping[Name, Array]) -> State:
    """The state with these parameters replaced; each is broadcast to its shape and starts with an empty memory.

    Raises KeyError for a parameter that the network does not have now.
    """
    layout = state.network(architecture).layout
    theta, memory = state.theta.copy(), tuple(vector.copy() for vector in state.memory)
    parameters = layout.views(theta)
    for name, value in values.items():
        parameters[name][...] = value
    _forget(layout, memory, values)
    return replace(state, theta=theta, memory=memory)


def _forget(layout: Layout, memory: Memory, names: Iterable[Name]) -> None:
    """Let the optimizer remember nothing of these parameters."""
    for vector in memory:
        views = layout.views(vector)
        for name in names:
            views[name][...] = 0.0


def _refuse_impossible(architecture: Architecture, on: frozenset[str], off: frozenset[str]) -> None:
    for layer in architecture.layers:
        if layer.name in on and not layer.normalization.affine:
            raise SwitchError(f"{layer.name}: preserve needs γ and β, and this layer's BN has none (affine: false)")
    last = architecture.layers[-1]
    if last.name in off and not last.normalized_before_activation:
        raise SwitchError(f"{last.name}: preserve cannot fold BN after the last activation into any weight")


def _carried(architecture: Architecture, state: State, structure: Structure) -> State:
    """The state laid out for another structure; parameters that are new there are 0, and nothing is remembered of them."""
    old, new = state.network(architecture), network(architecture, structure)
    theta, *memory = (_moved(old.layout, new.layout, vector) for vector in (state.theta, *state.memory))
    return State(state.step, structure, theta, tuple(memory), _moved(old.running_layout, new.running_layout, state.running))


def _moved(before: Layout, after: Layout, vector: Array) -> Array:
    parts = before.views(vector)
    return after.flatten({name: parts.get(name, np.zeros(shape)) for name, shape in after.shapes}, vector.shape[:-1])


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
    parameters = layout.views(state.theta)
    for layer in architecture.layers:
        if layer.name not in off:
            continue
        gain, shift = maps[layer.name]
        target = folded[layer.name]
        names = Name(target.name, WEIGHT), Name(target.name, BIAS)
        weight, bias = (parameters[name] for name in names)
        if target is layer:
            weight *= gain.swapaxes(-1, -2)
            bias[...] = bias * gain + shift
        else:
            bias += np.matmul(shift, weight.swapaxes(-1, -2))
            weight *= gain
        _forget(layout, state.memory, names)
    return state


def _as_affine(stage: BatchNorm, kept: Statistics, parameters: Mapping[Name, Array]) -> tuple[Array, Array]:
    """BN on this batch as u = gain·z + shift, per unit."""
    gamma = 1.0 if stage.gamma is None else parameters[stage.gamma]
    beta = 0.0 if stage.beta is None else parameters[stage.beta]
    gain = gamma / kept.sigma
    return gain, beta - gain * kept.mean


def _fold_target(architecture: Architecture, layer: Layer) -> Layer:
    """The layer whose affine stage takes this layer's BN in: its own, or the next where BN follows the activation."""
    if layer.normalized_before_activation:
        return layer
    return architecture.layers[architecture.position(layer.name) + 1]
