"""The history of a quantity along the path to the cursor: what was read where somebody looked, and what is read anew.

A place of the tree is always the same state, so what was read there stays true, wherever the cursor goes; nothing is recorded
while nobody looks. The way is visited again at a bounded number of places, by plans that a thread may carry out.
"""

from __future__ import annotations

import math
import time
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from bntui.maths.arrays import Array
from bntui.records import dataclass
from bntui.scenario.model.actions import Reset, Twin
from bntui.scenario.model.vocabulary import of_history
from bntui.scenario.reading.loading import Loaded
from bntui.session.look.observing import observe_apart
from bntui.session.look.quantities import Value, needed, values
from bntui.session.look.snapshot import Detail, Snapshot, Track, TrackedCurve
from bntui.session.look.standing import Focus, Standing
from bntui.session.run.checkpoints import Place
from bntui.session.run.experiment import Experiment
from bntui.session.run.history import History
from bntui.session.run.visiting import Visit, VisitPlan, grid, place_of, plan_visits, visits

MOST_PLACES = 512
MOST_SLOW = 64  # of what takes as long as the curvature does
PLANNED_AT_ONCE = 32
PASSES = (16, 4, 1)  # the whole path is seen roughly before it is seen exactly
READINGS_KEPT = 1024
HISTORIES_KEPT = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A history's name, the quantities that it stands for with what tells each from the others, and what is observed for them."""

    name: str
    quantities: tuple[str, ...]
    labels: tuple[str, ...]
    detail: Detail

    @property
    def is_slow(self) -> bool:
        """Whether it takes longer than a frame to read it once."""
        return self.detail.curvature and (self.detail.meters or self.detail.eigenvalues)

    @property
    def most(self) -> int:
        """At how many places it is read."""
        return MOST_SLOW if self.is_slow else MOST_PLACES


@dataclass(frozen=True, slots=True)
class Reading:
    """The quantities at a place, and the twin's where there is one: NaN where there is no such number, inf for what overflowed."""

    own: array[float]
    twin: array[float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Visits places anew and reads there; frozen, with nothing of the session's that is ever written to."""

    loaded: Loaded
    standing: Standing
    wanted: Wanted
    planned: VisitPlan

    def read(self) -> Iterator[tuple[Place, Reading]]:
        """What is read at each place; may be called from a thread."""
        experiment = Experiment(self.loaded.scenario, self.loaded.problem)
        for visit in visits(experiment, self.planned):
            yield visit.place, reading(experiment, visit, self.standing, self.wanted)


class Tracker:
    """What has been read of the histories that were looked at last."""

    def __init__(self, history: History, loaded: Loaded) -> None:
        self._history = history
        self._loaded = loaded
        self._asked: dict[str, Wanted] = {}
        self._read: OrderedDict[str, OrderedDict[Place, Reading]] = OrderedDict()

    def look(self, standing: Standing, name: str) -> Track:
        """Read at the cursor, unless that takes long, and put together all that is known along the path."""
        history, wanted = self._history, self._wanted(name)
        if not wanted.is_slow and history.place not in self._readings(name):
            earlier = history.before() if wanted.detail.orders and history.led_by_update else None
            here = Visit(history.place, history.moment, earlier)
            self.note(name, [(history.place, reading(history.experiment, here, standing, wanted))])
        return self._track(wanted)

    def unread(self, standing: Standing, name: str) -> Reader | None:
        """What has to be read next; None where everything is known."""
        wanted = self._wanted(name)
        way, known = self._history.path(), self._readings(name)
        spots, _ = grid(self._history, wanted.most)
        passes = ([spot for spot in spots[::every] if place_of(way, spot) not in known] for every in PASSES)
        missing = next(filter(None, passes), None)
        if missing is None:
            return None
        planned = plan_visits(self._history, missing, PLANNED_AT_ONCE, wanted.detail.orders)
        return Reader(self._loaded, standing, wanted, planned)

    def note(self, name: str, found: Iterable[tuple[Place, Reading]]) -> None:
        """Remember what was read; of very much the oldest is forgotten."""
        known = self._readings(name)
        for place, read in found:
            known[place] = read
        while len(known) > READINGS_KEPT:
            known.popitem(last=False)

    def _wanted(self, name: str) -> Wanted:
        if name not in self._asked:
            self._asked[name] = wanted_of(name, self._history.experiment)
        return self._asked[name]

    def _readings(self, name: str) -> OrderedDict[Place, Reading]:
        known = self._read.setdefault(name, OrderedDict())
        self._read.move_to_end(name)
        while len(self._read) > HISTORIES_KEPT:
            self._read.popitem(last=False)
        return known

    def _track(self, wanted: Wanted) -> Track:
        history, known = self._history, self._readings(wanted.name)
        way = history.path()
        spots, stride = grid(history, wanted.most)
        index_of = {branch.number: (index, walked) for index, (branch, walked) in enumerate(way)}
        on_way = sorted(
            (index_of[number][0], offset, read)
            for (number, offset), read in known.items()
            if number in index_of and offset <= index_of[number][1]
        )
        # before the present twin was made there was another one, or none
        since = max((index for index, (branch, _) in enumerate(way) if isinstance(branch.action, Twin | Reset)), default=0)
        has_twin = history.moment.twin is not None
        nothing = array("d", [math.nan] * len(wanted.quantities))
        own = _table([read.own for _, _, read in on_way], len(nothing))
        twin = _table([read.twin or nothing if index >= since else nothing for index, _, read in on_way], len(nothing))
        return Track(
            wanted.name,
            np.array([float(way[index][0].first_step + offset) for index, offset, _ in on_way]),
            tuple(
                TrackedCurve(label, own[:, at], twin[:, at] if has_twin else None)
                for at, label in enumerate(wanted.labels)
            ),
            stride,
            len(spots),
            sum(place_of(way, spot) not in known for spot in spots),
        )


def slice_of(found: Iterator[tuple[Place, Reading]], seconds: float) -> list[tuple[Place, Reading]]:
    """What is read in a slice of time, one reading at least; nothing where there is no more."""
    end = time.perf_counter() + seconds
    read = list(islice(found, 1))
    while read and time.perf_counter() < end and (more := list(islice(found, 1))):
        read += more
    return read


def _table(rows: Sequence[array[float]], width: int) -> Array:
    """Rows of numbers as one array: numpy would look at every one of them by itself."""
    return np.frombuffer(b"".join(rows)).reshape(len(rows), width)


def wanted_of(name: str, experiment: Experiment) -> Wanted:
    """What a history's name asks for."""
    found = of_history(name, experiment.architecture, experiment.held_out is not None)
    names = tuple(quantity for quantity, _ in found)
    return Wanted(name, names, tuple(label for _, label in found), needed(names))


def reading(experiment: Experiment, visit: Visit, standing: Standing, wanted: Wanted) -> Reading:
    """The quantities at a place that was visited, over the whole batch."""
    whole = replace(standing, focus=Focus(standing.focus.layer))
    earlier = visit.earlier if wanted.detail.orders else None
    snapshot = observe_apart(experiment, visit.moment, earlier, whole, wanted.detail)
    twin = None if snapshot.twin is None else _numbers(wanted.quantities, snapshot.twin)
    return Reading(_numbers(wanted.quantities, snapshot), twin)


def _numbers(names: tuple[str, ...], snapshot: Snapshot) -> array[float]:
    return array("d", map(_number, values(names, snapshot).values()))


def _number(value: Value) -> float:
    if value is None:
        return math.nan
    return math.inf if math.isnan(value) else float(value)
