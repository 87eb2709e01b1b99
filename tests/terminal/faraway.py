"""A terminal at the end of a slow line: what is written for it waits without end, and arrives at a rate and after a delay."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from terminal.driver import KEYS, PROGRAM, Terminal

PACKET = 64  # bytes that arrive together


class Line:
    """One direction of a line: bytes go in at once, and come out when they have arrived."""

    def __init__(self, rate: float, delay: float) -> None:
        self.rate, self.delay = rate, delay  # bytes a second, seconds
        self._way: deque[tuple[float, bytes]] = deque()
        self._free = 0.0

    def put(self, data: bytes) -> None:
        """Begin to send."""
        for begin in range(0, len(data), PACKET):
            packet = data[begin : begin + PACKET]
            self._free = max(self._free, time.monotonic()) + len(packet) / self.rate
            self._way.append((self._free + self.delay, packet))

    def take(self) -> bytes:
        """What has arrived."""
        now, arrived = time.monotonic(), b""
        while self._way and self._way[0][0] <= now:
            arrived += self._way.popleft()[1]
        return arrived

    @property
    def due(self) -> float | None:
        """When something will arrive next."""
        return self._way[0][0] if self._way else None

    @property
    def holds(self) -> int:
        """The bytes on the way."""
        return sum(len(packet) for _, packet in self._way)


class Faraway(Terminal):
    """One program, and its terminal at the other end of a line."""

    def __init__(self, command: Sequence[str], rate: float, delay: float, size: tuple[int, int] = (80, 24), **variables: str) -> None:
        super().__init__(command, size, **variables)
        self.down, self.up = Line(rate, delay), Line(rate, delay)

    def press(self, *keys: str) -> None:
        """Type keys by name, or plain text."""
        for key in keys:
            self.up.put(KEYS.get(key, key).encode())

    def read(self, timeout: float) -> int:
        """Wait for what arrives here, while the line takes what is written there; the number of bytes."""
        end = time.monotonic() + timeout
        while True:
            if pressed := self.up.take():
                os.write(self.master, pressed)
            if arrived := self.down.take():
                self.show(arrived)
                return len(arrived)
            now = time.monotonic()
            if now > end:
                return 0
            due = [each for each in (self.up.due, self.down.due, end) if each is not None]
            if self.master >= 0 and select.select([self.master], [], [], max(0.0, min(due) - now))[0]:
                try:
                    self.down.put(os.read(self.master, 1 << 16))
                except OSError:  # the program has closed its side
                    self.hang_up()
            elif self.master < 0:
                if self.down.due is None:
                    return 0
                time.sleep(max(0.0, self.down.due - now))


def faraway(*arguments: str | Path, rate: float, delay: float, **variables: str) -> Faraway:
    """bntui at the other end of a line."""
    return Faraway([*PROGRAM, *map(str, arguments)], rate, delay, **variables)
