"""A session: a scenario, the actions taken in it, and where the person looks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar, assert_never

from bntui.maths import memory
from bntui.maths.kinds.optimizers import OPTIMIZERS, Optimizer
from bntui.scenario.model.actions import (
    Answer,
    AnyAction,
    Back,
    Beat,
    FocusPart,
    Future,
    GoTo,
    LookAt,
    Reset,
    ScaleWeights,
    Set,
    Shown,
    Step,
    Twin,
    Untwin,
    View,
)
from bntui.scenario.model.vocabulary import HISTORIES, unknown_history
from bntui.scenario.reading.loading import Loaded
from bntui.session.lesson import Lesson, Work
from bntui.session.look.face import Face
from bntui.session.look.observing import observe, observe_alone, stand
from bntui.session.look.reckoning import observing_bytes, require
from bntui.session.look.snapshot import Detail, Eigenvalues, Meters, Snapshot
from bntui.session.look.standing import Focus, Standing
from bntui.session.look.tracking import Reader, Tracker
from bntui.session.run.checkpoints import Place
from bntui.session.run.experiment import Experiment
from bntui.session.run.history import History
from bntui.session.run.log import Entry, Log, entry_of
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.survey.situation import Situation, looked_back

NO_DETAIL = Detail()
METERS_KEPT = 256

T = TypeVar("T")


class Recorder(Protocol):
    """Whoever keeps what is taken in a session."""

    @property
    def unkept(self) -> str | None:
        """Why not all of it is kept, once that is finished or was waited for in vain; None where it is."""

    @property
    def name(self) -> str | None:
        """The name under which the session can be gone on with; None while nothing has been done in it."""

    def under_way(self, session: Session, action: AnyAction, changes: int) -> None:
        """Note how many steps and changes an action that takes long has made."""

    def took(self, session: Session, action: AnyAction, changes: int, whole: bool) -> None:
        """Note an action that was taken, wholly or so far."""

    def shown(self, session: Session) -> None:
        """Note that it is shown in another way."""

    def news(self) -> str | None:
        """A sentence, once, where nothing can be kept any more, or can again."""

    def flush(self, session: Session) -> None:
        """Keep all that is pending."""

    def leave(self, session: Session) -> None:
        """Note all that is pending, and that the person leaves; `finish` keeps it."""

    def replaced(self, session: Session) -> None:
        """Note all that is pending, and that another session goes on in this one's place; `finish` keeps it."""

    def finish(self, patient: bool = False) -> None:
        """Wait until all that was noted is kept, as long as that takes or only for some seconds; on any thread."""

    def discard(self) -> None:
        """Keep nothing of the session. Raises OSError."""

    def close(self, session: Session) -> None:
        """Keep all that is pending, and end."""


