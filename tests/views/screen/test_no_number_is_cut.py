"""At no size of the screen is a number cut, in no view and in no late state: less is told, or what is left out is counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from screens import frame
from session.worlds import shelved

from bntui.scenario.model.actions import Shown
from bntui.session.session import Session
from bntui.views.kinds import VIEWS
from bntui.views.screen.frame import frame_detail

SIZES = [(60, 20), (80, 24), (100, 30), (120, 40), (160, 50), (200, 60)]
BN: dict[str, Any] = {"set": {"batch_norm": True}}
RUNS: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "exploded": ("goodfellow-chain", ({"step": 2},)),
    "converged": ("goodfellow-chain", (BN, {"step": 20})),
    "exploded beside a twin": ("deep-relu", ({"twin": {}}, {"step": 20})),
    "late": ("deep-relu", (BN, {"step": 60}, {"scale": {"layer": "h4", "by": 0.001}})),
    "converged beside a diverged twin": ("goodfellow-chain", (BN, {"twin": {}}, {"step": 20})),
    "classes": ("iris", ({"step": 10},)),
}
CUT = re.compile(r"\d[\d.,e-]*…")


def run(name: str) -> Session:
    """One of the states."""
    scenario, actions = RUNS[name]
    return shelved(scenario, *actions)


@pytest.mark.parametrize("name", ["exploded", *(pytest.param(name, marks=pytest.mark.slow) for name in RUNS if name != "exploded")])
def test_no_number_is_cut(name: str) -> None:
    at = run(name)
    layers = "|".join(layer.name for layer in at.experiment.architecture.layers)
    views: list[Shown] = [view.name for view in VIEWS.values() if view.drawing is not None]
    for view in views:
        for size in SIZES:
            detail = frame_detail(at.experiment.architecture, *size, view)
            if detail.track:
                at.read_all()
            for ascii in (False, True):
                for line in frame(at.observe(detail), *size, ascii, view).splitlines()[1:]:  # the first has a title, which is cut
                    text = re.sub(rf"\b({layers})…", "", line)  # layers that are told as one
                    found = CUT.search(text) or (ascii and re.search(r"\d~(?! )", text))
                    assert not found, f"{view} {size} {ascii}\n{line}"
