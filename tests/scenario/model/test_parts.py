"""A part holds what was set and what was left out, is never written to, and goes through a pickle as it is."""

from __future__ import annotations

import pickle

import pytest

from bntui.scenario.model.actions import LookAt, Set, Step
from bntui.scenario.model.pictures import SweepPart
from bntui.scenario.model.scenario import Init, NetworkBatchNorm, Scenario
from bntui.scenario.model.validating import validated
from bntui.scenario.shelf import library


def test_what_is_left_out_has_its_default_and_is_not_said() -> None:
    sweep = SweepPart(start=0.01)
    assert (sweep.start, sweep.to, sweep.given) == (0.01, 30.0, {"start"})
    assert sweep.mapping() == {"from": 0.01}
    assert sweep.mapping(whole=True) == {"from": 0.01, "to": 30.0, "count": 40, "steps": 200, "seeds": 5, "over": None, "group": None}


def test_what_is_set_to_its_default_is_said() -> None:
    said, silent = NetworkBatchNorm(epsilon=1e-5), NetworkBatchNorm()
    assert said == silent
    assert hash(said) == hash(silent)
    assert (said.mapping(), silent.mapping()) == ({"epsilon": 1e-5}, {})


def test_a_changed_part_leaves_the_first_as_it_was() -> None:
    first = Init(gain=2.0)
    assert first.changed(seed=3) == Init(gain=2.0, seed=3)
    assert first == Init(gain=2.0)
    assert LookAt(layer="a").changed(unit=1).mapping() == {"focus": {"layer": "a", "unit": 1}}


def test_nothing_can_be_written_to_a_part() -> None:
    step = Step(count=1)
    with pytest.raises(AttributeError, match="frozen"):
        step.count = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del step.count
    assert step == Step(count=1)


def test_a_part_has_no_other_fields_and_all_that_it_needs() -> None:
    with pytest.raises(TypeError, match="no field rate"):
        Set(rate=0.1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="count is needed"):
        Step()  # type: ignore[call-arg]


def test_parts_of_other_kinds_are_other_parts() -> None:
    assert LookAt() != Set()
    assert Step(count=1) != Step(count=2)


def test_a_part_comes_back_from_a_pickle_with_what_was_set() -> None:
    scenario = library.opened("goodfellow-chain").scenario
    again: Scenario = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert again.mapping() == scenario.mapping()
    assert again.network.init.given == scenario.network.init.given


def test_a_part_that_is_valid_is_taken_as_it_is() -> None:
    sweep = SweepPart(count=7)
    assert validated(SweepPart, sweep) is sweep
