"""Which colours a program has sent."""

from __future__ import annotations

import re

CODES = re.compile(rb"\x1b\[([\d;]*)m")
KINDS = {"24 bits": rb"[34]8;2;", "256": rb"[34]8;5;", "16": rb"(^|;)(3|4|9|10)[0-79](;|$)"}  # 39 and 49 speak of colours too


def colours_in(output: bytes) -> str:
    """Of how many colours the codes are that were sent, the most of them."""
    codes = CODES.findall(output)
    return next((kind for kind, code in KINDS.items() if any(re.search(code, each) for each in codes)), "none")
