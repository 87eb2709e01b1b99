"""The meters' table under each kind of normalization."""

import re

import pytest
from session.worlds import CHAIN, do, session

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.session.look.snapshot import Detail
from bntui.views.panes.meters import meters_table
from bntui.views.text.lines import Size, text_of

NET = """
version: 1
title: Net
network:
  layers:
    - {name: h, units: 4, activation: tanh}
    - {name: head, units: 1, batch_norm: false}
data: {generator: {name: sine, samples: 16}}
training: {learning_rate: 0.05}
"""


def table(kind: str, *actions: dict[str, object]) -> str:
    snapshot = do(session(NET), {"set": {"normalization": kind}}, {"step": 1}, *actions).observe(Detail(meters=True))
    return text_of(meters_table(snapshot, Size(80, 12)))


@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_the_sharpness_is_told_with_its_number_and_no_number_is_no_number(kind: str) -> None:
    said, short = table(kind), NORMALIZATIONS[kind].short
    found = re.search(r"λ_max·‖w‖² in (\S+) +(\S+)$", said, re.MULTILINE)
    assert found is not None
    assert found[1] == (short if short in ("BN", "LN", "GN", "WN") else "norm")
    assert (found[2] == "–") == (NORMALIZATIONS[kind].frees is None or NORMALIZATIONS[kind].detached)
    assert "…" not in found[2]
    assert "nan" not in said
    assert ("curvature λ_max     –" in said) == NORMALIZATIONS[kind].detached


def test_of_weight_norm_alone_the_columns_are_divided_by_the_rows_lengths() -> None:
    assert "W·γ/‖w‖" in table("weight_norm")
    assert "W·γ/σ" in table("layer_norm")
    beside = table("weight_norm", {"twin": {"normalization": "layer_norm"}})
    assert "W·γ/σ" in beside
    assert "γ/‖w‖" not in beside


@pytest.mark.parametrize("width", [44, 58, 74, 80])
def test_no_number_of_a_meter_is_cut_however_small_and_numbers_stay_apart_from_names(width: int) -> None:
    text = NET.replace("name: h,", "name: hidden1,").replace("0.05", "1e-9")
    at = do(session(text, "network.batch_norm.enabled=true"), {"scale": {"layer": "hidden1", "by": 12000}})
    shown = text_of(meters_table(at.observe(Detail(meters=True)), Size(width, 14))).splitlines()
    heading = next(place for place, line in enumerate(shown) if line.startswith("layer"))
    for line in filter(None, shown[heading + 1 :]):
        name, *numbers = line.split()
        assert name in ("hidden1", "hidde…", "head")
        assert len(numbers) == len([title for title in shown[heading].split() if title != "°"]) - 1
        for number in numbers:
            assert number == "–" or float(number.replace(",", "")) >= 0
    assert any("hidde… " in line for line in shown), "12,400 needs the room of a letter"


def test_where_no_step_is_made_none_is_foretold_and_what_overflows_is_no_number_that_is_none() -> None:
    diverged = do(session(CHAIN), {"step": 2}).observe(Detail(meters=True))
    for width in (44, 80):
        assert diverged.diverged
        assert "step" not in text_of(meters_table(diverged, Size(width, 12)))
    at = do(session(CHAIN), {"set": {"learning_rate": 1e70}})
    shown = text_of(meters_table(at.observe(Detail(meters=True)), Size(80, 12)))
    assert "step +inf" in shown
    assert "nan" not in shown
