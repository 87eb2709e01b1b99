"""The trace: every state that steps, actions or a lesson reach, observed one after another; nothing of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from bntui.scenario.model.actions import AnyAction, Step
from bntui.scenario.model.beats import LessonBeat
from bntui.session.lesson import stretch
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

ONE_STEP = Step(count=1)

Reached = Callable[[Session], bool]


def plain_detail(session: Session) -> Detail:
    """What every trace of the session tells beyond the chain: what the optimizer remembers, what is held out."""
    return Detail(validation=session.experiment.held_out is not None, remembered=True, lean=True)


def by_steps(
    session: Session,
    steps: int,
    detail: Detail,
    every: int = 1,
    reached: Reached | None = None,
    passed: Callable[[int], None] = lambda step: None,
) -> Iterator[Snapshot]:
    """The start and the state after each of `steps` steps, or after `every` so many and the last.

    `passed` is told of every step. It ends where the run diverges, and at the first state, told in any case, at which
    `reached` holds.
    """
    yield _whole_batch(session, detail)
    if reached is not None and reached(session):
        return
    for begun in range(0, steps, every):
        before, count = session.history.step, min(every, steps - begun)
        with suppress(Refusal):
            if reached is not None:
                _go(session, count, reached, passed)
            else:
                for _ in session.perform(ONE_STEP if count == 1 else Step(count=count)):
                    passed(session.history.step)
        if session.history.step == before:
            return
        yield _whole_batch(session, detail)
        if reached is not None and reached(session):
            return


def _go(session: Session, count: int, reached: Reached, passed: Callable[[int], None]) -> None:
    """Take steps until something is reached. Raises Refusal."""
    for _ in range(count):
        session.do(ONE_STEP)
        passed(session.history.step)
        if reached(session):
            return


def by_actions(session: Session, actions: Iterable[AnyAction], detail: Detail) -> Iterator[Snapshot]:
    """The start and every state that the actions reach: one for each step, one for any other change.

    Where a run has diverged its steps end, and the next action is taken.
    """
    yield _whole_batch(session, detail)
    for action in actions:
        if isinstance(action, Step):
            for _ in range(action.count):
                try:
                    session.do(ONE_STEP)
                except Refusal:
                    break
                yield _whole_batch(session, detail)
        elif _taken(session, action) and action.leads_on:
            yield _whole_batch(session, detail)


def by_lesson(session: Session, detail: Detail, reached: Reached | None = None) -> Iterator[Snapshot]:
    """The start and every state that the lesson's beats reach, by their actions and their runs, to one at which `reached` holds."""
    for snapshot in _of_lesson(session, detail):
        yield snapshot
        if reached is not None and reached(session):
            return


def states_of_lesson(lesson: Sequence[LessonBeat]) -> int:
    """How many states a lesson reaches, at most, and a few more."""
    actions = [action for beat in lesson for action in beat.actions]
    runs = sum(beat.run.limit for beat in lesson if beat.run is not None)
    return 1 + runs + sum(action.count if isinstance(action, Step) else 1 for action in actions)


def _of_lesson(session: Session, detail: Detail) -> Iterator[Snapshot]:
    yield _whole_batch(session, detail)
    for beat in session.loaded.scenario.lesson:
        yield from islice(by_actions(session, beat.actions, detail), 1, None)
        if beat.run is not None:
            for _ in stretch(session, beat.run):
                yield _whole_batch(session, detail)


def _taken(session: Session, action: AnyAction) -> bool:
    """Take an action; False where it was refused at once. A `goto` may be refused on its way, where a run diverges."""
    before = session.history.moment
    try:
        session.do(action)
    except Refusal:
        return session.history.moment is not before
    return True


def _whole_batch(session: Session, detail: Detail) -> Snapshot:
    """The state read over the whole batch, wherever the scenario or its lesson looks."""
    return session.observe(detail, whole_batch=True)
