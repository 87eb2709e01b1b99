"""A class: one speaker on 80×24, and those who follow, some of whom never read, while one is killed and another comes every ten seconds.

    python tests/benchmarks/following.py [--followers 40] [--stalled 4] [--seconds 300] [--scenario goodfellow-chain] [--processors 0,1]

The speaker's rate is raised and lowered by keys, first alone, then with a class, by turns at rest and running at 200 steps a second. A
key is timed to the header that says so, on the speaker's screen and on those of some followers. What came is read into screens when
all is over. Prints one JSON object. Needs pyte and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from forty import PATIENCE, Seat, replayed, watch

ALONE = 20.0  # seconds
TURN = 15.0  # seconds at rest, then as many running
BETWEEN = 1.3  # seconds between two keys of the speaker
KILLS = 10.0  # seconds between two ends
SAMPLED = 6  # followers whose screens are read
QUIET = 10.0  # seconds in which nothing happens
FASTEST, SLOWER = "r" + ">" * 4, "r" + "<" * 4  # from 10 steps a second to 200, and back


def ready(seats: list[Seat], reading: list[Seat]) -> None:
    """Wait until each has its charts on the screen."""
    begin = time.monotonic()
    while not all(seat.is_ready for seat in seats):
        watch(reading, 0.1)
        if time.monotonic() - begin > PATIENCE:
            raise SystemExit(f"{sum(not seat.is_ready for seat in seats)} do not show their charts")


class Class:
    """Who sits there: those that are read, and those that never are."""

    def __init__(self, folder: str, options: argparse.Namespace) -> None:
        self._folder = folder
        self.speaker = Seat(options.scenario, "--share", folder)
        self.reading: list[Seat] = []
        self.stalled: list[Seat] = []
        self._next_key = self._next_kill = 0.0
        self._pressed = 0

    @property
    def read(self) -> list[Seat]:
        """Whose screens are looked at."""
        return [self.speaker, *self.reading]

    def come(self, count: int) -> None:
        """Let so many begin to follow."""
        self.reading += [Seat("follow", "--share", self._folder) for _ in range(count)]

    def go_on(self, seconds: float, kills: bool) -> None:
        """Press keys for so long, and let one vanish now and then, after those whose screens are read."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if now >= self._next_key:
                self._next_key = now + BETWEEN
                self._pressed += 1
                for seat in (self.speaker, *self.reading[:SAMPLED]):
                    seat.presses.append(now)
                self.speaker.press("+-"[self._pressed % 2])
            if kills and now >= self._next_kill and len(self.reading) > SAMPLED:
                self._next_kill = now + KILLS
                self.reading.pop(SAMPLED).end()
                self.come(1)
            watch(self.read, min(0.1, max(0.0, end - time.monotonic())))


def times(seats: list[Seat], begin: float, end: float) -> dict[str, float]:
    """From a key to the header that says so, in milliseconds, of the keys in a stretch of time."""
    found = []
    for seat in seats:
        presses, seat.presses = seat.presses, [each for each in seat.presses if begin <= each < end - BETWEEN]
        found += replayed(seat, begin, end)[2]
        seat.presses = presses
    found.sort()
    if not found:
        return {"keys": 0}
    return {"keys": len(found), "median": 1e3 * statistics.median(found), "p95": 1e3 * found[int(0.95 * (len(found) - 1))], "most": 1e3 * found[-1]}


def measured(options: argparse.Namespace, folder: str) -> dict[str, object]:
    """All that is printed."""
    room = Class(folder, options)
    ready([room.speaker], room.read)
    room.speaker.press("b")
    watch(room.read, 3.0)
    stretches: dict[str, list[tuple[float, float]]] = {"alone": [], "alone_run": [], "rest": [], "run": []}

    def go_on(name: str, seconds: float, kills: bool) -> None:
        begin = time.monotonic()
        room.go_on(seconds, kills)
        stretches[name].append((begin, time.monotonic()))

    go_on("alone", min(ALONE, options.seconds), kills=False)
    room.speaker.press(FASTEST)
    go_on("alone_run", min(ALONE, options.seconds), kills=False)
    room.speaker.press(SLOWER)
    watch(room.read, 1.0)
    begin = time.monotonic()
    room.come(options.followers)
    ready(room.reading, room.read)
    report: dict[str, object] = {"all_follow_s": time.monotonic() - begin}
    room.stalled, room.reading = room.reading[: options.stalled], room.reading[options.stalled :]
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        go_on("rest", TURN, kills=True)
        room.speaker.press(FASTEST)
        go_on("run", TURN, kills=True)
        room.speaker.press(SLOWER)
        watch(room.read, 1.0)
    before = [seat.cpu for seat in room.reading]
    watch(room.read, QUIET)
    idle = [100 * (seat.cpu - cpu) / QUIET for seat, cpu in zip(room.reading, before, strict=True)]
    report |= {"follower_idle_percent": statistics.mean(idle), "follower_idle_percent_most": max(idle)}
    report |= {"followers_pss_mb": sum(seat.pss for seat in (*room.reading, *room.stalled)), "speaker_pss_mb": room.speaker.pss}
    for name, spans in stretches.items():
        first, last = spans[0][0], spans[-1][1]
        for who, seats in (("speaker", [room.speaker]), ("follower", room.reading[:SAMPLED])):
            if name.startswith("alone") and who == "follower":
                continue
            kept = [seat.presses for seat in seats]
            for seat in seats:
                seat.presses = [at for at in seat.presses if any(begin <= at < end - BETWEEN for begin, end in spans)]
            report[f"{who}_{name}_ms"] = times(seats, first, last + BETWEEN)
            for seat, presses in zip(seats, kept, strict=True):
                seat.presses = presses
    for seat in (room.speaker, *room.reading, *room.stalled):
        seat.end()
    return report


def rounded(value: object) -> object:
    """Numbers with one digit behind the point."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return round(value, 1) if isinstance(value, float) else value


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--followers", type=int, default=40)
    parser.add_argument("--stalled", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--scenario", default="goodfellow-chain")
    parser.add_argument("--processors", default="0,1")
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(number) for number in options.processors.split(",")})
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        print(json.dumps(rounded(measured(options, folder)), indent=1))


if __name__ == "__main__":
    main()
