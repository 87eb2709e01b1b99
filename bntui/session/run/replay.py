"""How a session came to where it stands, frozen: a moment that is remembered, and the actions that led on from there.

A replay is repeated with any Experiment of the same scenario, so a survey may do it on a thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bntui.records import dataclass
from bntui.scenario.model.actions import AnyAction
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """A stretch of one branch: its action where it begins with the branch, then the steps `after` … `until` made in it.

    `other` leads to the future that a twin was taken from, where the action names one.
    """

    branch: int
    action: AnyAction | None
    other: Replay | None
    after: int
    until: int


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A remembered moment, and what was done from there on."""

    begin: Moment
    legs: tuple[Leg, ...]

    @property
    def steps(self) -> int:
        """How many updates are made again."""
        return sum(leg.until - leg.after for leg in self.legs)


class Reached(NamedTuple):
    """A place in the tree, and the moment there."""

    branch: int
    offset: int
    moment: Moment


def replayed(experiment: Experiment, replay: Replay) -> Iterator[Reached]:
    """Do everything again, and tell where each step and each action led."""
    moment = replay.begin
    for leg in replay.legs:
        if leg.action is not None:
            other = None if leg.other is None else end_of(experiment, leg.other)
            moment = experiment.advance(moment, leg.action, other)
            yield Reached(leg.branch, leg.after, moment)
        for offset in range(leg.after + 1, leg.until + 1):
            moment = experiment.repeated(moment)
            yield Reached(leg.branch, offset, moment)


def end_of(experiment: Experiment, replay: Replay) -> Moment:
    """The moment that a replay leads to."""
    moment = replay.begin
    for reached in replayed(experiment, replay):
        moment = reached.moment
    return moment


def updated_moments(experiment: Experiment, replay: Replay) -> Iterator[Moment]:
    """The moments that a step was made from, each after everything done at its step."""
    before = replay.begin
    for reached in replayed(experiment, replay):
        if reached.moment.step > before.step:
            yield before
        before = reached.moment
