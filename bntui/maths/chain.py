"""The chain rule, read off a backward pass: each factor's value and the product so far.

Two readings of the same chain, both exact. Over the whole batch a factor's value is ‖δ after‖/‖δ before‖ and the whole
product is ‖∂J/∂W‖. For one sample the norms go over that sample's units; where every layer and the input have one
unit the values keep their signs and the product is that sample's term of ∂J/∂w.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Sequence
from functools import cached_property
from itertools import islice, repeat
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.names import INPUT, SKIP, WEIGHT, Name
from bntui.maths.network import Evaluation, Network
from bntui.maths.norms import norm, norms, reader
from bntui.maths.stages import AnyAffine, Rows, WeightNormedAffine
from bntui.maths.tape import Tape
from bntui.records import dataclass

# What rounding leaves of an exact zero: 1e-13 of what was subtracted from itself.
ROUNDING = 1e-13


class Factor(NamedTuple):
    """One factor of a layer's chain.

    `product` is the norm (or signed value) of the signal after it, `value` its ratio to the product before, None where
    that is zero. `rounding` says that the signal is nothing but rounding. Where a skip connection comes in, `added` is the norm
    (or signed value) of what it brings, and `product` that of the sum.
    """

    name: Name
    value: float | None
    product: float
    rounding: bool = False
    added: float | None = None


@dataclass(frozen=True)
class Trunk:
    """The factors that the chains of all layers share, from the cost to the network's inputs: of each its name and its numbers.

    `doubts` says how small each product must be to be nothing but rounding; `added` has by place what skip connections bring.
    """

    names: tuple[Name, ...]
    values: list[float | None]
    products: list[float]
    doubts: list[float]
    added: dict[int, float]

    def is_rounding(self, place: int) -> bool:
        """Whether what is left after a factor is nothing but rounding."""
        return abs(self.products[place]) < self.doubts[place]

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors, which most steps are taken without."""
        rounding = map(self.is_rounding, range(len(self.names)))
        added = map(self.added.get, range(len(self.names)))
        return tuple(map(Factor, self.names, self.values, self.products, rounding, added))


class LayerChain(NamedTuple):
    """The chain from the cost to one layer's weight: the first `shared` factors of the trunk, then its own, and the layer's gain.

    The gain is ‖∂J/∂a_{l−1}‖/‖∂J/∂a_l‖, None where the signal at the layer's output is zero; `gain_is_rounding` says
    that what arrives at its input is nothing but rounding.
    """

    layer: str
    trunk: Trunk
    shared: int
    own: tuple[Factor, ...]
    gain: float | None
    gain_is_rounding: bool = False

    @property
    def factors(self) -> tuple[Factor, ...]:
        """All its factors, from the cost to what enters the layer, and what a normalized weight takes away."""
        return (*self.trunk.factors[: self.shared], *self.own)

    @property
    def product(self) -> float:
        """The whole product: the norm of the weight's gradient, or one sample's term of it."""
        return self.own[-1].product

    @property
    def is_rounding(self) -> bool:
        """Whether the whole product is nothing but rounding."""
        return self.own[-1].rounding


@dataclass(frozen=True, slots=True)
class Reading:
    """How a signal becomes one number: its norm over the batch, over one sample's units, or one signed value."""

    sample: int | None
    signed: bool

    def of(self, signals: Sequence[Array]) -> list[float]:
        """The number that stands for each signal (m, n)."""
        if self.sample is None:
            return norms(signals)
        if self.signed:
            return [float(signal[self.sample, 0]) for signal in signals]
        return norms([signal[self.sample] for signal in signals])


WHOLE_BATCH = Reading(None, signed=False)


def reading(network: Network, sample: int | None) -> Reading:
    """The reading of the whole batch (None) or of one sample, with signs where every layer and the input have one unit."""
    if sample is None:
        return WHOLE_BATCH
    one_unit = network.architecture.inputs == 1 and all(layer.units == 1 for layer in network.architecture.layers)
    return Reading(sample, one_unit)


