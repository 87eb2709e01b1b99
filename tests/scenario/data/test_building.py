"""A scenario becomes the network and data that it describes, always the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bntui.maths.kinds.costs import COSTS
from bntui.scenario.data.building import Problem
from bntui.scenario.data.datasets import generate
from bntui.scenario.model.sources import GENERATORS, Data, class_mistake
from bntui.scenario.model.validating import validated
from bntui.scenario.model.vocabulary import possible_factors, possible_parameters, quantities, unknown_quantity
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf.writing import to_yaml
from bntui.scenario.text.complaints import ScenarioError

BASE = """\
version: 1
title: T
network:
  layers:
    - {name: a, units: 3, activation: relu, weight: [[1, 2], [3, 4], [5, 6]], bias: [1, 2, 3]}
    - {units: 4, activation: tanh, bias: false, batch_norm: {placement: after_activation, affine: false}}
    - {name: head, units: 1, batch_norm: false}
  batch_norm: {enabled: true, epsilon: 1e-3}
data: {inputs: [[1, 2], [3, 4], [5, 6]], targets: [1, 2, 3]}
training: {learning_rate: 0.1}
"""


def problem(text: str = BASE, *settings: str) -> Problem:
    return read_text(text, "f", None, settings).problem


def test_the_architecture_is_the_one_described() -> None:
    network = problem().architecture
    assert [layer.name for layer in network.layers] == ["a", "layer2", "head"]
    assert [layer.bias for layer in network.layers] == [True, False, True]
    assert [layer.switchable for layer in network.layers] == [True, True, False]
    assert network.layers[1].normalization.placement == "after_activation"
    assert network.layers[1].normalization.epsilon == 1e-3
    assert problem().normalized == ("a", "layer2")
    assert problem(BASE, "network.batch_norm.enabled=[head, a]").normalized == ("a", "head")
    assert problem(BASE, "network.batch_norm.enabled=false").normalized == ()


def test_weights_and_biases_are_there_and_read_only() -> None:
    parameters = problem().parameters
    assert {name: value.shape for name, value in parameters.items()} == {
        "a.weight": (3, 2),
        "a.bias": (3,),
        "layer2.weight": (4, 3),
        "head.weight": (1, 4),
        "head.bias": (1,),
    }
    assert parameters["a.bias"].tolist() == [1, 2, 3]
    assert parameters["head.bias"].tolist() == [0]
    for array in (*parameters.values(), problem().inputs, problem().targets):
        assert array.dtype == np.float64
        assert not array.flags.writeable
    assert problem().targets.shape == (3, 1)


def test_a_repeated_layer_is_that_layer_written_again_and_again() -> None:
    repeated = BASE.replace("- {name: head", "- {name: h, units: 4, repeat: 3, batch_norm: {affine: false}}\n    - {name: head")
    again = "".join(f"- {{name: h{turn}, units: 4, batch_norm: {{affine: false}}}}\n    " for turn in (1, 2, 3))
    written = BASE.replace("- {name: head", again + "- {name: head")
    short, long = problem(repeated), problem(written)
    assert [layer.name for layer in short.architecture.layers] == ["a", "layer2", "h1", "h2", "h3", "head"]
    assert short.architecture == long.architecture
    assert short.normalized == long.normalized == ("a", "layer2", "h1", "h2", "h3")
    for name, value in long.parameters.items():
        np.testing.assert_array_equal(short.parameters[name], value)
    one = problem(BASE, "network.layers=[{name: h, units: 2, repeat: 1}, {units: 1, repeat: 2}]")
    assert [layer.name for layer in one.architecture.layers] == ["h1", "layer2", "layer3"]


def test_a_skip_connection_comes_from_a_layer_the_one_before_or_the_inputs() -> None:
    layers = "[{units: 2, skip_from: previous}, {name: h, units: 2, repeat: 3, skip_from: previous}, {units: 2, skip_from: h1}, "
    network = problem(BASE, f"network.layers={layers}{{name: head, units: 1}}]")
    assert [layer.skip_from for layer in network.architecture.layers] == ["inputs", "layer1", "h1", "h2", "h1", None]
    assert network.architecture.forked == {"inputs": ("layer1",), "layer1": ("h1",), "h1": ("h2", "layer5"), "h2": ("h3",)}
    assert network.architecture.bypassed == {"layer1", "h1", "h2", "h3", "layer5"}
    assert "factor.h2.skip" in quantities(network.architecture)
    assert "skip.h2" in quantities(network.architecture)
    assert "skip.head" not in quantities(network.architecture)


def test_a_repetition_is_written_back_as_it_was_written() -> None:
    text = BASE.replace("- {name: head", "- {name: h, units: 4, repeat: 3}\n    - {name: head")
    scenario = read_text(text, "f", None).scenario
    assert "repeat: 3" in to_yaml(scenario)
    assert read_text(to_yaml(scenario), "f", None).scenario == scenario


def test_written_weights_draw_nothing() -> None:
    random = np.random.default_rng(0)
    expected = random.standard_normal((4, 3)) * np.sqrt(2 / 3)
    np.testing.assert_array_equal(problem().parameters["layer2.weight"], expected)


def test_identity_hands_on_what_comes_in_and_draws_nothing() -> None:
    layers = "network.layers=[{name: i, units: 2, weight: identity}, {name: v, units: 4}, {units: 1}]"
    parameters = problem(BASE, layers).parameters
    assert parameters["i.weight"].tolist() == [[1, 0], [0, 1]]
    expected = np.random.default_rng(0).standard_normal((4, 2)) * np.sqrt(2 / 2)
    np.testing.assert_array_equal(parameters["v.weight"], expected)
    with pytest.raises(ScenarioError, match="found identity for 2 inputs and 3 units; allowed: as many units as inputs"):
        problem(BASE, layers.replace("units: 2", "units: 3"))
    with pytest.raises(ScenarioError, match="found 'identify'; allowed: a list of rows, or identity; did you mean 'identity'"):
        problem(BASE, layers.replace("identity", "identify"))


@pytest.mark.parametrize(
    ("init", "deviation"),
    [
        ("{scheme: he, gain: 2}", 2 * np.sqrt(2 / 400)),
        ("{scheme: xavier}", np.sqrt(1 / 400)),
        ("{scheme: normal, std: 0.3}", 0.3),
        ("{scheme: uniform, bound: 0.3}", 0.3 / np.sqrt(3)),
        ("{scheme: constant, value: 0.3}", 0.0),
    ],
)
def test_schemes_have_their_deviation(init: str, deviation: float) -> None:
    weight = problem(
        BASE,
        "network.layers=[{name: w, units: 400}, {name: v, units: 400}, {units: 1}]",
        f"network.init={init}",
    ).parameters["v.weight"]
    assert weight.std() == pytest.approx(deviation, rel=0.02, abs=1e-12)


def test_class_numbers_become_one_hot() -> None:
    text = BASE.replace("units: 1,", "units: 3,").replace("[1, 2, 3]}\nt", "[2, 0, 1]}\ncost: cross_entropy\nt")
    assert problem(text).targets.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


MADE: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"name": "line"}, (1, 1)),
    ({"name": "sine", "frequency": 3.0}, (1, 1)),
    ({"name": "step"}, (1, 1)),
    ({"name": "xor"}, (2, 1)),
    ({"name": "spirals", "turns": 2}, (2, 1)),
    ({"name": "moons"}, (2, 1)),
    ({"name": "blobs", "classes": 4, "dimensions": 5}, (5, 1)),
    ({"name": "gaussian", "inputs": 3, "outputs": 2}, (3, 2)),
]


@pytest.mark.parametrize(("generator", "columns"), MADE, ids=str)
@pytest.mark.parametrize("samples", [1, 2, 33])
def test_a_generator_makes_what_it_says_and_always_the_same(
    generator: dict[str, Any], columns: tuple[int, int], samples: int
) -> None:
    def make(**changes: Any) -> tuple[Any, Any, Any]:
        data = validated(Data, {"generator": {**generator, "samples": samples, **changes}})
        assert data.generator is not None
        return (*generate(data.generator), data.generator.extent)

    inputs, targets, extent = make()
    assert inputs.shape == (samples, columns[0]) == (extent.samples, extent.inputs)
    assert targets.shape == (samples, columns[1]) == (extent.samples, extent.targets)
    assert np.isfinite(inputs).all()
    np.testing.assert_array_equal(inputs, make()[0])
    np.testing.assert_array_equal(targets, make()[1])
    assert any((np.any(make(noise=0.5)[place] != make()[place])) for place in (0, 1))
    if extent.classes:
        assert set(targets[:, 0]) <= set(range(extent.classes))


def test_every_generator_is_in_the_list_above() -> None:
    assert [generator["name"] for generator, _ in MADE] == list(GENERATORS)


@pytest.mark.parametrize("cost", ["bce", "cross_entropy"])
@pytest.mark.parametrize("name", GENERATORS)
def test_a_cost_of_classes_names_the_generators_that_it_can_be_used_with(name: str, cost: str) -> None:
    """Its message lists them by hand, each with its condition; so each one alone is tried, and blobs of two."""
    extents = [validated(GENERATORS[name], {"name": name} | more).extent for more in _variants(name)]
    refused = [class_mistake(COSTS[cost], 3, extent.classes) for extent in extents]
    listed = class_mistake(COSTS[cost], 3, None)
    assert listed is not None
    assert (f" {name}" in listed) is (None in refused)


def _variants(name: str) -> list[dict[str, Any]]:
    return [{"classes": 2}] if "classes" in GENERATORS[name].fields else [{}]


def test_line_sine_and_step_are_what_they_are_called() -> None:
    x = np.random.default_rng(3).standard_normal((8, 1))
    for generator, expected in (
        ({"name": "line", "slope": 2, "intercept": 1}, 2 * x + 1),
        ({"name": "sine", "frequency": 2}, np.sin(2 * x)),
        ({"name": "step"}, x > 0),
    ):
        data = validated(Data, {"generator": {**generator, "samples": 8, "seed": 3}})
        assert data.generator is not None
        inputs, targets = generate(data.generator)
        np.testing.assert_array_equal(inputs, x)
        np.testing.assert_array_equal(targets, expected)


def test_names_of_parameters_factors_and_quantities() -> None:
    network = problem().architecture
    assert possible_parameters(network) == (
        "a.weight", "a.bias", "a.gamma", "a.beta", "layer2.weight",
        "head.weight", "head.bias", "head.gamma", "head.beta",
    )  # fmt: skip
    assert possible_factors(network)[:5] == (
        "cost", "head.norm.scale", "head.norm.centre", "head.norm.project", "head.weight",
    )  # fmt: skip
    assert possible_factors(network)[6:10] == (
        "layer2.norm.scale", "layer2.norm.centre", "layer2.norm.project", "layer2.activation",
    )  # fmt: skip
    assert "a.weight" not in possible_factors(network)
    for name in quantities(network):
        assert unknown_quantity(name, network) is None
        assert unknown_quantity(f"twin.{name}", network) is None
        assert unknown_quantity(f"ratio.{name}", network) is None
    for name in ("twin.ratio.loss", "order.third", "gradient.", "", "twin.", "gain"):
        assert unknown_quantity(name, network)
