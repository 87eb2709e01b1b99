"""Switching normalizations on, off and into another kind in mid-run, and rewriting weights by hand.

`reset` is what adding BN means: on sets γ = 1, β = 0, off drops them. `preserve` is the control experiment: on sets
γ = σ, β = μ so that no output moves, off folds γ, β, μ, σ into the affine stage that follows or precedes. In evaluation
mode σ and μ are those of the running estimates. A kind whose statistics differ from sample to sample cannot be preserved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np

from bntui.maths.architecture import Architecture, Layer, Switching
from bntui.maths.arrays import Array, Mode, Parameters
from bntui.maths.descent import State, unbiased
from bntui.maths.kinds.normalizations import GAMMA, VARIANCE, Normalization
from bntui.maths.kinds.optimizers import Memory
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.maths.network import Layout, Network, Normalized, Structure, each_kind, network
from bntui.maths.normalizing import Normalize, Statistics
from bntui.maths.skips import forward
from bntui.maths.stages import WeightNormedAffine


class SwitchError(ValueError):
    """A switch that cannot be made; the message is a sentence for the person who asked for it."""


def switch(
    architecture: Architecture,
    state: State,
    normalized: Normalized,
    inputs: Array,
    how: Switching = "reset",
    mode: Mode = "train",
) -> State:
    """The same state with exactly these layers normalized, each in its kind; `inputs` (m, n₀) is the current batch.

    The kinds are the architecture's where `normalized` only names the layers.

    What stays keeps its parameters, memory and estimates; of what is brought in or rewritten the optimizer remembers nothing. A
    layer that gets another kind loses its old one first. Raises SwitchError where a layer cannot be normalized in a kind or
    `preserve` is impossible, and TooFewError where the batch is too small for the statistics of what is brought in, in either mode.
    """
    before, normalized = state.structure.kinds_in(architecture), each_kind(architecture, normalized)
    off = frozenset(name for name, kind in before.items() if normalized.get(name) is not kind)
    on = {name: kind for name, kind in normalized.items() if before.get(name) is not kind}
    for name, kind in on.items():
        impossible = architecture.layer(name).impossible(kind)
        if impossible:
            raise SwitchError(impossible)
    if how == "preserve":
        _refuse_impossible(architecture, state.structure, on, {name: before[name] for name in off})
        _refuse_folding_into_unit_rows(architecture, off, before, normalized)
    with np.errstate(all="ignore"):
        if off:
            state = _switched_off(architecture, state, off, inputs, how, mode)
        if on:
            state = _switched_on(architecture, state, on, inputs, how, mode)
    return state


def with_skips(state: State, skips: bool) -> State:
    """The same state with its skip connections there or not; parameters, memory and estimates stay as they are."""
    return replace(state, structure=replace(state.structure, skips=skips))


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


def _refuse_impossible(
    architecture: Architecture, structure: Structure, on: Mapping[str, Normalization], off: Mapping[str, Normalization]
) -> None:
    last = architecture.layers[-1]
    for name, kind in (*on.items(), *off.items()):
        if not kind.folds:
            raise SwitchError(f"{name}: preserve needs a map that is the same for every sample, and {kind.short}'s μ and σ are not")
    for name, kind in on.items():
        if not architecture.layer(name).normalization.affine:
            learned = " and ".join({"gamma": "γ", "beta": "β"}[part] for part, _ in kind.parameters)
            raise SwitchError(f"{name}: preserve needs {learned}, and this layer's {kind.short} has none (affine: false)")
    for name, kind in off.items():
        layer = architecture.layer(name)
        if kind.over == "weight" or layer.normalized_before_activation:
            continue
        if layer is last:
            raise SwitchError(f"{name}: preserve cannot fold {kind.short} after the last activation into any weight")
        if structure.skips and (layer.skip_from is not None or name in architecture.forked):
            begin = f"{name}: preserve cannot fold {kind.short} after the activation into the next weight"
            raise SwitchError(f"{begin}: a skip connection comes in or goes out between them")


def _refuse_folding_into_unit_rows(
    architecture: Architecture,
    off: frozenset[str],
    before: Mapping[str, Normalization],
    after: Mapping[str, Normalization],
) -> None:
    """A weight whose rows have length 1 for good, without γ, cannot take in what stands before it."""
    for below, above in pairwise(architecture.layers):
        folds = below.name in off and before[below.name].over != "weight" and not below.normalized_before_activation
        stays = before.get(above.name) is after.get(above.name)
        if folds and above.name in after and stays and after[above.name].over == "weight" and not above.normalization.affine:
            raise SwitchError(f"{below.name}: preserve cannot fold it into {above.name}, whose weight is normalized without γ")


def _carried(architecture: Architecture, state: State, structure: Structure) -> State:
    """The state laid out for another structure; parameters that are new there are 0, and nothing is remembered of them."""
    old, new = state.network(architecture), network(architecture, structure)
    theta, *memory = (_moved(old.layout, new.layout, vector) for vector in (state.theta, *state.memory))
    return State(state.step, structure, theta, tuple(memory), _moved(old.running_layout, new.running_layout, state.running))


def _moved(before: Layout, after: Layout, vector: Array) -> Array:
    parts = before.views(vector)
    return after.flatten({name: parts.get(name, np.zeros(shape)) for name, shape in after.shapes}, vector.shape[:-1])


def _switched_on(
    architecture: Architecture,
    state: State,
    on: Mapping[str, Normalization],
    inputs: Array,
    how: Switching,
    mode: Mode,
) -> State:
    """Walk the batch forward through the new structure, giving what is new its γ, β and estimates on the way."""
    kinds = {**state.structure.kinds_in(architecture), **on}
    state = _carried(architecture, state, state.structure.with_kinds(architecture, kinds))
    built = state.network(architecture)
    parameters, running = built.layout.views(state.theta), built.running_layout.views(state.running)
    signal, beside = inputs, dict[str, Array]()
    for stage in built.stages:
        if stage.layer in on and isinstance(stage, Normalize):
            _begin(stage, signal, parameters, running, how, mode)
        if stage.layer in on and isinstance(stage, WeightNormedAffine) and stage.gamma is not None:
            parameters[stage.gamma][...] = np.sqrt(stage.squares(parameters)) if how == "preserve" else 1.0
        signal, _ = forward(stage, signal, parameters, running, mode, beside)
    return state


def _begin(
    stage: Normalize, signal: Array, parameters: Parameters, running: Parameters, how: Switching, mode: Mode
) -> None:
    """Give a normalization its estimates from the batch, and γ, β: their first values, or what makes it change nothing."""
    batch = stage.statistics(signal, running, "train")
    for name in stage.running:
        running[name][...] = batch.observed(name) * (unbiased(signal.shape[-2]) if name.part == VARIANCE else 1.0)
    used = batch if mode == "train" else stage.statistics(signal, running, "eval")
    if stage.gamma is not None:
        parameters[stage.gamma][...] = used.sigma if how == "preserve" and used.sigma is not None else 1.0
    if stage.beta is not None:
        parameters[stage.beta][...] = used.mean if how == "preserve" and used.mean is not None else 0.0


def _switched_off(
    architecture: Architecture, state: State, off: frozenset[str], inputs: Array, how: Switching, mode: Mode
) -> State:
    remaining = {name: kind for name, kind in state.structure.kinds_in(architecture).items() if name not in off}
    structure = state.structure.with_kinds(architecture, remaining)
    if how == "reset":
        return _carried(architecture, state, structure)
    built = state.network(architecture)
    forward = built.forward(state.theta, state.running, inputs, mode)
    parameters = built.layout.views(state.theta)
    maps: dict[str, tuple[Array, Array | None]] = {}
    rows: dict[str, Array] = {}
    for stage, kept in zip(built.stages, forward.kept, strict=True):
        if stage.layer in off and isinstance(stage, Normalize):
            maps[stage.layer] = _as_affine(stage, kept[0], parameters)
        if isinstance(stage, WeightNormedAffine):
            rows[stage.layer] = kept.scale
            if stage.layer in off:
                maps[stage.layer] = kept.scale, None
    folded = {name: _fold_target(architecture, built, name) for name in off}
    shifted = frozenset(folded[name].name for name, (_, shift) in maps.items() if shift is not None)
    state = _carried(architecture, state, replace(structure, biased=structure.biased | shifted))
    layout = state.network(architecture).layout
    parameters = layout.views(state.theta)
    for layer in architecture.layers:
        if layer.name in off:
            target = folded[layer.name]
            _fold(maps[layer.name], target.name, target is layer, rows.get(target.name), parameters)
            names = (Name(target.name, part) for part in (WEIGHT, BIAS, GAMMA) if target is not layer or part != GAMMA)
            _forget(layout, state.memory, [name for name in names if name in parameters])
    return state


def _fold(
    affine: tuple[Array, Array | None], target: str, own: bool, rows: Array | None, parameters: Parameters
) -> None:
    """Let a layer's weight and bias take in gain and shift: those after it where it is the layer's own, else those before it.

    `rows` are γ/‖w‖ of a weight that is normalized itself; where it stays so, γ makes up for what its rows have grown by.
    """
    gain, shift = affine
    weight, bias, gamma = (parameters.get(Name(target, part)) for part in (WEIGHT, BIAS, GAMMA))
    assert weight is not None
    if own:
        weight *= gain.swapaxes(-1, -2)
        if bias is not None and shift is not None:
            bias[...] = bias * gain + shift
        return
    if bias is not None and shift is not None:
        bias += np.matmul(shift, weight.swapaxes(-1, -2)) * (1.0 if rows is None else rows)
    before = np.square(weight).sum(axis=-1)
    weight *= gain
    if rows is not None and gamma is not None:
        gamma *= np.sqrt(np.square(weight).sum(axis=-1) / before)[..., np.newaxis, :]


def _as_affine(stage: Normalize, kept: Statistics, parameters: Parameters) -> tuple[Array, Array]:
    """A normalization on this batch as u = gain·z + shift, per unit."""
    scale = stage.scale(kept, parameters)
    gain = np.ones(kept.normalized.shape[-1:])[np.newaxis] if scale is None else scale
    beta = 0.0 if stage.beta is None else parameters[stage.beta]
    return gain, beta - gain * (0.0 if kept.mean is None else kept.mean)


def _fold_target(architecture: Architecture, built: Network, name: str) -> Layer:
    """The layer whose affine stage takes a layer's normalization in: its own, or the next where it follows the activation."""
    layer = architecture.layer(name)
    if layer.normalized_before_activation or built.normalization(name) is None:
        return layer
    return architecture.layers[architecture.position(name) + 1]
