"""The themes: those of 24-bit colours, and what becomes of each of them where a terminal has sixteen colours or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import BUILTIN_THEMES, Theme

from bntui.records import dataclass
from bntui.scenario.text.wording import listing, shown, suggestion
from bntui.tui.colours import Depth

PROJECTOR = Theme(  # a projector's black is but the wall: what is light on it drowns in a lit room
    "projector",
    primary="#0b3d91",
    secondary="#5a1a6a",
    accent="#00483f",
    warning="#7a2e00",
    error="#a00000",
    success="#00483f",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#e4e4e4",
    boost="#e4e4e4",
    dark=False,
)
WORDS_OR_SPACE = re.compile(r"\S+(?: \S+)*|\s+")
KNOWN = (*BUILTIN_THEMES.values(), PROJECTOR)
THEMES = {"dark": "textual-dark", "light": "textual-light", "ansi": "ansi-dark", "projector": PROJECTOR.name}


@dataclass(frozen=True, slots=True)
class Inks:
    """Colours of the sixteen, by name, for each role; "default" is the terminal's own.

    `chosen` is the row at hand of a list, ink and paper; `emphasis` is how what matters is written.
    """

    paper: str
    plain: str
    faint: str
    accent: str
    second: str
    growth: str
    shrinkage: str
    warning: str
    twin: str
    chosen: tuple[str, str]
    emphasis: Literal["bold", "underline", "none"] = "bold"

    def without_lines(self) -> Inks:
        """The same where nothing can be underlined."""
        return replace(self, emphasis="none") if self.emphasis == "underline" else self


# on black the bright ones; blue is the darkest of them, so it has least to say
ON_BLACK = Inks(
    paper="black",
    plain="bright_white",
    faint="white",
    accent="bright_green",
    second="bright_magenta",
    growth="bright_yellow",
    shrinkage="bright_cyan",
    warning="bright_red",
    twin="bright_blue",
    chosen=("black", "white"),
)
# on white only three can be read: green, yellow and cyan are too light. Many terminals (PuTTY, xterm, the Linux console) write what
# is bold in the bright form of its colour, which is too light there too; black's is grey: what matters would be the faintest
ON_WHITE = Inks(
    paper="bright_white",
    plain="black",
    faint="bright_black",
    accent="blue",
    second="magenta",
    growth="red",
    shrinkage="blue",
    warning="red",
    twin="magenta",
    chosen=("bright_white", "blue"),
    emphasis="underline",
)
# on a background that nobody knows the bright forms of those three, which can be read on black and on white
ON_ANY = Inks(
    paper="default",
    plain="default",
    faint="default",
    accent="bright_blue",
    second="bright_magenta",
    growth="bright_red",
    shrinkage="bright_blue",
    warning="bright_red",
    twin="bright_magenta",
    chosen=("bright_white", "blue"),
)
FOR_PROJECTOR = replace(ON_WHITE, faint="black")


def inks_of(theme: Theme, depth: Depth) -> Inks:
    """The inks of a theme where its own colours are not to be had, or are the terminal's."""
    if theme.ansi or depth == "none":
        return ON_ANY
    if theme.name == PROJECTOR.name:
        return FOR_PROJECTOR
    return ON_BLACK if theme.dark else ON_WHITE


def themes_for(depth: Depth) -> Iterator[Theme]:
    """Every theme, under its own name, as a terminal of that many colours shows it."""
    for theme in KNOWN:
        yield _in_inks(theme, inks_of(theme, depth)) if theme.ansi or depth in ("16", "none") else theme


def variables_of(inks: Inks) -> dict[str, str]:
    """The inks as bntui.tcss and textual's own widgets ask for them."""
    ink, paper = (f"ansi_{name}" for name in inks.chosen)
    roles = {name: f"ansi_{getattr(inks, name)}" for name in ("accent", "second", "growth", "shrinkage", "warning", "twin")}
    bar = f"ansi_{inks.accent if inks.faint == 'default' else inks.faint}"
    return {
        **{f"ink-{role}": colour for role, colour in roles.items()},
        "block-cursor-foreground": ink,
        "block-cursor-background": paper,
        "block-cursor-text-style": "none",
        "block-cursor-blurred-foreground": ink,
        "block-cursor-blurred-background": paper,
        "block-cursor-blurred-text-style": "none",
        "block-hover-background": "ansi_default",
        "border": roles["accent"],
        "border-blurred": roles["accent"],
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": paper,
        "input-selection-foreground": ink,
        "screen-selection-background": paper,
        "screen-selection-foreground": ink,
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        **dict.fromkeys(("scrollbar", "scrollbar-hover", "scrollbar-active"), bar),
        **dict.fromkeys(
            ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active", "scrollbar-corner-color"),
            "ansi_default",
        ),
    }


