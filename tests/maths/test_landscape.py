"""J along the gradient with its predictions, and Santurkar's three measures: MATHS.md, fact 11."""

import math
from itertools import product

import numpy as np
import pytest
from maths.cases import about, chain_of_units
from maths.test_sweep import relu_network, run_of

from bntui.maths.architecture import NormalizationSettings
from bntui.maths.curvature import curvature
from bntui.maths.descent import Descent, Rates, descend, diverged, start
from bntui.maths.growth import network_of
from bntui.maths.kinds.activations import RELU
from bntui.maths.landscape import (
    Measures,
    along_gradient,
    measures,
    middle_and_worst,
    step_sizes,
)
from bntui.maths.objective import Objective


def one_weight(w=5.0):
    """J = ½·2·(w − 3)²: a parabola of curvature 2 with its foot at 3."""
    case = chain_of_units((w,), [math.sqrt(2.0)], [3 * math.sqrt(2.0)])
    return case.objective, case.theta


def network(normalized=False):
    architecture, starts, x, y = relu_network(normalized)
    state = run_of(starts, 0)
    return Objective(state.network(architecture), state.running, x, y, "train"), state.theta


def test_of_a_parabola_second_order_says_everything():
    objective, theta = one_weight()
    ray = along_gradient(objective, theta, 0.1, 1.0)
    assert (ray.start, ray.slope, ray.bend) == (about(4.0), about(-16.0), about(32.0))
    assert ray.stable == about(1.0)
    np.testing.assert_allclose(ray.loss, 4 * (1 - 2 * ray.sizes) ** 2, atol=1e-12)
    np.testing.assert_allclose(ray.second, ray.loss, atol=1e-11)
    np.testing.assert_allclose(ray.first, 4 - 16 * ray.sizes, rtol=1e-12)


def test_a_step_of_two_over_lambda_leads_to_the_same_height_and_a_longer_one_up():
    objective, theta = one_weight()
    ray = along_gradient(objective, theta, 0.1, 1.0)
    higher = ray.loss > ray.start * (1 + 1e-9)
    assert (higher == (ray.sizes > ray.stable)).all()


@pytest.mark.parametrize("normalized", [False, True])
def test_j_along_the_gradient_is_j_of_a_step_of_that_size(normalized):
    objective, theta = network(normalized)
    gradient = objective.evaluate(theta).gradient
    relative = np.linspace(0.0, 2.0, theta.size)
    ray = along_gradient(objective, theta, 0.01, relative)
    for place in (0, 80, 160):
        loss = objective.loss(theta - ray.sizes[place] * relative * gradient)
        assert ray.loss[place] == about(float(loss), rel=1e-13)
    assert ray.slope == about(-float(np.dot(gradient, relative * gradient)), rel=1e-12)
    assert ray.stable == about(2 / curvature(objective.hessian(theta), theta.size, relative).value, rel=1e-12)


def test_the_predictions_hold_to_their_order():
    objective, theta = network()
    ray = along_gradient(objective, theta, 1e-6, 1.0)
    small = ray.sizes < 1e-7
    of_first, of_second = np.abs(ray.loss - ray.first)[small], np.abs(ray.loss - ray.second)[small]
    drop = np.abs(ray.start - ray.loss)[small]
    assert (of_first < 0.02 * drop).all()
    assert (of_second < 0.05 * of_first + 1e-12).all()


def test_step_sizes_reach_four_rates_and_beyond_two_over_lambda():
    sizes = step_sizes(0.1, 3.0)
    assert sizes[0] < 0.1
    assert sizes[-1] == about(12.0)
    assert step_sizes(0.1, None)[-1] == about(0.4)
    far = step_sizes(0.1, 1e-60)
    assert far[0] < 1e-60 < far[-1] < 1e-58


def test_where_no_eigenvalue_is_positive_there_is_no_two_over_lambda():
    case = chain_of_units((1.0, 1.0), [0.0], [1.0])
    ray = along_gradient(case.objective, case.theta, 0.1, 1.0)
    assert ray.stable is None


