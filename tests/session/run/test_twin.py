"""The twin: a second network beside the first, in lockstep, that differs in what was named."""

from __future__ import annotations

import numpy as np
import pytest

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.entry import EntryError, read_twin
from bntui.session.look.quantities import values
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session


def opened(name: str = "goodfellow-chain", *settings: str) -> Session:
    return Session(read_file(library.find(name), settings))


def do(session: Session, *actions: dict[str, object]) -> None:
    for action in actions:
        session.do(parse_action(action))


def test_a_twin_of_nothing_named_has_bn_the_other_way_and_the_same_weights() -> None:
    session = opened()
    do(session, {"twin": {}})
    snapshot = session.observe()
    assert snapshot.normalized == ()
    assert snapshot.twin is not None
    assert snapshot.twin.normalized == ("a", "b", "c", "d", "e")
    assert snapshot.twin.numbers("b").weight == snapshot.numbers("b").weight


def test_the_twin_steps_as_a_session_of_its_own_would() -> None:
    session, alone = opened("sigmoid-net"), opened("sigmoid-net")
    do(session, {"twin": {}}, {"step": 7}, {"set": {"learning_rate": 0.1}}, {"step": 3})
    do(alone, {"set": {"batch_norm": True}}, {"step": 7}, {"set": {"learning_rate": 0.1}}, {"step": 3})
    twin = session.history.moment.twin
    assert twin is not None
    assert np.array_equal(twin.state.theta, alone.history.moment.state.theta)
    assert np.array_equal(twin.state.running, alone.history.moment.state.running)


def test_one_diverges_and_the_other_goes_on() -> None:
    session = opened()
    do(session, {"twin": {}}, {"step": 6})
    snapshot = session.observe()
    assert snapshot.twin is not None
    assert (snapshot.step, snapshot.diverged_at) == (6, 2)
    assert not snapshot.twin.diverged
    assert snapshot.twin.loss < 0.2
    assert snapshot.twin.trail.low.tolist()[-1] == snapshot.twin.loss


def test_the_curve_of_a_twin_is_its_own_alone() -> None:
    session = opened("sigmoid-net")
    do(session, {"twin": {}}, {"step": 20}, {"twin": {"init_seed": 3}}, {"step": 5}, {"set": {"learning_rate": 0.1}}, {"step": 2})
    twin = session.observe().twin
    assert twin is not None
    assert twin.trail.steps.tolist() == [*range(20, 26), *range(25, 28)]
    do(session, {"back": 7}, {"twin": {"learning_rate": 5}})
    twin = session.observe().twin
    assert twin is not None
    assert twin.trail.steps.tolist() == [20]
    assert twin.trail.low.tolist() == [twin.loss]
    do(session, {"step": 3}, {"reset": True}, {"step": 2})
    twin = session.observe().twin
    assert twin is not None
    assert twin.trail.steps.tolist() == [0, 1, 2]


def test_where_both_have_diverged_nothing_is_left_to_step() -> None:
    session = opened()
    do(session, {"twin": {"learning_rate": 0.5}})
    with pytest.raises(Refusal, match="diverged"):
        do(session, {"step": 20})


def test_what_the_twin_differs_in_stays_when_it_is_changed() -> None:
    session = opened("sigmoid-net")
    do(session, {"twin": {}}, {"set": {"batch_norm": ["h1"], "learning_rate": 0.2}})
    snapshot = session.observe()
    assert snapshot.twin is not None
    assert snapshot.normalized == ("h1",)
    assert snapshot.twin.normalized == ("h1", "h2", "h3", "h4")
    assert snapshot.twin.learning_rate == snapshot.learning_rate == 0.2


def test_a_twin_of_another_rate_switches_along() -> None:
    session = opened("sigmoid-net")
    do(session, {"twin": {"learning_rate": 0.01}}, {"set": {"batch_norm": True, "learning_rate": 0.2}})
    snapshot = session.observe()
    assert snapshot.twin is not None
    assert snapshot.twin.learning_rate == 0.01
    assert snapshot.twin.normalized == snapshot.normalized


def test_a_twin_of_another_seed_has_other_weights() -> None:
    session = opened("sigmoid-net")
    do(session, {"twin": {"init_seed": 5}}, {"step": 2})
    other = opened("sigmoid-net", "network.init.seed=5")
    do(other, {"step": 2})
    twin = session.history.moment.twin
    assert twin is not None
    assert np.array_equal(twin.state.theta, other.history.moment.state.theta)


def test_twins_go_back_and_forward_and_begin_anew_together() -> None:
    session = opened("sigmoid-net")
    do(session, {"twin": {}}, {"step": 20})
    there = session.history.moment.twin
    do(session, {"back": 15}, {"step": 15})
    again = session.history.moment.twin
    assert there is not None
    assert again is not None
    assert np.array_equal(there.state.theta, again.state.theta)
    do(session, {"reset": True})
    snapshot = session.observe()
    assert snapshot.step == 0
    assert snapshot.twin is not None
    assert snapshot.twin.normalized == ("h1", "h2", "h3", "h4")


def test_the_twin_leaves() -> None:
    session = opened()
    do(session, {"twin": {}}, {"twin": False})
    assert session.observe().twin is None


def test_quantities_of_the_twin_and_ratios_to_it() -> None:
    session = opened()
    do(session, {"twin": {}}, {"step": 1})
    snapshot = session.observe()
    assert snapshot.twin is not None
    twin = snapshot.twin.loss
    assert values(("twin.loss", "ratio.loss"), snapshot) == {"twin.loss": twin, "ratio.loss": snapshot.loss / twin}
    assert values(("twin.loss", "ratio.loss"), opened().observe()) == {"twin.loss": None, "ratio.loss": None}


def test_a_typed_twin() -> None:
    assert read_twin("").mapping() == {"twin": {}}
    assert read_twin("away").mapping() == {"twin": False}
    assert read_twin("bn on, rate 0.01").mapping() == {"twin": {"batch_norm": True, "learning_rate": 0.01}}
    assert read_twin("seed=3").mapping() == {"twin": {"init_seed": 3}}
    for wrong in ("rat 0.1", "rate", "bn maybe", "rate -1", "seed x", "seed 99999999999999999999"):
        with pytest.raises(EntryError):
            read_twin(wrong)


def test_a_twin_of_another_future_begins_as_that_future_stands() -> None:
    session, alone = opened("sigmoid-net"), opened("sigmoid-net")
    do(session, {"step": 10}, {"back": 8}, {"set": {"batch_norm": True}}, {"step": 5}, {"twin": {"future": 0}}, {"step": 2})
    do(alone, {"step": 9})
    twin = session.history.moment.twin
    assert twin is not None
    assert np.array_equal(twin.state.theta, alone.history.moment.state.theta)
    with pytest.raises(Refusal, match="no future 7 at step 9"):
        do(session, {"twin": {"future": 7}})
