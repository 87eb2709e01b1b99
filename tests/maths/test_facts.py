"""The facts of MATHS.md that are about whole runs, with the figures that stand there.

Facts 1–3 are in test_batch_norm.py, fact 4 in test_anatomy.py.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from maths import references
from maths.cases import about, chain_of_units
from paced import mostly_slow

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.chain import read_chain
from bntui.maths.curvature import curvature
from bntui.maths.descent import Descent, Rates, State, descend, diverged, start, statistics
from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.optimizers import PLAIN_DESCENT
from bntui.maths.objective import Objective
from bntui.maths.switching import switch


@dataclass(frozen=True)
class Runs:
    """Networks of one input, side by side: hidden layers, a linear head without BN, y = sin 2x, one data set a run."""

    architecture: Architecture
    state: State
    inputs: np.ndarray
    targets: np.ndarray

    @property
    def network(self):
        return self.state.network(self.architecture)

    @property
    def best_constants_cost(self) -> np.ndarray:
        return self.targets.var(axis=(-2, -1)) / 2

    def evaluate(self, theta=None):
        theta = self.state.theta if theta is None else theta
        return self.network.evaluate(theta, self.state.running, self.inputs, self.targets)


def runs(seeds, hidden, width, activation, variance, normalized, samples=64, inputs=1) -> Runs:
    """Weights of variance `variance`/n_in; zero biases, γ = 1, β = 0."""
    names = [f"h{place}" for place in range(1, hidden + 1)]
    layers = (*(Layer(name, width, ACTIVATIONS[activation]) for name in names), Layer("head", 1))
    rng = [np.random.default_rng(seed) for seed in seeds]
    x = np.stack([r.normal(size=(samples, inputs)) for r in rng])
    parameters, incoming = {}, inputs
    for layer in layers:
        weights = [r.normal(size=(layer.units, incoming)) * np.sqrt(variance / incoming) for r in rng]
        parameters[f"{layer.name}.weight"] = np.stack(weights)
        parameters[f"{layer.name}.bias"] = np.zeros((len(rng), layer.units))
        incoming = layer.units
    architecture = Architecture(inputs, layers)
    state = start(architecture, parameters, tuple(names) if normalized else ())
    return Runs(architecture, state, x, np.sin(2 * x[..., :1]))


def single(made: Runs) -> Runs:
    """The only run, without its leading axis."""
    state = made.state
    alone = replace(state, theta=state.theta[0], memory=(state.memory[0][0],), running=state.running[0])
    return Runs(made.architecture, alone, made.inputs[0], made.targets[0])


# Fact 5: BN after every unit of Goodfellow's chain


@pytest.mark.parametrize("weights", [(1.1, 0.9, 1.3, 0.8, 1.2), (-0.4, 2.0, 0.7, -1.5, 0.3)])
def test_under_bn_the_output_depends_on_a_weight_by_the_product_of_what_each_epsilon_lets_through(weights):
    x = np.random.default_rng(0).normal(size=32)
    case = chain_of_units(weights, x, np.zeros(32), normalized="abcde", epsilon=0.3)
    rng = np.random.default_rng(1)
    for name in "abcde":
        case.parameters[f"{name}.gamma"][...], case.parameters[f"{name}.beta"][...] = rng.normal(size=2)
    expected, product = references.expected(case), 1.0
    outputs, _ = references.forward(case.architecture, case.structure, case.parameters, case.running, case.inputs)
    for name in "edcba":
        variance = expected.values[f"{name}.norm"].var()
        product *= 0.3 / (variance + 0.3)
        weight = case.parameters[f"{name}.weight"].item()
        of_outputs = (outputs - case.parameters["e.beta"]) / weight * product  # ∂ŷ/∂weight, sample by sample
        gradient = (expected.signals["cost"] * of_outputs).sum()
        assert case.gradients()[f"{name}.weight"].item() == about(gradient, rel=1e-9)


def test_under_bn_the_lower_weights_of_goodfellows_chain_do_neither_harm_nor_good():
    x = np.random.default_rng(0).normal(size=64)
    outputs = []
    for factor in (1.0, 1000.0):
        case = chain_of_units((1.1 * factor, 0.9, 1.3 * factor, 0.8, 1.2), x, 3 * x, normalized="abcde")
        outputs.append(case.evaluate().forward.outputs)
        assert max(abs(case.gradients()[f"{name}.weight"].item()) for name in "abc") < 1e-13
    np.testing.assert_allclose(outputs[1], outputs[0], rtol=1e-4)


def test_with_weights_of_a_tenth_and_preserve_epsilon_swallows_the_variance_and_project_removes_almost_nothing():
    x = np.random.default_rng(0).normal(size=64)
    case = chain_of_units([0.1] * 5, x, 3 * x)
    state = State(0, case.structure, case.theta, (np.zeros(5),), case.estimates)
    state = switch(case.architecture, state, frozenset("abcde"), case.inputs, "preserve")
    built = state.network(case.architecture)
    evaluation = built.evaluate(state.theta, state.running, case.inputs, case.targets)
    variances = [kept.variance.item() for kept in statistics(built, evaluation).values()]
    assert [variance < 1e-5 for variance in variances] == [False, False, True, True, True]
    values = {factor.name: factor.value for factor in read_chain(built, evaluation)[0].factors}
    # the signal is along x̂ alone: ε/(v + ε) of it survives
    assert values["e.norm.project"] > 0.99999
    assert values["d.norm.project"] > 0.998
    assert values["c.norm.project"] > 0.9
    assert values["b.norm.project"] < 0.15
    assert values["a.norm.project"] < 0.002


# Fact 6: the largest rates on Goodfellow's chain


def goodfellow(rates, normalized, steps):
    """J of every step (step, rate) on y = 3x, mean(x²) = 1, weights 1.1 .9 1.3 .8 1.2; and which rates diverged."""
    x = np.random.default_rng(0).normal(size=(64, 1))
    x = (x - x.mean()) / x.std()
    architecture = Architecture(1, tuple(Layer(name, 1, bias=False) for name in "abcde"))
    weights = {
        f"{name}.weight": np.full((len(rates), 1, 1), weight)
        for name, weight in zip("abcde", (1.1, 0.9, 1.3, 0.8, 1.2), strict=True)
    }
    state = start(architecture, weights, tuple(normalized))
    built, rate = state.network(architecture), np.array(rates)[:, np.newaxis]
    losses, ended, theta = [], np.zeros(len(rates), dtype=bool), state.theta
    for _ in range(steps):
        evaluation = built.evaluate(theta, state.running, x, 3 * x)
        losses.append(evaluation.loss)
        ended |= diverged(evaluation.loss, evaluation.gradient, losses[0])
        with np.errstate(all="ignore"):
            theta = theta - rate * evaluation.gradient
    return np.array(losses), ended


def test_without_bn_goodfellows_chain_settles_to_a_rate_of_0_067_bounces_to_0_17_and_diverges_from_0_18():
    losses, ended = goodfellow((0.05, 0.067, 0.075, 0.1, 0.15, 0.17, 0.18, 0.19, 0.3), "", 2000)
    assert ended.tolist() == [False] * 6 + [True] * 3
    assert (losses[-50:, :2] < 1e-8).all()
    assert (losses[-50:, 2:6].max(axis=0) > 0.1).all()


def test_the_rate_of_0_067_is_two_over_the_curvature_at_the_solution():
    x = np.random.default_rng(0).normal(size=64)
    x = (x - x.mean()) / x.std()
    case = chain_of_units((1.1, 0.9, 1.3, 0.8, 1.2), x, 3 * x)
    theta = case.theta
    for _ in range(2000):
        theta = theta - 0.05 * case.network.evaluate(theta, case.estimates, case.inputs, case.targets).gradient
    at_solution = curvature(case.objective.hessian(theta), theta.size, 1.0)
    assert PLAIN_DESCENT.stable_rate(at_solution.value) == about(0.067, rel=0.03)


def test_with_bn_on_all_five_1_99_converges_and_2_01_diverges():
    losses, ended = goodfellow((1.99, 2.01), "abcde", 1600)
    assert ended.tolist() == [False, True]
    assert losses[-1, 0] < 1e-8


def test_with_the_last_weight_left_out_of_bn_only_0_32_converges():
    losses, ended = goodfellow((0.3, 0.32, 0.35, 0.4), "abcd", 600)
    assert not ended.any()
    assert (losses[-1] < 1e-8).tolist() == [True, True, False, False]


# Fact 9: BN at the start of training makes deep gradients explode


def relu_theory(m):
    """The growth of the gradient's squared norm per ReLU layer under BN at infinite width [Yang et al. 2019]."""
    c = -1 / (m - 1)
    J = (math.sqrt(1 - c * c) + (math.pi - math.acos(c)) * c) / math.pi
    slope = (math.pi - math.acos(c)) / math.pi
    return ((m - 1 + slope) / (1 - J) - 1) / (m - 3)


