"""A trace of a deep network, line by line as JSON, beside torch eager that prints the norm of every gradient.

    OPENBLAS_NUM_THREADS=1 python tests/benchmarks/trace.py [--seconds 10] [--layers 20 40] [--width 64] [--samples 256]

bntui's line has every factor of the chain; torch's has J and the norms of all parameters' gradients. One thread each (as
`bntui` settles it for itself), the processor's time, by turns; with BN and without. The goal is to be quicker.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from against import Run, by_turns, goal, times

from bntui.scenario.reading.loading import Loaded, read_file
from bntui.session.session import Session
from bntui.session.trace.trace_lines import written
from bntui.session.trace.tracing import by_steps, plain_detail

RATE = 1e-4


def scenario(layers: int, width: int, samples: int, on: bool) -> Loaded:
    """A deep ReLU network with a linear head."""
    text = f"""\
version: 1
title: Deep
network:
  layers:
    - {{units: {width}, activation: relu, repeat: {layers - 1}}}
    - {{units: 1, batch_norm: false}}
  batch_norm: {{enabled: {str(on).lower()}}}
data: {{generator: {{name: gaussian, samples: {samples}, inputs: {width}, outputs: 1}}}}
training: {{learning_rate: {RATE}}}
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.yaml"
        path.write_text(text, encoding="utf-8")
        return read_file(path)


def bntui_line(loaded: Loaded) -> Run:
    """A function that makes the next line of the trace."""

    def lines() -> Iterator[str]:
        session = Session(loaded)
        detail = plain_detail(session)
        yield from written("jsonl", by_steps(session, 10**9, detail), session, detail, twins=False)

    return partial(next, lines())


def torch_line(loaded: Loaded, on: bool) -> Run:
    """A function that makes a step in torch and a line of its gradients' norms."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    problem = loaded.problem
    modules: list[torch.nn.Module] = []
    size = problem.architecture.inputs
    for layer in problem.architecture.layers:
        modules.append(torch.nn.Linear(size, layer.units))
        if on and layer.switchable:
            modules.append(torch.nn.BatchNorm1d(layer.units))
        if not layer.is_linear:
            modules.append(torch.nn.ReLU())
        size = layer.units
    model = torch.nn.Sequential(*modules)
    optimizer = torch.optim.SGD(model.parameters(), RATE)
    inputs, targets = torch.tensor(problem.inputs), torch.tensor(problem.targets)

    def line() -> str:
        optimizer.zero_grad()
        loss = ((model(inputs) - targets) ** 2).sum() / (2 * len(targets))
        loss.backward()
        norms = {name: float(one.grad.norm()) for name, one in model.named_parameters()}  # type: ignore[union-attr] # by backward
        optimizer.step()
        return json.dumps({"loss": loss.item(), "gradients": norms})

    return line


def main() -> None:
    """Print a row for each depth, without BN and with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--layers", type=int, nargs="+", default=(20, 40))
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--samples", type=int, default=256)
    options = parser.parse_args()
    for layers in options.layers:
        for on in (False, True):
            loaded = scenario(layers, options.width, options.samples, on)
            found = by_turns({"bntui": bntui_line(loaded), "torch": torch_line(loaded, on)}, options.seconds)
            row = "  ".join(f"{name} {1e3 * statistics.median(taken):6.2f} ms" for name, taken in found.items())
            print(f"{layers} × {options.width}, m = {options.samples}, BN {'on' if on else 'off'}: {row}")
            print(goal("quicker than torch", 1, times(found, "torch", "bntui")))


if __name__ == "__main__":
    main()
