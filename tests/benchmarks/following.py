"""A class: one speaker on 80×24, and those who follow, some of whom never read, while one is killed and another comes every ten seconds.

    python tests/benchmarks/following.py [--followers 40] [--stalled 4] [--kills 10] [--seconds 300] [--scenario goodfellow-chain] [--processors 0,1]

The speaker's rate is raised and lowered by keys, first alone, then with a class, by turns at rest and running at 200 steps a second. A
key is timed to the header that says so, on the speaker's screen and on those of some followers, and at rest to the last byte of what
it painted. What came is read when all is over, of each screen its first row alone. Prints one JSON object, of which docs/class.md
has the table. Needs pyte and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from forty import PATIENCE, Seat, watch
from header import Header

ALONE = 20.0  # seconds
TURN = 15.0  # seconds at rest, then as many running
BETWEEN = 1.3  # seconds between two keys of the speaker
SAMPLED = 6  # followers whose screens are read
QUIET = 10.0  # seconds in which nothing happens
FASTEST, SLOWER = "r" + ">" * 4, "r" + "<" * 4  # from 10 steps a second to 200, and back


class Stretch(NamedTuple):
    """Some seconds in which keys were pressed: what went on, from when to when, and what followers took of a processor."""

    name: str
    begin: float
    end: float
    percent: float


class Answer(NamedTuple):
    """A key, and the seconds until the header said so and until the last byte came before the next key."""

    pressed: float
    header: float
    whole: float


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
        self._folder, self._kills = folder, options.kills
        self.speaker = Seat(options.scenario, "--share", folder)
        self.reading: list[Seat] = []
        self.stalled: list[Seat] = []
        self.stretches: list[Stretch] = []
        self.joined: list[float] = []  # when one came while the class went on
        self._next_key = self._next_kill = 0.0
        self._pressed = 0

    @property
    def read(self) -> list[Seat]:
        """Whose screens are looked at."""
        return [self.speaker, *self.reading]

    def come(self, count: int) -> None:
        """Let so many begin to follow."""
        self.reading += [Seat("follow", "--share", self._folder) for _ in range(count)]

    def go_on(self, name: str, seconds: float) -> None:
        """Press keys for so long, and let one vanish now and then, after those whose screens are read."""
        begin, sampled = time.monotonic(), self.reading[:SAMPLED]
        cpu = sum(seat.cpu for seat in sampled)
        while (now := time.monotonic()) < begin + seconds:
            if now >= self._next_key:
                self._next_key = now + BETWEEN
                self._pressed += 1
                for seat in (self.speaker, *sampled):
                    seat.presses.append(now)
                self.speaker.press("+-"[self._pressed % 2])
            if self._kills and now >= self._next_kill and len(self.reading) > SAMPLED:
                self._next_kill = now + self._kills
                self.reading.pop(SAMPLED).end()
                self.come(1)
                self.joined.append(now)
            watch(self.read, min(0.1, max(0.0, begin + seconds - time.monotonic())))
        end = time.monotonic()
        percent = 100 * (sum(seat.cpu for seat in sampled) - cpu) / (end - begin) / max(len(sampled), 1)
        self.stretches.append(Stretch(name, begin, end, percent))


def answers_of(seat: Seat) -> Iterator[Answer]:
    """What a seat has answered, read from its header."""
    screen, header = Header(), ""
    pending = deque(seat.presses)
    pressed, before, said, last = 0.0, "", 0.0, 0.0
    for at, came in seat.came:
        while pending and pending[0] <= at:
            if said:
                yield Answer(pressed, said - pressed, last - pressed)
            pressed, before, said = pending.popleft(), header, 0.0
        screen.feed(came)
        header = rate[0] if (rate := re.search(r"η \S+(?: → \S+)?", screen.text)) else ""
        last = at
        if pressed and not said and header != before:
            said = at
    if said:
        yield Answer(pressed, said - pressed, last - pressed)


def times(seconds: Sequence[float]) -> dict[str, float]:
    """How many they are, and in milliseconds their median, what 95 of 100 do not exceed, and the longest."""
    found = sorted(1e3 * each for each in seconds)
    if not found:
        return {"keys": 0}
    return {"keys": len(found), "median": statistics.median(found), "p95": found[int(0.95 * (len(found) - 1))], "most": found[-1]}


def told(room: Class) -> dict[str, object]:
    """How long keys took, in the stretches of each name."""
    report: dict[str, object] = {}
    for who, seats in (("speaker", [room.speaker]), ("follower", room.reading[:SAMPLED])):
        answers = [answer for seat in seats for answer in answers_of(seat)]
        for name in dict.fromkeys(each.name for each in room.stretches):
            spans = [each for each in room.stretches if each.name == name]
            found = [each for each in answers if any(span.begin <= each.pressed < span.end - BETWEEN for span in spans)]
            if who == "follower" and name.startswith("alone"):
                continue
            report[f"{who}_{name}_ms"] = times([each.header for each in found])
            if name == "rest":
                report[f"{who}_{name}_whole_ms"] = times([each.whole for each in found])
            if who == "follower":
                beside = [each for each in found if any(0 <= each.pressed - at < BETWEEN for at in room.joined)]
                report[f"{who}_{name}_while_one_comes_ms"] = times([each.header for each in beside])
                report[f"{who}_{name}_percent"] = statistics.mean(span.percent for span in spans)
    return report


def measured(options: argparse.Namespace, folder: str) -> dict[str, object]:
    """All that is printed."""
    room = Class(folder, options)
    ready([room.speaker], room.read)
    room.speaker.press("b")
    watch(room.read, 3.0)
    room.go_on("alone", min(ALONE, options.seconds))
    room.speaker.press(FASTEST)
    room.go_on("alone_run", min(ALONE, options.seconds))
    room.speaker.press(SLOWER)
    watch(room.read, 1.0)
    begin = time.monotonic()
    room.come(options.followers)
    ready(room.reading, room.read)
    report: dict[str, object] = {"all_follow_s": time.monotonic() - begin}
    room.stalled, room.reading = room.reading[: options.stalled], room.reading[options.stalled :]
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        room.go_on("rest", TURN)
        room.speaker.press(FASTEST)
        room.go_on("run", TURN)
        room.speaker.press(SLOWER)
        watch(room.read, 1.0)
    before = [seat.cpu for seat in room.reading]
    watch(room.read, QUIET)
    idle = [100 * (seat.cpu - cpu) / QUIET for seat, cpu in zip(room.reading, before, strict=True)]
    report |= {"follower_idle_percent": statistics.mean(idle), "follower_idle_percent_most": max(idle)}
    report |= {"followers_pss_mb": sum(seat.pss for seat in (*room.reading, *room.stalled)), "speaker_pss_mb": room.speaker.pss}
    report["follower_own_mb"] = statistics.median(seat.own for seat in room.reading)
    for seat in (room.speaker, *room.reading, *room.stalled):
        seat.end()
    return report | told(room)


def rounded(value: object) -> object:
    """Numbers with two digits behind the point."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return round(value, 2) if isinstance(value, float) else value


def main() -> None:
    """Measure, and print a JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--followers", type=int, default=40)
    parser.add_argument("--stalled", type=int, default=4)
    parser.add_argument("--kills", type=float, default=10.0, metavar="SECONDS", help="between two ends; 0 for none")
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
