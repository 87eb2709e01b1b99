"""Sums over the samples: of many as of few, of a run alone as of several side by side."""

import numpy as np
import pytest

from bntui.maths.arrays import sum_of, sum_of_products

SHAPES = [(3, 1), (64, 16), (256, 64), (250, 64), (1024, 24), (9000, 1)]


@pytest.mark.parametrize("each", [1.0, 0.25])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_over_the_samples_is_each_runs_own_bit_by_bit(shape, each):
    runs = np.random.default_rng(0).standard_normal((3, *shape))
    together = sum_of(runs, each=each)
    for run, summed in zip(runs, together, strict=True):
        assert summed.tobytes() == sum_of(run, each=each).tobytes()
        assert sum_of(run, np.empty((1, shape[1])), each).tobytes() == summed.tobytes()
        np.testing.assert_allclose(summed, each * run.sum(axis=0, keepdims=True), rtol=1e-12, atol=1e-12 * shape[0])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_of_products_is_each_runs_own_bit_by_bit(shape):
    one, other = np.random.default_rng(0).standard_normal((2, 3, *shape))
    together = sum_of_products(one, other)
    for mine, its, summed in zip(one, other, together, strict=True):
        assert summed.tobytes() == sum_of_products(mine, its).tobytes()
        np.testing.assert_allclose(summed, (mine * its).sum(axis=0, keepdims=True), rtol=1e-12, atol=1e-12 * shape[0])
