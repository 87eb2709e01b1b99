"""A sweep side by side: bntui's batched runs, its own single runs, and a loop in torch eager.

    python tests/benchmarks/sweep.py [--rates 64] [--steps 500] [--turns 5]

All make the same runs: BN off and on, from the same weights, by the same rates, J after so many steps. bntui's batch is
timed whole and loses the runs that diverge or rest. Single runs and torch are timed over some steps at a rate small enough that
nothing diverges, and their time is counted for the steps that bntui's runs made until they ended or diverged: a loop could
stop there too. Every program has one thread and its processor's time is measured, by turns.

Then the default sweep of deep-relu, as `s` and `bntui sweep` make it, on as many threads as there are cores: by the clock, which
what else the machine does makes longer, and beside the processor's time over the number of cores, which is what a machine that
does nothing else could come to. And what a sweep takes of memory at most.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable

import numpy as np
from against import goal

from bntui.maths import memory
from bntui.maths.batches import Batches
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.sweep import NEVER, descents, runs_at_once, side_by_side
from bntui.scenario.data.building import Problem
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.session.survey.cores import cores
from bntui.session.survey.sweeping import complete, plan_for, sweep

SCENARIOS = ("goodfellow-chain", "deep-relu")
FIRST, LAST = 1e-3, 30.0
GOAL = 20.0  # times as fast as a loop in torch
TIMED = 60  # steps of a single run, and of torch
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


def side(problem: Problem, normalized: tuple[str, ...], rates: np.ndarray, steps: int, turns: int) -> dict[str, float]:
    """The seconds that each program takes for the runs of one side, in the median, and how many steps were `made`."""
    steppers: dict[str, Stepper] = {"single runs": single_step(problem, normalized)}
    if importlib.util.find_spec("torch"):
        steppers["torch"] = torch_step(problem, normalized)
    taken: dict[str, list[float]] = {"bntui": [], **{name: [] for name in steppers}}
    made = batched(problem, normalized, rates[::8], steps)
    for _ in range(turns):
        begin = time.process_time()
        made = batched(problem, normalized, rates, steps)
        taken["bntui"].append(time.process_time() - begin)
        for name, step in steppers.items():
            step()
            begin = time.process_time()
            for _ in range(TIMED):
                step()
            taken[name].append((time.process_time() - begin) / TIMED * made)
    return {"made": made, **{name: statistics.median(some) for name, some in taken.items()}}


def default_sweep(name: str) -> None:
    """Print how long the default sweep of a scenario takes by the clock, by the processor, and what it takes of memory."""
    loaded = read_file(library.find(name))
    situation = Session(loaded).situation()
    plan, problem = plan_for(situation), loaded.problem
    for workers in (1, cores()):
        begin, used = time.perf_counter(), time.process_time()
        complete(sweep(situation, plan, None, workers))
        clock, used = time.perf_counter() - begin, time.process_time() - used
        print(f"{name}, default sweep, {workers} threads: {clock:.2f} s by the clock, {used:.2f} s of the processor")
    print(f"    on {cores()} cores: goal at most 2.5 s, measured {clock:.2f} s; with nothing beside it {used / cores():.2f} s at best")
    samples = len(problem.inputs)
    at_once = runs_at_once(problem.architecture, samples)
    run, part = (memory.descents(problem.architecture, samples, 0, runs) / 1e6 for runs in (1, at_once))
    print(f"    memory: at most {run:.2f} MB a run under way, {at_once} of them at once in a thread: {part:.0f} MB")


def main() -> None:
    """Print a row for each scenario and side, and the whole sweep of both beside its goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=int, default=64)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    rates = np.geomspace(FIRST, LAST, options.rates)
    for name in SCENARIOS:
        problem = read_file(library.find(name)).problem
        whole: dict[str, float] = {}
        for on in (False, True):
            normalized = problem.architecture.switchable if on else ()
            found = side(problem, normalized, rates, options.steps, options.turns)
            print(f"{name}, BN {'on' if on else 'off'}: {found['made']} steps; " + _compared(found))
            whole = {key: whole.get(key, 0.0) + value for key, value in found.items()}
        print(f"{name}, both: " + _compared(whole))
        if "torch" in whole:
            ratio = whole["torch"] / whole["bntui"]
            print(goal(f"a torch loop, on {cores()} cores that share the runs", GOAL, cores() * ratio))
    default_sweep("deep-relu")


def _compared(found: dict[str, float]) -> str:
    others = (f"{name} {found[name]:.2f} s = {found[name] / found['bntui']:.1f} ×" for name in found if name not in ("made", "bntui"))
    return f"bntui {found['bntui']:.3f} s; " + "; ".join(others)


if __name__ == "__main__":
    main()
