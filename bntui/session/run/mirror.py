"""The history of a session that somebody else conducts: its tree as it is told, and the moments that came with it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import pairwise

from bntui.records import dataclass
from bntui.scenario.model.actions import AnyAction, Reset, Twin
from bntui.session.run.branches import Branch, Piece, clear, place_before
from bntui.session.run.checkpoints import Frame, Place
from bntui.session.run.experiment import Experiment
from bntui.session.run.history import History
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.run.tree import MOST_LEADERS

OUTLINES_KEPT = 32
OUTLINE_BYTES = 16 * 2**20  # of all of them together


@dataclass(frozen=True, slots=True)
class BranchNews:
    """What is new of a branch, or all of one that is new: `trail` and `twin_trail` go on where those at hand end.

    `leaders` and `jumps` are those that came since, `last_loss` is J at its end. `beside` is what the twin differs in that a reset
    has left, None where there is none.
    """

    number: int
    parent: int | None
    at: int
    action: AnyAction | None
    first_step: int
    future: int
    continued: bool
    length: int
    trail: Piece
    twin_trail: Piece | None
    leaders: tuple[tuple[int, str], ...]
    jumps: tuple[tuple[int, str], ...]
    last_loss: float | None
    beside: Twin | None


class Mirror(History):
    """Grows as another history does, and goes where that one goes; nothing is done in it that would grow it."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        self._outlines: dict[int, Moment] = {0: experiment.start}

    def grow(self, news: BranchNews) -> None:
        """Take over what is new of a branch. Raises ValueError where it fits nothing that is known."""
        if news.number == len(self.branches):
            self.branches.append(self._begun(news))
        elif not 0 <= news.number < len(self.branches):
            raise ValueError(f"the branch {news.number} does not follow on those that are known")
        branch = self.branches[news.number]
        branch.future, branch.continued = news.future, news.continued
        branch.length = max(branch.length, news.length)
        branch.trail.resume(news.trail)
        if news.twin_trail is not None:
            branch.twin_trail.resume(news.twin_trail)
        for known, found in ((branch.leaders, news.leaders), (branch.jumps.marks, news.jumps)):
            last = known[-1][0] if known else -1
            known += [each for each in found if each[0] > last]
            del known[:-MOST_LEADERS]
        branch.jumps.last = news.last_loss
        self._tree.futures = max(self._tree.futures, branch.future + 1)

    def remember(self, place: Place, numbers: bytes) -> None:
        """Take over the numbers of the moment at a place. Raises ValueError where they are not those of the network there."""
        branch = self._branch_at(place)
        outline = self._outline(branch)
        if outline is not None:
            moment = Frame.of(outline).unpacked(branch.first_step + place[1], numbers)
            self._checkpoints.keep(branch.number, place[1], moment)

    def knows(self, place: Place) -> bool:
        """Whether there is such a place."""
        return 0 <= place[0] < len(self.branches) and 0 <= place[1] <= self.branches[place[0]].length

    def stand_at(self, place: Place, ahead: Sequence[int]) -> Generator[None, None, None]:
        """Go to a place, with the branches that are walked from there on; yields while the way is replayed.

        Raises ValueError where there is no such place.
        """
        branch = self._branch_at(place)
        if place != self.place:
            step = branch.first_step + place[1]
            if step:  # the charts show the step before beside it, and the way there is the same
                yield from self._at_hand(*place_before(branch, step - 1))
            self._moment = yield from self._at_hand(branch, place[1])
            self._branch, self._offset = branch, place[1]
        for (passed, walked), (later, _) in pairwise(self.path()):
            if len(passed.chosen) != 1 or passed.chosen.get(walked) is not later:  # as most have been chosen already
                clear(passed, walked)
                passed.chosen[walked] = later
        self._walk_ahead(branch, place[1], ahead)

    def _walk_ahead(self, branch: Branch, offset: int, ahead: Sequence[int]) -> None:
        """Let the way that is walked from a place on be through these branches, as far as each turns off from the one before."""
        branch.chosen.clear()
        for number in ahead:
            later = self._branch_at((number, 0))
            if later.parent is not branch or later.at < offset:
                return
            branch.chosen[later.at] = later
            branch, offset = later, 0
            branch.chosen.clear()

    def _branch_at(self, place: Place) -> Branch:
        if not self.knows(place):
            raise ValueError(f"there is no place {place}")
        return self.branches[place[0]]

    def _begun(self, news: BranchNews) -> Branch:
        if news.parent is None or news.action is None or not self.knows((news.parent, news.at)):
            raise ValueError(f"the branch {news.number} begins nowhere")
        parent = self.branches[news.parent]
        first_step = 0 if isinstance(news.action, Reset) else parent.first_step + news.at
        if news.first_step != first_step:
            raise ValueError(f"the branch {news.number} begins at another step")
        branch = Branch(news.number, parent, news.at, news.action, first_step, beside=news.beside)
        branch.learning_rate, branch.structure = parent.learning_rate, parent.structure
        outline = self._outline(branch)
        if outline is not None:
            branch.learning_rate, branch.structure = outline.learning_rate, outline.state.structure
        return branch

    def _outline(self, branch: Branch) -> Moment | None:
        """A moment with the settings and the shape of those of a branch, and whatever numbers; None where it cannot be told.

        For that its actions are taken one after another, without the steps between them.
        """
        missing: list[Branch] = []
        while (moment := self._outlines.get(branch.number) or self._recall(branch, 0)) is None and branch.parent is not None:
            missing.append(branch)
            branch = branch.parent
        while missing and moment is not None:
            branch = missing.pop()
            moment = self._after(moment, branch)
            if moment is not None:
                self._keep_outline(branch.number, moment)
        return moment

    def _after(self, moment: Moment, branch: Branch) -> Moment | None:
        """The outline of a branch that begins with its action."""
        assert branch.leading is not None  # only the first branch has none
        standing = replace(moment, state=replace(moment.state, step=branch.first_step))
        if moment.twin is not None:
            standing = replace(standing, twin=replace(moment.twin, state=replace(moment.twin.state, step=branch.first_step)))
        try:
            return self.experiment.advance(standing, branch.leading, self._other(branch))
        except Refusal:  # with other numbers it was not
            return None

    def _other(self, branch: Branch) -> Moment | None:
        """The outline of the future that a twin is taken from, where the action names one."""
        if not isinstance(branch.action, Twin) or branch.action.future is None:
            return None
        end, _ = self._tree.place_in(branch.action.future, branch.first_step, branch.number)
        return self._outline(end)

    def _keep_outline(self, number: int, moment: Moment) -> None:
        most = min(OUTLINES_KEPT, OUTLINE_BYTES // moment.nbytes)
        while len(self._outlines) > max(most, 1):  # that of the start stays
            self._outlines.pop(next(each for each in self._outlines if each))
        self._outlines[number] = moment

