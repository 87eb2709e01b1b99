"""plotext draws what has changed and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.views.drawing import canvas
from bntui.views.screen.arrangement import arrange
from bntui.views.screen.frame import frame_detail
from bntui.views.screen.panes import Showing, ledger_limits, render


class Builds:
    """Counts how often plotext builds a chart."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._build = canvas.library().figure.build
        monkeypatch.setattr(canvas.library().figure, "build", self._counted)

    def _counted(self) -> object:
        self.count += 1
        return self._build()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    canvas.draw.cache_clear()
    canvas.STAIRS.clear()
    return Builds(monkeypatch)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("view", ["layers", "loss", "step"])
def test_nothing_is_drawn_while_nothing_that_a_chart_shows_changes(builds, size, view):
    session = Session(read_file(library.find("sigmoid-net")))
    session.do(parse_action({"step": 3}))
    detail = frame_detail(session.experiment.architecture, *size)
    arrangement = arrange(*size, 9, lesson=True)

    def paint(showing: Showing) -> object:
        snapshot = session.observe(detail)
        return render(snapshot, arrangement, replace(showing, limits=ledger_limits(snapshot, None)))

    first = paint(Showing(view=view))
    drawn = builds.count
    assert drawn >= 2
    assert paint(Showing(view=view)) == first
    running = paint(Showing(view=view, running=True, speed="10/s", busy="working …", more_pages=True))
    assert running != first
    assert builds.count == drawn
    session.do(parse_action({"step": 1}))
    assert paint(Showing(view=view)) != first
    assert builds.count > drawn


def test_bars_that_end_in_the_same_cells_are_not_drawn_again(builds):
    size, limits = canvas.Size(36, 2), (1e-2, 1e4)
    first = canvas.staircase([(1.0, 30.0), (30.0, 2.0)], size, limits)
    assert canvas.staircase([(1.0, 30.001), (30.001, 2.0001)], size, limits) == first
    assert builds.count == 1
    assert canvas.staircase([(1.0, 90.0), (90.0, 2.0)], size, limits) != first
    assert builds.count == 2


def test_of_a_staircase_only_bars_that_no_row_has_had_are_drawn(builds):
    size, limits = canvas.Size(36, 5), (1e-2, 1e4)
    steps = [(1.0, 30.0), (30.0, 2.0), (2.0, 2.0), (2.0, 1e9), (None, 1.0)]
    whole = canvas.staircase(steps, size, limits)
    assert canvas.staircase(steps[::-1], size, limits) == whole[::-1]
    assert builds.count == 1
    canvas.staircase([*steps[:2], (2.0, 300.0)], size, limits)
    assert builds.count == 2
    canvas.STAIRS.clear()
    assert [canvas.staircase([step], size, limits) for step in steps] == [(row,) for row in whole]


def test_what_is_kept_of_staircases_is_bounded(builds, monkeypatch):
    monkeypatch.setattr(canvas, "STAIRS_KEPT", 4)
    for place in range(20):
        steps = [(1.0, 1.5**place), (1.0, 2.0**place)]
        lines = canvas.staircase(steps, canvas.Size(60, 2), (1.0, 1e6))
        assert len(canvas.STAIRS) <= 4 + 2
        canvas.draw.cache_clear()
        assert canvas.staircase(steps, canvas.Size(60, 2), (1.0, 1e6)) == lines
