"""How soon keys are answered over a slow line that buffers without end while it runs at 200 steps a second, on 80×24.

    PYTHONPATH=tests python tests/benchmarks/link.py [--rates 8000,2000] [--delay 0.3] [--presses 5] [--silent] [--scenario sigmoid-net]

The line has that rate in bytes a second and that delay in seconds each way; the terminal at its end answers questions, as nearly every
one does, or is `--silent`, and over SSH. Printed is a JSON object: for each rate the seconds until the charts of the first screen, from
r to the header that says so (the median and the longest) and from q to the terminal given back, the most bytes on the way at a press,
and the bytes that arrived a second. The same file measures an older version from that version's folder.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

from terminal.driver import MODES
from terminal.faraway import Faraway, faraway

PATIENCE = 120.0
OVER_SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}  # all that is known of a line at whose end nothing answers


def seconds_until(terminal: Faraway, is_so: Callable[[], bool]) -> float:
    """How long it takes until something is so."""
    begin = time.monotonic()
    while not is_so():
        if time.monotonic() - begin > PATIENCE:
            raise SystemExit(f"it does not answer; the screen shows:\n{terminal.text()}")
        terminal.read(0.02)
    return time.monotonic() - begin


def run_for(terminal: Faraway, seconds: float) -> None:
    """Watch it for a while."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)


def measured(terminal: Faraway, presses: int) -> dict[str, float]:
    """What is printed of a rate."""
    first = seconds_until(terminal, lambda: "┤" in terminal.text())
    terminal.press(*">>>>r")
    seconds_until(terminal, lambda: "▶ 200/s" in terminal.row(0))
    answered, on_the_way, arrived = [], 0, 0
    for number in range(presses):
        before = len(terminal.output)
        run_for(terminal, 5.0 + 0.137 * number)  # at another time between two frames
        arrived += len(terminal.output) - before
        on_the_way = max(on_the_way, terminal.down.holds)
        terminal.press("r")
        answered.append(seconds_until(terminal, lambda: "▶" not in terminal.row(0)))
        terminal.press("r")
        seconds_until(terminal, lambda: "▶" in terminal.row(0))
    run_for(terminal, 5.0)
    terminal.press("q")
    left = seconds_until(terminal, lambda: terminal.mode(MODES["alternate screen"]) is False)
    return {
        "first_charts_s": first,
        "r_s_median": statistics.median(answered),
        "r_s_longest": max(answered),
        "q_s": left,
        "most_bytes_on_the_way": on_the_way,
        "bytes_per_s": arrived / sum(5.0 + 0.137 * number for number in range(presses)),
    }


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="8000,2000")
    parser.add_argument("--delay", type=float, default=0.3)
    parser.add_argument("--presses", type=int, default=5)
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--scenario", default="sigmoid-net")
    options = parser.parse_args()
    report, variables = {}, OVER_SSH if options.silent else {}
    for rate in options.rates.split(","):
        with faraway(options.scenario, rate=float(rate), delay=options.delay, **variables) as terminal:
            if not options.silent:
                terminal.answer()
            report[rate] = {name: round(value, 2) for name, value in measured(terminal, options.presses).items()}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
