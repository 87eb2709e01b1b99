"""One step of a wide network beside its matrix products alone, and the memory that its evaluation takes.

    python tests/benchmarks/wide.py [--width 512] [--depth 20] [--samples 1024] [--rounds 7]

A layer's three products are z = aWᵀ, ∂J/∂W = δᵀa and δW; they are made as the step makes them, into new arrays. Rounds
alternate, the median of each is printed, and how many times the products' time a step takes. The memory is that of
everything an evaluation keeps, counted array by array.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.chain import read_chain
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.kinds.activations import RELU
from bntui.maths.network import Evaluation

Run = Callable[[], object]


def stepper(width: int, depth: int, samples: int, on: bool) -> Callable[[], Evaluation]:
    """A function that makes one step of a ReLU network with so many hidden layers, and returns its evaluation."""
    hidden = tuple(Layer(f"h{place}", width, RELU) for place in range(1, depth + 1))
    architecture = Architecture(width, (*hidden, Layer("head", 1, switchable=False)))
    random = np.random.default_rng(0)
    parameters, incoming = {}, width
    for layer in architecture.layers:
        parameters[f"{layer.name}.weight"] = random.standard_normal((layer.units, incoming)) * np.sqrt(2 / incoming)
        parameters[f"{layer.name}.bias"] = np.zeros(layer.units)
        incoming = layer.units
    inputs, targets = random.standard_normal((samples, width)), random.standard_normal((samples, 1))
    state = start(architecture, parameters, architecture.switchable if on else ())
    network, how = state.network(architecture), Descent(Rates(1e-4))

    def step() -> Evaluation:
        nonlocal state
        evaluation = network.evaluate(state.theta, state.running, inputs, targets)
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
    """Print a row without BN and one with: milliseconds, the ratio, megabytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("width", 512), ("depth", 20), ("samples", 1024), ("rounds", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    size = options.width, options.depth, options.samples
    multiply = products(*size)
    for on in (False, True):
        step = stepper(*size, on)
        megabytes = kept(step()) / 1e6
        times: dict[str, list[float]] = {"products": [], "step": []}
        for _ in range(options.rounds):
            for name, run in (("products", multiply), ("step", step)):
                begin = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - begin)
        alone, whole = (1e3 * statistics.median(values) for values in times.values())
        print(
            f"BN {'on ' if on else 'off'}  products {alone:7.1f} ms  step {whole:7.1f} ms = {whole / alone:.2f} ×"
            f"  evaluation {megabytes:.0f} MB"
        )


if __name__ == "__main__":
    main()
