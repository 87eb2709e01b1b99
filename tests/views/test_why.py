"""The one line that says why: each rule on a run that triggers it, and on one that must not."""

from __future__ import annotations

import pytest

from bntui.scenario.actions import parse_action
from bntui.scenario.reading import read_text
from bntui.session.experiment import Refusal
from bntui.session.session import Session
from bntui.session.snapshot import Detail
from bntui.views.numbers import times
from bntui.views.why import RULES, applying, why

CHAIN = """
version: 1
title: chain
network:
  layers:
    - {name: a, units: 1, weight: [[1.1]], bias: false}
    - {name: b, units: 1, weight: [[0.9]], bias: false}
    - {name: c, units: 1, weight: [[1.3]], bias: false}
  batch_norm: {enabled: false}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 0.3}
"""
WIDE = """
version: 1
title: wide
network:
  layers:
    - {name: h, units: 4, activation: relu}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 32}}
training: {learning_rate: 0.05}
"""


def told(text: str, *actions: dict[str, object], settings: tuple[str, ...] = ()) -> tuple[tuple[str, ...], str]:
    """The rules that apply after the actions, and the sentence."""
    session = Session(read_text(text, "test", None, settings))
    for action in actions:
        try:
            session.do(parse_action(action))
        except Refusal:
            break
    snapshot = session.observe(Detail(orders=True))
    return applying(snapshot), why(snapshot)


BN_ON = {"set": {"batch_norm": True}}
SIGMOID = "network.layers.0.activation=sigmoid"

TRIGGERED = {
    "parted from the twin": (CHAIN, [{"twin": {}}, {"step": 4}], ()),
    "diverged": (CHAIN, [{"step": 9}], ()),
    "evaluation mode": (CHAIN, [BN_ON, {"set": {"mode": "eval"}}], ()),
    "batch of two": (CHAIN, [BN_ON], ("data.inputs=[[0.5], [1.0]]", "data.targets=[[1.5], [3.0]]")),
    "variance below epsilon": (CHAIN, [BN_ON], ("network.layers.0.weight=[[1e-4]]",)),
    "overshoot": (CHAIN, [{"step": 1}], ("training.learning_rate=1.5",)),
    "only gamma and beta learn": (CHAIN, [BN_ON, {"focus": {"layer": "c"}}], ()),
    "dead units": (WIDE, [{"set": {"weights": {"h.bias": [-99.0, 1.0, 1.0, 1.0]}}}], ()),
    "saturation": (WIDE, [{"set": {"weights": {"h.bias": [9.0, 9.0, -9.0, 0.0]}}}], (SIGMOID,)),
    "settled": (CHAIN, [BN_ON, {"set": {"learning_rate": 1.0}}, {"step": 1}, {"set": {"learning_rate": 1e-9}}, {"step": 1}], ()),
    "the step": (WIDE, [{"step": 1}], ()),
    "the moment": (WIDE, [], ()),
}

SILENT = {
    "parted from the twin": (WIDE, [{"twin": {}}, {"step": 4}], ()),
    "diverged": (CHAIN, [BN_ON, {"step": 9}], ()),
    "evaluation mode": (CHAIN, [{"set": {"mode": "eval"}}], ()),
    "batch of two": (CHAIN, [BN_ON], ()),
    "variance below epsilon": (CHAIN, [BN_ON], ()),
    "overshoot": (CHAIN, [{"step": 1}], ("training.learning_rate=0.01",)),
    "only gamma and beta learn": (WIDE, [BN_ON, {"focus": {"layer": "head"}}], ()),
    "dead units": (WIDE, [], (SIGMOID,)),
    "saturation": (WIDE, [], (SIGMOID,)),
    "settled": (WIDE, [{"step": 1}], ()),
    "the step": (WIDE, [], ()),
}


@pytest.mark.parametrize("rule", [rule.name for rule in RULES])
def test_a_rule_applies_to_a_run_that_shows_it(rule: str) -> None:
    text, actions, settings = TRIGGERED[rule]
    rules, _ = told(text, *actions, settings=settings)
    assert rule in rules


@pytest.mark.parametrize("rule", list(SILENT))
def test_a_rule_is_silent_where_nothing_of_it_is_seen(rule: str) -> None:
    text, actions, settings = SILENT[rule]
    rules, _ = told(text, *actions, settings=settings)
    assert rule not in rules


def test_every_rule_has_a_run_that_triggers_it() -> None:
    assert set(TRIGGERED) == {rule.name for rule in RULES}


def test_an_overshoot_is_told_with_what_was_promised_and_what_came() -> None:
    _, sentence = told(CHAIN, {"step": 1}, settings=("training.learning_rate=1.5",))
    assert sentence.startswith("Overshot: first order promised −")
    assert "the step did +" in sentence


def test_a_lone_weight_under_bn_is_said_to_have_only_its_scale() -> None:
    _, sentence = told(CHAIN, BN_ON, {"focus": {"layer": "c"}})
    assert sentence == "c: w's only direction is its scale, which BN projects out: γ, β learn."


def test_divergence_names_the_step() -> None:
    _, sentence = told(CHAIN, {"step": 9})
    assert sentence.startswith("Diverged at step ")
    assert "← goes back" in sentence


def test_the_first_sentence_always_fits_a_row_of_eighty_columns() -> None:
    for text, actions, settings in TRIGGERED.values():
        _, sentence = told(text, *actions, settings=settings)
        assert len(sentence.split(". ")[0]) <= 75, sentence


def test_the_sentence_says_which_of_twins_diverged_and_where_their_chains_part() -> None:
    at = Session(read_text(CHAIN, "test", None))
    for action in ({"twin": {}}, {"step": 4}):
        at.do(parse_action(action))
    snapshot = at.observe(Detail(orders=True))
    twin = snapshot.twin
    assert twin is not None
    own, its = ({factor.name: factor.value or 0.0 for factor in one.chain("a").factors} for one in (snapshot, twin))
    ratio = own["c.weight"] / its["c.weight"]
    assert ratio > 2
    first = f"Diverged at step {snapshot.diverged_at}; the twin goes on. First apart at layer c, factor c.weight: "
    assert why(snapshot) == f"{first}{times(ratio)}."
