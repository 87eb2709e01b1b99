"""What a face adds to where its session stands, for those who follow it."""

from __future__ import annotations

from bntui.records import dataclass
from bntui.scenario.model.pictures import BeatSweep
from bntui.session.look.face import Folding

ASKS = "question"  # what stands over a screen that asks a lesson's question


@dataclass(frozen=True, slots=True)
class SweepShown:
    """A sweep that stands over the screen and is whole: its key, what was asked for, and all that came of it as it is kept."""

    key: str
    picture: BeatSweep
    text: str


@dataclass(frozen=True, slots=True)
class Looks:
    """Whether it runs and how fast, what is folded, whether the formula is open, what stands over it, and the page of the beat.

    `over` is "" where nothing stands over it that followers are told of; `page` counts from 0 to `pages`. `sweep` is
    None where no sweep stands over it, or it is not whole yet.
    """

    running: bool = False
    speed: int = 0
    folding: Folding = ""
    formula: bool = False
    over: str = ""
    page: int = 0
    pages: int = 1
    sweep: SweepShown | None = None
