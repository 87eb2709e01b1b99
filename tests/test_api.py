"""What `import bntui` gives, as a script or a notebook meets it."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
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


def test_a_tab_after_it_offers_what_is_public() -> None:
    assert dir(bntui) == sorted(bntui.__all__)
    assert {"run", "loading"}.isdisjoint(dir(bntui))


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


def test_a_complaint_of_a_mapping_names_its_key_and_no_line_that_nobody_wrote() -> None:
    wrong = CHAIN | {"training": {"learning_rate": float("nan")}, "titel": "T"}
    settings = {"network.layers.b.units": 2.5, "network.layers.z.units": 1}
    with pytest.raises(bntui.ScenarioError) as told:
        bntui.load(wrong, settings)
    assert str(told.value).splitlines() == [
        "settings: network.layers.b.units: network.layers.1.units: found 2.5; allowed: a whole number",
        "settings: network.layers.z.units: found 'z' for a layer; allowed: 0 to 1, a, b",
        "the mapping: titel: unknown key 'titel'; allowed: version, title, summary, network, data, cost, training, switching, "
        "focus, sweep, lesson; did you mean 'title'?",
        "the mapping: training.learning_rate: found nan; allowed: a finite number",
    ]


RECURSIVE: dict[str, Any] = {}
RECURSIVE["network"] = RECURSIVE


@pytest.mark.parametrize(
    ("source", "settings", "says"),
    [
        (None, None, "the scenario: found nothing; a scenario is a name of bntui.names"),
        (CHAIN | {"cost": {"mse"}}, None, "the mapping: cost: found a set; allowed: text, numbers"),
        (RECURSIVE, None, "the mapping: network: found more than 64 levels of nesting"),
        (CHAIN, ["training.learning_rate=1"], "settings: found a list of 1; allowed: a mapping"),
        (CHAIN, {"training.learning_rate": 1j}, "settings: training.learning_rate: found a complex; allowed: text, numbers"),
        ("relu-nte", None, r"did you mean 'relu-net'"),
        (Path("relu-net"), None, "relu-net: there is no such file"),
        (CHAIN | {"data": {"inputs": np.ones((1001, 100))}}, None, "found more than 100,000 values; larger data belongs in a CSV"),
    ],
)
def test_what_cannot_be_a_scenario_is_a_scenario_error(source: Any, settings: Any, says: str) -> None:
    with pytest.raises(bntui.ScenarioError, match=says):
        bntui.load(source, settings)


@pytest.mark.parametrize("name", ["gradent.a.weight", "gain.z", "", "twin.", "gain", 3])
def test_an_unknown_quantity_is_refused_and_a_key_error(name: Any) -> None:
    for kind in (bntui.Refusal, KeyError):
        with pytest.raises(kind) as told:
            bntui.load(CHAIN)[name]
        assert str(told.value)[0] not in "'\"", "a sentence without quotes round it"


ASKED_WRONGLY = {
    "step": lambda run: run.step(-1),
    "action": lambda run: run.do({"stp": 1}),
    "object": lambda run: run.do({"set": {"weights": {"a.weight": object()}}}),
    "trace": lambda run: run.trace(-1, "loss"),
    "every": lambda run: run.trace(3, "loss", every=0.5),
    "pattern": lambda run: run.quantities("zzz*"),
    "words": lambda run: run.trace(3, "mode"),
    "layer": lambda run: run.chain("z"),
    "room": lambda run: run.show(10, 5),
    "inputs": lambda run: run.predict([[1.0, 2.0]]),
    "no inputs": lambda run: run.predict("x"),
    "over": lambda run: run.sweep("x"),
    "axis": lambda run: run.sweep(["batch_size"]),
    "count": lambda run: run.sweep(count="3"),
}


@pytest.mark.parametrize("asked", ASKED_WRONGLY.values(), ids=ASKED_WRONGLY)
def test_whatever_is_asked_wrongly_is_one_kind_of_error_with_a_sentence(asked: Any) -> None:
    with pytest.raises(bntui.Error) as told:
        asked(bntui.load(CHAIN))
    assert isinstance(told.value, bntui.Refusal)
    assert len(str(told.value).split()) > 3


def test_an_error_comes_back_whole_from_another_process() -> None:
    errors: list[bntui.Error] = []
    for wrong in (lambda: bntui.load({}), lambda: bntui.load(CHAIN)["x"], lambda: bntui.load(CHAIN).step(-1)):
        try:
            wrong()
        except bntui.Error as error:
            errors.append(error)
    many = bntui.ScenarioError(bntui.load.__globals__["Complaint"]("f", n, 1, "", "wrong") for n in range(150))
    for error in (*errors, many):
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (type(again), str(again)) == (type(error), str(error))
    assert str(many).endswith("and 50 more")


def test_a_step_from_a_run_that_has_diverged_is_refused() -> None:
    with pytest.raises(bntui.Refusal, match="diverged"):
        bntui.load("goodfellow-chain").step(10)


def test_a_twin_has_quantities_of_its_own() -> None:
    run = bntui.load(CHAIN).do({"twin": {"batch_norm": True}}).step(2)
    assert run["twin.loss"] != run["loss"]
    assert set(run.quantities("twin.gain.*")) == {"twin.gain.a", "twin.gain.b"}


def test_arrays_are_copies() -> None:
    run = bntui.load(CHAIN)
    for array in (*run.parameters.values(), *run.gradients.values(), *run.data, *run.batch, *run.outputs.values()):
        array[...] = 5
    assert run.parameters["a.weight"].tolist() == [[1.1]]
    assert run["loss"] == bntui.load(CHAIN)["loss"]
    assert run.data[0].tolist() == run.batch[0].tolist() == [[0.5], [1.0]]


def test_a_layer_puts_out_what_the_formula_says() -> None:
    run = bntui.load("residual").set(batch_norm=True).step(2)
    inputs, _ = run.batch
    weights, outputs = run.parameters, run.outputs
    z = inputs @ weights["first.weight"].T + weights["first.bias"]
    normalized = (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5) * weights["first.gamma"] + weights["first.beta"]
    np.testing.assert_allclose(outputs["first"], np.maximum(normalized, 0), rtol=1e-10, atol=1e-12)
    z = outputs["first"] @ weights["h1.weight"].T + weights["h1.bias"]
    normalized = (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5) * weights["h1.gamma"] + weights["h1.beta"]
    np.testing.assert_allclose(outputs["h1"], outputs["first"] + np.maximum(normalized, 0), rtol=1e-10, atol=1e-12)
    assert list(outputs) == list(run.layers)
    np.testing.assert_allclose(run.predict(inputs), outputs[run.layers[-1]], rtol=1e-9)
    np.testing.assert_allclose(run.predict(inputs[3:5]), outputs[run.layers[-1]][3:5], rtol=1e-9)


def test_of_a_batch_the_data_is_a_part() -> None:
    run = bntui.load("small-batches")
    (inputs, targets), (some, their) = run.data, run.batch
    assert len(some) < len(inputs)
    rows = [list(row) for row in inputs.tolist()]
    assert [targets[rows.index(row)].tolist() for row in some.tolist()] == their.tolist()


def test_numbers_and_arrays_of_numpy_are_taken_in_actions() -> None:
    run = bntui.load(CHAIN).set(weights={"a.weight": np.array([[2.0]])}, learning_rate=np.float64(0.01)).step(np.int64(2))  # type: ignore[arg-type] # mypy knows no index
    assert run["loss"] == bntui.load(CHAIN).set(weights={"a.weight": [[2.0]]}, learning_rate=0.01).step(2)["loss"]


COPIES = [bntui.Run.copy, copy.copy, copy.deepcopy, lambda run: pickle.loads(pickle.dumps(run))]


@pytest.mark.parametrize("taken", COPIES)
@pytest.mark.parametrize(("name", "batch_norm"), [("deep-relu", True), ("sigmoid-net", False)])
def test_a_copy_and_its_run_step_by_turns_as_each_alone_would(taken: Any, name: str, batch_norm: bool) -> None:
    def after(*rates: float) -> dict[str, Any]:
        run = bntui.load(name).set(batch_norm=batch_norm)
        for rate in rates:
            run.set(learning_rate=rate).step(15)  # more than there are evaluations kept: they are written over by then
        return run.parameters

    run = bntui.load(name).set(batch_norm=batch_norm, learning_rate=0.01).step(15)
    other = taken(run)
    run.set(learning_rate=0.02)
    for _ in range(15):
        run.step()
        other.step()
    for parameters, alone in ((run.parameters, after(0.01, 0.02)), (other.parameters, after(0.01, 0.01))):
        assert all(np.array_equal(array, alone[each]) for each, array in parameters.items())


@pytest.mark.parametrize("taken", COPIES)
def test_a_copy_goes_its_own_way_with_the_same_bits(taken: Any) -> None:
    run = bntui.load("deep-relu").set(batch_norm=True).step(3)
    other = taken(run)
    ahead = other.step(4)["loss"]
    assert run.step_number == 3
    assert run.set(learning_rate=0.5).step(2)["loss"] != ahead
    assert run.back(2).set(learning_rate=0.1).step(4)["loss"] == ahead == other["loss"]


def test_every_so_many_steps_and_the_last() -> None:
    found = bntui.load("deep-relu").set(batch_norm=True).trace(10, "step", "loss", every=4)
    whole = bntui.load("deep-relu").set(batch_norm=True).trace(10, "step", "loss")
    assert found["step"].tolist() == [0, 4, 8, 10]
    assert found["loss"].tolist() == whole["loss"][[0, 4, 8, 10]].tolist()
    assert bntui.load("goodfellow-chain").trace(9, "step", "diverged", every=5)["step"].tolist() == [0, 2]


def test_what_a_trace_tells_in_words_is_there_too() -> None:
    run = bntui.load(CHAIN).set(batch_norm=["b"])
    assert (run["mode"], run["batch_norm"], run["normalization"]) == ("train", ["b"], {"b": "batch_norm"})
    assert "loss" in run
    assert "twin.loss" in run
    assert "mode" not in run
    assert 3 not in run
    assert set(run) == set(run.quantities())


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
        assert np.isfinite(curve.diverged_at).any()
        for name in ("diverged_at", "weight_growth", "degrees_turned"):
            np.testing.assert_array_equal(getattr(curve, name), np.array(side[name], dtype=float), err_msg=name)
        assert (list(curve.normalized), curve.trains_below) == (side["normalized"], side["trains_below"])
        np.testing.assert_array_equal(curve.trains, curve.loss < curve.trains_below)
        assert repr(curve).endswith(f"trains {side['largest_rate'] or 'none':.3g}>")


def test_a_sweep_goes_over_values_of_python_as_over_a_text() -> None:
    run, tried = bntui.load("deep-relu"), {"first": 1e-4, "last": 1.0, "count": 3, "steps": 5, "seeds": 2}
    found, typed = run.sweep({"batch_size": [np.int64(8), "full"]}, **tried), run.sweep("batch_size=8,full", **tried)
    assert list(found.curves) == list(typed.curves) == ["8", "full"]
    assert [each.loss.tolist() for each in found.curves.values()] == [each.loss.tolist() for each in typed.curves.values()]
    assert (found.steps, found.seeds) == (5, (0, 1))
    assert "3 rates × 2 seeds × 5 steps; largest rate that trains: '8' no rate, 'full' no rate>" in repr(found)


def test_a_sweep_is_shown_as_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["sweep", "goodfellow-chain", "--count", "5", "--steps", "9"]) == 0
    swept = bntui.load("goodfellow-chain").sweep(count=5, steps=9)
    assert f"{swept.show()}\n" == capsys.readouterr().out
    with pytest.raises(bntui.Refusal, match="a page needs at least 40 columns"):
        swept.show(20, 5)
    assert swept._repr_html_().count("<svg") == 1


@pytest.mark.parametrize("view", ["layers", "history", "meters", "fit"])
def test_a_screen_is_what_the_command_prints(view: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["show", "relu-net", "--at", "3", "--view", view]) == 0
    assert bntui.load("relu-net").step(3).show(view=view) == capsys.readouterr().out.rstrip("\n")


def test_a_view_that_is_none_is_told_with_the_near_ones() -> None:
    with pytest.raises(bntui.Refusal, match=r"there is no view 'metres' on a screen; .*did you mean 'meters'"):
        bntui.load(CHAIN).show(view="metres")  # type: ignore[arg-type] # mistyped


def test_a_notebook_shows_the_screen() -> None:
    html = bntui.load(CHAIN)._repr_html_()
    assert "<svg" in html
    assert "<script" not in html


WORDS = st.sampled_from(["", "a", "layers", "units", "count", "layer", "weights", "learning_rate", "*", "\x00", "ŷ"])
FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-5, 5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@FUZZ
@given(st.dictionaries(st.sampled_from(["version", "title", "network", "data", "training", "lesson", "x"]), JSON))
def test_no_mapping_is_more_than_a_scenario_error(mapping: dict[str, Any]) -> None:
    with contextlib.suppress(bntui.ScenarioError):
        bntui.load(mapping)


@FUZZ
@given(st.dictionaries(st.sampled_from(["step", "set", "scale", "twin", "goto", "view", "x"]), JSON, max_size=2))
def test_no_action_is_more_than_a_refusal(action: dict[str, Any]) -> None:
    run = bntui.load(CHAIN)
    with contextlib.suppress(bntui.Refusal):
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
