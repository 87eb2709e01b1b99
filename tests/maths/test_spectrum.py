"""The ends of the spectrum against the eigenvalues of autograd's full Hessian, and the mean shares against its eigenvectors."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from maths import references
from maths.cases import about, cases, chain_of_units, fill, held_over

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.curvature import LARGEST, curvature, ends_of_spectrum, largest_eigenvalue, spectrum
from bntui.maths.descent import Rates
from bntui.maths.kinds.activations import LINEAR, RELU
from bntui.maths.kinds.costs import COSTS
from bntui.maths.mean_direction import mean_shares
from bntui.maths.network import Structure


def ends(case, relative=1.0, count=LARGEST):
    return spectrum(case.objective.hessian(case.theta), case.theta.size, relative, count)


def scaled_hessian(case, relative=1.0):
    """D^½HD^½ in full, by autograd."""
    hessian = references.hessian(references.loss_of_vector(case), case.theta)
    root = np.sqrt(np.broadcast_to(relative, case.theta.shape))
    return root[:, np.newaxis] * (hessian + hessian.T) / 2 * root


RATES = Rates(0.1, (("*.weight", 0.3), ("*.gamma", 0.01), ("l1.*", 0.2)))


@held_over(30)
@given(cases(scales=(1.0, 0.3)), st.booleans())
def test_the_ten_largest_and_the_least_are_those_of_the_full_hessian_each_as_often_as_it_occurs(case, with_rates):
    assume(case.theta.size <= 60)
    relative = RATES.vector(case.network.layout) / 0.1 if with_rates else 1.0
    full = np.linalg.eigvalsh(scaled_hessian(case, relative))
    found = ends(case, relative)
    allowed = 1e-10 * np.abs(full).max() + references.expected(case).rounding
    wanted = min(LARGEST, full.size)
    assert len(found.largest) == wanted
    for each, value in zip(found.largest, full[::-1][:wanted], strict=True):
        assert each.value == about(value, rel=1e-6, abs=allowed)
    assert found.least.value == about(full[0], rel=1e-6, abs=allowed)
    assert found.largest[0] == curvature(case.objective.hessian(case.theta), case.theta.size, relative)


@held_over(15)
@given(cases(scales=(1.0, 0.3)), st.booleans())
def test_their_vectors_are_eigenvectors_at_right_angles(case, with_rates):
    assume(case.theta.size <= 60)
    relative = RATES.vector(case.network.layout) / 0.1 if with_rates else 1.0
    full, found = scaled_hessian(case, relative), ends(case, relative)
    np.testing.assert_allclose(found.vectors[:-1] @ found.vectors[:-1].T, np.eye(len(found.largest)), atol=1e-9)
    scale = np.abs(full).max() + references.expected(case).rounding * 1e10
    for value, vector in zip((*found.largest, found.least), found.vectors, strict=True):
        np.testing.assert_allclose(full @ vector, value.value * vector, atol=2e-7 * scale)


def operator(values, seed=0):
    """A symmetric matrix with these eigenvalues in random directions."""
    basis, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))
    return basis @ np.diag(values) @ basis.T


@pytest.mark.parametrize("copies", [2, 3, 10, 12])
def test_an_eigenvalue_that_several_directions_share_is_there_as_often(copies):
    matrix = operator([5.0] * copies + [2.0, 2.0] + list(np.linspace(-1.0, 1.0, 300)))
    found = ends_of_spectrum(lambda v: matrix @ v, len(matrix))
    apart = min(copies + 2, LARGEST)  # those in the bulk below are not found to the last digit
    assert [each.value for each in found.largest[:apart]] == about(([5.0] * copies + [2.0, 2.0])[:apart], rel=1e-9)


def test_of_a_flat_landscape_all_are_zero():
    matrix = operator([7.0, 3.0, *np.zeros(40)])
    found = ends_of_spectrum(lambda v: matrix @ v, 42)
    assert [each.value for each in found.largest] == pytest.approx([7.0, 3.0, *[0.0] * 8], rel=1e-12, abs=1e-12)
    assert [each.value for each in ends_of_spectrum(np.zeros_like, 42).largest] == [0.0] * 10


@pytest.mark.parametrize("size", [1, 2, 9, 10, 11, 30, 300])
def test_the_first_is_lambda_max_to_the_last_bit_and_a_small_operator_has_fewer_than_ten(size):
    rng = np.random.default_rng(size)
    matrix = rng.normal(size=(size, size))
    matrix += matrix.T
    found = ends_of_spectrum(lambda v: matrix @ v, size)
    assert found.largest[0] == largest_eigenvalue(lambda v: matrix @ v, size)
    full = np.linalg.eigvalsh(matrix)
    assert [each.value for each in found.largest] == about(full[::-1][:LARGEST], rel=1e-6)
    assert found.least.value == about(full[0], rel=1e-6)
    assert all(each.converged for each in (*found.largest, found.least))


def test_each_says_how_far_off_it_can_be_where_the_products_do_not_suffice():
    values = np.linspace(-1.0, 1.0, 400) ** 3
    found = ends_of_spectrum(lambda v: values * v, 400, iterations=20)
    assert not all(each.converged for each in found.largest)
    for each in (*found.largest, found.least):
        assert np.abs(values - each.value).min() <= each.doubt
    assert all(each.value <= value for each, value in zip(found.largest, values[::-1], strict=False))


def test_of_what_is_not_finite_no_eigenvalue_is_a_number():
    case = chain_of_units([1e200, 1e200], [1.0, 2.0], [0.0, 0.0])
    found = ends(case)
    assert all(math.isnan(each.value) for each in (*found.largest, found.least))
    shares = mean_shares(case.network, case.theta, case.evaluate(), found.vectors)
    assert np.isnan(shares).all()


def mean_directions(case, relative=1.0):
    """The unit vectors along which the units' means move, of each unit's (W, b) along (ā, 1) and of its (γ, β) along (mean x̂, 1)."""
    values, layout = references.values(case), case.network.layout
    entering = {name: np.abs(value).max() for name, value in values.items()}
    root = np.sqrt(np.broadcast_to(relative, case.theta.shape))
    found = []
    for layer in case.architecture.layers:
        own = {name: layout.places[name] for name in layout.names if name.layer == layer.name}
        pairs = [("weight", "bias", values[f"{layer.name}.weight"].mean(axis=0))]
        if f"{layer.name}.gamma" in own:
            normalized = references.normalize(layer, values[f"{layer.name}.norm"], {}, case.running, case.mode)
            pairs.append(("gamma", "beta", normalized.mean(axis=0)))
        for unit in range(layer.units):
            for factor, shift, mean in pairs:
                vector = np.zeros_like(case.theta)
                place, shape = own[f"{layer.name}.{factor}"]
                vector[place].reshape(shape)[(unit,) if factor == "weight" else (0, unit)] = mean if factor == "weight" else mean[unit]
                if f"{layer.name}.{shift}" in own:
                    vector[own[f"{layer.name}.{shift}"][0]][unit] = 1.0
                if np.abs(vector).max() > 1e-12 * (1.0 if factor == "gamma" else entering[f"{layer.name}.weight"]):
                    found.append(root * vector)  # the mean of what is centred is rounding
    return np.array([vector / np.linalg.norm(vector) for vector in found]).reshape(-1, case.theta.size)


@pytest.mark.slow
@held_over(30)
@given(cases(scales=(1.0, 0.3)), st.booleans())
def test_the_share_along_the_mean_is_that_of_the_full_eigenvectors(case, with_rates):
    assume(case.theta.size <= 60)
    relative = RATES.vector(case.network.layout) / 0.1 if with_rates else 1.0
    values, full = np.linalg.eigh(scaled_hessian(case, relative))
    apart = np.abs(values[:, np.newaxis] - values) + np.diag(np.full(values.size, np.inf))
    alone = apart.min(axis=1) > 1e-5 * np.abs(values).max() + 1e6 * references.expected(case).rounding
    ranks = [*range(values.size - 1, values.size - 1 - min(LARGEST, values.size), -1), 0]
    found = ends(case, relative)
    shares = mean_shares(case.network, case.theta, case.evaluate(), found.vectors, np.sqrt(relative))
    means = mean_directions(case, relative)
    for share, rank in zip(shares, ranks, strict=True):
        if alone[rank]:  # of equal eigenvalues every mixture of vectors is one
            assert share == about(np.square(means @ full[:, rank]).sum(), abs=1e-5)


def linear_unit(inputs, bias):
    """One linear unit on these inputs (m, n) with half_mse: its Hessian is the second moment of (inputs, 1)."""
    rng = np.random.default_rng(0)
    biased = frozenset(["out"] if bias else [])
    architecture = Architecture(inputs.shape[1], (Layer("out", 1, LINEAR, bias=bias),), COSTS["half_mse"])
    return fill(architecture, Structure(frozenset(), biased), inputs, rng.normal(size=(len(inputs), 1)), rng)


def shares_of(case):
    found = ends(case)
    return found, mean_shares(case.network, case.theta, case.evaluate(), found.vectors)


@pytest.mark.parametrize("bias", [False, True])
def test_a_mean_along_one_axis_is_one_eigenvector_and_nothing_of_the_others(bias):
    spread = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]) * [1.0, 0.5]
    found, shares = shares_of(linear_unit(spread + np.array([3.0, 0.0]), bias))
    with_mean = np.array([[10.0, 3.0], [3.0, 1.0]])  # of (input, 1): mean square 9 + 1
    top = np.linalg.eigvalsh(with_mean)[-1] if bias else 10.0
    assert found.largest[0].value == about(top, rel=1e-9)
    tilted = np.linalg.eigh(with_mean)[1][:, -1] @ [3.0, 1.0] / np.sqrt(10.0)
    assert shares[0] == about(tilted**2 if bias else 1.0, rel=1e-9)
    assert found.largest[1].value == about(0.25, rel=1e-9)
    assert shares[1] == pytest.approx(0.0, abs=1e-12)


def test_what_no_mean_reaches_has_no_share_and_a_bias_alone_is_the_mean_itself():
    centred = np.array([[1.0, 2.0], [-1.0, -2.0]])
    _, without = shares_of(linear_unit(centred, bias=False))
    assert (without == 0).all()
    found, with_bias = shares_of(linear_unit(centred, bias=True))
    by_value = dict(zip((round(each.value, 9) for each in found.largest), with_bias, strict=False))
    assert by_value[1.0] == about(1.0, rel=1e-9)  # the bias, whose input is 1
    assert by_value[5.0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("normalized", [(), ("a", "b")])
def test_of_a_dead_network_nothing_curves_and_shares_are_still_shares(normalized):
    layers = (Layer("a", 3, RELU), Layer("b", 4, RELU), Layer("head", 1, LINEAR))
    rng = np.random.default_rng(2)
    structure = Structure(frozenset(normalized), frozenset(["a", "b", "head"]))
    case = fill(Architecture(2, layers), structure, rng.normal(size=(8, 2)), rng.normal(size=(8, 1)), rng, dead=False)
    silenced = {name: value - 100.0 for name, value in case.parameters.items() if name in ("b.bias", "b.beta")}
    dead = case.with_parameters(**{name.replace(".", "_"): value for name, value in silenced.items()})
    found, shares = shares_of(dead)
    assert found.largest[0].value == about(1.0, rel=1e-9)  # the head's bias alone
    assert shares[0] == about(1.0, rel=1e-9)
    assert [each.value for each in found.largest[1:]] == pytest.approx([0.0] * 9, abs=1e-12)
    assert ((shares >= 0) & (shares <= 1 + 1e-12)).all()
