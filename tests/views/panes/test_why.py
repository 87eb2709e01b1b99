"""The one line that says why: each rule on a network where it must speak, and on ones where it must not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
from views.panes.speaking import (
    ALL_BUT_ONE_DEAD,
    BN_ON,
    CHAIN,
    DEAD,
    EVALUATED,
    FIVE,
    ONE_LAYER,
    SILENT,
    SPEAKS,
    TURNING,
    WIDE,
    Run,
    kind,
    said,
    seen,
)

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.snapshot import Detail
from bntui.session.session import Session
from bntui.views.panes.charts import step_chart
from bntui.views.panes.why import ROW, RULES, why
from bntui.views.text.cells import cells, in_ascii
from bntui.views.text.lines import Size, text_of
from bntui.views.text.numbers import brief, significant, times


def told(text: str, *actions: Mapping[str, object], settings: tuple[str, ...] = ()) -> str:
    """The sentence after the actions."""
    return why(seen(text, list(actions), settings))


@pytest.mark.parametrize(("rule", "run"), [(rule, run) for rule, runs in SPEAKS.items() for run in runs])
def test_a_rule_speaks_of_a_network_that_shows_it(rule: str, run: Run) -> None:
    assert said(rule, run)


@pytest.mark.parametrize(("rule", "run"), [(rule, run) for rule, runs in SILENT.items() for run in runs])
def test_a_rule_is_silent_where_its_sentence_would_be_false(rule: str, run: Run) -> None:
    assert said(rule, run) is None


def test_every_rule_is_tried_both_ways_and_states_where_it_would_be_false() -> None:
    names = {rule.name for rule in RULES}
    assert set(SPEAKS) == names
    assert set(SILENT) == names - {"the moment"}  # of which nothing is false
    for rule in RULES:
        stated = rule.say.__doc__ or ""
        assert stated.startswith("Speaks "), rule.name
        assert "false" in stated.lower(), rule.name


def test_an_overshoot_is_told_with_what_was_promised_and_what_came() -> None:
    sentence = told(CHAIN, {"step": 1}, settings=("training.learning_rate=1.5",))
    assert sentence.startswith("Overshot: the slope (first order) promised −")
    assert "the step did +" in sentence


def test_a_lone_weight_under_bn_only_scales() -> None:
    snapshot = seen(CHAIN, [BN_ON, {"focus": {"layer": "c"}}])
    numbers = snapshot.numbers("c")
    assert numbers.gamma_gradient is not None
    assert numbers.surviving is not None
    # w·∂J/∂w = γ·∂J/∂γ·ε/(v + ε), here with γ = 1
    assert numbers.weight * numbers.weight_gradient == pytest.approx(numbers.gamma_gradient * numbers.surviving)
    sentence = f"c: w only scales z, which BN undoes: ∂J/∂w {brief(numbers.weight_gradient)}, ∂J/∂γ {brief(numbers.gamma_gradient)}."
    assert why(snapshot) == sentence


def test_every_kind_is_called_by_its_name() -> None:
    focus = {"focus": {"layer": "c"}}
    assert "w only scales z, which σ undoes" in told(CHAIN, kind("batch_scale"), focus)
    assert "w only scales z, which σ undoes" in told(CHAIN, kind("rms_norm"), focus)
    assert told(CHAIN, kind("batch_centre"), EVALUATED).endswith("Mean-only BN passes the signal on as it is.")
    assert told(WIDE, kind("group_norm")).startswith("h: GN over groups of two: x̂ is ±1, project leaves ")
    assert "mean square" in told(CHAIN, kind("batch_scale"), focus, settings=("network.layers.0.weight=[[1e-4]]",))


def test_what_layer_norm_over_two_units_leaves_is_the_project_of_the_ledger() -> None:
    snapshot = seen(ONE_LAYER, [kind("layer_norm"), {"focus": {"layer": "h"}}])
    left = next(factor.value for factor in snapshot.chain("h").factors if factor.name == "h.norm.project")
    assert why(snapshot) == f"h: LN over two units: x̂ is ±1, project leaves {brief(left)}."


def test_under_weight_norm_of_one_number_the_weight_does_not_move() -> None:
    before = seen(CHAIN, [kind("weight_norm"), {"focus": {"layer": "c"}}])
    gamma = brief(before.numbers("c").gamma_gradient)
    assert why(before) == f"c: w/‖w‖ is w's sign: ∂J/∂w is 0, γ learns: ∂J/∂γ {gamma}."
    assert before.numbers("c").weight_gradient == pytest.approx(0, abs=1e-12)


def test_what_is_taken_above_is_named_with_the_factor_that_takes_it() -> None:
    snapshot = seen(CHAIN, [BN_ON, {"focus": {"layer": "a"}}])
    share = next(factor.value for factor in snapshot.chain("a").factors if factor.name == "c.norm.project")
    assert share is not None
    assert share < 1e-4
    assert why(snapshot) == f"a: project of c lets only {brief(share)} of the signal pass."


def test_what_several_projections_take_together_is_told_as_their_product() -> None:
    small = tuple(f"network.layers.{place}.weight=[[0.1]]" for place in range(3))
    snapshot = seen(CHAIN, [{"set": {"batch_norm": True}}, {"focus": {"layer": "a"}}], (*small, "network.batch_norm.epsilon=5e-5"))
    shares = [factor.value for factor in snapshot.chain("a").factors if factor.name in ("c.norm.project", "b.norm.project")]
    assert all(1e-4 < (share or 0) < 0.1 for share in shares)
    assert why(snapshot) == f"a: 2 projects above let only {brief(math.prod(share or 0 for share in shares))} of the signal pass."


def test_what_lies_along_x_hat_goes_to_gamma_alone() -> None:
    snapshot = seen(TURNING, [])
    sentence = why(snapshot)
    assert sentence.startswith("a: the signal is along x̂: project leaves ")
    assert sentence.endswith(f"∂J/∂γ {brief(snapshot.numbers('a').gamma_gradient)}.")


def test_neither_a_large_weight_nor_a_dead_layer_is_taken_for_a_projection() -> None:
    scaled = seen(WIDE, [BN_ON, {"scale": {"layer": "h", "by": 1e5}}])
    dead = seen(WIDE, [DEAD, {"set": {"batch_norm": ["head"]}}])
    for snapshot in (scaled, dead):
        assert "project" not in why(snapshot)
        assert "BN undoes" not in why(snapshot)
    assert scaled.numbers("h").weight_gradient < 1e-4 * (scaled.numbers("h").gamma_gradient or 0)


def test_dead_units_are_told_with_those_that_pass_a_gradient() -> None:
    assert told(WIDE, ALL_BUT_ONE_DEAD, settings=FIVE) == "h: 4 of 5 units are dead (slope 0); only 1 can pass a gradient."
    snapshot = seen(WIDE, [DEAD])
    assert why(snapshot) == "h: all 4 units are dead (slope 0): ∂J/∂W is 0 from here down."
    assert (snapshot.chain("h").product, snapshot.chain("head").product) == (0, 0)


def test_the_parts_of_a_step_add_up_to_what_it_did() -> None:
    for text, settings in ((WIDE, ()), (WIDE, ("training.learning_rate=0.8",)), (WIDE, ("training.batch_size=8",)), (CHAIN, ("training.learning_rate=0.02",))):
        snapshot = seen(text, [{"step": 3}], settings)
        sentence = next(rule.say(snapshot, rule.threshold) for rule in RULES if rule.name == "the step") or ""
        did, parts = sentence.split(". ")[0].replace("−", "-").split(": ")
        actual = float(did.split()[-1]) * (-1 if "fell" in did else 1)
        numbers = [float(number) for number in re.findall(r"[-+][\d.]+(?:e[-+]\d+)?", parts)]
        assert len(numbers) in (2, 3)
        assert sum(numbers) == pytest.approx(actual, abs=0.01 * max(map(abs, numbers)))


@pytest.mark.parametrize(
    ("name", "actions"), [("goodfellow-chain", []), ("sigmoid-net", []), ("sigmoid-net", [BN_ON]), ("deep-relu", [BN_ON])]
)
def test_what_is_shown_of_a_step_adds_up_to_what_is_shown_that_it_did(name: str, actions: list[dict[str, object]]) -> None:
    at = Session(read_file(library.find(name), ["training.learning_rate=0.01"]))
    for action in actions:
        at.do(parse_action(action))
    counted = 0
    for _ in range(150):
        at.do(parse_action({"step": 1}))
        told = why(at.observe(Detail(orders=True))).replace("−", "-").replace(",", "")
        number = r"[-+]?[\d.]+(?:e-?\d+)?"
        parts = re.match(rf"J (fell|rose) by ({number}): first order ({number})(?: second ({number}) rest| beyond it) ({number})\. ", told)
        if parts is None:
            continue
        counted += 1
        did = float(parts[2]) * (-1 if parts[1] == "fell" else 1)
        assert sum(float(part) for part in parts.groups()[2:] if part) == pytest.approx(did, rel=0.02), told
    assert counted > 20


def test_second_order_and_rest_are_told_apart_where_they_say_something_by_themselves() -> None:
    assert ": first order −" in (both := told(CHAIN, {"step": 1}, settings=("training.learning_rate=0.02",)))
    assert ", second +" in both
    assert ", rest +" in both


def test_second_order_and_rest_that_undo_each_other_are_told_as_one() -> None:
    run: Run = (WIDE, [BN_ON, {"step": 1}], ("network.layers=[{name: h, units: 8, activation: tanh}, {name: head, units: 1}]", "training.learning_rate=4"))
    orders = seen(*run).orders
    assert orders is not None
    assert min(orders.second, -orders.rest) > 10 * orders.actual > 0
    sentence = f"J rose by {significant(orders.actual)}: first order −{significant(-orders.first)}, beyond it +{significant(orders.second + orders.rest)}."
    assert (said("the step", run) or "").startswith(sentence)


@pytest.mark.parametrize(("rate", "told_as_share"), [(1.0, False), (1.5, False), (1.7, True), (1.9, True), (1.95, True)])
def test_of_a_promise_that_was_nearly_all_taken_back_it_tells_which_share_was_kept(rate: float, told_as_share: bool) -> None:
    run: Run = (CHAIN, [BN_ON, {"step": 1}], (f"training.learning_rate={rate}",))
    orders = seen(*run).orders
    assert orders is not None
    kept = 1 - rate / 2  # least squares with λ = 1, for the last link alone learns
    assert orders.actual / orders.first == pytest.approx(kept, rel=1e-4)
    share = f"first order −{significant(-orders.first)}, {brief(100 * orders.actual / orders.first)} % of it kept."
    assert (share in (said("the step", run) or "")) == told_as_share


def test_where_relus_switched_it_says_how_many_slopes() -> None:
    snapshot = seen(WIDE, [{"step": 1}], ("training.learning_rate=0.3",))
    orders = snapshot.orders
    assert orders is not None
    assert orders.kinks.crossed > 1
    sentence = why(snapshot)
    beyond = orders.second + orders.rest
    assert f"beyond it {'−' if beyond < 0 else '+'}{significant(abs(beyond))}. {orders.kinks.crossed} ReLU slopes switched." in sentence


def test_in_a_mini_batch_the_step_is_told_of_its_own_batch() -> None:
    assert told(WIDE, {"step": 1}).startswith("J fell by ")
    assert told(WIDE, {"step": 1}, settings=("training.batch_size=8",)).startswith("On its batch J fell by ")
    far = told(WIDE, {"step": 1}, settings=("training.batch_size=8", "training.learning_rate=8"))
    assert far.startswith("Overshot on its batch: slope promised −")


def test_of_one_sample_the_gains_are_its_own_and_nothing_is_said_of_since_when() -> None:
    deep = ("network.layers=[{name: h, units: 4, activation: tanh}, {name: i, units: 4, activation: tanh}, {name: head, units: 1}]",)
    whole = seen(WIDE, [{"step": 40}, {"step": 1}], deep)
    one = seen(WIDE, [{"step": 40}, {"step": 1}, {"focus": {"sample": 3}}], deep)
    assert "across" in why(one)
    assert "Since" not in why(one)
    assert whole.leads_since == one.leads_since


def test_the_step_is_told_by_sentence_and_chart_alike_and_by_neither_after_anything_else() -> None:
    rate = {"set": {"learning_rate": 0.01}}
    for actions, told_of in (
        ([{"step": 2}], True),
        ([{"step": 2}, rate], False),
        ([{"step": 2}, rate, {"twin": {}}], False),
        ([{"step": 2}, rate, {"step": 1}], True),
        ([{"step": 2}, rate, {"step": 1}, {"back": 1}], False),
        ([{"step": 2}, rate, {"step": 1}, {"back": 2}], True),
        ([{"step": 2}, {"reset": True}], False),
    ):
        snapshot = seen(WIDE, actions)
        chart = text_of(step_chart(snapshot, Size(80, 6)))
        assert why(snapshot).startswith("J fell by ") == told_of
        assert ("first order" in chart) == told_of
        since = "Something was changed since the last step; space makes the next one."
        assert (since in chart) == (not told_of and snapshot.step > 0)


@pytest.mark.parametrize(("layers", "rest"), [(["e"], "≈0"), (["a", "b", "c", "d"], "27.52")])
def test_a_rest_that_is_only_rounding_looks_like_it(layers: list[str], rest: str) -> None:
    session = Session(read_file(library.find("orders-of-a-step")))
    for action in ({"set": {"batch_norm": layers}}, {"step": 1}):
        session.do(parse_action(action))
    chart = text_of(step_chart(session.observe(Detail(orders=True)), Size(80, 6)))
    assert next(line for line in chart.splitlines() if line.startswith("the rest")).split()[2] == rest


def test_divergence_names_the_step() -> None:
    sentence = told(CHAIN, {"step": 9})
    assert sentence.startswith("Diverged at step ")
    assert "← goes back" in sentence


def longer_names(text: str) -> str:
    """The scenario with layers whose names take many columns."""
    for name in ("a", "b", "c", "h", "head"):
        text = re.sub(rf"name: {name},", f"name: {name}{'_layer_of_this_network'[: 24 - len(name)]},", text)
    return text


def with_longer_names(value: Any) -> Any:
    """The same of an action."""
    if isinstance(value, dict):
        return {with_longer_names(key): with_longer_names(each) for key, each in value.items()}
    if isinstance(value, list):
        return [with_longer_names(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"^(a|b|c|h|head)(?=$|\.)", lambda name: f"{name[0]}{'_layer_of_this_network'[: 24 - len(name[0])]}", value)
    return value


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("long", [False, True])
def test_the_first_sentence_fits_a_row_of_eighty_columns(ascii: bool, long: bool) -> None:
    runs = [run for speaks in SPEAKS.values() for run in speaks]
    for text, actions, settings in runs:
        lengthened = (longer_names(text), [with_longer_names(action) for action in actions], settings)
        snapshot = seen(*lengthened if long else (text, actions, settings))
        for rule in RULES:
            sentence = rule.say(snapshot, rule.threshold)
            if sentence is not None:
                first = re.split(r"(?<=\.) ", in_ascii(sentence, ascii))[0]
                assert cells(first) <= ROW, first


def test_the_sentence_says_which_of_twins_diverged_and_where_their_chains_part() -> None:
    snapshot = seen(CHAIN, [{"twin": {}}, {"step": 4}])
    twin = snapshot.twin
    assert twin is not None
    own, its = ({factor.name: factor.value or 0.0 for factor in one.chain("a").factors} for one in (snapshot, twin))
    assert own["c.weight"] / its["c.weight"] > 2
    first = f"Diverged at step {snapshot.diverged_at}, the twin not."
    assert why(snapshot) == f"{first} Chains part at c.weight: {brief(own['c.weight'])}, twin's {brief(its['c.weight'])}."


def test_the_largest_gain_is_told_as_what_it_is() -> None:
    snapshot = seen(CHAIN, [])
    chain = max(snapshot.chains[1:], key=lambda each: each.gain or 0)
    assert f" The signal grows most across {chain.layer}: {times(chain.gain)}." in why(snapshot)
    assert "∂J/∂a" not in why(snapshot), "a is a layer's weight here"


def test_a_gain_that_is_no_row_of_the_open_chain_is_said_to_lie_further_down() -> None:
    sentences = {layer: why(seen(CHAIN, [{"focus": {"layer": layer}}])) for layer in "abc"}
    assert " grows most across c: " in sentences["a"]
    assert " grows most across c: " in sentences["b"]
    assert " shrinks most across b: " in sentences["a"]
    assert " shrinks most further down, across b: " in sentences["b"], "the chain to a layer's own weight ends with its input"
    assert " grows most further down, across c: " in sentences["c"]
