"""How large a terminal is: whoever paints or prints on one asks here."""

from __future__ import annotations

import os


def extent_of(descriptor: int) -> os.terminal_size | None:
    """What the terminal itself says: what a shell has exported as COLUMNS and LINES is its size of before.

    None where there is no terminal, or it has gone, or knows no size, as a serial line.
    """
    try:
        told = os.get_terminal_size(descriptor)
    except OSError:
        return None
    return told if all(told) else None