def linear_theory(m):
    return (m - 2) / (m - 3)


def squared_gains(m, width, depth, activation, seeds, variance=2.0, inputs=1):
    """The squared gain of every hidden layer at the start (seed, layer)."""
    found = []
    for seed in seeds:
        made = single(runs([seed], depth, width, activation, variance, True, m, inputs))
        chains = read_chain(made.network, made.evaluate())
        found.append([chain.gain**2 for chain in chains[:-1]])
    return np.array(found)


def growth(gains):
    """The mean growth per layer, as a product grows."""
    return np.exp(np.log(gains).mean())


def test_the_theory_gives_the_figures_of_maths_md():
    assert relu_theory(8) == about(1.788, abs=5e-4)
    assert relu_theory(32) == about(1.522, abs=5e-4)
    assert relu_theory(1e7) == about(math.pi / (math.pi - 1), rel=1e-6)
    assert math.pi / (math.pi - 1) == about(1.467, abs=5e-4)
    assert math.sqrt(relu_theory(1e7)) == about(1.21, abs=5e-3)


@pytest.mark.parametrize("m", mostly_slow([8, 16, 32], [8]))
def test_in_deep_relu_networks_the_squared_gradient_grows_by_the_theorys_factor_per_layer(m):
    gains = squared_gains(m, 256, 22, "relu", range(3))[:, 10:]
    assert growth(gains) == about(relu_theory(m), rel=0.04)


