"""A moment as bytes and back: the numbers alone, as all else stays the same along a branch of the history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from bntui.maths.arrays import Array
from bntui.session.experiment import Moment

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
