"""Batch normalization as a link of the chain: its Jacobian, its parts, and what it does to the size of a weight."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maths import references
from maths.cases import Case, about, cases, chain_of_units, fill, held_over

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.descent import Descent, Rates, State, descend, statistics
from bntui.maths.kinds.activations import ACTIVATIONS, TANH
from bntui.maths.network import Structure

NORMALIZED = Structure(frozenset({"a"}), frozenset())


def bare_normalization(z, delta, gamma, epsilon, beta=0.0, affine=True, mode="train") -> Case:
    """A network that is nothing but BN of `z` (m, n), with targets such that the signal at its output is `delta`."""
    units = z.shape[1]
    layer = Layer("a", units, bias=False, normalization=NormalizationSettings(epsilon=epsilon, affine=affine))
    case = fill(Architecture(units, (layer,)), NORMALIZED, z, np.zeros_like(z), np.random.default_rng(0), mode)
    case = case.with_parameters(a_weight=np.eye(units))
    if affine:
        case = case.with_parameters(a_gamma=np.reshape(gamma, (1, units)), a_beta=np.full((1, units), beta))
    return replace(case, targets=case.evaluate().forward.outputs - len(z) * delta)


@st.composite
def normalized_columns(draw):
    """Some columns of numbers, a signal at BN's output, γ per column, and ε."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    z = rng.normal(size=shape) * draw(st.sampled_from((1.0, 0.03, 20.0))) + rng.normal()
    return z, rng.normal(size=shape), rng.normal(size=shape[1]), draw(st.sampled_from((1e-5, 1e-2, 0.3)))


@held_over(40)
@given(normalized_columns())
def test_the_jacobian_of_bn_is_gamma_over_sigma_times_p(drawn):
    z, _, gamma, epsilon = drawn
    m = len(z)
    for unit in range(z.shape[1]):
        column = z[:, unit]
        sigma = np.sqrt(column.var() + epsilon)
        normalized = (column - column.mean()) / sigma
        explicit = gamma[unit] / sigma * (np.eye(m) - np.ones((m, m)) / m - np.outer(normalized, normalized) / m)
        by_autograd = references.batch_norm_jacobian(column, gamma[unit], epsilon)
        np.testing.assert_allclose(by_autograd, explicit, rtol=1e-9, atol=1e-12 * abs(gamma[unit] / sigma))


@held_over(40)
@given(normalized_columns(), st.booleans())
def test_each_part_of_bns_backward_step_is_its_part_of_the_jacobian(drawn, affine):
    z, delta, gamma, epsilon = drawn
    m = len(z)
    signals = bare_normalization(z, delta, gamma, epsilon, affine=affine).signals()
    for unit in range(z.shape[1]):
        sigma = np.sqrt(z[:, unit].var() + epsilon)
        normalized = (z[:, unit] - z[:, unit].mean()) / sigma
        scale = np.eye(m) * (gamma[unit] if affine else 1.0) / sigma
        centre = np.eye(m) - np.ones((m, m)) / m
        project = np.eye(m) - np.outer(normalized, normalized) / m
        whole = references.batch_norm_jacobian(z[:, unit], gamma[unit] if affine else 1.0, epsilon)
        arriving = signals["cost"][:, unit]
        np.testing.assert_allclose(arriving, delta[:, unit], rtol=1e-9, atol=1e-12)
        atol = 1e-12 * np.abs(scale).max() * (1 + np.abs(arriving).max())
        for part, expected in (
            ("scale", scale @ arriving),
            ("centre", centre @ scale @ arriving),
            ("project", project @ centre @ scale @ arriving),
            ("project", whole.T @ arriving),
        ):
            np.testing.assert_allclose(signals[f"a.norm.{part}"][:, unit], expected, rtol=1e-9, atol=atol, err_msg=part)


def test_in_evaluation_mode_bn_is_scale_alone_by_the_running_variance():
    z, delta = np.random.default_rng(0).normal(size=(2, 5, 3))
    case = bare_normalization(z, delta, [2.0, -1.0, 0.5], 1e-3, mode="eval")
    signals = case.signals()
    assert [name for name in signals if "norm" in name] == ["a.norm.scale"]
    expected = delta * np.array([2.0, -1.0, 0.5]) / np.sqrt(case.running["a.variance"] + 1e-3)
    np.testing.assert_allclose(signals["a.norm.scale"], expected, rtol=1e-12)


def test_one_sample_can_be_normalized_by_the_running_estimates():
    case = bare_normalization(np.array([[1.0, 2.0]]), np.ones((1, 2)), [1.0, 1.0], 1e-5, mode="eval")
    assert np.isfinite(case.evaluate().gradient).all()


def test_with_two_samples_p_is_zero_up_to_epsilon():
    z, delta = np.array([[0.3], [2.3]]), np.array([[1.0], [-5.0]])
    signals = bare_normalization(z, delta, [1.0], 1e-5).signals()
    # v = 1: of the centred signal the fraction ε/(v + ε) survives
    np.testing.assert_allclose(signals["a.norm.project"] / signals["a.norm.centre"], 1e-5 / (1 + 1e-5), rtol=1e-9)
    assert np.abs(bare_normalization(z, delta, [1.0], 0.0).signals()["a.norm.project"]).max() < 1e-14


