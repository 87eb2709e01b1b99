"""What `import bntui` gives, as a script or a notebook meets it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bntui
from bntui import api
from bntui.commands.cli import run as command
from bntui.scenario.model.actions import Shown

PAGE = Path(__file__).parent.parent / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n((?:[^`\n]*\n)*)```\n\n((?:    [^\n]*\n)+)", PAGE.read_text(encoding="utf-8"))
CHAIN: dict[str, Any] = {
    "version": 1,
    "title": "Mine",
    "network": {"layers": [{"name": "a", "units": 1, "weight": [[1.1]]}, {"name": "b", "units": 1, "weight": [[0.9]]}]},
    "data": {"inputs": [[0.5], [1.0]], "targets": [[1.5], [3.0]]},
    "training": {"learning_rate": 0.1},
}


@pytest.mark.parametrize(("program", "printed"), EXAMPLES)
def test_every_example_prints_what_the_page_says(program: str, printed: str) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program, {})
    assert out.getvalue() == re.sub(r"^    ", "", printed, flags=re.MULTILINE)


def test_the_page_lists_what_is_public() -> None:
    listed = PAGE.read_text(encoding="utf-8").partition("## What is public")[2]
    assert set(re.findall(r"`([A-Za-z]\w+|__version__)`", listed)) == set(bntui.__all__)
    assert {name for name in bntui.__all__ if name != "__version__"} == set(api.__all__)
    for name in bntui.__all__:
        assert getattr(bntui, name) is not None


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        bntui.lod  # noqa: B018 - looked up to be refused


def test_importing_it_imports_nothing_else() -> None:
    program = "import sys, bntui; print(sorted(name for name in sys.modules if name.startswith(('numpy', 'textual', 'bntui'))))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['bntui']"


def test_a_trace_has_the_numbers_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    found = bntui.load("sigmoid-net").trace(3)
    assert command(["trace", "sigmoid-net", "--steps", "3"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert found["loss"].tolist() == [line["loss"] for line in told]
    for layer in told[0]["layers"]:
        name = layer["layer"]
        gains = [line["layers"][told[0]["layers"].index(layer)]["gain"] for line in told]
        assert found[f"gain.{name}"].tolist() == gains


def test_a_trace_ends_where_the_run_diverges() -> None:
    found = bntui.load("goodfellow-chain").trace(10, "loss", "diverged")
    assert found["diverged"].tolist() == [0, 0, 1]


def test_a_mapping_may_hold_arrays() -> None:
    data = {"inputs": np.array([[0.5], [1.0]]), "targets": np.array([[1.5], [3.0]])}
    assert bntui.load(CHAIN | {"data": data})["loss"] == bntui.load(CHAIN)["loss"]


def test_what_is_wrong_with_a_mapping_is_told_all_at_once() -> None:
    wrong = CHAIN | {"cost": "half_mes", "training": {"learning_rate": -1}}
    with pytest.raises(bntui.ScenarioError, match=r"(?s)half_mse.*learning_rate|learning_rate.*half_mse"):
        bntui.load(wrong)


@pytest.mark.parametrize("name", ["gradent.a.weight", "gain.z", "", "twin.", "gain"])
def test_an_unknown_quantity_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        bntui.load(CHAIN)[name]


def test_a_step_from_a_run_that_has_diverged_is_refused() -> None:
    with pytest.raises(bntui.Refusal, match="diverged"):
        bntui.load("goodfellow-chain").step(10)


def test_a_twin_has_quantities_of_its_own() -> None:
    run = bntui.load(CHAIN).do({"twin": {"batch_norm": True}}).step(2)
    assert run["twin.loss"] != run["loss"]
    assert set(run.quantities("twin.gain.*")) == {"twin.gain.a", "twin.gain.b"}


def test_arrays_are_copies() -> None:
    run = bntui.load(CHAIN)
    run.parameters["a.weight"][...] = 5
    assert run.parameters["a.weight"].tolist() == [[1.1]]


def test_every_curve_of_a_sweep_is_as_the_command_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    over = "normalization=none,batch_norm"
    found = bntui.load("goodfellow-chain").sweep(over, count=6, steps=30, seeds=1)
    arguments = ["--over", over, "--count", "6", "--steps", "30", "--seeds", "1", "--json"]
    assert command(["sweep", "goodfellow-chain", *arguments]) == 0
    (variant,) = json.loads(capsys.readouterr().out)["variants"]
    for side, curve in zip(variant["sides"], found.curves.values(), strict=True):
        assert side["value"] == curve.name
        told = np.array(side["loss"], dtype=float)
        assert curve.loss[np.isfinite(curve.loss)].tolist() == told[np.isfinite(curve.loss)].tolist()
        assert np.nan_to_num(curve.largest).tolist() == [rate or 0 for rate in side["largest_rate_by_seed"]]


@pytest.mark.parametrize("view", ["layers", "history", "meters", "fit"])
def test_a_screen_is_what_the_command_prints(view: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["show", "relu-net", "--at", "3", "--view", view]) == 0
    assert bntui.load("relu-net").step(3).show(view=view) == capsys.readouterr().out.rstrip("\n")


def test_a_view_that_is_none_is_told_with_the_near_ones() -> None:
    with pytest.raises(ValueError, match=r"there is no view 'metres' on a screen; .*did you mean 'meters'"):
        bntui.load(CHAIN).show(view="metres")  # type: ignore[arg-type] # mistyped


def test_a_notebook_shows_the_screen() -> None:
    html = bntui.load(CHAIN)._repr_html_()
    assert "<svg" in html
    assert "<script" not in html


WORDS = st.sampled_from(["", "a", "layers", "units", "count", "layer", "weights", "learning_rate", "*", "\x00", "ŷ"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-5, 5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["version", "title", "network", "data", "training", "lesson", "x"]), JSON))
def test_no_mapping_is_more_than_a_scenario_error(mapping: dict[str, Any]) -> None:
    with contextlib.suppress(bntui.ScenarioError):
        bntui.load(mapping)


@given(st.dictionaries(st.sampled_from(["step", "set", "scale", "twin", "goto", "view", "x"]), JSON, max_size=2))
def test_no_action_is_more_than_a_refusal(action: dict[str, Any]) -> None:
    run = bntui.load(CHAIN)
    with contextlib.suppress(bntui.Refusal, ValueError):
        run.do(action)


@pytest.mark.slow
@pytest.mark.optional
def test_whoever_checks_types_has_those_of_the_api(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    assert (Path(bntui.__file__).parent / "py.typed").is_file()
    wrong = 'import bntui\nbntui.load("iris").show(view="metres")\nbntui.load("iris").trace(2)["loss"].upper()\n'
    programs = {f"example{number}.py": program for number, (program, _) in enumerate(EXAMPLES)} | {"wrong.py": wrong}
    programs["largest_rate.py"] = (PAGE.parent / "largest_rate.py").read_text(encoding="utf-8")
    for name, program in programs.items():
        (tmp_path / name).write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "--cache-dir=cache", *programs]
    place = Path(bntui.__file__).parents[1]  # where packages are installed mypy looks by itself
    environment = {**os.environ, "MYPYPATH": "" if place.name == "site-packages" else str(place)}
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    told = [line for line in ran.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[:2] for line in told] == [["wrong.py", "2"], ["wrong.py", "3"]], ran.stdout
