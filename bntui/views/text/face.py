"""Which characters a terminal is sent: all that the program has, or nothing but ASCII."""

from __future__ import annotations

import re
from collections.abc import Mapping

# consoles and terminals of their own, whose fonts have no Greek, no lines of sums and no braille, by the name in TERM
WITHOUT_GLYPHS = re.compile(r"(screen\.)?(linux|vt\d+|ansi|pcansi|cons25|wsvt25|pc3|sun|hurd|mach|aixterm|hpterm|dtterm)(-.*)?")


def draws_ascii(asked: bool | None, encoding: str, environment: Mapping[str, str], on_terminal: bool) -> bool:
    """Whether nothing but ASCII may be shown: as is asked for, or as encoding, locale and the terminal's name say.

    The name of the locale counts and not whether this machine has it: over SSH it is that of the terminal at the other end.
    The terminal counts only where one is written to.
    """
    if asked is not None:
        return asked
    if not is_utf(encoding):
        return True
    name = next((environment[each] for each in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(each)), "C")
    codeset = name.partition(".")[2].partition("@")[0]
    if not is_utf(codeset or name):  # macOS says LC_CTYPE=UTF-8
        return True
    return on_terminal and WITHOUT_GLYPHS.fullmatch(environment.get("TERM", "")) is not None


def is_utf(name: str) -> bool:
    """Whether an encoding has every character."""
    return name.lower().replace("-", "").replace("_", "") in ("utf8", "utf16", "utf32")
