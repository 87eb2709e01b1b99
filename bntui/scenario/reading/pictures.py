"""Whether what is to be swept and surveyed fits the scenario, and whether what a beat says of its picture stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bntui.maths.architecture import Architecture
from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.pictured import LANDSCAPE, OFF, ON, SWEEP, is_pictured, landscape_quantities, sweep_quantities
from bntui.scenario.model.pictures import BeatSweep, Picture
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.reading.action_checks import rate_mistakes
from bntui.scenario.reading.overs import OverError, asked_over, grid_of
from bntui.scenario.text.complaints import DocumentPath, Finding
from bntui.scenario.text.wording import listing, shown, suggestion

Asked = str | Mapping[str, tuple[Any, ...]]


def overs_of(scenario: Scenario) -> Iterator[tuple[DocumentPath, Asked]]:
    """What the scenario's sweep and those of its beats go over, each with its place in the document."""
    if scenario.sweep.over is not None:
        yield _place((SWEEP,), scenario.sweep.over), scenario.sweep.over
    for number, beat in enumerate(scenario.lesson):
        picture = beat.picture
        if isinstance(picture, BeatSweep) and picture.over is not None:
            yield _place(("lesson", number, SWEEP), picture.over), picture.over


def _place(path: DocumentPath, asked: Asked) -> DocumentPath:
    return (*path, "over") if isinstance(asked, str) else (*path, "over", *asked)


def sweep_findings(scenario: Scenario, architecture: Architecture) -> Iterator[Finding]:
    """What is wrong with the scenario's own sweep, and with what those of its beats go over."""
    yield from _group(scenario.sweep.group, (SWEEP,), architecture)
    for path, asked in overs_of(scenario):
        if grid_of(asked) is None:
            try:
                asked_over(asked, scenario)
            except OverError as error:
                yield Finding(path, str(error))


def _group(group: str | None, path: DocumentPath, architecture: Architecture) -> Iterator[Finding]:
    if group is not None:
        yield from (Finding((*path, "group"), message) for _, message in rate_mistakes([group], architecture, ()))


def picture_findings(
    beat: LessonBeat, path: DocumentPath, scenario: Scenario, architecture: Architecture
) -> Iterator[Finding]:
    """What is wrong with a beat's picture, and with the names that it is spoken of by."""
    picture = beat.picture
    if isinstance(picture, BeatSweep):
        yield from _group(picture.group, (*path, SWEEP), architecture)
        yield from (Finding((*path, SWEEP, *where), message) for where, message in picture.range_mistakes(scenario.sweep))
    places = [((*path, "show", place), name, False) for place, name in enumerate(beat.show or ())]
    places += [((*path, "expect", name), name, True) for name in beat.expect or ()]
    for where, name, at_key in places:
        if is_pictured(name) and (message := _unknown(name, picture, scenario, architecture)):
            yield Finding(where, message, at_key=at_key)
    until = beat.run and beat.run.until
    for name in until or ():
        if is_pictured(name):
            yield Finding((*path, "run", "until", name), "a picture is made after the run; expect may compare with it", at_key=True)


def _unknown(name: str, picture: Picture | None, scenario: Scenario, architecture: Architecture) -> str | None:
    """What is wrong with a name of something in a picture, None where nothing is."""
    family = name.partition(".")[0]
    if picture is None or family != (SWEEP if isinstance(picture, BeatSweep) else LANDSCAPE):
        return f"this beat opens no {family}; allowed: with the key {family} beside it"
    if isinstance(picture, BeatSweep):
        try:
            known = tuple(sweep_quantities(_curves(picture, scenario, architecture)))
        except OverError:
            return None  # what it goes over is wrong, and that is told
    else:
        known = tuple(landscape_quantities(picture.growth))
    if name in known:
        return None
    return f"unknown quantity {shown(name)}; there are {listing(known, 12)}{suggestion(name, known)}"


def _curves(picture: BeatSweep, scenario: Scenario, architecture: Architecture) -> tuple[str, ...]:
    """The names that the curves of a sweep have on its page; a map has none. Raises OverError."""
    asked = picture.over_of(scenario.sweep)
    if asked is None:
        return (OFF, ON) if architecture.switchable else (OFF,)
    return () if grid_of(asked) is not None else asked_over(asked, scenario).values
