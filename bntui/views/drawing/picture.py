"""What a chart consists of before it is drawn: marks in cell coordinates, and the text around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bntui.views.text.spans import Line, Role, Span

Lines = tuple[Line, ...]

TWIN_MARK = "◇"

IN_ASCII = dict(zip("█▒░▓│┤─└┴◂▸↑↓•…·−–×‖∂′●▲▶✓✗÷∘", "#-.%|+-++<>^v*~.--x|d'*^>+x/o", strict=True)) | {
    "γ": "gamma",
    "β": "beta",
    "δ": "delta",
    "ε": "eps",
    "η": "eta",
    "θ": "theta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "σ": "sigma",
    "Σ": "sum",
    "∏": "prod",
    "→": "->",
    "↦": "->",
    "≤": "<=",
    "≥": ">=",
    "←": "<-",
    "≈": "~",
    "±": "+-",
    "▾": "v",
    "⋮": ":",
    "ŷ": "y",
    "Δ": "d",
    "ᵀ": "'",
    "″": "''",
    "√": "sqrt",
    "½": "1/2",
    "¼": "1/4",
    "°": " deg",
    "—": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "\u0302": "",
    TWIN_MARK: "o",
}
POWER = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵏ]+")


@dataclass(frozen=True, slots=True)
class Size:
    """The cells that a chart may fill."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points, x from the left and y from the bottom in cells; where `joined` is false it starts anew."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    joined: tuple[bool, ...]
    glyph: str  # one character, or "braille"
    role: Role


@dataclass(frozen=True, slots=True)
class Bars:
    """Straight bars one cell thick, each from one cell centre to another."""

    begin: tuple[tuple[float, float], ...]
    end: tuple[tuple[float, float], ...]
    glyph: str
    role: Role


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin vertical line through the whole plot."""

    column: int
    role: Role


Sheet = dict[tuple[int, int], tuple[str, Role]]  # (column from the left, row from the bottom): glyph and role
PlotMark = Stroke | Bars | Rule


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot of `width` by `height` cells with a gutter to its left, and lines above and below both."""

    width: int
    height: int
    marks: tuple[PlotMark, ...] = ()
    gutter: tuple[Span, ...] = ()
    above: Lines = ()
    below: Lines = ()


def dot(column: int, row: int, glyph: str, role: Role) -> Bars:
    """One character in a cell, columns from the left and rows from the bottom."""
    return dots([(column, row)], glyph, role)


def dots(places: Iterable[tuple[int, int]], glyph: str, role: Role) -> Bars:
    """One character in each of several cells, columns from the left and rows from the bottom."""
    centres = tuple((column + 0.5, row + 0.5) for column, row in places)
    return Bars(centres, centres, glyph, role)


def stacked(sheet: Sheet) -> tuple[Bars, ...]:
    """The cells of a sheet as upright bars, those of one glyph and role together."""
    runs: dict[tuple[str, Role], list[tuple[tuple[int, int], int]]] = {}
    for (column, row), kind in sorted(sheet.items()):
        known = runs.setdefault(kind, [])
        if known and known[-1][0][0] == column and known[-1][1] == row - 1:
            known[-1] = (known[-1][0], row)
        else:
            known.append(((column, row), row))
    return tuple(
        Bars(
            tuple((column + 0.5, row + 0.5) for (column, row), _ in places),
            tuple((column + 0.5, top + 0.5) for (column, _), top in places),
            glyph,
            role,
        )
        for (glyph, role), places in runs.items()
        if glyph != " "
    )


def letter_in_ascii(character: str) -> str:
    """The letter without its accents, nothing for what takes no cell, and a question mark for any other character."""
    letter = "".join(part for part in unicodedata.normalize("NFKD", character) if part.isascii())
    return letter or ("" if character_cells(character) == 0 else "?")


