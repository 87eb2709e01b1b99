"""The app as a test sees it: what the panes say, and keys that are waited for until they have had their effect."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from session.worlds import session as session_of
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from tui.behind import idle

from bntui.session.look.standing import Standing
from bntui.session.session import Session
from bntui.tui.app import Bntui
from bntui.tui.screens.explorer import Explorer
from bntui.tui.widgets.pane import Pane
from bntui.views.text.lines import Lines, plain

PATIENCE = 15.0  # seconds; far more than is ever needed, so that a busy machine fails no test


class Face:
    """A running app, and what a person would read on it."""

    def __init__(self, app: Bntui, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def explorer(self) -> Explorer:
        found = self.app.explorer
        assert found is not None
        return found

    @property
    def session(self) -> Session:
        return self.explorer.conductor.session

    @property
    def screen(self) -> Screen[object]:
        """The screen on top."""
        return self.app.screen

    def says(self, name: str) -> str:
        """A pane's text; nothing where the pane is not shown."""
        return read(self.explorer.shown.get(name, ()))

    def everything(self) -> str:
        """The text of all panes."""
        return "\n".join(map(read, self.explorer.shown.values()))

    def static(self, selector: str) -> str:
        """What a line of text on the screen on top says."""
        return str(self.screen.query_one(selector, Static).render())

    def toasts(self) -> str:
        """What is told in the corner."""
        return "\n".join(str(toast.render()) for toast in self.screen.query("Toast"))

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until something is seen. Raises TimeoutError with all that is shown instead."""
        end = time.monotonic() + PATIENCE
        while not seen():
            if time.monotonic() > end or not self.app.is_running:
                raise TimeoutError(self.everything() if self.app.explorer else str(self.screen))
            await asyncio.sleep(0.005)

    async def settled(self) -> None:
        """Wait until everything that was asked for is done and shown."""
        await self.until(self._is_settled)

    def _is_settled(self) -> bool:
        explorer = self.app.explorer
        if explorer is None or explorer.snapshot is None or self.app._waiting or self.app._patience is not None:
            return False
        if not idle(explorer.conductor) or explorer.conductor.progress:
            return False
        return explorer.showing.charts and known(explorer.snapshot) == known(self.session.stand())

    async def press(self, *keys: str) -> None:
        """Press keys of the explorer, and wait until all that they asked for is shown."""
        taken = asyncio.Event()
        self.hit(*keys)
        # behind the keys in the queues of the app and then of its screen
        self.app.call_later(lambda: self.screen.call_later(taken.set))
        await asyncio.wait_for(taken.wait(), PATIENCE)
        await self.settled()

    def hit(self, *keys: str) -> None:
        """Press keys and wait for nothing, as while a run goes on."""
        for key in keys:
            self.app.simulate_key(key)

    async def type(self, text: str) -> None:
        """Type a line into the input at hand and send it off."""
        self.screen.query_one(Input).value = text
        await self.pilot.press("enter")
        await self.pilot.pause()


def pane_text(pane: Pane) -> str:
    """A pane's text as a person reads it."""
    return read(pane.lines)


def read(lines: Lines) -> str:
    """Lines as a person reads them."""
    return "\n".join(plain(line) for line in lines)


def known(standing: Standing) -> tuple[object, ...]:
    """What a key may change in a session."""
    return (
        standing.step,
        standing.last_step,
        standing.action,
        standing.learning_rate,
        standing.optimizer,
        standing.mode,
        standing.switching,
        standing.kinds,
        standing.focus,
        standing.marks,
        standing.view,
        standing.quantity,
    )


@asynccontextmanager
async def exploring(
    text: str, *changes: str, size: tuple[int, int] = (80, 24), ascii: bool = False
) -> AsyncIterator[Face]:
    """The app with a scenario opened, its first numbers and charts on the screen."""
    async with going_on(session_of(text, *changes), size, ascii) as face:
        yield face


@asynccontextmanager
async def going_on(at: Session, size: tuple[int, int] = (80, 24), ascii: bool = False) -> AsyncIterator[Face]:
    """The app with a session, its first numbers and charts on the screen."""
    app = Bntui(at, ascii=ascii)
    async with app.run_test(size=size, notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        yield face


@asynccontextmanager
async def choosing(course: Path | None = None, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Face]:
    """The app opened without a scenario, with a course of one's own where one is given."""
    app = Bntui(course=course)
    async with app.run_test(size=size, notifications=True) as pilot:
        face = Face(app, pilot)
        await face.until(lambda: face.screen.query_one(OptionList).highlighted is not None)
        await pilot.pause()
        yield face
