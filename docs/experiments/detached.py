"""A mean that descent does not know of: the bias grows for ever [Ioffe & Szegedy 2015, §2]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.normalizations import BATCH_NORM, BATCH_NORM_DETACHED
from bntui.maths.names import BIAS, Name
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import GOOD, Design, together

KINDS = {"detached": BATCH_NORM_DETACHED, "BN": BATCH_NORM}
DEPTHS = (1, 4)
RATE, SEEDS, LOOKS = 0.1, 8, (300, 1000, 3000)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """After so many steps, for each seed: J over the best constant's cost, ‖b‖ of all hidden layers, and ‖∂J/∂b‖ there."""

    loss: Array
    bias: Array
    pull: Array


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the networks."""

    kind: str
    affine: bool
    depth: int


ARMS = [Arm(kind, affine, depth) for depth in DEPTHS for affine in (False, True) for kind in KINDS]
Result = dict[Arm, dict[int, Look]]


def descended(arm: Arm) -> dict[int, Look]:
    """What is seen of all seeds side by side."""
    design = Design(depth=arm.depth, variance=GOOD, kind=KINDS[arm.kind], affine=arm.affine)
    problem = together(design, SEEDS)
    network, theta, looks = problem.state.network(problem.architecture), problem.state.theta, {}
    for step in range(max(LOOKS) + 1):
        evaluation = network.evaluate(theta, problem.state.running, problem.inputs, problem.targets)
        if step in LOOKS:
            biases, pulls = (
                np.sqrt(sum(np.square(network.layout.views(vector)[Name(layer, BIAS)]).sum((-2, -1)) for layer in design.layers))
                for vector in (theta, evaluation.gradient)
            )
            looks[step] = Look(evaluation.loss / problem.best_constant, biases, pulls)
        theta = theta - RATE * evaluation.gradient
    return looks


@cache
def run() -> Result:
    """Every arm."""
    return {arm: descended(arm) for arm in ARMS}


def report(result: Result) -> str:
    """‖b‖ and J at each look."""
    rows = []
    for arm, looks in result.items():
        biases = ["0" if median(look.bias) < 1e-10 else spread(look.bias) for look in looks.values()]
        costs = [number(median(look.loss)) for look in looks.values()]
        rows.append((f"{arm.depth}", "γ, β" if arm.affine else "none", arm.kind, *biases, *costs))
    head = (*(f"‖b‖, step {step:,}" for step in LOOKS), *(f"J/B, {step:,}" for step in LOOKS))
    first, _, last = LOOKS
    alone, answered, deep = (result[Arm("detached", affine, depth)] for affine, depth in ((False, 1), (True, 1), (False, 4)))
    moved = np.abs(alone[last].loss / alone[first].loss - 1)
    return f"""
{table(("hidden layers", "after it", "kind", *head), rows)}

It appears in the smallest network, where nothing follows the normalization: from step {first} to {last:,} ‖b‖ grows from {number(median(alone[first].bias))}
to {number(median(alone[last].bias))}, while J at both differs by less than {number(float(np.ceil(1000 * median(moved))) / 10)} % in the median. With γ and β after it the same
network learns, and ‖b‖ comes to {number(median(answered[last].bias))}: β gets the pull that b gets, and can answer it. Four layers without γ and β show little
of it: they come to fit the data, and the pull on their biases at the end, ‖∂J/∂b‖, is {number(median(deep[last].pull))} where in the one layer it is
{number(median(alone[last].pull))}. BN itself, whose gradient knows of μ, never moves b."""


EXPERIMENT = Experiment(
    name="detached",
    title="A gradient that leaves μ and σ out",
    source="Ioffe & Szegedy 2015, §2",
    claim="If x̂ = x − E[x] with x = u + b, and the gradient step ignores that E[x] depends on b, then b ← b + Δb changes neither x̂ nor the loss: "
    "b grows without bound while the loss stays. The authors saw networks blow up so.",
    design=f"`batch_norm_detached` against `batch_norm` in 1 and 4 hidden ReLU layers of 16, He, with biases, one input, y = sin 2x, half_mse, 64 "
    f"samples, full batch, η {RATE:g}; with γ and β, and without both (`affine: false`), where nothing after the normalization can do what b tries; "
    f"{SEEDS} seeds. ‖b‖ is that of all hidden layers.",
    run=run,
    report=report,
    verdict="agrees where no β follows; γ and β hide it",
    tolerance=2.0,
)
