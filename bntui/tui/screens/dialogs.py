"""Screens that stand over another one and are left once, however fast the keys come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.beats import Question
from bntui.scenario.text.files import CannotWrite
from bntui.session.look.standing import Standing
from bntui.session.run.futures import FutureEnd
from bntui.session.share.looks import ASKS
from bntui.tui.companion import PASSED_OVER
from bntui.tui.host import host_of
from bntui.tui.widgets.said import Said, spelled
from bntui.views.pages.choices import future_lines, kind_at_hand, kind_lines
from bntui.views.panes.beat import against_lines
from bntui.views.text.cells import cells
from bntui.views.text.lines import text_of
from bntui.views.text.markdown import markdown_lines

FRAME = 4  # cells that a dialog's frame takes of a row
UNBROKEN = 10_000  # cells of a text that its widget breaks into lines
TRIED = "✗"
DIALOGS = Path(__file__).with_name("dialogs.tcss")  # read when the first of them is opened

Result = TypeVar("Result")
Read = TypeVar("Read")


class Leaving(Screen[Result]):
    """A screen that goes back to the one below it; a second key that would leave it too leaves nothing else."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, unless that has been done already: textual would take the screen below away."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


class Dialog(ModalScreen[Result], Leaving[Result]):
    """A dialog over a screen that stays in sight; textual takes the styles of the first base alone."""

    CSS_PATH = DIALOGS


class Entry(Dialog[Read | None]):
    """Returns what `read` makes of a text, or None where it was left; what is wrong with a text takes the place of the hint."""

    BINDINGS = [("escape", "leave", "leave")]

    def __init__(self, title: str, hint: str, read: Callable[[str], Read]) -> None:
        super().__init__()
        self._title, self._hint, self._read = title, hint, read

    def take(self, text: str) -> None:
        """Return what is read in a text, or say what is wrong with it."""
        try:
            read = self._read(text)
        except ValueError as error:
            self.query_one("#prompt-hint", Said).say(str(error))
            return
        self.dismiss(read)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)


class Prompt(Entry[Read]):
    """Reads a line that is typed; an `empty` one may mean something."""

    def __init__(self, title: str, hint: str, read: Callable[[str], Read], empty: bool = False) -> None:
        super().__init__(title, hint, read)
        self._empty = empty

    def compose(self) -> ComposeResult:
        """A title, the line, and the hint."""
        with Vertical(id="prompt"):
            yield Said(self._title, id="prompt-title")
            yield Input()
            yield Said(self._hint, id="prompt-hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line, or say what is wrong with it."""
        if event.value.strip() or self._empty:
            self.take(event.value)
        else:
            self.dismiss(None)


class Choice(Entry[Read]):
    """Reads the option that is chosen, or a line that is typed."""

    BINDINGS = [("up", "move(-1)", "the option above"), ("down", "move(1)", "the option below")]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], hint: str, read: Callable[[str], Read]) -> None:
        super().__init__(title, hint, read)
        self._options = options

    def compose(self) -> ComposeResult:
        """A title, the options as they are told, the line, and the hint."""
        with Vertical(id="choice"):
            yield Said(self._title, id="prompt-title")
            options = OptionList(*(Option(Content(spelled(self, told))) for _, told in self._options))
            options.can_focus = False  # what is typed goes into the line at any time
            yield options
            yield Input()
            yield Said(self._hint, id="prompt-hint")

    def on_mount(self) -> None:
        """Begin at the first option, unless a quick key has gone on already."""
        options = self.query_one(OptionList)
        if options.highlighted is None:
            options.highlighted = 0
        self.query_one(Input).focus()

    def action_move(self, by: int) -> None:
        """Another option."""
        options = self.query_one(OptionList)
        options.highlighted = ((options.highlighted or 0) + by) % len(self._options)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the option that was clicked."""
        self.take(self._options[event.option_index][0])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line, or the option where nothing is typed."""
        self.take(event.value if event.value.strip() else self._options[self.query_one(OptionList).highlighted or 0][0])


class Sure(Dialog[bool]):
    """Returns whether the person is sure."""

    BINDINGS = [("enter", "dismiss(True)", "do it"), ("escape", "dismiss(False)", "leave")]

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        """What is asked, and the keys."""
        with Vertical(id="prompt"):
            yield Said(self._title, id="prompt-title")
            yield Said(self._hint, id="prompt-hint")


