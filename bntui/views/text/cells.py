"""What text takes on a terminal: the cells of its characters, and its nearest spelling where there is nothing but ASCII."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

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
