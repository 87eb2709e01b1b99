"""What a sweep tries and what is known of it: J at the end of every run, by rate and seed, for each of its sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from bntui.maths.architecture import Switching
from bntui.maths.arrays import Array
from bntui.maths.kinds.costs import Cost
from bntui.maths.numeric import Indices, Truths
from bntui.maths.sweep import NEVER
from bntui.records import dataclass
from bntui.scenario.model.pictured import SWEEP
from bntui.scenario.reading.overs import Grid, Over

Stuck = Literal["", "diverged", "no gradient"]
BEST_SHARE = 0.5  # a run trains if it ends below this share of the best constant's cost


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep tries.

    `group` is the pattern of the names whose rate is swept, None for all without a rate of their own. `over` is what its sides
    differ in; without it they are BN off and on. `grid` has both sides at several gains or depths.
    """

    rates: tuple[float, ...]
    steps: int
    seeds: int
    switching: Switching
    group: str | None = None
    over: Over | None = None
    grid: Grid | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One network at every rate and seed: J at the end (rate, seed), NaN where it has not been run yet.

    `label` names it, `value` is that of what the sweep goes over, None where it goes over nothing. `diverged_at` is the step at
    which a run diverged, or NEVER. `growth` is ‖w‖/‖w₀‖ of the swept weights, `turned` by how many degrees their rows have
    turned, in the median; NaN where the run diverged or there is no such weight. `best_constant` is B, the cost of the best
    constant output.
    """

    label: str
    value: str | None
    normalized: tuple[str, ...]
    best_constant: float
    loss: Array
    diverged_at: Indices
    growth: Array
    turned: Array
    done: Truths

    @classmethod
    def unknown(
        cls, label: str, value: str | None, normalized: tuple[str, ...], best_constant: float, rates: int, seeds: int
    ) -> Side:
        """A side of which no run has been made."""
        loss, growth, turned = np.full((3, rates, seeds), np.nan)
        never, done = np.full((rates, seeds), NEVER, dtype=np.intp), np.zeros((rates, seeds), dtype=bool)
        return cls(label, value, normalized, best_constant, loss, never, growth, turned, done)

    def copied(self) -> Side:
        """The same with tables of its own."""
        tables = ("loss", "diverged_at", "growth", "turned", "done")
        return replace(self, **{name: getattr(self, name).copy() for name in tables})

    @property
    def curve(self) -> str:
        """The name of its curve: its value, or whether there is a normalization."""
        return self.label.rpartition(" ")[2] if self.value is None else self.value

    @property
    def threshold(self) -> float:
        """A run whose J ends below this has trained: half of the best constant's cost."""
        return BEST_SHARE * self.best_constant

    @property
    def ends(self) -> Array:
        """J at the end, infinite where the run diverged, NaN where it has not been run yet."""
        ended = np.where(self.diverged_at == NEVER, self.loss, np.inf)
        return np.where(self.done, ended, np.nan)

    def quantile(self, share: float) -> Array:
        """J at the end by rate, at that share of the seeds that have been run; NaN where none has."""
        ordered = np.sort(self.ends, axis=1)  # NaN last
        count = self.done.sum(axis=1)
        place = np.clip(np.round(share * (count - 1)).astype(np.intp), 0, None)
        return np.where(count > 0, ordered[np.arange(len(ordered)), place], np.nan)

    def largest(self, rates: tuple[float, ...]) -> Array:
        """The largest rate that trains, by seed; 0 where none does."""
        with np.errstate(invalid="ignore"):
            trains = self.ends < self.threshold
        return np.where(trains, np.array(rates)[:, np.newaxis], 0.0).max(axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """The network at one gain or depth (None: as it is) with its sides."""

    size: float | None
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """What is known of a sweep: all of it at `progress` 1.

    `from_step` is None where every run begins with weights drawn anew; `stuck` says why it does though the session has come to
    `session_step`, "" where that is not why. `begins_at` is J where it goes on from the session's state, else None.
    """

    title: str
    plan: Plan
    cost: Cost
    seeds: tuple[int, ...]
    from_step: int | None
    stuck: Stuck
    learning_rate: float
    own_size: float
    variants: tuple[Variant, ...]
    progress: float = 0.0
    session_step: int = 0
    begins_at: float | None = None

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rates that are tried."""
        return self.plan.rates

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be run."""
        return self.progress >= 1

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every side of every variant."""
        return tuple(side for variant in self.variants for side in variant.sides)

    @property
    def best_constant(self) -> float | None:
        """B where it is the same on every side, as it is where they have the same targets; else None."""
        known = {side.best_constant for side in self.sides}
        return known.pop() if len(known) == 1 else None

    def largest(self, side: Side, share: float = 0.5) -> float:
        """The largest rate that trains, at that share of the seeds that have been run, the median's if left out; 0 for none."""
        known = side.largest(self.rates)[side.done.any(axis=0)]
        return float(np.quantile(known, share, method="lower")) if known.size else 0.0

    @property
    def trained_before(self) -> bool:
        """Whether it goes on from a state that has trained already."""
        best = self.best_constant
        return self.begins_at is not None and best is not None and self.begins_at < BEST_SHARE * best

    @property
    def figures(self) -> dict[str, float | None]:
        """What its page says in numbers, by the names that a lesson has for them; None where a number does not exist."""
        best = self.best_constant
        found: dict[str, float | None] = {"seeds": len(self.seeds), "trains_below": None if best is None else BEST_SHARE * best}
        if self.plan.grid is None:
            (variant,) = self.variants
            for side in variant.sides:
                found[f"{side.curve}.largest_rate"] = self.largest(side) or None
                found[f"{side.curve}.trains"] = int(np.sum(side.largest(self.rates) > 0))
            if self.plan.over is None and len(variant.sides) == 2:
                known = [ratio for ratio in self.ratios(variant) if np.isfinite(ratio)]
                found["ratio"] = float(np.median(known)) if known else None
        return {f"{SWEEP}.{name}": value for name, value in found.items()}

    def ratios(self, variant: Variant) -> Array:
        """The largest rate that trains with BN over that without, by seed; NaN where either does not train at any."""
        off, on = (side.largest(self.rates) for side in variant.sides)
        return np.divide(on, off, out=np.full_like(on, np.nan), where=(off > 0) & (on > 0))