def _in_inks(theme: Theme, inks: Inks) -> Theme:
    own = "ansi_default"
    return Theme(
        theme.name,
        ansi=True,
        dark=theme.dark,
        primary=f"ansi_{inks.accent}",
        secondary=f"ansi_{inks.second}",
        accent=f"ansi_{inks.accent}",
        warning=f"ansi_{inks.warning}",
        error=f"ansi_{inks.warning}",
        success=f"ansi_{inks.accent}",
        foreground=own,
        background=own,
        surface=own,
        panel=own,
        boost=own,
        variables=variables_of(inks),
    )


class Inked(LineFilter):
    """Writes what has the terminal's own colours in those of a theme, and what is faint in its faint ink."""

    def __init__(self) -> None:
        super().__init__(enabled=False)
        self._inks = ON_ANY

    def take(self, inks: Inks) -> None:
        """Write in these inks from now on."""
        self._inks, self.enabled = inks, inks.paper != "default"

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in the theme's colours."""
        return [Segment(text, inked(style or Style.null(), self._inks), control) for text, style, control in segments]


class WordsUnderlined(LineFilter):
    """Of what is underlined leaves the space around the words alone."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, in pieces where they are underlined."""
        return [piece for segment in segments for piece in _words_underlined(segment)]


def _words_underlined(segment: Segment) -> Iterator[Segment]:
    text, style, control = segment
    if style is None or not style.underline:
        yield segment
        return
    for piece in WORDS_OR_SPACE.findall(text):
        yield Segment(piece, style + Style(underline=False) if piece.isspace() else style, control)


@lru_cache(maxsize=1024)
def inked(style: Style, inks: Inks) -> Style:
    """A style in which nothing is the terminal's own colour, and nothing bold that many terminals would make paler by that."""
    paper = None if _is_painted(style) else inks.paper
    own = style.dim or style.color is None or style.color.is_default
    ink = (inks.chosen[0] if paper is None else inks.faint if style.dim else inks.plain) if own else None
    colours = Style.from_color(RichColor.parse(ink) if ink else None, RichColor.parse(paper) if paper else None)
    worn = style + colours + Style(dim=False if style.dim else None) + _emphasis(style, inks)
    if not style.reverse:
        return worn
    # a Linux console exchanges the colours, but not how bright they are: what was white on black would be dark grey on grey
    return worn + Style.from_color(worn.bgcolor, worn.color) + Style(reverse=False)


def _emphasis(style: Style, inks: Inks) -> Style:
    """What becomes of bold; what is painted or exchanged stands out by that alone."""
    if not style.bold:
        return Style.null()
    if style.reverse or _is_painted(style):
        return Style(bold=False)
    return {"bold": Style.null(), "underline": Style(bold=False, underline=True), "none": Style(bold=False)}[inks.emphasis]


class Uncoloured(LineFilter):
    """Takes every colour away; what is bold, faint or underlined stays so, and what is painted is exchanged with its ground."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without colours."""
        return [Segment(text, style and uncoloured(style), control) for text, style, control in segments]


@lru_cache(maxsize=1024)
def uncoloured(style: Style) -> Style:
    """A style without colours; what is exchanged is not bold besides, which terminals would write in grey."""
    is_painted = _is_painted(style)
    return style.without_color + Style(reverse=is_painted or None, bold=False if is_painted or style.reverse else None)


def _is_painted(style: Style) -> bool:
    """Whether a style has another background than the terminal's own."""
    return style.bgcolor is not None and not style.bgcolor.is_default


def theme_problem(theme: str) -> str | None:
    """A sentence where there is no such theme, with the near ones."""
    known = [*THEMES, *BUILTIN_THEMES]
    if theme in known:
        return None
    there = f"there are {listing(THEMES)}, and Textual's, which `:` theme lists"
    return f"there is no theme {shown(theme)}; {there}{suggestion(theme, known)}"


def short_name(theme: str) -> str:
    """The name by which a theme is asked for."""
    return next((short for short, name in THEMES.items() if name == theme), theme)