def test_because_of_epsilon_a_fraction_of_the_projected_component_survives():
    z = np.random.default_rng(3).normal(size=(6, 1))
    variance, epsilon = z.var(), 0.2
    along = (z - z.mean()) / np.sqrt(variance + epsilon)
    signals = bare_normalization(z, along, [1.0], epsilon).signals()
    expected = signals["a.norm.centre"] * epsilon / (variance + epsilon)
    np.testing.assert_allclose(signals["a.norm.project"], expected, rtol=1e-12)


def test_the_batchs_variance_is_biased_and_the_normalized_never_exceed_root_m_minus_1():
    z = np.random.default_rng(0).normal(size=(7, 3))
    case = bare_normalization(z, np.zeros_like(z), [1.0, 1.0, 1.0], 0.0)
    kept = statistics(case.network, case.evaluate())["a"]
    np.testing.assert_allclose(kept.mean[0], z.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(kept.variance[0], ((z - z.mean(axis=0)) ** 2).sum(axis=0) / 7, rtol=1e-12)
    outlier = bare_normalization(np.array([[1e3], [0], [0], [0], [0]]), np.zeros((5, 1)), [1.0], 0.0)
    assert np.abs(outlier.evaluate().forward.outputs).max() == about(np.sqrt(5 - 1), rel=1e-12)


# Fact 1: BN(aWu) = BN(Wu); ∂/∂u is unchanged, ∂/∂(aW) = (1/a)·∂/∂W.


def before_and_after_scaling(epsilon, factor):
    """A normalized layer in the middle of a network, and the same with its weight multiplied."""
    layers = (
        Layer("below", 4, TANH),
        Layer("a", 3, TANH, normalization=NormalizationSettings(epsilon=epsilon)),
        Layer("head", 2),
    )
    rng = np.random.default_rng(0)
    structure = Structure(frozenset({"a"}), frozenset({"below", "head"}))
    case = fill(Architecture(2, layers), structure, rng.normal(size=(9, 2)), rng.normal(size=(9, 2)), rng)
    return case, case.with_parameters(a_weight=factor * case.parameters["a.weight"])


@pytest.mark.parametrize("factor", [1e-3, 0.1, 7.0, 1e4])
def test_scaling_a_normalized_layers_weight_changes_neither_output_nor_any_gradient_but_its_own(factor):
    plain, scaled = before_and_after_scaling(0.0, factor)
    outputs, moved = plain.evaluate().forward.outputs, scaled.evaluate().forward.outputs
    assert np.abs(moved - outputs).max() <= 5e-15 * np.abs(outputs).max()
    gradients, after = plain.gradients(), scaled.gradients()
    for name in gradients:
        shrunk = after[name] * (factor if name == "a.weight" else 1.0)
        np.testing.assert_allclose(shrunk, gradients[name], rtol=1e-11, atol=1e-13, err_msg=name)
    np.testing.assert_allclose(scaled.signals()["a.weight"], plain.signals()["a.weight"], rtol=1e-11, atol=1e-14)


def test_scaling_the_weight_by_two_moves_no_bit_of_bns_output():
    plain, scaled = before_and_after_scaling(0.0, 2.0)
    assert np.array_equal(plain.evaluate().forward.outputs, scaled.evaluate().forward.outputs)


def test_the_pair_w_times_gamma_over_sigma_stays_while_the_weight_grows_a_thousandfold():
    for epsilon, tolerance in ((0.0, 1e-12), (1e-5, 1e-4)):
        plain, scaled = before_and_after_scaling(epsilon, 1000.0)
        pairs = []
        for case in (plain, scaled):
            sigma = statistics(case.network, case.evaluate())["a"].sigma
            pairs.append(case.parameters["a.weight"] * (case.parameters["a.gamma"] / sigma).T)
        np.testing.assert_allclose(pairs[0], pairs[1], rtol=tolerance)


@pytest.mark.parametrize(("variance", "epsilon", "factor"), [(1.0, 1e-5, 0.01), (0.3, 1e-3, 0.2), (2.0, 0.1, 50.0)])
def test_with_epsilon_the_normalized_shrink_by_the_root_of_v_plus_eps_over_v_plus_eps_over_a_squared(
    variance, epsilon, factor
):
    z = np.random.default_rng(1).normal(size=(40, 1))
    z = (z - z.mean()) / z.std() * np.sqrt(variance)
    outputs = [
        bare_normalization(scale * z, np.zeros_like(z), [1.0], epsilon).evaluate().forward.outputs
        for scale in (1.0, factor)
    ]
    expected = np.sqrt((variance + epsilon) / (variance + epsilon / factor**2))
    np.testing.assert_allclose(outputs[1] / outputs[0], expected, rtol=1e-12)
    if factor == 0.01:
        assert 1 - expected == about(0.047, abs=5e-4)


# Fact 2: no gradient along the weight's own scale.


@held_over(50)
@given(cases(modes=("train",), scales=(1.0, 0.3), deaths=(False,), affine=(True,)))
def test_under_bn_a_rows_own_direction_gets_only_epsilons_share_of_the_gradient(case):
    evaluation = case.evaluate()
    gradients = case.network.layout.views(evaluation.gradient)
    for name, kept in statistics(case.network, evaluation).items():
        layer = case.architecture.layer(name)
        before = layer.normalization.placement == "before_activation" or layer.is_linear
        homogeneous = layer.activation.name in ("relu", "leaky_relu")
        if not before and not homogeneous:
            continue
        along = (case.parameters[f"{name}.weight"] * gradients[f"{name}.weight"]).sum(axis=1)
        if not before and layer.bias:  # after a ReLU it holds for (w, b) jointly
            along = along + (case.parameters[f"{name}.bias"] * gradients[f"{name}.bias"])[0]
        share = layer.normalization.epsilon / (kept.variance + layer.normalization.epsilon)
        expected = (case.parameters[f"{name}.gamma"] * gradients[f"{name}.gamma"] * share)[0]
        size = max(np.abs(link.signal).max() for link in evaluation.links)
        np.testing.assert_allclose(along, expected, rtol=1e-8, atol=1e-11 * (1 + size))


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_after_sigmoid_or_tanh_the_rows_own_direction_does_get_a_gradient(activation):
    settings = NormalizationSettings(placement="after_activation", epsilon=0.0)
    architecture = Architecture(2, (Layer("a", 3, ACTIVATIONS[activation], normalization=settings), Layer("head", 1)))
    rng = np.random.default_rng(0)
    structure = Structure(frozenset({"a"}), frozenset({"a", "head"}))
    case = fill(architecture, structure, rng.normal(size=(8, 2)), rng.normal(size=(8, 1)), rng)
    gradient = case.gradients()
    along = (case.parameters["a.weight"] * gradient["a.weight"]).sum(axis=1)
    jointly = along + (case.parameters["a.bias"] * gradient["a.bias"])[0]
    assert np.abs(along).min() > 1e-4
    assert np.abs(jointly).min() > 1e-4


def test_plain_descent_only_lengthens_the_rows_of_a_normalized_weight():
    case, _ = before_and_after_scaling(0.0, 1.0)
    state = State(0, case.structure, case.theta, (np.zeros_like(case.theta),), case.estimates)
    rate, lengths = 0.3, []
    for _ in range(5):
        evaluation = case.network.evaluate(state.theta, state.running, case.inputs, case.targets)
        weight = case.network.layout.views(state.theta)["a.weight"]
        gradient = case.network.layout.views(evaluation.gradient)["a.weight"]
        state = descend(state, case.network, evaluation, Descent(Rates(rate)))
        longer = case.network.layout.views(state.theta)["a.weight"]
        lengths.append((longer**2).sum(axis=1))
        np.testing.assert_allclose(
            lengths[-1], (weight**2).sum(axis=1) + rate**2 * (gradient**2).sum(axis=1), rtol=1e-13
        )
    assert (np.diff(lengths, axis=0) > 0).all()


def test_a_one_unit_layers_weight_has_no_other_direction_and_learns_nothing_under_bn():
    case = chain_of_units([1.3, 0.7], [-1.0, 0.5, 2.0, 3.0], [1.0, 0.0, 4.0, 2.0], normalized="a", epsilon=0.0)
    gradient = case.gradients()
    assert abs(gradient["a.weight"].item()) < 1e-15
    assert min(abs(gradient["a.gamma"].item()), abs(gradient["a.beta"].item())) > 0.1


# Fact 3: ‖δ_z‖² = (γ²/σ²)(‖δ‖² − ⟨1,δ⟩²/m − ⟨δ,x̂⟩²/m), the last term × (1 + ε/(v+ε)).


@held_over(40)
@given(normalized_columns(), st.booleans())
def test_the_signals_squared_norm_loses_what_points_along_one_and_along_the_normalized(drawn, without_epsilon):
    z, delta, gamma, epsilon = drawn
    epsilon = 0.0 if without_epsilon else epsilon
    m = len(z)
    after = (bare_normalization(z, delta, gamma, epsilon).signals()["a.norm.project"] ** 2).sum(axis=0)
    sigma = np.sqrt(z.var(axis=0) + epsilon)
    normalized = (z - z.mean(axis=0)) / sigma
    lost = delta.sum(axis=0) ** 2 / m
    lost += (delta * normalized).sum(axis=0) ** 2 / m * (1 + epsilon / (z.var(axis=0) + epsilon))
    expected = (gamma / sigma) ** 2 * ((delta**2).sum(axis=0) - lost)
    np.testing.assert_allclose(after, expected, rtol=1e-9, atol=1e-12 * (gamma / sigma).max() ** 2 * m * 10)
