"""The clipboard of the terminal, which takes a text by a code (OSC 52) and answers nothing; what lies between may keep the code.

tmux takes it where it is allowed to (`set-clipboard on`). GNU screen drops it, but hands on to the terminal, unread, what is put
into a string of its own (DCS), in pieces that are shorter than what it holds (768 bytes).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

BEGIN, END = "\x1b]52;c;", "\a"
UNREAD, READ_AGAIN = "\x1bP", "\x1b\\"  # around what GNU screen hands on
PIECE = 700  # bytes
FOR_TMUX = "tmux passes it on after: set -s set-clipboard on"


def codes_for(text: str, environment: Mapping[str, str]) -> str:
    """What is to be sent to have a text copied."""
    encoded = base64.b64encode(text.encode()).decode()
    plain = f"{BEGIN}{encoded}{END}"
    if not _may_be_in_screen(environment):
        return plain
    pieces = (plain[begin : begin + PIECE] for begin in range(0, len(plain), PIECE))
    # in both forms: a tmux of another machine may call itself screen as well, and what comes last is what it keeps
    return "".join(f"{UNREAD}{piece}{READ_AGAIN}" for piece in pieces) + plain


def condition(environment: Mapping[str, str]) -> str:
    """On what it depends whether the terminal is reached, as a sentence; "" where the program knows of nothing."""
    return f" {FOR_TMUX}" if "TMUX" in environment else ""


def _may_be_in_screen(environment: Mapping[str, str]) -> bool:
    """Whether GNU screen lies between, on this machine or, by the name of the terminal, on one that this is reached from."""
    return "STY" in environment or ("TMUX" not in environment and environment.get("TERM", "").startswith("screen"))
