"""A screen as those who stand behind it see it: where they say and ask things."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from bntui.scenario.model.beats import Question
from bntui.session.look.standing import LessonStanding, Standing
from bntui.session.run.futures import FutureEnd

if TYPE_CHECKING:
    from bntui.views.explain.explanation import Group

Read = TypeVar("Read")
TOLD, WARNED = 5, 6  # seconds for which a sentence or a warning is seen


class ScreenFront:
    """A Front: dialogs over a screen, and its corner; the dialogs are loaded when the first of them opens."""

    def __init__(self, screen: Screen[None], ascii: bool) -> None:
        self._screen, self._ascii = screen, ascii
        self._said, self._seen_until = "", 0.0

    def say(self, sentence: str, warning: bool = False) -> None:
        """Say something in the corner, unless it still stands there."""
        now = time.monotonic()
        if sentence == self._said and now < self._seen_until:
            return
        seconds = WARNED if warning else TOLD
        self._said, self._seen_until = sentence, now + seconds
        self._screen.notify(sentence, severity="warning" if warning else "information", markup=False, timeout=seconds)

    def ask(self, question: Question, then: Callable[[int | None], None]) -> None:
        """Ask a lesson's question at the foot of the screen."""
        from bntui.tui.screens.dialogs import Asking  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Asking(question), then)

    def read_line(
        self, title: str, hint: str, read: Callable[[str], Read], then: Callable[[Read | None], None], empty: bool = False
    ) -> None:
        """Have a line typed; an `empty` one may mean something."""
        from bntui.tui.screens.dialogs import Prompt  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Prompt(title, hint, read, empty), then)

    def choose_beat(self, lesson: LessonStanding, then: Callable[[int | None], None]) -> None:
        """Show the beats as a list."""
        from bntui.tui.screens.beats import Beats  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Beats(lesson, self._ascii), then)

    def choose_future(self, ends: Sequence[FutureEnd], then: Callable[[int | None], None]) -> None:
        """Show the futures as a tree."""
        from bntui.tui.screens.dialogs import Futures  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Futures(ends, self._ascii), then)

    def choose_kind(self, standing: Standing, then: Callable[[str | None], None]) -> None:
        """Show the kinds of normalization as a list."""
        from bntui.tui.screens.dialogs import Kinds  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Kinds(standing, self._ascii), then)

    def explain(self, groups: Sequence[Group]) -> None:
        """Say what there is to say of what stands on the screen."""
        from bntui.tui.screens.explaining import Explaining  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Explaining(groups, self._ascii))

    def follow_export(self, work: Iterator[int], states: int, name: str, then: Callable[[str | None], None]) -> None:
        """Write a trace on a thread, and show how far it is."""
        from bntui.tui.screens.dialogs import Exporting  # noqa: PLC0415 - the start does not wait for it

        self._screen.app.push_screen(Exporting(work, states, name), then)

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""
        self._screen.app.copy_to_clipboard(text)

    def meanwhile(self, job: Callable[[], Awaitable[None]], group: str) -> None:
        """Do a job in a worker of the screen, which ends with it."""
        self._screen.run_worker(job, group=group, exclusive=True)

    def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again.

        By the timer itself: a worker tells the screen of its state, and under a dialog textual repaints all of a screen that
        is told anything.
        """
        self._screen.set_interval(seconds, look)
