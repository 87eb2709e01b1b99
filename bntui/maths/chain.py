"""The chain rule, read off a backward pass: each factor's value and the product so far.

Two readings of the same chain, both exact. Over the whole batch a factor's value is ‖δ after‖/‖δ before‖ and the whole
product is ‖∂J/∂W‖. For one sample the norms go over that sample's units; where every layer and the input have one
unit the values keep their signs and the product is that sample's term of ∂J/∂w.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bntui.maths.arrays import SMALL, Array
from bntui.maths.link import Link
from bntui.maths.names import INPUT, SKIP, Name
from bntui.maths.network import Evaluation, Network
from bntui.maths.stages import AnyAffine, Rows, WeightNormedAffine

# What rounding leaves of an exact zero: 1e-13 of what was subtracted from itself.
ROUNDING = 1e-13
COPIED_AT_ONCE = 2**17  # numbers up to which it is quicker to copy arrays into one than to call for each of them
SAFE = 1e-290, 1e300  # sums of squares between these have lost nothing to underflow or overflow


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


class LayerChain(NamedTuple):
    """The chain from the cost to one layer's weight: its factors, its product ‖∂J/∂W‖, and the layer's gain.

    The gain is ‖∂J/∂a_{l−1}‖/‖∂J/∂a_l‖, None where the signal at the layer's output is zero; `gain_is_rounding` says
    that what arrives at its input is nothing but rounding.
    """

    layer: str
    factors: tuple[Factor, ...]
    gain: float | None
    gain_is_rounding: bool = False

    @property
    def product(self) -> float:
        """The whole product: the norm of the weight's gradient, or one sample's term of it."""
        return self.factors[-1].product

    @property
    def shared(self) -> int:
        """How many factors lead to the layer, each in the chains of all layers below it as well; the rest are its own."""
        own = Name(self.layer, INPUT)
        return next(place for place in range(len(self.factors) - 1, -1, -1) if self.factors[place].name == own)


def norm(array: Array) -> float:
    """The Frobenius norm, also where the squares overflow or underflow."""
    with np.errstate(all="ignore"):
        return _norm(array)


def _norm(array: Array) -> float:
    flat = array.reshape(-1)
    # a longer dot product is given to threads, which take longer to wake than it takes to compute
    parts = [flat[at : at + SMALL] for at in range(0, flat.size, SMALL)] if flat.size > SMALL else [flat]
    square = sum([float(np.dot(part, part)) for part in parts])
    if SAFE[0] < square < SAFE[1]:
        return math.sqrt(square)
    largest = float(np.max(np.abs(flat), initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    scaled = flat / largest
    return largest * math.sqrt(float(np.dot(scaled, scaled)))


def norms(arrays: Sequence[Array]) -> list[float]:
    """The norm of each array; where they are few numbers, all in one pass."""
    sizes = tuple([array.size for array in arrays])
    low, high = SAFE
    with np.errstate(all="ignore"):
        if sum(sizes) > COPIED_AT_ONCE:
            return list(map(_norm, arrays))
        flat = np.concatenate([array.ravel() for array in arrays])
        squares = np.add.reduceat(flat * flat, _starts(sizes)).tolist()
        if low < min(squares) and max(squares) < high:
            return list(map(math.sqrt, squares))
        largest = np.maximum.reduceat(np.abs(flat), _starts(sizes)).tolist()
        return [
            math.sqrt(square) if low < square < high else most if most == 0 else _norm(array)
            for square, most, array in zip(squares, largest, arrays, strict=True)
        ]


@lru_cache(maxsize=64)
def _starts(sizes: tuple[int, ...]) -> NDArray[np.intp]:
    """Where arrays of these sizes begin when they are laid end to end."""
    return np.cumsum((0, *sizes[:-1]))


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


def reading(network: Network, sample: int | None) -> Reading:
    """The reading of the whole batch (None) or of one sample, with signs where every layer and the input have one unit."""
    if sample is None:
        return Reading(None, signed=False)
    one_unit = network.architecture.inputs == 1 and all(layer.units == 1 for layer in network.architecture.layers)
    return Reading(sample, one_unit)


def read_chain(network: Network, evaluation: Evaluation, sample: int | None = None) -> tuple[LayerChain, ...]:
    """Every layer's chain, from the input's layer on: of the whole batch, or of one sample counted from 0."""
    how, ends, links = reading(network, sample), _ends(network), evaluation.links
    kept = [evaluation.forward.kept[end.place] for end in ends]
    names, signals = [link.factor for link in links], [link.signal for link in links]
    incoming = [end.stage.incoming(memory) for end, memory in zip(ends, kept, strict=True)]
    brought = {link.factor: link.added for link in links if link.added is not None}
    gradients = [evaluation.gradient[end.gradient] for end in ends] if sample is None else []
    numbers = how.of([*signals, *incoming, *brought.values(), *gradients])
    products, sizes = numbers[: len(signals)], numbers[len(signals) : len(signals) + len(ends)]
    rest = iter(numbers[len(signals) + len(ends) :])
    added = {factor: Added(next(rest), network.forks[factor].left) for factor in brought}
    whole = list(rest)
    factors, doubts = _trunk(links, products, added)
    chains, arriving = [], 0
    for turn, (stage, factor, joined, _, _) in enumerate(ends):
        leaving = names.index(stage.weight, arriving)
        before, size = factors[leaving - 1], sizes[turn]
        projected = None
        if isinstance(stage, WeightNormedAffine):
            raw, projected = _of_weight(links[leaving - 1].signal, kept[turn], how)
        elif sample is None:
            raw = whole[turn]
        else:
            raw = before.product * size
        rounding = before.rounding
        if sample is None and not rounding:
            rounding = raw < max(doubts[leaving - 1], ROUNDING * before.product) * size
        last = [Factor(factor, _ratio(raw, before.product), raw, rounding)]
        if isinstance(stage, WeightNormedAffine) and projected is not None:
            nothing = rounding or abs(projected) < ROUNDING * abs(raw)
            last.append(Factor(stage.project, _ratio(projected, raw), projected, nothing))
        reached = leaving + (joined in added)
        gain = _ratio(factors[reached].product, factors[arriving].product)
        chains.append(LayerChain(stage.layer, (*factors[:leaving], *last), gain, factors[reached].rounding))
        arriving = reached
    return tuple(reversed(chains))


class _End(NamedTuple):
    """Where a chain ends: at an affine stage, in the factor of what enters it; `joined` is that of a skip that leads to its layer.

    `place` is that of the stage in the network, `gradient` that of ∂J/∂W in ∂J/∂θ.
    """

    stage: AnyAffine
    factor: Name
    joined: Name
    place: int
    gradient: slice


@lru_cache(maxsize=64)
def _ends(network: Network) -> tuple[_End, ...]:
    """The ends of all chains, from the output's layer to the input's."""
    places = network.layout.places
    return tuple(
        _End(stage, Name(stage.layer, INPUT), Name(stage.layer, SKIP), place, places[stage.weight][0])
        for place, stage in reversed(list(enumerate(network.stages)))
        if isinstance(stage, AnyAffine)
    )


def _of_weight(signal: Array, kept: Rows, how: Reading) -> tuple[float, float]:
    """The gradient of a normalized weight as one number, before and after what goes along its rows is taken away."""
    chosen = slice(None) if how.sample is None else slice(how.sample, how.sample + 1)
    with np.errstate(all="ignore"):
        raw = np.matmul(signal[chosen].swapaxes(-1, -2), kept.incoming[chosen])
        projected = kept.projected(raw)
    if how.signed:
        return float(raw[0, 0]), float(projected[0, 0])
    return norm(raw), norm(projected)


class Added(NamedTuple):
    """What a skip connection brings: its norm (or signed value), and after which factors it left the chain."""

    size: float
    left: tuple[Name, ...]


def _trunk(
    links: Sequence[Link], products: Sequence[float], added: Mapping[Name, Added]
) -> tuple[list[Factor], list[float]]:
    """The factors that all chains share, from the cost to the inputs, and how far each product is in doubt.

    The doubt is how small a product must be to be nothing but rounding: parts that subtract (centre, project, and the
    sum over samples in the weight's gradient) leave 1e-13 of what went in, and later factors carry that along. What a skip brings
    is as doubtful as the signal was where it left the chain.
    """
    before = products[0]
    factors, doubts = [Factor(links[0].factor, before, before)], {links[0].factor: 0.0}
    doubt = 0.0
    for link, product in zip(links[1:], products[1:], strict=False):
        value, size = _ratio(product, before), None
        if link.added is not None:
            size, left = added[link.factor]
            doubt = max(doubt, ROUNDING * max(abs(before), abs(size)), *(doubts[factor] for factor in left))
        elif link.subtracts:
            doubt = max(doubt, ROUNDING * abs(before))
        else:
            doubt = max(doubt if value is None else doubt * abs(value), ROUNDING * abs(product))
        factors.append(Factor(link.factor, value, product, abs(product) < doubt, size))
        doubts[link.factor] = doubt
        before = product
    return factors, list(doubts.values())


def _ratio(after: float, before: float) -> float | None:
    if before == 0:
        return None
    return after / before if math.isfinite(before) else math.nan
