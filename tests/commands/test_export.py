"""`bntui export --torch`: the program runs in PyTorch as it is, and prints J, factors and gradients of `bntui trace`."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from paced import mostly_slow
from shell import Capture, lines, refused
from shell import printed as commanded
from traces import chain_of

from bntui.commands.cli import run
from bntui.maths.kinds import costs
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.maths.kinds.schedules import SCHEDULES
from bntui.scenario.model import sources
from bntui.scenario.model.scenario import SIZES
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf import library
from bntui.scenario.torch.sources import data_lines

STEPS = 3
LIBRARY = list(library.names())

NETWORK = """version: 1
title: "A \\"network\\" of all \\\\ sorts"
network:
  layers:
    - {name: h1, units: 4, activation: tanh, bias: [0.1, 0.2, 0.3, -0.4]}
    - {name: h2, units: 4, activation: ACTIVATION, skip_from: previous}
    - {name: h3, units: 4, bias: false, skip_from: inputs}
    - {name: head, units: 1}
  normalization: {kind: KIND, enabled: [h1, h2, h3], placement: PLACEMENT, affine: AFFINE}
  init: {scheme: he, seed: 3}
data:
  generator: {name: gaussian, samples: 11, inputs: 4, seed: 5}
training: TRAINING
"""
PLAIN = "{learning_rate: 0.05}"
TRAININGS = (
    PLAIN,
    "{learning_rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01, batch_size: 4, seed: 2}",
    '{learning_rate: 0.05, momentum: 0.5, learning_rates: {"*.gamma": 0.5, "h1.*": 0}, weight_decays: {"h*.weight": 0.1}}',
    "{learning_rate: 0.01, optimizer: adam, betas: [0.8, 0.99], epsilon: 1e-6, weight_decay: 0.1}",
    "{learning_rate: 0.01, optimizer: adamw, weight_decay: 0.1, batch_size: 5}",
    "{learning_rate: 0.05, schedule: {kind: step, by: 0.5, every: 2, warm_up: 1}}",
    "{learning_rate: 0.05, schedule: {kind: exponential, by: 1.5}}",
    '{learning_rate: 0.05, learning_rates: {"*.bias": 0.1}, schedule: {kind: cosine, steps: 2, least: 0.1}}',
    "{learning_rate: 0.05, schedule: {warm_up: 4}}",
)


def network(
    kind: str = "batch_norm", activation: str = "relu", training: str = PLAIN, placement: str = "before", affine: bool = True
) -> str:
    """The network of all sorts."""
    text = NETWORK.replace("KIND", kind).replace("ACTIVATION", activation).replace("TRAINING", training)
    return text.replace("PLACEMENT", f"{placement}_activation").replace("AFFINE", str(affine).lower())


def printed(capsys: Capture, scenario: str, folder: Path, *settings: str, steps: int = STEPS) -> list[dict[str, Any]]:
    """What the exported program prints, step by step, read as a person would."""
    pytest.importorskip("torch")
    program = folder / "program.py"
    commanded(capsys, "export", scenario, "--torch", "--steps", str(steps), "-o", str(program), *settings)
    out, before = io.StringIO(), Path.cwd()
    try:
        os.chdir(folder)  # where the numbers lie that it may read
        with contextlib.redirect_stdout(out):
            exec(compile(program.read_text(encoding="utf-8"), program, "exec"), {"__name__": "__main__"})
    finally:
        os.chdir(before)
    read: list[dict[str, Any]] = []
    for line in out.getvalue().splitlines():
        name, *numbers = line.split()
        if name == "step":
            read.append({"step": int(numbers[0]), "loss": float(numbers[2]), "rows": {}})
        else:
            read[-1]["rows"][name] = [float(number) for number in numbers]
    return read


def traced(capsys: Capture, scenario: str, *settings: str, steps: int = STEPS) -> list[dict[str, Any]]:
    """What `bntui trace` says of the same steps, as far as the run goes."""
    assert run(["trace", scenario, "--steps", str(steps), *settings]) == 0
    return lines(capsys.readouterr().out)


def assert_same(program: list[dict[str, Any]], trace: list[dict[str, Any]]) -> None:
    """The same J, factors, products and gradients, of every layer at every step, but for rounding."""
    assert len(program) >= len(trace)
    for own, theirs in zip(trace, program, strict=False):
        assert theirs["loss"] == pytest.approx(float(own["loss"]), rel=1e-8)
        rows, seen, cost = theirs["rows"], {"cost"}, float(own["chain"][0]["product"])
        assert rows["cost"][-1] == pytest.approx(cost, rel=1e-8)
        for layer in own["layers"]:
            largest, chain = cost, chain_of(own, layer["layer"])
            assert rows[chain[-1]["factor"]][-1] == pytest.approx(float(layer["gradient"]), rel=1e-7, abs=1e-12 * cost)
            for factor in chain[1:]:
                product = float(factor["product"])
                assert rows[factor["factor"]][-1] == pytest.approx(product, rel=1e-7, abs=1e-12 * largest), factor
                if product > 1e-9 * largest:
                    assert rows[factor["factor"]][0] == pytest.approx(float(factor["value"]), rel=1e-7), factor
                largest = max(largest, product)
                seen.add(factor["factor"])
        assert set(rows) == seen


@pytest.mark.optional
@pytest.mark.parametrize("name", LIBRARY)
def test_every_scenario_of_the_library(name: str, tmp_path: Path, capsys: Capture) -> None:
    assert_same(printed(capsys, name, tmp_path), traced(capsys, name))


@pytest.mark.optional
@pytest.mark.parametrize("name", ["goodfellow-chain", "sigmoid-net", "deep-relu"])  # in relu-net a sample is the mean: on the kink
def test_the_networks_of_the_question_with_normalization(name: str, tmp_path: Path, capsys: Capture) -> None:
    settings = ("--set", "network.batch_norm.enabled=true")
    assert_same(printed(capsys, name, tmp_path, *settings), traced(capsys, name, *settings))


@pytest.mark.optional
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("placement", ["before", "after"])
@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_every_kind_of_normalization(kind: str, placement: str, affine: bool, tmp_path: Path, capsys: Capture) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(network(kind, "tanh", placement=placement, affine=affine), encoding="utf-8")
    assert_same(printed(capsys, str(scenario), tmp_path), traced(capsys, str(scenario)))


@pytest.mark.optional
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation: str, tmp_path: Path, capsys: Capture) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(network(activation=activation), encoding="utf-8")
    assert_same(printed(capsys, str(scenario), tmp_path), traced(capsys, str(scenario)))


@pytest.mark.optional
@pytest.mark.parametrize("training", TRAININGS)
def test_every_way_to_descend(training: str, tmp_path: Path, capsys: Capture) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(network(training=training), encoding="utf-8")
    assert_same(printed(capsys, str(scenario), tmp_path, steps=6), traced(capsys, str(scenario), steps=6))


COSTS = {
    "mse": ("linear", 1, "{name: gaussian, samples: 9, inputs: 2}"),
    "bce": ("sigmoid", 1, "{name: moons, samples: 9, noise: 0.1}"),
    "cross_entropy": ("linear", 3, "{name: blobs, samples: 9, classes: 3}"),
}


@pytest.mark.optional
@pytest.mark.parametrize("cost", COSTS)
def test_every_cost(cost: str, tmp_path: Path, capsys: Capture) -> None:
    activation, units, generator = COSTS[cost]
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(
        f"version: 1\ntitle: A cost\nnetwork: {{layers: [{{name: h, units: 4, activation: relu}}, "
        f"{{name: head, units: {units}, activation: {activation}, batch_norm: false}}], batch_norm: {{enabled: true}}}}\n"
        f"data: {{generator: {generator}}}\ncost: {cost}\ntraining: {{learning_rate: 0.1}}\n",
        encoding="utf-8",
    )
    assert_same(printed(capsys, str(scenario), tmp_path), traced(capsys, str(scenario)))


INITS = (
    "{scheme: xavier, gain: 2.0}",
    "{scheme: normal, std: 0.3}",
    "{scheme: uniform, bound: 0.5}",
    "{scheme: constant, value: 0.2}",
)


@pytest.mark.optional
@pytest.mark.parametrize("init", INITS)
def test_every_way_to_draw_weights(init: str, tmp_path: Path, capsys: Capture) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(network().replace("{scheme: he, seed: 3}", init), encoding="utf-8")
    assert_same(printed(capsys, str(scenario), tmp_path), traced(capsys, str(scenario)))


GENERATORS = (
    "{name: line, samples: 7, slope: -2, intercept: 1, noise: 0.1, seed: 4}",
    "{name: sine, samples: 8, frequency: 3, noise: 0.1}",
    "{name: step, samples: 8, noise: 0.5, seed: 1}",
    "{name: xor, samples: 9, noise: 0.1}",
    "{name: spirals, samples: 9, turns: 1.5, noise: 0.1}",
    "{name: moons, samples: 9, noise: 0.1, seed: 2}",
    "{name: blobs, samples: 10, classes: 4, dimensions: 3, noise: 0.1}",
    "{name: gaussian, samples: 6, inputs: 3, outputs: 2, noise: 0.1}",
)


@pytest.mark.optional
@pytest.mark.parametrize("generator", GENERATORS)
def test_the_program_draws_the_same_data(generator: str) -> None:
    torch = pytest.importorskip("torch")
    units = 2 if "outputs" in generator else 1
    loaded = read_text(
        f"version: 1\ntitle: Data\nnetwork: {{layers: [{{units: {units}}}]}}\ndata: {{generator: {generator}}}\n"
        "training: {learning_rate: 0.1}\n",
        "mine.yaml",
        None,
    )
    lines, beside = data_lines(loaded.scenario, loaded.problem, "data.csv")
    drawn: dict[str, Any] = {"np": np, "torch": torch}
    exec("\n".join(lines), drawn)
    assert beside is None
    assert (drawn["x"].numpy() == loaded.problem.inputs).all()
    assert (drawn["y"].numpy() == loaded.problem.targets).all()


def test_every_kind_is_among_those_that_are_tried() -> None:
    trained = [yaml.safe_load(training) for training in TRAININGS]
    assert {each.get("optimizer", "sgd") for each in trained} == set(OPTIMIZERS)
    assert {each.get("schedule", {}).get("kind", "constant") for each in trained} == set(SCHEDULES)
    assert {yaml.safe_load(generator)["name"] for generator in GENERATORS} == set(sources.GENERATORS)
    assert {"half_mse", *COSTS} == set(costs.COSTS)
    assert {"he", *(yaml.safe_load(init)["scheme"] for init in INITS)} == set(SIZES)


@pytest.mark.optional
@pytest.mark.slow
def test_a_student_runs_it_as_a_file(tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("torch")
    commanded(capsys, "export", "iris", "--torch", "-o", str(tmp_path / "iris.py"))
    assert (tmp_path / "iris.csv").is_file()
    ran = subprocess.run([sys.executable, "iris.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("step 0  J 1.")


@pytest.mark.parametrize("name", mostly_slow(LIBRARY))
def test_the_program_is_a_page_of_python(name: str, tmp_path: Path, capsys: Capture) -> None:
    commanded(capsys, "export", name, "--torch", "-o", str(tmp_path / "page.py"))
    text = (tmp_path / "page.py").read_text(encoding="utf-8")
    compile(text, "page.py", "exec")
    assert text.count("\n") <= 180
    assert max(map(len, text.splitlines())) <= 132


def test_too_many_numbers_want_a_file_beside(capsys: Capture) -> None:
    assert "-o FILE.py" in refused(capsys, "export", "iris", "--torch")


def test_a_program_is_for_something(capsys: Capture) -> None:
    assert "--torch" in refused(capsys, "export", "goodfellow-chain")


@pytest.mark.parametrize("taken", ["iris.py", "iris.csv"])
def test_a_program_replaces_no_file_unasked(taken: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / taken).write_text("precious", encoding="utf-8")
    assert taken in refused(capsys, "export", "iris", "--torch", "-o", str(tmp_path / "iris.py"))
    assert [each.name for each in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text(encoding="utf-8") == "precious"
