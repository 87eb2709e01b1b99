"""What text takes on a terminal: the cells of its characters, and its nearest spelling where there is nothing but ASCII."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

HAT = "\u0302"  # above the letter before it
TWIN_MARK = "◇"
LIT_MARK = "»"  # before what a lesson speaks of
TEXTS_KEPT = 512  # whose width is known: most of a screen stays as it was, and what changes seldom comes again

IN_ASCII = dict(zip("█▒░▓│┤─└┴◂▸↑↓•…·−–×‖∂′●▲▶✓✗÷∘", "#-.%|+-++<>^v*~.--x|d'*^>+x/o", strict=True)) | {
    "γ": "gamma",
    "β": "beta",
    "δ": "delta",
    "ε": "eps",
    "η": "eta",
    "θ": "theta",
    "κ": "kappa",
    "λ": "lambda",
    "Λ": "Lambda",
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
    "ŷ": "yhat",
    "Δ": "d",
    "ᵀ": "'",
    "″": "''",
    "√": "sqrt",
    "½": "1/2",
    "§": "section ",
    "¼": "1/4",
    "°": " deg",
    "—": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    HAT: "hat",
    TWIN_MARK: "o",
    LIT_MARK: ">",
}
# letters of Latin and Greek, signs, arrows and what is drawn with, of which each takes one cell: nearly no text waits for the
# tables of all characters to be read
ONE = re.compile("[ -~¡-¬®-ʯΆΈ-ΊΌΎ-ΡΣ-ώ‐–—‘’“”†•…‖′″⁰ⁱ⁴-⁹⁺⁻₀-₉ᵀᵏ←-⇿∀-⌀─-◯✓✗⠀-⣿]" + HAT + "?")
ONE_EACH = re.compile(f"(?:{ONE.pattern})*")
BETWEEN_WORDS = " ,;:·–"
WORD_ENDS = re.compile(f"[{BETWEEN_WORDS}]*(?: |$)")
JOINER = "\u200d"  # makes one character of several: no control character, though Python does not call it printable
POWER = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵏ]+")
SPACED_TIMES = r"(?<=\d )·(?= [\d.]+(?: · [\d.]+)*\)? =)"
TIMES = re.compile(rf"·(?=[^\s·])|{SPACED_TIMES}")  # else it separates


def letter_in_ascii(character: str) -> str:
    """The letter without its accents, nothing for what takes no cell, and a question mark for any other character."""
    letter = "".join(part for part in unicodedata.normalize("NFKD", character) if part.isascii())
    return letter or ("" if cells(character) == 0 else "?")


def in_ascii(text: str, ascii: bool, unknown: Callable[[str], str] = letter_in_ascii) -> str:
    """The text as it is, or its nearest rendering in plain ASCII; `unknown` spells what is none of this program's own."""
    if not ascii or text.isascii():
        return text
    text = POWER.sub(lambda power: "^" + unicodedata.normalize("NFKC", power[0]).replace("−", "-"), text)
    text = TIMES.sub("*", text)
    return "".join(
        character if character.isascii() else IN_ASCII[character] if character in IN_ASCII else unknown(character)
        for character in text
    )


def in_ascii_cells(text: str) -> str:
    """The text in ASCII, exactly as many characters as it has cells: for what is drawn already."""
    return text if text.isascii() else "".join(map(_in_ascii_cells, graphemes(text)))


def _in_ascii_cells(character: str) -> str:
    wide = cells(character)
    if len(character) == 1 and "\u2500" <= character <= "\u259f" and character not in IN_ASCII:  # what frames are made of
        name = unicodedata.name(character)
        return "|" if name.endswith(" VERTICAL") else "-" if name.endswith(" HORIZONTAL") else "+" if "BOX" in name else " "
    return in_ascii(character, True)[:wide].ljust(wide)


def cells(text: str) -> int:
    """The cells that a terminal gives to a text, of which every character that moves the cursor counts as one."""
    return len(text) if text.isascii() else _wide_cells(text)


def is_one_cell_each(text: str) -> bool:
    """Whether every character of a text is known to take one cell."""
    return text.isascii() or (HAT not in text and ONE_EACH.fullmatch(text) is not None)


@lru_cache(maxsize=TEXTS_KEPT)
def _wide_cells(text: str) -> int:
    if ONE_EACH.fullmatch(text):
        return len(text) - text.count(HAT)
    from wcwidth import wcswidth  # noqa: PLC0415 - its tables are large, and few texts need them

    return wcswidth(_printable(text))


def graphemes(text: str) -> Iterable[str]:
    """The characters of a text, those together that stand together in one place."""
    if ONE_EACH.fullmatch(text):
        return ONE.findall(text)
    from wcwidth import iter_graphemes  # noqa: PLC0415 - as above

    return iter_graphemes(text)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """The text without control characters in at most `width` cells; an ellipsis stands for an end that was cut."""
    text = _printable(text)
    if cells(text) <= width:
        return text
    if width <= 0:
        return ""
    return beginning(text, width - 1) + ellipsis


def cut_at_word(text: str, width: int, ellipsis: str = "…") -> str:
    """As `cut`, but behind a whole word where the first one has room."""
    text = _printable(text)
    if cells(text) <= width or width <= 0:
        return cut(text, width, ellipsis)
    begun = beginning(text, width - 1)
    whole = begun if WORD_ENDS.match(text, len(begun)) else begun.rpartition(" ")[0]
    return (whole.rstrip(BETWEEN_WORDS) or begun) + ellipsis


def has_room_for_a_word(text: str, width: int) -> bool:
    """Whether all of the text has room, or its first word with an ellipsis."""
    return cells(text) <= width or cells(text.split(" ", 1)[0]) < width


def beginning(text: str, width: int) -> str:
    """As many of the characters as have room in so many cells; what stands in one cell together stays together."""
    kept, room = "", width
    for character in graphemes(text):
        room -= cells(character)
        if room < 0:
            break
        kept += character
    return kept


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() or character == JOINER else "?" for character in text)


JOINER = "\u200d"


def pad(text: str, width: int) -> str:
    """The text cut or filled with blanks to exactly `width` cells."""
    text = cut(text, width).rstrip(JOINER)  # it would take in the first blank
    return text + " " * (width - cells(text))


def spelled(error: UnicodeError) -> tuple[str, int]:
    """What is one of ours in ASCII, and any other character as its number: a name is to be told from another."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end], True, _number), error.end


def _number(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()
