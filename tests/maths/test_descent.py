"""Gradient descent step by step, against what torch.optim.SGD and BatchNorm1d do, written out by hand."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, held_over

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.descent import DIVERGED, Descent, Rates, State, descend, diverged, start
from bntui.maths.kinds.activations import RELU
from bntui.maths.kinds.optimizers import Sgd
from bntui.maths.network import Structure, network


def state_of(case) -> State:
    return State(0, case.structure, case.theta, (np.zeros_like(case.theta),), case.estimates)


def walk(case, how, steps):
    """The states of a descent on one batch, the first included."""
    states = [state_of(case)]
    for _ in range(steps):
        state = states[-1]
        evaluation = case.network.evaluate(state.theta, state.running, case.inputs, case.targets, how.mode)
        states.append(descend(state, case.network, evaluation, how))
    return states


# θ ← θ − ηv, v ← momentum·v + ∂J/∂θ


@held_over(25)
@given(cases(kinds=EVERY_KIND, scales=(0.3, 1.0), deaths=(False,)))
def test_four_steps_with_momentum_are_sgds_on_autograds_gradients(case):
    rates = Rates(0.05, (("*.bias", 0.02), ("l1.*", 0.01)))
    theta = {name: value.copy() for name, value in case.parameters.items()}
    running = {name: value.copy() for name, value in case.running.items()}
    velocity = {name: np.zeros_like(value) for name, value in theta.items()}
    states = walk(case, Descent(rates, optimizer=Sgd(0.9), mode=case.mode), 4)
    for state in states[1:]:
        here = replace(case, parameters=theta, running=running)
        expected = references.expected(here)
        if case.mode == "train":
            running = updated_by_hand(here, expected)
        for name, gradient in expected.gradients.items():
            velocity[name] = 0.9 * velocity[name] + gradient
            rate = 0.01 if name.startswith("l1.") else 0.02 if name.endswith(".bias") else 0.05
            theta[name] = theta[name] - rate * velocity[name]
        built = case.network
        for name, found in built.layout.views(state.theta).items():
            np.testing.assert_allclose(found, theta[name], rtol=1e-8, atol=1e-8, err_msg=name)
        for name, found in built.layout.views(state.memory[0]).items():
            np.testing.assert_allclose(found, velocity[name], rtol=1e-7, atol=1e-7, err_msg=name)
        for name, found in built.running_layout.views(state.running).items():
            np.testing.assert_allclose(found, running[name], rtol=1e-8, atol=1e-8, err_msg=name)
    assert [state.step for state in states] == [0, 1, 2, 3, 4]


def updated_by_hand(case, expected):
    """(1 − momentum)·estimate + momentum·observed, with the unbiased variance, as torch.nn.BatchNorm1d."""
    updated = {}
    for name in case.running:
        layer, _, kind = name.rpartition(".")
        entering = expected.values[f"{layer}.norm"]
        what = {"mean": entering.mean, "variance": partial(entering.var, ddof=1), "mean_square": (entering**2).mean}
        observed = what[kind](axis=0)
        momentum = case.architecture.layer(layer).normalization.momentum
        updated[name] = (1 - momentum) * case.running[name] + momentum * observed
    return updated


def test_the_velocity_starts_at_the_first_gradient():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0], [0.0, 0.0])
    gradient = case.evaluate().gradient
    after = walk(case, Descent(Rates(0.01), optimizer=Sgd(0.9)), 1)[1]
    assert np.array_equal(after.memory[0], gradient)
    assert np.array_equal(after.theta, case.theta - 0.01 * gradient)


def test_without_momentum_no_velocity_is_used_and_none_is_kept():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0], [0.0, 0.0])
    moving = replace(state_of(case), memory=(np.array([5.0, -3.0]),))
    after = descend(moving, case.network, case.evaluate(), Descent(Rates(0.01)))
    assert np.array_equal(after.theta, case.theta - 0.01 * case.evaluate().gradient)
    assert not after.memory[0].any()


def test_a_step_writes_to_no_earlier_state():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0, 5.0], [0.0, 0.0, 1.0], normalized="a")
    how = Descent(Rates(0.1), optimizer=Sgd(0.5))
    states = walk(case, how, 3)
    copies = [(s.theta.copy(), (s.memory[0].copy(),), s.running.copy()) for s in states]
    again = walk(case, how, 3)
    for state, kept, repeated in zip(states, copies, again, strict=True):
        for name, then in zip(("theta", "memory", "running"), kept, strict=True):
            assert np.array_equal(getattr(state, name), then)
            assert np.array_equal(getattr(repeated, name), then)


def test_runs_side_by_side_descend_as_they_would_alone():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0, 5.0], [0.0, 0.0, 1.0], activation="tanh", normalized="a")
    how = Descent(Rates(0.1, (("*.gamma", 0.3),)), optimizer=Sgd(0.5))
    factors = np.array([[0.5], [1.0], [2.0]])
    together = State(0, case.structure, case.theta * factors, (np.zeros((3, case.theta.size)),), case.estimates * factors)
    alone = [
        State(0, case.structure, case.theta * f, (np.zeros(case.theta.size),), case.estimates * f) for f in factors[:, 0]
    ]
    for _ in range(5):
        states = [together, *alone]
        stepped = [
            descend(s, case.network, case.network.evaluate(s.theta, s.running, case.inputs, case.targets), how)
            for s in states
        ]
        together, alone = stepped[0], stepped[1:]
    for run, single in enumerate(alone):
        np.testing.assert_allclose(together.theta[run], single.theta, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(together.running[run], single.running, rtol=1e-12)


# Rates


def test_the_last_pattern_that_matches_a_name_holds():
    rates = Rates(0.5, (("*.weight", 0.1), ("head.*", 0.2), ("*.gamma", 0.3), ("head.weight", 0.4), ("*.g*", 0.6)))
    names = ("a.weight", "head.bias", "head.weight", "a.gamma", "head.gamma", "a.beta")
    assert [rates.of(name) for name in names] == [0.1, 0.2, 0.4, 0.6, 0.6, 0.5]


def test_patterns_are_those_of_a_shell_and_tell_capitals_apart():
    rates = Rates(0.5, (("layer?.bias", 0.1), ("[ab].gamma", 0.2)))
    names = ("layer1.bias", "layer12.bias", "a.gamma", "c.gamma", "A.gamma")
    assert [rates.of(name) for name in names] == [0.1, 0.5, 0.2, 0.5, 0.5]


def test_every_number_in_theta_gets_the_rate_of_its_name():
    architecture = Architecture(2, (Layer("a", 3, RELU), Layer("b", 2)))
    layout = network(architecture, Structure(frozenset({"a"}), frozenset({"a", "b"}))).layout
    rates = Rates(0.5, (("a.*", 0.1), ("*.gamma", 0.2)))
    vector = layout.views(np.broadcast_to(rates.vector(layout), (layout.size,)))
    assert {name: set(part.ravel()) for name, part in vector.items()} == {
        "a.weight": {0.1},
        "a.bias": {0.1},
        "a.gamma": {0.2},
        "a.beta": {0.1},
        "b.weight": {0.5},
        "b.bias": {0.5},
    }
    assert np.array_equal(np.broadcast_to(Rates(0.7).vector(layout), (layout.size,)), np.full(layout.size, 0.7))


def test_a_rate_of_zero_freezes_what_it_names():
    case = chain_of_units([1.0, 2.0], [1.0, 2.0], [0.0, 0.0])
    after = walk(case, Descent(Rates(0.1, (("a.*", 0.0),)), optimizer=Sgd(0.9)), 3)[3]
    weights = case.network.layout.views(after.theta)
    assert weights["a.weight"].item() == 1.0
    assert weights["b.weight"].item() != 2.0


# The start


def test_a_run_starts_with_gamma_1_beta_0_and_running_estimates_0_and_1():
    layers = (Layer("a", 3), Layer("b", 2, bias=False, normalization=NormalizationSettings(affine=False)))
    architecture = Architecture(2, layers)
    rng = np.random.default_rng(0)
    shapes = {"a.weight": (3, 2), "a.bias": 3, "b.weight": (2, 3)}
    given_values = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    state = start(architecture, given_values, ("a", "b"))
    built = state.network(architecture)
    parameters, running = built.layout.views(state.theta), built.running_layout.views(state.running)
    assert state.step == 0
    assert state.structure.normalized == {"a", "b"}
    assert state.structure.biased == {"a"}
    assert set(parameters) == {"a.weight", "a.bias", "a.gamma", "a.beta", "b.weight"}
    for name, value in given_values.items():
        assert np.array_equal(parameters[name].reshape(value.shape), value)
    assert (parameters["a.gamma"] == 1).all()
    assert (parameters["a.beta"] == 0).all()
    assert all((running[f"{name}.mean"] == 0).all() and (running[f"{name}.variance"] == 1).all() for name in "ab")
    assert not state.memory[0].any()


def test_many_runs_start_side_by_side():
    architecture = Architecture(2, (Layer("a", 3),))
    weights, biases = np.random.default_rng(0).normal(size=(5, 3, 2)), np.random.default_rng(1).normal(size=(5, 3))
    state = start(architecture, {"a.weight": weights, "a.bias": biases}, ("a",))
    assert state.theta.shape == (5, 6 + 3 + 3 + 3)
    assert state.running.shape == (5, 6)
    parameters = state.network(architecture).layout.views(state.theta)
    assert np.array_equal(parameters["a.weight"], weights)
    assert np.array_equal(parameters["a.bias"][:, 0], biases)


# Running estimates


def test_running_estimates_follow_their_formula_with_the_unbiased_variance():
    settings = {"momentum": 0.3, "epsilon": 1e-3}
    case = chain_of_units([2.0], [1.0, 2.0, 6.0], [0.0] * 3, normalized="a", **settings)
    after = case.network.running_layout.views(walk(case, Descent(Rates(0.0)), 2)[2].running)
    mean, variance = 0.0, 1.0
    for _ in range(2):
        mean = 0.7 * mean + 0.3 * np.mean([2.0, 4.0, 12.0])
        variance = 0.7 * variance + 0.3 * np.var([2.0, 4.0, 12.0], ddof=1)
    assert after["a.mean"].item() == about(mean)
    assert after["a.variance"].item() == about(variance)


def test_neither_an_observation_nor_a_step_in_evaluation_mode_moves_them():
    case = chain_of_units([2.0], [1.0, 2.0, 6.0], [0.0] * 3, normalized="a")
    estimates = case.estimates
    case.network.evaluate(case.theta, estimates, case.inputs, case.targets)
    assert np.array_equal(estimates, case.estimates)
    assert np.array_equal(walk(case, Descent(Rates(0.1), mode="eval"), 1)[1].running, case.estimates)


# Divergence


@pytest.mark.parametrize(
    ("loss", "gradient", "begun", "expected"),
    [
        (1.0, [1.0, 2.0], 1.0, False),
        (np.nan, [1.0, 2.0], 1.0, True),
        (np.inf, [1.0, 2.0], 1.0, True),
        (1.0, [1.0, np.nan], 1.0, True),
        (1.0, [-np.inf, 2.0], 1.0, True),
        (1e12 * 0.5, [1.0, 2.0], 0.5, False),
        (1.01e12 * 0.5, [1.0, 2.0], 0.5, True),
        (3.0, [1.0, 2.0], 0.0, False),
        (1e-300, [1e300, 0.0], 1e-300, False),
    ],
)
def test_a_run_has_diverged_when_a_number_is_not_finite_or_j_grew_beyond_1e12_times(loss, gradient, begun, expected):
    assert bool(diverged(np.array(loss), np.array(gradient), np.array(begun))) is expected
    assert DIVERGED == 1e12


def test_divergence_is_told_run_by_run():
    told = diverged(np.array([1.0, 2e12, 1.0]), np.array([[1.0], [1.0], [np.nan]]), np.array([1.0, 1.0, 1.0]))
    assert told.tolist() == [False, True, True]
