"""Histories of quantities: at every place of the path what the trace says of it, whatever was done in between."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, do, session

from bntui.scenario.model.actions import parse_action
from bntui.scenario.model.vocabulary import HISTORIES, of_history
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.look.quantities import needed, values
from bntui.session.look.snapshot import Detail, Snapshot, Track
from bntui.session.look.tracking import MOST_PLACES, MOST_SLOW, READINGS_KEPT, wanted_of
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.trace.tracing import by_actions

TRACK = Detail(track=True)
SWITCHED: tuple[Mapping[str, Any], ...] = (
    {"step": 4},
    {"set": {"batch_norm": True}},
    {"step": 3},
    {"set": {"learning_rate": 0.02}},
    {"twin": {"learning_rate": 0.05}},
    {"step": 5},
    {"scale": {"layer": "h1", "by": 3}},
    {"step": 2},
)
NAMES = [name for name in HISTORIES if of_history(name, session(BATCHES).experiment.architecture)]
OTHERS = ["loss", "learning_rate", "diverged", "factor.*.norm.scale", "order.actual", "order.*", "pair.h2", "twin.weight", "ratio.loss"]


def history_of(at: Session, name: str) -> Track:
    """The whole history of a quantity."""
    do(at, {"view": {"history": name}})
    at.read_all()
    track = at.observe(TRACK).track
    assert track is not None
    assert track.missing == 0
    return track


def told(name: str, snapshot: Snapshot | None) -> float:
    """What the resolver says, as a history keeps it."""
    value = None if snapshot is None else values((name,), snapshot)[name]
    return math.nan if value is None else math.inf if math.isnan(value) else float(value)


def check_against_trace(at: Session, name: str, text: str, actions: tuple[Mapping[str, Any], ...], twin_since: int = 0) -> None:
    """The history is what a fresh session's trace of these actions says, line by line."""
    track = history_of(at, name)
    quantities = [quantity for quantity, _ in of_history(name, at.experiment.architecture)]
    lines = list(by_actions(session(text), map(parse_action, actions), needed(quantities)))
    assert track.steps.tolist() == [line.step for line in lines]
    for quantity, curve in zip(quantities, track.curves, strict=True):
        np.testing.assert_array_equal(curve.own, [told(quantity, line) for line in lines], quantity)
        if curve.twin is not None:
            twins = [None if index < twin_since else line.twin for index, line in enumerate(lines)]
            np.testing.assert_array_equal(curve.twin, [told(quantity, twin) for twin in twins], quantity)


@pytest.mark.parametrize("name", NAMES + OTHERS)
def test_a_history_is_what_the_trace_says_of_every_place_on_the_path(name: str) -> None:
    check_against_trace(do(session(BATCHES), *SWITCHED), name, BATCHES, SWITCHED)


def test_what_takes_long_is_read_by_plans_alone_and_is_the_same() -> None:
    at = do(session(BATCHES), {"step": 3}, {"view": {"history": "curvature"}})
    track = at.observe(TRACK).track
    assert track is not None
    assert (track.missing, track.places) == (4, 4)  # the screen does not wait for it at the cursor
    check_against_trace(at, "curvature", BATCHES, ({"step": 3},))


def test_after_going_back_another_future_is_not_told_of() -> None:
    at = do(session(BATCHES), {"step": 9}, {"set": {"batch_norm": True}}, {"step": 4})
    history_of(at, "weight")
    do(at, {"goto": 6})
    check_against_trace(at, "weight", BATCHES, ({"step": 6},))
    do(at, {"set": {"learning_rate": 0.5}}, {"step": 4})
    check_against_trace(at, "weight", BATCHES, ({"step": 6}, {"set": {"learning_rate": 0.5}}, {"step": 4}))
    do(at, {"future": 0})
    check_against_trace(at, "weight", BATCHES, ({"step": 9}, {"set": {"batch_norm": True}}, {"step": 1}))


def test_after_a_reset_the_path_begins_anew() -> None:
    at = do(session(BATCHES), {"step": 5}, {"reset": True}, {"step": 3})
    track = history_of(at, "weight")
    assert track.steps.tolist() == [0, 0, 1, 2, 3]
    assert track.curves[0].own[0] == track.curves[0].own[1]


def test_a_twin_is_told_of_since_it_was_made() -> None:
    at = do(session(BATCHES), {"twin": {}}, {"step": 2}, {"twin": False}, {"step": 2}, {"twin": {"learning_rate": 0.5}}, {"step": 2})
    track = history_of(at, "weight")
    twin = track.curves[0].twin
    assert twin is not None
    steps, first = track.steps.tolist(), int(np.flatnonzero(~np.isnan(twin))[0])
    assert steps[first:] == [4, 5, 6]
    assert np.isnan(twin[:first]).all()
    assert history_of(do(at, {"twin": False}), "weight").curves[0].twin is None


