"""Everything that has been done, as a tree of (parent, action) with a cursor.

A branch begins with an action taken at some step of its parent, and is followed by steps. Going back and doing
something else begins another branch, and the other future is kept. The cursor rests after everything that was done at
its step, along the future chosen last.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from bntui.scenario.model.actions import AnyAction, Reset, ScaleWeights, Set, Twin
from bntui.session.run.branches import Branch, Event, Piece, clear, last_place, place_before, way_to
from bntui.session.run.checkpoints import Checkpoints, Place
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.run.replay import Leg, Replay, replayed
from bntui.session.run.tree import Tree, leads_since, note_leader


class History:
    """The tree, its cursor, and the moment at the cursor."""

    def __init__(self, experiment: Experiment, checkpoints: Checkpoints | None = None) -> None:
        self.experiment = experiment
        self._checkpoints = checkpoints or Checkpoints()
        self._tree = Tree()
        self.branches = self._tree.branches
        self.changes = 0  # steps and other changes so far, to tell how far an action that was cut short had come
        self.replaying: tuple[int, int] | None = None  # while a past moment is computed anew: the step reached, and its own
        self._led: list[tuple[Branch, int]] = []  # the branches that lead to the one below, which are asked for with every picture
        self._led_to: Branch | None = None
        self._branch = self._tree.grow(None, 0, None, experiment.start, self.changes)
        self._offset = 0
        self.repeats_journal = False  # while a journal is repeated: only the moments that something depends on are computed
        self._moment: Moment | None = experiment.start
        self._arrive(experiment.start)

    @property
    def moment(self) -> Moment:
        """The moment at the cursor."""
        if self._moment is None:
            self._moment = _drained(self._at_hand(self._branch, self._offset))
        return self._moment

    @property
    def step(self) -> int:
        """The cursor's step."""
        return self._branch.first_step + self._offset

    @property
    def last_step(self) -> int:
        """The last step of the future that is walked from here."""
        return self._end.first_step + self._end.length

    @property
    def branch(self) -> Branch:
        """The branch that the cursor is on."""
        return self._branch

    @property
    def end_place(self) -> Place:
        """The place at the end of the future that is walked from here."""
        return self._end.number, self._end.length

    @property
    def _end(self) -> Branch:
        *_, last = self._branch, *self.ahead()
        return last

    def path(self) -> list[tuple[Branch, int]]:
        """The branches from the root to the cursor, each with the steps of it that were walked."""
        branch = self._branch
        if branch is not self._led_to:
            parent = branch.parent
            if parent is not None and parent is self._led_to:  # mostly it begins where the last one stood
                self._led = [*self._led, (parent, branch.at)]
            else:
                self._led = way_to(branch, 0)[:-1]
            self._led_to = branch
        return [*self._led, (branch, self._offset)]

    def events(self) -> tuple[Event, ...]:
        """The actions on the path to the cursor and in the future that is walked from there, in their order."""
        branches = [*(branch for branch, _ in self.path()), *self.ahead()]
        return tuple(Event(branch.first_step, branch.action) for branch in branches if branch.action is not None)

    def signs(self) -> list[tuple[int, str]]:
        """The signs of those actions that have one, each with the step at which it was taken."""
        branches = [*[branch for branch, _ in self.path()], *self.ahead()]
        return [(branch.first_step, branch.sign) for branch in branches if branch.sign]

    def jumps(self) -> tuple[tuple[int, str], ...]:
        """The tenfold jumps of J and the divergence on the path to the cursor and ahead of it, as (step, sign)."""
        walked = [*self.path(), *((branch, branch.length) for branch in self.ahead())]
        walked[-1] = walked[-1][0], walked[-1][0].length
        jumped = [(branch.first_step + length, branch.jumps.marks) for branch, length in walked if branch.jumps.marks]
        return tuple(mark for end, marks in jumped for mark in marks if mark[0] <= end)

    def leads_since(self) -> int | None:
        """The step since which the layer with the largest gain has been the same, None where no layer has one."""
        return leads_since(self.path())

    def forward(self) -> None:
        """One step on: along the recorded future with all that was done in it, else into a new step.

        Raises Refusal where the run has diverged.
        """
        if self.repeats_journal and self._offset < self._branch.length:
            self._walk_blindly()
            return
        self.experiment.vitals(self.moment)  # remembered: the charts show the step before faintly
        recorded = self._offset < self._branch.length
        moment = self._recall(self._branch, self._offset + 1) if recorded else None
        moment = moment or self.experiment.updated(self.moment)
        if not recorded and self._branch.continued:
            self._tree.begin_future(self._branch)  # what was done at its end stays in the other future
        self._offset += 1
        self.changes += 1
        self._branch.length = max(self._branch.length, self._offset)
        self._arrive(moment)
        self._enter_chosen()

    def _walk_blindly(self) -> None:
        """One step on along the recorded future, without computing where it leads."""
        self._offset += 1
        self.changes += 1
        while (child := self._branch.chosen.get(self._offset)) is not None:
            self._branch, self._offset = child, 0
        self._moment = None

    def act(self, action: AnyAction) -> Moment:
        """Take an action that changes the network or its settings; another future than the recorded one begins.

        Raises Refusal, and then nothing has changed.
        """
        if isinstance(action, Reset) and self._is_fresh():
            return self.moment
        moment = self._advanced(self.moment, action)
        parent, at = (self.branches[0], 0) if isinstance(action, Reset) else (self._branch, self._offset)
        branch = self._tree.grow(parent, at, action, moment, self.changes)
        if isinstance(action, Reset) and moment.twin is not None:
            branch.beside = moment.twin.difference
        self.changes += 1
        parent.chosen[at] = branch
        self._branch, self._offset = branch, 0
        self._arrive(moment)
        return moment

    def back_to(self, step: int) -> Generator[None, None, None]:
        """Go back along the path to after everything done at `step`; yields while the way there is replayed."""
        if step < self.step:
            yield from self._travel([branch for branch, _ in self.path()], step)

    def ahead_to(self, step: int) -> Generator[None, None, None]:
        """Go to after everything done at `step` in the recorded future, or to its end; yields while the way is replayed."""
        step = min(step, self.last_step)
        if step > self.step:
            walked = step - self.step
            yield from self._travel([*(branch for branch, _ in self.path()), *self.ahead()], step)
            self.changes += walked

    def _travel(self, way: Sequence[Branch], step: int) -> Generator[None, None, None]:
        """Go to the last place at a step on a way through the tree."""
        if self.repeats_journal:
            (self._branch, self._offset), self._moment = last_place(way, step), None
            return
        if step > 0:  # the charts show the step before beside it, and the way there is the same
            yield from self._at_hand(*last_place(way, step - 1))
        branch, offset = last_place(way, step)
        self._moment = yield from self._at_hand(branch, offset)
        self._branch, self._offset = branch, offset

    def leads_to(self, number: int, length: int, steps: int) -> bool:
        """Whether that number of new steps from the cursor makes a branch of that length."""
        branch, offset = self._branch, self._offset
        new = offset == branch.length and not branch.continued and offset not in branch.chosen
        return new and branch.number == number and offset + steps == length and steps > 0

    def leap(
        self,
        moment: Moment,
        trail: Piece | None,
        twin_trail: Piece | None,
        leaders: Sequence[tuple[int, str]] | None,
        jumps: Sequence[tuple[int, str]] | None,
        jumping: Sequence[Any],
    ) -> None:
        """Take over new steps that were made in an earlier run of the program, and what it remembered of them."""
        branch = self._branch
        steps = moment.step - self.step
        for mine, piece in ((branch.trail, trail), (branch.twin_trail, twin_trail)):
            if piece is not None:
                mine.resume(piece)
        if leaders is not None:
            branch.leaders = [(step, layer) for step, layer in leaders]
        branch.jumps.resume(jumps, jumping)
        self.changes += steps
        self._offset += steps
        branch.length = self._offset
        self._moment = moment
        self._checkpoints.keep(branch.number, self._offset, moment, beyond_stride=True)

    def choose(self, future: int) -> Generator[None, None, None]:
        """Go over to another future, at the same step or at its last one; from there on it is the one that is walked.

        Yields while the way there is replayed. Raises Refusal where there is no such future.
        """
        end = self._tree.end_of(future)
        if end is None:
            known = "there is only 0" if self._tree.futures == 1 else f"there are 0 to {self._tree.futures - 1}"
            raise Refusal(f"there is no future {future}; {known}")
        way = way_to(end, end.length)
        step = min(self.step, end.first_step + end.length)
        place = next(index for index in reversed(range(len(way))) if way[index][0].first_step <= step)
        branch = way[place][0]
        yield from self.return_to((branch.number, step - branch.first_step))
        for (passed, walked), (later, _) in zip(way[place:], way[place + 1 :], strict=False):
            clear(passed, walked)
            passed.chosen[walked] = later
        clear(end, end.length + 1)

    @property
    def place(self) -> Place:
        """The cursor's place in the tree."""
        return self._branch.number, self._offset

    @property
    def place_before(self) -> Place | None:
        """The place from which the last step or action led to the cursor; None at the start."""
        branch = self._branch
        if self._offset:
            return branch.number, self._offset - 1
        return None if branch.parent is None else (branch.parent.number, branch.at)

    @property
    def at_end(self) -> bool:
        """Whether nothing is recorded beyond the cursor."""
        return self._offset == self._branch.length and not any(at >= self._offset for at in self._branch.chosen)

    def return_to(self, place: Place) -> Generator[None, None, None]:
        """Go to any place of the tree, by the way that led there first; yields while the way is replayed."""
        branch, offset = self.branches[place[0]], place[1]
        if place != self.place and self.repeats_journal:
            self._moment = None
        elif place != self.place:
            self._moment = yield from self._at_hand(branch, offset)
        self._branch, self._offset = branch, offset
        path = self.path()
        following = [later for later, _ in path[1:]]
        for index, (passed, walked) in enumerate(path):
            clear(passed, walked)
            if index < len(following):
                passed.chosen[walked] = following[index]

    @property
    def led_by_update(self) -> bool:
        """Whether an update led to the cursor, and nothing was done to the network or its settings since."""
        branch, offset = self._branch, self._offset
        while offset == 0 and branch.parent is not None and branch.action is not None and branch.action.changes == "lesson":
            branch, offset = branch.parent, branch.at
        return offset > 0

    def before(self) -> Moment | None:
        """The moment one step before the cursor on its path, where it is at hand or soon replayed."""
        if not self.step:
            return None
        return _drained(self._at_hand(*place_before(self._branch, self.step - 1)))

    @property
    def changed_at(self) -> Place | None:
        """The place from which a switch, scaling or setting led to the cursor; None where something else did."""
        return self.place_before if self._offset == 0 and isinstance(self._branch.action, Set | ScaleWeights) else None

    def recalled(self, place: Place) -> Moment | None:
        """The moment at any place of the tree, where it is remembered."""
        return self._recall(self.branches[place[0]], place[1])

    def place_at(self, step: int) -> Place:
        """The last place at a step on the path to the cursor."""
        branch, offset = place_before(self._branch, step)
        return branch.number, offset

    def soon(self, place: Place) -> Moment | None:
        """The moment at any place of the tree, where it is at hand or soon replayed."""
        branch, offset = self.branches[place[0]], place[1]
        found = self._recall(branch, offset)
        return found if found is not None or self.experiment.is_large else _drained(self._at_hand(branch, offset))

    def recent(self, count: int) -> Replay:
        """How the last steps to the cursor came about, at least `count` of them where there are as many; nothing is computed."""
        return self._replay(self.path(), max(self.step - count, 0))

    def remembered(self, way: Sequence[tuple[Branch, int]], place: int, offset: int) -> tuple[int, int]:
        """Where the nearest moment stands that is remembered at a place of a way or before: its branch on the way, its offset."""
        while (found := self._checkpoints.reaches(way[place][0].number, offset)) is None and place:
            place, offset = place - 1, way[place - 1][1]
        return place, found or 0

    def kept_for_good(self, branch: Branch, offset: int) -> int | None:
        """The offset of the latest moment of a branch that is kept for good and not after `offset`."""
        return self._checkpoints.reaches(branch.number, offset, for_good=True)

    def ahead(self) -> Iterator[Branch]:
        """The branches that are walked from here on."""
        branch, offset = self._branch, self._offset
        while (later := min((at for at in branch.chosen if at >= offset), default=None)) is not None:
            branch, offset = branch.chosen[later], 0
            yield branch

    def _is_fresh(self) -> bool:
        """Whether nothing has been done since the start or the last reset."""
        started = self._branch.parent is None or isinstance(self._branch.action, Reset)
        return started and self._branch.length == 0 and not self._branch.chosen

    def _enter_chosen(self) -> None:
        """Walk into what was done at this step."""
        while (child := self._branch.chosen.get(self._offset)) is not None:
            moment = self._recall(child, 0)
            if moment is None:
                assert child.leading is not None
                anew = child.beside is not None  # then its twin begins as the start, whatever future it once came from
                moment = (self.experiment.advance if anew else self._advanced)(self.moment, child.leading)
            self._branch, self._offset = child, 0
            self._arrive(moment)

    def _arrive(self, moment: Moment) -> None:
        self._moment = moment
        self._checkpoints.keep(self._branch.number, self._offset, moment)
        if self._branch.trail.count == self._offset:
            vitals = self.experiment.vitals(moment)
            self._branch.trail.append(vitals.loss)
            self._branch.jumps.note(self.step, vitals.loss, vitals.diverged)
            note_leader(self._branch, self.step, vitals.largest)
            if moment.twin is not None:
                self._branch.twin_trail.append(self.experiment.vitals(moment.twin).loss)

    def _advanced(self, moment: Moment, action: AnyAction) -> Moment:
        """The moment after an action; a twin that is to be another future starts as that future stands at this step."""
        if isinstance(action, Twin) and action.future is not None:
            return self.experiment.advance(moment, action, self._standing_in(action.future, moment.step))
        return self.experiment.advance(moment, action)

    def _standing_in(self, future: int, step: int) -> Moment:
        """The moment of a future at a step. Raises Refusal where there is none."""
        return _drained(self._at_hand(*self._tree.place_in(future, step)))

    def _recall(self, branch: Branch, offset: int) -> Moment | None:
        found = self._checkpoints.nearest(branch.number, offset)
        return found[1] if found is not None and found[0] == offset else None

    def _at_hand(self, branch: Branch, offset: int) -> Generator[None, None, Moment]:
        """A past moment, remembered or replayed."""
        return self._recall(branch, offset) or (yield from self._replayed(branch, offset))

    def _replayed(self, branch: Branch, offset: int) -> Generator[None, None, Moment]:
        """Compute a past moment again from the nearest one that is remembered; yields after each step and action."""
        wanted = branch.first_step + offset
        replay = self._replay(way_to(branch, offset), wanted)
        moment = replay.begin
        try:
            for number, reached, moment in replayed(self.experiment, replay):
                if reached:
                    self._checkpoints.keep(number, reached, moment)
                self.replaying = moment.step, wanted
                yield
        finally:
            self.replaying = None
        return moment

    def _replay(self, way: Sequence[tuple[Branch, int]], step: int) -> Replay:
        """What leads to the end of a way, from the nearest moment that is remembered at `step` or before."""
        place = max(index for index, (branch, _) in enumerate(way) if branch.first_step <= step)
        return self.between(way, place, step - way[place][0].first_step)

    def between(self, way: Sequence[tuple[Branch, int]], place: int, offset: int) -> Replay:
        """What leads to the end of a way, from the nearest moment that is remembered at a place of it or before."""
        while (found := self._checkpoints.nearest(way[place][0].number, offset)) is None and place:
            place, offset = place - 1, way[place - 1][1]
        at, moment = found or (0, self.experiment.start)
        first, walked = way[place]
        later = [self._leg(branch, walked) for branch, walked in way[place + 1 :]]
        return Replay(moment, (Leg(first.number, None, None, at, walked), *later))

    def _leg(self, branch: Branch, walked: int) -> Leg:
        """A branch with its action and the first steps of it."""
        action, other = branch.leading, None
        if isinstance(action, Twin) and action.future is not None and branch.beside is None:
            place = self._tree.place_in(action.future, branch.first_step, branch.number)  # a future may have a twin of itself
            other = self._replay(way_to(*place), branch.first_step)
        return Leg(branch.number, action, other, 0, walked)


def _drained(work: Generator[None, None, Moment]) -> Moment:
    while True:
        try:
            next(work)
        except StopIteration as finished:
            moment: Moment = finished.value
            return moment
