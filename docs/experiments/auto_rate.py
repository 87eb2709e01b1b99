"""Any rate for the weights whose length does not matter, and T^(−1/2) [Arora, Li & Lyu 2019]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.descent import Rates
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.names import WEIGHT, Name
from bntui.maths.network import Layout
from bntui.maths.sweep import rate_rows
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import Design, together

DEPTH, SEEDS, OTHERS = 2, 6, 0.01
RATES = (0.01, 1.0, 1e2, 1e4, 1e6)
LOOKS = (64, 512, 4096)
KINDS = {"BN": BATCH_NORM, "none": None}


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """After T steps, for each seed: the smallest gradient so far, J over the best constant's cost, and ‖W‖/‖W₀‖ of h1."""

    gradient: Array
    loss: Array
    length: Array


Result = dict[tuple[str, float], dict[int, Look]]


def squared_gradient(layout: Layout, theta: Array, gradient: Array, hidden: tuple[Name, ...]) -> Array:
    """‖∇J‖² where every row of the hidden weights has length 1: there its gradient is ‖w‖ times the one at w."""
    parameters, gradients = layout.views(theta), layout.views(gradient)
    found = np.square(gradient).sum(axis=-1)
    for name in hidden:
        of_rows = np.square(gradients[name]).sum(axis=-1)
        found = found + (of_rows * (np.square(parameters[name]).sum(axis=-1) - 1)).sum(axis=-1)
    return np.asarray(found)


def descended(kind: str, rate: float) -> dict[int, Look]:
    """The hidden weights descend by `rate`, everything else by 0.01; what is seen after so many steps."""
    design = Design(depth=DEPTH, activation=ACTIVATIONS["silu"], kind=KINDS[kind])
    problem = together(design, SEEDS)
    network, theta = problem.state.network(problem.architecture), problem.state.theta
    hidden = tuple(Name(layer, WEIGHT) for layer in design.layers)
    rates = rate_rows([Rates(OTHERS, tuple((name, rate) for name in hidden))], network.layout)
    first, smallest, looks = network.layout.views(theta)[hidden[0]], np.full(SEEDS, np.inf), {}
    with np.errstate(all="ignore"):
        for step in range(1, max(LOOKS) + 1):
            evaluation = network.evaluate(theta, problem.state.running, problem.inputs, problem.targets)
            smallest = np.fmin(smallest, np.sqrt(squared_gradient(network.layout, theta, evaluation.gradient, hidden)))
            if step in LOOKS:
                length = np.sqrt(np.square(network.layout.views(theta)[hidden[0]]).sum((-2, -1)) / np.square(first).sum((-2, -1)))
                looks[step] = Look(smallest, evaluation.loss / problem.best_constant, length)
            theta = theta - rates * evaluation.gradient
    return looks


@cache
def run() -> Result:
    """Every rate with BN and without."""
    return {(kind, rate): descended(kind, rate) for kind in KINDS for rate in RATES}


def slopes(looks: dict[int, Look]) -> Array:
    """By which power of T the smallest gradient has fallen between the first look and the last, for each seed."""
    first, last = looks[LOOKS[0]], looks[LOOKS[-1]]
    return np.asarray(np.log(last.gradient / first.gradient) / np.log(LOOKS[-1] / LOOKS[0]))


def report(result: Result) -> str:
    """Gradients, powers, J and lengths by rate."""
    rows = []
    for (kind, rate), looks in result.items():
        last = looks[LOOKS[-1]]
        ended = "diverged" if kind == "none" and median(last.loss) > 1 else ""
        gradients = [number(median(look.gradient)) for look in looks.values()]
        rest = ("–", "–", "–") if ended else (f"−{spread(-slopes(looks))}", spread(last.loss), spread(last.length))
        rows.append((kind, number(rate), *([ended] * len(gradients) if ended else gradients), *rest))
    head = [f"smallest ‖∇‖ in {steps}" for steps in LOOKS]
    powers = [median(-slopes(result["BN", rate])) for rate in RATES]
    return f"""
{table(("", "rate of the hidden weights", *head, "power of T", "J/B at the end", "‖W‖/‖W₀‖ of h1"), rows)}

At every rate from {number(RATES[0])} to {number(RATES[-1])} every seed trains, and the smallest gradient falls, in the median, by a power of T between
−{number(min(powers))} and −{number(max(powers))}: at least as fast as the bound. Where the rate is too large for the weights, they have become longer. Without BN
the run diverges from {number(RATES[2])} on."""


EXPERIMENT = Experiment(
    name="auto-rate",
    title="Any rate, and T^(−1/2)",
    source="Arora, Li & Lyu 2019, Theorem 3.1",
    claim="For weights whose length does not matter any fixed rate will do: the smallest gradient in T steps of descent is at most of the "
    "order T^(−1/2), if the other parameters have a small enough rate.",
    design=f"{DEPTH} hidden layers of 16 with SiLU, which is smooth as the theorem wants it, He, one input, y = sin 2x, half_mse, 64 samples, full "
    f"batch. The hidden weights have the rate of the table, everything else {OTHERS:g}; {LOOKS[-1]:,} steps, {SEEDS} seeds. ‖∇‖ is taken with the rows "
    "of the hidden weights brought to length 1, as in the paper. The power is that between the first and the last T.",
    run=run,
    report=report,
    verdict="agrees, over eight decades",
    tolerance=3.0,
)