@pytest.mark.parametrize("variance", [0.02, 50.0])
def test_whatever_the_size_of_the_initial_weights(variance):
    gains = squared_gains(8, 256, 22, "relu", range(3), variance)[:, 10:]
    assert growth(gains) == about(relu_theory(8), rel=0.04)


@pytest.mark.parametrize("m", mostly_slow([8, 16, 32], [8]))
def test_in_linear_networks_it_grows_by_m_minus_2_over_m_minus_3(m):
    gains = squared_gains(m, 256, 8, "linear", range(5), inputs=256)[:, 1:]
    assert growth(gains) == about(linear_theory(m), rel=0.05)


def test_in_the_8_by_16_network_every_gradient_grows_too_layer_by_layer():
    gains = np.median(squared_gains(64, 16, 8, "relu", range(20)), axis=0)
    assert (gains[1:] > 1.0).all()
    assert growth(gains[1:]) > 1.3


@pytest.mark.slow
@pytest.mark.parametrize(("m", "figure"), [(8, 1.77), (32, 1.51)])
def test_the_measured_figures_of_width_256(m, figure):
    gains = squared_gains(m, 256, 40, "relu", range(10))[:, 10:]
    assert growth(gains) == about(figure, rel=0.02)


# Fact 10: the edge of stability


