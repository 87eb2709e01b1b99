"""The data of a scenario as lines of a program: its generator's, or its numbers, or a file of numbers beside the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from bntui.maths.kinds.costs import COSTS
from bntui.scenario.data.building import Problem
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.sources import AnyGenerator, Blobs, Gaussian, Moons, Sine, Spirals, Stairs, StraightLine, Xor
from bntui.scenario.torch.text import tensor

MOST_WRITTEN = 80  # numbers that stand in the program itself; more would hide it


def data_lines(scenario: Scenario, problem: Problem, beside: str) -> tuple[list[str], str | None]:
    """The lines that make x (m, n₀) and y (m, n_L), and what stands in the file `beside` where they read one."""
    data = scenario.data
    if data.generator is not None and data.held_out is None and not data.standardize:
        return _generated(data.generator, scenario), None
    if problem.inputs.size + problem.targets.size <= MOST_WRITTEN:
        return [f"x = {tensor(problem.inputs)}", f"y = {tensor(problem.targets)}"], None
    width = problem.inputs.shape[1]
    lines = [
        f'numbers = torch.from_numpy(np.loadtxt("{beside}", delimiter=",", skiprows=1))',
        f"x, y = numbers[:, :{width}], numbers[:, {width}:]",
    ]
    return lines, "\n".join(_table(problem)) + "\n"


def _table(problem: Problem) -> Iterable[str]:
    """The inputs and targets as CSV, its numbers spelled so that they are read as the same bits."""
    widths = {"x": problem.inputs.shape[1], "y": problem.targets.shape[1]}
    yield ",".join(f"{name}{place}" for name, width in widths.items() for place in range(width))
    for row in np.concatenate([problem.inputs, problem.targets], axis=1).tolist():
        yield ",".join(map(repr, row))


def _generated(generator: AnyGenerator, scenario: Scenario) -> list[str]:
    lines = [f"random = np.random.default_rng({generator.seed})", *_MAKERS[type(generator)](generator)]
    classes = COSTS[scenario.cost].targets == "classes"
    of_classes = f"torch.eye({scenario.network.layers[-1].units})[y[:, 0].astype(int)]"
    return [*lines, f"x, y = torch.from_numpy(x), {of_classes if classes else 'torch.from_numpy(y)'}"]


def _noisy(name: str, noise: float) -> list[str]:
    return [f"{name} = {name} + {noise!r} * random.standard_normal({name}.shape)"] if noise else []


def _one_input(generator: StraightLine | Sine | Stairs, target: str) -> list[str]:
    return [f"x = random.standard_normal(({generator.samples}, 1))", f"y = {target}", *_noisy("y", generator.noise)]


def _line(generator: StraightLine) -> list[str]:
    return _one_input(generator, f"{generator.slope!r} * x + {generator.intercept!r}")


def _sine(generator: Sine) -> list[str]:
    return _one_input(generator, f"np.sin({generator.frequency!r} * x)")


def _stairs(generator: Stairs) -> list[str]:
    return _one_input(generator, "(x > 0).astype(float)")


def _xor(generator: Xor) -> list[str]:
    return [
        f"first, second = np.arange({generator.samples}) % 4 // 2, np.arange({generator.samples}) % 2",
        "x, y = np.stack([2.0 * first - 1.0, 2.0 * second - 1.0], axis=1), (first ^ second)[:, None].astype(float)",
        *_noisy("x", generator.noise),
    ]


def _halves(samples: int) -> list[str]:
    return [
        f"y = np.arange({samples})[:, None] % 2.0  # the samples are dealt in turn to two curves",
        f"along = np.arange({samples}) // 2 / {max(1, (samples + 1) // 2 - 1)}",
    ]


def _spirals(generator: Spirals) -> list[str]:
    return [
        *_halves(generator.samples),
        f"angle, radius = 2 * np.pi * {generator.turns!r} * along + np.pi * y[:, 0], 0.1 + 0.9 * along",
        "x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)",
        *_noisy("x", generator.noise),
    ]


def _moons(generator: Moons) -> list[str]:
    return [
        *_halves(generator.samples),
        "across, up = np.cos(np.pi * along), np.sin(np.pi * along)",
        "x = np.where(y == 0, np.stack([across, up], axis=1), np.stack([1 - across, 0.5 - up], axis=1))",
        *_noisy("x", generator.noise),
    ]


def _blobs(generator: Blobs) -> list[str]:
    return [
        f"centres = 4.0 * random.standard_normal(({generator.classes}, {generator.dimensions}))",
        f"label = np.arange({generator.samples}) % {generator.classes}",
        f"x = centres[label] + random.standard_normal(({generator.samples}, {generator.dimensions}))",
        "y = label[:, None].astype(float)",
        *_noisy("x", generator.noise),
    ]


def _gaussian(generator: Gaussian) -> list[str]:
    return [
        f"x = random.standard_normal(({generator.samples}, {generator.inputs}))",
        f"y = random.standard_normal(({generator.samples}, {generator.outputs}))",
        *_noisy("y", generator.noise),
    ]


_MAKERS: dict[type[Any], Callable[[Any], list[str]]] = {
    StraightLine: _line,
    Sine: _sine,
    Stairs: _stairs,
    Xor: _xor,
    Spirals: _spirals,
    Moons: _moons,
    Blobs: _blobs,
    Gaussian: _gaussian,
}
