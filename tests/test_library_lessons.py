"""The lessons that come with the program: each states its claim, holds, fits the screen, and could fail."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from paced import mostly_slow

from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.loading import Loaded, read_file, read_text
from bntui.scenario.shelf import library
from bntui.scenario.shelf.writing import to_yaml
from bntui.session.look.standing import LessonStanding
from bntui.session.teach.verdicts import Verdict, play
from bntui.views.panes.beat import page_count

LESSONS = library.names()


@functools.cache
def loaded(name: str) -> Loaded:
    return read_file(library.find(name))


@functools.cache
def verdicts(name: str) -> tuple[Verdict, ...]:
    return tuple(play(loaded(name)))


def beats(name: str) -> tuple[LessonBeat, ...]:
    return loaded(name).scenario.lesson


def test_there_are_at_least_fourteen_lessons_and_the_three_of_the_question() -> None:
    assert len([name for name in LESSONS if beats(name)]) >= 14
    assert {"goodfellow-chain", "relu-net", "sigmoid-net"} <= set(LESSONS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_five_to_twelve_beats_a_claim_and_a_question(name: str) -> None:
    assert 5 <= len(beats(name)) <= 12
    assert loaded(name).scenario.summary
    assert any(beat.ask and beat.ask.because for beat in beats(name))
    assert sum(bool(beat.expect) for beat in beats(name)) >= len(beats(name)) - 1


@pytest.mark.parametrize("name", mostly_slow(LESSONS))
def test_everything_that_a_lesson_expects_holds(name: str) -> None:
    assert verdicts(name)
    assert [str(verdict) for verdict in verdicts(name) if not verdict.held] == []


@pytest.mark.parametrize("name", mostly_slow(LESSONS))
def test_with_batch_norm_the_other_way_something_fails(name: str) -> None:
    assert any(not verdict.held for verdict in play(flipped(loaded(name))))


@pytest.mark.slow
@pytest.mark.parametrize("name", mostly_slow(LESSONS))
def test_no_expectation_hangs_on_the_last_digits(name: str) -> None:
    chance = np.random.default_rng(1)
    parameters = {
        key: value * (1 + 1e-12 * chance.standard_normal(value.shape))
        for key, value in loaded(name).problem.parameters.items()
    }
    nearly = replace(loaded(name), problem=replace(loaded(name).problem, parameters=parameters))
    assert [str(verdict) for verdict in play(nearly) if not verdict.held] == []


@pytest.mark.parametrize(("columns", "rows"), [(80, 5), (120, 4)])
@pytest.mark.parametrize("name", LESSONS)
def test_every_beat_fits_its_pane(name: str, columns: int, rows: int) -> None:
    for number, beat in enumerate(beats(name), start=1):
        answers = (None, *range(1, len(beat.ask.choices) + 1)) if beat.ask else (None,)
        for answer in answers:
            asking = beat.ask is not None and answer is None
            standing = LessonStanding(number, (*beats(name), beats(name)[0]), asking, answer, 0, "")
            assert page_count(standing, columns, rows) == 1, (number, answer)


def flipped(scenario: Loaded) -> Loaded:
    """The scenario with BN on where it is off and off where it is on, at the start and in its lesson."""
    mapping: dict[str, Any] = scenario.scenario.mapping()
    norm = mapping["network"].setdefault("batch_norm", {})
    norm["enabled"] = not norm.get("enabled", False)
    for beat in mapping["lesson"]:
        actions = beat.get("do", [])
        for action in actions if isinstance(actions, list) else [actions]:
            if "batch_norm" in action.get("set", {}):
                action["set"]["batch_norm"] = not action["set"]["batch_norm"]
    return read_text(to_yaml(validated(Scenario, mapping)), "flipped.yaml", scenario.folder)