def meters(seeds, normalized, steps):
    """η/stable rate at the start and three times towards the end (time, run), for 4 × 16 tanh layers and η = 0.1.

    At that edge a run is chaotic: its meter may be anywhere about 1, the median of several is not.
    """
    made = runs(seeds, 4, 16, "tanh", 1.0, normalized)
    built, state, found = made.network, made.state, []
    for step in range(steps + 1):
        if step in (0, steps - 400, steps - 200, steps):
            found.append([])
            for run, (x, y) in enumerate(zip(made.inputs, made.targets, strict=True)):
                theta = state.theta[run]
                product = Objective(built, made.state.running[run], x, y, "train").hessian(theta)
                found[-1].append(0.1 / PLAIN_DESCENT.stable_rate(curvature(product, theta.size, 1.0).value))
        state = descend(state, built, made.evaluate(state.theta), Descent(Rates(0.1)))
    return np.array(found)


def test_without_bn_the_rate_starts_stable_and_descent_drives_it_to_the_edge():
    found = meters(range(3), False, 2000)
    assert (found[0] < 0.7).all()
    np.testing.assert_allclose(found[1:], 1.0, atol=0.08)


def test_with_bn_the_rate_starts_far_beyond_the_edge_and_descent_brings_it_there_too():
    found = meters(range(3), True, 2000)
    assert (found[0] > 3).all()
    assert np.median(found[1:]) == about(1.0, abs=0.08)


@pytest.mark.slow
@pytest.mark.parametrize("normalized", [False, True])
def test_from_every_start_the_rate_ends_about_the_stable_rate(normalized):
    found = meters(range(8), normalized, 5000)
    assert np.median(found[1:]) == about(1.0, abs=0.04)
    assert np.sort(found[1:], axis=1)[:, 2:-2] == about(1.0, abs=0.1)
    assert (found[1:] > 0.85).all()
    # a chaotic run ends elsewhere on another machine: with BN one of the eight may be beyond
    beyond = (found[1:] >= (1.6 if normalized else 1.1)).any(axis=0)
    assert beyond.sum() <= (1 if normalized else 0)


# Facts 8 and 12: what BN is good for


def descended(made: Runs, rates, steps):
    """J after so many steps over the best constant's cost, (rate, run)."""
    ends = []
    for rate in rates:
        theta = made.state.theta
        for _ in range(steps):
            theta = theta - rate * made.evaluate(theta).gradient
        ends.append(made.evaluate(theta).loss / made.best_constants_cost)
    return np.array(ends)


@pytest.mark.slow
def test_a_deep_sigmoid_network_learns_nothing_without_bn_and_nearly_everything_with_it():
    rates = [0.03 * 2**power for power in range(7)]
    best = {
        normalized: descended(runs(range(15), 4, 8, "sigmoid", 1.0, normalized), rates, 300).min(axis=0)
        for normalized in (False, True)
    }
    assert np.median(best[False]) > 0.95
    assert np.median(best[True]) < 0.01
    assert (best[True] < best[False]).all()


def layer_variances(made: Runs, theta):
    """The largest variance of a hidden layer's z and of a BN's output u, over samples and units, of each run."""
    of_z, of_u = [], []
    for run, inputs in enumerate(made.inputs):
        parameters = made.network.layout.views(theta[run])
        with np.errstate(all="ignore"):
            _, entering = references.forward(made.architecture, made.state.structure, parameters, {}, inputs)
            spread = {place: values.var() for place, values in entering.items() if not place.startswith("head")}
        after = [variance for place, variance in spread.items() if place.endswith(".activation")]
        before = [variance for place, variance in spread.items() if place.endswith(".norm")]
        of_z.append(np.max(before or after))
        of_u.append(np.max(after))
    return np.nan_to_num(of_z, nan=np.inf), np.array(of_u)


def test_a_few_large_steps_blow_activations_up_with_depth_and_with_bn_they_do_not():
    largest = {}
    for normalized in (False, True):
        made = runs(range(15), 8, 16, "relu", 4.0, normalized)  # He gain √2
        theta = made.state.theta
        for _ in range(3):
            with np.errstate(all="ignore"):
                theta = theta - 0.1 * made.evaluate(theta).gradient
        largest[normalized] = layer_variances(made, theta)
    assert (largest[False][0] >= 1e43).all()
    assert largest[True][0].max() <= 77
    assert largest[True][1].max() <= 1.32