def test_the_measures_of_a_parabola_are_closed_forms():
    objective, theta = one_weight()
    found = measures(objective, theta, 0.1, 1.0)
    # g = 4, J(t) = 4(1 − 2t)² from t = 0.05 to 0.4; g changes by 2·4·t; curvature 2 everywhere
    assert found.loss_range == about(4 * (0.9**2 - 0.2**2), rel=1e-12)
    assert found.gradient_change == about(2 * 4 * 0.4, rel=1e-12)
    assert found.smoothness == about(2.0, rel=1e-12)


def test_smoothness_is_the_change_over_the_distance_that_rates_by_parameter_leave():
    objective, theta = one_weight()
    assert measures(objective, theta, 0.1, 0.5).smoothness == about(2.0, rel=1e-12)
    assert measures(objective, theta, 0.1, 0.5).gradient_change == about(2 * 4 * 0.2, rel=1e-12)


def test_where_the_steps_overflow_the_measures_are_infinite_and_never_nan():
    objective, theta = network()
    assert measures(objective, theta, 1e160, 1.0) == Measures(math.inf, math.inf, math.inf)


def test_at_a_minimum_nothing_changes():
    objective, theta = one_weight(3.0)
    assert measures(objective, theta, 0.1, 1.0) == Measures(0.0, 0.0, 0.0)


def test_median_and_worst_are_taken_of_each_measure():
    middle, worst = middle_and_worst([Measures(1, 9, 2), Measures(3, 7, 1), Measures(2, math.inf, 3)])
    assert middle == Measures(2, 9, 2)
    assert worst == Measures(3, math.inf, 3)


def course(normalized, seed, scale, rate, steps=40):
    """Median and worst measures over a run of the 8 × 16 network on sin 2x."""
    architecture = network_of(16, 8, RELU, 1, NormalizationSettings())
    random = np.random.default_rng(seed)
    x = random.standard_normal((64, 1))
    parameters, incoming = {}, 1
    for layer in architecture.layers:
        parameters[f"{layer.name}.weight"] = random.standard_normal((layer.units, incoming)) * scale / math.sqrt(incoming)
        parameters[f"{layer.name}.bias"] = np.zeros(layer.units)
        incoming = layer.units
    state = start(architecture, parameters, architecture.switchable if normalized else ())
    built, found, starting = state.network(architecture), [], None
    objective = Objective(built, state.running, x, np.sin(2 * x), "train")
    for _ in range(steps):
        found.append(measures(objective, state.theta, rate, 1.0))
        evaluation = built.evaluate(state.theta, state.running, x, np.sin(2 * x))
        starting = evaluation.loss if starting is None else starting
        with np.errstate(all="ignore"):
            if diverged(evaluation.loss, evaluation.gradient, starting):
                break
        state = descend(state, built, evaluation, Descent(Rates(rate)))
    return middle_and_worst(found)


@pytest.mark.slow
def test_over_48_runs_bn_betters_the_worst_range_of_j_most_and_the_effective_smoothness_least():
    """Fact 11: 25, 23, 19 in the median, 36, 33, 29 in the worst case, of these 48 runs; another grid has other figures."""
    names = ("loss_range", "gradient_change", "smoothness")
    better = np.zeros((2, 3), dtype=int)
    for seed, scale, rate in product(range(8), (2.0, math.sqrt(2.0)), (1e-3, 1e-2, 0.1)):
        without, with_norm = course(False, seed, scale, rate), course(True, seed, scale, rate)
        for place in (0, 1):
            better[place] += [getattr(with_norm[place], name) < getattr(without[place], name) for name in names]
    np.testing.assert_allclose(better, [[25, 23, 19], [36, 33, 29]], atol=3)
    median, worst = better
    assert worst[0] > worst[1] > worst[2], "the worst case of the range improves most"
    assert median[2] < 24, "effective smoothness usually does not"
