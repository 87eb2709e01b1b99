"""The landscape about the session's state on the screen, and the growth of gradients with depth."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from bntui.scenario.model.actions import Page
from bntui.scenario.model.pictures import LEAST_SAMPLES, MOST_SAMPLES, MOST_WIDTH, BeatLandscape
from bntui.session.survey.situation import Situation
from bntui.session.survey.surveying import (
    GrowthPlan,
    GrowthSurvey,
    Landscape,
    landscape,
    survey_growth,
)
from bntui.session.teach.pictures import growth_of
from bntui.tui.screens.survey import Reading, Survey
from bntui.views.drawing.canvas import Lines, Size
from bntui.views.pages.landscape_page import growth_page, landscape_page

LEAST_WIDTH = 4


class LandscapeScreen(Survey[Landscape | GrowthSurvey]):
    """`g` goes over to the growth with depth, where the arrows change the batch and the width, and back."""

    shared_as: ClassVar[str] = "landscape"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("g", "other", "growth with depth, or back"),
        ("left", "samples(False)", "half the samples"),
        ("right", "samples(True)", "twice the samples"),
        ("down", "width(False)", "half the width"),
        ("up", "width(True)", "twice the width"),
        ("r", "again", "run again"),
    ]

    plan: GrowthPlan

    def __init__(
        self,
        asked: Awaitable[Situation],
        ascii: bool = False,
        reading: Reading | None = None,
        picture: BeatLandscape | None = None,
        whose: str = "",
    ) -> None:
        super().__init__(asked, ascii, reading, whose)
        self._picture = picture or BeatLandscape()
        self.growing = self._picture.growth

    @property
    def view(self) -> Page:
        """The landscape, or the growth with depth."""
        return "growth" if self.growing else "landscape"

    def prepare(self, situation: Situation) -> None:
        """The growth with the scenario's own batch, should it be asked for, or as a beat has it."""
        self.plan = growth_of(situation, self._picture)

    def begin(self, situation: Situation) -> Iterator[Landscape | GrowthSurvey]:
        """The landscape, or the growth as planned."""
        return survey_growth(situation, self.plan) if self.growing else landscape(situation)

    def draw(self, result: Landscape | GrowthSurvey, size: Size) -> Lines:
        """The page of what was computed last."""
        if isinstance(result, GrowthSurvey):
            return growth_page(result, size, self.ascii, not self.computing, self._lit)
        return landscape_page(result, size, self.ascii, not self.computing, self._lit)

    @property
    def _lit(self) -> tuple[str, ...]:
        """What the beat speaks of, where it is the picture of one."""
        return () if self.reading is None else self.reading.lit

    def keys(self) -> str:
        """The keys of the view that is open."""
        leave = "esc stop" if self.computing else "esc back"
        if self.growing:
            return f"{leave}  ←→ samples m  ↑↓ width  g landscape  r again"
        return f"{leave}  g growth with depth  r again"

    def action_other(self) -> None:
        """The other view, in place of what was computed for this one."""
        self.growing, self.result = not self.growing, None
        self.start()

    def action_samples(self, more: bool) -> None:
        """Twice or half the samples."""
        self._replan(replace(self.plan, samples=_halved_or_doubled(self.plan.samples, more, LEAST_SAMPLES, MOST_SAMPLES)))

    def action_width(self, more: bool) -> None:
        """Twice or half the width."""
        self._replan(replace(self.plan, width=_halved_or_doubled(self.plan.width, more, LEAST_WIDTH, MOST_WIDTH)))

    def action_again(self) -> None:
        """Compute the same again."""
        self.start()

    def _replan(self, plan: GrowthPlan) -> None:
        if self.growing and plan != self.plan:
            self.plan = plan
            self.start()


def _halved_or_doubled(value: int, more: bool, least: int, most: int) -> int:
    return min(max(value * 2 if more else value // 2, least), most)
