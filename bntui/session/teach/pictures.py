"""The pictures that beats open, computed or taken from what is kept, and what they say in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bntui.scenario.model.pictured import is_pictured
from bntui.scenario.model.pictures import BeatLandscape, BeatSweep, Picture
from bntui.session.keep.sweeps import swept
from bntui.session.look.quantities import Value, measure
from bntui.session.session import Session
from bntui.session.survey.situation import Situation
from bntui.session.survey.surveying import GrowthPlan, GrowthSurvey, Landscape, growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import plan_of
from bntui.session.survey.swept import Sweep


def drawn(situation: Situation, picture: Picture, workers: int | None = None) -> Iterator[Sweep | Landscape | GrowthSurvey]:
    """Prepare a beat's picture, and return what gives its results, each more complete than the one before. Raises Refusal."""
    if isinstance(picture, BeatSweep):
        return swept(situation, plan_of(situation, picture), workers)
    return survey_growth(situation, growth_of(situation, picture)) if picture.growth else landscape(situation)


def growth_of(situation: Situation, picture: BeatLandscape) -> GrowthPlan:
    """The growth that a beat opens. Raises Refusal."""
    return growth_plan(situation, picture.samples, picture.width, picture.depth, picture.seeds)


def measured(session: Session, names: Iterable[str]) -> dict[str, Value]:
    """The values of these quantities, the beat's picture included. Raises Refusal where that cannot be drawn."""
    wanted = tuple(names)
    found = measure(session, [name for name in wanted if not is_pictured(name)])
    picture = session.lesson.picture(session.history.place)
    if picture is not None:
        results = drawn(session.situation(), picture)
        if any(is_pictured(name) for name in wanted):
            *_, whole = results
            found |= whole.figures
    return {name: found.get(name) for name in wanted}
