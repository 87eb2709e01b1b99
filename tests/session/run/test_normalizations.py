"""Kinds of normalization in a running session: chosen, switched, refused, gone back over, forked, resumed, beside a twin."""

from pathlib import Path
from typing import Any

import pytest
from session.journals import assert_resumed_and_written
from session.worlds import BATCHES, CHAIN, bits, both, do, loaded, session

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.reading.loading import read_text
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.keep.journal import Journal
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

NET = """
version: 1
title: Three kinds in one network
network:
  layers:
    - {name: h1, units: 4, activation: tanh}
    - {name: h2, units: 6, activation: relu, normalization: {kind: group_norm, groups: 3, placement: after_activation}}
    - {name: h3, units: 4, activation: tanh, normalization: rms_norm}
    - {name: head, units: 1, normalization: false}
  normalization: {kind: layer_norm, enabled: true, epsilon: 1e-3}
data: {generator: {name: sine, samples: 22, seed: 3}}
training: {learning_rate: 0.1, momentum: 0.8, batch_size: 6, seed: 5}
"""
DONE: dict[int, list[dict[str, Any]]] = {
    4: [{"set": {"normalization": "batch_norm"}}],
    8: [{"set": {"batch_norm": False}}],
    10: [{"set": {"batch_norm": True}}],
    12: [{"set": {"switching": "preserve"}}, {"set": {"normalization": "weight_norm"}}],
    16: [{"set": {"normalization": {"h1": "batch_centre", "h3": "batch_scale"}}}],
    20: [{"set": {"switching": "reset"}}, {"twin": {"normalization": "rms_norm"}}, {"set": {"learning_rate": 0.05}}],
    24: [{"set": {"normalization": "none"}}],
}


def walked() -> tuple[Session, list[tuple[Any, ...]]]:
    """Thirty steps with everything of DONE in them, and the bits after each."""
    at, seen = session(NET), []
    for step in range(31):
        if step:
            do(at, {"step": 1})
        do(at, *DONE.get(step, ()))
        seen.append(both(at))
    return at, seen


def kinds(at: Session) -> dict[str, str]:
    return {layer: kind.name for layer, kind in at.observe().kinds}


def test_a_layer_has_its_own_kind_and_the_network_the_others() -> None:
    at = session(NET)
    assert kinds(at) == {"h1": "layer_norm", "h2": "group_norm", "h3": "rms_norm"}
    layer = at.experiment.architecture.layer("h2")
    assert (layer.normalization.groups, layer.normalization.placement) == (3, "after_activation")
    assert layer.normalization.epsilon == 1e-3


def test_a_kind_that_is_chosen_is_that_of_the_layers_that_are_on_and_of_those_that_come_on_later() -> None:
    at = do(session(NET), {"set": {"batch_norm": ["h1"]}}, {"set": {"normalization": "batch_scale"}})
    assert kinds(at) == {"h1": "batch_scale"}
    assert kinds(do(at, {"set": {"batch_norm": True}})) == dict.fromkeys(("h1", "h2", "h3"), "batch_scale")
    assert kinds(do(at, {"set": {"normalization": "none"}})) == {}
    assert kinds(do(at, {"set": {"batch_norm": True}})) == dict.fromkeys(("h1", "h2", "h3"), "batch_scale")
    assert kinds(do(at, {"reset": True})) == {"h1": "layer_norm", "h2": "group_norm", "h3": "rms_norm"}


def test_where_none_is_on_a_kind_comes_on_in_all_that_can_be_switched() -> None:
    at = do(session(BATCHES), {"set": {"normalization": "layer_norm"}})
    assert kinds(at) == {"h1": "layer_norm", "h2": "layer_norm"}


def test_going_back_jumping_and_forking_meet_the_same_bits() -> None:
    at, seen = walked()
    for step in (0, 30, 7, 15, 23, 11):
        do(at, {"goto": step})
        assert both(at) == seen[step]
    do(at, {"goto": 14}, {"set": {"learning_rate": 0.5}}, {"step": 5}, {"future": 0})
    assert both(at) == seen[19]


def test_a_session_is_resumed_and_written_bit_by_bit(tmp_path: Path) -> None:
    at = session(NET)
    at.recorder = Journal(tmp_path)
    for step in range(31):
        if step:
            do(at, {"step": 1})
        do(at, *DONE.get(step, ()))
    assert_resumed_and_written(at)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_one_unit_takes_a_kind_or_a_sentence_says_why_not_and_nothing_has_changed(name: str) -> None:
    at = session(CHAIN)
    before = bits(at.history.moment)
    if NORMALIZATIONS[name].over == "units" and NORMALIZATIONS[name].least > 1:
        with pytest.raises(Refusal, match=r"^a: (one unit cannot be normalized|group_norm divides the units into 2 groups)"):
            do(at, {"set": {"normalization": name}})
        assert bits(at.history.moment) == before
    else:
        do(at, {"set": {"normalization": name}}, {"step": 2})
        assert set(kinds(at).values()) == {name}


def test_what_differs_from_sample_to_sample_is_not_preserved_and_says_so() -> None:
    at = do(session(BATCHES), {"set": {"switching": "preserve"}})
    with pytest.raises(Refusal, match=r"^h1: preserve needs a map that is the same for every sample, and LN's μ and σ are not$"):
        do(at, {"set": {"normalization": "layer_norm"}})


def test_a_twin_of_another_kind_runs_on_in_it_whatever_is_switched_here() -> None:
    at = do(session(NET), {"twin": {"normalization": "weight_norm"}}, {"step": 2}, {"set": {"normalization": "batch_norm"}})
    snapshot = do(at, {"step": 1}).observe()
    assert snapshot.twin is not None
    assert {kind.name for _, kind in snapshot.twin.kinds} == {"weight_norm"}
    assert {kind.name for _, kind in snapshot.kinds} == {"batch_norm"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("batch_norm: {enabled: true}\n  normalization: {kind: layer_norm}", "found batch_norm beside normalization"),
        ("normalization: {kind: layernorm}", "did you mean 'layer_norm'?"),
        ("normalization: {kind: layer_norm, enabled: true}", "head: one unit cannot be normalized by its own mean and variance"),
        ("normalization: {kind: group_norm, groups: 5, enabled: [h]}", "h: group_norm divides the units into 5 groups, and 4 cannot"),
        ("normalization: {kind: weight_norm, momentum: 2}", "found 2; allowed: at most 1"),
    ],
)
def test_a_file_that_cannot_be_is_told_in_a_sentence(written: str, said: str) -> None:
    text = f"""
version: 1
title: t
network:
  layers: [{{name: h, units: 4}}, {{name: head, units: 1}}]
  {written}
data: {{inputs: [[1], [2]], targets: [[1], [2]]}}
training: {{learning_rate: 0.1}}
"""
    with pytest.raises(ScenarioError) as error:
        read_text(text, "t.yaml", None)
    assert said in str(error.value)


@pytest.mark.parametrize("name", [name for name, kind in NORMALIZATIONS.items() if not kind.grouped])
def test_set_writes_the_general_form_over_the_older_one(name: str) -> None:
    wanted = loaded(BATCHES, f"normalization={name}")
    assert wanted.scenario.network.normalization is not None
    assert {layer.normalization.kind.name for layer in wanted.problem.architecture.layers} == {name}
    assert not wanted.problem.architecture.layer("head").switchable  # as written
    assert wanted.problem.architecture.layer("h2").normalization.placement == "after_activation"
    assert loaded(BATCHES, "normalization=none").problem.normalized == ()
