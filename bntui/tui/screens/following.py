"""The screen of somebody who follows a session: it shows what the speaker sees, and one can look around in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Size

from bntui.scenario.model.actions import Shown
from bntui.session.lesson import Work
from bntui.session.look.face import Folding
from bntui.session.look.snapshot import Snapshot
from bntui.session.look.standing import Standing
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.share.following import NOT_YOURS, Followed, FollowedSession, News
from bntui.session.share.looks import ASKS
from bntui.session.share.watching import Ended, Learned, Seen, Watch, Wrong
from bntui.tui.companion import LessonCompanion
from bntui.tui.conductor import Errand
from bntui.tui.host import host_of
from bntui.tui.keys import FOLLOWING, following_footer
from bntui.tui.screens.explorer import Explorer, Placed
from bntui.views.screen.panes import Showing
from bntui.views.text.lines import Line, Span

HAS_ENDED, SHARES_NOTHING = "has ended the session", "shares nothing now"
OVER = {
    "sweep": ", who shows a sweep",
    "landscape": ", who shows a landscape",
    "blank": ", who has blanked the screen",
    "library": ", who chooses a scenario",
}


class Following(Explorer):
    """Shows the newest that is shared; the speaker never waits for it, and is told nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [(key.keys, key.action, key.says) for key in FOLLOWING]

    def __init__(self, followed: Followed, ascii: bool, frames: float) -> None:
        super().__init__(followed.session, ascii, frames)
        self.followed = followed.session
        self.surveys.speaker = self.followed.name
        self._rest = followed.rest
        self._seen: asyncio.Queue[Seen] = asyncio.Queue()
        self._watch = Watch(followed, self._see)
        self._end = ""
        self._told_wrong = ""
        self._page: tuple[int, int, int] | None = None  # the beat that is shown, and the speaker's page of so many
        self._formula = False
        self._folding: Folding | None = ""
        self._looks_along = False  # something was learned, and the screen does not show it yet
        self._swept = ""  # the key of the sweep that was opened because the speaker shows it
        self._asked = 0  # the beat whose question stands over the speaker's screen, 0 for none
        self._asks_at_length = False  # it has no room beside the charts

    def made_companion(self, opens: int) -> LessonCompanion:
        """Whoever reads the lesson without playing it."""
        return Reading(self.conductor, self.front, self, host_of(self))

    def on_mount(self) -> None:
        """Begin to follow."""
        super().on_mount()
        self._loop = asyncio.get_running_loop()
        self.run_worker(self._follow(), group="following")

    def on_unmount(self) -> None:
        """See nothing any more."""
        self._watch.stop()
        super().on_unmount()

    def on_screen_resume(self) -> None:
        """What stood over it has gone, and what stands over the speaker's is said again."""
        self.repaint()

    def _see(self, seen: Seen) -> None:
        """What is seen, on whatever thread, comes to the screen in its turn."""
        with suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._seen.put_nowait, seen)

    async def _follow(self) -> None:
        """Take over what is seen, until the screen has gone."""
        self.conductor.request(Errand(self._begin_there))
        self._watch.start()
        while True:
            match await self._seen.get():
                case Learned(news, fresh):
                    self._end = self._told_wrong = ""
                    if fresh is not None:
                        self.conductor.request(partial(self._go_on_with, fresh))
                    self.conductor.request(Errand(partial(self._take_news, news)))
                case Wrong(reason):
                    self._say_wrong(reason)
                case Ended(lives):
                    self._end = SHARES_NOTHING if lives else HAS_ENDED
                    self.surveys.close_picture()
                    self.repaint()

    def _go_on_with(self, fresh: FollowedSession, standing: Standing) -> None:
        """Follow another scenario from now on."""
        self.conductor.go_on_with(fresh)
        self.followed = fresh

    def _take_news(self, news: News) -> Work:
        """Bring the session where the speaker is, on whatever thread; the screen follows when it is shown."""
        yield from self.followed.learn(news)
        self._looks_along = not self.followed.around

    def _begin_there(self) -> Work:
        """The rest of the way to where the speaker was when this began."""
        yield from self._rest
        self._looks_along = True

    def _receive(self, snapshot: Snapshot, refusal: str | None = None) -> None:
        """Show the newest snapshot, and after news what the speaker looks at beside it."""
        super()._receive(snapshot, refusal)
        if not self.conductor.progress:
            self._watch.shown()
        if self._looks_along:
            self._looks_along = False
            self._look_where_the_speaker_does(snapshot)

    def _look_where_the_speaker_does(self, snapshot: Snapshot) -> None:
        """Open what the speaker has opened beside what the session tells: layers, formula, page of the beat; close a picture."""
        now = self.followed.present
        if now.folding != self._folding:
            self._folding = now.folding
            self._fold(now.folding)
        if now.formula != self._formula:
            self._formula = now.formula
            self.showing = replace(self.showing, formula=now.formula)
            self.conductor.look()
        lesson = now.lesson
        asked = lesson.number if lesson is not None and now.over == ASKS else 0
        if asked != self._asked:
            self._asked = asked
            if self.arrangement is not None:
                self._arrange(self._placed)
            self.repaint()
        page = None if lesson is None else (lesson.number, lesson.page, lesson.pages)
        if page is not None and page != self._page and page[2]:
            self.companion.page = round(page[1] * max(self.pages, 1) / page[2])
            self.repaint()
        self._page = page
        if now.over in ("", ASKS):
            self.surveys.close_picture()
        sweep = self.followed.sweep
        if sweep is None:
            self._swept = ""
        elif sweep.key != self._swept and self.in_front:
            self._swept = sweep.key
            self.surveys.show_swept(snapshot, sweep)

    def _arrange(self, size: Size) -> None:
        """Place the panes; a question gets the rows of the charts where it has too few, as over the speaker's screen."""
        self._asks_at_length = False
        super()._arrange(size)
        if self._asked and self.pages > 1:
            self._asks_at_length = True
            super()._arrange(size)

    def _what_is_placed(self) -> Placed:
        architecture, begun, reading, lit = super()._what_is_placed()
        return architecture, begun, reading or self._asks_at_length, lit

    def _complain(self, sentence: str) -> None:
        """Say what was wrong; of what could not be shown the next is waited for."""
        super()._complain(sentence)
        self._watch.shown()

    def _say_wrong(self, reason: str) -> None:
        sentence = f"What {self.followed.name} shares cannot be read: {reason}."
        if sentence != self._told_wrong:
            self._told_wrong = sentence
            self._complain(sentence)

    @property
    def where(self) -> str:
        """What one sees here: whom one follows, or that one looks around."""
        name, present = self.followed.name, self.followed.present
        if self._end:
            return f"{name} {self._end}"
        if self.followed.around:
            layer = "" if present.layer == self.followed.focus.layer else f", layer {present.layer}"
            return f"looking around · {name} is at step {self.followed.speakers_step}{layer} · = returns"
        over = OVER.get(present.over, "") if self.in_front else ""
        return f"following {name}{over} · step {self.followed.history.step}"

    def told_keys(self, now: Snapshot, showing: Showing, width: int) -> Line:
        """Whom one follows, and the keys that mean something to a follower."""
        where, keys = following_footer(self.where, showing.more_pages, width, showing.ascii)
        return Span(where, "accent"), Span(keys, "faint")

    def _all_showing(self) -> Showing:
        """What the screen shows beside the snapshot: it runs where the speaker's does."""
        present = self.followed.present
        running = present.running and not self.followed.around and not self._end
        pointed = present.layer if present.layer != self.followed.focus.layer and not self._end else ""
        return replace(super()._all_showing(), running=running, speed=f"{present.speed}/s", pointed=pointed)

    def action_return(self) -> None:
        """Go where the speaker is, and look there."""
        self.followed.around = False
        self.conductor.request(Errand(self._rejoin))

    def _rejoin(self) -> Work:
        yield from self.followed.join()
        self._page, self._formula, self._folding, self._swept = None, not self.followed.present.formula, None, ""
        self._looks_along = True

    def action_take_over(self) -> None:
        """Go on by oneself from here, in a session of one's own."""
        self.front.say("Going there …")
        self.conductor.request(lambda standing: self._take_over())

    def _take_over(self) -> None:
        words = f"The twin walks another path of {self.followed.name}'s, and stays there." if self.followed.leaves_twin else None
        self.front.meanwhile(partial(self._go_over, self.followed.taken_over(), words), "take over")

    async def _go_over(self, led: Callable[[], Session], words: str | None) -> None:
        try:
            own = await asyncio.to_thread(led)
        except Refusal as refused:
            self._complain(str(refused))
            return
        self.app.clear_notifications()  # it is there
        host_of(self).explore(own)
        if words:
            self.app.notify(words, markup=False)

    def action_view(self, view: Shown) -> None:
        """Open a view."""
        if view != "lesson" or self.companion.lesson() is not None:
            super().action_view(view)

    def action_next_beat(self) -> None:
        """Read on; the speaker turns the beats."""
        self._turn_page(1)

    def action_previous_beat(self) -> None:
        """The page before."""
        self._turn_page(-1)

    def _turn_page(self, by: int) -> None:
        if self.companion.lesson() is None:
            return
        page = min(self.companion.page, self.pages - 1) + by
        if 0 <= page < self.pages:
            self.companion.page = page
            self.repaint()
        else:
            self.front.say(f"{self.followed.name} turns the beats.")

    def _refuse(self) -> None:
        self._complain(NOT_YOURS.format(name=self.followed.name))

    def action_run(self) -> None:
        """Not the follower's."""
        self._refuse()

    def action_speed(self, faster: bool) -> None:
        """Not the follower's."""
        self._refuse()

    def action_normalization(self) -> None:
        """Not the follower's."""
        self._refuse()

    def action_twin(self) -> None:
        """Not the follower's."""
        self._refuse()

    def action_twin_dialog(self) -> None:
        """Not the follower's."""
        self._refuse()

    def action_edit(self) -> None:
        """Not the follower's."""
        self._refuse()

    def action_beats(self) -> None:
        """Not the follower's."""
        self._refuse()

    def action_beat(self, number: int) -> None:
        """Not the follower's."""
        self._refuse()

    def action_save(self) -> None:
        """Of a session of one's own."""
        self._refuse()

    def action_export(self) -> None:
        """Of a session of one's own."""
        self._refuse()

    def action_copy(self, whole: bool) -> None:
        """Copy what is on the screen; the session is another's."""
        if whole:
            self._refuse()
        else:
            super().action_copy(whole)


class Reading(LessonCompanion):
    """Stands by a lesson that another plays: it tells no speaker's view of it, and nothing counts as completed."""

    def begin(self) -> None:
        """The speaker begins."""

    def end(self) -> None:
        """There is nothing to take away."""

    def follow(self, now: Snapshot) -> None:
        """A new beat is read from its beginning."""
        before, self._now = self._now, now
        number = None if now.lesson is None else now.lesson.number
        if before is None or before.lesson is None or before.lesson.number != number:
            self.page = 0

    def turn(self, by: int) -> None:
        """The speaker turns the beats."""

    def blank(self, blank: bool) -> None:
        """Nobody is told that one's own screen is blank."""
