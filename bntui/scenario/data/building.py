"""From a scenario to the numbers that it starts with: data, weights, biases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Array
from bntui.maths.kinds.costs import COSTS
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.scenario.data.datasets import generate
from bntui.scenario.data.layout import architecture_of, initially_normalized, layers_of
from bntui.scenario.model.scenario import Init, Scenario
from bntui.scenario.text.complaints import Complaint, ScenarioError, dotted

if TYPE_CHECKING:
    from bntui.scenario.data.tables import Table

@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What descent starts from. Every array is float64 and read-only.

    inputs (m, n₀); targets (m, n_L), one-hot where they are classes; parameters by name: weights
    (n_l, n_{l-1}) and biases (n_l,); normalized: the layers that start with BN, from the input.
    """

    architecture: Architecture
    inputs: Array
    targets: Array
    parameters: Mapping[Name, Array]
    normalized: tuple[str, ...]


def build(scenario: Scenario, folder: Path | None = None) -> Problem:
    """The problem that a checked scenario poses. Raises ScenarioError where its CSV file cannot be used any more."""
    table = None
    if scenario.data.csv is not None:
        from bntui.scenario.data.tables import read_table  # noqa: PLC0415 - few scenarios have a CSV file

        units = scenario.network.layers[-1].units
        table, findings, complaints = read_table(scenario.data.csv, folder, COSTS[scenario.cost], units)
        if table is None:
            found = (Complaint(scenario.title, None, None, dotted(each.path), each.message) for each in findings)
            raise ScenarioError([*complaints, *found])
    return build_with(scenario, table)


def build_with(scenario: Scenario, table: Table | None) -> Problem:
    """The problem that a checked scenario poses, its CSV file read already."""
    inputs, targets = _data(scenario, table)
    if COSTS[scenario.cost].targets == "classes":
        targets = np.eye(scenario.network.layers[-1].units)[targets[:, 0].astype(np.int64)]
    architecture = architecture_of(scenario, inputs.shape[1])
    return Problem(
        architecture,
        _frozen(inputs),
        _frozen(targets),
        initial_parameters(scenario, architecture),
        initially_normalized(scenario, architecture),
    )


def _data(scenario: Scenario, table: Table | None) -> tuple[Array, Array]:
    if table is not None:
        inputs = np.array(table.inputs, dtype=np.float64).reshape(table.samples, table.width)
        return inputs, np.array(table.targets, dtype=np.float64).reshape(table.samples, table.target_width)
    if scenario.data.generator is not None:
        return generate(scenario.data.generator)
    return np.array(scenario.data.inputs, dtype=np.float64), np.array(scenario.data.targets, dtype=np.float64)


def initial_parameters(scenario: Scenario, architecture: Architecture, seed: int | None = None) -> dict[Name, Array]:
    """The first weights and biases by name, drawn with the scenario's seed or another.

    One generator draws layer after layer; a layer whose weights are written in the scenario draws nothing.
    """
    init = scenario.network.init
    random = np.random.default_rng(init.seed if seed is None else seed)
    parameters: dict[Name, Array] = {}
    before = architecture.inputs
    for layer, (_, part, _) in zip(architecture.layers, layers_of(scenario.network), strict=True):
        weight = _drawn(init, (layer.units, before), random) if part.weight is None else np.array(part.weight)
        parameters[Name(layer.name, WEIGHT)] = _frozen(weight)
        if layer.bias:
            bias = np.array(part.bias) if isinstance(part.bias, tuple) else np.zeros(layer.units)
            parameters[Name(layer.name, BIAS)] = _frozen(bias)
        before = layer.units
    return parameters


def _drawn(init: Init, shape: tuple[int, int], random: np.random.Generator) -> Array:
    if init.scheme == "uniform":
        bound = init.bound or 0.0
        return random.uniform(-bound, bound, shape)
    if init.scheme == "constant":
        return np.full(shape, init.value, dtype=np.float64)
    if init.scheme == "normal":
        deviation = init.std or 0.0
    else:
        gain = 1.0 if init.gain is None else init.gain
        deviation = float(np.sqrt((2.0 if init.scheme == "he" else 1.0) / shape[1])) * gain
    return random.standard_normal(shape) * deviation


def _frozen(values: Array) -> Array:
    values = np.ascontiguousarray(values, dtype=np.float64)
    values.setflags(write=False)
    return values