def read_chain(network: Network, evaluation: Evaluation, sample: int | None = None) -> tuple[LayerChain, ...]:
    """Every layer's chain, from the input's layer on: of the whole batch, or of one sample counted from 0.

    Raises ValueError where a sample's is asked for and the signals are there no longer.
    """
    if sample is not None and evaluation.norms is not None:
        raise ValueError("of the signals of this evaluation only the norms were kept")
    how = reading(network, sample)
    signals = _once(_SIGNALS, evaluation, lambda: _Signals.of(network, evaluation))
    ends = signals.ends
    numbers = iter(signals.norms(evaluation) if sample is None else how.of(signals.arrays))
    products, sizes = list(islice(numbers, len(signals.names))), list(islice(numbers, len(ends)))
    trunk = _trunk(signals, products, list(islice(numbers, signals.skips)))
    weights: Iterable[float | None] = repeat(None) if sample is not None else numbers
    chains, arriving = [], 0
    for (stage, factor, leaving, reached, rows), size, whole in zip(ends, sizes, weights, strict=False):
        before, doubt = products[leaving - 1], trunk.doubts[leaving - 1]
        raw, projected = before * size if whole is None else whole, None
        if rows is not None:
            raw, projected = _of_weight(signals.arrays[leaving - 1], rows, how)
        rounding = abs(before) < doubt or (sample is None and raw < max(doubt, ROUNDING * before) * size)
        own: tuple[Factor, ...] = (Factor(factor, _ratio(raw, before), raw, rounding),)
        if isinstance(stage, WeightNormedAffine) and projected is not None:
            nothing = rounding or abs(projected) < ROUNDING * abs(raw)
            own = (*own, Factor(stage.project, _ratio(projected, raw), projected, nothing))
        gain = _ratio(products[reached], products[arriving])
        chains.append(LayerChain(stage.layer, trunk, leaving, own, gain, trunk.is_rounding(reached)))
        arriving = reached
    return tuple(reversed(chains))


class _Turn(NamedTuple):
    """How a factor of the trunk comes from the one before: whether rounding is of what went in, and what a skip brings, if it does.

    `left` are the places of the factors after which that had left the chain.
    """

    subtracts: bool
    left: tuple[int, ...] | None


class _End(NamedTuple):
    """Where a chain ends: at an affine stage, in the factor of what enters it, after the first `leaving` factors of the trunk.

    `reached` is the place of the factor after which the signal has come to the layer below, `rows` what a normalized weight keeps.
    """

    stage: AnyAffine
    factor: Name
    leaving: int
    reached: int
    rows: Rows | None


@dataclass(frozen=True, slots=True, eq=False)
class _Signals:
    """What chains are read from: the signals of all links, what enters each affine stage, what each of `skips` skips brings.

    `unread` takes the norms of these arrays and of every weight's gradient, but for the signals where theirs are known; `ends`
    goes from the output's layer to the input's.
    """

    arrays: tuple[Array, ...]
    unread: Callable[[], list[float]]
    names: tuple[Name, ...]
    turns: tuple[_Turn, ...]
    ends: tuple[_End, ...]
    skips: int

    @classmethod
    def of(cls, network: Network, evaluation: Evaluation) -> _Signals:
        """Those of an evaluation."""
        links, places = evaluation.links, {link.factor: place for place, link in enumerate(evaluation.links)}
        ends, incoming, gradients = [], [], []
        for stage, kept in zip(reversed(network.stages), reversed(evaluation.forward.kept), strict=True):
            if isinstance(stage, AnyAffine):
                leaving = places[stage.weight]
                reached = leaving + (Name(stage.layer, SKIP) in places)
                rows = kept if isinstance(stage, WeightNormedAffine) else None
                ends.append(_End(stage, Name(stage.layer, INPUT), leaving, reached, rows))
                incoming.append(stage.incoming(kept))
                gradients.append(evaluation.gradient[network.layout.places[stage.weight][0]])
        turns = [
            _Turn(
                link.subtracts or link.added is not None,
                None if link.added is None else tuple([places[left] for left in network.forks[link.factor].left]),
            )
            for link in links[1:]
        ]
        brought = [link.added for link in links if link.added is not None]
        arrays = (*(link.signal for link in links), *incoming, *brought)
        unread = reader([*(arrays if evaluation.norms is None else arrays[len(links) :]), *gradients])
        return cls(arrays, unread, tuple(places), tuple(turns), tuple(ends), len(brought))

    def norms(self, evaluation: Evaluation) -> list[float]:
        """The norms of the signals, of what enters the affine stages, of what skips bring, and of the weights' gradients."""
        known = [] if evaluation.norms is None else evaluation.norms.tolist()
        return [*known, *self.unread()]


