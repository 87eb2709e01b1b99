"""One step of a wide network beside its matrix products alone, and the memory that its evaluation takes.

    python tests/benchmarks/wide.py [--width 512] [--depth 20] [--samples 1024] [--seconds 20]

A layer's three products are z = aWᵀ, ∂J/∂W = δᵀa and δW; they are made as the step makes them, into new arrays. The programs take
turns, the median of each is printed, and how many times the products' time a step takes. `written over` is the step whose
evaluation writes over the arrays of the one before: what a step takes beyond that is the system's, which hands out new memory,
and what that takes beyond the products is the rest of the mathematics. The memory is that of everything an evaluation keeps,
counted array by array.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

import numpy as np
from against import by_turns, goal, random_parameters, times

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.chain import read_chain
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.kinds.activations import RELU
from bntui.maths.network import Evaluation

Run = Callable[[], object]


def stepper(width: int, depth: int, samples: int, on: bool, over: bool = False) -> Callable[[], Evaluation]:
    """A function that makes one step of a ReLU network with so many hidden layers, and returns its evaluation."""
    hidden = tuple(Layer(f"h{place}", width, RELU) for place in range(1, depth + 1))
    architecture = Architecture(width, (*hidden, Layer("head", 1, switchable=False)))
    random = np.random.default_rng(0)
    parameters = random_parameters(architecture, random)
    inputs, targets = random.standard_normal((samples, width)), random.standard_normal((samples, 1))
    state = start(architecture, parameters, architecture.switchable if on else ())
    network, how = state.network(architecture), Descent(Rates(1e-4))

    before: Evaluation | None = None

    def step() -> Evaluation:
        nonlocal state, before
        evaluation = network.evaluate(state.theta, state.running, inputs, targets, over=before)
        before = evaluation if over else None
        read_chain(network, evaluation)
        state = descend(state, network, evaluation, how)
        return evaluation

    return step


def products(width: int, depth: int, samples: int) -> Run:
    """A function that makes the hidden layers' matrix products and nothing else."""
    random = np.random.default_rng(0)
    a, delta = random.standard_normal((2, samples, width))
    weights = random.standard_normal((depth, width, width))

    def multiply() -> None:
        for weight in weights:
            np.matmul(a, weight.T)
            np.matmul(delta.T, a)
            np.matmul(delta, weight)

    return multiply


def kept(evaluation: Evaluation) -> int:
    """The bytes of the arrays that an evaluation holds, each counted once."""
    owners: dict[int, int] = {}
    waiting: list[object] = [evaluation.forward.outputs, evaluation.forward.kept, evaluation.links, evaluation.gradient]
    while waiting:
        one = waiting.pop()
        if isinstance(one, np.ndarray):
            owner = one if one.base is None else one.base
            owners[id(owner)] = owner.nbytes
        elif isinstance(one, tuple):
            waiting.extend(one)
    return sum(owners.values())


def main() -> None:
    """Print a row without BN and one with: milliseconds, the ratios, megabytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("width", 512), ("depth", 20), ("samples", 1024)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    size = options.width, options.depth, options.samples
    for on, wanted in ((False, 1.15), (True, 1.35)):
        step = stepper(*size, on)
        megabytes = kept(step()) / 1e6
        programs = {"products": products(*size), "step": step, "written over": stepper(*size, on, over=True)}
        found = by_turns(programs, options.seconds)
        row = "  ".join(f"{name} {1e3 * statistics.median(taken):6.1f} ms" for name, taken in found.items())
        print(f"BN {'on' if on else 'off'}: {row}; an evaluation keeps {megabytes:.0f} MB")
        for name in ("step", "written over"):
            print(goal(f"{name}, of the products' time", wanted, times(found, name, "products"), at_most=True))


if __name__ == "__main__":
    main()
