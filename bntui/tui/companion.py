"""What a lesson needs of the screen: its keys, its question, the speaker's notes, and the file that is saved meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from typing import cast

from bntui.scenario.model.actions import Answer, AnyAction, Beat, Shown
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.wording import counted
from bntui.session.look.snapshot import LessonStanding, Snapshot, Standing
from bntui.session.session import Session
from bntui.session.teach import completion, notes, reloading
from bntui.session.teach.reloading import Watched, source_of
from bntui.tui.conductor import Request
from bntui.tui.host import Host
from bntui.tui.keeper import KeepingScreen
from bntui.tui.screens.question import PASSED_OVER, Asking
from bntui.views.kinds import FORMULA, VIEWS
from bntui.views.panes.beat import score
from bntui.views.screen.arrangement import Arrangement
from bntui.views.screen.panes import Status, beat_pages

LOOK = 0.5  # seconds between two looks at the file


class TeachingScreen(KeepingScreen):
    """A screen that plays the lesson of its session."""

    status: Status
    arrangement: Arrangement | None
    snapshot: Snapshot | None
    _watched: Watched | None = None
    _opened_at: float = 0.0

    def repaint(self) -> None:
        """Place the panes anew and paint them."""
        raise NotImplementedError

    def begin_teaching(self) -> None:
        """Watch the file, where the session was read from one."""
        self._opened_at = time.time()
        source = source_of(self.conductor.session.loaded)
        if source is not None:
            self._watched = Watched(source)
            # by the timer itself: a worker tells the screen of its state, and under a dialog textual repaints all of a
            # screen that is told anything
            self.set_interval(LOOK, self._look_at_file)

    def end_teaching(self) -> None:
        """Take the speaker's notes away."""
        notes.withdraw()

    def follow(self, before: Snapshot | None) -> None:
        """See what the newest snapshot means for the lesson: another view, another beat, a question, its end."""
        now = self.snapshot
        if now is None:
            return
        if before is None or now.view != before.view:
            self._follow_view(now.view)
        lesson, earlier = now.lesson, None if before is None else before.lesson
        if lesson is None or (earlier is not None and _same(lesson, earlier)):
            return
        self.status = replace(self.status, page=0)
        self.run_worker(self._tell_speaker(now.title, lesson), group="notes", exclusive=True)
        if lesson.finished and lesson.number:
            self.run_worker(self._complete(lesson), group="completion")
        if lesson.asking and lesson.beat is not None and not lesson.beat.say and self.app.screen is self:
            self._ask(lesson)

    def _follow_view(self, view: Shown) -> None:
        if VIEWS[view] is FORMULA:
            self.status = replace(self.status, formula=True)
        elif VIEWS[view].tab:  # others have a screen of their own
            self.status = replace(self.status, view=view, formula=False)

    def action_next_beat(self) -> None:
        """Read on, answer, or go to the next beat."""
        lesson = self._lesson()
        if lesson is None or self.snapshot is None:
            return
        if lesson.number and self.status.page + 1 < self.pages():
            self.status = replace(self.status, page=self.status.page + 1)
            self.repaint()
        elif lesson.asking:
            self._ask(lesson)
        elif lesson.number == len(lesson.beats):
            self.notify(f"That was the last beat. {score(lesson)}".strip(), markup=False)
        else:
            self._pause()
            self.conductor.request(_towards(1))

    def action_previous_beat(self) -> None:
        """Back to the page before, or to the beat before and the state that it left."""
        lesson = self._lesson()
        if lesson is None:
            return
        shown = min(self.status.page, self.pages() - 1)  # a larger window may have fewer pages than were turned
        if shown > 0:
            self.status = replace(self.status, page=shown - 1)
            self.repaint()
        elif lesson.number:
            self._pause()
            self.conductor.request(_towards(-1))

    def pages(self) -> int:
        """How many pages the beat at hand has."""
        if self.snapshot is None or self.arrangement is None:
            return 1
        return beat_pages(self.snapshot, self.arrangement, self.status)

    def _lesson(self) -> LessonStanding | None:
        """The lesson; where there is none, that is said."""
        lesson = None if self.snapshot is None else self.snapshot.lesson
        if lesson is None and self.snapshot is not None:
            self.notify("This scenario has no lesson; o opens another one.", markup=False)
        return lesson

    def _ask(self, lesson: LessonStanding) -> None:
        question = None if lesson.beat is None else lesson.beat.ask
        if question is not None:
            self.app.push_screen(Asking(question), self._answer)

    def _answer(self, choice: int | None) -> None:
        if choice == PASSED_OVER:
            self.conductor.request(_towards(1))
        elif choice is not None:
            self.conductor.request(lambda standing: Answer(choice=choice))

    async def _tell_speaker(self, title: str, lesson: LessonStanding) -> None:
        told = notes.notes_of(title, lesson, self._opened_at, cast(Host, self.app).session_name)
        with suppress(OSError):  # a folder that cannot be written takes nothing from the session
            await asyncio.to_thread(notes.publish, told)

    async def _complete(self, lesson: LessonStanding) -> None:
        with suppress(OSError):
            await asyncio.to_thread(completion.complete, completion.name_of(self.conductor.session.loaded), lesson)

    async def _look_at_file(self) -> None:
        """Where the file was saved, go on with what it says now; where it has a mistake, say so and stay."""
        if self._watched is None or not await asyncio.to_thread(self._watched.changed):
            return
        session = self.conductor.session
        if not reloading.may_renew(session):
            self.notify(f"{self._watched.path.name} was saved; o opens it anew", markup=False)
            return
        try:
            fresh = await asyncio.to_thread(reloading.renewed, session)
        except ScenarioError as error:
            self._say_error(error)
            return
        self.status = replace(self.status, error="")
        self.conductor.request(lambda standing: self._take_over(fresh))

    def _say_error(self, error: ScenarioError) -> None:
        more = len(error.complaints) - 1 + error.left_out
        others = f" (and {counted(more, 'other mistake')})" if more else ""
        self.status = replace(self.status, error=f"{error.complaints[0]}{others}", page=0)
        if self.arrangement is None or "beat" not in self.arrangement:
            self.notify(self.status.error, severity="warning", markup=False, timeout=8)
        self.repaint()

    def _take_over(self, fresh: Session) -> None:
        """Go on with a fresh session; called at the conductor's turn, so nothing is under way in the old one."""
        self.conductor.go_on_with(fresh)
        cast(Host, self.app).replace(fresh)


def _same(lesson: LessonStanding, earlier: LessonStanding) -> bool:
    """Whether the same is to be read."""
    places = (lesson.number, lesson.asking, lesson.answer, lesson.sentence, id(lesson.beats))
    return places == (earlier.number, earlier.asking, earlier.answer, earlier.sentence, id(earlier.beats))


def _towards(by: int) -> Request:
    """A request for the beat so many further on from where the lesson stands when its turn comes."""

    def request(standing: Standing) -> AnyAction | None:
        if standing.lesson is None or not 0 <= standing.lesson.number + by <= len(standing.lesson.beats):
            return None
        return Beat(number=standing.lesson.number + by)

    return request
