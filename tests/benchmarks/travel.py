"""Time travel after a long run, its memory, and how soon it is resumed from its journal.

    python tests/benchmarks/travel.py [--steps 1000000] [--scenario NAME …] [--bn]

Each core scenario runs that many steps in a process of its own, at a rate at which it settles, kept in a journal. Then steps all over
the past are gone to, each with the snapshot that a screen would show; the slowest and the median are printed, then the
resident memory at a tenth of the run and at its end, and the seconds that resuming the journal takes.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.session import Session

SCENARIOS = ("goodfellow-chain", "relu-net", "sigmoid-net")
RATE = "0.001"
JUMPS = 60


def resident() -> float:
    """Megabytes of memory that the process has now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("there is no VmRSS in /proc/self/status")


def measure(name: str, normalized: bool, steps: int) -> dict[str, float]:
    """Run one scenario; every number that is printed of it."""
    changes = (f"training.learning_rate={RATE}", f"network.batch_norm.enabled={'true' if normalized else 'false'}")
    session = Session(read_file(library.find(name), changes))
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        session.recorder = journal
        begin = time.perf_counter()
        for part in range(10):
            session.do(parse_action({"step": steps // 10}))
            if part == 0:
                found["MB at a tenth"] = resident()
        found["µs a step"] = (time.perf_counter() - begin) / steps * 1e6
        source, times, network = random.Random(0), [], []
        for _ in range(JUMPS):
            step = source.randrange(steps)
            begin, cpu = time.perf_counter(), time.process_time()
            session.do(parse_action({"goto": step}))
            session.observe()
            times.append(time.perf_counter() - begin)
            network.append(time.process_time() - cpu)
        found["ms, slowest"], found["ms, median"] = max(times) * 1e3, statistics.median(times) * 1e3
        processor = sorted(network)
        found["ms of processor, slowest"] = processor[-1] * 1e3
        found["all but three"] = processor[-4] * 1e3
        found["MB at the end"] = resident()
        session.do(parse_action({"goto": 0}))
        journal.close(session)
        (path,) = Path(folder).iterdir()
        found["journal, MB"] = path.stat().st_size / 2**20
        found["s to resume"] = resumed_in(path)
    return found


def resumed_in(path: Path) -> float:
    """How long it takes to resume a journal in a fresh process."""
    code = f"import time; from {resume.__module__} import resume; from pathlib import Path; t = time.perf_counter()\n"
    code += f"session, sentence = resume(Path({str(path)!r})); print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print a row for each scenario."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS)
    parser.add_argument("--bn", action="store_true", help="with BN on")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.scenario[0], options.bn, options.steps)))
        return
    for name in options.scenario or SCENARIOS:
        command = [sys.executable, __file__, "--one", "--scenario", name, "--steps", str(options.steps)]
        told = subprocess.run([*command, *(["--bn"] if options.bn else [])], check=True, capture_output=True, text=True)
        row = "  ".join(f"{what} {value:.3g}" for what, value in json.loads(told.stdout).items())
        print(f"{name:<17} BN {'on ' if options.bn else 'off'} {row}", flush=True)


if __name__ == "__main__":
    main()
