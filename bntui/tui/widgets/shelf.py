"""The list of the library: the lessons of a course in their parts, below the sessions that can be gone on with."""

from __future__ import annotations

import time
from functools import partial

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.library import LibraryEntry
from bntui.session.keep.kept import KeptSession
from bntui.session.teach.offered import Lessons, Past
from bntui.tui.widgets.said import spelled
from bntui.views.pages.sessions import facts
from bntui.views.pages.shelf import BEGIN, GO_ON, lesson_row, part_rows
from bntui.views.text.cells import cut_at_word

CONTINUE, OLDER = "continue:", "older:"  # no scenario has a colon in its name, and a file begins with a slash


class Shelf(OptionList):
    """Shows `lessons`, which are None until they are read, and what is offered of the `past`."""

    def __init__(self) -> None:
        super().__init__()
        self.lessons: Lessons | None = None
        self.past = Past()

    def show(self, words: str) -> None:
        """Show the lessons in which all the words stand, the best first; where there are none, or a path, all that is offered."""
        self.clear_options()
        self.add_options(self._rows(words))
        self.action_first()

    def choose(self, option: str | None) -> None:
        """Go to a row by its name, where it is there."""
        if option is not None and any(each.id == option for each in self.options):
            self.highlighted = self.get_option_index(option)

    @property
    def chosen(self) -> str | None:
        """The name of the row that is highlighted."""
        return None if self.highlighted_option is None else self.highlighted_option.id

    @property
    def first(self) -> LibraryEntry | None:
        """The lesson to begin or to go on with."""
        return None if self.lessons is None else courses.first_of(self.lessons.entries, self.past.completed)

    def session(self, option: str | None) -> KeptSession | None:
        """The session that a row offers, None where it is another row."""
        return next((kept for kept in self.past.kept if CONTINUE + kept.name == option), None)

    def lesson(self, option: str | None) -> LibraryEntry | None:
        """The lesson that a row offers, None where it is another row."""
        entries = () if self.lessons is None else self.lessons.entries
        return next((entry for entry in entries if entry.name == option), None)

    def _rows(self, words: str) -> list[Option]:
        if self.lessons is None:
            return []
        if words and not library.is_path(words):
            return [self._lesson(entry) for entry in library.found(self.lessons.entries, words)]
        options = self._sessions()
        for number, (part, entries) in enumerate(self.lessons.parts, start=1):
            heading, *about = part_rows(number, part, entries, self.past.completed, self._width)
            told = Content.styled(spelled(self, "\n".join(["", *about])), "dim")
            options.append(Option(Content.styled(spelled(self, heading), "bold") + told, disabled=True))
            options += [self._lesson(entry) for entry in entries]
        return options

    @property
    def _width(self) -> int:
        """How many cells a row has."""
        return max(self.scrollable_content_region.width - 2, 10)

    def _sessions(self) -> list[Option]:
        now = time.time()
        options = [self._session(kept, now) for kept in self.past.kept]
        older = Option(Content(spelled(self, "Continue an older session …")), id=OLDER)
        return [*options, older] if self.past.more else options

    def _session(self, kept: KeptSession, now: float) -> Option:
        told = Content.styled(spelled(self, f"\n{facts(kept, now)}"), "dim")
        title = cut_at_word(spelled(self, f"Continue: {kept.title}"), self._width, spelled(self, "…"))
        return Option(Content(title) + told, id=CONTINUE + kept.name)

    def _lesson(self, entry: LibraryEntry) -> Option:
        completed = self.past.completed
        tag = "" if entry is not self.first else GO_ON if completed else BEGIN
        row = lesson_row(entry, completed.get(entry.name), tag, self._width, partial(spelled, self))
        return Option(Content.styled(row, "bold") if tag else Content(row), id=entry.name)
