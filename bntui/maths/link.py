"""A link of the chain: the factor that a stage's backward step multiplies by, and the signal after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, NamedTuple

from bntui.maths.arrays import Array
from bntui.maths.names import Name

Kept = Any  # each stage knows the type of what it keeps for the way back, and of how that changes along a direction

Outs = Iterator[Array | None]  # where the signals of a backward step are to be written, one after the other; None is a new array
NEW: Outs = repeat(None)


class Link(NamedTuple):
    """One factor of the chain and the signal as it stands after it; `subtracts` says that the factor takes some of it away.

    `added` is what a skip connection brings: the signal is the sum of it and of the one before.
    """

    factor: Name
    signal: Array
    subtracts: bool = False
    added: Array | None = None
