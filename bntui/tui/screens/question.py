"""A lesson's question: it is answered before anything moves on, and stays at the foot so that the ledger can be read."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from bntui.scenario.model.beats import Question
from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said, spelled
from bntui.views.text.lines import text_of
from bntui.views.text.markdown import markdown_lines

PASSED_OVER = 0


class Asking(Dialog[int | None]):
    """Returns the choice, counted from 1; 0 where the question was passed over, None where it was left for now."""

    BINDINGS = [("escape", "leave", "look again first"), ("s", "pass_over", "go on without an answer")]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question, its choices, and the keys."""
        with Vertical(id="asking"):
            yield Said(self._plain(self._question.question), id="asking-question")
            choices = (f"{place}  {self._plain(text)}" for place, text in enumerate(self._question.choices, start=1))
            yield OptionList(*(Option(Content(choice)) for choice in choices))
            last = len(self._question.choices)
            hint = f"1–{last} or ↑↓ enter answers   esc look again first   s go on without"
            yield Said(hint, id="asking-hint")

    def _plain(self, text: str) -> str:
        return spelled(self, text_of(markdown_lines(text, 10_000)))

    def on_key(self, event: Key) -> None:
        """A digit is an answer."""
        if event.character and event.character.isdecimal() and 1 <= int(event.character) <= len(self._question.choices):
            event.stop()
            self.dismiss(int(event.character))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter is an answer."""
        self.dismiss(event.option_index + 1)

    def action_leave(self) -> None:
        """The question waits."""
        self.dismiss(None)

    def action_pass_over(self) -> None:
        """No answer, and on."""
        self.dismiss(PASSED_OVER)
