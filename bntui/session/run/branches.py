"""The branches of a session's tree, and the ways through them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, TypeVar

from bntui.maths.network import Structure
from bntui.records import dataclass
from bntui.scenario.model.actions import AnyAction, Twin

BUCKETS = 1024
PLAIN = Structure(frozenset(), frozenset())

Thinned = TypeVar("Thinned")


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
        """What has come to the trail since it had `count` steps."""
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


MOST_JUMPS = 256
TENFOLD = 10.0


@dataclass(slots=True)
class Jumps:
    """The first steps of every tenfold rise or fall of J along a stretch, each with its sign ↑ or ↓, × where it diverged."""

    marks: list[tuple[int, str]] = field(default_factory=list)
    last: float | None = None
    _direction: str = ""
    _diverged: bool = False

    @property
    def standing(self) -> tuple[float | None, str, bool]:
        """What the next step will be compared with: J, the direction of its last jump, whether it had diverged."""
        return self.last, self._direction, self._diverged

    def resume(self, marks: Sequence[tuple[int, str]] | None, standing: Sequence[Any]) -> None:
        """Take over what was noted in an earlier run of the program; marks that are None are those at hand."""
        if marks is not None:
            self.marks = [(step, sign) for step, sign in marks]
        self.last, self._direction, self._diverged = standing

    def note(self, step: int, loss: float, diverged: bool) -> None:
        """Note J at the next step of the stretch."""
        direction = "" if self.last is None else _direction(self.last, loss)
        self.last = loss
        if diverged and not self._diverged:
            self._mark(step, "×")
        elif direction not in ("", self._direction):
            self._mark(step, direction)
        self._direction, self._diverged = direction, diverged

    def _mark(self, step: int, sign: str) -> None:
        if len(self.marks) == MOST_JUMPS:
            del self.marks[::2]
        self.marks.append((step, sign))


def _direction(before: float, after: float) -> str:
    if after >= TENFOLD * before > 0:
        return "↑"
    return "↓" if before >= TENFOLD * after > 0 else ""


@dataclass(eq=False, slots=True)
class Branch:
    """An action, taken `at` steps into the parent, and the steps that follow it.

    `future` is the number of the future that it belongs to, `continued` whether an action at its end goes on in that future,
    `beside` what the twin differs in that a reset has left beside the start.
    The rate and the structure, which says what is normalized and how, are in force all along it. `sign` is the action's, which
    is asked for with every picture.
    """

    number: int
    parent: Branch | None
    at: int
    action: AnyAction | None
    first_step: int
    future: int = 0
    continued: bool = False
    beside: Twin | None = None
    learning_rate: float = 0.0
    structure: Structure = PLAIN
    length: int = 0
    chosen: dict[int, Branch] = field(default_factory=dict)
    trail: Trail = field(default_factory=Trail)
    twin_trail: Trail = field(default_factory=Trail)
    leaders: list[tuple[int, str]] = field(default_factory=list)
    jumps: Jumps = field(default_factory=Jumps)
    sign: str = field(init=False)

    def __post_init__(self) -> None:
        self.sign = "" if self.action is None else self.action.sign

    @property
    def leading(self) -> AnyAction | None:
        """The action by which its first moment comes from the parent's: a reset begins at the start, where its twin is taken."""
        return self.beside or self.action


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """An action on the path through the cursor, and the step at which it was taken."""

    step: int
    action: AnyAction


def way_to(branch: Branch, offset: int) -> list[tuple[Branch, int]]:
    """The branches from the root to a place, each with the steps of it that are walked."""
    walked = [(branch, offset)]
    while (branch := walked[-1][0]).parent is not None:
        walked.append((branch.parent, branch.at))
    return walked[::-1]


def last_place(way: Sequence[Branch], step: int) -> tuple[Branch, int]:
    """The last place at a step on a way through the tree."""
    return next((branch, step - branch.first_step) for branch in reversed(way) if branch.first_step <= step)


def place_before(branch: Branch, step: int) -> tuple[Branch, int]:
    """The last place at a step on the way to a branch and through it."""
    while branch.first_step > step and branch.parent is not None:
        branch = branch.parent
    return branch, step - branch.first_step


def clear(branch: Branch, offset: int) -> None:
    """Let the way to an offset not turn off before it, whatever was chosen on it meanwhile."""
    for at in [at for at in branch.chosen if at < offset]:
        del branch.chosen[at]


def thin(kept: Sequence[Thinned], size: Callable[[Thinned], int], halve: Callable[[Thinned], None], most: int) -> int:
    """Halve the fullest while all of them together are too full; how full they are then."""
    while (full := sum(map(size, kept))) > most and (fullest := max(map(size, kept))) > 1:
        for each in kept:
            if size(each) > fullest // 2:
                halve(each)
    return full
