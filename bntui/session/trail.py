"""The trail of J over the steps, at flat memory however long the run."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field

BUCKETS = 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """The end of a trail, from one of its buckets on: what a journal adds to a trail when it is resumed."""

    stride: int
    count: int
    first: int
    low: bytes
    high: bytes


@dataclass(slots=True)
class Trail:
    """J at every step of a stretch, in at most 1,024 buckets of `stride` steps; each keeps its least and its greatest."""

    stride: int = 1
    count: int = 0
    low: array[float] = field(default_factory=lambda: array("d"))
    high: array[float] = field(default_factory=lambda: array("d"))

    def append(self, loss: float) -> None:
        """Add the loss of the next step."""
        if self.count % self.stride == 0:
            if len(self.low) == BUCKETS:
                self.halve()
            if self.count % self.stride == 0:
                self.low.append(loss)
                self.high.append(loss)
                self.count += 1
                return
        self.low[-1] = _least(self.low[-1], loss)
        self.high[-1] = _greatest(self.high[-1], loss)
        self.count += 1

    def halve(self) -> None:
        """Make one bucket of every two."""
        self.low = array("d", [_least(*self.low[at : at + 2]) for at in range(0, len(self.low), 2)])
        self.high = array("d", [_greatest(*self.high[at : at + 2]) for at in range(0, len(self.high), 2)])
        self.stride *= 2

    def since(self, count: int) -> Piece:
        """What has come to the trail since it had so many steps."""
        first = max(count - 1, 0) // self.stride
        return Piece(self.stride, self.count, first, self.low[first:].tobytes(), self.high[first:].tobytes())

    def resume(self, piece: Piece) -> None:
        """Take over what came to the trail in an earlier run of the program."""
        while self.stride < piece.stride:
            self.halve()
        self.low = self.low[: piece.first] + array("d", piece.low)
        self.high = self.high[: piece.first] + array("d", piece.high)
        self.count = piece.count


def _least(one: float, other: float = math.nan) -> float:
    return other if math.isnan(one) or other < one else one


def _greatest(one: float, other: float = -math.inf) -> float:
    # what is not a number stands above every number here: a bucket must not hide that a run exploded
    return other if math.isnan(other) or other > one else one
