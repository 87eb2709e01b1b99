"""How bntui feels in a terminal of 80×24: starting, answering, bytes sent, memory; beside Textual's hello world.

    python tests/benchmarks/feel.py [--starts 7] [--presses 30] [--scenario sigmoid-net]

Starts alternate between the two programs, so that a machine whose speed drifts is fair to both; a ratio is the median of
those of the pairs. An answer is timed from the key to the last byte that it painted and, while the run goes on, from the
key to the header that says the new state. Prints one JSON object; DESIGN has the goals. Needs pyte.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

import pyte

COLUMNS, ROWS = 80, 24
HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("hello world")

Hello().run()
"""
BNTUI = "from bntui.__main__ import main; main()"
LEDGER, CHARTS = "gain", "┤"  # texts of the first ledger, and of the axes of the first charts
QUIET = 0.12  # seconds without a byte after which a painting is over
PATIENCE = 60.0


class Program:
    """A Python program on a pseudo-terminal of its own, and the screen that a person would see."""

    def __init__(self, code: str, *arguments: str) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._screen.write_process_input = self.press  # as nearly every terminal does
        self.received = 0
        self.begun = time.perf_counter()
        self._pid, self._terminal = started(code, *arguments)

    def read(self, seconds: float) -> bool:
        """Take what is there, waiting for it at most so long; whether there was anything."""
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        if not ready:
            return False
        found = os.read(self._terminal, 1 << 16)
        self.received += len(found)
        self._stream.feed(found)
        return True

    @property
    def number(self) -> int:
        """The process's."""
        return self._pid

    @property
    def display(self) -> list[str]:
        """The rows of the screen."""
        return list(self._screen.display)

    def shows(self, text: str) -> bool:
        """Whether the screen has this text."""
        return any(text in row for row in self._screen.display)

    def seconds_until(self, text: str) -> float:
        """The seconds from the program's start until the screen has this text."""
        while not self.shows(text):
            if time.perf_counter() - self.begun > PATIENCE:
                sys.exit("\n".join(["the program does not show what it should; its screen:", *self._screen.display]))
            self.read(0.05)
        return time.perf_counter() - self.begun

    def press(self, key: str) -> float:
        """Press a key; when that was."""
        os.write(self._terminal, key.encode())
        return time.perf_counter()

    def received_in(self, seconds: float) -> int:
        """The bytes of the next seconds."""
        before, end = self.received, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)
        return self.received - before

    @property
    def resident(self) -> float:
        """Its memory in MB."""
        rows = Path(f"/proc/{self._pid}/status").read_text(encoding="utf-8").splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("VmRSS")) / 1024

    def end(self) -> None:
        """End it, and wait until it has ended."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


def started(code: str, *arguments: str) -> tuple[int, int]:
    """A Python program on a pseudo-terminal of its own: the numbers of the process and of the terminal."""
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(sys.stdout.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execve(sys.executable, [sys.executable, "-c", code, *arguments], environment())
    return process, terminal


def environment() -> dict[str, str]:
    """That of a person: with bytecode, as an installed program has it; what is kept of the sessions is not theirs."""
    other = ("SSH_", "TEXTUAL", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(other)}
    aside = tempfile.gettempdir()
    folders = {"XDG_STATE_HOME": f"{aside}/feel-state", "XDG_CACHE_HOME": f"{aside}/feel-cache", "PYTHONPYCACHEPREFIX": f"{aside}/feel-bytecode"}
    return kept | folders | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def starting(scenario: str, starts: int) -> dict[str, float]:
    """Seconds to the ledger and to the charts, and how many times those of the hello world they are."""
    hello, ledger, charts = [], [], []
    for _ in range(starts + 1):
        mine = Program(BNTUI, scenario)
        ledger.append(mine.seconds_until(LEDGER))
        charts.append(mine.seconds_until(CHARTS))
        mine.end()
        other = Program(HELLO)
        hello.append(other.seconds_until("hello world"))
        other.end()
    hello, ledger, charts = hello[1:], ledger[1:], charts[1:]  # the first start of each compiled it
    return {
        "start_to_hello_s": statistics.median(hello),
        "start_to_ledger_s": statistics.median(ledger),
        "start_to_ledger_ratio": statistics.median(a / b for a, b in zip(ledger, hello, strict=True)),
        "start_to_charts_ratio": statistics.median(a / b for a, b in zip(charts, hello, strict=True)),
    }


def answering(program: Program, presses: int) -> dict[str, float]:
    """Milliseconds from the key for a step to the last byte that it painted, and the bytes."""
    seconds, sent = [], []
    for _ in range(presses):
        before, pressed = program.received, program.press(" ")
        last = pressed
        while program.read(QUIET if last > pressed else 2.0):
            last = time.perf_counter()
        seconds.append(last - pressed)
        sent.append(program.received - before)
    return {**milliseconds("answer", seconds), "bytes_per_step": statistics.median(sent)}


def running(program: Program, presses: int) -> dict[str, float]:
    """Bytes a second of a run at the default speed, and milliseconds from the key for BN to the header that says so."""
    program.press("r")
    program.received_in(1.0)
    sent = program.received_in(5.0) / 5.0
    seconds = []
    for number in range(presses):
        wanted = "BN off" if program.shows("BN on") else "BN on"
        pressed = program.press("b")
        while not program.shows(wanted):
            program.read(0.5)
        seconds.append(time.perf_counter() - pressed)
        program.received_in(0.2 + 0.0137 * (number % 10))  # at another time between two steps
    program.press("r")
    program.received_in(0.5)
    return {**milliseconds("running_answer", seconds), "running_bytes_per_s": sent}


def milliseconds(name: str, seconds: list[float]) -> dict[str, float]:
    """The median and the 95th percentile."""
    ordered = sorted(1e3 * each for each in seconds)
    return {f"{name}_ms_median": statistics.median(ordered), f"{name}_ms_p95": ordered[int(0.95 * (len(ordered) - 1))]}


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--presses", type=int, default=30)
    parser.add_argument("--scenario", default="sigmoid-net")
    options = parser.parse_args()
    report = starting(options.scenario, options.starts)
    if options.presses:
        program = Program(BNTUI, options.scenario)
        program.seconds_until(CHARTS)
        program.received_in(1.0)
        report["resident_mb"] = program.resident
        report["idle_bytes_per_s"] = program.received_in(3.0) / 3.0
        report |= answering(program, options.presses) | running(program, options.presses)
        report["resident_after_run_mb"] = program.resident
        program.end()
    print(json.dumps({name: round(value, 3) for name, value in report.items()}, indent=1))


if __name__ == "__main__":
    main()
