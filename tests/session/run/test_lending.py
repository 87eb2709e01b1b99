"""Evaluations that nobody keeps are written over by later ones; what was given to anybody stays as it was."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import BATCHES, CHANGES, SLOW_CHAIN, do, held_over, loaded, scenarios, session

from bntui.maths.arrays import Array
from bntui.maths.network import Evaluation
from bntui.scenario.model.actions import parse_action
from bntui.session.look.snapshot import Detail
from bntui.session.run.experiment import Experiment, Moment, Refusal
from bntui.session.session import Session

EVERYTHING = Detail(orders=True, meters=True, activations=True, sizes=True, fit=True, arrays=True, changed=True)
TRAVEL = st.sampled_from(({"step": 1}, {"step": 3}, {"back": 1}, {"back": 4}, {"goto": 2}, {"reset": True}, {"future": 0}))
TWINS = st.sampled_from(({"twin": {}}, {"twin": {"learning_rate": 0.02}}, {"twin": False}))
DEEDS = st.lists(st.one_of(TRAVEL, TRAVEL, TWINS, CHANGES), min_size=3, max_size=14)


def arrays_of(thing: object) -> Iterator[Array]:
    """Every array that something holds, however deep in it."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from arrays_of(getattr(thing, field.name))
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from arrays_of(part)
    elif isinstance(thing, Mapping):
        yield from arrays_of(list(thing.values()))


def bits(things: Any) -> list[bytes]:
    """Every array in something, bit by bit."""
    return [array.tobytes() for array in arrays_of(things)]


def anew(experiment: Experiment, moment: Moment) -> Evaluation:
    """The evaluation of a moment in arrays of its own."""
    inputs, targets = experiment.batch(moment)
    return experiment.network(moment).evaluate(moment.state.theta, moment.state.running, inputs, targets, moment.mode)


def kept_at(text: str, evaluations: int) -> Session:
    """A session that keeps so many evaluations, as that of a large network keeps one."""
    at = session(text)
    at.experiment.evaluations_kept = evaluations
    return at


@held_over(60)
@given(scenarios(), DEEDS, st.integers(1, 3), st.integers(0, 2**14))
def test_nothing_that_was_handed_out_changes_whatever_is_done_later(text: str, deeds: Any, evaluations: int, seen: int) -> None:
    at = kept_at(text, evaluations)
    held: list[Any] = []
    before: list[bytes] = []
    for place, deed in enumerate(deeds):
        with suppress(Refusal):
            at.do(parse_action(deed))
        moments = [moment for moment in (at.history.moment, at.history.moment.twin) if moment is not None]
        for moment in moments:
            vitals = at.experiment.vitals(moment)
            assert np.array_equal(vitals.loss, float(anew(at.experiment, moment).loss), equal_nan=True)
        if seen >> place & 1:  # where nobody looks nothing is handed out
            new = [at.observe(EVERYTHING), at.history.moment, [at.experiment.evaluate(moment) for moment in moments]]
            held.append(new)
            before += bits(new)
            assert bits(new[-1]) == bits([anew(at.experiment, moment) for moment in moments])
    assert bits(held) == before


@pytest.mark.parametrize("evaluations", [1, 4])
def test_what_is_lent_is_written_over_and_what_is_given_is_not(evaluations: int) -> None:
    at = kept_at(BATCHES, evaluations)
    do(at, {"step": evaluations + 1})
    lent = at.experiment.lend(at.history.moment)
    do(at, {"step": evaluations})
    assert at.experiment.lend(at.history.moment).gradient is lent.gradient
    given = at.experiment.evaluate(at.history.moment)
    before = bits([given])
    do(at, {"step": 3 * evaluations})
    assert bits([given]) == before
    moments = [at.history.moment]
    for _ in range(evaluations):
        moments.append(at.experiment.updated(moments[-1]))
        assert not np.shares_memory(at.experiment.lend(moments[-1]).gradient, given.gradient)


def test_what_an_update_did_is_read_off_two_evaluations_of_which_neither_is_written_over() -> None:
    at, orders = kept_at(SLOW_CHAIN, 2), Detail(orders=True)
    do(at, {"step": 3})
    seen = at.observe(orders).orders
    at.experiment.lend(at.experiment.start)  # over that of the step before, so that the other one is the oldest
    assert at.observe(orders).orders == seen


def test_another_structure_or_mode_gets_arrays_of_its_own() -> None:
    at = kept_at(BATCHES, 1)
    for deed in ({"set": {"batch_norm": True}}, {"set": {"mode": "eval"}}, {"set": {"batch_norm": False}}):
        lent = at.experiment.lend(at.history.moment)
        do(at, deed)
        assert not np.shares_memory(at.experiment.lend(at.history.moment).gradient, lent.gradient)
        assert bits([at.experiment.lend(at.history.moment)]) == bits([anew(at.experiment, at.history.moment)])


def test_who_asks_for_the_signals_gets_them_and_whoever_comes_later_does_too() -> None:
    at = kept_at(BATCHES, 1)
    do(at, {"step": 3})
    assert at.experiment.lend(at.history.moment).norms is not None
    for _ in range(3):
        found = at.experiment.lend(at.history.moment, signals=True)
        assert found.norms is None
        assert bits(found.links) == bits(anew(at.experiment, at.history.moment).links)
        do(at, {"step": 1})


def test_a_sample_is_looked_at_after_steps_at_which_nobody_did() -> None:
    looked, at = kept_at(BATCHES, 6), kept_at(BATCHES, 1)
    for one in (looked, at):
        do(one, {"step": 3}, {"focus": {"sample": 1}})
    assert at.observe().chains == looked.observe().chains


def test_an_experiment_that_lends_goes_where_one_that_gives_goes() -> None:
    lends, gives = (Experiment(loaded(BATCHES).scenario, loaded(BATCHES).problem) for _ in range(2))
    lends.evaluations_kept = 1
    one, other = lends.start, gives.start
    for _ in range(20):
        gives.evaluate(other)
        one, other = lends.updated(one), gives.updated(other)
        assert one.state.theta.tobytes() == other.state.theta.tobytes()
