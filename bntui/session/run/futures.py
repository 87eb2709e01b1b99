"""The futures of a session: every path to its end, counted from 0 in the order in which they were begun."""

from __future__ import annotations

from bntui.maths.kinds.normalizations import Normalization
from bntui.records import dataclass
from bntui.session.run.branches import Branch
from bntui.session.run.history import History


@dataclass(frozen=True, slots=True)
class FutureEnd:
    """One future: where it left the one before it, and how things stand at its end.

    `kinds` are the layers that are normalized there, each with its kind, `all_normalized` says that they are all that can be.
    `parent` is the future that it forked from and `forked_at` the step at which it did, both None for the first; `here` says
    whether going on from the cursor leads to its end.
    """

    number: int
    parent: int | None
    forked_at: int | None
    last_step: int
    loss: float | None
    learning_rate: float
    kinds: tuple[tuple[str, Normalization], ...]
    all_normalized: bool
    here: bool


def futures(history: History) -> tuple[FutureEnd, ...]:
    """Every future, in the order in which they were begun."""
    ends: dict[int, Branch] = {}
    begins: dict[int, Branch] = {}
    for branch in history.branches:
        begins.setdefault(branch.future, branch)
        ends[branch.future] = branch
    here = history.branches[history.end_place[0]].future
    return tuple(_told(history, begins[number], ends[number], here) for number in sorted(ends))


def _told(history: History, begin: Branch, end: Branch, here: int) -> FutureEnd:
    architecture = history.experiment.architecture
    kinds = end.structure.kinds_in(architecture)
    return FutureEnd(
        begin.future,
        None if begin.parent is None else begin.parent.future,
        None if begin.parent is None else begin.parent.first_step + begin.at,
        end.first_step + end.length,
        end.jumps.last,
        end.learning_rate,
        tuple(kinds.items()),
        bool(kinds) and tuple(kinds) == architecture.switchable,
        begin.future == here,
    )
