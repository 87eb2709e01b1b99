"""Work on threads of its own goes on after a mishap."""

from __future__ import annotations

import threading

import pytest

from bntui.session.keep import aside
from bntui.session.keep.aside import Late, Worker, within

PATIENCE = 10.0  # seconds


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the mishap is told where Python tells it
def test_work_that_failed_is_tried_again_when_it_is_woken() -> None:
    failing, done = threading.Event(), threading.Event()

    def work() -> None:
        if not failing.is_set():
            failing.set()
            raise MemoryError
        done.set()

    worker = Worker(work, "test")
    worker.wake()
    assert failing.wait(PATIENCE)
    while not done.wait(0.01):  # the first thread may still be ending
        assert threading.active_count() < 100
        worker.wake()


def test_whoever_asks_whether_all_is_done_waits_for_it_but_not_longer_than_they_want() -> None:
    begun, answers, times = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        answers.wait(PATIENCE)
        times.append(len(times))

    worker = Worker(work, "test")
    assert worker.settle(0)  # nothing was asked for
    worker.wake()
    assert begun.wait(PATIENCE)
    assert not worker.settle(0.01)
    worker.wake()
    answers.set()
    assert worker.settle(PATIENCE)
    assert times == [0, 1]


def test_a_time_in_which_the_machine_lets_nothing_go_on_is_not_taken_for_work_that_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    working = threading.Event()

    class StandingStill(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            if working.is_set():
                super().join(timeout)
            working.set()  # the first time has passed, and only now the work goes on

    monkeypatch.setattr(aside.threading, "Thread", StandingStill)
    assert within(PATIENCE, lambda: working.wait(PATIENCE)) is True


def test_work_that_is_late_goes_on() -> None:
    answers, done = threading.Event(), threading.Event()

    def work() -> None:
        answers.wait(PATIENCE)
        done.set()

    with pytest.raises(Late):
        within(0.01, work)
    answers.set()
    assert done.wait(PATIENCE)
