"""A lesson's progress over a session: its beats in order, the questions answered, and the way back."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bntui.records import dataclass
from bntui.scenario.model.actions import AnyAction, Beat, GoTo, Shown, Step
from bntui.scenario.model.beats import LessonBeat, RunPart
from bntui.scenario.model.pictured import is_pictured
from bntui.scenario.model.pictures import Picture
from bntui.scenario.model.showing import Look, look_at
from bntui.session.look.quantities import hold
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.look.standing import Focus, LessonStanding
from bntui.session.run.checkpoints import Place
from bntui.session.run.history import History
from bntui.session.run.refusal import Refusal

if TYPE_CHECKING:
    from bntui.scenario.shelf.courses import Place as CoursePlace

ONE_STEP = Step(count=1)
RETURNED = "The lesson goes on from its own state; tab leads back to what you did."

Work = Generator[None, None, None]


class Scene(Protocol):
    """What a lesson needs of the session that it is played in."""

    history: History
    view: Shown
    quantity: str
    focus: Focus
    last_action: str | None

    def take(self, action: AnyAction) -> Work:
        """Take an action bit by bit. Raises Refusal."""

    def observe(self, detail: Detail, whole_batch: bool = False) -> Snapshot:
        """What can be said now."""


@dataclass(frozen=True, slots=True)
class Left:
    """Where a beat left the session: the cursor's place, and where the person looked."""

    place: Place
    view: Shown
    quantity: str
    focus: Focus
    last_action: str | None


