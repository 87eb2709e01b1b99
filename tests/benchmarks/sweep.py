"""A sweep side by side: bntui's batched runs, its own single runs, and a loop in torch eager.

    python tests/benchmarks/sweep.py [--rates 64] [--steps 500] [--torch-steps 40]

All make the same runs: BN off and on, from the same weights, by the same rates, J after so many steps. bntui's batch is
timed whole and loses the runs that diverge. Single runs and torch are timed over a few steps at a rate small enough that
nothing diverges, and their time is counted for the steps that bntui's runs made until they ended or diverged:
a loop could stop there too. Every program has one thread and its processor time is measured, so that a machine that
does other things is fair to all of them. torch is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable

import numpy as np

from bntui.maths.batches import Batches
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.sweep import NEVER, descents, runs_at_once, side_by_side
from bntui.scenario.data.building import Problem
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library

SCENARIOS = ("goodfellow-chain", "deep-relu")
FIRST, LAST = 1e-3, 30.0
HARMLESS = 1e-4  # a rate at which no run diverges while it is timed

Stepper = Callable[[], None]


def batched(problem: Problem, normalized: tuple[str, ...], rates: np.ndarray, steps: int) -> int:
    """Run all rates as batches; how many steps were made before the runs ended."""
    batches = Batches(problem.inputs, problem.targets)
    state = start(problem.architecture, problem.parameters, normalized)
    at_once = runs_at_once(problem.architecture, batches.samples)
    made = 0
    for begin in range(0, len(rates), at_once):
        part = rates[begin : begin + at_once, np.newaxis]
        running = descents(problem.architecture, side_by_side(state, len(part)), part, batches, steps)
        while True:
            try:
                next(running)
            except StopIteration as stopped:
                at = stopped.value.diverged_at
                break
        made += int(np.where(at == NEVER, steps, at).sum())
    return made


def single_step(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """A function that makes one step of a single run of bntui's."""
    state = start(problem.architecture, problem.parameters, normalized)
    network, how = state.network(problem.architecture), Descent(Rates(HARMLESS))

    def step() -> None:
        nonlocal state
        evaluation = network.evaluate(state.theta, state.running, problem.inputs, problem.targets)
        state = descend(state, network, evaluation, how)

    return step


def torch_step(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """A function that makes one step in torch eager."""
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)  # faster for networks this small
    modules: list[torch.nn.Module] = []
    size = problem.architecture.inputs
    for layer in problem.architecture.layers:
        linear = torch.nn.Linear(size, layer.units, bias=layer.bias)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(problem.parameters[f"{layer.name}.weight"]))
        modules.append(linear)
        if layer.name in normalized:
            modules.append(torch.nn.BatchNorm1d(layer.units))
        if layer.activation.name == "relu":
            modules.append(torch.nn.ReLU())
        size = layer.units
    model = torch.nn.Sequential(*modules)
    optimizer = torch.optim.SGD(model.parameters(), HARMLESS)
    inputs, targets = torch.tensor(problem.inputs), torch.tensor(problem.targets)

    def step() -> None:
        optimizer.zero_grad()
        loss = ((model(inputs) - targets) ** 2).sum() / (2 * len(targets))
        loss.backward()
        optimizer.step()

    return step


def seconds_per_step(step: Stepper, steps: int, rounds: int = 5) -> float:
    """The median over some rounds, after one that warms up."""
    times = []
    for _ in range(rounds + 1):
        begin = time.process_time()
        for _ in range(steps):
            step()
        times.append((time.process_time() - begin) / steps)
    return statistics.median(times[1:])


def main() -> None:
    """Print a row for each scenario and side, and the whole sweep of both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=int, default=64)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--torch-steps", type=int, default=40)
    options = parser.parse_args()
    rates = np.geomspace(FIRST, LAST, options.rates)
    others: dict[str, Callable[[Problem, tuple[str, ...]], Stepper]] = {"single runs": single_step}
    if importlib.util.find_spec("torch"):
        others["torch"] = torch_step
    for name in SCENARIOS:
        problem = read_file(library.find(name)).problem
        whole = dict.fromkeys(("bntui", *others), 0.0)
        for on in (False, True):
            normalized = problem.architecture.switchable if on else ()
            begin = time.process_time()
            made = batched(problem, normalized, rates, options.steps)
            mine = time.process_time() - begin
            whole["bntui"] += mine
            row = [f"{name:<17} BN {'on ' if on else 'off'} {made:6d} steps  bntui {mine:7.3f} s"]
            for program, make in others.items():
                taken = made * seconds_per_step(make(problem, normalized), options.torch_steps)
                whole[program] += taken
                row.append(f"{program} {taken:7.2f} s = {taken / mine:5.1f} ×")
            print("  ".join(row))
        compared = "  ".join(f"{program} {taken / whole['bntui']:5.1f} ×" for program, taken in whole.items())
        print(f"{name:<17} both: bntui {whole['bntui']:.3f} s; {compared}")


if __name__ == "__main__":
    main()
