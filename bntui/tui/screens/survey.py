"""A screen over something that takes long: computed on a thread slice by slice, drawn as it comes, and stopped by escape."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Awaitable, Iterator
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.worker import Worker

from bntui.session.run.experiment import Refusal
from bntui.session.survey.situation import Situation
from bntui.tui.conductor import trouble
from bntui.tui.screens.dialogs import Leaving
from bntui.tui.widgets.pane import Pane, PaneScreen
from bntui.tui.widgets.said import NoRoom
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.screen.arrangement import has_room
from bntui.views.text.lines import Span, fitted, line_in_ascii, padded

SLICE = 0.1  # seconds of work between two drawings

Result = TypeVar("Result")


class Survey(PaneScreen[None], Leaving[None], Generic[Result]):
    """Shows the newest result; a subclass says what is computed, how it is drawn and which keys there are.

    What the session is asked for may still be under way when the screen opens, so its situation is awaited; until it is there
    the screen can only be left.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "stop, or back"), ("q", "app.quit", "quit")]

    def __init__(self, asked: Awaitable[Situation], ascii: bool = False) -> None:
        super().__init__()
        self.ascii = ascii
        self._asked = asked
        self.situation: Situation | None = None
        self.result: Result | None = None
        self.computing = False
        self._loaded = False
        self._cancelled = False
        # kept: a result may still come when the screen has gone, and finds nothing by a query then
        self._page, self._foot = Pane("page"), Pane("survey-keys")

    @abstractmethod
    def prepare(self, situation: Situation) -> None:
        """Plan what is computed, now that the situation is there. Raises Refusal."""

    @abstractmethod
    def begin(self, situation: Situation) -> Iterator[Result]:
        """The results, each more complete than the one before; called on a thread. Raises Refusal."""

    @abstractmethod
    def draw(self, result: Result, size: Size) -> Lines:
        """The page at exactly this size."""

    @abstractmethod
    def keys(self) -> str:
        """The keys that mean something here."""

    def compose(self) -> ComposeResult:
        """The page, and the keys below it."""
        yield self._page
        yield self._foot
        yield NoRoom()

    def on_mount(self) -> None:
        """Begin at once."""
        self.start()

    def on_resize(self, event: Resize) -> None:
        """The page takes all rows but the last."""
        page, keys = self._page, self._foot
        page.styles.width = keys.styles.width = event.size.width
        page.styles.height, keys.styles.height = max(event.size.height - 1, 1), 1
        keys.styles.offset = (0, event.size.height - 1)
        self.paint()

    def start(self) -> None:
        """Compute anew; what was under way is dropped."""
        # not the coroutine itself: a worker that is dropped early never awaits it
        self._worker: Worker[None] = self.run_worker(self._work, exclusive=True, group="survey")

    def paint(self) -> None:
        """Show the newest result and the keys; nothing can be drawn in a window that is too small."""
        if not has_room(self.size.width, self.size.height):
            return
        size = Size(self.size.width, self.size.height - 1)
        keys = fitted((Span("esc back" if self.situation is None else self.keys(), "faint"),), size.width)
        if self.result is None or not self._loaded:
            drawn = padded([(Span("computing ...", "faint"),)], size.width, size.height)
        else:
            drawn = self.draw(self.result, size)
        with self.app.batch_update():
            self._page.show(drawn)
            self._foot.show((line_in_ascii(keys, size.width) if self.ascii else keys,))

    def action_leave(self) -> None:
        """Stop what is under way and keep what there is, or go back."""
        if self.computing and self.situation is not None:
            self._cancelled = True
        else:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing but leaving means anything before the situation is there."""
        return self.situation is not None or action == "leave"

    async def _work(self) -> None:
        self._cancelled, self.computing = False, True
        sentence = None
        try:
            await self._compute()
        except Refusal as refusal:
            sentence = str(refusal)
        except Exception as error:  # whatever it is, it must not cost the person the session
            sentence = trouble(error)
        self.computing = False  # not where this work was dropped: another has begun by then
        if sentence is not None:
            self.refuse(sentence)
        self.paint()

    async def _compute(self) -> None:
        if self.situation is None:
            situation = await self._asked
            self.prepare(situation)
            self.situation = situation
        results = await asyncio.to_thread(self.begin, self.situation)
        await asyncio.to_thread(canvas.library)
        self._loaded = True
        while not self._cancelled:
            newest = await asyncio.to_thread(_newest, results)
            if newest is None:
                return
            self.result = newest
            self.paint()
        close = getattr(results, "close", None)  # what is under way on other threads ends
        if close is not None:
            await asyncio.to_thread(close)

    def refuse(self, sentence: str) -> None:
        """Say why nothing can be computed; without any result go back."""
        self.app.notify(sentence, severity="warning", markup=False, timeout=6)
        if self.result is None:
            self.dismiss()


def _newest(results: Iterator[Result]) -> Result | None:
    """The last result of a slice of work; None where there is no more."""
    end = time.perf_counter() + SLICE
    newest = None
    for result in results:
        newest = result
        if time.perf_counter() >= end:
            break
    return newest
