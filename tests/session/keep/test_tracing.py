"""The trace: every step as data, field by field as DESIGN says."""

import csv
import io
import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from session.worlds import BATCHES, BLOBS, CHAIN, SLOW_CHAIN, do, session

from bntui.scenario.model.actions import parse_action
from bntui.scenario.model.vocabulary import METERS, possible_factors
from bntui.session.keep import tracing
from bntui.session.look.quantities import measure
from bntui.session.look.snapshot import Detail

PLAIN = Detail()
MEASURED = Detail(orders=True, meters=True)
ARRAYS = Detail(arrays=True)


def by_steps(text: str, steps: int, detail: Detail = PLAIN, *changes: str) -> list[dict[str, Any]]:
    at = session(text, *changes)
    return read(tracing.as_jsonl(tracing.by_steps(at, steps, detail), detail))


def by_actions(text: str, *actions: dict[str, Any], detail: Detail = PLAIN) -> list[dict[str, Any]]:
    taken = [parse_action(action) for action in actions]
    return read(tracing.as_jsonl(tracing.by_actions(session(text), taken, detail), detail))


def read(lines: Any) -> list[dict[str, Any]]:
    """The lines as strict JSON: NaN and Infinity are none."""
    found = []
    for line in lines:
        assert line.endswith("\n")
        assert "\n" not in line[:-1]
        found.append(json.loads(line, parse_constant=refuse))
    return found


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def test_a_line_has_these_fields_and_no_others() -> None:
    line = by_steps(CHAIN, 0)[0]
    assert list(line) == ["step", "action", "loss", "learning_rate", "batch_norm", "normalization", "diverged", "layers"]
    assert (line["step"], line["action"], line["learning_rate"]) == (0, None, 0.3)
    assert (line["batch_norm"], line["diverged"]) == ([], False)
    # ŷ = 1.235·x against 3x: J = ½·mean(x²)·(3 − 1.23552)²
    assert line["loss"] == pytest.approx(0.5 * 5.25 / 3 * (3 - 1.1 * 0.9 * 1.3 * 0.8 * 1.2) ** 2)


def test_every_layer_has_its_chain_from_the_cost_to_its_input() -> None:
    layers = by_steps(CHAIN, 0)[0]["layers"]
    assert [layer["layer"] for layer in layers] == ["a", "b", "c", "d", "e"]
    assert list(layers[0]) == ["layer", "gradient", "gain", "chain"]
    assert [factor["factor"] for factor in layers[2]["chain"]] == ["cost", "e.weight", "d.weight", "c.input"]
    cost, first, second, last = layers[2]["chain"]
    assert list(cost) == ["factor", "value", "product"]
    assert (first["value"], second["value"]) == (pytest.approx(1.2), pytest.approx(0.8))
    assert second["product"] == pytest.approx(cost["value"] * 1.2 * 0.8)
    assert last["product"] == layers[2]["gradient"]
    assert layers[1]["gain"] == pytest.approx(0.9)


def test_the_kinds_of_normalization_are_told_by_layer() -> None:
    mixed = {"set": {"normalization": {"h1": "layer_norm", "h2": "batch_norm"}}}
    first, line = by_actions(BATCHES, mixed)
    assert (first["batch_norm"], first["normalization"]) == ([], {})
    assert (line["batch_norm"], line["normalization"]) == (["h2"], {"h1": "layer_norm", "h2": "batch_norm"})


def test_the_chain_grows_by_batch_norms_parts() -> None:
    line = by_steps(CHAIN, 0, PLAIN, "network.batch_norm.enabled=[e]")[0]
    names = [factor["factor"] for factor in line["layers"][4]["chain"]]
    assert names == ["cost", "e.norm.scale", "e.norm.centre", "e.norm.project", "e.input"]
    assert line["batch_norm"] == ["e"]


def test_there_is_a_line_for_the_start_and_for_every_step() -> None:
    lines = by_steps(BATCHES, 7)
    assert [line["step"] for line in lines] == list(range(8))
    assert [line["action"] for line in lines] == [None] + ["step"] * 7


def test_each_line_has_the_gradient_that_the_next_update_uses() -> None:
    lines = by_steps(BATCHES, 4, ARRAYS, "training.momentum=0.0")
    for before, after in pairwise(lines):
        assert list(before)[-2:] == ["parameters", "gradients"]
        for now, then, gradient in zip(
            before["parameters"]["h1.weight"],
            after["parameters"]["h1.weight"],
            before["gradients"]["h1.weight"],
            strict=True,
        ):
            assert then[0] == pytest.approx(now[0] - 0.1 * gradient[0], rel=1e-12)


def test_arrays_have_the_shapes_of_their_parameters() -> None:
    line = by_steps(BATCHES, 0, ARRAYS, "network.batch_norm.enabled=true")[0]
    assert [len(row) for row in line["parameters"]["h2.weight"]] == [3, 3]
    assert line["parameters"]["h2.bias"] == [0.0, 0.0]
    assert line["parameters"]["h1.gamma"] == [1.0, 1.0, 1.0]
    assert set(line["gradients"]) == set(line["parameters"])


