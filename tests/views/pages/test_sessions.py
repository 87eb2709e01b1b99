"""The list of sessions, as a person reads it."""

import time
from pathlib import Path

import pytest

from bntui.session.keep.holding import Holder
from bntui.session.keep.kept import KeptSession
from bntui.session.keep.processes import Process
from bntui.views.pages.sessions import clock_time, facts, listed, still_open
from bntui.views.text.cells import cells

NOW = time.mktime((2026, 11, 25, 16, 0, 0, 0, 0, -1))
HELD = Holder(Process(4711, "1"), NOW - 120)


def kept(name: str, title: str, step: int | None, ago: float, holder: Holder | None = None) -> KeptSession:
    return KeptSession(Path(f"{name}.jsonl"), name, title, step, NOW - ago, holder)


SESSIONS = (
    kept("1a2b3c4d", "A chain", 8, 5),
    kept("2a2b3c4d", "The longest title that a scenario of the library may have", 12345, 130, HELD),
    kept("3a2b3c4d", "批量归一化", None, 26 * 3600, Holder()),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_list_is_aligned_and_no_wider_than_it_may_be(width: int) -> None:
    lines = listed(SESSIONS, NOW, width)
    assert [line.split()[:2] for line in lines] == [["1", "1a2b3c4d"], ["2", "2a2b3c4d"], ["3", "3a2b3c4d"]]
    assert max(map(cells, lines)) <= width
    begins = {cells(line[: line.index(word)]) for line, word in zip(lines, ("5 seconds", "2 minutes", "2026-11-24"), strict=True)}
    assert len(begins) == 1


def test_a_session_says_its_step_its_age_and_who_has_it_open() -> None:
    assert [facts(each, NOW) for each in SESSIONS] == [
        "step 8 · 5 seconds ago",
        "step 12345 · 2 minutes ago · open in process 4711",
        "2026-11-24 14:00 · open elsewhere",
    ]
    assert still_open(HELD, NOW) == "still open in process 4711 since 15:58"
    assert still_open(Holder(), NOW) == "still open elsewhere"
    assert clock_time(NOW - 7200, NOW) == "14:00"