def in_ascii(text: str, ascii: bool, unknown: Callable[[str], str] = letter_in_ascii) -> str:
    """The text as it is, or its nearest rendering in plain ASCII; `unknown` spells what is none of this program's own."""
    if not ascii or text.isascii():
        return text
    text = POWER.sub(lambda power: "^" + unicodedata.normalize("NFKC", power[0]).replace("−", "-"), text)
    return "".join(
        character if character.isascii() else IN_ASCII[character] if character in IN_ASCII else unknown(character)
        for character in text
    )


def in_ascii_cells(text: str) -> str:
    """The text in ASCII, exactly as many characters as it has cells: for what is drawn already."""
    return text if text.isascii() else "".join(map(_in_ascii_cells, text))


def _in_ascii_cells(character: str) -> str:
    wide = character_cells(character)
    if "\u2500" <= character <= "\u259f" and character not in IN_ASCII:  # the lines and blocks that frames are made of
        name = unicodedata.name(character)
        return "|" if name.endswith(" VERTICAL") else "-" if name.endswith(" HORIZONTAL") else "+" if "BOX" in name else " "
    return in_ascii(character, True)[:wide].ljust(wide)


def character_cells(character: str) -> int:
    """The cells that a terminal gives to a character."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells(text: str) -> int:
    """The cells that a terminal gives to a text."""
    return len(text) if text.isascii() else sum(map(character_cells, text))


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """The text without control characters in at most `width` cells; an ellipsis stands for an end that was cut."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "?" for character in text)
    if cells(text) <= width:
        return text
    if width <= 0:
        return ""
    while text and cells(text) > width - 1:
        text = text[:-1]
    return text + ellipsis


def pad(text: str, width: int) -> str:
    """The text cut or filled with blanks to exactly `width` cells."""
    text = cut(text, width)
    return text + " " * (width - cells(text))


def blank(width: int) -> Line:
    """A line of blanks."""
    return (Span(" " * width),) if width > 0 else ()


def fill(spans: Iterable[Span], width: int) -> Line:
    """Spans cut or filled with blanks to exactly `width` cells, neighbours of one role joined."""
    out: list[Span] = []
    room = width
    for span in spans:
        text = cut(span.text, room)
        room -= cells(text)
        if text and out and out[-1].role == span.role:
            out[-1] = Span(out[-1].text + text, span.role)
        elif text:
            out.append(Span(text, span.role))
    if room > 0:
        out = [*out[:-1], Span(out[-1].text + " " * room)] if out and out[-1].role == "plain" else [*out, *blank(room)]
    return tuple(out)


def legend(title: str, entries: Sequence[tuple[str, str, Role]], width: int, ascii: bool) -> Line:
    """The title, then each entry's glyph and label, cut alike until they fit."""
    ellipsis = in_ascii("…", ascii)
    title = in_ascii(title, ascii)
    labels = [in_ascii(label, ascii) for _, label, _ in entries]
    wanted = sum(cells(label) + 4 for label in labels)
    spans: list[Span] = []
    if title:
        room = width if not labels else max(width - wanted, min(cells(title), width // 3))
        title = cut(title, room, ellipsis)
        spans.append(Span(title, "strong"))
    left = width - cells(title)
    roomy = wanted <= left
    for index, ((glyph, _, role), name) in enumerate(zip(entries, labels, strict=True)):
        if left < 3:
            break
        gap = "" if not spans else "  " if roomy else " "
        room = (left if roomy else left // (len(labels) - index)) - 2 - len(gap)
        label = cut(name, max(room, 0), ellipsis)
        left -= len(gap) + 2 + cells(label)
        spans += [Span(gap), Span(f"{glyph} {label}", role)]
    return fill(spans, width)


def sentence(text: str, size: Size, above: Lines, ascii: bool) -> Picture:
    """A plot with a sentence in its middle and nothing else."""
    rows = max(size.height - len(above), 0)
    line = cut(text, size.width, in_ascii("…", ascii))
    row = fill((Span(" " * ((size.width - cells(line)) // 2)), Span(line, "faint")), size.width)
    empty = blank(size.width)
    body = tuple(row if index == (rows - 1) // 2 else empty for index in range(rows))
    return Picture(0, 0, above=(above + body)[: size.height])
