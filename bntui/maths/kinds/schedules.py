"""The schedules: what share of its rate every parameter moves by at a step.

A share depends on the number of the step alone, so that going back, jumping and resuming meet the same rates.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, fields
from typing import ClassVar

from bntui.records import dataclass


@dataclass(frozen=True, slots=True)
class Constant:
    """The whole rate at every step."""

    name: ClassVar[str] = "constant"
    formula: ClassVar[str] = "1"

    def share(self, step: int) -> float:
        """The share of the rate at a step."""
        return 1.0

    @property
    def python(self) -> str:
        """The share as an expression of Python, of the number `step`."""
        return "1.0"


@dataclass(frozen=True, slots=True)
class Stepped:
    """Times `by` after `every` so many steps, as torch's StepLR."""

    name: ClassVar[str] = "step"
    formula: ClassVar[str] = "by^⌊t/every⌋"

    every: int
    by: float

    def share(self, step: int) -> float:
        """The share of the rate at a step."""
        return _power(self.by, step // self.every)

    @property
    def python(self) -> str:
        """The share as an expression of Python, of the number `step`."""
        return f"{self.by!r} ** (step // {self.every})"


@dataclass(frozen=True, slots=True)
class Exponential:
    """Times `by` at every step, as torch's ExponentialLR; above 1 the rate grows."""

    name: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "byᵗ"

    by: float

    def share(self, step: int) -> float:
        """The share of the rate at a step."""
        return _power(self.by, step)

    @property
    def python(self) -> str:
        """The share as an expression of Python, of the number `step`."""
        return f"{self.by!r} ** step"


@dataclass(frozen=True, slots=True)
class Cosine:
    """Half a cosine down to `least` in so many steps, as torch's CosineAnnealingLR; there it stays [Loshchilov & Hutter 2017]."""

    name: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "least + (1 − least)·(1 + cos(πt/steps))/2, from t = steps on least"

    steps: int
    least: float = 0.0

    def share(self, step: int) -> float:
        """The share of the rate at a step."""
        if step >= self.steps:
            return self.least
        return self.least + (1 - self.least) * (1 + math.cos(math.pi * step / self.steps)) / 2

    @property
    def python(self) -> str:
        """The share as an expression of Python, of the number `step`."""
        return f"{self.least!r} + (1 - {self.least!r}) * (1 + np.cos(np.pi * min(step, {self.steps}) / {self.steps})) / 2"


Kind = Constant | Stepped | Exponential | Cosine
CONSTANT = Constant()

SCHEDULES: dict[str, type[Kind]] = {each.name: each for each in (Constant, Stepped, Exponential, Cosine)}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind of schedule, whose steps are counted from the end of a linear warm-up: 1/n, 2/n … 1 of the rate in its n steps."""

    kind: Kind = CONSTANT
    warm_up: int = 0

    def share(self, step: int) -> float:
        """The share of the rate at a step."""
        return (step + 1) / self.warm_up if step < self.warm_up else self.kind.share(step - self.warm_up)


UNCHANGING = Schedule()  # where a scenario has none


def settings_of(kind: type[Kind]) -> dict[str, bool]:
    """The settings of a kind, and whether each is needed."""
    return {field.name: field.default is MISSING for field in fields(kind)}


def _power(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:
        return math.inf
