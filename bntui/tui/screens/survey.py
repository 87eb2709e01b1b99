"""A screen over something that takes long: computed on a thread slice by slice, drawn as it comes, and stopped by escape."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.worker import Worker

from bntui.records import dataclass
from bntui.scenario.model.actions import Page
from bntui.session.look.standing import LessonStanding
from bntui.session.run.refusal import Refusal
from bntui.session.survey.situation import Situation
from bntui.tui.conductor import trouble
from bntui.tui.host import host_of
from bntui.tui.keys import GAPS, whole_words
from bntui.tui.screens.dialogs import Leaving
from bntui.tui.widgets.pane import Pane, PaneScreen
from bntui.tui.widgets.said import NoRoom
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.panes.beat import beat_lines, beat_pane, page_count, progress_rule, spelled
from bntui.views.screen.arrangement import WIDE_ROWS, has_room
from bntui.views.text.cells import cells, in_ascii
from bntui.views.text.lines import Span, fitted, line_in_ascii, padded

ALWAYS = ("leave", "beats", "explain")  # what a key does before there is anything to be shown
SLICE = 0.1  # seconds of work between two drawings

WORDS, WORDS_OF_A_TALL_SCREEN = 4, 8  # rows of a beat's words below its picture, at most
LEAST_WORDS = 3

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reading:
    """The beat whose picture a survey is: what is read beside it, what it speaks of, and what turns it by one."""

    lesson: LessonStanding
    lit: tuple[str, ...]
    turn: Callable[[int], None]


class Survey(PaneScreen[None], Leaving[None], Generic[Result]):
    """Shows the newest result; a subclass says what is computed, how it is drawn and which keys there are.

    What the session is asked for may still be under way when the screen opens, so its situation is awaited; until it is there
    the screen can only be left.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "stop, or back"),
        ("n", "turn(1)", "read on, or the next beat"),
        ("p", "turn(-1)", "the page or the beat before"),
        ("l", "beats", "list of beats"),
        ("i", "explain", "explain the sweep, or the landscape"),
        ("full_stop", "app.blank", "blank the screen"),
        ("colon", "app.command_palette", "find any command"),
        ("question_mark", "app.help", "help"),
        ("q", "app.quit", "quit"),
    ]

    def __init__(self, asked: Awaitable[Situation], ascii: bool = False, reading: Reading | None = None, whose: str = "") -> None:
        """`whose` it is, in words for somebody who follows a speaker, "" for anybody else."""
        super().__init__()
        self.whose = whose
        self.ascii = ascii
        self.reading = reading
        self._words_page = 0
        self._asked = asked
        self.situation: Situation | None = None
        self.result: Result | None = None
        self.computing = False
        self._loaded = False
        self._cancelled = False
        # kept: a result may still come when the screen has gone, and finds nothing by a query then
        self._page, self._words, self._foot = Pane("page"), Pane("survey-words"), Pane("survey-keys")

    @property
    @abstractmethod
    def view(self) -> Page:
        """The view that this page is."""

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
        yield self._words
        yield self._foot
        yield NoRoom()

    def on_mount(self) -> None:
        """Begin at once."""
        self.start()

    def on_resize(self, event: Resize) -> None:
        """The page takes all rows but the last, and those that the beat's words have where it is the picture of one."""
        rows = self._words_rows(Size(event.size.width, event.size.height))
        height = max(event.size.height - 1 - rows, 1)
        for pane, row, its in ((self._page, 0, height), (self._words, height, rows), (self._foot, event.size.height - 1, 1)):
            pane.display = its > 0
            pane.styles.width, pane.styles.height, pane.styles.offset = event.size.width, its, (0, row)
        self.paint()

    def _words_rows(self, size: Size) -> int:
        """The rows of the beat's words and the rule above them."""
        if self.reading is None:
            return 0
        most = WORDS_OF_A_TALL_SCREEN if size.height >= WIDE_ROWS else WORDS
        needed = len(beat_lines(spelled(self.reading.lesson, self.ascii), size.width, ends=False))
        return 1 + max(LEAST_WORDS, min(needed, most))

    def start(self) -> None:
        """Compute anew; what was under way is dropped."""
        # not the coroutine itself: a worker that is dropped early never awaits it
        self._worker: Worker[None] = self.run_worker(self._work, exclusive=True, group="survey")

    def paint(self) -> None:
        """Show the newest result and the keys; nothing can be drawn in a window that is too small."""
        if not has_room(self.size.width, self.size.height):
            return
        rows = self._words_rows(Size(*self.size))
        size = Size(self.size.width, self.size.height - 1 - rows)
        whose = in_ascii(f"{self.whose}{GAPS[0]}", self.ascii) if self.whose else ""
        told = whole_words(in_ascii(self._told_keys(), self.ascii), size.width - cells(whose))
        keys = fitted((Span(whose, "accent"), Span(told, "faint")), size.width)
        if self.result is None or not self._loaded:
            drawn = padded([(Span("computing ...", "faint"),)], size.width, size.height)
        else:
            drawn = self.draw(self.result, size)
        with self.app.batch_update():
            self._page.show(drawn)
            self._foot.show((keys,))
            if self.reading is not None:
                self._words.show(self._drawn_words(self.reading.lesson, size.width, rows))

    def _told_keys(self) -> str:
        """The keys that mean something now."""
        own = "esc back" if self.situation is None else self.keys()
        if self.reading is None:
            return own
        if self.reading.lesson.followed:
            return f"n reads on  {own}" if self._reads_on else own
        onward = "n reads on" if self._reads_on else "n to the end" if self.reading.lesson.finished else "n next beat"
        return f"{onward}  p before  {own}"

    def _drawn_words(self, lesson: LessonStanding, width: int, rows: int) -> Lines:
        """The page of the beat's words that is open, under a rule."""
        lesson = spelled(lesson, self.ascii)
        told = (progress_rule(lesson, width, self._reads_on, self.ascii),)
        lines = (*told, *beat_pane(lesson, width, rows - 1, self._words_page, ends=False))
        return tuple(line_in_ascii(line, width) for line in lines) if self.ascii else lines

    @property
    def _pages(self) -> int:
        """How many pages the beat's words have."""
        if self.reading is None:
            return 0
        size = Size(*self.size)
        return page_count(spelled(self.reading.lesson, self.ascii), size.width, self._words_rows(size) - 1, ends=False)

    @property
    def _reads_on(self) -> bool:
        """Whether the beat's words have another page."""
        return self._words_page + 1 < self._pages

    def action_turn(self, by: int) -> None:
        """Turn a page of the beat's words, or the beat; beyond the last beat there is the screen below."""
        assert self.reading is not None  # as check_action sees to
        page = min(self._words_page, self._pages - 1) + by
        if 0 <= page < self._pages:
            self._words_page = page
            self.paint()
            return
        if self.reading.lesson.followed:  # the speaker turns the beats
            return
        self._cancelled = True
        self.dismiss()
        self.reading.turn(by)

    def action_beats(self) -> None:
        """Choose among the beats of the lesson."""
        host_of(self).choose_beat()

    def action_explain(self) -> None:
        """Explain what this page shows."""
        host_of(self).explain(self.view)

    def action_leave(self) -> None:
        """Stop what is under way and keep what there is, or go back."""
        if self.computing and self.situation is not None:
            self._cancelled = True
        else:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing but leaving and reading means anything before the situation is there."""
        if action == "turn":
            return self.reading is not None
        return self.situation is not None or action in ALWAYS

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
        host_of(self).show_class()

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
