"""The network: an ordered list of stages, run forward to the cost and back through every factor.

All parameters live in one flat vector θ (…, P), and so do the gradient and the running estimates: a `Layout` names the
parts. Nothing computes "the chain" beside the gradient: the chain is the backward pass, kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import pairwise
from math import prod
from typing import NamedTuple

import numpy as np

from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Array, Mode, Parameters
from bntui.maths.kinds.normalizations import Normalization
from bntui.maths.link import NEW, Kept, Link, by_turns
from bntui.maths.names import ACTIVATION, BIAS, COST, WEIGHT, Name
from bntui.maths.normalizing import OF_ESTIMATE, Normalize
from bntui.maths.norms import norm_into, parts_of
from bntui.maths.skips import AnyStage, Beside, Fork, Skip, backward, backward_along, forward, forward_along, with_skips
from bntui.maths.stages import Affine, AnyAffine, Nonlinearity, Stage, WeightNormedAffine
from bntui.maths.tape import Do, Tape, at_once, written
from bntui.records import dataclass

TURNS = 4  # arrays of a shape for signals by turns: one that arrives at a stage, and the three at most that it makes on the way


@dataclass(frozen=True, slots=True)
class Structure:
    """Which layers are normalized and which have a bias at this moment, and whether skips are there; a switch may change all.

    `kinds` are of the normalized layers those that have another kind of normalization now than the architecture gives them.
    """

    normalized: frozenset[str]
    biased: frozenset[str]
    kinds: frozenset[tuple[str, Normalization]] = frozenset()
    skips: bool = True

    @classmethod
    def of(cls, architecture: Architecture, kinds: Mapping[str, Normalization], biased: frozenset[str]) -> Structure:
        """The structure in which exactly the layers in `kinds` are normalized, each in its kind."""
        other = ((name, kind) for name, kind in kinds.items() if kind is not architecture.layer(name).normalization.kind)
        return cls(frozenset(kinds), biased, frozenset(other))

    def with_kinds(self, architecture: Architecture, kinds: Mapping[str, Normalization]) -> Structure:
        """This structure with exactly the layers in `kinds` normalized, each in its kind."""
        return replace(Structure.of(architecture, kinds, self.biased), skips=self.skips)

    def kinds_in(self, architecture: Architecture) -> dict[str, Normalization]:
        """The kind of each normalized layer, from the input."""
        now = dict(self.kinds)
        layers = (layer for layer in architecture.layers if layer.name in self.normalized)
        return {layer.name: now.get(layer.name, layer.normalization.kind) for layer in layers}


Normalized = Mapping[str, Normalization] | Iterable[str]


def each_kind(architecture: Architecture, normalized: Normalized) -> Mapping[str, Normalization]:
    """The kind of each of these layers, the architecture's own where they are only named. Raises KeyError where one is none."""
    if isinstance(normalized, Mapping):
        return normalized
    return {name: architecture.layer(name).normalization.kind for name in normalized}


@dataclass(frozen=True)
class Layout:
    """Where each named array stands in a flat vector."""

    shapes: tuple[tuple[Name, tuple[int, int]], ...]

    @cached_property
    def places(self) -> dict[Name, tuple[slice, tuple[int, int]]]:
        """Each name's slice of the vector and its shape."""
        found, start = {}, 0
        for name, shape in self.shapes:
            found[name] = (slice(start, start + prod(shape)), shape)
            start += prod(shape)
        return found

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names, in the vector's order."""
        return tuple(name for name, _ in self.shapes)

    @cached_property
    def size(self) -> int:
        """How many numbers the vector has."""
        return sum(prod(shape) for _, shape in self.shapes)

    @cached_property
    def record(self) -> np.dtype[np.void]:
        """The vector as one record, whose fields are the named parts."""
        return np.dtype([(name, np.float64, shape) for name, shape in self.shapes])

    def views(self, vector: Array) -> dict[Name, Array]:
        """Each named part of a (…, P) vector, in its own shape, without a copy."""
        if not self.shapes:
            return {}
        record = vector.view(self.record).reshape(vector.shape[:-1])
        return {name: record[name] for name in self.names}

    def flatten(self, arrays: Mapping[Name, Array], leading: tuple[int, ...] = ()) -> Array:
        """One flat vector of the named arrays. Raises KeyError where one is missing."""
        vector = np.empty((*leading, self.size))
        for name, part in self.views(vector).items():
            part[...] = arrays[name]
        return vector


