"""The keys of the explorer, in the order in which help lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from itertools import product

from textual.binding import Binding

from bntui.records import dataclass
from bntui.scenario.model.actions import Page, Shown
from bntui.session.look import controls
from bntui.session.look.controls import Control
from bntui.session.look.snapshot import Snapshot
from bntui.session.look.standing import LessonStanding
from bntui.views.kinds import FIT, FORMULA, VIEWS, ViewKind
from bntui.views.text.cells import cells, cut, in_ascii


@dataclass(frozen=True, slots=True)
class Key:
    """A key, what it does, and that in a few words.

    It is a control of the session, before which a run may pause, or the name of an action of the screen.
    """

    keys: str
    does: Control | str
    says: str
    shown: str
    group: str
    pauses: bool = False

    @property
    def action(self) -> str:
        """The action that textual calls."""
        return self.does if isinstance(self.does, str) else f"take('{self.name}')"

    @property
    def name(self) -> str:
        """The name that textual has for it, or for the first of them."""
        return self.keys.partition(",")[0]


OWN_ACTIONS: dict[Shown | Page, str] = {"formula": "formula", "sweep": "sweep", "landscape": "landscape"}


def _opening(view: ViewKind, group: str) -> Key:
    """The key that opens a view."""
    return Key(view.key, OWN_ACTIONS.get(view.name, f"view('{view.name}')"), view.says, view.key, group)


KEYS = (
    Key("space,right", controls.step, "one step of gradient descent", "space →", "Time"),
    Key("left", controls.step_back, "one step back", "←", "Time", pauses=True),
    Key("home", controls.to_start, "to the start", "home", "Time", pauses=True),
    Key("end", controls.to_end, "to the last recorded step", "end", "Time", pauses=True),
    Key("j", "jump", "jump to a step", "j", "Time"),
    Key("left_curly_bracket", partial(controls.to_mark, onward=False), "to the mark before", "{", "Time", pauses=True),
    Key("right_curly_bracket", partial(controls.to_mark, onward=True), "to the next mark", "}", "Time", pauses=True),
    Key("tab", "futures", "every path taken; go on in another", "tab", "Time"),
    Key("r", "run", "run, pause", "r", "Time"),
    Key("less_than_sign", "speed(False)", "run slower", "<", "Time"),
    Key("greater_than_sign", "speed(True)", "run faster", ">", "Time"),
    Key("0", controls.start_anew, "start anew; what was done is kept", "0", "Time", pauses=True),
    Key("b", controls.toggle_batch_norm, "normalization everywhere, on or off", "b", "The network"),
    Key("B", controls.toggle_layer, "normalization of the selected layer, on or off", "B", "The network"),
    Key("N", "normalization", "choose a kind of normalization", "N", "The network"),
    Key("v", controls.toggle_switching, "switch by reset, or so that nothing moves", "v", "The network"),
    Key("k", controls.toggle_skips, "skip connections, there or not", "k", "The network"),
    Key("m", controls.toggle_mode, "training or evaluation mode", "m", "The network"),
    Key("plus", partial(controls.change_rate, up=True), "larger learning rate: 1, 2, 5, 10 …", "+", "The network"),
    Key("minus", partial(controls.change_rate, up=False), "smaller learning rate", "-", "The network"),
    Key("e", "edit", "type a value: η, an optimizer, its decay, a weight", "e", "The network"),
    Key("asterisk", partial(controls.scale_layer, by=2.0), "selected layer's weights × 2", "*", "The network"),
    Key("slash", partial(controls.scale_layer, by=0.5), "selected layer's weights ÷ 2", "/", "The network"),
    Key("t", "twin", "a twin, normalization the other way, or no more", "t", "Side by side"),
    Key("T", "twin_dialog", "a twin of another kind: norm, rate, init, future", "T", "Side by side"),
    *(_opening(view, "Side by side") for view in VIEWS.values() if view.key and not view.tab),
    Key("up", partial(controls.move_layer, towards_output=True), "the layer above, towards the output", "↑", "Looking"),
    Key("down", partial(controls.move_layer, towards_output=False), "the layer below, towards the input", "↓", "Looking"),
    Key("right_square_bracket", partial(controls.move_sample, onward=True), "next sample, or the whole batch", "]", "Looking"),
    Key("left_square_bracket", partial(controls.move_sample, onward=False), "previous sample", "[", "Looking"),
    Key("u", controls.move_unit, "follow one unit of the layer, or all of them", "u", "Looking"),
    Key("enter", "unfold", "unfold every layer's factors", "enter", "Looking"),
    _opening(FORMULA, "Looking"),
    *(_opening(view, "Looking") for view in VIEWS.values() if view.key.isdecimal() or view.key == FIT.key),
    Key("i", "explain", "explain: the rows, the view, the signs", "i", "Looking"),
    Key("n", "next_beat", "next beat of the lesson; at its end the next lesson", "n", "The lesson"),
    Key("p", "previous_beat", "the beat before, and the state that it left", "p", "The lesson"),
    Key("l", "beats", "list of beats, to go to any of them", "l", "The lesson"),
    Key("full_stop", "app.blank", "blank the screen; any key goes on", ".", "The lesson"),
    Key("o", "app.open", "open a scenario", "o", "The program"),
    Key("w", "save", "write the session as a scenario", "w", "The program"),
    Key("x", "export", "export the trace as JSON lines or CSV", "x", "The program"),
    Key("y", "copy(False)", "copy what is on the screen", "y", "The program"),
    Key("Y", "copy(True)", "copy the session as a scenario", "Y", "The program"),
    Key("colon", "app.command_palette", "find any command", ":", "The program"),
    Key("question_mark", "app.help", "this help", "?", "The program"),
    Key("ctrl+l", "app.repaint", "paint the screen anew", "ctrl+l", "The program"),
    Key("ctrl+z", "app.suspend_process", "suspend the program; fg goes on with it", "ctrl+z", "The program"),
    Key("escape", "cancel", "stop what takes long", "esc", "The program"),
    Key("q", "app.quit", "quit; the session can be gone on with", "q", "The program"),
    Key("Q", "app.discard", "discard the session and quit", "Q", "The program"),
)

FOLLOWING = (  # of those who follow another's session, beside the keys that look and go through the history
    Key("equals_sign", "return", "back to what the speaker shows", "=", "Following"),
    Key("O", "take_over", "go on by yourself from here, in a session of your own", "O", "Following"),
)



FOLLOWERS_SAY = {  # what some keys do to whoever follows, by their names
    "space": "the next recorded step",
    "tab": "every path taken; look at another",
    "n": "read on in the beat",
    "p": "the page before",
    "q": "quit",
    "Q": "quit",
}


def keys_of(follows: bool) -> tuple[Key, ...]:
    """The keys that there are, for whoever conducts a session or follows one."""
    if not follows:
        return KEYS
    return tuple(replace(key, says=FOLLOWERS_SAY.get(key.name, key.says)) for key in (*FOLLOWING, *KEYS))


BY_NAME = {key.name: key for key in KEYS}

LONGEST_SHORT = 4
GAPS = "  ", " "
ROWS_KEPT = 64


def footer(now: Snapshot, running: bool, reads_on: bool, width: int, ascii: bool) -> str:
    """The row of keys that make sense now, as many as have room: those that stand first in their ranks stay longest.

    Those that are told always move together where they have no room.

    A `short` name of the normalization that is too long for it is told as norm; `reads_on` says that the beat has another page.
    """
    return _fitting(tuple(_worth_pressing(now, running, reads_on)), width, ascii)


FOLLOWERS_KEYS = (  # in their order, each with its rank
    (0, "n reads on"),
    (1, "O go on yourself"),
    (4, "↑↓ layer"),
    (5, "← → steps"),
    (6, "1 2 3 views"),
    (7, "i explain"),
    (2, "? help"),
    (3, "q quit"),
)


def following_footer(where: str, reads_on: bool, width: int, ascii: bool) -> tuple[str, str]:
    """What is said of where a follower is, and as many keys as have room beside it.

    `reads_on` says that the beat has another page.
    """
    told = cut(in_ascii(where, ascii), width)
    room = width - cells(told) - len(GAPS[0])
    first = 0 if reads_on else 1
    for least in range(len(FOLLOWERS_KEYS), first, -1):
        keys = GAPS[0].join(in_ascii(text, ascii) for rank, text in FOLLOWERS_KEYS if first <= rank < least)
        if cells(keys) <= room:
            return told, GAPS[0] + keys
    return told, ""


def whole_words(keys: str, width: int) -> str:
    """As many of the keys of a dialog or a page as have room, each with what it does."""
    told = keys.split(GAPS[0])
    while len(told) > 1 and cells(GAPS[0].join(told)) > width:
        told.pop()
    return GAPS[0].join(told)


@lru_cache(maxsize=ROWS_KEPT)
def _fitting(ranked: tuple[tuple[int, str], ...], width: int, ascii: bool) -> str:
    told = [(rank, in_ascii(text, ascii)) for rank, text in ranked]
    ranks = sorted({rank for rank, _ in told}, reverse=True)
    for gap, last in [*product(GAPS[:1], ranks), *product(GAPS[1:], ranks[-1:])]:
        row = gap.join(text for rank, text in told if rank <= last)
        if cells(row) <= width:
            break
    return row


def _worth_pressing(now: Snapshot, running: bool, reads_on: bool) -> Iterator[tuple[int, str]]:
    """The keys in their order, each with its rank: 0 is told always."""
    if running:
        yield 0, "r pause"
        yield 0, "< > speed"
    elif not now.diverged:
        yield 0, "space step"
    if now.step and not running:
        yield 0, "← back"
    if now.diverged:
        yield 0, "0 start anew"
    elif not running:
        yield 0, "r run"
    if now.architecture.switchable:
        yield 0, f"b {now.short if len(now.short) <= LONGEST_SHORT else 'norm'}"
    yield 1, "+/− η"
    yield 2, "i explain"
    yield 3, "↑↓ layer"
    yield 6, "enter unfold"
    yield 6, "f formula"
    yield 5, "t twin"
    yield 5, "s sweep"
    yield 8, "g landscape"
    if now.lesson is not None:
        yield 0, _onward(now.lesson, reads_on)
    yield 6, "o open"
    yield 0, ": more"
    yield 0, "? help"
    yield 4, "q quit"


def _onward(lesson: LessonStanding, reads_on: bool) -> str:
    """What leads on in the lesson."""
    if reads_on and lesson.number:
        return "n read on"
    if lesson.finished:
        return "n next lesson" if lesson.following else "o another"
    return "n answer" if lesson.asking else "n next beat" if lesson.number else "n begin lesson"


def bindings() -> list[Binding]:
    """The keys as textual takes them."""
    return [Binding(key.keys, key.action, key.says, show=False, id=key.action) for key in KEYS]
