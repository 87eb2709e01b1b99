"""Norms of any size, and no warning on the way (warnings are errors here)."""

import numpy as np
import pytest

from bntui.maths.norms import norm, norms


@pytest.mark.parametrize("size", [3, 5000, 200_000])
@pytest.mark.parametrize("scale", [1e-200, 1e-3, 1.0, 1e200])
def test_a_norm_is_right_where_its_squares_leave_the_range_of_numbers(size, scale):
    values = np.random.default_rng(0).standard_normal((size, 1))
    wanted = scale * np.sqrt(np.square(values).sum())
    assert np.isclose(norm(values * scale), wanted, rtol=1e-12)
    assert np.isclose(norms([values * scale])[0], wanted, rtol=1e-12)


@pytest.mark.parametrize("wrong", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_so(wrong):
    values = np.ones((7000, 2))
    values[3, 1] = wrong
    assert not np.isfinite(norm(values))
    assert not np.isfinite(norms([values])[0])


@pytest.mark.parametrize("size", [3, 200_000])
def test_of_nothing_there_is_no_norm_and_of_zeros_it_is_0(size):
    assert norms([]) == []
    assert norm(np.zeros(size)) == 0
    assert norms([np.zeros(size), np.ones(4)]) == [0, 2]
