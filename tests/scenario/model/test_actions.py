"""Actions are mappings of one key, and go to a mapping and back unchanged."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntui.scenario.model.actions import (
    ACTION_TYPES,
    AnyAction,
    Back,
    GoTo,
    LessonAction,
    LookAt,
    Reset,
    ScaleWeights,
    Set,
    Step,
    Twin,
    Untwin,
    View,
    parse_action,
)
from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.model.validating import schema_of, validated

MAPPINGS: list[dict[str, Any]] = [
    {"step": 5},
    {"back": 1},
    {"goto": 0},
    {"reset": True},
    {"set": {"learning_rate": 0.1, "batch_norm": ["a", "b"], "switching": "preserve"}},
    {"set": {"momentum": 0.0, "mode": "eval", "batch_norm": False}},
    {"set": {"learning_rates": {"*.weight": 10.0, "b.*": 0.0}}},
    {"set": {"weights": {"a.weight": [[1.0, 2.0]], "a.bias": [0.5], "b.weight": 3.0}}},
    {"scale": {"layer": "b", "by": 10.0}},
    {"twin": {}},
    {"twin": {"batch_norm": True, "learning_rate": 0.5, "init_seed": 1, "future": 0}},
    {"twin": False},
    {"future": 2},
    {"focus": {"layer": "a", "sample": "all", "unit": 0}},
    {"view": "loss"},
    {"beat": 3},
    {"answer": 2},
]


@pytest.mark.parametrize("mapping", MAPPINGS, ids=str)
def test_a_mapping_comes_back_as_it_was(mapping: dict[str, Any]) -> None:
    action = parse_action(mapping)
    assert action.mapping() == mapping
    assert parse_action(json.loads(json.dumps(action.mapping()))) == action


def test_every_action_is_in_the_list_above() -> None:
    assert {type(parse_action(mapping)) for mapping in MAPPINGS} == set(ACTION_TYPES)


@pytest.mark.parametrize("mapping", MAPPINGS, ids=str)
def test_the_schema_knows_every_action_but_those_that_turn_the_pages_of_a_lesson(mapping: dict[str, Any]) -> None:
    schema = schema_of(LessonAction)
    assert jsonschema.Draft202012Validator(schema).is_valid(mapping) is (parse_action(mapping).changes != "lesson")
    assert not jsonschema.Draft202012Validator(schema).is_valid({**mapping, "other": 1})


def test_actions_are_made_in_code_as_they_are_read() -> None:
    assert Step(count=5) == parse_action({"step": 5})
    assert GoTo(step=3).mapping() == {"goto": 3}
    assert Set(batch_norm=("a",)).mapping() == {"set": {"batch_norm": ["a"]}}
    assert ScaleWeights(layer="a", by=2.0).mapping() == {"scale": {"layer": "a", "by": 2.0}}
    assert Reset().mapping() == {"reset": True}
    assert Untwin().mapping() == {"twin": False}
    assert Twin().mapping() == {"twin": {}}
    assert LookAt(sample=3).mapping() == {"focus": {"sample": 3}}
    assert View(name="fit").mapping() == {"view": "fit"}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"stp": 1}, "did you mean 'step'?"),
        ({"step": 1.5}, "step: found 1.5; allowed: a whole number"),
        ({"step": True}, "step: found true; allowed: a whole number"),
        ({}, "found an empty mapping"),
        ({"step": 1, "back": 1}, "found the keys step, back"),
        ({"set": {"learning_rate": None}}, "set.learning_rate: found nothing"),
        ({"set": {"mode": "test"}}, "set.mode: found 'test'; allowed: train, eval"),
        ({"set": {"weights": {"a": [[1, 2], [3]]}}}, "a.1: found a row of 1 number; the rows above have 2"),
        ({"twin": True}, "twin: found true; allowed: a mapping with the keys"),
        ({"view": "los"}, "did you mean 'loss'?"),
        ({"answer": 0}, "answer: found 0; allowed: at least 1"),
        ({"goto": 99999999999}, "step: found 99999999999; allowed: at most 10,000,000"),
        ({"twin": {"init_seed": -1}}, "seed: found -1; allowed: at least 0"),
    ],
)
def test_a_wrong_action_is_refused_in_a_sentence(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^") as raised:
        parse_action(mapping)
    assert message in str(raised.value)


_ACTIONS: st.SearchStrategy[AnyAction] = st.one_of(
    st.builds(Step, count=st.integers(1, 10**7)),
    st.builds(Back, count=st.integers(1, 10**7)),
    st.builds(ScaleWeights, layer=st.text(), by=st.floats(1e-300, 1e300)),
    st.builds(Set, learning_rate=st.floats(5e-324, 1e308), batch_norm=st.booleans() | st.lists(st.text()).map(tuple)),
)


@given(_ACTIONS)
def test_any_action_survives_its_journal(action: AnyAction) -> None:
    assert parse_action(json.loads(json.dumps(action.mapping()))) == action


@pytest.mark.parametrize(
    ("comparison", "value", "holds"),
    [
        ({"above": 1}, 2.0, True),
        ({"above": 1}, 1.0, False),
        ({"above": 1, "below": 2}, 1.5, True),
        ({"above": 1, "below": 2}, 2.5, False),
        ({"above": 1}, float("inf"), True),
        ({"above": 1}, float("nan"), False),
        ({"above": 1}, None, False),
        ({"is": True}, True, True),
        ({"is": 1}, True, False),
        ({"is": None}, None, True),
        ({"is": None}, 0.0, False),
        ({"about": 0, "within": 1e-4}, -9e-5, True),
        ({"about": 100, "within": "5%"}, 104.9, True),
        ({"about": -100, "within": "5%"}, -105.1, False),
    ],
)
def test_a_comparison_holds_or_not(comparison: dict[str, Any], value: float | None, holds: bool) -> None:
    assert validated(Comparison, comparison).holds(value) is holds


def test_a_comparison_says_what_it_is() -> None:
    text = str(validated(Comparison, {"above": 1e6, "about": 3, "within": "5%"}))
    assert text == "above 1e+06 and about 3 within 5%"
    assert str(validated(Comparison, {"is": None})) == "exactly no value"
