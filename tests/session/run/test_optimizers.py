"""Optimizers, decay and schedules in a running session: set and taken back, gone back over, forked, resumed, beside a twin."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session.journals import assert_resumed_and_written
from session.worlds import BATCHES, CHAIN, bits, both, do, session

from bntui.scenario.model.actions import Twin
from bntui.session.keep.journal import Journal
from bntui.session.look.entry import EntryError, read_twin
from bntui.session.look.quantities import measure
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.views.text.settings import difference_text

ADAM = ("training.optimizer=adam", "training.weight_decay=0.05", "training.weight_decays={'*.gamma': 0}")
COSINE = "training.schedule={kind: cosine, steps: 30, least: 0.1, warm_up: 5}"
DONE: dict[int, list[dict[str, Any]]] = {
    6: [{"set": {"optimizer": "adamw"}}],
    12: [{"set": {"weight_decay": 0.3}}, {"set": {"learning_rate": 0.02}}],
    18: [{"set": {"batch_norm": True}}],
    24: [{"set": {"optimizer": "sgd", "momentum": 0.4}}],
    30: [{"twin": {}}, {"set": {"optimizer": "adam"}}],
}


def walked(*changes: str) -> tuple[Session, list[tuple[Any, ...]]]:
    """Forty steps with everything of DONE in them, and the bits after each."""
    at, seen = session(BATCHES, *changes), []
    for step in range(41):
        if step:
            do(at, {"step": 1})
        do(at, *DONE.get(step, ()))
        seen.append(both(at))
    return at, seen


@pytest.mark.parametrize("changes", [ADAM, (*ADAM, COSINE), (COSINE,)])
def test_going_back_jumping_and_forking_meet_the_same_bits(changes: tuple[str, ...]) -> None:
    at, seen = walked(*changes)
    for step in (0, 40, 7, 29, 31, 12):
        do(at, {"goto": step})
        assert both(at) == seen[step]
    do(at, {"goto": 20}, {"set": {"learning_rate": 0.5}}, {"step": 5}, {"future": 0})
    assert both(at) == seen[25]


@pytest.mark.parametrize("changes", [ADAM, (*ADAM, COSINE)])
def test_a_session_is_resumed_and_written_bit_by_bit(changes: tuple[str, ...], tmp_path: Path) -> None:
    at = session(BATCHES, *changes)
    at.recorder = Journal(tmp_path)
    do(at, {"step": 6}, *DONE[6], {"step": 6}, *DONE[12], {"step": 12}, *DONE[24], {"step": 6}, *DONE[30], {"step": 5})
    assert_resumed_and_written(at)


def test_another_optimizer_remembers_nothing_and_the_same_one_goes_on() -> None:
    at = do(session(BATCHES, *ADAM), {"step": 3})
    before = bits(at.history.moment)
    assert bits(do(at, {"set": {"optimizer": "adam"}}).history.moment) == before
    moment = do(at, {"set": {"optimizer": "adamw"}}).history.moment
    assert [not vector.any() for vector in moment.state.memory] == [True] * 3
    assert moment.optimizer.decay.of("h1.gamma") == 0
    assert moment.optimizer.decay.of("h1.weight") == 0.05
    assert len(do(at, {"set": {"optimizer": "sgd"}}).history.moment.state.memory) == 1
    assert at.history.moment.optimizer.momentum == 0.8, "the scenario's own"  # type: ignore[union-attr]


def test_what_a_switch_brings_in_counts_its_own_updates_under_adam() -> None:
    at = do(session(BATCHES, *ADAM), {"step": 4}, {"set": {"batch_norm": True}}, {"step": 2})
    moment = at.history.moment
    updates = at.experiment.network(moment).layout.views(moment.state.memory[2])
    assert set(updates["h1.weight"].ravel()) == {6.0}
    assert set(updates["h1.gamma"].ravel()) == {2.0}


def test_adam_has_no_momentum_to_be_set() -> None:
    at = session(CHAIN, "training.optimizer=adam")
    with pytest.raises(Refusal, match="adam has no momentum; it has betas and epsilon, set in the scenario"):
        do(at, {"set": {"momentum": 0.9}})
    assert do(at, {"set": {"optimizer": "sgd", "momentum": 0.9}}).stand().optimizer.name == "sgd"


def test_an_optimizer_that_remembers_too_much_is_refused_in_a_large_network(monkeypatch: pytest.MonkeyPatch) -> None:
    at = session(BATCHES)
    needed = at._own_bytes(at.history.moment.optimizer)
    monkeypatch.setattr("bntui.scenario.reading.memory._allowed", needed)
    with pytest.raises(Refusal, match="adam in this network needs about"):
        do(at, {"set": {"optimizer": "adam"}})
    do(at, {"set": {"optimizer": "sgd"}}, {"step": 1})


def test_the_rate_in_force_is_the_schedules_share_of_the_rate_that_is_set() -> None:
    at = session(CHAIN, "training.schedule={kind: step, every: 4, by: 0.5, warm_up: 2}", "training.learning_rate=0.01")
    told = []
    for step in range(11):
        if step == 7:
            do(at, {"set": {"learning_rate": 0.02}})
        told.append(tuple(measure(at, ("learning_rate", "base_rate")).values()))
        do(at, {"step": 1})
    shares = [0.5, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]
    assert told == [pytest.approx((base * share, base)) for base, share in zip([0.01] * 7 + [0.02] * 4, shares, strict=True)]


def test_each_step_moves_the_weights_by_the_rate_in_force_times_the_gradient() -> None:
    at = session(CHAIN, "training.schedule={kind: exponential, by: 1.5}", "training.learning_rate=0.001")
    for step in range(5):
        before = at.history.moment
        gradient = at.experiment.evaluate(before).gradient
        after = do(at, {"step": 1}).history.moment
        np.testing.assert_allclose(after.state.theta, before.state.theta - 0.001 * 1.5**step * gradient, rtol=1e-14)


def test_a_rate_beyond_all_numbers_ends_the_run_as_any_divergence_does() -> None:
    at = session(CHAIN, "training.schedule={kind: exponential, by: 1e300}", "training.learning_rate=1e-3")
    with pytest.raises(Refusal, match="diverged at step"):
        do(at, {"step": 5})


def test_the_twin_descends_by_the_same_rule_and_is_set_with_it() -> None:
    at = do(session(BATCHES, *ADAM, COSINE), {"twin": {}}, {"step": 5}, {"set": {"weight_decay": 0.2}}, {"step": 5})
    twin = at.history.moment.twin
    assert twin is not None
    assert twin.optimizer == at.history.moment.optimizer
    alone = session(BATCHES, *ADAM, COSINE, "network.batch_norm.enabled=true")
    do(alone, {"step": 5}, {"set": {"weight_decay": 0.2}}, {"step": 5})
    np.testing.assert_allclose(twin.state.theta, alone.history.moment.state.theta, rtol=1e-12)


def test_a_twin_may_differ_in_optimizer_and_decay_and_keeps_them() -> None:
    at = do(session(BATCHES), {"step": 3}, {"twin": {"optimizer": "adam", "weight_decay": 0.1}}, {"step": 4})
    do(at, {"set": {"momentum": 0.2, "weight_decay": 0.5, "learning_rate": 0.03}}, {"step": 4})
    own, twin = at.history.moment, at.history.moment.twin
    assert twin is not None
    assert (own.optimizer.name, own.optimizer.decay.value, own.learning_rate) == ("sgd", 0.5, 0.03)
    assert (twin.optimizer.name, twin.optimizer.decay.value, twin.learning_rate) == ("adam", 0.1, 0.03)
    alone = do(session(BATCHES), {"step": 3}, {"set": {"optimizer": "adam", "weight_decay": 0.1}}, {"step": 4})
    do(alone, {"set": {"learning_rate": 0.03}}, {"step": 4})
    assert np.array_equal(twin.state.theta, alone.history.moment.state.theta)
    seen = both(at)
    do(at, {"goto": 2}, {"goto": 11})
    assert both(at) == seen


def test_the_twin_of_another_optimizer_is_typed_and_told() -> None:
    assert read_twin("optimizer adam, decay 0.1").mapping() == {"twin": {"optimizer": "adam", "weight_decay": 0.1}}
    with pytest.raises(EntryError, match="found 'adams'; allowed: sgd, adam, adamw; did you mean 'adam'"):
        read_twin("optimizer adams")
    twin = read_twin("optimizer adam, decay 0.1")
    assert isinstance(twin, Twin)
    assert difference_text(twin, "BN on") == "adam decay 0.1"
