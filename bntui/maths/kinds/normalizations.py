"""The normalizations: what each is made of, what it needs, and what a face says of its parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a normalization's factor, under its `name` in YAML and trace.

    `label` names it in a ledger, `bare_label` where there is no γ; `symbol` is what a formula writes, with {layer} for the
    layer. `subtracts` says that it takes something away from the signal, which leaves rounding where all of it goes.
    `in_evaluation` says that it remains when the statistics stand still.
    """

    name: str
    label: str
    bare_label: str
    symbol: str
    subtracts: bool = False
    in_evaluation: bool = False

    @property
    def factor(self) -> str:
        """The part's place in a factor's name, as norm.scale."""
        return f"norm.{self.name}"


@dataclass(frozen=True, slots=True)
class Normalization:
    """A kind of normalization, under the `name` that YAML has for it; `short` is its name on the screen.

    `parts` stand in the order of the backward step. `parameters` and `running` are the arrays per unit that it learns and that
    it estimates, each with its first value. In training it needs `least_samples`; `too_few` says so in a sentence.
    """

    name: str
    short: str
    parts: tuple[Part, ...]
    parameters: tuple[tuple[str, float], ...]
    running: tuple[tuple[str, float], ...]
    least_samples: int
    too_few: str

    def part(self, factor: str) -> Part:
        """The part that a factor's name speaks of. Raises KeyError where it has none."""
        for part in self.parts:
            if part.factor == factor:
                return part
        raise KeyError(factor)


SCALE = Part("scale", "scale γ/σ", "scale 1/σ", "γ_{layer}/σ_{layer}", in_evaluation=True)
CENTRE = Part("centre", "centre", "centre", "(I−11ᵀ/m)_{layer}", subtracts=True)
PROJECT = Part("project", "project", "project", "(I−x̂x̂ᵀ/m)_{layer}", subtracts=True)

GAMMA, BETA, MEAN, VARIANCE = "gamma", "beta", "mean", "variance"

BATCH_NORM = Normalization(
    "batch_norm",
    "BN",
    (SCALE, CENTRE, PROJECT),
    parameters=((GAMMA, 1.0), (BETA, 0.0)),
    running=((MEAN, 0.0), (VARIANCE, 1.0)),
    least_samples=2,
    too_few="one sample cannot be normalized by its own mean and variance",
)

NORMALIZATIONS = {each.name: each for each in (BATCH_NORM,)}
