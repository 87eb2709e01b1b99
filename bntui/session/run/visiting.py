"""Places along the path to the cursor that are visited anew, and how to come there from what is remembered.

The path is long and what is to be seen there may take its time, so the places are bounded: on a long path every 2^k-th step and
the one after it, for a descent that bounces from step to step would look smooth in every second one. On a very long one nothing
but what checkpoints keep is visited, so that no more is replayed than one step a place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bntui.records import dataclass
from bntui.session.run.branches import Branch
from bntui.session.run.checkpoints import Place
from bntui.session.run.experiment import Experiment
from bntui.session.run.history import History
from bntui.session.run.moment import Moment
from bntui.session.run.replay import Replay, replayed

MOST_REPLAYED = 4096  # steps of a path that is replayed whole
AT_ONCE = 16 * 2**20  # bytes of remembered moments that a plan begins with

Way = Sequence[tuple[Branch, int]]
Spot = tuple[int, int]  # a branch's index on the path and the steps taken in it


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """What is replayed, and which places of it are visited: frozen, for a thread with an experiment of its own."""

    replays: tuple[tuple[Replay, frozenset[Place]], ...]


class Visit(NamedTuple):
    """A place, the moment there, and the one before it where an update led from that to this."""

    place: Place
    moment: Moment
    earlier: Moment | None


def grid(history: History, most: int) -> tuple[list[Spot], int]:
    """The places that are visited of the path, at most about `most` and the last of them the cursor's; every which step."""
    way = history.path()
    steps, stride = sum(walked for _, walked in way), 1
    while stride < steps and sum(_count(walked, stride) for _, walked in way) > most:
        stride *= 2
    spots = [
        (index, offset)
        for index, (branch, walked) in enumerate(way)
        for offset in (_offsets(walked, stride) if steps <= MOST_REPLAYED else _kept(history, branch, walked, stride))
    ]
    every = max(-(-len(spots) // most), 1) if len(way) > most else 1  # one of many changes alone
    here = (len(way) - 1, way[-1][1])
    chosen = spots[::-1][::every][::-1]
    return chosen if chosen and chosen[-1] == here else [*chosen, here], stride


def _count(walked: int, stride: int) -> int:
    """How many offsets there are, or one less."""
    return walked + 1 if stride == 1 else 2 * -(-walked // stride)


def _offsets(walked: int, stride: int) -> Sequence[int]:
    """Both ends of a branch, every stride-th step and the one after it."""
    if stride == 1:
        return range(walked + 1)
    pairs = (offset + after for offset in range(0, walked, stride) for after in (0, 1))
    return [*pairs, walked] if walked % stride != 1 else list(pairs)


def _kept(history: History, branch: Branch, walked: int, stride: int) -> list[int]:
    """As above, but where a moment is kept, and the step after it."""
    kept = {history.kept_for_good(branch, offset) for offset in range(0, walked + 1, stride)}
    return sorted({at + after for at in kept if at is not None for after in (0, 1) if at + after <= walked})


def place_of(way: Way, spot: Spot) -> Place:
    """The place in the tree of a place of the path."""
    return way[spot[0]][0].number, spot[1]


def plan_visits(history: History, wanted: Sequence[Spot], most: int, with_earlier: bool) -> VisitPlan:
    """How to visit the first of the places that are wanted, in the order of the path, each with the moment before if asked."""
    way = history.path()
    room = max(AT_ONCE // history.experiment.start.nbytes, 1)
    stretches: list[tuple[Spot, list[Spot]]] = []  # from where, and what is visited on the way
    for spot in wanted[:most]:
        begin = _before(spot) if with_earlier else spot
        if stretches and history.remembered(way, *begin) <= stretches[-1][1][-1]:
            stretches[-1][1].append(spot)
        elif len(stretches) < room:
            stretches.append((begin, [spot]))
        else:
            break
    return VisitPlan(
        tuple(
            (history.between(_until(way, spots[-1]), *begin), frozenset(place_of(way, spot) for spot in spots))
            for begin, spots in stretches
        )
    )


def _before(spot: Spot) -> Spot:
    """The place one update before; where none led there the place itself."""
    return spot[0], max(spot[1] - 1, 0)


def _until(way: Way, spot: Spot) -> Way:
    return [*way[: spot[0]], (way[spot[0]][0], spot[1])]


def visits(experiment: Experiment, planned: VisitPlan) -> Iterator[Visit]:
    """The places of a plan, each as it is reached; may be called from a thread with an experiment of its own."""
    for replay, places in planned.replays:
        before = replay.begin
        first = replay.legs[0].branch, replay.legs[0].after
        if first in places:
            yield Visit(first, before, None)
        for reached in replayed(experiment, replay):
            place = reached.branch, reached.offset
            if place in places:
                yield Visit(place, reached.moment, before if reached.moment.step > before.step else None)
            before = reached.moment
