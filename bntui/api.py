"""What `import bntui` gives: scenarios run and surveyed from Python, numbers as numpy arrays, screens in a notebook.

A run speaks the same actions and knows the same quantities as the program; docs/python.md shows it at work.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from bntui.maths.chain import Factor
from bntui.scenario.model.actions import Shown, parse_action
from bntui.scenario.model.vocabulary import chosen, unknown_quantity
from bntui.scenario.reading.loading import read_file, read_text
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.wording import listing, shown, suggestion
from bntui.session.look.quantities import Value, measure
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.survey.swept import Sweep
from bntui.views.drawing import svg
from bntui.views.screen.frame import frame_detail, frame_lines
from bntui.views.text.lines import Lines, text_of

__all__ = ["Curve", "Factor", "RateSweep", "Refusal", "Run", "ScenarioError", "load", "names"]

Numbers = NDArray[np.float64]
Actions = Mapping[str, Any]


def names() -> tuple[str, ...]:
    """The names of the scenarios that come with the program, in the order of the course."""
    return tuple(library.name_of(path) for path in courses.shipped().files)


def load(source: str | Path | Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Run:
    """A run at the start of a scenario: a name of `names()`, a file, or a mapping as the YAML has it.

    `settings` change it on the way in, by path, as {"training.learning_rate": 0.1}. Raises ScenarioError with every complaint.
    """
    changes = tuple(f"{path}={json.dumps(value, default=_plain)}" for path, value in (settings or {}).items())
    if isinstance(source, Mapping):
        loaded = read_text(json.dumps(source, indent=1, default=_plain), "the mapping", Path.cwd(), changes)
    else:
        loaded = read_file(library.find(str(source)), changes)
    return Run(Session(loaded))


class Run:
    """A network under descent, at some step; every method that acts returns the run itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        """The title, the step and J."""
        return f"<bntui.Run {self._session.loaded.scenario.title!r} at step {self.step_number}, J {self['loss']:.4g}>"

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self._session.loaded.scenario.title

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers, from the input."""
        return tuple(layer.name for layer in self._session.experiment.architecture.layers)

    @property
    def step_number(self) -> int:
        """How many updates have been made."""
        return self._session.history.step

    def do(self, *actions: Actions) -> Run:
        """Take actions as a lesson writes them, as {"scale": {"layer": "b", "by": 10}}.

        Raises ValueError where one is none, Refusal where one cannot be taken now.
        """
        for action in actions:
            self._session.do(parse_action(action))
        return self

    def step(self, count: int = 1) -> Run:
        """Take steps of descent. Raises Refusal where the run has diverged before the last of them."""
        return self.do({"step": count})

    def back(self, count: int = 1) -> Run:
        """Go back by steps."""
        return self.do({"back": count})

    def reset(self) -> Run:
        """Start the scenario anew."""
        return self.do({"reset": True})

    def set(self, **changes: object) -> Run:
        """Change what the action `set` changes, as batch_norm=True, learning_rate=0.1 or normalization="layer_norm"."""
        return self.do({"set": changes})

    def __getitem__(self, quantity: str) -> Any:  # who asks for J reckons with it, and knows that it is a number
        """A quantity now, as run["gradient.a.weight"]: a number, true or false, None where there is none. Raises KeyError."""
        wrong = unknown_quantity(quantity, self._session.experiment.architecture, self._held_out)
        if wrong is not None:
            raise KeyError(wrong)
        return measure(self._session, (quantity,))[quantity]

    def quantities(self, *names: str) -> dict[str, Value]:
        """Quantities now, by name: those named, all of a family as "gain", all that fit as "gain.h*"; without a name every one.

        Raises KeyError where a name stands for none.
        """
        return measure(self._session, self._fitting(names))

    def trace(self, steps: int, *names: str) -> dict[str, Numbers]:
        """Quantities at this step and after each of so many more, as arrays (steps + 1,), NaN where a number does not exist.

        A run that diverges ends the trace early: the last entry is the state in which it has.
        """
        wanted = self._fitting(names)
        rows = [measure(self._session, wanted)]
        for _ in range(steps):
            try:
                self.step()
            except Refusal:
                break
            rows.append(measure(self._session, wanted))
        return {name: np.array([_number(row[name]) for row in rows]) for name in wanted}

    def chain(self, layer: str) -> tuple[Factor, ...]:
        """The factors of a layer's chain over the whole batch, from the cost to the layer's input. Raises KeyError."""
        for chain in self._session.observe(whole_batch=True).chains:
            if chain.layer == layer:
                return chain.factors
        raise KeyError(f"there is no layer {shown(layer)}{suggestion(layer, self.layers)}")

    @property
    def parameters(self) -> dict[str, Numbers]:
        """Every weight, bias, γ and β by name, as copies."""
        return {str(name): np.array(array) for name, array in self._session.observe(ARRAYS).parameters}

    @property
    def gradients(self) -> dict[str, Numbers]:
        """∂J/∂θ of every parameter by name on the batch that the next update will use, as copies."""
        return {str(name): np.array(array) for name, array in self._session.observe(ARRAYS).gradients}

    def sweep(
        self,
        over: str | None = None,
        *,
        first: float | None = None,
        last: float | None = None,
        count: int | None = None,
        steps: int | None = None,
        seeds: int | None = None,
        group: str | None = None,
    ) -> RateSweep:
        """J at the end of runs at many learning rates, BN off and on, or `over` a path, as "normalization=none,batch_norm".

        As `bntui sweep`, on all cores; what is left out is the scenario's own. Raises Refusal.
        """
        situation = self._session.situation()
        plan = plan_for(situation, first=first, last=last, count=count, steps=steps, seeds=seeds, group=group, over=over)
        return RateSweep.of(complete(sweep(situation, plan)))

    def show(self, columns: int = 80, rows: int = 24, view: Shown = "layers") -> str:
        """The screen as text, as `bntui show`. Raises ValueError where it has no room or there is no such view."""
        views = get_args(Shown)
        if view not in views:
            raise ValueError(f"there is no view {shown(view)} on a screen; there are {listing(views)}{suggestion(view, views)}")
        return text_of(self._screen(columns, rows, view))

    def _repr_html_(self) -> str:
        """The screen as a picture, for a notebook."""
        says = f"{self.title}, step {self.step_number}"
        return f"<style>{svg.STYLE}</style>{svg.svg(self._screen(100, 24, 'layers'), says)}"

    def _screen(self, columns: int, rows: int, view: Shown) -> Lines:
        experiment = self._session.experiment
        detail = frame_detail(experiment.architecture, columns, rows, view, experiment.scores_quickly)
        return frame_lines(self._session.observe_all(detail), columns, rows, view=view)

    @property
    def _held_out(self) -> bool:
        return self._session.experiment.held_out is not None

    def _fitting(self, names: Iterable[str]) -> tuple[str, ...]:
        return chosen(tuple(names) or ("*",), self._session.experiment.architecture, self._held_out)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve of a sweep: J at the end by rate and seed (rates, seeds), infinite where the run diverged.

    `largest` is the largest rate that trains by seed, NaN where none does.
    """

    name: str
    loss: Numbers
    largest: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class RateSweep:
    """A sweep: its rates (rates,) and its curves by name; a run trains if its J ends below half of the best constant's cost."""

    rates: Numbers
    seeds: tuple[int, ...]
    curves: dict[str, Curve]

    @classmethod
    def of(cls, swept: Sweep) -> RateSweep:
        """The curves of a sweep that is complete; of a map those at each gain or depth."""
        sides = [
            (side.curve if variant.size is None else f"{side.curve} {variant.size:g}", side)
            for variant in swept.variants
            for side in variant.sides
        ]
        curves = {name: Curve(name, side.ends, _or_nan(side.largest(swept.rates))) for name, side in sides}
        return cls(np.array(swept.rates), swept.seeds, curves)


ARRAYS = Detail(arrays=True)


def _number(value: Value) -> float:
    return np.nan if value is None else float(value)


def _or_nan(rates: Numbers) -> Numbers:
    return np.where(rates > 0, rates, np.nan)


def _plain(value: object) -> object:
    """Arrays and numpy's numbers as JSON has them."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in a scenario")