class Asking(Dialog[int | None]):
    """Returns the choice, counted from 1; 0 where the question was passed over, None where it was left for now.

    What speaks against a wrong choice is said below the choices, and one may choose again; n has it told which one is right.
    """

    shared_as: ClassVar[str] = ASKS

    BINDINGS = [
        ("escape", "leave", "look again first"),
        ("s", "pass_over", "go on without an answer"),
        ("l", "beats", "list of beats"),
        ("full_stop", "app.blank", "blank the screen"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self._tried: list[int] = []  # wrong choices, the last one last

    def compose(self) -> ComposeResult:
        """The question, its choices, what was wrong with the last one, and the keys."""
        with Vertical(id="asking"):
            yield Said(self._plain(self._question.question), id="asking-question")
            yield OptionList(*map(Option, self._told_choices()))
            yield Said("", id="asking-against")
            yield Said(self._hint(), id="asking-hint")

    def on_resize(self) -> None:
        """As long a hint as has room; a size may come before there is any hint."""
        for hint in self.query("#asking-hint").results(Said):
            hint.say(self._hint())

    def _told_choices(self) -> Iterator[Content]:
        """The choices with their numbers, those that were tried marked."""
        for place, text in enumerate(self._question.choices, start=1):
            yield Content(spelled(self, f"{place}{TRIED if place in self._tried else ' '} {self._plain(text)}"))

    def _hint(self) -> str:
        last = len(self._question.choices)
        long, short = f"1–{last} or ↑↓ enter answers   esc look again first", f"1–{last} answers   esc look again"
        leads_on = "s go on without"
        if self._tried:
            long, short = f"1–{last} or ↑↓ enter tries again   esc look again first", f"1–{last} tries again   esc look again"
            leads_on = "n tells which"
        hint = f"{long}   {leads_on}"
        return hint if cells(hint) + FRAME <= self.app.size.width else f"{short}   {leads_on}"

    def _plain(self, text: str) -> str:
        return spelled(self, text_of(markdown_lines(text, UNBROKEN)))

    def on_key(self, event: Key) -> None:
        """A digit is an answer, n has the right one told: in the order of the keys, in which bindings come late."""
        if event.character and event.character.isdecimal() and 1 <= int(event.character) <= len(self._question.choices):
            event.stop()
            self._take(int(event.character))
        elif event.character == "n":
            event.stop()
            self._give_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter is an answer."""
        self._take(event.option_index + 1)

    def _take(self, choice: int) -> None:
        """Return the right choice; of a wrong one say what speaks against it, and let another one be made."""
        if choice == self._question.answer:
            self.dismiss(choice)
            return
        self._tried.append(choice)
        self.add_class("-tried")
        options = self.query_one(OptionList)
        for place, told in enumerate(self._told_choices()):
            options.replace_option_prompt_at_index(place, told)
        self.query_one("#asking-against", Said).say(text_of(against_lines(self._question, choice, UNBROKEN)))
        self.query_one("#asking-hint", Said).say(self._hint())

    def _give_up(self) -> None:
        """The last wrong choice is the answer: it is told which one is right, and the lesson goes on."""
        if self._tried:
            self.dismiss(self._tried[-1])

    def action_leave(self) -> None:
        """The question waits."""
        self.dismiss(None)

    def action_beats(self) -> None:
        """Choose among the beats; the question waits meanwhile."""
        host_of(self).choose_beat()

    def action_pass_over(self) -> None:
        """No answer, and on."""
        self.dismiss(PASSED_OVER)


class Exporting(Dialog[str]):
    """Returns a sentence on what came of it."""

    BINDINGS = [("escape", "stop", "stop")]

    def __init__(self, work: Iterator[int], states: int, name: str) -> None:
        super().__init__()
        self._work, self._states, self._name = work, states, name

    def compose(self) -> ComposeResult:
        """How far it is."""
        with Vertical(id="prompt"):
            yield Said(f"Writing {self._name}", id="prompt-title")
            yield Said("", id="exporting")
            yield Said("esc stops", id="prompt-hint")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._export, thread=True, exit_on_error=False)

    def action_stop(self) -> None:
        """Stop; nothing is left of the file."""
        self.workers.cancel_node(self)  # its own alone: the app has one manager for all, the session's conductor among them
        self.dismiss("stopped; no file was written")

    def _export(self) -> None:
        worker = get_current_worker()
        count = 0
        try:
            for count in self._work:
                if worker.is_cancelled:
                    return
                if count % 200 == 1:
                    self.app.call_from_thread(self._tell, count)
        except (OSError, ValueError) as error:
            if not worker.is_cancelled:
                said = str(error) if isinstance(error, CannotWrite) else f"not written: {error}"
                self.app.call_from_thread(self.dismiss, said)
            return
        finally:
            close = getattr(self._work, "close", None)
            if close is not None:
                close()
        if not worker.is_cancelled:
            self.app.call_from_thread(self.dismiss, f"{self._name}: {count} states written")

    def _tell(self, count: int) -> None:
        share = min(100, 100 * count // max(self._states, 1))
        self.query_one("#exporting", Said).say(f"{count} of {self._states} states, {share} %")


def _tell_anew(dialog: Screen[Any], above: str, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Tell what stands above a dialog's options, and each of these, in other words; nothing before they are there."""
    if not dialog.query(OptionList):
        return
    dialog.query_one(above, Said).say(title)
    options = dialog.query_one(OptionList)
    for name, text in rows:
        options.replace_option_prompt(name, Content(text))


class Futures(Dialog[int | None]):
    """Returns the number of the future that was chosen, or None."""

    BINDINGS = [("escape,tab,q", "leave", "leave")]

    def __init__(self, ends: Sequence[FutureEnd], ascii: bool) -> None:
        super().__init__()
        self._ends, self._ascii = ends, ascii

    def compose(self) -> ComposeResult:
        """A row for each future, the one at hand marked."""
        title, rows = future_lines(self._ends, self._ascii, self.app.size.width)
        with Vertical(id="futures"):
            yield Said("Futures: every path taken", id="futures-title")
            yield Said(title, id="futures-columns")
            yield OptionList(*(Option(Content(text), id=str(number)) for number, text in rows))
            yield Said("↑↓ choose  enter go there  esc stay", id="futures-keys")

    def on_resize(self) -> None:
        """The rows at the new width."""
        title, rows = future_lines(self._ends, self._ascii, self.app.size.width)
        _tell_anew(self, "#futures-columns", title, [(str(number), text) for number, text in rows])

    def on_mount(self) -> None:
        """Begin at the future at hand."""
        options = self.query_one(OptionList)
        here = next(end.number for end in self._ends if end.here)
        options.highlighted = options.get_option_index(str(here))
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        self.dismiss(int(event.option_id or 0))

    def action_leave(self) -> None:
        """Stay."""
        self.dismiss(None)


class Kinds(Dialog[str | None]):
    """Returns the name of the kind of normalization that was chosen, or None."""

    BINDINGS = [("escape,N,q", "leave", "leave")]

    def __init__(self, standing: Standing, ascii: bool) -> None:
        super().__init__()
        self._standing, self._ascii = standing, ascii

    def compose(self) -> ComposeResult:
        """A row for each kind, those in force marked, and below them what the one that is pointed at does."""
        title, rows = kind_lines(self._standing, self._ascii, self.app.size.width)
        with Vertical(id="kinds"):
            yield Said(title, id="kinds-title")
            yield OptionList(*(Option(Content(text), id=name) for name, text in rows))
            yield Said("", id="kinds-says")
            yield Said("↑↓ choose  enter normalize so  esc leave", id="kinds-keys")

    def on_resize(self) -> None:
        """The rows at the new width."""
        _tell_anew(self, "#kinds-title", *kind_lines(self._standing, self._ascii, self.app.size.width))

    def on_mount(self) -> None:
        """Begin at the kind at hand."""
        options = self.query_one(OptionList)
        options.highlighted = options.get_option_index(kind_at_hand(self._standing).name)
        options.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what it does."""
        self.query_one("#kinds-says", Said).say(NORMALIZATIONS[event.option_id or ""].says)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Normalize so."""
        self.dismiss(event.option_id)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
