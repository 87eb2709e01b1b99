"""Between keys and session: takes requests one after another, runs at a speed, and publishes the newest snapshot.

A quick network is worked on the event loop itself, in slices shorter than a frame, so a key acts at once. One whose step takes
longer is worked on a thread, one step at a time, so a key is acknowledged at once and acts at the step's end. Only this class
touches the session.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from bntui.records import dataclass
from bntui.scenario.model.actions import Step
from bntui.session.lesson import Work
from bntui.session.look.controls import Control
from bntui.session.look.face import Face
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.look.standing import Standing
from bntui.session.look.tracking import Reader, Reading, slice_of
from bntui.session.run.checkpoints import Place
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.situation import Situation
from bntui.tui.pace import Pace, time_and_work

SLICE = 0.008  # seconds of work on the event loop before keys are looked at again
PROGRESS = 0.2  # seconds after which work that goes on is told of
LIGHT = 0.02  # seconds that a job of a quick network takes at most
LIGHT_WORK = 2e7  # multiplications of its evaluation, before any has been timed
FORGETTING = 0.9  # a job that took long once may have done so once
READING = 0.2  # seconds of reading a history between two pictures of it
SPEEDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEFAULT_SPEED = 3
WORKING = "working …"
ONE_STEP = Step(count=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Errand:
    """Work that is no action: it is begun when its turn comes, and done bit by bit."""

    begin: Callable[[], Work]


class Publish(Protocol):
    """Tells the face of the newest snapshot, and in a sentence what was refused where something was."""

    def __call__(self, snapshot: Snapshot, refusal: str | None = None) -> None:
        """As above."""


class Conductor:
    """Performs what is requested on one session."""

    def __init__(
        self,
        session: Session,
        publish: Publish,
        detail: Callable[[], Detail],
        complain: Callable[[str], None],
        frames: float = 20,
    ) -> None:
        self.session = session
        self.running = False
        self.speed = _speed_of(session.face)
        self._longest = 0.0 if session.experiment.work < LIGHT_WORK else LIGHT / LIGHT_WORK * session.experiment.work
        self._publish = publish
        self._detail = detail
        self._complain = complain
        self._frame = 1 / frames
        self._requests: deque[Control | Errand] = deque()
        self._awaiting_screen: list[Callable[[], object]] = []
        self._wake = asyncio.Event()
        self._cancelled = False
        self._published: Snapshot | None = None
        self._standing: Standing | None = None  # where the session stands, as far as nothing was done since it was observed
        self._next_step = 0.0
        self._next_answer = self._next_frame = 0.0
        self._pace = Pace(self._frame)
        self._shown = 0.0
        self._measurement: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._found: list[tuple[str, list[tuple[Place, Reading]]]] = []  # read of a history, and not yet noted
        self._observed = 0
        self._busy = False
        self._away = False
        self.progress = ""

    @property
    def steps_per_second(self) -> int:
        """The speed at which it runs."""
        return SPEEDS[self.speed]

    @property
    def at_hand(self) -> Session | None:
        """The session, where it is not in the hands of another thread."""
        return None if self._away else self.session

    def request(self, control: Control | Errand) -> None:
        """Ask for an action or an errand; it is decided on when its turn comes, by where the session stands then.

        Where a step is under way that takes long, the face is told at once that the key was taken.
        """
        self._requests.append(control)
        self._wake.set()
        if self._busy:
            self._tell_progress(f"{WORKING} {len(self._requests)} more")

    def request_shown(self, control: Control | Errand, then: Callable[[], object]) -> None:
        """Ask so, and have it told when that is on the screen, or as far as it has come where it takes long."""
        self._requests.append(lambda standing: self._awaiting_screen.append(then))
        self.request(control)

    def go_on_with(self, session: Session) -> None:
        """Conduct another session from now on; only at a request's turn, when nothing is under way in the one before."""
        self.session, self._standing = session, None
        self._found.clear()

    def show_as(self, face: Face) -> None:
        """Note how the session is shown, which is kept with what is done in it: of a run with its next steps."""
        if face == self.session.face:
            return
        self.session.face = face
        if self.session.recorder is not None and self.at_hand is not None and not self.running:
            self.session.recorder.shown(self.session)

    def look(self) -> None:
        """Ask for a new snapshot, because the face wants to see other details."""
        self.request(lambda standing: None)

    def situation(self) -> Awaitable[Situation]:
        """Where the session stands when all that was asked for before is done, for somebody who looks at it for longer."""
        asked: asyncio.Future[Situation] = asyncio.get_running_loop().create_future()

        def look(standing: Standing) -> None:
            if not asked.cancelled():
                asked.set_result(self.session.situation())

        self.request(look)
        return asked

    def toggle_running(self) -> None:
        """Run, or pause at the step that is under way."""
        self.running = not self.running
        self._next_step = time.perf_counter()
        self.look()

    def pause(self) -> None:
        """Pause where it runs."""
        if self.running:
            self.toggle_running()

    def change_speed(self, faster: bool) -> None:
        """The next speed up or down."""
        self.speed = min(max(self.speed + (1 if faster else -1), 0), len(SPEEDS) - 1)
        self.look()

    def cancel(self) -> bool:
        """Drop a long action that is under way; False where there is none."""
        self._cancelled = self._busy
        return self._busy

    async def conduct(self) -> None:
        """Work until cancelled."""
        await self._show(None)
        while True:
            if not self._requests:
                await self._wait()
            self._busy = True
            answering, begun = bool(self._requests), time_and_work()
            if answering and not self.light:
                self._tell_progress(WORKING)
            refusal = await self._answer()
            if not self.running:
                refusal = self.session.keep() or refusal
            if not (answering and refusal is None and await self._held_back()):
                await self._show(refusal)
            if self.running and not answering:
                self._pace.painted(begun)
            self._busy = False

    async def _answer(self) -> str | None:
        """Do what was requested and the steps that are due; the last refusal among them."""
        refusal = None
        while self._requests:
            refusal = await self._refused(self._take(self._requests.popleft())) or refusal
        if self.running:
            refusal = await self._refused(self._run_on()) or refusal
        return refusal

    async def _refused(self, work: Awaitable[None]) -> str | None:
        """Do a piece of work; what was wrong with it, if anything was: a run ends then."""
        try:
            await work
        except Refusal as refused:
            self.running = False
            return str(refused)
        except Exception as error:  # whatever it is, it must not cost the person the session
            self.running = False
            return trouble(error)
        return None

    async def _held_back(self) -> bool:
        """Whether the next key is there before the frame is: of a key that is held down not every answer is painted."""
        wait = self._next_answer - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
            if self._requests:
                return True
        self._next_answer = time.perf_counter() + self._frame
        return False

    async def _wait(self) -> None:
        """Sleep until something is requested or, while running, until the next step is due."""
        self._wake.clear()
        if self._requests:
            return
        due = max(self._next_step, self._next_frame)
        await self._sleep(max(0.0, due - time.perf_counter()) if self.running else None)

    async def _sleep(self, seconds: float | None) -> None:
        """Sleep until something is requested, or for so long; a timer that wakes costs a third of what `asyncio.wait_for` does."""
        timer = None if seconds is None else asyncio.get_running_loop().call_later(seconds, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            if timer is not None:
                timer.cancel()

    async def _take(self, control: Control | Errand) -> None:
        if isinstance(control, Errand):
            await self._work(control.begin())
            return
        action = control(self._standing or self.session.stand())
        if action is not None:
            await self._work(self.session.perform(action))

    async def _run_on(self) -> None:
        """The steps that are due by now, for at most half a frame's work."""
        begin, worked = time_and_work()
        self._next_frame = begin + self._pace.between
        while self.running and time.perf_counter() >= self._next_step:
            await self._work(self.session.perform(ONE_STEP))
            self._next_step += 1 / self.steps_per_second
            now, work = time_and_work()
            if self._requests or work - worked > self._frame / 2:
                self._next_step = max(self._next_step, now)
                break

    async def _work(self, work: Work) -> None:
        """Perform an action in slices, looking at the keys between them."""
        self._cancelled, self._standing = False, None
        begin = told = time.perf_counter()
        while not self._cancelled and await self._off_loop(lambda: _advanced(work)):
            if self.session.lesson.pace is not None:
                await self._keep_pace(self.session.lesson.pace)
            now = time.perf_counter()
            if now - begin > SLICE:
                await asyncio.sleep(0)
                begin = time.perf_counter()
            if now - told > PROGRESS and not self.running:
                self._tell_progress(f"{_reached(self.session)}, esc stops")
                self._tell_shown()
                told = now
        work.close()

    async def _keep_pace(self, pace: float) -> None:
        """Show the step of a lesson that was just made and wait for the next; where something is asked for, hurry on."""
        if self._requests:
            return
        self._wake.clear()
        due = self._next_step = max(self._next_step, time.perf_counter() - 1) + 1 / pace
        now = time.perf_counter()
        if now - self._shown > self._frame:
            self._shown = now
            detail = self._detail()
            self._published = await self._off_loop(lambda: self.session.observe(detail))
            self._tell_progress(f"lesson {pace:g}/s")
            self._tell_shown()
        if (rest := due - time.perf_counter()) > 0:
            await self._sleep(rest)

    def _tell_progress(self, progress: str) -> None:
        """Tell the face what it waits for, beside the newest snapshot that it was given."""
        self.progress = progress
        if self._published is not None:
            self._publish(self._published)

    def _tell_shown(self) -> None:
        """What was asked for last is on the screen."""
        waiting, self._awaiting_screen = self._awaiting_screen, []
        for then in waiting:
            then()

    async def _show(self, refusal: str | None) -> None:
        """Publish the newest snapshot; what goes wrong on the way to the screen is told there, and the next key tries anew."""
        try:
            await self._observe(refusal)
        except Exception as error:  # as above
            self.running = False
            self._complain(trouble(error))

    async def _observe(self, refusal: str | None) -> None:
        detail = self._detail()
        self._note_found()
        self._observed += 1
        try:
            self._published = await self._off_loop(lambda: self.session.observe(detail))
        except Refusal as refused:  # the ledger can still be shown, and the view be left
            refusal = refusal or str(refused)
            self._published = await self._off_loop(self.session.observe)
        self._standing = self._published
        self.progress = ""
        self._publish(self._published, refusal)
        self._tell_shown()
        await asyncio.sleep(0)
        if self._published.unmeasured and not self.running and not self._requests:
            self._measurement = asyncio.create_task(self._measure(self._published))
        missing = self._published.track is not None and self._published.track.missing
        if missing and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._read(self.session.unread()))

    async def _read(self, reader: Reader | None) -> None:
        """Read the history that is looked at on a thread, and show it as it is filled, for as long as somebody looks at it."""
        try:
            while reader is not None:
                session, found = self.session, reader.read()
                while read := await asyncio.to_thread(partial(slice_of, found, READING)):
                    if self.session is not session or not self._looks_at(reader.wanted.name):
                        break
                    self._found.append((reader.wanted.name, read))
                    self._show_found()
                reader = self.session.unread() if self._detail().track and not self._is_at_work else None
        except Exception as error:  # as above
            self._complain(trouble(error))

    def _looks_at(self, quantity: str) -> bool:
        """Whether the history of a quantity is what the face shows."""
        return self._detail().track and self.session.quantity == quantity

    @property
    def _is_at_work(self) -> bool:
        """Whether the session is in the hands of a request or a run, which shows what came of it by itself."""
        return self._busy or bool(self._requests)

    def _show_found(self) -> None:
        """Show the newest snapshot with what has been read since."""
        if self._published is not None and not self._is_at_work:
            self._note_found()
            self._published = self._standing = self.session.tracked(self._published)
            self._publish(self._published)

    def _note_found(self) -> None:
        for name, read in self._found:
            self.session.tracker.note(name, read)
        self._found.clear()

    async def _measure(self, snapshot: Snapshot) -> None:
        """Measure what takes long on a thread, and publish it if nothing has happened meanwhile."""
        session, history = self.session, self.session.history
        moment, place, observed = history.moment, history.place, self._observed

        def stopped() -> bool:
            return self._observed != observed or bool(self._requests) or self.running

        try:
            measured = await asyncio.to_thread(lambda: session.measured(snapshot, moment, place, stopped))
        except Refusal as refused:
            self._complain(str(refused))
            return
        except Exception as error:  # as above
            self._complain(trouble(error))
            return
        if not stopped() and self._published is not None:
            self._published = replace(measured, track=self._published.track)
            self._publish(self._published)

    async def _off_loop(self, job: Callable[[], T]) -> T:
        """Do a job here if jobs are quick, else on a thread; how long they take is measured as they are done."""
        self._away, took = not self.light, 0.0

        def timed() -> T:
            nonlocal took
            begin = time.thread_time()  # what it waits for a processor is no work: beside forty others every job would seem long
            try:
                return job()
            finally:
                took = time.thread_time() - begin

        try:
            return await asyncio.to_thread(timed) if self._away else timed()
        finally:
            self._away = False
            self._longest = max(took, self._longest * FORGETTING)

    @property
    def light(self) -> bool:
        """Whether a job takes so little time that the screen does not notice."""
        return self._longest < LIGHT


def _speed_of(face: Face | None) -> int:
    """The place among the speeds of the one that a face shows."""
    return SPEEDS.index(face.speed) if face is not None and face.speed in SPEEDS else DEFAULT_SPEED


def _reached(session: Session) -> str:
    """How far the work under way has come."""
    replaying = session.history.replaying
    return f"at step {session.history.step}" if replaying is None else f"replayed {replaying[0]} of {replaying[1]}"


def trouble(error: Exception) -> str:
    """What is said of an error that nobody foresaw."""
    return f"Something went wrong ({type(error).__name__}: {error}). The session is kept."


def _advanced(work: Work) -> bool:
    """Whether there was more to do."""
    try:
        next(work)
    except StopIteration:
        return False
    return True
