"""Sweeps over learning rates as a script or a notebook has them: every run's end in arrays, and the page as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import numpy as np

from bntui.maths.numeric import Array, Truths
from bntui.maths.sweep import NEVER
from bntui.records import dataclass
from bntui.scenario.text.wording import counted, listing
from bntui.session.run.refusal import Refusal
from bntui.session.survey.swept import Side, Sweep
from bntui.views.drawing import svg
from bntui.views.pages.sweep_page import page
from bntui.views.text.lines import Lines, Size, require_page, text_of


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve of a sweep: how its runs ended, each array (rates, seeds); NaN where a number does not exist.

    `loss` is J at the end, infinite where the run diverged, and `diverged_at` the step at which it did; `trains` is whether J
    ended below `trains_below`, half of the best constant's cost. `weight_growth` is ‖w‖/‖w₀‖ of the weights whose rate is swept,
    `degrees_turned` by how many degrees their rows have turned, in the median. `largest` (seeds,) is the largest rate that
    trains, NaN where none does. `normalized` are the layers that are.
    """

    name: str
    normalized: tuple[str, ...]
    trains_below: float
    loss: Array
    diverged_at: Array
    trains: Truths
    weight_growth: Array
    degrees_turned: Array
    largest: Array

    def __repr__(self) -> str:
        """The name, and the largest rate that trains."""
        return f"<bntui.Curve {self.name!r}, largest rate that trains {_median(self.largest)}>"


@dataclass(frozen=True, slots=True, eq=False)
class RateSweep:
    """A sweep of runs of `steps` steps: its rates (rates,), the seeds of the first weights, and its curves by name."""

    rates: Array
    seeds: tuple[int, ...]
    steps: int
    curves: dict[str, Curve]
    _made: Sweep = field(repr=False)

    @classmethod
    def of(cls, made: Sweep) -> RateSweep:
        """The curves of a sweep that is complete; of a map those at each gain or depth."""
        return cls(np.array(made.rates), made.seeds, made.plan.steps, dict(_curves(made)), made)

    def __repr__(self) -> str:
        """How much was tried, and the largest rate that trains on each curve."""
        found = listing((f"{name!r} {_median(curve.largest)}" for name, curve in self.curves.items()), most=8)
        tried = f"{counted(len(self.rates), 'rate')} × {counted(len(self.seeds), 'seed')} × {counted(self.steps, 'step')}"
        return f"<bntui.RateSweep {tried}; largest rate that trains: {found}>"

    def show(self, columns: int = 80, rows: int = 24) -> str:
        """The page as text, as `bntui sweep`. Raises Refusal where it has no room."""
        try:
            require_page(Size(columns, rows))
        except ValueError as error:
            raise Refusal(str(error)) from None
        return text_of(self._page(columns, rows))

    def _repr_html_(self) -> str:
        """The page as a picture, for a notebook."""
        return svg.with_style(self._page(100, 28), f"sweep of learning rates: {self._made.title}")

    def _page(self, columns: int, rows: int) -> Lines:
        return page(self._made, Size(columns, rows))


def _curves(made: Sweep) -> Iterator[tuple[str, Curve]]:
    for variant in made.variants:
        for side in variant.sides:
            name = side.curve if variant.size is None else f"{side.curve} {variant.size:g}"
            yield name, _curve(name, side, made.rates)


def _curve(name: str, side: Side, rates: tuple[float, ...]) -> Curve:
    largest, diverged = side.largest(rates), side.diverged_at != NEVER
    return Curve(
        name,
        side.normalized,
        side.threshold,
        side.ends,
        np.where(diverged, side.diverged_at, np.nan),
        side.ends < side.threshold,
        side.growth.copy(),
        side.turned.copy(),
        np.where(largest > 0, largest, np.nan),
    )


def _median(largest: Array) -> str:
    """The median over the seeds, of which one that trains at none counts as 0."""
    rate = float(np.quantile(np.nan_to_num(largest), 0.5, method="lower"))
    return f"{rate:.3g}" if rate else "no rate"
