"""How many colours a terminal is sent, by what its environment says."""

import sys

import pytest

from bntui.tui.colours import Depth, depth_of

BY_NAME = {
    "xterm": "16", "xterm-16color": "16", "xterm-256color": "256", "xterm-direct": "truecolor", "linux": "16", "screen": "16",
    "screen-256color": "256", "screen.xterm-256color": "256", "tmux": "16", "tmux-256color": "256", "vt100": "none", "vt220": "none",
    "xterm-mono": "none", "ms-terminal": "truecolor", "alacritty": "truecolor", "foot": "truecolor", "foot-extra": "truecolor",
    "xterm-kitty": "truecolor", "nobody-knows": "16", "": "16",
}  # fmt: skip


@pytest.mark.parametrize("name", BY_NAME)
def test_the_name_of_the_terminal_says_it(name: str) -> None:
    assert depth_of({"TERM": name}) == BY_NAME[name]


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "tmux-256color", "COLORTERM": "24bit", "TMUX": "x"}, "truecolor"),
        ({"TERM": "xterm-256color", "COLORTERM": "yes"}, "256"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.pts"}, "256"),
        ({"TERM": "screen", "COLORTERM": "truecolor", "STY": "1.pts"}, "16"),
        ({"TERM": "xterm", "COLORTERM": "truecolor", "TEXTUAL_COLOR_SYSTEM": "standard"}, "16"),
        ({"TERM": "linux", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, "truecolor"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "auto"}, "256"),
        ({"TERM": "xterm", "COLORTERM": "truecolor", "TEXTUAL_COLOR_SYSTEM": "256", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256"),
    ],
)
def test_what_is_asked_for_and_what_is_known_beside_it_count_more(environment: dict[str, str], depth: Depth) -> None:
    assert depth_of(environment) == depth


def test_where_the_list_of_terminals_cannot_be_asked_there_are_sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "curses", None)
    assert depth_of({"TERM": "xterm"}) == "16"