def test_orders_are_of_the_update_that_led_to_the_line() -> None:
    lines = by_steps(SLOW_CHAIN, 3, MEASURED)
    assert lines[0]["order"] is None
    for before, after in pairwise(lines):
        order = after["order"]
        assert list(order) == ["first", "second", "rest", "actual"]
        assert order["actual"] == pytest.approx(after["loss"] - before["loss"])
        assert order["first"] + order["second"] + order["rest"] == pytest.approx(order["actual"])


def test_orders_are_null_where_no_update_led_to_the_line() -> None:
    changes = [{"set": {"learning_rate": 0.02}}, {"back": 1}, {"goto": 4}, {"scale": {"layer": "a", "by": 2}}, {"back": 4}]
    lines = by_actions(SLOW_CHAIN, {"step": 2}, *changes, detail=MEASURED)
    assert [line["action"] for line in lines] == [None, "step", "step", "set", "back", "goto", "scale", "back"]
    assert [line["order"] is None for line in lines] == [True, False, False, True, False, False, True, True]
    assert lines[4]["order"] == lines[1]["order"]


def test_meters_are_told_when_they_are_asked_for() -> None:
    meters = by_steps(CHAIN, 0, MEASURED, "network.batch_norm.enabled=[b]")[0]["meters"]
    assert list(meters) == [*METERS, "effective_rates", "update_ratios", "angles"]
    assert meters["stable_rate"] == pytest.approx(2 / meters["curvature"])
    assert meters["rate_over_stable"] == pytest.approx(0.3 / meters["stable_rate"])
    assert meters["effective_rates"] == {"b": pytest.approx(0.3 / 0.9**2)}


def test_a_trace_ends_with_the_line_that_has_diverged() -> None:
    lines = by_steps(CHAIN, 50)
    assert [(line["step"], line["diverged"]) for line in lines] == [(0, False), (1, False), (2, True)]


def test_numbers_that_json_does_not_have_are_strings() -> None:
    lines = by_actions(CHAIN, {"set": {"weights": {"a.weight": 1e200, "b.weight": 1e200, "c.weight": -1e200}}})
    assert lines[1]["loss"] in ("inf", "nan")
    assert lines[1]["diverged"] is True
    values = [factor["value"] for layer in lines[1]["layers"] for factor in layer["chain"]]
    assert {value for value in values if isinstance(value, str)} <= {"inf", "-inf", "nan"}
    assert any(isinstance(value, str) for value in values)


def test_a_lesson_has_a_line_for_every_action_that_changes_the_state() -> None:
    lines = by_actions(
        SLOW_CHAIN,
        {"step": 3},
        {"focus": {"layer": "c"}},
        {"set": {"batch_norm": True}},
        {"view": "loss"},
        {"scale": {"layer": "b", "by": 10}},
        {"back": 2},
        {"step": 2},
        {"goto": 0},
        {"reset": True},
        {"step": 1},
    )
    told = [(line["step"], line["action"]) for line in lines]
    assert told == [
        (0, None), (1, "step"), (2, "step"), (3, "step"), (3, "set"), (3, "scale"), (1, "back"), (2, "step"),
        (3, "step"), (0, "goto"), (0, "reset"), (1, "step"),
    ]  # fmt: skip
    assert lines[6]["batch_norm"] == []
    assert lines[8]["batch_norm"] == ["a", "b", "c", "d", "e"]  # the recorded future is walked, its switch included


def test_a_trace_is_of_the_whole_batch_wherever_the_scenario_or_its_lesson_looks() -> None:
    assert by_steps(BATCHES, 2, PLAIN, "focus={layer: h2, sample: 1}") == by_steps(BATCHES, 2)
    looking = by_actions(BATCHES, {"focus": {"sample": 3}}, {"step": 2})
    assert looking == by_steps(BATCHES, 2)


def test_a_lesson_goes_on_after_a_divergence() -> None:
    lines = by_actions(CHAIN, {"step": 5}, {"step": 3}, {"back": 1}, {"set": {"batch_norm": True}}, {"step": 2})
    told = [(line["step"], line["action"], line["diverged"]) for line in lines]
    assert told == [
        (0, None, False), (1, "step", False), (2, "step", True), (1, "back", False), (1, "set", False),
        (2, "step", False), (3, "step", False),
    ]  # fmt: skip


def test_a_jump_into_a_divergence_has_its_line_too() -> None:
    lines = by_actions(CHAIN, {"goto": 50}, {"reset": True})
    assert [(line["step"], line["diverged"]) for line in lines] == [(0, False), (2, True), (0, False)]


