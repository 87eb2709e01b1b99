"""What a start costs on 80×24, to the ledger, to the charts and to the library, beside Textual's hello world in the same run.

    python tests/benchmarks/start.py [--starts 7] [--scenario sigmoid-net]

The programs start in turn, so that a machine whose speed drifts is fair to all; a ratio is the median of those of the pairs, of the
seconds that pass and of those of the processor, in which a machine that has other work to do does not count. Also printed are
the seconds of the processor of `bntui list`. Prints one JSON object; DESIGN has the goals. Needs pyte and Linux.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator

from feel import BNTUI, CHARTS, HELLO, LEDGER, Program, environment
from painting import cpu

LIBRARY = "0 of 5"  # of the lessons of its first part


def reached(code: str, arguments: tuple[str, ...], texts: dict[str, str]) -> dict[str, tuple[float, float]]:
    """When a program shows each of its texts: the seconds since it was begun, and those of the processor."""
    program = Program(code, *arguments)
    found = {name: (program.seconds_until(text), cpu(program)) for name, text in texts.items()}
    program.end()
    return found


def listing() -> float:
    """Seconds of the processor that `bntui list` takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", BNTUI, "list"], env=environment(), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rounds(scenario: str, starts: int) -> Iterator[dict[str, tuple[float, float]]]:
    """Each program's start, in turn; the first of each, which compiles it and fills its caches, is left out."""
    for number in range(starts + 1):
        found = reached(BNTUI, (scenario,), {"ledger": LEDGER, "charts": CHARTS})
        found |= reached(HELLO, (), {"hello": "hello world"})
        found |= reached(BNTUI, (), {"library": LIBRARY})
        found["list"] = listing(), 0.0
        if number:
            yield found


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--scenario", default="sigmoid-net")
    options = parser.parse_args()
    found = list(rounds(options.scenario, options.starts))
    report = {"list_cpu_s": statistics.median(each["list"][0] for each in found)}
    for name in ("hello", "ledger", "charts", "library"):
        for kind, unit in enumerate(("s", "cpu_s")):
            report[f"{name}_{unit}"] = statistics.median(each[name][kind] for each in found)
            if name != "hello":
                ratios = [each[name][kind] / each["hello"][kind] for each in found]
                report[f"{name}_ratio" if unit == "s" else f"{name}_cpu_ratio"] = statistics.median(ratios)
    print(json.dumps({name: round(value, 3) for name, value in report.items()}, indent=1))


if __name__ == "__main__":
    main()
