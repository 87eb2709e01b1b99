"""The library: scenarios by what they claim, found by typing, with a preview of the network; or a file by its path."""

from __future__ import annotations

import asyncio
from typing import cast

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.completion import completed
from bntui.session.resuming import last_unfinished, resume
from bntui.session.session import Session
from bntui.session.storage import Damaged
from bntui.tui.host import Host
from bntui.tui.widgets.said import Said, spelled
from bntui.views.pages.choices import preview

CONTINUE = "/continue"  # no scenario's name has a slash


class Library(Screen[None]):
    """Arrows choose, enter opens; what is typed finds a scenario by its words, or names a file of one's own."""

    BINDINGS = [("escape", "leave", "back"), ("q", "app.quit", "quit"), ("slash", "focus_path", "find, or type a path")]

    def compose(self) -> ComposeResult:
        """The list at the left, what it is about at the right, a path below."""
        yield Said("bntui · what batch normalization does to every factor of the chain rule", id="library-title")
        with Horizontal(id="library"):
            self._entries = library.entries()
            self._unfinished = last_unfinished()
            self._completed = completed()
            yield OptionList(*self._options(""))
            with VerticalScroll(id="library-preview", can_focus=False):
                yield Said(id="library-text")
        with Vertical(id="library-foot"):
            yield Input(placeholder="/ then words to find a lesson by, or the path of a scenario of your own")
            yield Said("↑↓ choose  enter open  / find, or a file  esc back  q quit", id="library-keys")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(OptionList).focus()

    def _options(self, words: str) -> list[Option]:
        """The scenarios in which all the words stand, each with what it claims below its title."""
        options = [self._option(entry) for entry in self._entries if library.speaks_of(entry, words)]
        if self._unfinished is not None and not words:
            options.insert(0, Option(Content(spelled(self, f"Continue: {self._unfinished.title}")), id=CONTINUE))
        return options

    def _option(self, entry: library.LibraryEntry) -> Option:
        mark = "✓ " if entry.name in self._completed else ""
        claim = Content.styled(spelled(self, f"\n{library.claim(entry)}"), "dim")
        return Option(Content(spelled(self, f"{mark}{entry.title}")) + claim, id=entry.name)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what the words find; a path finds nothing and leaves the list as it is."""
        if library.is_path(event.value):
            return
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(self._options(event.value))
        if choices.option_count:
            choices.highlighted = 0
        else:
            self._say(f"No lesson speaks of '{event.value.strip()}'.")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the chosen scenario is about."""
        if event.option_id == CONTINUE:
            self._say("The session that was cut off goes on at the same step. What was done in it is kept.")
            return
        entry = next(entry for entry in self._entries if entry.name == event.option_id)
        width = max(self.query_one("#library-preview").size.width - 2, 30)
        went = self._completed.get(entry.name)
        told = "" if went is None else f"completed, {went.right} of {went.questions} right"
        self._say(preview(entry, library.described(entry), width, told))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a scenario of the library, or the session that was cut off."""
        if event.option_id == CONTINUE:
            self._say("resuming …")
            self.run_worker(self._continue(), exclusive=True)
        else:
            self._open(event.option_id or "")

    async def _continue(self) -> None:
        assert self._unfinished is not None
        try:
            session, sentence = await asyncio.to_thread(resume, self._unfinished.path)
        except (Damaged, OSError) as error:
            self._say(str(error))
            return
        if sentence:
            self.notify(sentence, severity="warning", markup=False, timeout=12)
        cast(Host, self.app).explore(session)

    def _say(self, text: str) -> None:
        self.query_one("#library-text", Said).say(text)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Open the file, or the first scenario that was found."""
        text = event.value.strip()
        choices = self.query_one(OptionList)
        if text and (library.is_path(text) or not choices.option_count):
            self._open(text)
        elif choices.highlighted is not None:
            choices.action_select()

    def action_focus_path(self) -> None:
        """Type words, or a path."""
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """Back to the session, where there is one."""
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def _open(self, name: str) -> None:
        try:
            session = Session(read_file(library.find(name)))
        except ScenarioError as error:
            self._say(str(error))
            return
        cast(Host, self.app).explore(session)
