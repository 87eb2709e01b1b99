"""`bntui landscape` as a person at a shell meets it."""

import json

import pytest
from session.worlds import CHAIN, session
from shell import Capture, printed, refused

from bntui.session.survey.surveying import landscape


def test_a_landscape_is_a_chart_a_table_and_sentences(chain: str, capsys: Capture) -> None:
    out = printed(capsys, "landscape", chain, "--at", "2", "--set", "training.learning_rate=0.02")
    assert out.startswith("J along the gradient · step 2 · BN off · η 0.02 · Goodfellow's chain")
    for word in ("first order", "second order", "2/λ", "range of J", "effective smoothness", "median", "worst"):
        assert word in out


def test_a_landscape_as_json_has_the_curve_and_the_measures(chain: str, capsys: Capture) -> None:
    told = json.loads(printed(capsys, "landscape", chain, "--json", "--set", "training.learning_rate=0.02"))
    curve = told["along_gradient"]
    assert len(curve["step_size"]) == len(curve["loss"]) == len(curve["first_order"]) == len(curve["second_order"])
    assert curve["two_over_curvature"] == pytest.approx(
        next(iter(reversed(list(landscape(session(CHAIN, "training.learning_rate=0.02").situation()))))).ray.stable
    )
    assert [course["label"] for course in told["courses"]] == ["BN off", "BN on"]
    assert told["courses"][1]["steps"] == [0, 49]


def test_growth_has_theorys_figure_beside_the_measured_one(capsys: Capture) -> None:
    wanted = ("--growth", "--samples", "8", "--width", "64", "--depth", "20", "--seeds", "2", "--json")
    told = json.loads(printed(capsys, "landscape", "deep-relu", *wanted))
    assert told["theory_squared_gain"] == pytest.approx(1.788, abs=5e-4)
    assert told["on"]["squared_gain"] == pytest.approx(1.788, rel=0.15)
    assert len(told["on"]["signal"]) == 2
    assert len(told["on"]["signal"][0]) == 20


@pytest.mark.parametrize(("name", "value"), [("width", "2000"), ("depth", "2"), ("samples", "1")])
def test_growth_beyond_its_bounds_is_a_sentence(chain: str, capsys: Capture, name: str, value: str) -> None:
    assert f"{name} {value} cannot be surveyed; allowed:" in refused(
        capsys, "landscape", chain, "--growth", f"--{name}", value
    )
