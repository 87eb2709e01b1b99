"""The growth of gradients with depth at initialization: MATHS.md, fact 9."""

import math

import numpy as np
import pytest
from maths.cases import about

from bntui.maths.architecture import NormalizationSettings
from bntui.maths.chain import read_chain
from bntui.maths.descent import start
from bntui.maths.growth import growth, network_of, theory
from bntui.maths.kinds.activations import ACTIVATIONS, LINEAR, RELU, TANH

HE = math.sqrt(2.0)


def grown(activation=RELU, normalized=True, m=8, width=256, depth=30, deviation=HE, seeds=(0, 1, 2)):
    architecture = network_of(width, depth, activation, 1, NormalizationSettings())
    *_, last = growth(architecture, normalized, m, deviation, tuple(seeds))
    return last


def test_the_theory_has_the_figures_of_maths_md():
    assert theory(RELU, 8) == about(1.788, abs=5e-4)
    assert theory(RELU, 32) == about(1.522, abs=5e-4)
    assert theory(RELU, 10**7) == about(math.pi / (math.pi - 1), rel=1e-6)
    assert theory(LINEAR, 8) == about(6 / 5)


@pytest.mark.parametrize(("activation", "m"), [("tanh", 32), ("sigmoid", 32), ("relu", 3), ("linear", 2)])
def test_where_theory_does_not_reach_there_is_none(activation, m):
    assert theory(ACTIVATIONS[activation], m) is None


@pytest.mark.parametrize("m", [8, pytest.param(32, marks=pytest.mark.slow)])
def test_below_the_tenth_layer_the_squared_gradient_grows_by_the_theorys_factor(m):
    assert grown(m=m).squared_gain == about(theory(RELU, m), rel=0.04)


def test_whatever_the_size_of_the_weights():
    assert grown(deviation=0.1).squared_gain == about(grown(deviation=10.0).squared_gain, rel=0.02)


@pytest.mark.slow
def test_without_bn_it_grows_by_half_the_variance_of_the_weights():
    assert grown(normalized=False, m=32).squared_gain == about(1.0, rel=0.06)
    assert grown(normalized=False, m=32, deviation=2.0).squared_gain == about(2.0, rel=0.06)


def test_the_norms_are_those_of_the_chain_on_the_screen():
    architecture = network_of(6, 5, RELU, 1, NormalizationSettings())
    found = grown(m=16, width=6, depth=5, seeds=(3,))
    random = np.random.default_rng(3)
    x = random.standard_normal((16, 1))
    parameters, incoming = {}, 1
    for layer in architecture.layers:
        parameters[f"{layer.name}.weight"] = random.standard_normal((layer.units, incoming)) * math.sqrt(2 / incoming)
        parameters[f"{layer.name}.bias"] = np.zeros(layer.units)
        incoming = layer.units
    state = start(architecture, parameters, architecture.switchable)
    built = state.network(architecture)
    chains = read_chain(built, built.evaluate(state.theta, state.running, x, np.sin(2 * x)))
    np.testing.assert_allclose(found.weight[0], [chain.product for chain in chains[:-1]], rtol=1e-12)
    gains = found.signal[0, :-1] / found.signal[0, 1:]  # ∂J/∂a of a layer over that of the layer above
    np.testing.assert_allclose(gains, [chain.gain for chain in chains[1:-1]], rtol=1e-12)


def test_seeds_come_one_after_another():
    architecture = network_of(4, 4, TANH, 2, NormalizationSettings())
    rows = [len(found.signal) for found in growth(architecture, True, 6, 1.0, (0, 1, 2))]
    assert rows == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize(("m", "figure"), [(8, 1.77), (32, 1.51)])
def test_the_measured_figures_of_width_256(m, figure):
    assert grown(m=m, depth=40, seeds=range(6)).squared_gain == about(figure, rel=0.025)
