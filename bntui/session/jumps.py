"""Where J jumped tenfold and where a run diverged, at flat memory however long the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_JUMPS = 256
TENFOLD = 10.0


@dataclass(slots=True)
class Jumps:
    """The first steps of every tenfold rise or fall of J along a stretch, each with its sign ↑ or ↓, × where it diverged."""

    marks: list[tuple[int, str]] = field(default_factory=list)
    last: float | None = None
    _direction: str = ""
    _diverged: bool = False

    @property
    def standing(self) -> tuple[float | None, str, bool]:
        """What the next step will be compared with: J, the direction of its last jump, whether it had diverged."""
        return self.last, self._direction, self._diverged

    def resume(self, marks: Sequence[tuple[int, str]] | None, standing: Sequence[Any]) -> None:
        """Take over what was noted in an earlier run of the program; marks that are None are those at hand."""
        if marks is not None:
            self.marks = [(step, sign) for step, sign in marks]
        self.last, self._direction, self._diverged = standing

    def note(self, step: int, loss: float, diverged: bool) -> None:
        """Note J at the next step of the stretch."""
        direction = "" if self.last is None else _direction(self.last, loss)
        self.last = loss
        if diverged and not self._diverged:
            self._mark(step, "×")
        elif direction not in ("", self._direction):
            self._mark(step, direction)
        self._direction, self._diverged = direction, diverged

    def _mark(self, step: int, sign: str) -> None:
        if len(self.marks) == MOST_JUMPS:
            del self.marks[::2]
        self.marks.append((step, sign))


def _direction(before: float, after: float) -> str:
    if after >= TENFOLD * before > 0:
        return "↑"
    return "↓" if before >= TENFOLD * after > 0 else ""
