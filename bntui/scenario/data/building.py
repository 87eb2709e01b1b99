"""From a scenario to the numbers that it starts with: data, weights, biases."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Array
from bntui.maths.kinds.costs import COSTS
from bntui.maths.names import BIAS, WEIGHT, Name
from bntui.records import dataclass
from bntui.scenario.data.datasets import InputsAndTargets, generate
from bntui.scenario.data.extents import Table, Tables, held_out_count, standardized
from bntui.scenario.data.layout import architecture_of, initially_normalized, layers_of
from bntui.scenario.model.scenario import Init, Scenario
from bntui.scenario.model.sources import Source


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Data that is not trained on: inputs (M, n₀) and targets (M, n_L), one-hot where they are classes."""

    inputs: Array
    targets: Array

    @property
    def samples(self) -> int:
        """How many samples are held out."""
        return len(self.inputs)

    @property
    def numbers(self) -> int:
        """How many numbers the inputs and targets are."""
        return self.inputs.size + self.targets.size


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What descent starts from. Every array is float64 and read-only.

    inputs (m, n₀); targets (m, n_L), one-hot where they are classes; parameters by name: weights
    (n_l, n_{l-1}) and biases (n_l,); normalized: the layers that start with BN, from the input; held_out: None where all of
    the data is trained on.
    """

    architecture: Architecture
    inputs: Array
    targets: Array
    parameters: Mapping[Name, Array]
    normalized: tuple[str, ...]
    held_out: HeldOut | None = None

    @property
    def samples(self) -> int:
        """How many samples there are, trained on or held out."""
        return len(self.inputs) + (0 if self.held_out is None else self.held_out.samples)

    @property
    def numbers(self) -> int:
        """How many numbers the data is, trained on or held out."""
        return self.inputs.size + self.targets.size + (0 if self.held_out is None else self.held_out.numbers)


def build_with(scenario: Scenario, tables: Tables) -> Problem:
    """The problem that a checked scenario poses, its CSV files read already."""
    (inputs, targets), beside = _data(scenario, tables)
    places, _ = standardized(scenario.data, tables.data, inputs.shape[1])
    means, deviations = _means_and_deviations(inputs, places)
    architecture = architecture_of(scenario, inputs.shape[1])
    held_out = None
    if beside is not None:
        held_out = HeldOut(_frozen((beside[0] - means) / deviations), _frozen(_as_rows(scenario, beside[1])))
    return Problem(
        architecture,
        _frozen((inputs - means) / deviations if places else inputs),
        _frozen(_as_rows(scenario, targets)),
        initial_parameters(scenario, architecture),
        initially_normalized(scenario, architecture),
        held_out,
    )


def _data(scenario: Scenario, tables: Tables) -> tuple[InputsAndTargets, InputsAndTargets | None]:
    """The data that is trained on, and what is held out."""
    inputs, targets = _numbers(scenario.data, tables.data)
    held_out = scenario.data.held_out
    if held_out is None:
        return (inputs, targets), None
    if held_out.share is None:
        return (inputs, targets), _numbers(held_out, tables.held_out)
    samples = len(inputs)
    chosen = np.zeros(samples, dtype=bool)
    order = np.random.default_rng(held_out.seed).permutation(samples)
    chosen[order[: held_out_count(samples, held_out.share)]] = True
    return (inputs[~chosen], targets[~chosen]), (inputs[chosen], targets[chosen])


def _numbers(source: Source, table: Table | None) -> InputsAndTargets:
    if table is not None:
        inputs = np.array(table.inputs, dtype=np.float64).reshape(table.samples, table.width)
        return inputs, np.array(table.targets, dtype=np.float64).reshape(table.samples, table.target_width)
    if source.generator is not None:
        return generate(source.generator)
    return np.array(source.inputs, dtype=np.float64), np.array(source.targets, dtype=np.float64)


def _means_and_deviations(inputs: Array, places: list[int]) -> tuple[Array, Array]:
    """What each input is to lose and to be divided by, (n₀,): 0 and 1 where it stays; a deviation of 0 divides nothing."""
    means, deviations = np.zeros(inputs.shape[1]), np.ones(inputs.shape[1])
    for place in places:
        column = inputs[:, place]
        constant = column.min() == column.max()  # the mean of equal numbers may miss them by a last digit
        means[place] = column[0] if constant else column.mean()
        deviations[place] = 1.0 if constant else column.std()
    return means, deviations


def _as_rows(scenario: Scenario, targets: Array) -> Array:
    """The targets, one-hot where they are class numbers."""
    if COSTS[scenario.cost].targets != "classes":
        return targets
    return np.eye(scenario.network.layers[-1].units)[targets[:, 0].astype(np.int64)]


def initial_parameters(scenario: Scenario, architecture: Architecture, seed: int | None = None) -> dict[Name, Array]:
    """The first weights and biases by name, drawn with the scenario's seed or another.

    One generator draws layer after layer; a layer whose weights are written in the scenario draws nothing.
    """
    init = scenario.network.init
    random = np.random.default_rng(init.seed if seed is None else seed)
    parameters: dict[Name, Array] = {}
    before = architecture.inputs
    for layer, (_, part, _) in zip(architecture.layers, layers_of(scenario.network), strict=True):
        if part.weight is None:
            weight = _drawn(init, (layer.units, before), random)
        else:
            weight = np.eye(before) if part.weight == "identity" else np.array(part.weight)
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
