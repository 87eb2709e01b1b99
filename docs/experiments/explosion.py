"""Activations in a run that diverges, by depth [Bjorck et al. 2018, §3.1]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.network import Network
from bntui.maths.stages import Affine
from experiments.experiment import Experiment, spread, table
from experiments.networks import GOOD, Design, Problem

DEPTH, RATE, SEEDS, MOST, BEYOND = 16, 0.5, 16, 60, 1000.0
SHOWN = (1, 4, 8, 12, 16)


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """The steps that were made, and by what the variance of each hidden layer's z has grown; whether J went beyond the limit."""

    steps: int
    growth: Array
    exploded: bool


Result = dict[str, list[Grown]]


def variances(network: Network, problem: Problem, theta: Array) -> Array:
    """Var(z) of each hidden layer, over samples and units."""
    evaluated = network.forward(theta, problem.state.running, problem.inputs)
    layouts = network.layout.views(theta)
    found = []
    for stage, kept in zip(network.stages, evaluated.kept, strict=True):
        if isinstance(stage, Affine):
            z = np.matmul(kept, layouts[stage.weight].swapaxes(-1, -2))
            found.append(z.var())
    return np.array(found[:-1])


def grown(problem: Problem) -> Grown:
    """Descend until J is a thousand times the best constant's cost, or the steps are made."""
    network, theta = problem.state.network(problem.architecture), problem.state.theta
    before = variances(network, problem, theta)
    for step in range(MOST + 1):
        evaluation = network.evaluate(theta, problem.state.running, problem.inputs, problem.targets)
        exploded = not evaluation.loss <= BEYOND * problem.best_constant
        if exploded or step == MOST:
            break
        theta = theta - RATE * evaluation.gradient
    with np.errstate(all="ignore"):
        return Grown(step, variances(network, problem, theta) / before, bool(exploded))


@cache
def run() -> Result:
    """The growth without and with BN, for each seed."""
    return {
        name: [grown(Design(depth=DEPTH, inputs=16, variance=GOOD, kind=kind).problem(seed)) for seed in range(SEEDS)]
        for name, kind in (("none", None), ("BN", BATCH_NORM))
    }


def report(result: Result) -> str:
    """The growth of the runs that exploded without BN, and of all with it."""
    exploded = [each for each in result["none"] if each.exploded]
    with_bn = result["BN"]
    rows = [
        (f"h{layer}", spread([each.growth[layer - 1] for each in exploded]), spread([each.growth[layer - 1] for each in with_bn]))
        for layer in SHOWN
    ]
    return f"""
{len(exploded)} of {SEEDS} runs without BN exploded (steps until then: {spread([each.steps for each in exploded])}), and
{sum(each.exploded for each in with_bn)} of {SEEDS} with BN. Var(z) over that of the start:

{table(("layer", "none, as it explodes", f"BN, after {MOST} steps"), rows)}

As a run without BN explodes, its first layers have hardly moved, and the growth is by orders of magnitude from there to the last. With BN
it is the first layers whose z grows most, by a small factor."""


EXPERIMENT = Experiment(
    name="explosion",
    title="What a large step does to the activations",
    source="Bjorck et al. 2018, §3.1",
    claim="Without BN a few large steps make the activations grow exponentially with depth; with BN they cannot.",
    design=f"{DEPTH} hidden ReLU layers of 16, He, 16 inputs, y = sin 2x₁, half_mse, 64 samples, full batch, η {RATE:g}, at which BN trains. "
    f"The run is stopped when J is beyond {BEYOND:g} times the best constant's cost, or after {MOST} steps; {SEEDS} seeds.",
    run=run,
    report=report,
    verdict="agrees",
    tolerance=1.5,
)