class Forward(NamedTuple):
    """A forward pass: the batch's inputs, the outputs, what each stage keeps, and what entered the last activation.

    `made` has what each stage put out, which a later stage may have written over.
    """

    inputs: Array
    outputs: Array
    kept: tuple[Kept, ...]
    logits: Array
    made: tuple[Array, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The network as it stands on one batch: its loss, its gradient, and every signal of the backward pass.

    `links` run from the cost to the network's inputs, `arriving` are the signals that arrive at the stages on the way back, in
    that order; `gradient` is a (…, P) vector. Nothing here may be written to. `tape` has the pass, where it can be made again.

    Where the signals were written by turns to a few arrays, the links have them no longer: `norms` (L,) is what each came to.
    """

    loss: Array
    forward: Forward
    links: tuple[Link, ...]
    arriving: tuple[Array, ...]
    gradient: Array
    tape: Tape | None = None
    norms: Array | None = None


class Network:
    """An architecture in one structure, ready to be run."""

    def __init__(self, architecture: Architecture, structure: Structure) -> None:
        self.architecture = architecture
        self.structure = structure
        self.kinds = structure.kinds_in(architecture)
        stages = _stages(architecture, structure, self.kinds)
        self.stages: tuple[AnyStage, ...] = tuple(with_skips(architecture, stages) if structure.skips else stages)
        self.forks = {stage.factor: stage for stage in self.stages if isinstance(stage, Fork)}
        self.layout = Layout(tuple(_parameter_shapes(architecture, structure, self.kinds)))
        self.running_layout = Layout(tuple(_running_shapes(architecture, self.kinds)))
        self.cost = architecture.cost
        self._in_place = _in_place(self.stages)

    @cached_property
    def normalized(self) -> tuple[str, ...]:
        """The names of the normalized layers, from the input on."""
        return tuple(self.kinds)

    @cached_property
    def estimates(self) -> tuple[tuple[int, int], ...]:
        """Where what the running estimates are of is found, in the vector's order: at which stage, and which of its statistics."""
        places = {stage.layer: place for place, stage in enumerate(self.stages) if isinstance(stage, Normalize)}
        return tuple((places[name.layer], OF_ESTIMATE[name.part]) for name in self.running_layout.names)

    @cached_property
    def passes_by_turns(self) -> bool:
        """Whether no signal is read again when later ones are there, as a skip connection and a normalized weight do."""
        return not any(isinstance(stage, Skip | WeightNormedAffine) for stage in self.stages)

    def normalization(self, layer: str) -> Normalize | None:
        """The stage that normalizes what a layer computes; None where nothing does, or its weight alone is normalized."""
        return next((stage for stage in self.stages if isinstance(stage, Normalize) and stage.layer == layer), None)

    def affine(self, layer: str) -> AnyAffine:
        """The affine stage of a layer."""
        return next(stage for stage in self.stages if isinstance(stage, AnyAffine) and stage.layer == layer)

    def too_few(self, samples: int, mode: Mode) -> str | None:
        """Why a batch of that many samples cannot be run, as a sentence; None where it can."""
        for layer, kind in self.kinds.items():
            if kind.over == "samples" and mode == "train" and samples < kind.least:
                return f"{layer}: {kind.too_few}"
        return None

    def leaves_out(self, mode: Mode) -> bool:
        """Whether μ and σ are constants for the gradient though they are not: then it is no gradient of J."""
        return any(kind.leaves_out(mode) for kind in self.kinds.values())

    def forward(self, theta: Array, running: Array, inputs: Array, mode: Mode = "train") -> Forward:
        """Run the batch `inputs` (m, n₀) through every stage."""
        return self._forward(self.layout.views(theta), self.running_layout.views(running), inputs, mode)

    def loss(self, theta: Array, running: Array, inputs: Array, targets: Array, mode: Mode = "train") -> Array:
        """J alone, without a backward pass."""
        with np.errstate(all="ignore"):
            return self.loss_of(self.forward(theta, running, inputs, mode), targets)

    def evaluate(
        self,
        theta: Array,
        running: Array,
        inputs: Array,
        targets: Array,
        mode: Mode = "train",
        over: Evaluation | None = None,
        norms_alone: bool = False,
    ) -> Evaluation:
        """Run a batch forward to the cost and back to the first layer. Raises TooFewError.

        `over` is an evaluation of this network in this mode that nobody reads any more: where its arrays are as large, they are
        written over, which takes less time than to ask for new memory. Where of the signals nobody will read but the
        `norms_alone`, they are written by turns to a few arrays, so that each is read while it is in the processor's cache.
        """
        with np.errstate(all="ignore"):
            if over is not None and over.tape is not None and over.tape.fits(theta, running, inputs, targets):
                over.tape.play(theta, running, inputs, targets)
                loss = self.loss_of(over.forward, targets)
                return Evaluation(loss, over.forward, over.links, over.arriving, over.gradient, over.tape, over.norms)
            if over is None or (over.gradient.shape, over.forward.inputs.shape) != (theta.shape, inputs.shape):
                return self._evaluated(theta, running, inputs, targets, mode)
            if norms_alone and self.passes_by_turns:
                over = replace(over, links=tuple(by_turns(over.links, TURNS)), norms=np.empty(len(over.links)))
            tape = Tape(theta, running, inputs, targets)
            return self._evaluated(*tape.numbers, mode, over, tape)

    def _evaluated(
        self,
        theta: Array,
        running: Array,
        inputs: Array,
        targets: Array,
        mode: Mode,
        over: Evaluation | None = None,
        tape: Tape | None = None,
    ) -> Evaluation:
        do = at_once if tape is None else tape
        parameters, running_estimates = self.layout.views(theta), self.running_layout.views(running)
        gradient = np.empty_like(theta) if over is None else over.gradient
        forward = self._forward(parameters, running_estimates, inputs, mode, over, do)
        loss = self.loss_of(forward, targets)
        links, arriving = self._backward(forward, targets, parameters, self.layout.views(gradient), over, do)
        return Evaluation(loss, forward, tuple(links), tuple(arriving), gradient, tape, None if over is None else over.norms)

    def hessian_product(self, theta: Array, evaluation: Evaluation, targets: Array, direction: Array) -> Array:
        """H·direction, exactly: the derivative of the gradient along it, for θ (P,), its evaluation and the batch's targets.

        Forward and backward pass are differentiated stage by stage [Pearlmutter 1994]; ReLUs keep their masks.
        """
        parameters, along = self.layout.views(theta), self.layout.views(direction)
        product = np.empty_like(theta)
        products = self.layout.views(product)
        stages = list(zip(self.stages, evaluation.forward.kept, strict=True))
        entering = evaluation.forward.outputs
        if self.cost.logit_derivative is not None:  # the last activation is in the cost's derivative
            stages.pop()
            entering = evaluation.forward.logits
        with np.errstate(all="ignore"):
            change, kept_changes = np.zeros_like(evaluation.forward.inputs), []
            beside: Beside = {}
            for stage, kept in stages:
                change, kept_change = forward_along(stage, change, kept, parameters, along, beside)
                kept_changes.append(kept_change)
            change = self.cost.derivative_along(entering, targets, change)
            back = zip(reversed(stages), reversed(kept_changes), evaluation.arriving, strict=True)
            beside = {}
            for (stage, kept), kept_change, signal in back:
                change = backward_along(stage, signal, change, kept, kept_change, parameters, along, products, beside)
        return product

    def _forward(
        self,
        parameters: Parameters,
        running: Parameters,
        inputs: Array,
        mode: Mode,
        over: Evaluation | None = None,
        do: Do = at_once,
    ) -> Forward:
        signal, kept, logits, made = inputs, [], inputs, []
        outs = NEW if over is None else iter(over.forward.made)
        beside: Beside = {}
        for stage, free, out in zip(self.stages, self._in_place, outs, strict=False):
            logits = signal
            signal, memory = forward(stage, signal, parameters, running, mode, beside, out, free, do)
            kept.append(memory)
            made.append(signal)
        return Forward(inputs, signal, tuple(kept), logits, tuple(made))

    def loss_of(self, forward: Forward, targets: Array) -> Array:
        """J of a forward pass."""
        if self.cost.logit_derivative is not None:
            return self.cost.loss(forward.logits, targets)
        return self.cost.loss(forward.outputs, targets)

    def accuracy_of(self, forward: Forward, targets: Array) -> Array | None:
        """The share of a forward pass that is right; None where the cost knows no classes."""
        if self.cost.accuracy is None:
            return None
        return self.cost.accuracy(forward.outputs if self.cost.logit_derivative is None else forward.logits, targets)

    def _backward(
        self,
        forward: Forward,
        targets: Array,
        parameters: Parameters,
        gradients: Parameters,
        over: Evaluation | None = None,
        do: Do = at_once,
    ) -> tuple[list[Link], list[Array]]:
        stages = list(zip(self.stages, forward.kept, strict=True))
        outs = NEW if over is None else iter([link.signal for link in over.links])
        norms = iter([] if over is None or over.norms is None else [over.norms[place, ...] for place in range(over.norms.size)])
        entering = forward.outputs if self.cost.logit_derivative is None else forward.logits
        links = [Link(COST, do(written, self.cost.derivative, entering, targets, next(outs)))]
        if self.cost.logit_derivative is not None:
            head = Name(self.architecture.layers[-1].name, ACTIVATION)
            links.append(Link(head, do(written, self.cost.logit_derivative, forward.logits, targets, next(outs))))
            stages.pop()
        arriving: list[Array] = []
        beside: Beside = {}
        links = _read(links, norms, do)
        for stage, kept in reversed(stages):
            arriving.append(links[-1].signal)
            links += _read(backward(stage, arriving[-1], kept, parameters, gradients, beside, outs, do), norms, do)
        return links, arriving


def _read(links: list[Link], norms: Iterator[Array], do: Do) -> list[Link]:
    """These links, with their norms taken while the signals are there; where none are asked for, none."""
    for link, norm in zip(links, norms, strict=False):
        do(norm_into, parts_of(link.signal), norm)
    return links


@lru_cache(maxsize=64)
def network(architecture: Architecture, structure: Structure) -> Network:
    """The network of an architecture in a structure, made once."""
    return Network(architecture, structure)


def _stages(architecture: Architecture, structure: Structure, kinds: Mapping[str, Normalization]) -> Iterable[Stage]:
    for layer in architecture.layers:
        kind = kinds.get(layer.name)
        bias = Name(layer.name, BIAS) if layer.name in structure.biased else None
        rest: list[Stage] = [] if layer.is_linear else [Nonlinearity.of(layer.name, layer.activation)]
        if kind is None:
            affine: AnyAffine = Affine(layer.name, Name(layer.name, WEIGHT), bias)
        elif kind.over == "weight":
            affine = WeightNormedAffine.of(layer.name, kind, bias, layer.normalization.affine)
        else:
            affine = Affine(layer.name, Name(layer.name, WEIGHT), bias)
            settings = layer.normalization
            norm = Normalize.of(layer.name, kind, settings.epsilon, settings.affine, settings.groups)
            rest.insert(0 if layer.normalized_before_activation else 1, norm)
        yield from (affine, *rest)


def _in_place(stages: tuple[AnyStage, ...]) -> tuple[bool, ...]:
    """Which stages may write over their input: those in between, where nobody reads it again."""
    free = [not (before.keeps_output or stage.keeps_input) for before, stage in pairwise(stages[:-1])]
    return (False, *free, False) if len(stages) > 1 else (False,)


def _parameter_shapes(
    architecture: Architecture, structure: Structure, kinds: Mapping[str, Normalization]
) -> Iterable[tuple[Name, tuple[int, int]]]:
    incoming = architecture.inputs
    for layer in architecture.layers:
        yield Name(layer.name, WEIGHT), (layer.units, incoming)
        if layer.name in structure.biased:
            yield Name(layer.name, BIAS), (1, layer.units)
        if layer.name in kinds and layer.normalization.affine:
            for part, _ in kinds[layer.name].parameters:
                yield Name(layer.name, part), (1, layer.units)
        incoming = layer.units


def _running_shapes(
    architecture: Architecture, kinds: Mapping[str, Normalization]
) -> Iterable[tuple[Name, tuple[int, int]]]:
    for layer in architecture.layers:
        if layer.name in kinds:
            for part, _ in kinds[layer.name].running:
                yield Name(layer.name, part), (1, layer.units)
