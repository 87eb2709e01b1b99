"""What the screens ask of the app that they stand in, and what stands behind a screen asks of that screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, cast

from textual.dom import DOMNode

from bntui.scenario.model.actions import Page
from bntui.scenario.model.beats import Question
from bntui.session.look.standing import LessonStanding
from bntui.session.run.futures import FutureEnd
from bntui.session.session import Session
from bntui.session.share.looks import Looks
from bntui.session.teach.notes import Desk

Read = TypeVar("Read")
BLANK = "blank"  # the id of the screen that shows nothing, on which no key does anything but go on


class Host(Protocol):
    """Opens sessions, and keeps the one at hand; at its `desk` the speaker's view finds the notes of a lesson."""

    desk: Desk

    @property
    def session_name(self) -> str | None:
        """The name under which the session at hand is kept, None where it is not."""

    @property
    def course(self) -> Path | None:
        """The file of the course whose lessons are chosen from, None where that is the library."""

    def choose_from(self, course: Path) -> None:
        """Choose from the lessons of a course, in place of those that are shown."""

    def explore(self, session: Session, opens: int = 0) -> None:
        """Open a session in place of the one at hand; it shows the beat `opens` at once, or none where that is 0."""

    def replace(self, session: Session) -> None:
        """Keep a session that goes on in place of the one at hand, which need not be gone on with."""

    def await_left(self) -> None:
        """Wait a moment, on another thread, until the sessions that were left are let go of."""

    def hold_keys(self) -> Callable[[], object]:
        """Let no key in for a moment, or before what is given back is called."""

    @property
    def lesson(self) -> LessonStanding | None:
        """How far the lesson at hand has come; None where there is none."""

    def choose_beat(self) -> None:
        """Have a beat of the lesson at hand chosen, and go to it."""

    def explain(self, page: Page) -> None:
        """Explain what a page over the session shows, and all else."""

    def go_to_beat(self, number: int) -> None:
        """Go to a beat of the lesson at hand, away from what stands over it."""

    def spelled(self, text: str) -> str:
        """The text in the characters that the terminal has."""

    @property
    def follows(self) -> bool:
        """Whether the session at hand is somebody else's."""

    def show_class(self, shown: Lookable | None = None) -> None:
        """Those who follow the session may see what its screen shows now, or what stands over it."""


class Lookable(Protocol):
    """The screen of a session, as those who follow it are told of it."""

    @property
    def session(self) -> Session | None:
        """The session, None while it is in the hands of another thread."""

    def looks(self) -> Looks:
        """What the face adds to where the session stands."""


def host_of(node: DOMNode) -> Host:
    """The app that a screen or a widget stands in."""
    return cast(Host, node.app)


class Front(Protocol):
    """Says things, asks things, and has work done meanwhile; each `then` is called with the answer, None where there is none."""

    def say(self, sentence: str, warning: bool = False) -> None:
        """Say something in the corner."""

    def ask(self, question: Question, then: Callable[[int | None], None]) -> None:
        """Ask a lesson's question; the answer is a choice, counted from 1, or 0 where it was passed over."""

    def read_line(
        self, title: str, hint: str, read: Callable[[str], Read], then: Callable[[Read | None], None], empty: bool = False
    ) -> None:
        """Have a line typed, until `read` can make something of it; an `empty` one may mean something."""

    def choose_beat(self, lesson: LessonStanding, then: Callable[[int | None], None]) -> None:
        """Have a beat of a lesson chosen, by its number."""

    def choose_future(self, ends: Sequence[FutureEnd], then: Callable[[int | None], None]) -> None:
        """Have a future chosen, by its number."""

    def follow_export(self, work: Iterator[int], states: int, name: str, then: Callable[[str | None], None]) -> None:
        """Show how far the writing of a trace is, until it is done or stopped; the answer is a sentence."""

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, by the terminal's own means."""

    def meanwhile(self, job: Callable[[], Awaitable[None]], group: str) -> None:
        """Do a job beside all else, and drop the one of the same group that is still under way."""

    def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again."""
