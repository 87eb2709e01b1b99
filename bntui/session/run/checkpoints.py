"""Moments kept so that any past step can be replayed soon, within a budget of memory.

Each branch keeps a moment every `stride` steps, as bytes; when the budget is used up the fullest branch doubles its stride.
The newest moments are kept one by one beside them, so that stepping back and forth replays nothing.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right, insort
from collections import OrderedDict
from dataclasses import field, replace

import numpy as np

from bntui.maths.arrays import Array
from bntui.records import dataclass
from bntui.session.run.moment import Moment

_NOTHING = np.empty(0)
_SIZE = _NOTHING.itemsize
_FRONT = 9


@dataclass(frozen=True, slots=True)
class Frame:
    """All of a moment but its numbers and its step; how many parameters and running estimates it has."""

    blank: Moment
    parameters: int
    estimates: int
    twin: Frame | None

    @classmethod
    def of(cls, moment: Moment) -> Frame:
        """The frame of a moment."""
        state = moment.state
        memory = (_NOTHING,) * len(state.memory)
        blank = replace(moment, state=replace(state, theta=_NOTHING, memory=memory, running=_NOTHING), twin=None)
        twin = None if moment.twin is None else cls.of(moment.twin)
        return cls(blank, state.theta.size, state.running.size, twin)

    def unpacked(self, step: int, numbers: bytes) -> Moment:
        """The moment at a step whose numbers these are. Raises ValueError where there are more or fewer."""
        moment, rest = self._taken(step, numbers)
        if rest:
            raise ValueError("there are more numbers than the network has")
        return moment

    def _taken(self, step: int, numbers: bytes) -> tuple[Moment, bytes]:
        moving, diverged_at, here = numbers[:1], int.from_bytes(numbers[1:_FRONT]), _FRONT
        theta, here = _array(numbers, here, self.parameters)
        running, here = _array(numbers, here, self.estimates)
        memory = []
        for _ in self.blank.state.memory:
            vector = np.zeros_like(theta)
            if moving == b"v":
                vector, here = _array(numbers, here, self.parameters)
            memory.append(vector)
        twin, rest = None, numbers[here:]
        if self.twin is not None:
            twin, rest = self.twin._taken(step, rest)
        state = replace(self.blank.state, step=step, theta=theta, memory=tuple(memory), running=running)
        return replace(self.blank, state=state, twin=twin, diverged_at=diverged_at - 1 if diverged_at else None), rest


def packed(moment: Moment) -> bytes:
    """The numbers of a moment and of its twin; an optimizer's memory that is zero takes no room.

    In front stand whether there is a memory, and the step after the one at which it diverged, 0 where it did not.
    """
    state = moment.state
    memory = b"".join(vector.tobytes() for vector in state.memory)
    moving = memory.count(0) < len(memory)
    diverged_at = 0 if moment.diverged_at is None else moment.diverged_at + 1
    front = (b"v" if moving else b"-") + diverged_at.to_bytes(_FRONT - 1)
    parts = [front, state.theta.tobytes(), state.running.tobytes(), memory if moving else b""]
    return b"".join(parts if moment.twin is None else [*parts, packed(moment.twin)])


def digest(moment: Moment) -> str:
    """What tells two moments apart: a hash of θ, memory and running estimates, the twin's with them."""
    return hashlib.sha256(packed(moment)).hexdigest()


def _array(numbers: bytes, begin: int, count: int) -> tuple[Array, int]:
    # a copy, aligned as every other array is: sums may be grouped by where an array lies in memory
    return np.frombuffer(numbers, np.float64, count, begin).copy(), begin + count * _SIZE


BUDGET = 16 * 2**20
RECENT, RECENT_SHARE = 64, 8  # the newest moments, which may take an eighth of the budget
FIRST_STRIDE = 16
OVERHEAD = 200  # bytes that keeping a row takes beside its numbers

Place = tuple[int, int]  # a branch's number and the steps taken in it


@dataclass(slots=True)
class _Shelf:
    """The moments of one branch, whose steps are counted from `first_step`."""

    frame: Frame
    first_step: int
    stride: int = FIRST_STRIDE
    offsets: list[int] = field(default_factory=list)
    rows: dict[int, bytes] = field(default_factory=dict)

    def put(self, offset: int, row: bytes) -> None:
        insort(self.offsets, offset)
        self.rows[offset] = row

    def moment(self, offset: int) -> Moment:
        return self.frame.unpacked(self.first_step + offset, self.rows[offset])

    def thin(self) -> list[bytes]:
        """Double the stride; the rows that are dropped for it, the last of all where it is the only one."""
        self.stride *= 2
        kept: list[int] = []
        for offset in self.offsets if len(self.offsets) > 1 else ():
            if not kept or offset - kept[-1] >= self.stride:
                kept.append(offset)
        dropped = [self.rows.pop(offset) for offset in set(self.offsets).difference(kept)]
        self.offsets = kept
        return dropped


class Checkpoints:
    """What is remembered of the past, at most `budget` bytes and two moments beside them."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self._shelves: dict[int, _Shelf] = {}
        self._recent: OrderedDict[Place, Moment] = OrderedDict()
        self._bytes = 0
        self._recent_bytes = 0

    @property
    def nbytes(self) -> int:
        """The memory that is held, in bytes."""
        return self._bytes + self._recent_bytes

    def keep(self, branch: int, offset: int, moment: Moment, beyond_stride: bool = False) -> None:
        """Remember the moment `offset` steps into a branch for a while; for good where its stride comes to it."""
        self._keep_recent((branch, offset), moment)
        shelf = self._shelves.get(branch)
        if shelf is None:
            shelf = self._shelves[branch] = _Shelf(Frame.of(moment), moment.step - offset)
        if (beyond_stride or offset % shelf.stride == 0) and offset not in shelf.rows:
            row = packed(moment)
            shelf.put(offset, row)
            self._bytes += len(row) + OVERHEAD
            while self._bytes > self.budget - self.budget // RECENT_SHARE and self._thin():
                pass

    def reaches(self, branch: int, offset: int, for_good: bool = False) -> int | None:
        """The offset of the latest moment of a branch that is remembered, or kept for good, and not after `offset`."""
        for near in () if for_good else (offset, offset - 1):
            if (branch, near) in self._recent:
                return near
        shelf = self._shelves.get(branch)
        if shelf is None or not (place := bisect_right(shelf.offsets, offset)):
            return None
        return shelf.offsets[place - 1]

    def nearest(self, branch: int, offset: int) -> tuple[int, Moment] | None:
        """The latest remembered moment of a branch that is not after `offset`."""
        at = self.reaches(branch, offset)
        if at is None:
            return None
        return at, self._recent.get((branch, at)) or self._shelves[branch].moment(at)

    def _keep_recent(self, place: Place, moment: Moment) -> None:
        replaced = self._recent.pop(place, None)
        self._recent_bytes += moment.nbytes - (replaced.nbytes if replaced is not None else 0)
        self._recent[place] = moment
        while len(self._recent) > RECENT or (self._recent_bytes > self.budget // RECENT_SHARE and len(self._recent) > 2):
            _, dropped = self._recent.popitem(last=False)
            self._recent_bytes -= dropped.nbytes

    def _thin(self) -> bool:
        """Double the stride of the branch that keeps the most; False where nothing is left to drop."""
        shelf = max(self._shelves.values(), key=lambda each: len(each.offsets))
        if not shelf.offsets:
            return False
        self._bytes -= sum(len(row) + OVERHEAD for row in shelf.thin())
        return True
