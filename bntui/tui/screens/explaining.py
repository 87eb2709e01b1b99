"""Dialogs that explain: each thing that is to be seen, and the whole program."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.tui.host import host_of
from bntui.tui.keys import keys_of
from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said, spelled
from bntui.views.explain.explanation import Group, lines_of
from bntui.views.screen.arrangement import LEAST_COLUMNS
from bntui.views.text.cells import cells
from bntui.views.text.lines import text_of

IDEA = (
    "The ledger multiplies one layer's chain: from the cost ∂J/∂ŷ down to the layer's weight. Each row is a factor, its value, and "
    "the product so far; its bar runs on a log axis from the product before to the product after: █ grows, ▒ shrinks. Batch "
    "normalization is itself such a factor, in three parts: scale γ/σ (σ grows with |w|, so the size of w cancels), centre and "
    "project (what has no effect on J is taken out). Other kinds have some of these parts, over the units of a sample or over the "
    "rows of the weight instead of over the samples of the batch."
)
FOLLOWERS = "You follow a session: of the keys below, those that would change something in it are refused."
COLOURS = "bntui --theme dark, light, ansi (the terminal's own colours) or projector (dark on white, strong contrast)"


BESIDE = 16  # cells before what is said of a kind or a cost


def hung(name: str, says: str, width: int) -> str:
    """A name, and beside it what it says in rows of a width."""
    return textwrap.fill(says, max(width, 2 * cells(name)), initial_indent=name, subsequent_indent=" " * cells(name))


class Explaining(Dialog[None]):
    """Things in a list, and beside it what is said of the one that is pointed at; tab goes on to the next group of them."""

    BINDINGS = [
        ("escape,i,q,enter", "dismiss", "close"),
        ("up", "move(-1)", "the thing above"),
        ("down", "move(1)", "the thing below"),
        ("tab,right", "turn(1)", "the next group"),
        ("shift+tab,left", "turn(-1)", "the group before"),
        ("pagedown,space", "read(1)", "read on"),
        ("pageup", "read(-1)", "read back"),
    ]

    def __init__(self, groups: Sequence[Group], ascii: bool) -> None:
        super().__init__()
        self._groups, self._ascii = groups, ascii
        self._place, self._at = 0, groups[0].chosen

    def compose(self) -> ComposeResult:
        """The group's title, its things, what is said of one, and the keys."""
        with Vertical(id="explaining"):
            yield Said("", id="explaining-title")
            with Horizontal():
                options = OptionList()
                options.can_focus = False  # the keys are the dialog's
                yield options
                with VerticalScroll(id="explaining-text") as text:
                    text.can_focus = False
                    yield Said("", id="explaining-name")
                    yield Said("", id="explaining-says")
            yield Said("", id="explaining-keys")

    def on_mount(self) -> None:
        """Begin with the first group."""
        self._open(self._groups[0].chosen)

    def on_resize(self) -> None:
        """What is said is laid out anew for the width."""
        self.call_after_refresh(self._say)

    def _open(self, at: int) -> None:
        """The things of the group at hand."""
        group, following = self._groups[self._place], self._groups[(self._place + 1) % len(self._groups)]
        self._at = at
        self.query_one("#explaining-title", Said).say(f"Explained: {group.title}")
        self.query_one("#explaining-keys", Said).say(f"↑↓ choose  tab {following.title}  space read on  esc")
        options = self.query_one(OptionList)
        options.set_options(Option(Content(spelled(self, each.name))) for each in group.explanations)
        options.highlighted = at
        self._say()

    def _say(self) -> None:
        if self.app.screen is not self or not self.query("#explaining-says"):  # gone, or not yet there
            return
        explanation, text = self._groups[self._place].explanations[self._at], self.query_one("#explaining-text")
        width = text.scrollable_content_region.width or LEAST_COLUMNS // 2
        self.query_one("#explaining-name", Said).say(explanation.name)
        self.query_one("#explaining-says", Said).say(text_of(lines_of(explanation, width, self._ascii)))
        text.scroll_home(animate=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what it is."""
        if event.option_index != self._at and event.option_index < len(self._groups[self._place].explanations):
            self._at = event.option_index
            self._say()

    def action_move(self, by: int) -> None:
        """Another thing of the group."""
        count = len(self._groups[self._place].explanations)
        self._at = (self._at + by) % count
        self.query_one(OptionList).highlighted = self._at
        self._say()

    def action_turn(self, by: int) -> None:
        """Another group."""
        self._place = (self._place + by) % len(self._groups)
        self._open(self._groups[self._place].chosen)

    def action_read(self, by: int) -> None:
        """The rest of what is said, where it has no room."""
        text = self.query_one("#explaining-text")
        text.scroll_relative(y=by * max(text.size.height - 1, 1), animate=False)


class Help(Dialog[None]):
    """Scrolls with the arrow keys; any of escape, q, ? or enter closes it."""

    BINDINGS = [("escape,q,question_mark,enter", "dismiss", "close")]

    def __init__(self) -> None:
        super().__init__()
        self._tables: list[tuple[Said, list[tuple[str, str]]]] = []  # each a text of names, and beside each what it says
        self._text = VerticalScroll(id="help")  # kept: a size may be told of when it has gone
        self._width = 0  # of the text

    def compose(self) -> ComposeResult:
        """The idea, then the keys in their groups."""
        with self._text:
            yield Said(IDEA)
            follows = host_of(self).follows
            if follows:
                yield Said(FOLLOWERS, classes="help-group")
            keys = keys_of(follows)
            for group in dict.fromkeys(key.group for key in keys):
                yield Said(group, classes="help-group")
                yield self._table([(f"  {spelled(self, key.shown):<9} ", key.says) for key in keys if key.group == group])
            yield Said("Kinds of normalization (N)", classes="help-group")
            kinds = [((f"  {name:<20}", kind.short), (" " * BESIDE, kind.says)) for name, kind in NORMALIZATIONS.items()]
            yield self._table([row for both in kinds for row in both])
            yield Said("Colours", classes="help-group")
            yield Said(COLOURS)
            yield Said("Costs: J of m samples and n outputs", classes="help-group")
            costs = [((f"  {name:<13} ", cost.formula), (" " * BESIDE, cost.says)) for name, cost in COSTS.items()]
            yield self._table([row for both in costs for row in both])

    def _table(self, rows: list[tuple[str, str]]) -> Said:
        """Names and what they say, written when it is known how wide."""
        self._tables.append((Said(), rows))
        return self._tables[-1][0]

    def on_resize(self) -> None:
        """What is said is broken anew for the width, its later rows under its beginning."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        width = self._text.scrollable_content_region.width
        if width in (0, self._width):
            return
        self._width = width
        for said, rows in self._tables:
            lines = (hung(spelled(self, name), spelled(self, says), width) for name, says in rows)
            said.say("\n".join(lines))
