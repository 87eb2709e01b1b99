"""The trace: every step as data, field by field as DESIGN says."""

import csv
import io
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from session.worlds import BATCHES, BLOBS, CHAIN, SLOW_CHAIN, do, session
from traces import chain_of, layer_of, quantities_in, read

from bntui.scenario.model.actions import parse_action
from bntui.scenario.model.vocabulary import METERS, WORDS, possible_factors
from bntui.session.look.quantities import measure
from bntui.session.look.snapshot import Detail
from bntui.session.trace import trace_lines, tracing
from bntui.session.trace.trace_lines import line_of

PLAIN = Detail(remembered=True, lean=True)
MEASURED = replace(PLAIN, orders=True, meters=True)
ARRAYS = replace(PLAIN, arrays=True)

SKIPS = """
version: 1
title: Skips
network:
  layers:
    - {name: first, units: 3, activation: tanh}
    - {name: h, units: 3, activation: tanh, skip_from: previous, repeat: 2}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 9}}
training: {learning_rate: 0.1}
"""


def by_steps(text: str, steps: int, detail: Detail = PLAIN, *changes: str) -> list[dict[str, Any]]:
    at = session(text, *changes)
    return read(trace_lines.written("jsonl", tracing.by_steps(at, steps, detail), at, detail, twins=False))


def by_actions(text: str, *actions: dict[str, Any], detail: Detail = PLAIN) -> list[dict[str, Any]]:
    taken, at = [parse_action(action) for action in actions], session(text)
    return read(trace_lines.written("jsonl", tracing.by_actions(at, taken, detail), at, detail, twins=False))


def test_a_line_has_these_fields_and_no_others() -> None:
    line = by_steps(CHAIN, 0)[0]
    settings = ["learning_rate", "base_rate", "learning_rates", "optimizer", "momentum", "remembered", "mode", "epoch"]
    normalized = ["batch_norm", "normalization", "diverged"]
    assert list(line) == ["format", "step", "action", "loss", *settings, *normalized, "chain", "layers", "twin"]
    assert (line["format"], line["step"], line["action"], line["learning_rate"]) == (1, 0, None, 0.3)
    assert (line["batch_norm"], line["diverged"], line["twin"]) == ([], False, None)
    # ŷ = 1.235·x against 3x: J = ½·mean(x²)·(3 − 1.23552)²
    assert line["loss"] == pytest.approx(0.5 * 5.25 / 3 * (3 - 1.1 * 0.9 * 1.3 * 0.8 * 1.2) ** 2)


def test_settings_are_told_as_they_are_for_the_next_update() -> None:
    schedule = "training.schedule={kind: cosine, steps: 10}"
    (line,) = by_steps(BATCHES, 0, PLAIN, schedule)
    assert (line["optimizer"], line["momentum"], line["mode"], line["epoch"]) == ("sgd", 0.8, "train", 0)
    assert line["learning_rates"] == {"*.gamma": 0.03}
    assert line["remembered"] == {"velocity": 0.0}
    later = by_steps(BATCHES, 5, PLAIN, schedule)[-1]
    assert (later["base_rate"], later["learning_rate"]) == (0.1, pytest.approx(0.05))
    assert later["epoch"] == 1
    assert later["remembered"]["velocity"] > 0
    changed = by_actions(BATCHES, {"set": {"optimizer": "adam"}}, {"set": {"mode": "eval"}})[-1]
    assert (changed["optimizer"], changed["momentum"], changed["mode"]) == ("adam", None, "eval")
    assert set(changed["remembered"]) == {"mean_gradient", "mean_square"}


def test_every_layer_has_its_chain_from_the_cost_to_its_input() -> None:
    line = by_steps(CHAIN, 0)[0]
    assert [layer["layer"] for layer in line["layers"]] == ["a", "b", "c", "d", "e"]
    assert list(line["layers"][0]) == ["layer", "gradient", "gain", "shared", "tail"]
    assert [factor["factor"] for factor in chain_of(line, "c")] == ["cost", "e.weight", "d.weight", "c.input"]
    cost, first, second, last = chain_of(line, "c")
    assert list(cost) == ["factor", "value", "product"]
    assert (first["value"], second["value"]) == (pytest.approx(1.2), pytest.approx(0.8))
    assert second["product"] == pytest.approx(cost["value"] * 1.2 * 0.8)
    assert last["product"] == layer_of(line, "c")["gradient"]
    assert layer_of(line, "b")["gain"] == pytest.approx(0.9)


@pytest.mark.parametrize("kinds", ["none", "batch_norm", "weight_norm"])
@pytest.mark.parametrize("text", [CHAIN, BATCHES, SKIPS])
def test_chains_put_together_are_the_chains_of_the_network_and_each_factor_is_told_once(text: str, kinds: str) -> None:
    at = do(session(text), {"set": {"normalization": kinds}}, {"step": 1})
    line, snapshot = by_actions(text, {"set": {"normalization": kinds}}, {"step": 1})[-1], at.observe()
    for chain in snapshot.chains:
        told = [(each["factor"], each["value"], each["product"], each.get("added")) for each in chain_of(line, chain.layer)]
        assert told == [(factor.name, factor.value, factor.product, factor.added) for factor in chain.factors]
    names = [each["factor"] for each in (*line["chain"], *(own for layer in line["layers"] for own in layer["tail"]))]
    assert len(names) == len(set(names))


