"""The meters' table under each kind of normalization."""

import re

import pytest
from session.worlds import do, session

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
