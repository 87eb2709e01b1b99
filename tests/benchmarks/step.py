"""One step with its whole chain, side by side: bntui, jax.jit and torch eager with retained gradients.

    python tests/benchmarks/step.py [--seconds 2]

All three compute, for each core scenario with and without BN: the loss, every parameter's gradient, the norm of the signal
after every link of the chain, and the updated parameters. Rounds alternate between the programs, so that a machine whose
speed drifts is fair to all of them; the medians and bntui's share of the others' time are printed. jax and torch are left
out where they are not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable

import numpy as np

from bntui.maths.chain import read_chain
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.scenario.data.building import Problem
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library

SCENARIOS = ("goodfellow-chain", "relu-net", "sigmoid-net")
RATE = 1e-4  # small enough that no run diverges while it is timed

Stepper = Callable[[], None]


def bntui_step(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """A function that makes one step of bntui's."""
    state = start(problem.architecture, problem.parameters, normalized)
    network, how = state.network(problem.architecture), Descent(Rates(RATE))

    def step() -> None:
        nonlocal state
        evaluation = network.evaluate(state.theta, state.running, problem.inputs, problem.targets)
        read_chain(network, evaluation)
        state = descend(state, network, evaluation, how)

    return step


def torch_step(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """The same step in torch eager, every intermediate gradient retained."""
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)  # its threads take longer to wake than these arrays take to compute
    modules: list[torch.nn.Module] = []
    size = problem.architecture.inputs
    for layer in problem.architecture.layers:
        linear = torch.nn.Linear(size, layer.units, bias=layer.bias)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(problem.parameters[f"{layer.name}.weight"]))
        modules.append(linear)
        if layer.name in normalized:
            modules.append(torch.nn.BatchNorm1d(layer.units))
        kind = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}.get(layer.activation.name)
        if kind is not None:
            modules.append(kind())
        size = layer.units
    parameters = [parameter for module in modules for parameter in module.parameters()]
    optimizer = torch.optim.SGD(parameters, RATE)
    inputs, targets = torch.tensor(problem.inputs), torch.tensor(problem.targets)

    def step() -> None:
        optimizer.zero_grad()
        signals, here = [], inputs
        for module in modules:
            here = module(here)
            here.retain_grad()
            signals.append(here)
        loss = ((here - targets) ** 2).sum() / (2 * len(targets))
        loss.backward()
        for signal in signals:
            float(signal.grad.norm())  # type: ignore[union-attr] # retained above
        for parameter in parameters:
            float(parameter.grad.norm())  # type: ignore[union-attr] # filled by backward
        optimizer.step()

    return step


def jax_step(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """The same step compiled by jax.jit; probes added to every link give its signal."""
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    layers = problem.architecture.layers
    parameters = {name: jnp.asarray(value) for name, value in problem.parameters.items()}
    for layer in layers:
        if layer.name in normalized:
            parameters[f"{layer.name}.gamma"] = jnp.ones(layer.units)
            parameters[f"{layer.name}.beta"] = jnp.zeros(layer.units)
    inputs, targets = jnp.asarray(problem.inputs), jnp.asarray(problem.targets)
    activations = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "linear": lambda u: u}
    samples = len(problem.inputs)
    probes = [jnp.zeros((samples, layer.units)) for layer in layers for _ in range(3)]

    def loss(parameters, probes):  # type: ignore[no-untyped-def] # jax's arrays have no static type here
        here, probe = inputs, iter(probes)
        for layer in layers:
            here = here @ parameters[f"{layer.name}.weight"].T + parameters.get(f"{layer.name}.bias", 0.0) + next(probe)
            if layer.name in normalized:
                centred = here - here.mean(0)
                here = centred / jnp.sqrt((centred**2).mean(0) + 1e-5)
                here = here * parameters[f"{layer.name}.gamma"] + parameters[f"{layer.name}.beta"]
            here = activations[layer.activation.name](here + next(probe)) + next(probe)
        return ((here - targets) ** 2).sum() / (2 * samples)

    @jax.jit
    def compiled(parameters):  # type: ignore[no-untyped-def] # as above
        value, (gradients, signals) = jax.value_and_grad(loss, argnums=(0, 1))(parameters, probes)
        norms = [jnp.sqrt((array**2).sum()) for array in (*signals, *gradients.values())]
        updated = {name: parameters[name] - RATE * gradients[name] for name in parameters}
        return updated, gradients, value, norms

    def step() -> None:
        nonlocal parameters
        parameters, _, value, norms = compiled(parameters)
        [float(norm) for norm in jax.device_get([value, *norms])]

    step()
    return step


PROGRAMS: dict[str, Callable[[Problem, tuple[str, ...]], Stepper]] = {"bntui": bntui_step}
if importlib.util.find_spec("jax"):
    PROGRAMS["jax"] = jax_step
if importlib.util.find_spec("torch"):
    PROGRAMS["torch"] = torch_step


def measure(seconds: float) -> dict[tuple[str, bool], dict[str, float]]:
    """Median seconds of one step by scenario and BN, for each program."""
    found = {}
    for name in SCENARIOS:
        problem = read_file(library.find(name)).problem
        for on in (False, True):
            normalized = problem.architecture.switchable if on else ()
            steppers = {program: make(problem, normalized) for program, make in PROGRAMS.items()}
            times: dict[str, list[float]] = {program: [] for program in steppers}
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                for program, step in steppers.items():
                    step()  # what another program has left in the caches is not this one's cost
                    begin = time.perf_counter()
                    for _ in range(10):
                        step()
                    times[program].append((time.perf_counter() - begin) / 10)
            found[name, on] = {program: statistics.median(samples) for program, samples in times.items()}
    return found


def main() -> None:
    """Print a row for each scenario: microseconds a step, and the others' time over bntui's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    np.seterr(all="ignore")
    for (name, on), medians in measure(options.seconds).items():
        mine = medians["bntui"]
        others = "  ".join(
            f"{program} {1e6 * value:7.1f} µs = {value / mine:5.2f} ×"
            for program, value in medians.items()
            if program != "bntui"
        )
        print(f"{name:<17} BN {'on ' if on else 'off'} bntui {1e6 * mine:7.1f} µs  {others}")


if __name__ == "__main__":
    main()
