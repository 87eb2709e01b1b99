"""How a scenario's values are named in a sentence, and made harmless for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

# Control characters, directional marks and overrides, line and paragraph separators, zero width space,
# byte order mark, lone surrogates, noncharacters and invisible tags: all that moves text or hides in it.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_HARMFUL_IN_LINES = re.compile(_HARMFUL.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_LONGEST_SHOWN = 60


def harmless(text: str, *, lines: bool = False) -> str:
    """The text with everything that a terminal could act on made visible; `lines` keeps line breaks."""
    return (_HARMFUL_IN_LINES if lines else _HARMFUL).sub(_picture, text)


def harmless_throughout(value: Any) -> Any:
    """A value of JSON with every text in it harmless for a terminal, line breaks kept."""
    if isinstance(value, str):
        return harmless(value, lines=True)
    if isinstance(value, list):
        return [harmless_throughout(each) for each in value]
    if isinstance(value, dict):
        return {harmless(key, lines=True): harmless_throughout(each) for key, each in value.items()}
    return value


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\t":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def one_line(text: str) -> str:
    """The text with every run of blanks and line breaks as one blank."""
    return " ".join(text.split())


def shown(value: object) -> str:
    """A value from a file as it is named in a sentence: short, on one line, harmless."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        text = harmless(value)
        return f"'{text}'" if len(text) <= _LONGEST_SHOWN else f"'{text[: _LONGEST_SHOWN - 1]}…'"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    return f"a {type(value).__name__}"


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where there is not exactly one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listing(names: Iterable[str], most: int = 40) -> str:
    """Names as a list in a sentence, cut where there are very many."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def nearest(word: object, names: Iterable[str]) -> str | None:
    """The name that was probably meant, if one is near."""
    if not isinstance(word, str) or len(word) > 200:
        return None
    plain = {name.lower(): name for name in reversed(list(names))}
    near = get_close_matches(word.lower(), list(plain), n=1, cutoff=0.6)
    return plain[near[0]] if near else None


def suggestion(word: object, names: Iterable[str]) -> str:
    """The end of a sentence that offers the nearest name, or nothing."""
    near = nearest(word, names)
    return f"; did you mean '{near}'?" if near else ""


def unknown(value: object, names: Iterable[str]) -> str:
    """What to say about a word that is not one of the names."""
    known = list(names)
    return f"found {shown(value)}; allowed: {listing(known)}{suggestion(value, known)}"
