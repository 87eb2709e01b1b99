"""Forty sessions at once on 80×24: memory, the processor at rest, and steps and answers to keys while all of them run.

    python tests/benchmarks/forty.py [--sessions 40] [--rest 20] [--run 20] [--scenario goodfellow-chain] [--processors 0,1]

Each has a pseudo-terminal that answers questions, as nearly every one does. Another one, which has ended before they begin, has compiled
the program and read the scenario, which is kept then; a session that reads it itself has pydantic too, of 9 MB. First they rest, then
all run at 10 steps a second with BN, and their rate is raised and lowered by keys, each at another time; an answer is timed to the
header that says so. What came is read into screens when all is over, so that the yardstick takes nothing of the processors, which are
those that are named. Prints one JSON object; DESIGN has the goals. Needs pyte and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import select
import statistics
import time
from collections import deque
from pathlib import Path

from feel import BNTUI, CHARTS, started
from header import Header
from painting import cpu_of

QUESTION, ANSWER = b"\x1b[5n", b"\x1b[0n"
READY = CHARTS.encode()
WARM = 3.0  # seconds after the key to run, until all of them do
BETWEEN = 4.0  # seconds from a key to the next one of the same session
PATIENCE = 120.0


class Seat:
    """A session at a terminal of its own, and all that came from it, with the time."""

    def __init__(self, *arguments: str) -> None:
        self.number, self.terminal = started(BNTUI, *arguments)
        self.came: list[tuple[float, bytes]] = []
        self.presses: list[float] = []
        self.is_ready = False

    def read(self) -> None:
        """Take what is there, and answer what is asked."""
        try:
            found = os.read(self.terminal, 1 << 16)
        except OSError:  # it has ended, which none of them should
            raise SystemExit(b"".join(text for _, text in self.came)[-2000:].decode("utf-8", "replace")) from None
        self.came.append((time.monotonic(), found))
        self.is_ready = self.is_ready or READY in found
        if QUESTION in found:
            os.write(self.terminal, ANSWER * found.count(QUESTION))

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self.terminal, key.encode())

    def end(self) -> None:
        """End it, and wait until it has ended."""
        os.kill(self.number, 9)
        os.waitpid(self.number, 0)
        os.close(self.terminal)

    @property
    def pss(self) -> float:
        """Its memory in MB, what it shares counted by its share."""
        return _kilobytes(self.number, "Pss") / 1024

    @property
    def own(self) -> float:
        """Its memory in MB that nobody shares."""
        return (_kilobytes(self.number, "Private_Clean") + _kilobytes(self.number, "Private_Dirty")) / 1024

    @property
    def cpu(self) -> float:
        """Seconds of the processor that all of its threads have had."""
        return cpu_of(self.number)

    @property
    def switches(self) -> int:
        """How many times one of its threads began to run."""
        threads = Path(f"/proc/{self.number}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[2]) for thread in threads)


def _kilobytes(number: int, name: str) -> int:
    rows = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(f"{name}:"))


def watch(seats: list[Seat], seconds: float) -> None:
    """Read what comes in the next seconds."""
    end = time.monotonic() + seconds
    by_terminal = {seat.terminal: seat for seat in seats}
    waiting = select.poll()
    for terminal in by_terminal:
        waiting.register(terminal, select.POLLIN)
    while (left := end - time.monotonic()) > 0:
        for terminal, _ in waiting.poll(1e3 * left):
            by_terminal[terminal].read()


def begun(count: int, scenario: str) -> tuple[list[Seat], float]:
    """That many sessions, when each has its charts on the screen, and the seconds until then."""
    begin = time.monotonic()
    seats = [Seat(scenario) for _ in range(count)]
    while not all(seat.is_ready for seat in seats):
        watch(seats, 0.1)
        if time.monotonic() - begin > PATIENCE:
            raise SystemExit(f"{sum(not seat.is_ready for seat in seats)} do not show their charts")
    return seats, time.monotonic() - begin


def pressing(seats: list[Seat], seconds: float) -> None:
    """Run on for that long; in each session the rate is raised or lowered every few seconds."""
    begin = time.monotonic()
    times = [(begin + random.Random(number).uniform(0, BETWEEN), number) for number in range(len(seats))]
    due = deque(sorted(times))
    while time.monotonic() < begin + seconds:
        at, number = due.popleft()
        watch(seats, max(0.0, at - time.monotonic()))
        seats[number].presses.append(time.monotonic())
        seats[number].press("+-"[len(seats[number].presses) % 2])
        due.append((at + BETWEEN, number))
    watch(seats, max(0.0, begin + seconds - time.monotonic()))


def replayed(seat: Seat, first: float, last: float) -> tuple[float, float, list[float]]:
    """Of the time between: steps and frames a second as its screen has shown them, and the seconds from each key to its header."""
    screen = Header()
    steps: list[int] = []
    answers: list[float] = []
    pending, header = deque(seat.presses), ""
    waits: list[tuple[float, str]] = []
    for at, bytes_ in seat.came:
        while pending and pending[0] <= at:
            waits.append((pending.popleft(), header))
        screen.feed(bytes_)
        header = rate[0] if (rate := re.search(r"η \S+(?: → \S+)?", screen.text)) else ""
        if waits and header != waits[0][1]:
            answers.append(at - waits.pop(0)[0])
        if first <= at <= last and (found := re.search(r"step ([\d,]+)", screen.text)):
            steps.append(int(found[1].replace(",", "")))
    if not steps:
        return 0.0, 0.0, answers
    return (steps[-1] - steps[0]) / (last - first), len(set(steps)) / (last - first), answers


def measured(options: argparse.Namespace) -> dict[str, float]:
    """All that is printed."""
    for seat in begun(1, options.scenario)[0]:
        seat.end()
    seats, seconds = begun(options.sessions, options.scenario)
    watch(seats, 5.0)
    report = {"all_ready_s": seconds, "pss_mb": sum(seat.pss for seat in seats), "own_mb": statistics.median(s.own for s in seats)}
    before = [(seat.cpu, seat.switches, len(seat.came)) for seat in seats]
    watch(seats, options.rest)
    idle = [(seat.cpu - cpu) / options.rest for seat, (cpu, _, _) in zip(seats, before, strict=True)]
    wakes = [(seat.switches - woken) / options.rest for seat, (_, woken, _) in zip(seats, before, strict=True)]
    report |= {"idle_percent": 1e2 * statistics.mean(idle), "idle_percent_most": 1e2 * max(idle)}
    report["idle_wakes_per_s"] = statistics.mean(wakes)
    if options.run:
        for seat in seats:
            seat.press("br")
        watch(seats, WARM)
        begin, before = time.monotonic(), [(seat.cpu, seat.switches, 0) for seat in seats]
        pressing(seats, options.run)
        end = time.monotonic()
        cpu = sum(seat.cpu - old for seat, (old, _, _) in zip(seats, before, strict=True))
        woken = sum(seat.switches - old for seat, (_, old, _) in zip(seats, before, strict=True))
        watch(seats, BETWEEN)
        replays = [replayed(seat, begin, end) for seat in seats]
        speeds = [speed for speed, _, _ in replays]
        answers = sorted(1e3 * seconds for _, _, found in replays for seconds in found)
        pressed = sum(len(seat.presses) for seat in seats)
        report |= {"steps_per_s": statistics.median(speeds), "steps_per_s_least": min(speeds)}
        report["frames_per_s"] = statistics.median(frames for _, frames, _ in replays)
        report |= {"cpu_ms_per_step": 1e3 * cpu / (end - begin) / max(sum(speeds), 1), "processors_busy": cpu / (end - begin)}
        report |= {"switches_per_step": woken / (end - begin) / max(sum(speeds), 1), "keys": pressed, "keys_answered": len(answers)}
        report |= {"key_ms_median": statistics.median(answers), "key_ms_p95": answers[int(0.95 * (len(answers) - 1))]}
        report |= {"key_ms_most": answers[-1], "pss_after_run_mb": sum(seat.pss for seat in seats)}
    for seat in seats:
        seat.end()
    return report


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--rest", type=float, default=20.0)
    parser.add_argument("--run", type=float, default=20.0)
    parser.add_argument("--scenario", default="goodfellow-chain")
    parser.add_argument("--processors", default="0,1")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(number) for number in options.processors.split(",")})
    print(json.dumps({name: round(value, 3) for name, value in measured(options).items()}, indent=1))


if __name__ == "__main__":
    main()
