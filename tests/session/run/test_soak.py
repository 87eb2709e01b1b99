"""A very long session with switches: memory stays flat, and the numbers are those of a replay."""

import os
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN, bits, do, session

from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.run.checkpoints import BUDGET

STEPS = int(os.environ.get("BNTUI_SOAK", "1000000"))
STRETCH = 2_000


def resident() -> float:
    """Megabytes of memory that the process has now."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_long_session_with_switches_takes_flat_memory_and_repeats_exactly(tmp_path: Path) -> None:
    at = session(SLOW_CHAIN)
    at.recorder = Journal(tmp_path)
    sizes = []
    for turn in range(STEPS // STRETCH):
        do(at, {"step": STRETCH}, {"set": {"batch_norm": turn % 2 == 0}})
        if turn % 50 == 49:
            do(at, {"goto": turn * STRETCH // 2}, {"goto": (turn + 1) * STRETCH})
            sizes.append(resident())
    assert sizes[-1] - sizes[0] < BUDGET / 2**20, "the checkpoints' budget is all that is taken"
    assert sizes[-1] - sizes[len(sizes) * 7 // 10] < 3, "once it is used nothing grows any more"
    do(at, {"back": STEPS // 3})
    moment = at.history.experiment.start
    for branch, walked in at.history.path():
        if branch.action is not None:
            moment = at.history.experiment.advance(moment, branch.action)
        for _ in range(walked):
            moment = at.history.experiment.updated(moment)
    assert bits(at.history.moment) == bits(moment)
    at.recorder.close(at)
    (path,) = tmp_path.iterdir()
    again, sentence = resume(path)
    assert sentence is None
    assert bits(again.history.moment) == bits(moment)
    assert again.recorder is not None
    again.recorder.close(again)
