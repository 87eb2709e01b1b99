"""The shipped scenarios, the schema, the template, the reference, and writing a scenario back."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paced import mostly_slow

from bntui.maths.architecture import PLACEMENTS
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS
from bntui.scenario.model.scenario import SIZES, Scenario, json_schema
from bntui.scenario.model.sources import GENERATORS
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.loading import Loaded, read_file, read_text
from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.reference import reference
from bntui.scenario.shelf.writing import SCHEMA_FILE, TEMPLATE, to_yaml
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.document import parse
from bntui.scenario.text.wording import harmless

CORE = {"goodfellow-chain", "relu-net", "sigmoid-net", "deep-relu"}


def load(name: str) -> Loaded:
    return read_file(library.find(name))


def test_the_core_scenarios_are_in_the_library() -> None:
    assert set(library.names()) >= CORE
    entries = {entry.name: entry for entry in courses.shipped().entries()}
    assert entries["goodfellow-chain"].title == "Goodfellow's chain"
    assert entries["goodfellow-chain"].size == "5 layers, 5 weights"
    for entry in entries.values():
        assert entry.error is None
        assert entry.summary


def test_goodfellows_chain_is_the_one_of_the_book() -> None:
    loaded = load("goodfellow-chain")
    assert [value.item() for value in loaded.problem.parameters.values()] == [1.1, 0.9, 1.3, 0.8, 1.2]
    assert loaded.problem.architecture.switchable == ("a", "b", "c", "d", "e")
    assert len(loaded.scenario.lesson) >= 5


@pytest.mark.parametrize("name", mostly_slow(library.names()))
def test_the_schema_accepts_the_library(name: str) -> None:
    value = parse(library.find(name).read_text(encoding="utf-8"))[0].plain()
    jsonschema.Draft202012Validator(json_schema()).validate(value)


@pytest.mark.parametrize("name", library.names())
def test_a_scenario_written_back_is_the_same_scenario(name: str) -> None:
    scenario = load(name).scenario
    assert validated(Scenario, scenario.mapping()) == scenario
    assert read_text(to_yaml(scenario), name, library.folder()).scenario == scenario


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=30).filter(lambda text: harmless(text).split()))
def test_any_title_survives_being_written(title: str) -> None:
    base = load("relu-net").scenario.mapping()
    scenario = validated(Scenario, {**base, "title": harmless(title)})
    assert read_text(to_yaml(scenario), "f", None).scenario.title == scenario.title


@pytest.mark.parametrize("word", ["on", "1e-3", "0o7", "null", "~", "1_0", ".inf", "0x1", "- a", "a: b", "# c", "true"])
def test_a_title_that_looks_like_something_else_stays_text(word: str) -> None:
    scenario = validated(Scenario, {**load("relu-net").scenario.mapping(), "title": word})
    assert read_text(to_yaml(scenario), "f", None).scenario.title == word


def test_an_unknown_name_has_its_near_ones() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'relu-net'"):
        library.find("relunet")
    assert library.find("some.yaml") == Path("some.yaml")


def test_a_broken_scenario_is_told_and_not_raised(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("version: [")
    assert "not YAML" in (library.entry(path).error or "")


def test_the_template_loads_and_names_its_schema() -> None:
    assert TEMPLATE.startswith(f"# yaml-language-server: $schema={SCHEMA_FILE}\n")
    loaded = read_text(TEMPLATE, "new.yaml", None)
    jsonschema.Draft202012Validator(json_schema()).validate(parse(TEMPLATE)[0].plain())
    assert len(loaded.scenario.lesson) == 2


@functools.cache
def told_of_kinds() -> tuple[str, ...]:
    """Schema, template and reference: once, for the reference is long."""
    return json.dumps(json_schema()), TEMPLATE, reference()


@pytest.mark.parametrize("name", [*ACTIVATIONS, *COSTS, *GENERATORS, *SIZES, *PLACEMENTS])
def test_schema_template_and_reference_name_every_kind(name: str) -> None:
    for told in told_of_kinds():
        assert re.search(rf"\b{name}\b", told)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generator_passes_through_schema_reading_and_writing(name: str) -> None:
    template: dict[str, Any] = parse(TEMPLATE)[0].plain()
    width = validated(GENERATORS[name], {"name": name}).extent.targets
    template["network"]["layers"][-1]["units"] = width
    document = {**template, "data": {"generator": {"name": name}}}
    jsonschema.validate(document, json_schema())
    loaded = read_text(json.dumps(document), "f", None)
    again = read_text(to_yaml(loaded.scenario), "again", None)
    assert again.scenario == loaded.scenario
    assert again.problem.inputs.tobytes() == loaded.problem.inputs.tobytes()


def test_the_schema_is_one_and_describes_every_key() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in (schema, *schema["$defs"].values()):
        assert part["description"]
        for key, value in part["properties"].items():
            assert value.get("description") or "const" in value, key


def test_the_reference_is_not_stale() -> None:
    written = Path(__file__).parents[3] / "docs" / "scenarios.md"
    assert written.read_text(encoding="utf-8") == reference()


def test_a_title_is_one_line_and_cannot_move_a_terminal() -> None:
    text = library.find("relu-net").read_text(encoding="utf-8")
    text = text.replace("title: The ReLU net of the question", 'title: "a\\n\\x1b[31mb\\u202e"')
    assert read_text(text, "f", None).scenario.title == "a ␛[31mb�"
