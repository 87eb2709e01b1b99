"""Sizes that come one after another: which of them count, and when."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntui.tui.drag import LONGEST, REST, Drag


class Clock:
    """A time that passes when it is told to, and calls back."""

    def __init__(self) -> None:
        self.now = 50.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.settled: list[float] = []
        self.drag = Drag(lambda: self.settled.append(self.now), self.later, lambda: self.now)

    def later(self, seconds: float, call: Callable[[], None]) -> "Clock":
        self.timers.append((self.now + seconds, call))
        return self

    def cancel(self) -> None:
        self.timers.clear()

    def passes(self, seconds: float) -> None:
        end = self.now + seconds
        while self.timers and self.timers[0][0] <= end:
            self.now, call = self.timers.pop(0)
            call()
        self.now = end


def test_a_drag_through_twenty_sizes_counts_once_when_it_rests() -> None:
    clock = Clock()
    for _ in range(20):
        clock.drag.resized()
        assert clock.drag.goes_on
        clock.passes(REST / 3)
    clock.passes(10)
    assert not clock.drag.goes_on
    assert clock.settled == [pytest.approx(50 + 19 * REST / 3 + REST)]


def test_a_key_in_a_drag_makes_the_size_at_hand_count_at_once() -> None:
    clock = Clock()
    clock.drag.resized()
    clock.drag.settle()
    clock.drag.settle()
    assert clock.settled == [50.0]
    clock.drag.resized()
    clock.passes(10)
    assert clock.settled == [50.0, 50.0 + REST]


def test_what_is_left_in_a_drag_counts_no_more() -> None:
    clock = Clock()
    clock.drag.resized()
    clock.drag.drop()
    clock.passes(10)
    assert clock.settled == []
    assert not clock.drag.goes_on


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=60))
def test_the_last_size_always_counts_soon_and_few_do(pauses: list[float]) -> None:
    clock = Clock()
    for pause in pauses:
        clock.passes(pause)
        clock.drag.resized()
    last = clock.now
    clock.passes(10)
    assert last <= clock.settled[-1] <= last + REST + 1e-9
    rests = sum(pause >= REST for pause in pauses)
    assert len(clock.settled) <= 1 + rests + sum(pauses) / LONGEST
