"""What stands behind a screen as a test sees it: a conductor at work, and a screen that notes what it is asked for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from bntui.scenario.model.beats import Question
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.look.standing import LessonStanding
from bntui.session.run.futures import FutureEnd
from bntui.session.session import Session
from bntui.session.teach.notes import Desk, Notes
from bntui.tui.conductor import Conductor

PATIENCE = 15.0  # seconds; far more than is ever needed, so that a busy machine fails no test


class Laid(Desk):
    """A desk at which it is counted how often something is laid there."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def lay(self, notes: Notes | None) -> None:
        self.times += 1
        super().lay(notes)


class Screenless:
    """A Front, a screen to read on and a host in one; what is asked is answered by the test, through the `then` noted last."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked: list[Any] = []
        self.copied = ""
        self.then: Callable[[Any], None] = print
        self.read: Callable[[str], Any] = str
        self.jobs: dict[str, asyncio.Task[None]] = {}
        self.looks: list[Callable[[], Awaitable[None]]] = []
        self.replaced: list[Session] = []
        self.in_front, self.pages, self.painted = True, 1, 0
        self.session_name: str | None = "2026-01-01"
        self.desk = Laid()

    def say(self, sentence: str, warning: bool = False) -> None:
        self.said.append(f"! {sentence}" if warning else sentence)

    def ask(self, question: Question, then: Callable[[int | None], None]) -> None:
        self.asked.append(question)
        self.then = then

    def read_line(
        self, title: str, hint: str, read: Callable[[str], Any], then: Callable[[Any], None], empty: bool = False
    ) -> None:
        self.asked.append(title)
        self.read, self.then = read, then

    def choose_beat(self, lesson: LessonStanding, then: Callable[[int | None], None]) -> None:
        self.asked.append(lesson)
        self.then = then

    def choose_future(self, ends: Sequence[FutureEnd], then: Callable[[int | None], None]) -> None:
        self.asked.append(ends)
        self.then = then

    def follow_export(self, work: Iterator[int], states: int, name: str, then: Callable[[str | None], None]) -> None:
        *_, last = work
        then(f"{name}: {last} of {states}")

    def copy(self, text: str) -> None:
        self.copied = text

    def meanwhile(self, job: Callable[[], Awaitable[None]], group: str) -> None:
        before = self.jobs.get(group)

        async def run() -> None:
            if before is not None:
                await before  # a thread that writes is not stopped by what comes after it
            await job()

        self.jobs[group] = asyncio.create_task(run())

    def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        self.looks.append(look)

    def repaint(self) -> None:
        self.painted += 1

    def explore(self, session: Session) -> None:
        raise AssertionError("nothing behind a screen opens another session")

    def replace(self, session: Session) -> None:
        self.replaced.append(session)

    def hold_keys(self) -> Callable[[], object]:
        return lambda: None

    def go_to_beat(self, number: int) -> None:
        self.gone_to = number

    def spelled(self, text: str) -> str:
        return text


def idle(conductor: Conductor) -> bool:
    """Whether nothing is requested, under way or running."""
    return not (conductor._requests or conductor._busy or conductor.running)


async def settled(conductor: Conductor) -> None:
    """Until all that was requested is done and shown."""
    async with asyncio.timeout(PATIENCE):
        while not idle(conductor):
            await asyncio.sleep(0.005)


@asynccontextmanager
async def conducting(
    session: Session,
    follower: Callable[[Conductor], Callable[[Snapshot], None]] = lambda conductor: lambda snapshot: None,
    frames: float = 1000,
) -> AsyncIterator[Conductor]:
    """A conductor at work, with somebody who follows its snapshots."""

    def publish(snapshot: Snapshot, refusal: str | None = None) -> None:
        follow(snapshot)

    conductor = Conductor(session, publish, Detail, print, frames)
    follow = follower(conductor)
    conductor.look()
    task = asyncio.create_task(conductor.conduct())
    await settled(conductor)
    yield conductor
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
