"""Disks that do what disks do: lose what was not synced, refuse, and take their time."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bntui.session.keep import journal, private, storage, writing

PAGE = 512  # bytes that a disk keeps or loses together


class Hands:
    """Threads of a writer that work when they are told to, at a time that somebody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self._hands: list[Any] = []
        monkeypatch.setattr(writing, "Worker", self._hand)
        monkeypatch.setattr(writing, "SHORT", 0.0)
        monkeypatch.setattr(writing, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(journal, "time", SimpleNamespace(monotonic=lambda: self.now, process_time=time.process_time))

    def _hand(self, work: Callable[[], float | None], name: str) -> Any:
        hand = SimpleNamespace(work=work, due=None)
        hand.wake = lambda: setattr(hand, "due", self.now)
        self._hands.append(hand)
        return hand

    def until(self, end: float) -> None:
        """Let them do what is due until then."""
        while True:
            due = [hand for hand in self._hands if hand.due is not None and hand.due <= end]
            if not due:
                break
            hand = min(due, key=lambda each: each.due)
            self.now, hand.due = max(self.now, hand.due), None
            pause = hand.work()
            if pause is not None and hand.due is None:
                hand.due = self.now + pause
        self.now = max(self.now, end)


class Disk:
    """The system as storage and private see it; what is written to journals, and what the disk was made to keep, is noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, now: Callable[[], float]) -> None:
        self._now = now
        self._places: dict[int, int] = {}
        self.refuses: OSError | None = None  # each write
        self.refuses_to_keep: OSError | None = None  # each sync, and forgets then what it had not kept
        self.meanwhile: Callable[[], None] | None = None  # what happens once, while it keeps something
        self.events: list[tuple[float, str, int, bytes]] = []
        monkeypatch.setattr(storage, "os", self)
        monkeypatch.setattr(private, "os", self)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        descriptor = os.open(path, flags, mode)
        self._places[descriptor] = -1 if Path(path).is_dir() else 0
        return descriptor

    def lseek(self, descriptor: int, place: int, whence: int) -> int:
        self._places[descriptor] = place
        return os.lseek(descriptor, place, whence)

    def write(self, descriptor: int, data: bytes) -> int:
        if self.refuses is not None:
            os.write(descriptor, data[: len(data) // 2])  # what is left of a line that had no room
            raise self.refuses
        self.events.append((self._now(), "write", self._places[descriptor], data))
        self._places[descriptor] += len(data)
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        if self.refuses_to_keep is not None:
            self.events = [*self._kept(), (self._now(), "forgot", 0, b"")]
            raise self.refuses_to_keep
        self.events.append((self._now(), "folder" if self._places[descriptor] < 0 else "sync", 0, b""))
        if self._places[descriptor] >= 0 and self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()

    def _kept(self) -> list[tuple[float, str, int, bytes]]:
        last = max((place for place, event in enumerate(self.events) if event[1] == "sync"), default=-1)
        return [event for place, event in enumerate(self.events) if place <= last or event[1] == "folder"]

    def after_loss_of_power(self, at: float, source: random.Random) -> bytes | None:
        """What is left of the only journal: all that was synced, and of the rest what chance leaves; None where its name is lost."""
        content, kept, is_named = bytearray(), b"", False
        for when, kind, place, data in self.events:
            if when > at:
                break
            if kind == "write":
                content[place : place + len(data)] = data
            elif kind == "sync":
                kept = bytes(content)
            elif kind == "folder":
                is_named = True
        if not is_named:
            return None
        left = bytearray(content)
        for begin in range(0, len(left), PAGE):
            if source.random() < 0.5:
                before = kept[begin : begin + PAGE]
                left[begin : begin + PAGE] = before + b"\0" * (len(left[begin : begin + PAGE]) - len(before))
        return bytes(left[: source.choice((len(left), max(len(kept), source.randint(0, len(left)))))])
