"""What stands by a lesson on the screen: its pages, its question, the speaker's notes, and the file that is saved meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

from bntui.scenario.model.actions import Answer, AnyAction, Beat
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.wording import counted
from bntui.session.look.controls import Control
from bntui.session.look.snapshot import Snapshot
from bntui.session.look.standing import LessonStanding, Standing
from bntui.session.session import Session
from bntui.session.teach import completion, notes, reloading
from bntui.session.teach.reloading import Watched
from bntui.tui.apart import apart
from bntui.tui.conductor import Conductor
from bntui.tui.host import Front, Host
from bntui.views.panes.beat import ending

LOOK = 2.0  # seconds between two looks at the file, which are half of what a program at rest does
PASSED_OVER = 0


class BeatPages(Protocol):
    """The screen on which the lesson is read."""

    @property
    def in_front(self) -> bool:
        """Whether nothing stands over it."""

    @property
    def pages(self) -> int:
        """How many pages the beat at hand has; 0 where there is no room for the beat."""

    def repaint(self) -> None:
        """Paint it, for another page is open, or another sentence is to be read."""


class LessonCompanion:
    """Follows the lesson of the session that is conducted.

    `page` is the page of the beat that is open; `error` is what is wrong with the lesson's file as it was saved last, or "".
    `answering`: the question at hand has been answered, and what its beat does is still under way.
    """

    def __init__(self, conductor: Conductor, front: Front, reading: BeatPages, host: Host, opens: int = 0) -> None:
        """Follow a lesson that begins with the beat `opens`, or with none where that is 0."""
        self.page = 0
        self.error = ""
        self.answering = False
        self._conductor, self._front, self._reading, self._host = conductor, front, reading, host
        self._opens = opens
        self._left_at = conductor.session.face  # where somebody left it who read it before
        self._now: Snapshot | None = None
        self._opened_at = self._beat_at = time.time()
        self._blank = False
        source = conductor.session.loaded.source_file
        self._watched = None if source is None else Watched(source)

    def begin(self) -> None:
        """Show the beat at which a lesson was opened; watch the file, where the session was read from one."""
        if self._opens:
            self._conductor.request(_opening(self._opens))
        if self._watched is not None:
            self._front.every(LOOK, partial(self._look_at_file, self._watched))

    def end(self) -> None:
        """Take the speaker's notes away."""
        self._host.desk.lay(None)

    def follow(self, now: Snapshot) -> None:
        """See what the newest snapshot means for the lesson: another beat, a question, its end."""
        before, self._now = self._now, now
        self.answering = self.answering and now is before
        lesson, earlier = now.lesson, None if before is None else before.lesson
        if lesson is None or (earlier is not None and _is_alike(lesson, earlier)):
            return
        self.page = self._begin_page(lesson.number) if before is None else 0
        if earlier is None or earlier.number != lesson.number:
            self._beat_at = time.time()
        self._tell_speaker()
        if lesson.number >= len(lesson.beats) - 1:
            self._front.meanwhile(self._find_place, "place")
        if lesson.finished and lesson.number:
            self._front.meanwhile(partial(self._complete, lesson), "completion")
        if lesson.asking and lesson.beat is not None and not lesson.beat.say and self._reading.in_front:
            self._ask(lesson)

    def _begin_page(self, beat: int) -> int:
        """The page of the beat at which it was left, if it is that beat."""
        left = self._left_at
        return left.page if left is not None and left.beat == beat else 0

    def next_beat(self) -> None:
        """Read on, answer, or go to the next beat."""
        lesson = self.lesson()
        if lesson is None or self.answering:  # an answer is on its way, and all that it does: what it says comes first
            return
        if lesson.number and self.page + 1 < self._reading.pages:
            self.page += 1
            self._reading.repaint()
        elif lesson.asking:
            self._ask(lesson)
        elif lesson.following:
            self._open_following()
        elif lesson.number == len(lesson.beats):
            self._front.say(f"That was the last beat. {ending(lesson)}")
        else:
            self.turn(1)

    def turn(self, by: int) -> None:
        """The beat so many further on, whatever there is still to be read here."""
        self._conductor.pause()
        self._request(_read(by))

    def previous_beat(self) -> None:
        """Back to the page before, or to the beat before and the state that it left."""
        lesson = self.lesson()
        if lesson is None:
            return
        shown = min(self.page, self._reading.pages - 1)  # a larger window may have fewer pages than were turned
        if shown > 0:
            self.page = shown - 1
            self._reading.repaint()
        elif lesson.number:
            self.turn(-1)

    def choose_beat(self) -> None:
        """Have a beat chosen from a list, and go to it."""
        lesson = self.lesson()
        if lesson is not None:
            self._conductor.pause()
            self._front.choose_beat(lesson, lambda number: None if number is None else self._host.go_to_beat(number))

    def go_to(self, number: int) -> None:
        """Go to a beat and the state in which the lesson reaches it."""
        self.page = 0
        self._conductor.pause()
        self._request(lambda standing: Beat(number=number))

    def _request(self, control: Control) -> None:
        """Ask for what may end in a question: the next key may be meant for it, and waits until it is there."""
        self._conductor.request_shown(control, self._host.hold_keys())

    def blank(self, blank: bool) -> None:
        """The screen is blank, or no more: a run pauses, so that nothing happens unseen, and the speaker's view says so."""
        self._blank = blank
        if blank:
            self._conductor.pause()
        self._tell_speaker()

    def lesson(self) -> LessonStanding | None:
        """The lesson; where there is none, that is said."""
        lesson = None if self._now is None else self._now.lesson
        if lesson is None and self._now is not None:
            self._front.say("This scenario has no lesson; o opens another one.")
        return lesson

    def _open_following(self) -> None:
        """Open the lesson that the course has after this one; what was done in this one can be gone on with."""
        self._front.meanwhile(self._read_following, "following")

    async def _read_following(self) -> None:
        from bntui.session.teach import offered  # noqa: PLC0415 - the start does not wait for it

        session = self._conductor.session
        try:
            following = await apart(partial(offered.following, session.loaded))
        except ScenarioError as error:
            self._front.say(str(error.complaints[0]), warning=True)
            return
        if following is not None and self._reading.in_front and self._conductor.session is session:
            self._host.explore(following, opens=1)

    def _ask(self, lesson: LessonStanding) -> None:
        question = None if lesson.beat is None else lesson.beat.ask
        if question is not None:
            self._front.ask(question, self._answer)

    def _answer(self, choice: int | None) -> None:
        if choice == PASSED_OVER:
            self._request(_towards(1))
        elif choice is not None:
            self._request(lambda standing: Answer(choice=choice))
        if choice is not None:
            self.answering = True
            self._reading.repaint()

    def _tell_speaker(self) -> None:
        now = self._now
        if now is not None and now.lesson is not None:
            session, times = self._host.session_name, (self._opened_at, self._beat_at)
            self._host.desk.lay(notes.notes_of(now.title, now.lesson, *times, session, self._blank))

    async def _complete(self, lesson: LessonStanding) -> None:
        with suppress(OSError):
            # its thread is waited for at the end: what was completed is to be kept
            await asyncio.to_thread(completion.complete, completion.name_of(self._conductor.session.loaded), lesson)

    async def _find_place(self) -> None:
        """See what comes after the lesson before it has come to its end, and then once more: its course may have been saved."""
        lesson = self._conductor.session.lesson
        with suppress(OSError):
            if await apart(lesson.find_place):
                self._conductor.look()

    async def _look_at_file(self, watched: Watched) -> None:
        """Where the file was saved, go on with what it says now; where it has a mistake, say so and stay."""
        if not await apart(watched.changed):
            return
        session = self._conductor.session
        if not reloading.may_renew(session):
            self._front.say(f"{watched.path.name} was saved; o opens it anew")
            return
        try:
            fresh = await apart(partial(reloading.renewed, session))
        except ScenarioError as error:
            self._say_error(error)
            return
        self.error = ""
        self._conductor.request(lambda standing: self._take_over(fresh))

    def _say_error(self, error: ScenarioError) -> None:
        more = len(error.complaints) - 1 + error.left_out
        others = f" (and {counted(more, 'other mistake')})" if more else ""
        self.error, self.page = f"{error.complaints[0]}{others}", 0
        if not self._reading.pages:
            self._front.say(self.error, warning=True)
        self._reading.repaint()

    def _take_over(self, fresh: Session) -> None:
        """Go on with a fresh session; called at the conductor's turn, so nothing is under way in the old one."""
        self._conductor.go_on_with(fresh)
        self._host.replace(fresh)


