"""A sweep of twenty layers with one thread for a matrix product, as bntui sets it, and with as many as there are cores.

    python tests/benchmarks/threads.py [--layers 20] [--width 64] [--samples 256] [--rounds 3]

Each is run where the machine is left alone and where every core has another process that is always busy, one after the other
in every round, so that both meet the same machine. Wall clock of the whole command, the start of the program in it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bntui.__main__ import THREADS

CORES = os.cpu_count() or 1


def scenario(layers: int, width: int, samples: int) -> str:
    """A deep ReLU network, and a sweep of a few rates."""
    hidden = "\n".join(f"    - {{units: {width}, activation: relu}}" for _ in range(layers - 1))
    return f"""\
version: 1
title: Deep
network:
  layers:
{hidden}
    - {{units: 1, batch_norm: false}}
data: {{generator: {{name: gaussian, samples: {samples}, inputs: {width}, outputs: 1}}}}
training: {{learning_rate: 0.001}}
sweep: {{from: 1e-4, to: 1e-2, count: 4, steps: 10, seeds: 1}}
"""


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """So many other processes that do nothing but take time."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def seconds(path: Path, threads: int | None) -> tuple[float, bytes]:
    """How long the sweep takes, and what it prints; None leaves the number of threads to bntui."""
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    if threads is not None:
        environment["OPENBLAS_NUM_THREADS"] = str(threads)
    begin = time.perf_counter()
    command = [sys.executable, "-m", "bntui", "sweep", str(path), "--json"]
    printed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout
    return time.perf_counter() - begin, printed


def main() -> None:
    """Print the medians, and how many times as long the many threads take."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("layers", 20), ("width", 64), ("samples", 256), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deep.yaml"
        path.write_text(scenario(options.layers, options.width, options.samples), encoding="utf-8")
        for others, name in ((0, "left alone"), (CORES, f"{CORES} busy processes beside it")):
            one, many = [], []
            with busy(others):
                for _ in range(options.rounds):
                    alone, printed = seconds(path, None)
                    together, again = seconds(path, CORES)
                    assert printed == again, "the numbers depend on the threads"
                    one.append(alone)
                    many.append(together)
            own, other = statistics.median(one), statistics.median(many)
            print(f"{name}: one thread {own:.2f} s, {CORES} threads {other:.2f} s: ×{other / own:.2f}")


if __name__ == "__main__":
    main()
