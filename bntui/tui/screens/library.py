"""The library: lessons in the parts of their course, found by typing, with a preview; or a file by its path."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Paste
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.worker import Worker

from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.keep.kept import KeptSession, discard
from bntui.session.keep.resuming import resume, take_over
from bntui.session.keep.storage import Damaged
from bntui.session.session import Session
from bntui.session.teach import offered
from bntui.session.teach.offered import Past
from bntui.tui.apart import apart
from bntui.tui.host import Host, host_of
from bntui.tui.widgets.said import NoRoom, Said, spelled
from bntui.tui.widgets.shelf import OLDER, Shelf
from bntui.views.pages.sessions import facts, still_open
from bntui.views.pages.shelf import preview, welcome

FEW = 3  # sessions that are offered at once
TAKE_OVER = "It is {held}. Press enter again to take it over: it ends there and goes on here. Nothing is lost."
CONTINUES = "It goes on at the same step. What was done in it is kept. d discards it."
DISCARD = "Press d again to discard this session for good."
LOOKING, OPENING = "looking for the lessons …", "opening … esc goes back"
SILENT = "Your sessions and what you have completed are not listed: the disk with your home directory gives no answer."
MOMENT = 0.5  # seconds after which it is said what is waited for
ANSWER = 1.0  # seconds in which a disk says what the user's folder remembers, before the lessons are listed without that

Found = TypeVar("Found")


class Library(Screen[None]):
    """Arrows choose, enter opens; what is typed finds a scenario by its words, or names a file of one's own.

    Above the scenarios stand the sessions that can be gone on with, the newest first, but for lessons that are finished.
    """

    CSS_PATH = "library.tcss"
    shared_as: ClassVar[str] = "library"
    BINDINGS = [
        ("escape", "leave", "back"),
        ("q", "app.quit", "quit"),
        ("d", "discard", "discard a session"),
        ("slash", "focus_path", "find, or type a path"),
        ("pageup", "read(-1)", "the page before of what is told"),  # from the line below: in the list it is the list's
        ("pagedown", "read(1)", "the next page of it"),
    ]

    def __init__(self) -> None:
        super().__init__()
        # kept, because what is read may still come when the screen has gone, and finds nothing by a query then
        self._title, self._begins = Said(id="library-title"), Said(id="library-begin")
        self._shelf, self._text = Shelf(), Said(id="library-text")
        self._beside = VerticalScroll(self._text, id="library-preview", can_focus=False)
        self._line = Input(placeholder="/ then words of a lesson, or the path of a file")
        self._asked: LibraryEntry | None = None  # about which something is still to be said
        self._opening: Worker[None] | None = None
        self._resuming = False
        self._sure_of: tuple[str, str] | None = None  # a key pressed on a session, which does its work when pressed again

    def compose(self) -> ComposeResult:
        """The list at the left, what it is about at the right, a path below."""
        yield self._title
        yield self._begins
        with Horizontal(id="library"):
            yield self._shelf
            yield self._beside
        with Vertical(id="library-foot"):
            yield self._line
            yield Said("↑↓ choose  enter open  / find, or a file  esc back  q quit", id="library-keys")
        yield NoRoom()

    def on_mount(self) -> None:
        """Begin in the list, which is there as soon as it is read."""
        self.set_focus(self._shelf)
        self._listed = host_of(self).hold_keys()
        self.run_worker(self._look(), group="looking")

    async def _look(self) -> None:
        """List the lessons, and above them what can be gone on with."""
        host = host_of(self)
        past = asyncio.ensure_future(apart(partial(_past, host, FEW)))
        try:
            self._shelf.lessons = lessons = await self._soon(partial(offered.lessons, host.course), LOOKING)
            if lessons.wrong:
                self._warn(lessons.wrong)
            await asyncio.wait({past}, timeout=ANSWER)
            if not past.done():
                self._list_all()
                self._warn(SILENT)
            self._shelf.past = await past
        finally:
            past.cancel()  # as below
        self._list_all()

    def _warn(self, sentence: str) -> None:
        self.notify(sentence, severity="warning", markup=False, timeout=12)

    async def _soon(self, work: Callable[[], Found], told: str) -> Found:
        """What work on a disk gives, and what it raises; where that takes longer than a moment, that is told meanwhile."""
        under_way = asyncio.ensure_future(apart(work))
        try:
            done, _ = await asyncio.wait({under_way}, timeout=MOMENT)
            if not done:
                self._say(told)
            return await under_way
        finally:
            under_way.cancel()  # where this is cancelled nobody waits for it any more

    def _list_all(self) -> None:
        """Say what the course is, and list its lessons and what can be gone on with."""
        shelf = self._shelf
        if shelf.lessons is None:
            return
        course = shelf.lessons.course
        done = sum(entry.name in shelf.past.completed for entry in shelf.lessons.entries)
        first = None if shelf.first is None else shelf.first.title
        title, begin = welcome(course, course.path == courses.shipped().path, first, done, self._begins_at_lesson)
        self._title.say(title)
        self._begins.say(begin)
        self.call_after_refresh(self._show_all)  # the rows are as wide as the list

    def _show_all(self) -> None:
        """Begin at the lesson that comes next; at the start at a session to go on with, where there is one.

        Whoever has chosen or typed something already is left there.
        """
        shelf, words = self._shelf, self._line.value
        before, first = shelf.chosen, shelf.first
        shelf.show(words)
        begins_at = first.name if first is not None and self._begins_at_lesson and not words else None
        shelf.choose(before or begins_at)
        self._listed()

    @property
    def _begins_at_lesson(self) -> bool:
        """Whether the list begins at the lesson that comes next: not at the start where a session can be gone on with."""
        return not self._shelf.past.kept or len(self.app.screen_stack) > 2

    def on_resize(self) -> None:
        """Write the rows, and what is said of the scenario, at the new width."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        shelf = self._shelf
        place = shelf.highlighted
        if place is None:
            return
        shelf.show(self._line.value)
        shelf.highlighted = place
        self._tell_chosen()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what the words find; a path finds nothing and leaves the list as it is."""
        if library.is_path(event.value):
            return
        shelf = self._shelf
        shelf.show(event.value)
        if shelf.lessons is not None and not shelf.option_count:
            self._say(f"No lesson speaks of '{event.value.strip()}'.")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the chosen scenario is about; while somebody types, this may come when it is in the list no more."""
        if self._shelf.highlighted_option is not event.option:
            return
        self._sure_of = None
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        shelf = self._shelf
        chosen, kept, lesson = shelf.chosen, shelf.session(shelf.chosen), shelf.lesson(shelf.chosen)
        if self._is_at_work:
            return
        if kept is not None:
            held = f" It is {still_open(kept.holder, time.time())}." if kept.holder else ""
            self._say(f"{kept.title}\n{facts(kept, time.time())}\n\n{CONTINUES}{held}")
        elif chosen == OLDER:
            self._say("All sessions that can be gone on with.")
        elif lesson is not None:
            waits, self._asked = self._asked is not None, lesson
            if waits:  # for the file of another one
                self._say(_in_short(lesson))
            else:
                self.run_worker(self._describe(), group="describing")

    async def _describe(self) -> None:
        """Say what the chosen lesson is about, as its file says it; of several that were gone over quickly the last one."""
        while (entry := self._asked) is not None:
            try:
                described = await self._soon(partial(library.described, entry), _in_short(entry))
            except ScenarioError as error:  # it was spoilt meanwhile
                told = str(error.complaints[0])
            else:
                width = max(self._beside.scrollable_content_region.width, 20)
                told = preview(entry, described, width, self._shelf.past.completed.get(entry.name), partial(spelled, self))
            if self._asked is entry:
                self._asked = None
                if self._shelf.chosen == entry.name and not self._is_at_work:
                    self._say(told)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what is chosen."""
        self._take(event.option_id or "")

    def _take(self, option: str) -> None:
        """Open a scenario of the library, or go on with a session."""
        kept = self._shelf.session(option)
        if self._is_at_work:
            return
        if option == OLDER:
            self._begin(self._list_older)
        elif kept is None:
            self._begin(partial(self._open, option))
        elif kept.holder is None or self._is_sure("enter", kept):
            self._say("resuming …")
            self._begin(partial(self._continue, kept))
        else:
            self._say(TAKE_OVER.format(held=still_open(kept.holder, time.time())))

    @property
    def _is_at_work(self) -> bool:
        """Whether something is being opened."""
        return self._resuming or (self._opening is not None and not self._opening.is_finished)

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin to open something; keys that come meanwhile wait for it, but not for long."""

        async def doing() -> None:
            try:
                await work()
            finally:
                done()

        done = host_of(self).hold_keys()
        self._opening = self.run_worker(doing(), group="opening")

    async def _list_older(self) -> None:
        self._shelf.past = await self._soon(partial(_past, host_of(self), None), OPENING)
        self._shelf.show("")

    async def _open(self, named: str) -> None:
        host = host_of(self)
        try:
            found = await self._soon(partial(offered.opened, named, host.course), OPENING)
        except ScenarioError as error:
            several = len(error.complaints) > 1
            self._say(f"{len(error.complaints)} mistakes (pgdn reads on)\n{error}" if several else str(error))
            return
        if isinstance(found, Session):
            host.explore(found, opens=1)
        else:
            host.choose_from(found.path)

    def _is_sure(self, key: str, kept: KeptSession) -> bool:
        """Whether a key has been pressed on this session for the second time."""
        before, self._sure_of = self._sure_of, (key, kept.name)
        return before == self._sure_of

    async def _continue(self, kept: KeptSession) -> None:
        self._resuming = True  # it holds the session's journal: it must come to its end
        try:
            session, sentence = await asyncio.to_thread(resume if kept.holder is None else take_over, kept.path)
        except (Damaged, OSError) as error:
            self._say(str(error))
            return
        finally:
            self._resuming = False
        if sentence:
            self._warn(sentence)
        host_of(self).explore(session)

    def action_discard(self) -> None:
        """Delete the chosen session, at the second time."""
        kept = self._shelf.session(self._shelf.chosen)
        if kept is None or self._is_at_work:
            return
        if not self._is_sure("d", kept):
            self._say(DISCARD)
            return
        self._opening = self.run_worker(self._discard(kept), group="opening")

    async def _discard(self, kept: KeptSession) -> None:
        try:
            await apart(partial(discard, kept.path))
        except (Damaged, OSError) as error:
            self._say(str(error))
            return
        past = self._shelf.past
        self._shelf.past = replace(past, kept=tuple(each for each in past.kept if each is not kept))
        self._shelf.show("")

    def _say(self, text: str) -> None:
        self._text.say(text)
        self._beside.scroll_home(animate=False)

    def action_read(self, pages: int) -> None:
        """Another page of what is told at the right."""
        self._beside.scroll_relative(y=pages * self._beside.size.height, animate=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the file, or the first scenario that was found."""
        text = event.value.strip()
        chosen = self._shelf.chosen
        if text and (library.is_path(text) or chosen is None) and not self._is_at_work:
            self._begin(partial(self._open, text))
        elif chosen is not None:
            self._take(chosen)

    def action_focus_path(self) -> None:
        """Type words, or a path."""
        self.set_focus(self._line)

    def on_paste(self, event: Paste) -> None:
        """What is pasted over the list is looked for, or is a path."""
        self.action_focus_path()
        self._line.post_message(Paste(event.text))

    def action_leave(self) -> None:
        """Back from what does not open; from the search to the whole list; from there to the session, where there is one."""
        if self._resuming:
            return
        if self._is_at_work and self._opening is not None:
            self._opening.cancel()
            self._opening = None
            self._tell_chosen()
            return
        if self._line.has_focus or self._line.value:
            self._line.value = ""
            self.set_focus(self._shelf)
            return
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()


def _past(host: Host, most: int | None) -> Past:
    """What can be gone on with, when those sessions are among it that have been left."""
    host.await_left()
    return offered.past(host.session_name, most)


def _in_short(entry: LibraryEntry) -> str:
    """What is said of a lesson while its file is being read."""
    return f"{entry.title}\n\n{entry.summary}"
