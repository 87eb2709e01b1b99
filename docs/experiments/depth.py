"""The largest rate that trains, by depth [Bjorck et al. 2018, §3]."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.normalizations import BATCH_NORM
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import GOOD, Design, ladder, largest_rates

DEPTHS = (2, 4, 8, 16, 32)
RATES = ladder(1e-3, 10)
SEEDS, STEPS = 8, 300


class Rates(NamedTuple):
    """The largest rate that trains, for each seed: without BN, with it in the hidden layers, and with it on the head alone."""

    none: Array
    hidden: Array
    head: Array


Result = dict[int, Rates]


def arms(depth: int) -> tuple[Design, Design, Design]:
    """The three networks of a depth, from the same weights."""
    none = Design(depth=depth, inputs=16, variance=GOOD, kind=None)
    return none, replace(none, kind=BATCH_NORM), replace(none, kind=BATCH_NORM, hidden=False, head=True)


@cache
def run() -> Result:
    """The largest rates, by depth."""
    return {depth: Rates(*(largest_rates(design, RATES, SEEDS, STEPS) for design in arms(depth))) for depth in DEPTHS}


def report(result: Result) -> str:
    """The rates by depth, and the seeds that train at none."""
    rows = [
        (f"{depth}", *map(spread, rates), *(f"{np.sum(each == 0)}" for each in rates if each is not rates.hidden))
        for depth, rates in result.items()
    ]
    medians = {depth: [median(each) for each in rates] for depth, rates in result.items()}
    ratios = ", ".join(f"{number(hidden / none)} at {depth}" for depth, (none, hidden, _) in medians.items() if none)
    return f"""
{table(("hidden layers", "none", "BN in them", "BN on the head alone", "no rate trains: none", "head alone"), rows)}

BN in the hidden layers over none, medians: {ratios}. Two layers leave it nothing to do; with depth the largest rate without BN
falls, and the one with it hardly. The control allows more at every depth, {number(medians[DEPTHS[0]][2])} at {DEPTHS[0]} layers and
{number(medians[DEPTHS[-1]][2])} at {DEPTHS[-1]}: by this measure it is enough to normalize the output."""


EXPERIMENT = Experiment(
    name="depth",
    title="The largest rate against depth",
    source="Bjorck et al. 2018, §3",
    claim="BN primarily enables larger rates; what limits the rate without it grows worse with depth.",
    design=f"Hidden ReLU layers of 16, He, 16 inputs, y = sin 2x₁, half_mse, 64 samples, full batch, {STEPS} steps; rates a factor of 1.78 "
    f"apart from {RATES[0]:g} to {RATES[-1]:g}; {SEEDS} seeds. BN in the hidden layers, or, the control, on the linear head alone.",
    run=run,
    report=report,
    verdict="agrees: nothing at two layers, a factor of ten at 32; BN on the head alone allows more at every depth",
    tolerance=6.0,
)
