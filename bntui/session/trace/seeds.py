"""The same descent from first weights of several seeds: at every step the median and the quartiles of quantities over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, TypedDict

import numpy as np

from bntui.maths.arrays import Array
from bntui.records import dataclass
from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.model.vocabulary import parted
from bntui.scenario.reading.loading import Loaded
from bntui.scenario.text.formats import FORMAT, Document, Number, as_json
from bntui.session.look.quantities import Value
from bntui.session.look.snapshot import Detail
from bntui.session.session import Session
from bntui.session.trace.runs import Runs, runs_of
from bntui.session.trace.trace_lines import Form, cell, numbers, row

PIECE = 50  # steps after which it is told how far runs are
SHARES = (0.25, 0.5, 0.75)
NAMES = ("quartile1", "median", "quartile3")

# what cannot grow without bound: of a run that has diverged nothing is said of it
BOUNDED = ("accuracy", "full_accuracy", "validation", "flat", "dead", "surviving", "angle", "mean_share")
SETTINGS = ("step", "learning_rate", "base_rate", "momentum", "epoch", "diverged")  # known of it all the same
LEFT_OUT = (*SETTINGS, "factor", "branch", "skip", "remembered")  # unless they are asked for by name


class SpreadRecord(TypedDict):
    """A quantity over the runs; null where no run has such a number."""

    quartile1: Annotated[Number | None, "a quarter of the runs lie below it"]
    median: Annotated[Number | None, "half of the runs lie below it"]
    quartile3: Annotated[Number | None, "three quarters of the runs lie below it"]


class SeedsLine(Document):
    """`bntui trace --seeds 9`: one line for each step, the spread of the quantities that are asked for over the runs.

    A seed is that of the first weights, as in a sweep: the scenario's own and those after it; data and batches are the same. A run
    that has diverged counts as inf in every quantity that can grow without bound, and is left out of the others (accuracy, shares,
    dead units, angles); one in which a number does not exist is left out as well. Without --only it tells J, scores, gains and
    products. It ends where no run goes on.
    """

    step: Annotated[int, "updates made"]
    runs: Annotated[int, "how many runs there are, a seed each"]
    running: Annotated[int, "how many of them have not diverged"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Some quantities over the runs at a step: each with its quartiles and median in order, NaN where no run has such a number."""

    step: int
    runs: int
    running: int
    quantities: Mapping[str, tuple[float, float, float]]

    def median(self, name: str) -> float | None:
        """The median of a quantity, None where no run has such a number."""
        return _or_none(self.quantities[name][1])


def told_of(session: Session, detail: Detail) -> list[str]:
    """The quantities that are told where none are named: J, scores, gains and products, and what the detail adds."""
    return [name for name in numbers(session, detail) if name.partition(".")[0] not in LEFT_OUT]


def by_seeds(
    loaded: Loaded,
    count: int,
    steps: int,
    names: Sequence[str],
    every: int = 1,
    reached: tuple[str, Comparison] | None = None,
    passed: Callable[[int], None] = lambda step: None,
) -> Iterator[Spread]:
    """The spread of quantities over the runs of so many seeds, at the start and after each of so many steps, or after `every` so
    many and the last; `passed` is told how far they are.

    A run that has diverged counts as infinite in each of them that can grow without bound, and is left out of the others. It ends
    where no run goes on, and at the first step at which the median of a quantity is `reached`. Raises Refusal.
    """
    wanted = tuple(dict.fromkeys((*names, *(() if reached is None else (reached[0],)))))
    return _spreads(runs_of(loaded, count, wanted), steps, wanted, every, reached, passed)


def _spreads(
    runs: Runs,
    steps: int,
    wanted: Sequence[str],
    every: int,
    reached: tuple[str, Comparison] | None,
    passed: Callable[[int], None],
) -> Iterator[Spread]:
    stride = every if reached is None else 1
    at = 0
    while True:
        spread = _spread(runs, wanted)
        holds = reached is not None and reached[1].holds(spread.median(reached[0]))
        ends = holds or at == steps or not spread.running
        if ends or at % every == 0:
            yield spread
        if ends:
            return
        goal = min(at + stride, steps)
        for step in (*range(at + PIECE, goal, PIECE), goal):
            runs.go_to(step)
            passed(step)
        at = goal


def _spread(runs: Runs, names: Sequence[str]) -> Spread:
    found = runs.values((*names, "step", "diverged"))
    ended = [bool(each["diverged"]) for each in found]
    table = np.array([[_counted(name, each[name], gone) for each, gone in zip(found, ended, strict=True)] for name in names])
    spread = quartiles(table.reshape(len(names), len(found)))
    told = {name: (low, middle, high) for name, (low, middle, high) in zip(names, spread.T.tolist(), strict=True)}
    step = max(int(each["step"] or 0) for each in found)
    return Spread(step, len(found), len(found) - sum(ended), told)


def _counted(name: str, value: Value, diverged: bool) -> float:
    """What a run counts as in a quantity, NaN where it is left out; what is no number any more has overflowed."""
    family = parted(name)[1].partition(".")[0]
    if diverged and family not in SETTINGS:
        return np.nan if family in BOUNDED and name != "validation.loss" else np.inf
    if value is None:
        return np.nan
    return np.inf if np.isnan(value) else float(value)


def quartiles(values: Array) -> Array:
    """The quartiles and the median (3, q) of rows of numbers (q, n), between two of them on a straight line; NaN is left out.

    NaN where a row has no number.
    """
    ordered = np.sort(values, axis=1)  # NaN last
    count = np.sum(~np.isnan(values), axis=1)
    place = np.multiply.outer(SHARES, np.maximum(count - 1, 0))
    below = np.floor(place).astype(np.intp)
    rows = np.arange(len(ordered))
    low, high, share = ordered[rows, below], ordered[rows, np.ceil(place).astype(np.intp)], place - below
    with np.errstate(invalid="ignore"):
        between = np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1 - share))
        infinite = low + high  # the end that is infinite, where one is: no line leads there
    found: Array = np.where(low == high, low, np.where(np.isfinite(infinite), between, infinite))
    return found


def written(form: Form, spreads: Iterator[Spread], names: Sequence[str]) -> Iterator[str]:
    """The spreads in a form, piece by piece; with `csv` a header comes first, with three columns for each quantity."""
    if form == "csv":
        yield row(["step", "runs", "running", *(f"{name}.{which}" for name in names for which in NAMES)])
    for spread in spreads:
        found = {name: dict(zip(NAMES, map(_or_none, spread.quantities[name]), strict=True)) for name in names}
        if form == "csv":
            counts = (spread.step, spread.runs, spread.running)
            yield row(map(cell, (*counts, *(one for each in found.values() for one in each.values()))))
        else:
            line: SeedsLine = {"format": FORMAT, "step": spread.step, "runs": spread.runs, "running": spread.running}
            yield as_json({**line, **found}) + "\n"


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