@dataclass(slots=True)
class Lesson:
    """The beats, the one at hand (0: not begun), and what was answered.

    While `asking`, the beat's question waits for an answer and its actions have not been taken; they are taken while it is
    `under_way`. `pace` is the speed in steps per second of the stretch under way, None where nothing is to be watched. `path` is
    the file that the lesson was read from, None where it was none, `course` that of the course that it was opened from.
    """

    beats: tuple[LessonBeat, ...]
    path: Path | None = None
    course: Path | None = None
    number: int = 0
    asking: bool = False
    answers: dict[int, int] = field(default_factory=dict)
    sentence: str = ""
    pace: float | None = None
    under_way: bool = False
    _course_place: CoursePlace | None = None  # None too where nobody has looked
    _left: dict[int, Left] = field(default_factory=dict)
    _stopped: set[int] = field(default_factory=set)  # beats that somebody stopped on their way

    @property
    def standing(self) -> LessonStanding | None:
        """What a face may show of the lesson; None where the scenario has none."""
        if not self.beats:
            return None
        reached = max(self.number, *self._left)
        standing = LessonStanding(
            self.number,
            self.beats,
            self.asking,
            self.answers.get(self.number),
            self._right,
            self.sentence,
            reached=reached,
            told=self._told(reached),
        )
        place = self._course_place
        if place is None or not standing.finished:
            return standing
        following = "" if place.following is None else place.following.title
        return replace(standing, following=following, completes=place.following is None)

    def find_place(self) -> bool:
        """See what its course has after it, as the files say now; whether that is news. On any thread: a disk may take its time."""
        if self.path is None:
            return False
        from bntui.scenario.shelf import courses  # noqa: PLC0415 - a lesson that begins waits for no course

        before, self._course_place = self._course_place, courses.place_of(self.path, self.course)
        return before != self._course_place

    def lit(self, place: Place) -> tuple[str, ...]:
        """What the beat at hand shows, by name: while its question waits, what the beat before it did, which is still to be seen;
        nothing where one has gone on by oneself."""
        number, left = self.number - self.asking, self._left.get(self.number)
        moved_on = left is not None and left.place != place  # a beat under way has left nothing yet
        return () if not number or moved_on else self.beats[number - 1].show or ()

    def picture(self, place: Place) -> Picture | None:
        """What the beat at hand opens over the ledger, once it has been taken: nothing where one has gone on by oneself."""
        left = self._left.get(self.number)
        unfinished = self.asking or self.under_way or self.number in self._stopped
        if not self.number or unfinished or left is None or left.place != place:
            return None
        return self.beats[self.number - 1].picture

    def changed_at(self, place: Place) -> Place | None:
        """The place before the beat that led to this one and was the last to do so; None where another thing did."""
        number = self.number
        while number and number in self._left and self._left[number].place == place:  # a beat under way has left nothing yet
            number -= 1
            if self._left[number].place != place:
                return self._left[number].place
        return None

    def begin(self, scene: Scene) -> None:
        """Remember the start, to which the first beat returns."""
        self._left[0] = _left(scene)

    def turn(self, scene: Scene, number: int) -> Work:
        """Go to a beat: on through the beats between, a question on the way passed over, or back to how it left things.

        A question that nobody has answered is asked, forth and back: what its beat does would give the answer away. Of the beats
        on the way no run is watched at its speed. A beat that was stopped is taken anew. Raises Refusal where there is no such
        beat.
        """
        if number > len(self.beats):
            raise Refusal(f"there is no beat {number}; the lesson has {len(self.beats)}")
        self.sentence = ""
        if number <= self.number:
            yield from self._back(scene, number)
            if number in self._stopped and not self.asking:
                yield from self._act(scene)
            return
        if self.asking or self.number in self._stopped:
            yield from self._act(scene, watched=number == self.number + 1)
        while self.number < number:
            yield from self._on(scene, last=self.number + 1 == number)

    def answer(self, scene: Scene, choice: int) -> Work:
        """Answer the question at hand; then the beat's actions are taken. Raises Refusal."""
        question = self.beats[self.number - 1].ask if self.asking else None
        if question is None:
            raise Refusal("no question is asked now")
        if choice > len(question.choices):
            raise Refusal(f"found {choice}; allowed: 1 to {len(question.choices)}")
        self.answers[self.number] = choice
        yield from self._act(scene)

    def _told(self, reached: int) -> int:
        """The beat to which all words may be told: the first question that waits from the furthest beat on that was reached."""
        return next((number for number in range(reached, len(self.beats)) if self._waits(number)), len(self.beats))

    @property
    def _right(self) -> int:
        """How many questions were answered rightly."""
        asked = ((self.beats[number - 1].ask, choice) for number, choice in self.answers.items())
        return sum(question is not None and question.answer == choice for question, choice in asked)

    def _back(self, scene: Scene, number: int) -> Work:
        self.number, self.asking = number, self._waits(number)
        left = self._left[number] = self._left[number - self.asking]
        yield from _return(scene, left)
        scene.view, scene.quantity, scene.focus = left.view, left.quantity, left.focus

    def _waits(self, number: int) -> bool:
        """Whether a beat has a question that nobody has answered."""
        return number > 0 and self.beats[number - 1].ask is not None and number not in self.answers

    def _on(self, scene: Scene, last: bool) -> Work:
        """Begin the next beat where the one before left off, and looked; the `last` one of a turn asks and is watched."""
        left = self._left[self.number]
        if scene.history.place != left.place:
            self.sentence = RETURNED
            yield from _return(scene, left)
        scene.focus = left.focus
        self._left[self.number] = _left(scene)
        self.number += 1
        self.asking = last and self._waits(self.number)
        if self.asking:
            self._left[self.number] = self._left[self.number - 1]
        else:
            yield from self._act(scene, watched=last)

    def _act(self, scene: Scene, watched: bool = True) -> Work:
        """The actions of the beat, then its run, at its speed where that is `watched`."""
        beat = self.beats[self.number - 1]
        self.asking, self.under_way = False, True
        try:
            before = self._left[self.number - 1]
            if scene.history.place != before.place:
                self.sentence = "" if self.number in self._stopped else RETURNED
                yield from _return(scene, before)
            self._stopped.add(self.number)
            scene.focus = before.focus  # the words are of what the lesson looks at
            if (beat.actions or beat.run) and not scene.history.at_end:
                scene.history.act(Beat(number=self.number))
            for action in beat.actions:
                yield from self._taken(scene, action)
            _look(scene, beat.show or ())
            if beat.run is not None:
                self.pace = beat.run.speed if watched else None
                yield from stretch(scene, beat.run)
            self._stopped.discard(self.number)
        finally:
            self.pace, self.under_way = None, False
            self._left[self.number] = _left(scene)

    def _taken(self, scene: Scene, action: AnyAction) -> Work:
        """Take an action; where it is refused the sentence is kept and the lesson goes on."""
        try:
            yield from scene.take(action)
        except Refusal as refused:
            if not (isinstance(action, Step | GoTo) and _has_diverged(scene)):
                self.sentence = str(refused)


def _look(scene: Scene, names: Sequence[str]) -> None:
    """Open the view and the layer that have all of this; where they are open already nothing moves."""
    look = look_at([name for name in names if not is_pictured(name)], scene.history.experiment.architecture)
    assert isinstance(look, Look)  # a beat whose names cannot be seen together is an error of its file
    if scene.focus.layer not in look.layers:
        scene.focus = replace(scene.focus, layer=look.layers[-1])
    if look.view is not None and not (look.view == "loss" and scene.view == "layers"):  # which has J beside it
        scene.view = look.view
    if look.quantity is not None:
        scene.quantity = look.quantity


def _return(scene: Scene, left: Left) -> Work:
    """The network as it was left; where the person looks stays."""
    yield from scene.history.return_to(left.place)
    scene.last_action = left.last_action


def _left(scene: Scene) -> Left:
    return Left(scene.history.place, scene.view, scene.quantity, scene.focus, scene.last_action)


def stretch(scene: Scene, run: RunPart) -> Work:
    """Steps until what is wanted holds, the limit is reached or the run has diverged; yields after each."""
    for _ in range(run.limit):
        if run.until is not None and hold(run.until, scene):
            return
        try:
            yield from scene.take(ONE_STEP)
        except Refusal:
            return


def _has_diverged(scene: Scene) -> bool:
    return scene.history.experiment.has_diverged(scene.history.moment)
