"""How a screen shows its session, beside what the session itself tells: what is open on it, and what a run would begin with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args

from bntui.records import dataclass
from bntui.scenario.model.actions import Shown

Folding = Literal["", "selected", "all"]  # of the layers: as the screen has room, or as somebody has chosen


@dataclass(frozen=True, slots=True)
class Face:
    """What a screen that goes on with the session shows again.

    `view` is the one that is open, or lies below the `formula` where that is. `page` counts from 0 and is one of the beat `beat`.
    `axis` are the ledger's limits, which grow with what is shown, None where no bar was drawn yet; `speed` is in steps per second.
    """

    view: Shown = "layers"
    formula: bool = False
    folding: Folding = ""
    beat: int = 0
    page: int = 0
    axis: tuple[float, float] | None = None
    speed: int = 0

    def record(self) -> dict[str, Any]:
        """As a journal has it."""
        return {name: getattr(self, name) for name in self.__slots__}


def face_of(record: Mapping[str, Any]) -> Face:
    """The face that a record tells of. Raises KeyError, TypeError or ValueError where it tells of none."""
    view, formula, folding, axis = (record[name] for name in ("view", "formula", "folding", "axis"))
    counts = beat, page, speed = tuple(record[name] for name in ("beat", "page", "speed"))
    if view not in get_args(Shown) or folding not in get_args(Folding) or not isinstance(formula, bool):
        raise ValueError("its screen shows what there is not")
    if any(type(count) is not int or count < 0 for count in counts):
        raise ValueError("its screen counts what cannot be counted")
    if axis is not None:
        low, high = map(float, axis)
        if not 0 < low < high < math.inf:
            raise ValueError("its ledger has no such axis")
        axis = low, high
    return Face(view, formula, folding, beat, page, axis, speed)