def read_gradients(network: Network, evaluation: Evaluation, chains: Sequence[LayerChain]) -> dict[Name, float]:
    """The norm of every parameter's gradient: that of a weight from which nothing is taken away is its chain's whole product."""
    known = {Name(chain.layer, WEIGHT): chain.product for chain in chains if chain.own[-1].name.part == INPUT}
    others = _once(_OTHERS, evaluation, lambda: _Others.of(network, evaluation, known))
    return known | dict(zip(others.names, others.norms(), strict=True))


class _Others(NamedTuple):
    """The parameters whose gradient is no chain's whole product, and what takes its norms."""

    names: tuple[Name, ...]
    norms: Callable[[], list[float]]

    @classmethod
    def of(cls, network: Network, evaluation: Evaluation, known: Container[Name]) -> _Others:
        """Those of an evaluation, but for the `known`."""
        views = {name: view for name, view in network.layout.views(evaluation.gradient).items() if name not in known}
        return cls(tuple(views), reader(list(views.values())))


Found = TypeVar("Found")
_SIGNALS: WeakKeyDictionary[Tape, _Signals] = WeakKeyDictionary()
_OTHERS: WeakKeyDictionary[Tape, _Others] = WeakKeyDictionary()


def _once(found: WeakKeyDictionary[Tape, Found], evaluation: Evaluation, find: Callable[[], Found]) -> Found:
    """What is read of an evaluation, found once for all passes of a tape: one that is played again writes to the same arrays."""
    tape = evaluation.tape
    if tape is None:
        return find()
    if tape not in found:
        found[tape] = find()
    return found[tape]


def _of_weight(signal: Array, kept: Rows, how: Reading) -> tuple[float, float]:
    """The gradient of a normalized weight as one number, before and after what goes along its rows is taken away."""
    chosen = slice(None) if how.sample is None else slice(how.sample, how.sample + 1)
    with np.errstate(all="ignore"):
        raw = np.matmul(signal[chosen].swapaxes(-1, -2), kept.incoming[chosen])
        projected = kept.projected(raw)
    if how.signed:
        return float(raw[0, 0]), float(projected[0, 0])
    return norm(raw), norm(projected)


def _trunk(signals: _Signals, products: list[float], brought: Sequence[float]) -> Trunk:
    """The factors that all chains share, and how far each product is in doubt; `brought` is what skips bring, from the cost on.

    Parts that subtract (centre, project, and the sum over samples in the weight's gradient) leave 1e-13 of what went in, and later
    factors carry that along. What a skip brings is as doubtful as the signal was where it left the chain.
    """
    values = [products[0], *map(_ratio, products[1:], products)]
    doubts, added = [0.0], dict[int, float]()
    doubt, joining = 0.0, iter(brought)
    for place, (subtracts, left) in enumerate(signals.turns, 1):
        value, least = values[place], ROUNDING * abs(products[place - 1] if subtracts else products[place])
        if left is not None:
            added[place] = joined = next(joining)
            doubt = max(doubt, ROUNDING * abs(joined), *(doubts[each] for each in left))
        elif not subtracts and value is not None:
            doubt *= abs(value)
        doubt = least if least > doubt else doubt
        doubts.append(doubt)
    return Trunk(signals.names, values, products, doubts, added)


def _ratio(after: float, before: float) -> float | None:
    if before == 0:
        return None
    return after / before if math.isfinite(before) else math.nan
