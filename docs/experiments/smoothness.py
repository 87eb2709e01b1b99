"""The cost along the gradient while a network learns [Santurkar et al. 2018, Figure 4]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.landscape import measures
from bntui.maths.objective import Objective
from experiments.experiment import Experiment, spread, table
from experiments.networks import BAD, GOOD, Design, Problem

NAMES = {"loss_range": "range of J", "gradient_change": "change of the gradient", "smoothness": "effective smoothness"}
SEEDS, STEPS = 6, 50


@dataclass(frozen=True, slots=True)
class Setting:
    """A start, a number of inputs and a rate."""

    start: str
    inputs: int
    rate: float


SETTINGS = tuple(Setting(start, inputs, rate) for inputs in (1, 16) for start, rate in (("good", 0.1), ("good", 0.01), ("bad", 0.001)))
STARTS = {"good": GOOD, "bad": BAD}
Result = dict[Setting, Array]


def measured(problem: Problem, rate: float) -> Array:
    """The three measures at every step (T, 3)."""
    network, theta = problem.state.network(problem.architecture), problem.state.theta
    objective = Objective(network, problem.state.running, problem.inputs, problem.targets, "train")
    found = []
    for _ in range(STEPS):
        one = measures(objective, theta, rate, 1.0)
        found.append([getattr(one, name) for name in NAMES])
        with np.errstate(all="ignore"):
            theta = theta - rate * objective.evaluate(theta).gradient
    return np.array(found)


@cache
def run() -> Result:
    """The measures with BN over those without, (seeds, 6): three of the median step, three of the worst one."""
    found = {}
    for setting in SETTINGS:
        ratios = []
        for seed in range(SEEDS):
            with_bn, none = (
                measured(Design(inputs=setting.inputs, variance=STARTS[setting.start], kind=kind).problem(seed), setting.rate)
                for kind in (BATCH_NORM, None)
            )
            with np.errstate(all="ignore"):
                ratios.append(np.concatenate([np.median(with_bn, 0) / np.median(none, 0), with_bn.max(0) / none.max(0)]))
        found[setting] = np.array(ratios)
    return found


def better(result: Result) -> Array:
    """In how many of all runs BN has the smaller measure: three in the median step, three in the worst."""
    return np.asarray(np.sum([ratios < 1 for ratios in result.values()], axis=(0, 1)))


def report(result: Result) -> str:
    """The ratios by setting, and how many runs BN makes smoother."""
    columns = (*(f"{name}, median step" for name in NAMES.values()), *(f"{name}, worst step" for name in NAMES.values()))
    rows = [
        (f"{each.start}, {each.inputs} input{'s' * (each.inputs > 1)}", f"{each.rate:g}", *map(spread, ratios.T))
        for each, ratios in result.items()
    ]
    typical, worst = np.split(better(result), 2)
    runs = len(result) * SEEDS

    def counted(counts: Array) -> str:
        return ", ".join(f"{name} in {count}" for name, count in zip(NAMES.values(), counts, strict=True))

    return f"""
{table(("start", "η", *columns), rows)}

With BN over without: below 1 BN is the smoother one, and 0 stands where the run without it diverged. In the median step BN is so for the {counted(typical)} of {runs} runs; in the
worst step for the {counted(worst)}. What BN takes away are the few steps that are far worse than the rest; at a typical step and a small rate the
landscape along the gradient is steeper with it."""


EXPERIMENT = Experiment(
    name="smoothness",
    title="Is the landscape smoother?",
    source="Santurkar et al. 2018, §3, Figure 4",
    claim="With BN the range of the loss along the gradient, the change of the gradient there and the effective smoothness are smaller, at every "
    "step of training.",
    design=f"8 hidden ReLU layers of 16, y = sin 2x₁, half_mse, 64 samples, full batch; good start: He, bad: Xavier with gain 2. At each of {STEPS} steps "
    f"the three measures with steps of a half to four times η along the gradient, both networks at the same η; {SEEDS} seeds.",
    run=run,
    report=report,
    verdict="in part: the worst steps are far better with BN, the typical ones mostly not",
    tolerance=3.0,
)
