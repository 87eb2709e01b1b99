"""λ_max and the rates it allows, against the eigenvalues of the full Hessian."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, fill, held_over

from bntui.maths.anatomy import orders
from bntui.maths.architecture import Architecture, Layer
from bntui.maths.curvature import curvature, curvature_along, largest_eigenvalue
from bntui.maths.descent import Rates
from bntui.maths.kinds.activations import RELU
from bntui.maths.kinds.optimizers import Sgd
from bntui.maths.network import Structure


def curvature_of(case, relative=1.0):
    return curvature(case.objective.hessian(case.theta), case.theta.size, relative).value


def eigenvalues(case, relative_rates=1.0):
    """Of the full D^½HD^½ by autograd, ascending."""
    hessian = references.hessian(references.loss_of_vector(case), case.theta)
    root = np.sqrt(np.broadcast_to(relative_rates, case.theta.shape))
    return np.linalg.eigvalsh(root[:, np.newaxis] * (hessian + hessian.T) / 2 * root)


@held_over(25)
@given(cases(kinds=EVERY_KIND, scales=(1.0, 0.3)), st.booleans())
def test_the_curvature_is_the_largest_eigenvalue_of_the_scaled_hessian(case, with_rates):
    assume(case.theta.size <= 60)
    rates = Rates(0.1, (("*.weight", 0.3), ("*.gamma", 0.01), ("l1.*", 0.2))) if with_rates else Rates(0.1)
    relative = rates.vector(case.network.layout) / rates.learning_rate
    full = eigenvalues(case, relative)
    allowed = 1e-10 * np.abs(full).max() + references.expected(case).rounding
    assert curvature_of(case, relative) == about(full[-1], rel=1e-6, abs=allowed)


def relu_network(normalized):
    layers = (*(Layer(f"h{place}", 4, RELU) for place in (1, 2, 3)), Layer("head", 1))
    rng = np.random.default_rng(1)
    structure = Structure(frozenset(normalized), frozenset(layer.name for layer in layers))
    return fill(Architecture(1, layers), structure, rng.normal(size=(20, 1)), rng.normal(size=(20, 1)), rng)


@pytest.mark.parametrize("normalized", [(), ("h1", "h2", "h3")])
def test_the_curvature_of_a_relu_network_too(normalized):
    case = relu_network(normalized)
    assert curvature_of(case) == about(eigenvalues(case)[-1], rel=1e-6)


def test_it_is_the_largest_eigenvalue_and_not_the_largest_in_magnitude():
    matrix = np.diag([-50.0, -3.0, 0.0, 2.0, 1.9])
    assert largest_eigenvalue(lambda v: matrix @ v, 5).value == about(2.0, rel=1e-9)
    negative = np.diag([-5.0, -3.0])
    assert largest_eigenvalue(lambda v: negative @ v, 2).value == about(-3.0, rel=1e-9)


@pytest.mark.parametrize("size", [1, 2, 30, 300])
def test_lanczos_finds_the_top_of_a_random_spectrum(size):
    rng = np.random.default_rng(size)
    matrix = rng.normal(size=(size, size))
    matrix += matrix.T
    top = np.linalg.eigvalsh(matrix)[-1]
    found = largest_eigenvalue(lambda v: matrix @ v, size)
    assert found.converged
    assert found.value == about(top, rel=1e-6)


def test_lanczos_says_when_it_has_not_converged():
    values = np.linspace(-1.0, 1.0, 400) ** 3  # the top is no further from its neighbour than 0.015
    few, enough = (largest_eigenvalue(lambda v: values * v, 400, iterations) for iterations in (5, 100))
    assert not few.converged
    assert few.value < 0.999
    assert enough.converged
    assert enough.value == about(1.0, rel=1e-6)
    for found in (few, enough):
        assert np.abs(values - found.value).min() <= found.doubt


def test_lanczos_is_done_early_where_few_directions_curve():
    calls = []
    vector = np.random.default_rng(0).normal(size=500)

    def product(direction):
        calls.append(1)
        return 3.0 * vector * (vector @ direction)

    assert largest_eigenvalue(product, 500).value == about(3.0 * vector @ vector, rel=1e-9)
    assert len(calls) <= 5


def test_a_flat_landscape_has_no_curvature_and_nothing_to_curve_has_none_either():
    assert largest_eigenvalue(np.zeros_like, 4).value == 0
    assert largest_eigenvalue(lambda v: v, 0).value == 0


def test_a_landscape_out_of_the_numbers_has_curvature_nan():
    assert math.isnan(largest_eigenvalue(lambda v: v * np.nan, 3).value)
    case = chain_of_units([1e200, 1e200], [1.0, 2.0], [0.0, 0.0])
    assert math.isnan(curvature_of(case, 1.0))


def test_least_squares_has_the_curvature_of_its_inputs():
    inputs = [1.0, -2.0, 0.5, 3.0]
    case = chain_of_units([0.3], inputs, [1.0, 0.0, 0.0, 2.0])
    assert curvature_of(case, 1.0) == about(np.mean(np.square(inputs)), rel=1e-6)
    assert curvature_of(case, 4.0) == about(4 * np.mean(np.square(inputs)), rel=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_stable_rate_is_two_times_one_plus_momentum_over_the_curvature(momentum):
    assert Sgd(momentum).stable_rate(8.0) == about(2 * (1 + momentum) / 8)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_descent_on_a_quadratic_is_stable_below_that_rate_and_not_above(momentum, nesterov):
    optimizer = Sgd(momentum, nesterov)
    limit = optimizer.stable_rate(2.0)
    for factor, settles in ((0.98, True), (1.02, False)):
        position, velocity = 1.0, 0.0
        for _ in range(3000):
            velocity = momentum * velocity + 2.0 * position
            position -= factor * limit * (2.0 * position + momentum * velocity if nesterov else velocity)
            if abs(position) > 1e6:
                break
        assert (abs(position) < 1e-6) is settles


@pytest.mark.parametrize("flat", [0.0, -3.0, float("nan")])
def test_where_nothing_curves_upwards_no_rate_is_too_large(flat):
    assert Sgd(0.9).stable_rate(flat) is None


def test_along_the_gradient_the_second_order_of_a_step_takes_back_its_share_of_the_first():
    case = relu_network(("h1", "h2"))
    rates = Rates(0.1, (("*.weight", 0.3), ("h2.gamma", 0.0)))
    relative = rates.vector(case.network.layout) / 0.1
    along = curvature_along(case.objective.hessian(case.theta), case.evaluate().gradient, relative)
    parts = orders(case.objective, case.theta, -0.1 * relative * case.evaluate().gradient)
    assert parts.second / -parts.first == about(0.1 * along / 2, rel=1e-12)


def test_where_nothing_is_to_be_descended_there_is_no_curvature_along_it():
    case = chain_of_units([3.0], [1.0, 2.0], [3.0, 6.0])
    assert curvature_along(case.objective.hessian(case.theta), case.evaluate().gradient, 1.0) is None
