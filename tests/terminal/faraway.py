"""A slow line: what is written waits without end, and arrives at a rate and after a delay; a terminal at its end, or ssh on it."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from terminal.driver import KEYS, PROGRAM, Terminal

QUESTION, ANSWER = b"\x1b[5n", b"\x1b[0n"
HERE = "127.0.0.1"
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

    def __init__(
        self, command: Sequence[str], rate: float, delay: float, size: tuple[int, int] = (80, 24), **variables: str
    ) -> None:
        super().__init__(command, size, **variables)
        self.down, self.up = Line(rate, delay), Line(rate, delay)
        self._gone = False  # the program
        self.unanswered = self.most_unanswered = 0  # frames on the way, at the program's end

    def press(self, *keys: str) -> None:
        """Type keys by name, or plain text."""
        for key in keys:
            self.up.put(KEYS.get(key, key).encode())

    def read(self, timeout: float) -> int:
        """Wait for what arrives here, while the line takes what is written there; the number of bytes."""
        end = time.monotonic() + timeout
        while True:
            if (pressed := self.up.take()) and not self._gone:
                os.write(self.master, pressed)
                self.unanswered -= pressed.count(ANSWER)
            if arrived := self.down.take():
                self.show(arrived)
                return len(arrived)
            now = time.monotonic()
            if now > end:
                return 0
            due = [each for each in (self.up.due, self.down.due, end) if each is not None]
            if not self._gone and select.select([self.master], [], [], max(0.0, min(due) - now))[0]:
                try:
                    self._take(os.read(self.master, 1 << 16))
                except OSError:  # the program has closed its side
                    self._gone = True
            elif self._gone:
                if self.down.due is None:
                    return 0
                time.sleep(max(0.0, self.down.due - now))

    def _take(self, written: bytes) -> None:
        self.down.put(written)
        self.unanswered += written.count(QUESTION)
        self.most_unanswered = max(self.most_unanswered, self.unanswered)


def faraway(*arguments: str | Path, rate: float, delay: float, **variables: str) -> Faraway:
    """bntui at the other end of a line."""
    return Faraway([*PROGRAM, *map(str, arguments)], rate, delay, **variables)


@contextmanager
def line_to(port: int, rate: float, delay: float) -> Iterator[int]:
    """The port of a line that leads to another port of this machine, for one connection."""
    with socket.create_server((HERE, 0)) as server:
        carrying = threading.Thread(target=_carry, args=(server, port, rate, delay))
        carrying.start()
        yield server.getsockname()[1]
        with suppress(OSError):  # where nobody ever connected
            server.shutdown(socket.SHUT_RDWR)
        carrying.join()


def _carry(server: socket.socket, port: int, rate: float, delay: float) -> None:
    with suppress(OSError), server.accept()[0] as near, socket.create_connection((HERE, port)) as far:
        ways = {near: (far, Line(rate, delay)), far: (near, Line(rate, delay))}
        reading = [near, far]
        while reading or any(line.due for _, line in ways.values()):
            dues = [line.due for _, line in ways.values() if line.due is not None]
            wait = max(0.0, min(dues) - time.monotonic()) if dues else None
            for end in select.select(reading, [], [], wait)[0]:
                data = end.recv(1 << 16)
                if not data:  # what is on the way still arrives, and then the other end hears of it
                    reading = []
                ways[end][1].put(data)
            for other, line in ways.values():
                if arrived := line.take():
                    other.sendall(arrived)
