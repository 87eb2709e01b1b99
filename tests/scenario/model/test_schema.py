"""The JSON Schema takes whatever the program takes, and refuses what the program refuses, as far as a schema can."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
import yaml
from scenario.reading.test_fuzz import mutated

from bntui.scenario.model.scenario import json_schema
from bntui.scenario.reading.describing import describe
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf import library
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.document import parse

GOOD: dict[str, Any] = {
    "version": 1,
    "title": "T",
    "network": {"layers": [{"name": "a", "units": 4, "activation": "relu"}, {"name": "b", "units": 1}]},
    "data": {"generator": {"name": "line"}},
    "training": {"learning_rate": 0.1},
}
INLINE = {"inputs": [[1.0], [2.0]], "targets": [[1.0], [2.0]]}
ASK = {"question": "q", "choices": ["x", "y"], "answer": 1}


def lesson(**beat: Any) -> dict[str, Any]:
    return {"lesson": [beat]}


TRAPS: list[dict[str, Any]] = [
    {"data": {}},
    {"data": {"generator": {"name": "line"}, **INLINE}},
    {"data": {"generator": {"name": "line"}, "csv": {"file": "d.csv", "inputs": ["x"], "targets": ["y"]}}},
    {"data": {"inputs": [[1.0]]}},
    {"data": {"inputs": [[1.0]], "generator": {"name": "line"}}},
    {"data": {"inputs": [], "targets": []}},
    {"data": {**INLINE, "validation": {"share": 0.5, "generator": {"name": "line"}}}},
    {"data": {"generator": {"name": "line"}, "validation": {"generator": {"name": "line"}, "seed": 1}}},
    {"data": {"generator": {"name": "line"}, "validation": {}}},
    {"data": {"generator": {"name": "line"}, "validation": 1.5}},
    {"data": {"generator": {"name": "line"}, "validation": 0}},
    {"sweep": {"over": "batch_size"}},
    {"sweep": {"over": ""}},
    {"network": {"layers": [{"name": "2a", "units": 1}]}},
    {"network": {"layers": [{"units": 1, "batch_norm": True}], "normalization": {"kind": "layer_norm"}}},
    {"network": {"layers": [{"units": 1}], "batch_norm": {"enabled": True}, "normalization": {"kind": "layer_norm"}}},
    {"network": {"layers": [{"units": 1, "weight": []}]}},
    {"network": {"layers": [{"units": 1}], "init": {"scheme": "normal"}}},
    {"network": {"layers": [{"units": 1}], "init": {"scheme": "normal", "std": 1.0, "gain": 1.0}}},
    {"network": {"layers": [{"units": 1}], "init": {"bound": 1.0}}},
    {"training": {"learning_rate": 0.1, "nesterov": True}},
    {"training": {"learning_rate": 0.1, "nesterov": True, "momentum": 0.0}},
    {"training": {"learning_rate": 0.1, "schedule": {}}},
    {"training": {"learning_rate": 0.1, "schedule": {"kind": "cosine"}}},
    {"training": {"learning_rate": 0.1, "schedule": {"kind": "cosine", "steps": 5, "by": 0.5}}},
    lesson(),
    lesson(expect={}),
    lesson(expect={"loss": {}}),
    lesson(expect={"loss": {"about": 1.0}}),
    lesson(expect={"loss": {"within": 1.0}}),
    lesson(expect={"los": {"above": 1.0}}),
    lesson(expect={"gradient.a": {"above": 1.0}}),
    lesson(expect={"gain": {"above": 1.0}}),
    lesson(expect={"twin.ratio.loss": {"above": 1.0}}),
    lesson(expect={"sweep.on.largest": {"above": 1.0}}),
    lesson(run={"until": {"order.third": {"above": 1.0}}}),
    lesson(show=["chart.losses"]),
    lesson(show=["factor"]),
    lesson(ask={**ASK, "answer": 3}),
    lesson(ask={**ASK, "choices": ["x"]}),
    lesson(ask={**ASK, "wrong": {"1": "no"}}),
    lesson(ask={**ASK, "wrong": {"3": "no"}}),
    lesson(sweep=True, landscape=True),
    lesson(landscape={"depth": 5}),
    lesson(do={"beat": 1}),
    lesson(do={"answer": 1}),
    lesson(do={"stp": 1}),
    lesson(do={"step": 1, "reset": True}),
    lesson(do=[]),
    lesson(do={"set": {}}),
    lesson(do={"set": {"batch_norm": True, "normalization": "layer_norm"}}),
    lesson(do={"twin": {"batch_norm": True, "normalization": "layer_norm"}}),
    lesson(do={"scale": {"layer": "a", "by": 0}}),
    lesson(do={"view": {"history": "wieght"}}),
]


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def test_the_good_one_is_good(schema: jsonschema.Draft202012Validator) -> None:
    read_text(json.dumps(GOOD), "good.yaml", None)
    schema.validate(GOOD)


@pytest.mark.parametrize("change", TRAPS, ids=lambda change: json.dumps(change)[:70])
def test_what_the_program_refuses_the_schema_refuses(schema: jsonschema.Draft202012Validator, change: dict[str, Any]) -> None:
    document = deepcopy(GOOD) | change
    with pytest.raises(ScenarioError):
        describe(json.dumps(document), "trap.yaml", None)
    assert not schema.is_valid(document)


TAKEN: list[dict[str, Any]] = [
    {"data": {**INLINE, "validation": {"share": 0.5, "seed": 1}}},
    {"training": {"learning_rate": 0.1, "schedule": {"warm_up": 5}}},
    {"training": {"learning_rate": 0.1, "nesterov": True, "momentum": 0.5}},
    {"network": {"layers": [{"units": 1, "batch_norm": False}], "init": {"scheme": "uniform", "bound": 0.5}}},
    lesson(ask={**ASK, "answer": 2, "wrong": {"1": "no"}}),
    lesson(do={"view": {"history": "gradient.*.weight"}}),
    lesson(do={"view": {"history": "twin.gain"}}),
    lesson(do={"view": {"history": "order"}}),
    lesson(expect={"ratio.factor.a.norm.scale": {"is": None}, "eigenvalue.least": {"below": 1e9}, "order.kinks": {"is": None}}),
    {"sweep": {"over": " depth "}},
    {"sweep": {"over": "normalization = none, batch_norm"}},
    {"data": {"generator": {"name": "line"}, "validation": 0.5}},
    lesson(sweep={"over": {"batch_size": [4, "full"]}}, show=["sweep.4.largest_rate"], expect={"sweep.full.trains": {"above": -1}}),
    lesson(landscape=True, expect={"landscape.off.smoothness.worst": {"above": -1}, "landscape.stable_rate": {"above": -1}}),
    lesson(landscape={"growth": True, "depth": 5}, expect={"landscape.growth.on": {"above": -1}}),
]


@pytest.mark.parametrize("change", TAKEN, ids=lambda change: json.dumps(change)[:70])
def test_what_the_program_takes_the_schema_takes(schema: jsonschema.Draft202012Validator, change: dict[str, Any]) -> None:
    document = deepcopy(GOOD) | change
    describe(json.dumps(document), "taken.yaml", None)
    schema.validate(document)


@pytest.mark.slow
def test_whatever_mutated_scenario_the_program_takes_the_schema_takes(schema: jsonschema.Draft202012Validator) -> None:
    source, texts = random.Random(4), [(library.folder() / f"{name}.yaml").read_text() for name in library.names()]
    taken = 0
    for _ in range(600):
        content = mutated(source.choice(texts), source)
        try:
            text = content.decode()
            describe(text, "mutated.yaml", library.folder())
        except (ScenarioError, UnicodeDecodeError):
            continue
        taken += 1
        document = parse(text)[0].plain()
        assert list(schema.iter_errors(document)) == [], yaml.safe_dump(document)
    assert taken > 30
