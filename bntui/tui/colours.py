"""How many colours a terminal shows, as far as its environment tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Depth = Literal["none", "16", "256", "truecolor"]

ASKED: dict[str, Depth] = {"standard": "16", "256": "256", "truecolor": "truecolor"}  # what textual calls them
TEXTUALS_NAMES: dict[Depth, str] = {"none": "standard", **{depth: name for name, depth in ASKED.items()}}
TRUECOLOR = ("truecolor", "24bit")
# terminals that say by their name that they have all colours: COLORTERM, which says so too, does not come along over ssh
ALL_COLOURS = re.compile(r"(alacritty|contour|foot|ghostty|ms-terminal|wezterm|xterm-ghostty|xterm-kitty)(-.*)?|.*-direct")
COLOURLESS = re.compile(r"(vt\d+|.*-m|.*-mono)(-.*)?")

INSTEAD_OF_LINES = re.compile(r"linux(-.*)?")  # whose system writes in cyan what is to be underlined; terminfo has it as `ncv`


def underlines(environment: Mapping[str, str]) -> bool:
    """Whether what is underlined keeps the colour in which it is written."""
    return INSTEAD_OF_LINES.fullmatch(environment.get("TERM", "")) is None


def depth_of(environment: Mapping[str, str]) -> Depth:
    """The colours that may be sent: none where NO_COLOR is not empty, else what is asked for, or what the terminal is known for."""
    if environment.get("NO_COLOR"):
        return "none"
    asked = environment.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if asked in ASKED:
        return ASKED[asked]
    name = environment.get("TERM", "").lower()
    in_screen = "STY" in environment and name.startswith("screen")
    if not in_screen and (environment.get("COLORTERM", "").lower() in TRUECOLOR or ALL_COLOURS.fullmatch(name)):
        return "truecolor"
    if name.endswith("256color"):
        return "256"
    return "none" if COLOURLESS.fullmatch(name) else _depth_of_known(name)


def _depth_of_known(name: str) -> Depth:
    """What the system's own list of terminals says; sixteen where it does not know the name, or cannot be asked."""
    try:
        import curses  # noqa: PLC0415 - most names say it themselves, and not every Python has it
    except ImportError:
        return "16"
    try:
        curses.setupterm(name, 1)
        colours = curses.tigetnum("colors")
    except curses.error:
        return "16"
    return "256" if colours >= 256 else "16" if colours >= 8 else "none"