def test_what_is_refused_in_a_lesson_adds_no_line() -> None:
    lines = by_actions(CHAIN, {"scale": {"layer": "nobody", "by": 2}}, {"step": 1})
    assert [line["step"] for line in lines] == [0, 1]


def rows(text: str, steps: int, detail: Detail = PLAIN, *changes: str) -> list[dict[str, str]]:
    at = session(text, *changes)
    table = "".join(tracing.as_csv(tracing.by_steps(at, steps, detail), at, detail))
    return list(csv.DictReader(io.StringIO(table)))


def test_a_table_has_a_column_for_everything_that_may_come() -> None:
    table = rows(BATCHES, 2)
    columns = list(table[0])
    assert columns[:7] == ["step", "action", "loss", "learning_rate", "batch_norm", "normalization", "diverged"]
    assert columns[7:13] == ["gain.h1", "product.h1", "gain.h2", "product.h2", "gain.head", "product.head"]
    architecture = session(BATCHES).experiment.architecture
    assert columns[13:] == [f"factor.{name}" for name in possible_factors(architecture)]
    assert [row["step"] for row in table] == ["0", "1", "2"]


def test_a_table_tells_the_same_numbers_as_the_lines() -> None:
    lines, table = by_steps(BATCHES, 3), rows(BATCHES, 3)
    for line, row in zip(lines, table, strict=True):
        assert float(row["loss"]) == line["loss"]
        assert row["action"] == (line["action"] or "")
        assert row["diverged"] == "false"
        assert float(row["product.h1"]) == line["layers"][0]["gradient"]
        assert float(row["factor.cost"]) == line["layers"][0]["chain"][0]["value"]


def test_a_cell_is_empty_where_there_is_no_such_factor_now() -> None:
    off, on = rows(BATCHES, 0)[0], rows(BATCHES, 0, PLAIN, "network.batch_norm.enabled=true")[0]
    assert off["factor.h1.norm.scale"] == ""
    assert float(on["factor.h1.norm.scale"]) > 0
    assert (off["batch_norm"], on["batch_norm"]) == ("", "h1 h2")
    assert (off["normalization"], on["normalization"]) == ("", "h1=batch_norm h2=batch_norm")


def test_what_is_asked_for_beside_the_chain_has_columns_too() -> None:
    detail = Detail(orders=True, meters=True, arrays=True)
    lines, table = by_steps(SLOW_CHAIN, 1, detail), rows(SLOW_CHAIN, 1, detail)
    assert table[0]["order.first"] == ""
    assert float(table[1]["order.first"]) == lines[1]["order"]["first"]
    assert float(table[1]["curvature"]) == lines[1]["meters"]["curvature"]
    assert float(table[1]["parameter.c.weight"]) == lines[1]["parameters"]["c.weight"][0][0]
    assert (table[1]["gradient.c.gamma"], "order.first" in rows(SLOW_CHAIN, 0)[0]) == ("", False)


def test_an_explosion_is_told_in_a_table() -> None:
    last = rows(CHAIN, 9)[-1]
    assert (last["step"], last["diverged"]) == ("2", "true")


def test_what_is_held_out_is_in_every_line_and_all_of_the_data_where_it_is_asked_for() -> None:
    at = session(BLOBS)
    plain = tracing.plain_detail(at)
    line = tracing.record(do(at, {"step": 2}).observe(plain), plain)
    scores = measure(at, ["accuracy", "validation.loss", "validation.accuracy", "full_loss", "full_accuracy"])
    assert line["accuracy"] == scores["accuracy"]
    assert line["validation"] == {"loss": scores["validation.loss"], "accuracy": scores["validation.accuracy"]}
    assert "full" not in line
    whole = replace(plain, full=True)
    assert tracing.record(at.observe(whole), whole)["full"] == {"loss": scores["full_loss"], "accuracy": scores["full_accuracy"]}
    (row,) = csv.DictReader(io.StringIO("".join(tracing.as_csv([at.observe(whole)], at, whole))))
    assert {name: float(row[name]) for name in scores} == scores


def test_without_held_out_data_the_lines_are_as_they_were() -> None:
    for world in (BATCHES, BLOBS.replace(", validation: 0.25", "")):
        at = session(world)
        assert tracing.plain_detail(at) == PLAIN
        assert {"accuracy", "validation", "full"}.isdisjoint(tracing.record(at.observe(PLAIN), PLAIN))
        assert {"accuracy", "validation.loss", "full_loss"}.isdisjoint(rows(world, 0)[0])


def test_costs_without_classes_have_no_column_of_accuracy() -> None:
    at = session(BATCHES, "data.validation=0.2")
    detail = replace(tracing.plain_detail(at), full=True)
    (row,) = csv.DictReader(io.StringIO("".join(tracing.as_csv([at.observe(detail)], at, detail))))
    assert {"validation.loss", "full_loss"} <= set(row)
    assert {"accuracy", "validation.accuracy", "full_accuracy"}.isdisjoint(row)