class Session:
    """Actions in, snapshots out. Keys, lessons, the palette and the headless commands all speak to it alike.

    `face` is how the screen that has it shows it, None where none has yet: a screen that goes on with it begins so.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        # by place: the same place is the same state; the twin's after its own
        self._meters: OrderedDict[Place, tuple[Meters, ...]] = OrderedDict()
        self._eigenvalues: OrderedDict[Place, tuple[Eigenvalues, ...]] = OrderedDict()
        self._before: tuple[object, Snapshot] | None = None
        self._needed: dict[Detail, int] = {}
        self.experiment = Experiment(loaded.scenario, loaded.problem)
        self.history = History(self.experiment)
        self.view: Shown = "layers"
        self.quantity = next(iter(HISTORIES))
        self.tracker = Tracker(self.history, loaded)
        self.last_action: str | None = None
        self.focus = Focus(self.experiment.architecture.layers[0].name)
        if loaded.scenario.focus is not None:
            self._look_at(loaded.scenario.focus)
        self.lesson = Lesson(loaded.scenario.lesson, loaded.source_file, loaded.course)
        self.lesson.begin(self)
        self.log = Log()
        self.recorder: Recorder | None = None
        self.face: Face | None = None

    def do(self, action: AnyAction) -> None:
        """Take an action, from beginning to end. Raises Refusal with a sentence, at the state reached by then."""
        for _ in self.perform(action):
            pass

    def perform(self, action: AnyAction) -> Work:
        """Take an action bit by bit: the work can be paused, shown or dropped at each yield. Raises Refusal."""
        begun, whole = self.history.changes, False
        ahead = action.step - self.history.step if isinstance(action, GoTo) else 0
        noted = Step(count=ahead) if ahead > 0 else action  # going on is noted as the steps that it consists of
        work = self._performed(action)
        try:
            for _ in work:
                if self.recorder is not None:
                    self.recorder.under_way(self, noted, self.history.changes - begun)
                yield
            whole = True
        finally:
            work.close()
            self._took(noted, self.history.changes - begun, whole)
        if noted is not action:
            self._took(action, 0, whole)

    def _took(self, action: AnyAction, changes: int, whole: bool) -> None:
        entry = entry_of(action, changes, whole)
        if entry is not None:
            self.log.add(entry)
        if self.recorder is not None:
            self.recorder.took(self, action, changes, whole)

    def keep(self) -> str | None:
        """See to it that everything taken is kept; a sentence, once, where it cannot be, or can be again."""
        if self.recorder is None:
            return None
        self.recorder.flush(self)
        return self.recorder.news()

    def leapt(self, steps: int) -> None:
        """Note steps that an earlier run of the program made."""
        self.log.add(Entry(Step(count=steps)))
        self.last_action = Step.key

    def _performed(self, action: AnyAction) -> Work:
        match action:
            case Beat(number=number):
                yield from self.lesson.turn(self, number)
            case Answer(choice=choice):
                yield from self.lesson.answer(self, choice)
            case _:
                yield from self.take(action)

    def take(self, action: AnyAction) -> Work:
        """Take an action other than those of the lesson, which takes its own actions here. Raises Refusal."""
        match action:
            case Step(count=count):
                yield from self._steps(count)
            case Back(count=count):
                yield from self.history.back_to(max(0, self.history.step - count))
            case GoTo(step=step):
                yield from self._go_to(step)
            case Future(number=number):
                yield from self.history.choose(number)
            case Set() | ScaleWeights() | Reset() | Twin() | Untwin():
                self._require_room_for(action)
                self.history.act(action)
            case LookAt():
                self._look_at(action)
            case View():
                self._open(action)
            case Beat() | Answer():
                raise Refusal(f"{action.key}: this cannot be done here")
            case _:
                assert_never(action)
        if action.leads_on:
            self.last_action = action.key

    def stand(self) -> Standing:
        """Where the session stands, without running the network."""
        title, lesson, place = self.loaded.scenario.title, self.lesson, self.history.place
        seen = self.focus, self.last_action, self.view, self.quantity
        return stand(self.history, title, *seen, lesson.standing, lesson.lit(place), lesson.picture(place))

    def observe(self, detail: Detail = NO_DETAIL, whole_batch: bool = False) -> Snapshot:
        """What a face may show now; over the whole batch, wherever the person looks, if it is to be measured.

        Raises Refusal where a detail needs more memory than is allowed.
        """
        standing = self.stand()
        self._require_memory(self._observing_bytes(standing, detail), "this view of the network")
        if whole_batch:
            standing = replace(standing, focus=Focus(self.focus.layer))
        before = self._observed_before(standing, detail) if detail.changed else None
        snapshot = observe(self.history, standing, detail)
        if before is not None:
            snapshot = replace(snapshot, changed_from=before)
        if detail.track:
            snapshot = self.tracked(snapshot)
        return self._with_known(snapshot)

    def _observing_bytes(self, standing: Standing, detail: Detail) -> int:
        """What a detail needs, of this network reckoned once."""
        if detail not in self._needed:
            samples = standing.samples, detail, standing.training_samples, standing.held_out_samples
            self._needed[detail] = observing_bytes(self.experiment.architecture, *samples)
        return self._needed[detail]

    def _observed_before(self, standing: Standing, detail: Detail) -> Snapshot | None:
        """The moment before the last change, observed once for as long as one looks at it in the same way."""
        place = self.history.place
        before = self.lesson.changed_at(place) or self.history.changed_at
        if before is None:
            return None
        key = (place, before, standing.focus, detail.meters, detail.sizes)
        if self._before is None or self._before[0] != key:
            moment = self.history.soon(before)
            if moment is None:
                return None
            wanted = Detail(meters=detail.meters, curvature=False, sizes=detail.sizes)
            self._before = key, observe_alone(self.experiment, moment, standing, wanted)
        found = self._before[1]
        measured = self._meters.get(before)
        return found if measured is None or found.meters is None else replace(found, meters=measured[0])

    def _with_known(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot of the cursor's moment with what takes long, where it has been measured before."""
        place, before = self.history.place, self.history.place_before
        meters, eigenvalues = self._meters.get(place), self._eigenvalues.get(place)
        if meters is not None and snapshot.meters is not None:
            snapshot = _with_meters(snapshot, meters)
        if snapshot.eigenvalues is None:
            return snapshot
        if before is not None and before in self._eigenvalues:
            snapshot = replace(snapshot, eigenvalues_before=self._eigenvalues[before][0])
        return snapshot if eigenvalues is None else _with_eigenvalues(snapshot, eigenvalues)

    def tracked(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot of the cursor's moment with all that is known of the history of the quantity that is looked at."""
        return replace(snapshot, track=self.tracker.look(snapshot, self.quantity))

    def unread(self) -> Reader | None:
        """What is still to be read of that history, frozen; None where all of it is known."""
        return self.tracker.unread(self.stand(), self.quantity)

    def observe_all(self, detail: Detail) -> Snapshot:
        """What a face may show now that does not come back for the rest: the history that is looked at is read at once.

        So is what comes after a lesson that is finished.
        """
        standing = self.lesson.standing
        if standing is not None and standing.finished:
            self.lesson.find_place()
        if detail.track:
            self.read_all()
        return self.observe(detail)

    def read_all(self) -> None:
        """Read all of that history at once."""
        while (reader := self.unread()) is not None:
            self.tracker.note(reader.wanted.name, reader.read())

    def measured(self, snapshot: Snapshot, moment: Moment, place: Place, stopped: Callable[[], bool]) -> Snapshot:
        """The snapshot with what takes long of its moment and of the twin's, kept for this place; may be called from a thread.

        Raises Refusal where that needs more memory than is allowed.
        """
        from bntui.session.look import measuring  # noqa: PLC0415 - who measures nothing does not wait for it

        architecture, samples = self.experiment.architecture, self.experiment.batches.samples
        pairs = [(snapshot, moment)]
        if snapshot.twin is not None and moment.twin is not None:
            pairs.append((snapshot.twin, moment.twin))
        if snapshot.meters is not None and snapshot.meters.curvature is None:
            self._require_memory(measuring.curvature_bytes(architecture, samples), "the curvature of this network")
            meters = tuple(
                measuring.with_measured_curvature(self.experiment, its, shown.meters, stopped)
                for shown, its in pairs
                if shown.meters is not None
            )
            _keep(self._meters, place, meters, stopped)
            snapshot = _with_meters(snapshot, meters)
        if snapshot.eigenvalues == Eigenvalues():
            self._require_memory(measuring.eigenvalues_bytes(architecture, samples), "the eigenvalues of this network")
            eigenvalues = tuple(measuring.eigenvalues_of(self.experiment, its, stopped) for _, its in pairs)
            _keep(self._eigenvalues, place, eigenvalues, stopped)
            snapshot = _with_eigenvalues(snapshot, eigenvalues)
        return snapshot

    def situation(self) -> Situation:
        """Where the session stands, frozen for a survey; nothing is computed for it."""
        moment, recent = self.history.moment, self.history.recent(looked_back(self.experiment.start))
        return Situation(self.loaded, moment, recent, _came(self.history))

    def _require_memory(self, needed: int, what: str) -> None:
        """Refuse what needs more memory beside the session than is allowed. Raises Refusal."""
        if needed:
            require(self._own_bytes(self.history.moment.optimizer) + needed, what)

    def _require_room_for(self, action: AnyAction) -> None:
        """Refuse an optimizer that remembers more than there is room for. Raises Refusal."""
        named = action.optimizer if isinstance(action, Set | Twin) else None
        if named is not None and named != self.history.moment.optimizer.name:
            require(self._own_bytes(OPTIMIZERS[named]), f"{named} in this network")

    def _own_bytes(self, optimizer: Optimizer | type[Optimizer]) -> int:
        """What the session takes beside what is asked of it."""
        architecture, batches = self.experiment.architecture, self.experiment.batches
        return memory.training(architecture, batches.samples, self.loaded.problem.numbers, memory.vectors_of(optimizer))

    def _steps(self, count: int) -> Work:
        target = self.history.step + count
        if self.history.last_step > self.history.step + 1 and count > 1:
            yield from self.history.ahead_to(target)
            self.last_action = "step"
        for _ in range(target - self.history.step):
            self.history.forward()
            self.last_action = "step"
            yield

    def _go_to(self, step: int) -> Work:
        if step <= self.history.step:
            yield from self.history.back_to(step)
        else:
            yield from self._steps(step - self.history.step)

    def _open(self, view: View) -> None:
        """Show a view; a history goes on with what it showed where nothing else is named."""
        if view.quantity is not None:
            wrong = unknown_history(view.quantity, self.experiment.architecture, self.experiment.held_out is not None)
            if wrong is not None:
                raise Refusal(wrong)
            self.quantity = view.quantity
        self.view = view.shown

    def _look_at(self, place: FocusPart) -> None:
        """Move the focus; what is not named stays, and a unit beyond the layer's last becomes the last."""
        layer, sample, unit = place.layer, place.sample, place.unit
        if layer is not None:
            self.experiment.layer(layer)
        samples = self.experiment.batches.samples
        if isinstance(sample, int) and sample >= samples:
            raise Refusal(f"there is no sample {sample}; a batch has the samples 0 to {samples - 1}")
        focus = self.focus if layer is None else replace(self.focus, layer=layer)
        if sample is not None:
            focus = replace(focus, sample=_counted(sample))
        if unit == "all":
            focus = replace(focus, units=())
        elif isinstance(unit, int):
            last = self.experiment.architecture.layer(focus.layer).units - 1
            focus = replace(focus, units=tuple({**dict(focus.units), focus.layer: min(unit, last)}.items()))
        self.focus = focus


def _came(history: History) -> tuple[AnyAction, ...]:
    """What was done from the start to the cursor, as far as the network's own state depends on it."""
    way: list[AnyAction] = []
    for branch, walked in history.path():
        action = branch.action
        if action is not None and action.changes != "lesson" and not isinstance(action, Reset | Twin | Untwin):
            way.append(action)
        if walked and way and isinstance(way[-1], Step):
            way[-1] = Step(count=way[-1].count + walked)
        elif walked:
            way.append(Step(count=walked))
    return tuple(way)


def _with_meters(snapshot: Snapshot, meters: tuple[Meters, ...]) -> Snapshot:
    """The snapshot with these meters, the twin's after its own."""
    own, *beside = meters
    twin = replace(snapshot.twin, meters=beside[0]) if snapshot.twin is not None and beside else snapshot.twin
    return replace(snapshot, meters=own, twin=twin)


def _with_eigenvalues(snapshot: Snapshot, eigenvalues: tuple[Eigenvalues, ...]) -> Snapshot:
    """The snapshot with these eigenvalues, the twin's after its own."""
    own, *beside = eigenvalues
    twin = replace(snapshot.twin, eigenvalues=beside[0]) if snapshot.twin is not None and beside else snapshot.twin
    return replace(snapshot, eigenvalues=own, twin=twin)


def _keep(kept: OrderedDict[Place, T], place: Place, measured: T, stopped: Callable[[], bool]) -> None:
    """Keep what was measured at a place, unless it was stopped; the oldest gives way."""
    if stopped():
        return
    while len(kept) >= METERS_KEPT:
        kept.popitem(last=False)
    kept[place] = measured


def _counted(place: int | str) -> int | None:
    """A number, or None for all."""
    return place if isinstance(place, int) else None
