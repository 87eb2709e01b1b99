"""One step with its whole chain, side by side: bntui, jax.jit and torch eager with retained gradients.

    python tests/benchmarks/step.py [--seconds 2]

All three compute, for each core scenario with and without BN: the loss, every parameter's gradient, the norm of the signal
after every link of the chain, and the updated parameters. They take turns, one thread each, and the processor's time is
measured; the medians and the goals are printed. jax and torch are left out where they are not installed.

`calls` are the step's numpy calls alone, plainly written into new arrays, each as often as the step makes it and on arrays of its
shapes, with nothing around them. bntui plays them from a tape, over the arrays of the step before, with numbers and rows as numpy is
quickest with them: what it takes beyond that is the reading of the chain and the update.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
from collections.abc import Callable

import numpy as np
from against import Seconds, by_turns, goal, times

from bntui.maths.chain import read_chain
from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.network import Evaluation
from bntui.scenario.data.building import Problem
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library

SCENARIOS = ("goodfellow-chain", "relu-net", "sigmoid-net")
RATE = 1e-4  # small enough that no run diverges while it is timed

GOALS = {"jax": 2.5, "torch": 5.0}
# one thread of jax too: what others of its threads do while they wait would count as its time
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

Stepper = Callable[[], None]


def bntui_step(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """A function that makes one step of bntui's."""
    state = start(problem.architecture, problem.parameters, normalized)
    network, how = state.network(problem.architecture), Descent(Rates(RATE))
    evaluation: Evaluation | None = None

    def step() -> None:
        nonlocal state, evaluation
        evaluation = network.evaluate(state.theta, state.running, problem.inputs, problem.targets, over=evaluation)
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


def bare_calls(problem: Problem, normalized: tuple[str, ...]) -> Stepper:
    """The numpy calls that a step cannot do without, into new arrays as the step makes them."""
    m, incoming = len(problem.inputs), problem.architecture.inputs
    random = np.random.default_rng(0)
    layers = []
    for layer in problem.architecture.layers:
        shapes = (m, incoming), (m, layer.units), (layer.units, incoming), (1, layer.units), (1, layer.units)
        a, z, weight, row, out = map(random.standard_normal, shapes)
        layers.append((a, z, weight, np.abs(row), out, layer.name in normalized, layer.activation, layer.bias))
        incoming = layer.units
    ones, count, tiny = np.ones((1, m)), np.array(float(m)), np.array(1e-5)
    arrays = [array for layer in layers for array in layer[:2]]
    starts = np.cumsum([0, *(array.size for array in arrays[:-1])])

    def step() -> None:
        for a, _, weight, row, _, norm, activation, bias in layers:
            made = a.dot(weight.T)
            if bias:
                np.add(made, row, made)
            if norm:
                np.divide(ones.dot(made), count)
                np.subtract(made, row, made)
                ones.dot(made * made)
                np.sqrt(np.add(row, tiny))
                np.divide(made, row, made)
                np.add(np.multiply(made, row), row, made)
            if activation.name != "linear":
                activation.value(made, made)
        for a, z, weight, row, out, norm, activation, bias in layers:
            if activation.name != "linear":
                np.multiply(z, activation.slope(z, z))
            if norm:
                ones.dot(z, out)
                ones.dot(z * z, out)
                scaled = np.multiply(z, row / row)
                centred = np.subtract(scaled, ones.dot(scaled))
                along = np.multiply(z, ones.dot(centred * z))
                np.subtract(centred, along, along)
            z.T.dot(a)
            if bias:
                ones.dot(z, out)
            z.dot(weight)
        flat = np.concatenate([array.ravel() for array in arrays])
        np.add.reduceat(flat * flat, starts).tolist()

    return step


PROGRAMS: dict[str, Callable[[Problem, tuple[str, ...]], Stepper]] = {"bntui": bntui_step, "calls": bare_calls}
if importlib.util.find_spec("jax"):
    PROGRAMS["jax"] = jax_step
if importlib.util.find_spec("torch"):
    PROGRAMS["torch"] = torch_step


def measure(name: str, on: bool, seconds: float) -> Seconds:
    """The processor's seconds of a step of each program, in turns."""
    problem = read_file(library.find(name)).problem
    normalized = problem.architecture.switchable if on else ()
    return by_turns({program: make(problem, normalized) for program, make in PROGRAMS.items()}, seconds, repeat=20)


def main() -> None:
    """Print a row for each scenario, and beside its goals what is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    np.seterr(all="ignore")
    for name in SCENARIOS:
        for on in (False, True):
            found = measure(name, on, options.seconds)
            row = "  ".join(f"{program} {1e6 * statistics.median(taken):6.1f} µs" for program, taken in found.items())
            print(f"{name}, BN {'on' if on else 'off'}: {row}")
            for program, wanted in GOALS.items():
                if program in found:
                    line = goal(f"as fast as {program}", wanted, times(found, program, "bntui"))
                    print(f"{line}; its bare calls {times(found, program, 'calls'):.2f} ×")


if __name__ == "__main__":
    main()
