"""The keys of the explorer, in the order in which help lists them."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

from bntui.scenario.model.actions import Shown
from bntui.views.kinds import FORMULA, VIEWS, ViewKind


@dataclass(frozen=True, slots=True)
class Key:
    """A key, the action that it calls, and what it does in a few words."""

    keys: str
    action: str
    says: str
    shown: str
    group: str


OWN_ACTIONS: dict[Shown, str] = {"formula": "formula", "sweep": "sweep", "landscape": "landscape"}


def _opening(view: ViewKind, group: str) -> Key:
    """The key that opens a view."""
    return Key(view.key, OWN_ACTIONS.get(view.name, f"view('{view.name}')"), view.says, view.key, group)


KEYS = (
    Key("space,right", "step", "one step of gradient descent", "space →", "Time"),
    Key("left", "back", "one step back", "←", "Time"),
    Key("home", "home", "to the start", "home", "Time"),
    Key("end", "end", "to the last recorded step", "end", "Time"),
    Key("j", "jump", "jump to a step", "j", "Time"),
    Key("left_curly_bracket", "mark(False)", "to the mark before", "{", "Time"),
    Key("right_curly_bracket", "mark(True)", "to the next mark", "}", "Time"),
    Key("tab", "futures", "every path taken; go on in another", "tab", "Time"),
    Key("r", "run", "run, pause", "r", "Time"),
    Key("less_than_sign", "speed(False)", "run slower", "<", "Time"),
    Key("greater_than_sign", "speed(True)", "run faster", ">", "Time"),
    Key("0", "reset", "start anew; what was done is kept", "0", "Time"),
    Key("b", "batch_norm", "batch normalization everywhere, on or off", "b", "The network"),
    Key("B", "layer_norm", "batch normalization of the selected layer", "B", "The network"),
    Key("v", "switching", "switch by reset, or so that nothing moves", "v", "The network"),
    Key("m", "mode", "training or evaluation mode", "m", "The network"),
    Key("plus", "rate(True)", "larger learning rate: 1, 2, 5, 10 …", "+", "The network"),
    Key("minus", "rate(False)", "smaller learning rate", "-", "The network"),
    Key("e", "edit", "type a value: η, the momentum, a weight", "e", "The network"),
    Key("asterisk", "scale(2.0)", "selected layer's weights × 2", "*", "The network"),
    Key("slash", "scale(0.5)", "selected layer's weights ÷ 2", "/", "The network"),
    Key("t", "twin", "a twin with BN the other way, or no more", "t", "Side by side"),
    Key("T", "twin_dialog", "a twin of another kind: rate, init, future", "T", "Side by side"),
    *(_opening(view, "Side by side") for view in VIEWS.values() if view.key and not view.tab),
    Key("up", "layer(True)", "the layer above, towards the output", "↑", "Looking"),
    Key("down", "layer(False)", "the layer below, towards the input", "↓", "Looking"),
    Key("right_square_bracket", "sample(True)", "next sample, or the whole batch", "]", "Looking"),
    Key("left_square_bracket", "sample(False)", "previous sample", "[", "Looking"),
    Key("u", "unit", "follow one unit of the layer, or all of them", "u", "Looking"),
    Key("enter", "unfold", "unfold every layer's factors", "enter", "Looking"),
    _opening(FORMULA, "Looking"),
    *(_opening(view, "Looking") for view in VIEWS.values() if view.key.isdecimal()),
    Key("n", "next_beat", "next beat of the lesson, or read on", "n", "The lesson"),
    Key("p", "previous_beat", "the beat before, and the state that it left", "p", "The lesson"),
    Key("o", "app.open", "open a scenario", "o", "The program"),
    Key("w", "save", "write the session as a scenario", "w", "The program"),
    Key("x", "export", "export the trace as JSON lines", "x", "The program"),
    Key("y", "copy(False)", "copy what is on the screen", "y", "The program"),
    Key("Y", "copy(True)", "copy the session as a scenario", "Y", "The program"),
    Key("colon", "app.command_palette", "find any command", ":", "The program"),
    Key("question_mark", "app.help", "this help", "?", "The program"),
    Key("escape", "cancel", "stop what takes long", "esc", "The program"),
    Key("q", "app.quit", "quit; the session can be gone on with", "q", "The program"),
    Key("Q", "app.discard", "discard the session and quit", "Q", "The program"),
)

FOOTER = "space step  ← back  r run  b BN  +/− η  ↑↓ layer  : commands  ? help  q quit"

LESSON_FOOTER = "space step  ← back  r run  b BN  +/− η  ↑↓ layer  n next  : commands  ? help"


def bindings() -> list[Binding]:
    """The keys as textual takes them."""
    return [Binding(key.keys, key.action, key.says, show=False, id=f"{key.action}") for key in KEYS]