def _is_alike(lesson: LessonStanding, earlier: LessonStanding) -> bool:
    """Whether nothing has happened in a lesson, whatever is known by now of what comes after it."""
    known = replace(lesson, following=earlier.following, completes=earlier.completes)
    return lesson.beats is earlier.beats and known == earlier


def _opening(number: int) -> Control:
    """The beat at which a lesson is opened; not its first one where that asks: its question would stand over all else."""

    def control(standing: Standing) -> AnyAction | None:
        lesson = standing.lesson
        if lesson is None or (number == 1 and (lesson.number or lesson.beats[0].ask is not None)):
            return None
        return Beat(number=number)

    return control


def _read(by: int) -> Control:
    """The beat so many further on, unless a question has been reached by then: keys that were in a hurry pass over none."""

    def control(standing: Standing) -> AnyAction | None:
        asks = standing.lesson is not None and standing.lesson.asking
        return None if asks and by > 0 else _towards(by)(standing)

    return control


def _towards(by: int) -> Control:
    """The beat so many further on from where the lesson stands when its turn comes."""

    def control(standing: Standing) -> AnyAction | None:
        if standing.lesson is None or not 0 <= standing.lesson.number + by <= len(standing.lesson.beats):
            return None
        return Beat(number=standing.lesson.number + by)

    return control
