"""The library: lessons in the parts of their course, found by typing, with a preview; or a file by its path."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Paste
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.keep import shelf
from bntui.session.keep.kept import KeptSession, discard, kept_sessions
from bntui.session.keep.resuming import resume, take_over
from bntui.session.keep.storage import Damaged
from bntui.session.session import Session
from bntui.session.teach.completion import completed
from bntui.tui.host import host_of
from bntui.tui.widgets.said import NoRoom, Said, spelled
from bntui.views.pages.sessions import facts, still_open
from bntui.views.pages.shelf import BEGIN, GO_ON, lesson_row, part_rows, preview, welcome
from bntui.views.text.cells import cut_at_word

CONTINUE, OLDER = "continue:", "older:"  # no scenario has a colon in its name, and a file begins with a slash
FEW = 3  # sessions that are offered at once
TAKE_OVER = "It is {held}. Press enter again to take it over: it ends there and goes on here. Nothing is lost."
CONTINUES = "It goes on at the same step. What was done in it is kept. d discards it."
DISCARD = "Press d again to discard this session for good."


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
    ]

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[KeptSession] = []
        self._more = False  # sessions than are offered
        self._resuming = False
        self._sure_of: tuple[str, str] | None = None  # a key pressed on a session, which does its work when pressed again

    def compose(self) -> ComposeResult:
        """The list at the left, what it is about at the right, a path below."""
        self._course = self._course_at_hand()
        self._parts = list(zip(self._course.parts, shelf.entries(self._course), strict=True))
        self._entries = [entry for _, entries in self._parts for entry in entries]
        self._find_kept(FEW)
        self._completed = completed()
        self._first = courses.first_of(self._entries, self._completed)
        yield Said(id="library-title")
        yield Said(id="library-begin")
        with Horizontal(id="library"):
            yield OptionList()
            with VerticalScroll(id="library-preview", can_focus=False):
                yield Said(id="library-text")
        with Vertical(id="library-foot"):
            yield Input(placeholder="/ then words of a lesson, or the path of a file")
            yield Said("↑↓ choose  enter open  / find, or a file  esc back  q quit", id="library-keys")
        yield NoRoom()

    def _course_at_hand(self) -> courses.Course:
        """The course to choose from; the library where the file of one's own was spoilt meanwhile."""
        try:
            return courses.course_or_shipped(host_of(self).course)
        except ScenarioError as error:
            self.notify(str(error.complaints[0]), severity="warning", markup=False, timeout=12)
            return courses.shipped()

    def on_mount(self) -> None:
        """Begin in the list at the lesson that comes next; at the start at a session to go on with, where there is one."""
        done = sum(entry.name in self._completed for entry in self._entries)
        shipped = self._course.path == courses.shipped().path
        first = None if self._first is None else self._first.title
        title, begin = welcome(self._course, shipped, first, done, self._begins_at_lesson)
        self.query_one("#library-title", Said).say(title)
        self.query_one("#library-begin", Said).say(begin)
        self.query_one(OptionList).focus()
        self.call_after_refresh(self._show_first)  # the rows are as wide as the list

    def _show_first(self) -> None:
        words = self.query_one(Input).value
        self._show_options(words)  # a quick person has typed some already
        choices = self.query_one(OptionList)
        if not words and self._first is not None and self._begins_at_lesson:
            choices.highlighted = choices.get_option_index(self._first.name)

    @property
    def _begins_at_lesson(self) -> bool:
        """Whether the list begins at the lesson that comes next: not at the start where a session can be gone on with."""
        return not self._kept or len(self.app.screen_stack) > 2

    def on_resize(self) -> None:
        """Write the rows, and what is said of the scenario, at the new width."""
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        choices = self.query_one(OptionList)
        place = choices.highlighted
        if place is None:
            return
        self._show_options(self.query_one(Input).value)
        choices.highlighted = place
        self._tell_chosen()

    def _options(self, words: str) -> list[Option]:
        """The lessons in their parts, below what can be gone on with; or those in which all the words stand, the best first.

        A path finds nothing.
        """
        if words and not library.is_path(words):
            return [self._option(entry) for entry in library.found(self._entries, words)]
        options = self._kept_options()
        for number, (part, entries) in enumerate(self._parts, start=1):
            heading, *about = part_rows(number, part, entries, self._completed, self._width)
            told = Content.styled(spelled(self, "\n".join(["", *about])), "dim")
            options.append(Option(Content.styled(spelled(self, heading), "bold") + told, disabled=True))
            options += [self._option(entry) for entry in entries]
        return options

    @property
    def _width(self) -> int:
        """How many cells a row of the list has."""
        return max(self.query_one(OptionList).scrollable_content_region.width - 2, 10)

    def _kept_options(self) -> list[Option]:
        now = time.time()
        options = [self._kept_option(kept, now) for kept in self._kept]
        return [*options, Option(Content(spelled(self, "Continue an older session …")), id=OLDER)] if self._more else options

    def _kept_option(self, kept: KeptSession, now: float) -> Option:
        told = Content.styled(spelled(self, f"\n{facts(kept, now)}"), "dim")
        title = cut_at_word(spelled(self, f"Continue: {kept.title}"), self._width, spelled(self, "…"))
        return Option(Content(title) + told, id=CONTINUE + kept.name)

    def _find_kept(self, most: int | None) -> None:
        """Look for sessions that can be gone on with, other than the one at hand; all, or the newest that are not finished."""
        at_hand = host_of(self).session_name
        others = (kept for kept in kept_sessions() if kept.name != at_hand)
        if most is None:
            self._kept, self._more = list(others), False
            return
        self._kept, self._more = [], False
        for kept in others:
            if len(self._kept) < most and not kept.finished:
                self._kept.append(kept)
                continue
            self._more = True
            if len(self._kept) == most:
                break

    def _kept_of(self, option: str | None) -> KeptSession | None:
        return next((kept for kept in self._kept if CONTINUE + kept.name == option), None)

    def _option(self, entry: library.LibraryEntry) -> Option:
        tag = "" if entry is not self._first else GO_ON if self._completed else BEGIN
        row = lesson_row(entry, self._completed.get(entry.name), tag, self._width, partial(spelled, self))
        return Option(Content.styled(row, "bold") if tag else Content(row), id=entry.name)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what the words find; a path finds nothing and leaves the list as it is."""
        if library.is_path(event.value):
            return
        self._show_options(event.value)
        if not self.query_one(OptionList).option_count:
            self._say(f"No lesson speaks of '{event.value.strip()}'.")

    def _show_options(self, words: str) -> None:
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(self._options(words))
        choices.action_first()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the chosen scenario is about; while somebody types, this may come when it is in the list no more."""
        if self._chosen() is not event.option:
            return
        self._sure_of = None
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        chosen = self._chosen()
        if chosen is None or self._resuming:
            return
        kept = self._kept_of(chosen.id)
        if kept is not None:
            held = f" It is {still_open(kept.holder, time.time())}." if kept.holder else ""
            self._say(f"{kept.title}\n{facts(kept, time.time())}\n\n{CONTINUES}{held}")
            return
        if chosen.id == OLDER:
            self._say("All sessions that can be gone on with.")
            return
        entry = next(entry for entry in self._entries if entry.name == chosen.id)
        width = max(self.query_one("#library-preview").scrollable_content_region.width, 20)
        self._say(preview(entry, library.described(entry), width, self._completed.get(entry.name), partial(spelled, self)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what is chosen."""
        self._take(event.option_id or "")

    def _take(self, option: str) -> None:
        """Open a scenario of the library, or go on with a session."""
        kept = self._kept_of(option)
        if self._resuming:
            return
        if option == OLDER:
            self._find_kept(None)
            self._show_options("")
        elif kept is None:
            self._open(option)
        elif kept.holder is None or self._is_sure("enter", kept):
            self._say("resuming …")
            self._resuming = True  # it holds the session's journal: it must come to its end
            self.run_worker(self._continue(kept))
        else:
            self._say(TAKE_OVER.format(held=still_open(kept.holder, time.time())))

    def _is_sure(self, key: str, kept: KeptSession) -> bool:
        """Whether a key has been pressed on this session for the second time."""
        before, self._sure_of = self._sure_of, (key, kept.name)
        return before == self._sure_of

    async def _continue(self, kept: KeptSession) -> None:
        try:
            session, sentence = await asyncio.to_thread(resume if kept.holder is None else take_over, kept.path)
        except (Damaged, OSError) as error:
            self._say(str(error))
            return
        finally:
            self._resuming = False
        if sentence:
            self.notify(sentence, severity="warning", markup=False, timeout=12)
        host_of(self).explore(session)

    def _chosen(self) -> Option | None:
        """The row of the list that is highlighted."""
        return self.query_one(OptionList).highlighted_option

    def action_discard(self) -> None:
        """Delete the chosen session, at the second time."""
        chosen = self._chosen()
        kept = None if chosen is None else self._kept_of(chosen.id)
        if kept is None or self._resuming:
            return
        if not self._is_sure("d", kept):
            self._say(DISCARD)
            return
        try:
            discard(kept.path)
        except (Damaged, OSError) as error:
            self._say(str(error))
            return
        self._kept.remove(kept)
        self._show_options("")

    def _say(self, text: str) -> None:
        self.query_one("#library-text", Said).say(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the file, or the first scenario that was found."""
        text = event.value.strip()
        chosen = self._chosen()
        if text and (library.is_path(text) or chosen is None):
            self._open(text)
        elif chosen is not None:
            self._take(chosen.id or "")

    def action_focus_path(self) -> None:
        """Type words, or a path."""
        self.set_focus(self.query_one(Input))

    def on_paste(self, event: Paste) -> None:
        """What is pasted over the list is looked for, or is a path."""
        self.action_focus_path()
        self.query_one(Input).post_message(Paste(event.text))

    def action_leave(self) -> None:
        """Back from the search to the whole list; from there to the session, where there is one."""
        if self._resuming:
            return
        line = self.query_one(Input)
        if line.has_focus or line.value:
            line.value = ""
            self.set_focus(self.query_one(OptionList))
            return
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def _open(self, name: str) -> None:
        if self._resuming:
            return
        try:
            path = library.find(name)
            if courses.is_course(path):
                host_of(self).choose_from(courses.opened(path).path)
                return
            session = Session(replace(read_file(path), course=host_of(self).course))
        except ScenarioError as error:
            self._say(str(error))
            return
        host_of(self).explore(session, opens=1)
