"""All branches of a session, the futures that they belong to, and what is noted along them, within bounds of memory."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.scenario.model.actions import AnyAction, Reset
from bntui.session.run.branches import Branch, Trail, last_place, thin, way_to
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal

MOST_LEADERS = 1024  # changes of the largest gain that a branch remembers
MOST_LEADERS_IN_ALL = 2**13  # that all branches together do
MOST_BUCKETS = 2**16  # of all trails together


class Tree:
    """The branches in the order in which they were begun; `futures` is how many futures there are."""

    def __init__(self) -> None:
        self.branches: list[Branch] = []
        self.futures = 0
        self._full_at = 0  # as many changes as may have filled up what all branches together remember

    def grow(self, parent: Branch | None, at: int, action: AnyAction | None, moment: Moment, changes: int) -> Branch:
        """Begin a branch with an action, taken `at` steps into its parent, that led to a moment, after so many changes in all."""
        branch = Branch(len(self.branches), parent, at, action, moment.step)
        branch.learning_rate, branch.structure = moment.learning_rate, moment.state.structure
        if parent is not None and at == parent.length and not parent.continued and not isinstance(action, Reset):
            branch.future, parent.continued = parent.future, True
        else:
            self.begin_future(branch)
        self.branches.append(branch)
        if changes >= self._full_at:
            self._thin(changes)
        return branch

    def begin_future(self, branch: Branch) -> None:
        """What is done in a branch from now on is another future."""
        branch.future, branch.continued = self.futures, False
        self.futures += 1

    def end_of(self, future: int, before: int | None = None) -> Branch | None:
        """The last branch of a future, as it was before the branch of that number; None where there is none."""
        return next((branch for branch in reversed(self.branches[:before]) if branch.future == future), None)

    def place_in(self, future: int, step: int, before: int | None = None) -> tuple[Branch, int]:
        """The last place of a future at a step, as it was before the branch of that number. Raises Refusal where there is none."""
        end = self.end_of(future, before)
        if end is None or step > end.first_step + end.length:
            raise Refusal(f"there is no future {future} at step {step}")
        return last_place([branch for branch, _ in way_to(end, end.length)], step)

    def _thin(self, changes: int) -> None:
        """Let all branches together, which may be thousands, remember no more than is allowed."""
        trails = [trail for each in self.branches for trail in (each.trail, each.twin_trail)]
        leaders = [each.leaders for each in self.branches]
        buckets = thin(trails, lambda trail: len(trail.low), Trail.halve, MOST_BUCKETS)
        led = thin(leaders, len, _forget_older_half, MOST_LEADERS_IN_ALL)
        # a change adds a bucket to a trail and to a twin's, and one leader: before that many there is nothing to look for
        self._full_at = changes + min((MOST_BUCKETS - buckets) // 2, MOST_LEADERS_IN_ALL - led)


def note_leader(branch: Branch, step: int, layer: str | None) -> None:
    """Note at a step of a branch the layer with the largest gain, where it is another one than before."""
    leaders = branch.leaders
    if layer is not None and (not leaders or leaders[-1][1] != layer):
        leaders.append((step, layer))
    if len(leaders) > MOST_LEADERS:
        _forget_older_half(leaders)


def leads_since(path: Sequence[tuple[Branch, int]]) -> int | None:
    """The step since which the layer with the largest gain has been the same at the end of a path; None where no layer has one."""
    since: int | None = None
    layer = None
    for branch, walked in path:
        for step, name in branch.leaders:
            if name != layer and step <= branch.first_step + walked:
                since, layer = step, name
    return since


def _forget_older_half(leaders: list[tuple[int, str]]) -> None:
    del leaders[: len(leaders) // 2]
