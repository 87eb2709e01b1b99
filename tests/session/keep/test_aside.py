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
