"""Whole screens line by line: whatever a change moves on them is seen in its review.

They are kept in tests/data/frames. `PYTHONPATH=.:tests python tests/views/screen/test_exact_lines.py` writes them anew.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bntui.scenario.model.actions import Shown, parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.tui.keys import footer
from bntui.views.panes.ledger import wanted_rows
from bntui.views.screen.arrangement import arrange
from bntui.views.screen.frame import laid_out
from bntui.views.screen.panes import Showing, detail_for, ledger_limits, render, roomiest, rows_of_view
from bntui.views.text.lines import Span, fitted

FRAMES = Path(__file__).parents[2] / "data" / "frames"
SIZES = ((80, 24), (120, 40), (200, 60))
# of states in which no number is chaotic, and of chains that end before nothing is left but rounding
RUNS: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "exploding": ("goodfellow-chain", ({"step": 2},)),
    "converged": ("goodfellow-chain", ({"set": {"batch_norm": True}}, {"focus": {"layer": "e"}}, {"step": 20})),
    "deep": ("deep-relu", ({"set": {"batch_norm": True}}, {"step": 2})),
    "beside-a-twin": ("goodfellow-chain", ({"twin": {}}, {"step": 1})),
}
OTHER_VIEWS: tuple[Shown, ...] = ("step", "forward", "formula", "meters", "fit")
SCREENS: dict[str, tuple[str, tuple[int, int], Shown, bool]] = {
    **{f"{run}-{size[0]}x{size[1]}": (run, size, "layers", False) for run in RUNS for size in SIZES},
    **{f"exploding-{view}": ("exploding", (80, 24), view, False) for view in OTHER_VIEWS},
    "deep-in-the-lecture-hall": ("deep", (60, 20), "layers", False),
    "deep-in-ascii": ("deep", (80, 24), "layers", True),
}


def screen(run: str, size: tuple[int, int], view: Shown, ascii: bool) -> str:
    """The screen of a run, its row of keys included."""
    name, actions = RUNS[run]
    at = Session(read_file(library.find(name)))
    for action in actions:
        at.do(parse_action(action))
    architecture = at.experiment.architecture
    showing = Showing("layers" if view == "formula" else view, roomiest(architecture, *size), view == "formula", ascii=ascii)
    place = arrange(*size, 10)
    snapshot = at.observe(replace(detail_for(showing, place, large=False), curvature=True))
    snapshot = replace(snapshot, lesson=None)  # lessons grow; what is held here is the screen
    panel, foot = rows_of_view(snapshot, showing, *size)
    place = arrange(*size, wanted_rows(snapshot, showing.folding), panel=panel, foot=foot)
    panes = render(snapshot, place, replace(showing, limits=ledger_limits(snapshot, None)))
    keys = footer(snapshot, False, False, size[0], ascii)
    return laid_out({**panes, "keys": (fitted((Span(keys),), size[0]),)}, place, size[1]) + "\n"


@pytest.mark.parametrize("name", SCREENS)
def test_every_line_of_the_screen_is_what_it_was(name: str) -> None:
    assert screen(*SCREENS[name]).splitlines() == (FRAMES / f"{name}.txt").read_text().splitlines()


def test_no_screen_is_kept_that_nobody_draws() -> None:
    assert {path.stem for path in FRAMES.iterdir()} == set(SCREENS)


if __name__ == "__main__":
    for name, wanted in SCREENS.items():
        (FRAMES / f"{name}.txt").write_text(screen(*wanted))
