"""Activations and costs one number at a time, above all in their tails: no NaN, and nothing rounded to zero early."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from maths.cases import about, chain_of_units

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS, CROSS_ENTROPY
from bntui.maths.network import Structure, network

getcontext().prec = 700  # enough to tell 1 − e⁻⁷⁰⁰ from 1
PI = "3.14159265358979323846264338327950288419716939937510"


def exact_sigmoid(u: float) -> Decimal:
    return 1 / (1 + (-Decimal(u)).exp())


def normal(u: float) -> tuple[Decimal, Decimal]:
    """Φ(u) and φ(u): Φ(u) = ½ + φ(u)·Σ u²ᵏ⁺¹/(2k + 1)!!, from 40 on as good as 0 or 1."""
    if abs(u) >= 40:
        return Decimal(u > 0), Decimal(0)
    x = Decimal(u)
    density = (-x * x / 2).exp() / (2 * Decimal(PI)).sqrt()
    term = whole = x
    for k in range(1, 8000):
        term *= x * x / (2 * k + 1)
        whole += term
    return Decimal("0.5") + density * whole, density


def one_unit(u, target, cost, activation):
    """A network that does nothing but g(u), with weight 1."""
    return chain_of_units([1.0], [u], [target], activation, cost=cost)


def exact_slope(activation: str, u: float) -> float:
    """g′(u): σ(u)σ(−u), and for tanh 4σ(2u)σ(−2u)."""
    if activation == "sigmoid":
        return float(exact_sigmoid(u) * exact_sigmoid(-u))
    if activation == "tanh":
        return float(4 * exact_sigmoid(2 * u) * exact_sigmoid(-2 * u))
    if activation == "gelu":
        share, density = normal(u)
        return float(share + Decimal(u) * density)
    if activation == "silu":
        right, wrong = exact_sigmoid(u), exact_sigmoid(-u)
        return float(right + Decimal(u) * right * wrong)
    return {"linear": 1.0, "relu": float(u > 0), "leaky_relu": 1.0 if u > 0 else 0.01}[activation]


@pytest.mark.parametrize("u", [-300.0, -40.0, -2.0, 0.0, 0.5, 25.0, 350.0])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_slope_is_exact_in_the_middle_and_far_out(activation, u):
    expected = exact_slope(activation, u)
    assert ACTIVATIONS[activation].slope_at(np.array([u]))[0] == about(expected, rel=1e-12)
    if activation != "linear":
        cost, signal = (link.signal.item() for link in one_unit(u, 0.1, "half_mse", activation).evaluate().links[:2])
        assert signal == about(cost * expected, rel=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_slope_is_the_derivative_of_what_the_network_does(activation):
    for u in (-1.7, -0.2, 0.3, 2.5):
        ahead, behind = (one_unit(u + h, 0.0, "mse", activation).evaluate().forward.outputs for h in (1e-6, -1e-6))
        assert ACTIVATIONS[activation].slope_at(np.array([u]))[0] == about((ahead - behind).item() / 2e-6, rel=1e-6)


@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("u", [-700.0, -60.0, -37.0, -5.0, 0.0, 5.0, 37.0, 60.0, 700.0])
def test_bce_and_both_its_factors_are_exact_for_every_size_of_logit(u, target):
    evaluation = one_unit(u, target, "bce", "sigmoid").evaluate()
    right, wrong = exact_sigmoid(u), exact_sigmoid(-u)
    likelihood = right if target else wrong
    cost, activation = (link.signal.item() for link in evaluation.links[:2])
    assert float(evaluation.loss) == about(float(-likelihood.ln()), rel=1e-12)
    assert cost == about(float(-1 / right if target else 1 / wrong), rel=1e-12)
    assert activation == about(float(-wrong if target else right), rel=1e-12)
    assert activation / cost == about(float(right * wrong), rel=1e-12)
    assert evaluation.gradient.item() == about(u * activation, rel=1e-12)


def test_bce_takes_a_probability_as_a_target():
    evaluation = one_unit(0.4, 0.3, "bce", "sigmoid").evaluate()
    right = 1 / (1 + math.exp(-0.4))
    assert float(evaluation.loss) == about(-0.3 * math.log(right) - 0.7 * math.log(1 - right), rel=1e-12)
    assert evaluation.links[0].signal.item() == about((right - 0.3) / (right * (1 - right)), rel=1e-12)
    assert evaluation.links[1].signal.item() == about(right - 0.3, rel=1e-12)


@pytest.mark.parametrize("u", [-1e3, 1e3, -1e300, 1e300])
def test_bce_is_finite_where_the_sigmoid_is_zero_or_one(u):
    for target in (0.0, 1.0):
        evaluation = one_unit(u, target, "bce", "sigmoid").evaluate()
        assert float(evaluation.loss) == about(max(0.0, u if target == 0 else -u))
        assert np.isfinite([link.signal.item() for link in evaluation.links]).all()
        assert evaluation.links[1].signal.item() == about((u > 0) - target)


def test_the_costs_are_those_of_the_textbook():
    outputs, targets = [3.0, -1.0], [1.0, 1.5]
    mse = chain_of_units([1.0], outputs, targets, cost="mse").evaluate()
    half = chain_of_units([1.0], outputs, targets, cost="half_mse").evaluate()
    assert float(mse.loss) == about((4 + 6.25) / 2)
    assert float(half.loss) == about((4 + 6.25) / 4)
    np.testing.assert_allclose(mse.links[0].signal[:, 0], [2.0, -2.5])
    np.testing.assert_allclose(half.links[0].signal[:, 0], [1.0, -1.25])  # (ŷ − y)/m


# each formula that is printed, written a second time: over samples i and outputs j, number by number
MEANINGS = {
    "1/(m·n) Σᵢⱼ (ŷᵢⱼ − yᵢⱼ)²": lambda u, y: sum(
        (u[i][j] - y[i][j]) ** 2 for i in range(len(u)) for j in range(len(u[0]))
    ) / (len(u) * len(u[0])),
    "1/(2m) Σᵢ ‖ŷᵢ − yᵢ‖²": lambda u, y: sum(
        math.hypot(*(a - b for a, b in zip(u[i], y[i], strict=True))) ** 2 for i in range(len(u))
    ) / (2 * len(u)),
    "−1/(m·n) Σᵢⱼ (yᵢⱼ·log ŷᵢⱼ + (1 − yᵢⱼ)·log(1 − ŷᵢⱼ))": lambda u, y: -sum(
        y[i][j] * math.log(1 / (1 + math.exp(-u[i][j]))) + (1 - y[i][j]) * math.log(1 - 1 / (1 + math.exp(-u[i][j])))
        for i in range(len(u)) for j in range(len(u[0]))
    ) / (len(u) * len(u[0])),
    "−1/m Σᵢ log softmax(ŷᵢ) at class yᵢ": lambda u, y: -sum(
        math.log(math.exp(row[classes.index(1.0)]) / sum(map(math.exp, row))) for row, classes in zip(u, y, strict=True)
    ) / len(u),
}  # fmt: skip


@pytest.mark.parametrize("name", COSTS)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_each_cost_is_what_its_printed_formula_says(name, samples, outputs, seed):
    random = np.random.default_rng(seed)
    u, y = random.normal(size=(2, samples, outputs))
    if name == "bce":  # u is what enters the sigmoid, ŷ what leaves it
        y = random.integers(0, 2, size=(samples, outputs)).astype(float)
    if name == "cross_entropy":
        y = np.eye(outputs)[random.integers(0, outputs, size=samples)]
    assert float(COSTS[name].loss(u, y)) == about(MEANINGS[COSTS[name].formula](u.tolist(), y.tolist()), rel=1e-9)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_half_mse_is_half_of_mse_with_one_output_and_half_as_many_times_it_as_there_are_outputs(samples, outputs, seed):
    u, y = np.random.default_rng(seed).normal(size=(2, samples, outputs))
    half, whole = (float(COSTS[name].loss(u, y)) for name in ("half_mse", "mse"))
    assert half == about(whole * outputs / 2, rel=1e-12)
    assert "with one output half of mse, with n outputs n/2 times it" in COSTS["half_mse"].says


def softmax_cost(logits, label):
    """Cross-entropy and ∂J/∂ŷ of one sample, through a linear layer that copies its input."""
    classes = len(logits)
    built = network(Architecture(classes, (Layer("a", classes),), CROSS_ENTROPY), Structure(frozenset(), frozenset()))
    evaluation = built.evaluate(np.eye(classes).ravel(), np.empty(0), np.array([logits]), np.eye(classes)[[label]])
    return float(evaluation.loss), evaluation.links[0].signal[0]


def test_cross_entropy_is_the_mean_over_samples_of_minus_the_logarithm_of_the_softmax():
    loss, signal = softmax_cost([1.0, 2.0, -0.5], 1)
    softmax = np.exp([1.0, 2.0, -0.5]) / np.exp([1.0, 2.0, -0.5]).sum()
    assert loss == about(-math.log(softmax[1]), rel=1e-13)
    np.testing.assert_allclose(signal, softmax - [0, 1, 0], rtol=1e-13)


@pytest.mark.parametrize("size", [40.0, 1e3, 1e300])
def test_cross_entropy_is_finite_for_every_size_of_logit(size):
    wrong, away = softmax_cost([size, -size], 1)
    assert wrong == about(2 * size)
    np.testing.assert_allclose(away, [1.0, -1.0])
    right, still = softmax_cost([size, -size], 0)
    assert 0 <= right < 1e-15
    assert still[1] == about(math.exp(max(-2 * size, -800)), rel=1e-12)


def test_accuracy_is_the_share_on_the_right_side() -> None:
    logits = np.array([[3.0, -1.0], [-0.1, 0.2], [0.0, np.nan], [np.inf, -np.inf]])
    targets = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    # right: both, the second, the first (½ is not above ½) but never what is not a number, the first
    assert COSTS["bce"].accuracy(logits, targets) == 5 / 8


def test_accuracy_is_the_share_whose_largest_output_is_the_class() -> None:
    outputs = np.array([[1.0, 2.0, 0.0], [5.0, 2.0, 0.0], [-9.0, -8.0, -7.0], [np.nan, 0.0, 1.0]])
    targets = np.eye(3)[[1, 2, 2, 0]]
    assert COSTS["cross_entropy"].accuracy(outputs, targets) == 2 / 4
    side_by_side = COSTS["cross_entropy"].accuracy(np.stack([outputs, outputs[::-1]]), np.stack([targets, targets]))
    assert side_by_side.tolist() == [2 / 4, 1 / 4]
