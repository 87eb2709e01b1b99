"""What is kept from one frame to the next is what would be made anew."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.snapshot import Snapshot
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.tui.keys import footer
from bntui.views.drawing.canvas import library as plotext
from bntui.views.kinds import VIEWS
from bntui.views.panes.ledger import wanted_rows
from bntui.views.screen.arrangement import arrange
from bntui.views.screen.frame import composed
from bntui.views.screen.panes import Showing, detail_for, ledger_limits, render, rows_of_view
from bntui.views.text.lines import Lines

SIZES = (80, 24), (120, 40)
DONE: tuple[dict[str, Any], ...] = (
    {"step": 1},
    {"step": 1},
    {"set": {"batch_norm": True}},
    {"step": 1},
    {"step": 30},
    {"step": 1},
    {"set": {"mode": "eval"}},
    {"set": {"mode": "train"}},
    {"twin": {}},
    {"step": 2},
    {"back": 3},
    {"set": {"learning_rate": 1e9}},
    {"step": 1},
    {"beat": 1},
    {"beat": 2},
)


def memories() -> Iterator[Any]:
    """Every function of the views and of the keys that keeps what it has returned."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("bntui.views", "bntui.tui.keys"))]
    for module in filter(lambda module: isinstance(module, ModuleType), modules):
        for found in vars(module).values():
            if hasattr(found, "cache_clear") and getattr(found, "__wrapped__", None) is not plotext.__wrapped__:
                yield found


def frame(snapshot: Snapshot, showing: Showing, size: tuple[int, int]) -> Lines:
    """All of the screen as it is shown."""
    panel, foot = rows_of_view(snapshot, showing, *size)
    lesson = snapshot.lesson is not None
    arrangement = arrange(*size, wanted_rows(snapshot, showing.folding), lesson=lesson, panel=panel, foot=foot)
    showing = replace(showing, limits=ledger_limits(snapshot, None))
    keys = footer(snapshot, showing.running, False, size[0], showing.ascii)
    return (*composed(render(snapshot, arrangement, showing), arrangement, size[1]), ((keys, "faint"),))


@pytest.mark.parametrize("name", ["goodfellow-chain", "iris", "residual"])
def test_a_frame_is_the_same_whether_its_parts_are_kept_or_made_anew(name):
    session = Session(read_file(library.find(name)))
    experiment = session.experiment
    views = [view for view in VIEWS.values() if view.drawing is not None]
    showings = [Showing(view=view.name, ascii=bool(at % 2), running=bool(at % 3)) for at, view in enumerate(views)]
    kept: list[Lines] = []
    looks = []
    for at, action in enumerate(DONE):
        with suppress(Refusal):  # what has diverged is looked at all the same
            session.do(parse_action(action))
        showing, size = showings[at % len(showings)], SIZES[at % len(SIZES)]
        for each in (showings[0], showing):
            arrangement = arrange(*size, 12, lesson=True)
            snapshot = session.observe(detail_for(each, arrangement, experiment.is_large, experiment.scores_quickly))
            looks.append((snapshot, each, size))
            kept.append(frame(*looks[-1]))
    assert len(set(kept)) > len(DONE)
    for look, seen in zip(looks, kept, strict=True):
        for memory in memories():
            memory.cache_clear()
        assert frame(*look) == seen


def test_the_memories_of_drawings_texts_and_keys_are_among_those_that_are_cleared():
    names = {memory.__wrapped__.__name__ for memory in memories()}
    assert {"draw", "spans", "bar_marks", "value_labels", "legend", "tread", "written", "paragraph", "_tab_row", "_fitting"} <= names
