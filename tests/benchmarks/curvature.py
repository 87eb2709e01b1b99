"""One Hessian product beside one gradient, and what the whole of λ_max takes.

    python tests/benchmarks/curvature.py [--rounds 30] [SCENARIO …]

A product is made from an evaluation that is at hand, as Lanczos makes all of its. Rounds alternate between gradient and
product; medians are printed, the product's in gradients (the goal is at most 3), and how many products λ_max took.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from bntui.maths.curvature import curvature
from bntui.maths.objective import Objective
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session

SCENARIOS = ("goodfellow-chain", "relu-net", "sigmoid-net", "deep-relu", "does-it-smooth")


def objective_of(name: str, normalized: bool) -> tuple[Objective, np.ndarray]:
    """J of a scenario at its start, and θ there."""
    settings = (f"network.batch_norm.enabled={str(normalized).lower()}",)
    session = Session(read_file(library.find(name), settings))
    moment = session.history.moment
    return session.experiment.objective(moment), moment.state.theta


def seconds(run: Callable[[], object], times: int) -> float:
    """How long one of so many calls in a row takes."""
    begun = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - begun) / times


def measure(name: str, normalized: bool, rounds: int) -> None:
    """Print a scenario's line."""
    objective, theta = objective_of(name, normalized)
    evaluation = objective.evaluate(theta)
    product = objective.hessian(theta, evaluation)
    direction = np.random.default_rng(0).standard_normal(theta.size)
    gradients, products = [], []
    for _ in range(rounds):
        gradients.append(seconds(lambda: objective.evaluate(theta), 20))
        products.append(seconds(lambda: product(direction), 20))
    gradient, one = statistics.median(gradients), statistics.median(products)
    calls = 0

    def counted(vector: np.ndarray) -> np.ndarray:
        nonlocal calls
        calls += 1
        return product(vector)

    begun = time.perf_counter()
    found = curvature(counted, theta.size, 1.0)
    whole = time.perf_counter() - begun
    told = "" if found.converged else ", not converged"
    print(
        f"{name:<18} BN {'on ' if normalized else 'off'}  gradient {gradient * 1e6:7.0f} µs  product {one * 1e6:7.0f} µs"
        f"  = {one / gradient:4.2f} gradients   λ_max {found.value:10.4g} in {calls:3} products, {whole * 1e3:6.1f} ms{told}"
    )


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=SCENARIOS, metavar="SCENARIO")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    for name in options.scenarios:
        for normalized in (False, True):
            measure(name, normalized, options.rounds)


if __name__ == "__main__":
    main()
