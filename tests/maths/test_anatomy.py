"""The parts of a step's ΔJ, against Hessians by autograd and against Goodfellow's closed form."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, held_over

from bntui.maths.anatomy import closed_form_orders, orders


def loss_at(case, theta):
    return float(case.objective.loss(theta))


def take_apart(case, step):
    return orders(case.objective, case.theta, step)


@held_over(50)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3, 3.0)))
def test_a_hessian_product_is_that_of_the_full_hessian_by_autograd(case):
    assert_products_are_autograds(case)


@pytest.mark.slow
@held_over(600)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3, 3.0)))
def test_many_hessian_products_are_those_of_the_full_hessian_by_autograd(case):
    assert_products_are_autograds(case)


def assert_products_are_autograds(case):
    assume(case.theta.size <= 60)
    hessian = references.hessian(references.loss_of_vector(case), case.theta)
    assume(np.isfinite(hessian).all())
    direction = np.random.default_rng(0).normal(size=case.theta.size)
    product = case.objective.hessian(case.theta)(direction)
    allowed = 1e-10 * np.abs(hessian).max() + references.expected(case).rounding  # of autograd's own subtractions
    np.testing.assert_allclose(product, hessian @ direction, rtol=0, atol=allowed)


@held_over(40)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3, 3.0)), st.sampled_from((2.0**-30, 2.0**30)))
def test_a_hessian_product_is_linear_in_its_direction_and_symmetric(case, size):
    rng = np.random.default_rng(1)
    product = case.objective.hessian(case.theta)
    one, other = rng.normal(size=(2, case.theta.size))
    largest = max(np.abs(product(one)).max(), np.abs(product(other)).max())
    np.testing.assert_allclose(product(size * one), size * product(one), rtol=0, atol=0)  # powers of two round nothing
    assert one @ product(other) == about(other @ product(one), rel=0, abs=1e-9 * largest)


@held_over(25)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3)))
def test_second_order_is_half_s_h_s_with_the_full_hessian(case):
    assume(case.theta.size <= 60)
    step = -0.3 * case.evaluate().gradient
    parts = take_apart(case, step)
    hessian = references.hessian(references.loss_of_vector(case), case.theta)
    assert parts.first == about(case.evaluate().gradient @ step, rel=1e-12)
    allowed = (1e-10 * np.abs(hessian).max() + references.expected(case).rounding) * (step @ step)
    assert parts.second == about(step @ hessian @ step / 2, rel=0, abs=allowed)


@held_over(25)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3)))
def test_the_orders_sum_to_what_j_actually_did(case):
    step = np.random.default_rng(0).normal(size=case.theta.size)
    parts = take_apart(case, step)
    actual = loss_at(case, case.theta + step) - loss_at(case, case.theta)
    assert parts.actual == actual
    largest = max(map(abs, (parts.first, parts.second, parts.rest, actual)))
    assert parts.first + parts.second + parts.rest == about(actual, abs=1e-13 * largest)


def test_on_a_quadratic_there_is_no_rest():
    case = chain_of_units([2.0], [1.0, -3.0, 0.5], [1.0, 2.0, 3.0])
    parts = take_apart(case, np.array([0.7]))
    assert parts.second == about(0.7**2 * np.mean([1, 9, 0.25]) / 2, rel=1e-8)
    assert abs(parts.rest) < 1e-8


def test_the_rest_of_a_small_step_shrinks_with_its_cube():
    case = chain_of_units([1.1, 0.9, 1.3], [1.0, -0.4, 2.0], [3.0, 1.0, 2.0], "tanh")
    gradient = case.evaluate().gradient
    rests = [take_apart(case, -rate * gradient).rest for rate in (0.2, 0.1)]
    assert rests[0] / rests[1] == about(8, rel=0.2)


def test_no_step_has_no_orders():
    case = chain_of_units([1.1, 0.9], [1.0, 2.0], [3.0, 1.0])
    parts = take_apart(case, np.zeros(2))
    assert (parts.first, parts.second, parts.rest, parts.actual) == (0, 0, 0, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_step_out_of_the_numbers_gives_nan_and_no_error(bad):
    case = chain_of_units([1.1, 0.9], [1.0, 2.0], [3.0, 1.0])
    parts = take_apart(case, np.array([bad, 0.0]))
    assert math.isnan(parts.second)
    with np.errstate(invalid="ignore"):
        assert np.isnan(case.objective.hessian(case.theta)(np.array([bad, 0.0]))).any()


def test_a_step_that_switches_relus_counts_on_which_samples_and_in_which_units():
    case = chain_of_units([1.0, 1.0], [1.0, -2.0, 3.0], [1.0, 0.0, 3.0], "relu")
    assert take_apart(case, np.array([0.5, 0.5])).kinks == (0, 6, 0, 0)
    # a from 1 to −1: who was on is off in both units, and the reverse
    assert take_apart(case, np.array([-2.0, 0.0])).kinks == (6, 6, 3, 2)
    # b alone changes its sign: the second unit's samples that are on go off
    assert take_apart(case, np.array([0.0, -2.0])).kinks == (2, 6, 2, 1)


def test_smooth_activations_have_no_kinks():
    case = chain_of_units([1.0, 1.0], [1.0, -2.0, 3.0], [1.0, 0.0, 3.0], "tanh")
    assert take_apart(case, np.array([-2.0, 0.0])).kinks == (0, 0, 0, 0)


def test_within_one_piece_of_a_relu_network_the_second_order_is_what_j_does_beyond_the_first():
    case = chain_of_units([1.0, 0.5], [1.0, 2.0, 3.0], [1.0, 0.0, 3.0], "relu")
    parts = take_apart(case, np.array([1e-4, 2e-4]))
    assert parts.kinks.crossed == 0
    assert parts.actual - parts.first == about(parts.second, rel=1e-3)


# Fact 4: one step on ŷ = x·a·b·c·d·e, every weight 3, each moved by −0.01·∂ŷ/∂w


def test_the_orders_of_one_step_on_goodfellows_chain_are_those_of_maths_md():
    case = chain_of_units([3.0] * 5, [1.0], [0.0])
    y = case.evaluate().forward.outputs.item()
    assert y == 243
    step = -0.01 * y / 3
    assert step == about(-0.81)
    found = closed_form_orders(np.full(5, 3.0), np.full(5, step), 1.0)
    figures = {-328: 0.5, 177: 0.5, -47.8: 0.05, 6.46: 0.005, -0.349: 0.0005}
    for order, (figure, last_digit) in zip(found, figures.items(), strict=True):
        assert order == about(figure, rel=0, abs=last_digit)
    for k, order in enumerate(found, start=1):
        assert order == about(y * math.comb(5, k) * (step / 3) ** k)
    moved = case.with_parameters(**{f"{name}_weight": np.array([[3 + step]]) for name in "abcde"})
    assert found.sum() == about(moved.evaluate().forward.outputs.item() - y)


@held_over(60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.booleans())
def test_the_closed_form_sums_to_the_exact_change_also_where_a_weight_is_zero(seed, count, with_zero):
    rng = np.random.default_rng(seed)
    weights, steps, x = rng.normal(size=count), rng.normal(size=count), rng.normal()
    if with_zero:
        weights[0] = 0.0
    found = closed_form_orders(weights, steps, x)
    assert len(found) == count
    change = x * (np.prod(weights + steps) - np.prod(weights))
    assert found.sum() == about(change, rel=1e-12, abs=1e-12 * np.abs(found).max())
    first = sum(x * steps[i] * np.prod(np.delete(weights, i)) for i in range(count))
    assert found[0] == about(first, rel=1e-12, abs=1e-13 * np.abs(found).max())
    if not with_zero:
        ratios = steps / weights
        symmetric = [sum(map(math.prod, itertools.combinations(ratios, k))) for k in range(1, count + 1)]
        wanted = x * np.prod(weights) * np.array(symmetric)
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12 * np.abs(wanted).max())
