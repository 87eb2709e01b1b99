"""What painting costs at 80×24: CPU of a running step with its frame, bytes of the first screen and of a step, a second at rest.

    python tests/benchmarks/painting.py [--scenario goodfellow-chain] [--seconds 8] [--rounds 3]

The yardstick, run in turn with bntui, is a Textual program that says other numbers in 24 rows of text ten times a second, as
often as bntui steps here, with BN on. Prints one JSON object; DESIGN has the goals. Needs pyte and Linux.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time

from feel import BNTUI, CHARTS, Program

ROWS_OF_NUMBERS = """
from textual.app import App
from textual.widgets import Static

class Rows(App):
    frame = 0

    def compose(self):
        yield Static("", id="rows", markup=False)

    def on_mount(self):
        self.set_interval(0.1, self.count)

    def count(self):
        self.frame += 1
        rows = "\\n".join(f"row {row:2} has {(self.frame * 7919 + row * 104729) % 99991:12}" for row in range(23))
        self.query_one("#rows", Static).update(f"step {self.frame} \\n{rows}")

Rows().run()
"""


def cpu_of(process: int) -> float:
    """Seconds of the processor that a process has had, by the clock that Linux has of each (clock_getcpuclockid)."""
    return time.clock_gettime((~process << 3) | 2)


def cpu(program: Program) -> float:
    """Seconds of the processor that all of its threads have had, those that have ended too."""
    return cpu_of(program.number)


def step(program: Program) -> int:
    """The step that it shows."""
    found = re.search(r"step (\d+)", "\n".join(program.display))
    return int(found[1]) if found else 0


def per_step(program: Program, seconds: float) -> dict[str, float]:
    """Milliseconds of CPU and bytes for each step of a program that runs."""
    program.received_in(2.0)
    first, begin = step(program), cpu(program)
    sent = program.received_in(seconds)
    steps = max(step(program) - first, 1)
    return {"cpu_ms": 1e3 * (cpu(program) - begin) / steps, "bytes": sent / steps}


def at_rest(program: Program, seconds: float) -> dict[str, float]:
    """Milliseconds of CPU and bytes for each second of a program in which nothing happens."""
    program.received_in(1.0)
    begin = cpu(program)
    sent = program.received_in(seconds)
    return {"idle_cpu_ms_per_s": 1e3 * (cpu(program) - begin) / seconds, "idle_bytes_per_s": sent / seconds}


def of_bntui(scenario: str, seconds: float) -> dict[str, float]:
    """The first screen, single steps, a run with BN, and the pause after it."""
    program = Program(BNTUI, scenario)
    program.seconds_until(CHARTS)
    program.received_in(1.0)
    report = {"first_screen_bytes": float(program.received)}
    program.press("b")
    program.received_in(0.5)
    sent = []
    for _ in range(10):
        program.press(" ")
        sent.append(program.received_in(0.3))
    report["step_bytes"] = statistics.median(sent)
    program.press("r")
    report |= {f"running_step_{name}": value for name, value in per_step(program, seconds).items()}
    program.press("r")
    report |= at_rest(program, seconds / 2)
    program.end()
    return report


def of_rows(seconds: float) -> dict[str, float]:
    """The yardstick."""
    program = Program(ROWS_OF_NUMBERS)
    program.seconds_until("step 2 ")
    report = {f"textual_{name}": value for name, value in per_step(program, seconds).items()}
    program.end()
    return report


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="goodfellow-chain")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rounds = [of_bntui(options.scenario, options.seconds) | of_rows(options.seconds) for _ in range(options.rounds)]
    report = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    report["cpu_ratio"] = statistics.median(each["running_step_cpu_ms"] / each["textual_cpu_ms"] for each in rounds)
    print(json.dumps({name: round(value, 2) for name, value in report.items()}, indent=1))


if __name__ == "__main__":
    main()
