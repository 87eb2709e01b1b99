"""The list of a lesson's beats, narrowed by what is typed: a number, or words that they say or ask."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from bntui.scenario.text.wording import shown
from bntui.session.look.standing import LessonStanding
from bntui.session.teach.beats import found
from bntui.tui.keys import whole_words
from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said
from bntui.views.pages.beats import beat_rows, heading

HINT = "type to find  ↑↓ enter go there  esc stay  tab {what}"
TELLS, HIDES = "all words", "hide again"


class Beats(Dialog[int | None]):
    """Returns the number of the beat that was chosen, or None."""

    BINDINGS = [
        ("escape", "leave", "stay"),
        ("up", "move(-1)", "the beat before"),
        ("down", "move(1)", "the beat after"),
        ("pageup,home", "move(-1000)", "the first"),
        ("pagedown,end", "move(1000)", "the last"),
        ("tab", "tell", "what stands behind a question, or no more"),
    ]

    def __init__(self, lesson: LessonStanding, ascii: bool) -> None:
        super().__init__()
        self._lesson, self._ascii = lesson, ascii
        self._numbers = found(lesson.beats, "")
        self._whole = False
        self._list, self._line = OptionList(), Input()  # kept: a size may be told of before they are there

    def compose(self) -> ComposeResult:
        """How far the lesson is, a row for each beat, the line to narrow them by, and the keys."""
        with Vertical(id="beats"):
            yield Said(heading(self._lesson), id="beats-title")
            self._list.can_focus = False  # what is typed goes into the line at any time
            yield self._list
            yield self._line
            yield Said("", id="beats-keys")

    def on_mount(self) -> None:
        """Begin at the beat at hand."""
        self._line.focus()
        self.call_after_refresh(self._show, self._lesson.number)  # the rows are as wide as the list

    def on_resize(self) -> None:
        """The rows are cut anew."""
        self.call_after_refresh(self._show, self._chosen)

    @property
    def _chosen(self) -> int:
        """The beat that is pointed at; the one at hand where there is none."""
        place = self._list.highlighted
        return self._lesson.number if place is None or place >= len(self._numbers) else self._numbers[place]

    def _show(self, number: int) -> None:
        """The rows, and pointed at the beat of this number, or the first of them."""
        width = max(self._list.scrollable_content_region.width - 2, 1)
        rows = beat_rows(self._lesson, self._numbers, self._whole, width, self._ascii)
        self._list.set_options(Option(Content(row)) for row in rows)
        self._list.highlighted = self._numbers.index(number) if number in self._numbers else 0 if rows else None
        keys = self.query_one("#beats-keys", Said)
        keys.say(whole_words(HINT.format(what=HIDES if self._whole else TELLS), keys.size.width))

    def on_input_changed(self, event: Input.Changed) -> None:
        """The beats that are meant."""
        self._numbers = found(self._lesson.beats, event.value)
        self._show(self._lesson.number if not event.value else 0)
        if not self._numbers:
            self.query_one("#beats-keys", Said).say(f"No beat says or asks {shown(event.value.strip())}.")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the beat that is pointed at."""
        if self._numbers:
            self.dismiss(self._chosen or self._numbers[0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the beat that was clicked."""
        self.dismiss(self._numbers[event.option_index])

    def action_move(self, by: int) -> None:
        """Another beat; beyond the last stands the first, one by one."""
        count = len(self._numbers)
        if count:
            place = (self._list.highlighted or 0) + by
            self._list.highlighted = place % count if abs(by) == 1 else min(max(place, 0), count - 1)

    def action_tell(self) -> None:
        """Show what stands behind a question too, or hide it again."""
        self._whole = not self._whole
        self._show(self._chosen)

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)
