"""A link of the chain: the factor that a stage's backward step multiplies by, and the signal after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def by_turns(links: Sequence[Link], count: int) -> list[Link]:
    """The links with their signals in `count` arrays of each shape by turns, for who reads none of them after the next ones.

    With skip connections, where a signal is read again when later ones are there, each keeps its own.
    """
    if any(link.added is not None for link in links):
        return list(links)
    arrays: dict[tuple[tuple[int, ...], int], Array] = {}
    places = ((link.signal.shape, turn % count) for turn, link in enumerate(links))
    return [link._replace(signal=arrays.setdefault(place, link.signal)) for place, link in zip(places, links, strict=True)]
