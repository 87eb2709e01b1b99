"""Work on threads of its own goes on after a mishap."""

from __future__ import annotations

import threading

import pytest

from bntui.session.keep.aside import Worker

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
