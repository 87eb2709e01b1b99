"""The controls of the lesson on digits that need more first weights than a lesson has."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.quantities import measure
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

pytestmark = pytest.mark.slow  # dozens of runs; .ci/run has them

SEEDS = range(8)
CHANCE = 0.15  # of ten classes, and some more


def right(batch_norm: Any, rate: float, *changes: str) -> list[float]:
    """The share of held-out digits that is right after a hundred steps, 0 where the run diverged, for every first weights."""
    found = []
    for seed in SEEDS:
        at = Session(read_file(library.find("digits"), (f"network.init.seed={seed}", *changes)))
        at.do(parse_action({"set": {"batch_norm": batch_norm, "learning_rate": rate}}))
        try:
            at.do(parse_action({"step": 100}))
            found.append(float(measure(at, ["validation.accuracy"])["validation.accuracy"] or math.nan))
        except Refusal:
            found.append(0.0)
    return found


def test_at_the_first_rate_standardized_pixels_are_as_good_as_batch_norm_in_the_hidden_layers() -> None:
    assert max(right(False, 0.3)) < CHANCE
    assert min(right(True, 0.3)) == pytest.approx(0.9721, abs=1e-3)
    assert min(right(["pixels"], 0.3)) == pytest.approx(0.9638, abs=1e-3)
    assert min(right(False, 0.3, "data.standardize=true")) > 0.95


def test_at_ten_times_the_rate_standardized_pixels_do_not_learn_and_both_hidden_layers_do_best() -> None:
    assert max(right(["pixels"], 3.0)) < CHANCE
    assert max(right(False, 3.0, "data.standardize=true")) < CHANCE
    lower, upper, both = right(["h1"], 3.0), right(["h2"], 3.0), right(True, 3.0)
    for shares, least, most in ((lower, 0.51, 0.92), (upper, 0.90, 0.95), (both, 0.97, 0.99)):
        assert (round(min(shares), 2), round(max(shares), 2)) == (least, most)


def test_the_rate_that_is_ten_times_larger_is_right_no_more_often() -> None:
    small, large = right(True, 0.3), right(True, 3.0)
    assert abs(sum(large) - sum(small)) / len(small) < 0.005


def test_the_data_is_the_file_of_the_repository() -> None:
    problem = read_file(library.find("digits")).problem
    assert problem.held_out is not None
    assert (problem.samples, problem.held_out.samples) == (1797, 359)
    assert (problem.inputs.min(), problem.inputs.max()) == (0, 16)
    # how many there are of each digit in the test set, as its description says
    counts = problem.targets.sum(axis=0) + problem.held_out.targets.sum(axis=0)
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert "Creative Commons Attribution 4.0" in (library.folder() / "digits.txt").read_text(encoding="utf-8")
