"""The branches of a session's tree, and the ways through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bntui.scenario.model.actions import AnyAction
from bntui.session.jumps import Jumps
from bntui.session.trail import Trail


@dataclass(eq=False, slots=True)
class Branch:
    """An action, taken `at` so many steps into the parent, and the steps that follow it.

    `future` is the number of the future that it belongs to, `continued` whether an action at its end goes on in that future.
    The rate and the normalized layers are in force all along it.
    """

    number: int
    parent: Branch | None
    at: int
    action: AnyAction | None
    first_step: int
    future: int = 0
    continued: bool = False
    learning_rate: float = 0.0
    normalized: frozenset[str] = frozenset()
    length: int = 0
    chosen: dict[int, Branch] = field(default_factory=dict)
    trail: Trail = field(default_factory=Trail)
    twin_trail: Trail = field(default_factory=Trail)
    leaders: list[tuple[int, str]] = field(default_factory=list)
    jumps: Jumps = field(default_factory=Jumps)


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


def clear(branch: Branch, offset: int) -> None:
    """Let the way to an offset not turn off before it, whatever was chosen on it meanwhile."""
    for at in [at for at in branch.chosen if at < offset]:
        del branch.chosen[at]