def test_what_diverged_beside_its_twin_is_told_to_the_end() -> None:
    at = do(session(CHAIN), {"twin": {}}, {"step": 30})
    track = history_of(at, "weight")
    own, twin = track.curves[0].own, track.curves[0].twin
    assert track.steps.tolist() == [0, *range(31)]
    assert own[-1] == own[4] > 100  # what has diverged stays as it was
    assert twin is not None
    assert np.isfinite(twin[1:]).all()
    assert twin[1:].max() < 2


def test_what_is_no_number_any_more_counts_as_beyond_all_numbers() -> None:
    at = session(CHAIN, "training.learning_rate=1e100")
    with pytest.raises(Refusal):
        do(at, {"step": 20})
    assert np.isposinf(history_of(at, "loss").curves[0].own[-1])


def test_a_long_path_is_read_at_a_bounded_number_of_places_in_pairs() -> None:
    at = do(session(SLOW_CHAIN), {"step": 1500}, {"set": {"batch_norm": True}}, {"step": 1500})
    track = history_of(at, "weight")
    assert track.stride == 16
    assert len(track.steps) == track.places <= MOST_PLACES
    assert track.steps.tolist()[:4] == [0, 1, 16, 17]
    assert {1500, 3000} <= set(track.steps.tolist())
    slow = history_of(do(session(SLOW_CHAIN), {"step": 3000}), "stable_rate")
    assert len(slow.steps) <= MOST_SLOW
    for place, step in enumerate(track.steps.tolist()[:12]):
        other = do(session(SLOW_CHAIN), {"step": int(step)}) if step else session(SLOW_CHAIN)
        assert track.curves[0].own[place] == values(("weight.a",), other.observe())["weight.a"]


def test_a_path_of_many_changes_is_read_at_a_bounded_number_of_places() -> None:
    at = session(SLOW_CHAIN)
    for change in range(700):
        do(at, {"set": {"learning_rate": 0.01 if change % 2 else 0.02}})
    track = history_of(do(at, {"step": 1}), "learning_rate")
    assert len(track.steps) <= MOST_PLACES + 1
    assert (track.steps[-1], track.curves[0].own[-1]) == (1, 0.01)


@pytest.mark.slow
def test_a_very_long_path_replays_no_more_than_a_step_a_place_and_forgets_what_is_too_much() -> None:
    at = do(session(SLOW_CHAIN), {"view": {"history": "weight"}})
    for _ in range(READINGS_KEPT + 100):  # one place after another is looked at
        do(at, {"step": 1})
        at.observe(TRACK)
    do(at, {"step": 6000})
    replayed = 0
    while (reader := at.unread()) is not None:
        replayed += sum(replay.steps for replay, _ in reader.planned.replays)
        at.tracker.note("weight", reader.read())
    track = at.observe(TRACK).track
    assert track is not None
    assert replayed <= track.places
    assert len(track.steps) <= READINGS_KEPT


def test_a_session_that_is_resumed_tells_the_same_history(tmp_path: Path) -> None:
    at = session(BATCHES)
    at.recorder = Journal(tmp_path)
    do(at, *SWITCHED)
    path = at.recorder.path
    assert path is not None
    at.recorder.close(at)
    again, _ = resume(path)
    check_against_trace(again, "sigma", BATCHES, SWITCHED)


def test_the_history_that_is_shown_may_be_named_and_stays() -> None:
    at = session(BATCHES)
    assert at.stand().quantity == "weight"
    do(at, {"view": {"history": "gradient.*.weight"}}, {"view": "loss"}, {"view": "history"})
    assert (at.stand().view, at.stand().quantity) == ("history", "gradient.*.weight")
    with pytest.raises(Refusal, match="did you mean 'loss'"):
        do(at, {"view": {"history": "los"}})


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("loss", [("loss", "")]),
        ("weight", [("weight.h1", "h1"), ("weight.h2", "h2"), ("weight.head", "head")]),
        ("weight.h2", [("weight.h2", "")]),
        ("gradient.*.gamma", [("gradient.h1.gamma", "h1"), ("gradient.h2.gamma", "h2"), ("gradient.head.gamma", "head")]),
        ("twin.gain", [("twin.gain.h1", "h1"), ("twin.gain.h2", "h2"), ("twin.gain.head", "head")]),
        ("nothing", []),
    ],
)
def test_a_history_names_a_quantity_a_family_or_a_pattern(name: str, found: list[tuple[str, str]]) -> None:
    assert list(of_history(name, session(BATCHES).experiment.architecture)) == found


@pytest.mark.parametrize("name", ["curvature", "stable_rate", "eigenvalue.1", "mean_share.least"])
def test_what_takes_many_products_is_read_on_its_thread_at_fewer_places(name: str) -> None:
    at = session(SLOW_CHAIN)
    wanted = wanted_of(name, at.experiment)
    assert wanted.is_slow
    assert wanted.most == MOST_SLOW
    assert not wanted_of("weight", at.experiment).is_slow