def test_a_line_grows_with_the_depth_and_not_with_its_square() -> None:
    deep = "{version: 1, title: t, network: {layers: [{name: h, units: 2, activation: tanh, repeat: 9}, {units: 1}]}, data: {generator: {name: sine}}, training: {learning_rate: 0.1}}"
    shallow, deeper, deepest = (len(str(by_steps(deep.replace("9", str(depth)), 0)[0])) for depth in (10, 20, 40))
    assert deepest - deeper == pytest.approx(2 * (deeper - shallow), rel=0.1)


def test_the_kinds_of_normalization_are_told_by_layer() -> None:
    mixed = {"set": {"normalization": {"h1": "layer_norm", "h2": "batch_norm"}}}
    first, line = by_actions(BATCHES, mixed)
    assert (first["batch_norm"], first["normalization"]) == ([], {})
    assert (line["batch_norm"], line["normalization"]) == (["h2"], {"h1": "layer_norm", "h2": "batch_norm"})


def test_the_chain_grows_by_batch_norms_parts() -> None:
    line = by_steps(CHAIN, 0, PLAIN, "network.batch_norm.enabled=[e]")[0]
    names = [factor["factor"] for factor in chain_of(line, "e")]
    assert names == ["cost", "e.norm.scale", "e.norm.centre", "e.norm.project", "e.input"]
    assert line["batch_norm"] == ["e"]


def test_there_is_a_line_for_the_start_and_for_every_step() -> None:
    lines = by_steps(BATCHES, 7)
    assert [line["step"] for line in lines] == list(range(8))
    assert [line["action"] for line in lines] == [None] + ["step"] * 7


def test_each_line_has_the_gradient_that_the_next_update_uses() -> None:
    lines = by_steps(BATCHES, 4, ARRAYS, "training.momentum=0.0")
    for before, after in pairwise(lines):
        assert {"parameters", "gradients"} <= set(before)
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
        assert list(order) == ["first", "second", "rest", "actual", "kinks"]
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
    assert list(meters) == [*METERS, "effective_rate", "update_ratio", "angle"]
    assert meters["stable_rate"] == pytest.approx(2 / meters["curvature"])
    assert meters["rate_over_stable"] == pytest.approx(0.3 / meters["stable_rate"])
    assert meters["effective_rate"] == {"b": pytest.approx(0.3 / 0.9**2)}


def test_a_trace_ends_with_the_line_that_has_diverged() -> None:
    lines = by_steps(CHAIN, 50)
    assert [(line["step"], line["diverged"]) for line in lines] == [(0, False), (1, False), (2, True)]


def test_numbers_that_json_does_not_have_are_strings() -> None:
    lines = by_actions(CHAIN, {"set": {"weights": {"a.weight": 1e200, "b.weight": 1e200, "c.weight": -1e200}}})
    assert lines[1]["loss"] in ("inf", "nan")
    assert lines[1]["diverged"] is True
    values = [factor["value"] for factor in chain_of(lines[1], "a")]
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
    table = "".join(trace_lines.written("csv", tracing.by_steps(at, steps, detail), at, detail, twins=False))
    return list(csv.DictReader(io.StringIO(table)))


def test_a_table_has_a_column_for_everything_that_may_come() -> None:
    table = rows(BATCHES, 2)
    columns = list(table[0])
    settings = ["learning_rate", "base_rate", "momentum", "epoch"]
    remembered = ["remembered.velocity", "remembered.mean_gradient", "remembered.mean_square"]
    assert columns[:11] == ["step", "action", "loss", "diverged", *settings, *remembered]
    assert columns[11:17] == ["gain.h1", "product.h1", "gain.h2", "product.h2", "gain.head", "product.head"]
    architecture = session(BATCHES).experiment.architecture
    assert columns[17:] == [*(f"factor.{name}" for name in possible_factors(architecture)), *WORDS]
    assert [row["step"] for row in table] == ["0", "1", "2"]


EVERYTHING = Detail(orders=True, meters=True, full=True, validation=True, remembered=True, lean=True)
SAME: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    (CHAIN, ({"step": 1}, {"set": {"batch_norm": ["b", "e"]}}, {"step": 2}, {"reset": True}, {"step": 9})),
    (BATCHES, ({"step": 3}, {"twin": {}}, {"step": 2}, {"set": {"learning_rates": {"h1.*": 0.2}}}, {"twin": False}, {"step": 1})),
    (BATCHES, ({"set": {"normalization": "weight_norm"}}, {"set": {"optimizer": "adamw"}}, {"step": 2}, {"set": {"mode": "eval"}})),
    (BLOBS, ({"step": 2}, {"twin": {"learning_rate": 1e9}}, {"step": 9})),
    (SKIPS, ({"step": 2}, {"set": {"skips": False}}, {"step": 1})),
)


