"""Each expectation is able to fail: with another normalization in place of its own, or none, no lesson of the course holds."""

from __future__ import annotations

import pytest
from forcing import NONE, holds_with, kinds_of

from bntui.maths.kinds.normalizations import BATCH_NORM, NORMALIZATIONS
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import courses, library

pytestmark = pytest.mark.slow
LESSONS = [path.stem for path in courses.shipped().files]
# lessons whose claims hold with another kind too, and with which
HOLDS_WITH: dict[str, set[str]] = {}


@pytest.mark.parametrize("name", LESSONS)
def test_no_lesson_holds_with_another_normalization_in_place_of_its_own(name: str) -> None:
    loaded = read_file(library.find(name))
    others = [kind for kind in (NONE, *NORMALIZATIONS) if kind != BATCH_NORM.name]
    assert {kind for kind in others if holds_with(loaded, kind)} == HOLDS_WITH.get(name, set())


@pytest.mark.parametrize("name", ["goodfellow-chain", "scale-invariance", "deep-relu"])
def test_where_batch_norm_is_the_only_kind_its_own_place_is_taken_by_itself(name: str) -> None:
    loaded = read_file(library.find(name))
    assert kinds_of(loaded) <= {BATCH_NORM.name}
    assert holds_with(loaded, BATCH_NORM.name)
