"""Which of the five normalizations of Goodfellow's chain moves the largest rate."""

from __future__ import annotations

from functools import cache

import numpy as np

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.arrays import Array
from bntui.maths.descent import Rates, start
from bntui.maths.names import WEIGHT, Name
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import Problem, ends

LAYERS = "abcde"
NORMALIZED = ("", "a", "d", "abcd", "e", "abcde")
RATES = [1.99 * 1.1**place for place in range(-45, 1)] + [2.01, 2.2]
SEEDS, STEPS = 12, 400
CONVERGED = 0.01  # of the best constant's cost

Result = dict[str, Array]


def problem(normalized: str, seed: int) -> Problem:
    """Five one-unit layers without bias, weights of 0.8 to 1.3, y = 3x."""
    random = np.random.default_rng(seed)
    architecture = Architecture(1, tuple(Layer(name, 1, bias=False) for name in LAYERS))
    weights = {Name(name, WEIGHT): random.uniform(0.8, 1.3, (1, 1)) for name in LAYERS}
    x = random.normal(size=(64, 1))
    return Problem(architecture, start(architecture, weights, tuple(normalized)), x, 3 * x)


def largest(normalized: str, seed: int) -> float:
    """The largest rate at which the chain converges; 0 where none does."""
    made = problem(normalized, seed)
    good = ends(made, [Rates(rate) for rate in RATES], STEPS) < CONVERGED * made.best_constant
    return max((rate for rate, converged in zip(RATES, good, strict=True) if converged), default=0.0)


@cache
def run() -> Result:
    """The largest rate that converges, by normalized layers, one for each seed."""
    return {normalized: np.array([largest(normalized, seed) for seed in range(SEEDS)]) for normalized in NORMALIZED}


def report(result: Result) -> str:
    """The largest rates, and what each arrangement gains."""
    rows = [
        (", ".join(normalized) or "none", spread(rates), f"×{spread(rates / result[''])}") for normalized, rates in result.items()
    ]
    below, head = median(result["abcd"] / result[""]), median(result["e"] / result[""])
    return f"""
{table(("BN on", "largest rate that converges", "over none"), rows)}

BN on the last layer alone does what BN on all five does, from every seed to the same limit, that of a least-squares fit of γ and β to a
normalized input, 2. BN on the four layers below it, where the weights' product is made, multiplies the largest rate by {number(below)}, the last one
alone by {number(head)}."""


EXPERIMENT = Experiment(
    name="chain",
    title="The chain: the last normalization does it",
    source="Goodfellow, Bengio & Courville 2016, §8.7.1",
    claim="In a deep chain of one-unit linear layers a step of gradient descent changes ŷ by the product of all the weights' changes; "
    "normalizing the layers makes large rates possible again.",
    design=f"ŷ = x·a·b·c·d·e, weights drawn from 0.8 to 1.3, no bias, y = 3x, half_mse on 64 samples; {STEPS} steps at rates a tenth "
    f"apart from {RATES[0]:.2g} to 1.99, and 2.01 and 2.2; {SEEDS} seeds. Converged: J below a hundredth of the best constant's. "
    "The control that the story lacks: BN on some of the layers only.",
    run=run,
    report=report,
    verdict="BN on the last layer alone allows all that BN on every layer allows",
)