@pytest.mark.parametrize(("text", "actions"), SAME)
@pytest.mark.parametrize("detail", [PLAIN, EVERYTHING])
def test_a_table_tells_the_same_as_the_lines_and_nothing_else(text: str, actions: tuple[dict[str, Any], ...], detail: Detail) -> None:
    taken = [parse_action(action) for action in actions]
    first, second = session(text), session(text)
    twins = trace_lines.twins_in(taken)
    lines = read(trace_lines.written("jsonl", tracing.by_actions(first, taken, detail), first, detail, twins))
    table = "".join(trace_lines.written("csv", tracing.by_actions(second, taken, detail), second, detail, twins))
    seen: set[str] = set()
    for line, row in zip(lines, csv.DictReader(io.StringIO(table)), strict=True):
        told = quantities_in(line)
        absent = {name for name, value in told.items() if name not in row}
        assert all(told[name] is None for name in absent), absent
        assert {name: as_cell(told.get(name)) for name in row} == row
        seen |= set(told)
    assert any(name.startswith("twin.") for name in seen) == twins


def as_cell(value: object) -> str:
    """How a table writes what a line has."""
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items())
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_a_cell_is_empty_where_there_is_no_such_factor_now() -> None:
    off, on = rows(BATCHES, 0)[0], rows(BATCHES, 0, PLAIN, "network.batch_norm.enabled=true")[0]
    assert off["factor.h1.norm.scale"] == ""
    assert float(on["factor.h1.norm.scale"]) > 0
    assert (off["batch_norm"], on["batch_norm"]) == ("", "h1 h2")
    assert (off["normalization"], on["normalization"]) == ("", "h1=batch_norm h2=batch_norm")


def test_norms_stand_in_a_table_for_the_arrays_of_the_lines() -> None:
    lines, table = by_steps(SLOW_CHAIN, 1, ARRAYS), rows(SLOW_CHAIN, 1, ARRAYS)
    assert float(table[1]["parameter.c.weight"]) == lines[1]["parameters"]["c.weight"][0][0]
    assert float(table[1]["gradient.c.weight"]) == abs(lines[1]["gradients"]["c.weight"][0][0])
    assert (table[1]["gradient.c.gamma"], "order.first" in table[0]) == ("", False)


def test_an_explosion_is_told_in_a_table_in_the_same_words() -> None:
    last = rows(CHAIN, 9)[-1]
    assert (last["step"], last["diverged"]) == ("2", "true")
    beyond = ["network.layers.0.weight=[[1e200]]", "network.layers.1.weight=[[1e200]]"]
    (row,), (line,) = rows(CHAIN, 0, PLAIN, *beyond), by_steps(CHAIN, 0, PLAIN, *beyond)
    assert row["loss"] == line["loss"] == "inf"
    assert {row[f"factor.{each['factor']}"] for each in chain_of(line, "a")} >= {"inf", "nan"}


def test_what_is_held_out_is_in_every_line_and_all_of_the_data_where_it_is_asked_for() -> None:
    at = session(BLOBS)
    plain = tracing.plain_detail(at)
    line = line_of(do(at, {"step": 2}).observe(plain), plain)
    scores = measure(at, ["accuracy", "validation.loss", "validation.accuracy", "full_loss", "full_accuracy"])
    assert line["accuracy"] == scores["accuracy"]
    assert line["validation"] == {"loss": scores["validation.loss"], "accuracy": scores["validation.accuracy"]}
    assert "full" not in line
    whole = replace(plain, full=True)
    assert line_of(at.observe(whole), whole)["full"] == {"loss": scores["full_loss"], "accuracy": scores["full_accuracy"]}
    (row,) = csv.DictReader(io.StringIO("".join(trace_lines.written("csv", [at.observe(whole)], at, whole, twins=False))))
    assert {name: float(row[name]) for name in scores} == scores


def test_without_held_out_data_nothing_is_said_of_it() -> None:
    for world in (BATCHES, BLOBS.replace(", validation: 0.25", "")):
        at = session(world)
        plain = tracing.plain_detail(at)
        assert plain == Detail(remembered=True, lean=True)
        assert {"validation", "full"}.isdisjoint(line_of(at.observe(plain), plain))
        assert {"validation.loss", "full_loss"}.isdisjoint(rows(world, 0)[0])


def test_costs_without_classes_have_no_column_of_accuracy() -> None:
    at = session(BATCHES, "data.validation=0.2")
    detail = replace(tracing.plain_detail(at), full=True)
    (row,) = csv.DictReader(io.StringIO("".join(trace_lines.written("csv", [at.observe(detail)], at, detail, twins=False))))
    assert {"validation.loss", "full_loss"} <= set(row)
    assert {"accuracy", "validation.accuracy", "full_accuracy"}.isdisjoint(row)
    assert "accuracy" not in line_of(at.observe(detail), detail)
