"""One step of a wide network beside its matrix products alone, and the memory that its evaluation takes.

    python tests/benchmarks/wide.py [--width 512] [--depth 20] [--samples 1024] [--seconds 20]

A layer's three products are z = aWᵀ, ∂J/∂W = δᵀa and δW; they are made as the step makes them, into new arrays. The programs take
turns, the median of each is printed, and how many times the products' time a step takes. `session` takes a step in a session, as a
key does, and `trace` observes it as well, as `bntui trace` does: both write over the arrays of the evaluation before, which nobody
keeps. `new arrays` is the step without that: what it takes beyond the others is the system's, which hands out new memory. The
memory is that of everything an evaluation keeps, counted array by array.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable

import numpy as np
from against import by_turns, goal, times

from bntui.maths.chain import read_chain
from bntui.maths.descent import descend
from bntui.maths.network import Evaluation
from bntui.scenario.reading.loading import read_text
from bntui.session.session import Session
from bntui.session.trace.tracing import ONE_STEP, by_steps, plain_detail

Run = Callable[[], object]


def started(width: int, depth: int, samples: int, on: bool) -> Session:
    """A session of a ReLU network with so many hidden layers, BN off or on in all of them."""
    hidden = [{"name": f"h{place}", "units": width, "activation": "relu"} for place in range(1, depth + 1)]
    network = {"layers": [*hidden, {"name": "head", "units": 1, "batch_norm": False}], "batch_norm": {"enabled": on}}
    data = {"generator": {"name": "gaussian", "samples": samples, "inputs": width}}
    scenario = {"version": 1, "title": "wide", "network": network, "data": data, "training": {"learning_rate": 1e-4}}
    return Session(read_text(json.dumps(scenario), "wide", None))


def by_session(at: Session) -> Run:
    """A function that takes one step in a session."""
    return lambda: at.do(ONE_STEP)


def by_trace(at: Session) -> Run:
    """A function that takes one step and observes it."""
    states = by_steps(at, sys.maxsize, plain_detail(at))
    return lambda: next(states)


def by_new_arrays(at: Session) -> Callable[[], Evaluation]:
    """A function that makes one step into new arrays, with its chain, and returns its evaluation."""
    experiment, moment = at.experiment, at.history.moment
    network, how, state = experiment.network(moment), experiment.descent(moment), moment.state
    inputs, targets = experiment.batch(moment)

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
    """Print a row without BN and one with: milliseconds, the ratios, megabytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("width", 512), ("depth", 20), ("samples", 1024)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    size = options.width, options.depth, options.samples
    for on, wanted in ((False, 1.15), (True, 1.35)):
        step = by_new_arrays(started(*size, on))
        megabytes = kept(step()) / 1e6
        told = {"session": by_session(started(*size, on)), "trace": by_trace(started(*size, on)), "new arrays": step}
        programs = {"products": products(*size), **told}
        found = by_turns(programs, options.seconds)
        row = "  ".join(f"{name} {1e3 * statistics.median(taken):6.1f} ms" for name, taken in found.items())
        print(f"BN {'on' if on else 'off'}: {row}; an evaluation keeps {megabytes:.0f} MB")
        for name in told:
            print(goal(f"{name}, of the products' time", wanted, times(found, name, "products"), at_most=True))


if __name__ == "__main__":
    main()
