"""The generators: small data sets drawn anew from their seed, always the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bntui.maths.numeric import Array
from bntui.scenario.model.sources import AnyGenerator, Blobs, Gaussian, Moons, Sine, Spirals, Stairs, StraightLine, Xor

if TYPE_CHECKING:
    from numpy.typing import NDArray

InputsAndTargets = tuple[Array, Array]

_BLOB_DISTANCE = 4.0
_SPIRAL_START = 0.1


def generate(generator: AnyGenerator) -> InputsAndTargets:
    """Inputs (m, n₀) and targets (m, 1) or (m, n); class numbers as numbers."""
    return _MAKERS[type(generator)](generator, np.random.default_rng(generator.seed))


def _line(generator: StraightLine, random: np.random.Generator) -> InputsAndTargets:
    x = random.standard_normal((generator.samples, 1))
    return x, _noisy(generator.slope * x + generator.intercept, generator.noise, random)


def _sine(generator: Sine, random: np.random.Generator) -> InputsAndTargets:
    x = random.standard_normal((generator.samples, 1))
    return x, _noisy(np.sin(generator.frequency * x), generator.noise, random)


def _step(generator: Stairs, random: np.random.Generator) -> InputsAndTargets:
    x = random.standard_normal((generator.samples, 1))
    return x, _noisy((x > 0).astype(np.float64), generator.noise, random)


def _xor(generator: Xor, random: np.random.Generator) -> InputsAndTargets:
    corner = np.arange(generator.samples) % 4
    first, second = corner // 2, corner % 2
    inputs = np.stack([2.0 * first - 1.0, 2.0 * second - 1.0], axis=-1)
    return _noisy(inputs, generator.noise, random), _column(first ^ second)


def _spirals(generator: Spirals, random: np.random.Generator) -> InputsAndTargets:
    arm, along = _halves(generator.samples)
    angle = 2.0 * math.pi * generator.turns * along + math.pi * arm
    radius = _SPIRAL_START + (1.0 - _SPIRAL_START) * along
    inputs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return _noisy(inputs, generator.noise, random), _column(arm)


def _moons(generator: Moons, random: np.random.Generator) -> InputsAndTargets:
    moon, along = _halves(generator.samples)
    angle = math.pi * along
    x = np.where(moon == 0, np.cos(angle), 1.0 - np.cos(angle))
    y = np.where(moon == 0, np.sin(angle), 0.5 - np.sin(angle))
    return _noisy(np.stack([x, y], axis=-1), generator.noise, random), _column(moon)


def _blobs(generator: Blobs, random: np.random.Generator) -> InputsAndTargets:
    centres = _BLOB_DISTANCE * random.standard_normal((generator.classes, generator.dimensions))
    label = np.arange(generator.samples) % generator.classes
    inputs = centres[label] + random.standard_normal((generator.samples, generator.dimensions))
    return _noisy(inputs, generator.noise, random), _column(label)


def _gaussian(generator: Gaussian, random: np.random.Generator) -> InputsAndTargets:
    inputs = random.standard_normal((generator.samples, generator.inputs))
    targets = random.standard_normal((generator.samples, generator.outputs))
    return inputs, _noisy(targets, generator.noise, random)


def _halves(samples: int) -> tuple[NDArray[np.int64], Array]:
    """Samples dealt in turn to two curves, and how far along its curve each is, from 0 to 1."""
    label = np.arange(samples) % 2
    along = (np.arange(samples) // 2) / max(1, (samples + 1) // 2 - 1)
    return label, along


def _noisy(values: Array, noise: float, random: np.random.Generator) -> Array:
    return values + noise * random.standard_normal(values.shape) if noise else values


def _column(labels: NDArray[np.int64]) -> Array:
    return labels.astype(np.float64)[:, np.newaxis]


_MAKERS: dict[type[Any], Callable[[Any, np.random.Generator], InputsAndTargets]] = {
    StraightLine: _line,
    Sine: _sine,
    Stairs: _step,
    Xor: _xor,
    Spirals: _spirals,
    Moons: _moons,
    Blobs: _blobs,
    Gaussian: _gaussian,
}
