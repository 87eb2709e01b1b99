"""The stage that normalizes a signal by its mean and its σ, over the samples or over the units; `stages` says what a stage is."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from bntui.maths.arrays import OVER_SAMPLES, Array, Axis, Mode, OverUnits, Parameters, sum_of, sum_of_products
from bntui.maths.kinds.normalizations import BETA, GAMMA, MEAN, MEAN_SQUARE, VARIANCE, Normalization
from bntui.maths.link import NEW, Link, Outs
from bntui.maths.names import Name
from bntui.maths.tape import Do, at_once
from bntui.records import dataclass


class TooFewError(ValueError):
    """A statistic was to be taken of fewer numbers than it needs, as of one sample alone."""


class Statistics(NamedTuple):
    """What a normalization keeps of a batch: μ, v, σ and x̂; None what the kind does not have.

    Over the samples the first three are (…, 1, n), the batch's own (v biased) in training and the running estimates in evaluation
    mode. Over the units they are (…, m, 1), over groups of them (…, m, n). Without a mean v is the mean square.
    """

    mean: Array | None
    variance: Array | None
    sigma: Array | None
    normalized: Array

    def observed(self, estimate: Name) -> Array:
        """What a batch says of a running estimate: its mean, else its (biased) variance or mean square."""
        found = self[OF_ESTIMATE[estimate.part]]
        assert found is not None  # who keeps an estimate has its statistic
        return found


OF_ESTIMATE = {MEAN: 0, VARIANCE: 1, MEAN_SQUARE: 1}  # which of the statistics an estimate is of


@dataclass(frozen=True, slots=True)
class Normalize:
    """u = γ(z − μ)/σ + β, where μ and σ are taken over the samples or over the units, with those of its parts that the kind has.

    σ = √(v + ε), where v is the mean of (z − μ)², or of z² where no mean is taken away. `gamma` and `beta` are None where they
    are left out, `factors` names the parts of the backward step, `running` the running estimates, each with what it estimates.
    """

    layer: str
    kind: Normalization
    axis: Axis
    epsilon: float
    gamma: Name | None
    beta: Name | None
    running: tuple[Name, ...]
    factors: tuple[Name, ...]
    keeps_input: ClassVar[bool] = False

    @classmethod
    def of(cls, layer: str, kind: Normalization, epsilon: float, affine: bool, groups: int) -> Normalize:
        """The normalization of a layer, with what its kind learns or without."""
        learned = [part for part, _ in kind.parameters] if affine else []
        return cls(
            layer,
            kind,
            OVER_SAMPLES if kind.over == "samples" else OverUnits(groups if kind.grouped else 1),
            epsilon,
            Name(layer, GAMMA) if GAMMA in learned else None,
            Name(layer, BETA) if BETA in learned else None,
            tuple(Name(layer, part) for part, _ in kind.running),
            tuple(Name(layer, part.factor) for part in kind.parts),
        )

    @property
    def keeps_output(self) -> bool:
        """Whether what goes on is x̂ itself."""
        return self.gamma is None and self.beta is None

    def statistics(
        self, incoming: Array, running: Parameters, mode: Mode, out: Array | None = None, do: Do = at_once
    ) -> Statistics:
        """Normalize by what there is, or, in evaluation mode, by the running estimates where the kind keeps any.

        Raises TooFewError where a statistic would be taken of fewer numbers than the kind needs.
        """
        kind = self.kind
        estimates = {name.part: running[name] for name in self.running} if mode == "eval" else {}
        count = self.axis.count(incoming)
        if not estimates and count < kind.least:
            raise TooFewError(f"{self.layer}: {kind.too_few}")
        mean = variance = sigma = None
        normalized = incoming
        if kind.centres:
            # of equal numbers that number: a sum of m-ths may miss its last digit
            mean = estimates[MEAN] if estimates else do(np.divide, self.axis.total(incoming, do=do), float(count), None)
            normalized = do(np.subtract, incoming, mean, out)
        if kind.scales:
            if estimates:
                variance = estimates[VARIANCE if kind.centres else MEAN_SQUARE]
            else:
                variance = self.axis.total_of_products(normalized, normalized, 1 / count, do)
            sigma = do(np.add, variance, self.epsilon, None)
            sigma = do(np.sqrt, sigma, sigma)
            normalized = do(np.divide, normalized, sigma, normalized if kind.centres else out)
        return Statistics(mean, variance, sigma, normalized)

    def moves(self, mode: Mode) -> bool:
        """Whether μ and σ follow the signal for the gradient: not as running estimates, nor as detached constants."""
        return not (self.kind.detached or self.kind.estimated(mode))

    def forward(
        self,
        incoming: Array,
        parameters: Parameters,
        running: Parameters,
        mode: Mode,
        out: Array | None = None,
        free: bool = False,
        do: Do = at_once,
    ) -> tuple[Array, tuple[Statistics, Mode]]:
        """The normalized, rescaled and shifted pre-activation (or activation, where it is placed after it)."""
        kept = self.statistics(incoming, running, mode, incoming if free else None, do)
        outgoing = kept.normalized
        if self.gamma is not None:
            outgoing = do(np.multiply, outgoing, parameters[self.gamma], out)
        if self.beta is not None:
            outgoing = do(np.add, outgoing, parameters[self.beta], out if self.gamma is None else outgoing)
        return outgoing, (kept, mode)

    def scale(self, kept: Statistics, parameters: Parameters, do: Do = at_once) -> Array | None:
        """γ/σ, by unit (…, 1, n) or, over the units, by sample and unit (…, m, n); None where nothing is divided."""
        if kept.sigma is None:
            return None
        return do(np.divide, 1.0 if self.gamma is None else parameters[self.gamma], kept.sigma, None)

    def backward(
        self,
        signal: Array,
        kept: tuple[Statistics, Mode],
        parameters: Parameters,
        gradients: Parameters,
        outs: Outs = NEW,
        do: Do = at_once,
    ) -> list[Link]:
        """The parts of the factor that the kind has, in their order: scale, centre, project; the last two where μ and σ move."""
        statistics, mode = kept
        normalized = statistics.normalized
        if self.beta is not None:
            sum_of(signal, gradients[self.beta], do=do)
        if self.gamma is not None:
            sum_of_products(signal, normalized, gradients[self.gamma], do=do)
        links, factors = [], iter(self.factors)
        scale = self.scale(statistics, parameters, do)
        if scale is not None:
            signal = do(np.multiply, signal, scale, next(outs))
            links.append(Link(next(factors), signal))
        if not self.moves(mode):
            return links
        share = 1 / self.axis.count(signal)
        if self.kind.centres:
            signal = do(np.subtract, signal, self.axis.total(signal, share, do), next(outs))
            links.append(Link(next(factors), signal, subtracts=True))
        if self.kind.scales:
            along = self.axis.total_of_products(signal, normalized, share, do)
            along = do(np.multiply, normalized, along, next(outs))
            links.append(Link(next(factors), do(np.subtract, signal, along, along), subtracts=True))
        return links

    def forward_along(
        self, change: Array, kept: tuple[Statistics, Mode], parameters: Parameters, direction: Parameters
    ) -> tuple[Array, tuple[Array, Array]]:
        """The change of u: γ·ẋ̂ + γ̇·x̂ + β̇, with ẋ̂ = (ż − μ̇ − x̂·σ̇)/σ and σ̇ = mean(x̂·ż), both 0 where μ and σ stand still."""
        statistics, mode = kept
        normalized, sigma_change = statistics.normalized, np.zeros(1)
        if self.moves(mode):
            share = 1 / self.axis.count(change)
            if self.kind.centres:
                change = change - self.axis.total(change, each=share)
            if self.kind.scales:
                sigma_change = self.axis.total_of_products(normalized, change, each=share)
                change = change - normalized * sigma_change
        normalized_change = change if statistics.sigma is None else change / statistics.sigma
        outgoing = normalized_change
        if self.gamma is not None:
            outgoing = outgoing * parameters[self.gamma] + normalized * direction[self.gamma]
        if self.beta is not None:
            outgoing = outgoing + direction[self.beta]
        return outgoing, (normalized_change, sigma_change)

    def backward_along(
        self,
        signal: Array,
        change: Array,
        kept: tuple[Statistics, Mode],
        kept_change: tuple[Array, Array],
        parameters: Parameters,
        direction: Parameters,
        products: Parameters,
    ) -> Array:
        """The change of the signal after the parts that there are; those of ∂J/∂γ and ∂J/∂β go to `products`."""
        statistics, mode = kept
        normalized, (normalized_change, sigma_change) = statistics.normalized, kept_change
        if self.beta is not None:
            sum_of(change, products[self.beta])
        if self.gamma is not None:
            sum_of_products(change, normalized, products[self.gamma])
            products[self.gamma][...] += sum_of_products(signal, normalized_change)
        scale = self.scale(statistics, parameters)
        if scale is not None and statistics.sigma is not None:
            gain_change = 0.0 if self.gamma is None else direction[self.gamma]
            change = change * scale + signal * ((gain_change - scale * sigma_change) / statistics.sigma)
            signal = signal * scale
        if not self.moves(mode):
            return change
        share = 1 / self.axis.count(signal)
        if self.kind.centres:
            change = change - self.axis.total(change, each=share)
            signal = signal - self.axis.total(signal, each=share)
        if self.kind.scales:
            along_change = self.axis.total_of_products(change, normalized, each=share)
            along_change += self.axis.total_of_products(signal, normalized_change, each=share)
            change = change - normalized_change * self.axis.total_of_products(signal, normalized, each=share)
            change -= normalized * along_change
            if self.kind.centres:  # x̂ sums to 0 but for rounding, which is large where z is large beside its σ
                change -= self.axis.total(change, each=share)
        return change
