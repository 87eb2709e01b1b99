"""ŷ of inputs that enter no statistics: those of the batch, or the running estimates, are in force."""

import numpy as np
import pytest
from maths.cases import fill, random_targets

from bntui.maths.architecture import PLACEMENTS, Architecture, Layer, NormalizationSettings
from bntui.maths.descent import outputs_beside
from bntui.maths.kinds.activations import LINEAR, TANH
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.network import Structure

EPSILON = 0.01


def case_of(kind="batch_norm", placement="before_activation", mode="train", seed=0):
    """Two normalized layers of tanh and a head, with running estimates that are not the batch's."""
    settings = NormalizationSettings(NORMALIZATIONS[kind], placement=placement, epsilon=EPSILON, groups=2)
    layers = (
        Layer("a", 4, TANH, normalization=settings),
        Layer("b", 4, TANH, normalization=settings),
        Layer("head", 2, LINEAR),
    )
    rng = np.random.default_rng(seed)
    architecture = Architecture(2, layers)
    structure = Structure(frozenset("ab"), frozenset(("a", "b", "head")))
    return fill(architecture, structure, rng.normal(size=(7, 2)), random_targets("half_mse", 7, 2, rng), rng, mode)


def beside(case, inputs):
    return outputs_beside(case.network, case.theta, case.estimates, case.evaluate(), inputs, case.mode)


def by_hand(case, inputs, placement):
    """The textbook's formulas, with the mean and the variance of the batch for every row."""
    batch, rows = case.inputs, inputs
    for name in ("a", "b"):
        weight, bias, gamma, beta = (case.parameters[f"{name}.{part}"] for part in ("weight", "bias", "gamma", "beta"))

        def normalized(these, of, gamma=gamma, beta=beta):
            return gamma * (these - of.mean(axis=0)) / np.sqrt(of.var(axis=0) + EPSILON) + beta

        z, zs = batch @ weight.T + bias, rows @ weight.T + bias
        if placement == "before_activation":
            batch, rows = np.tanh(normalized(z, z)), np.tanh(normalized(zs, z))
        else:
            batch, rows = normalized(np.tanh(z), np.tanh(z)), normalized(np.tanh(zs), np.tanh(z))
    return rows @ case.parameters["head.weight"].T + case.parameters["head.bias"]


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_batchs_mean_and_variance_are_those_of_every_other_row(placement):
    case, others = case_of(placement=placement), np.random.default_rng(1).normal(size=(9, 2)) * 3
    np.testing.assert_allclose(beside(case, others), by_hand(case, others, placement), rtol=1e-12)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_of_the_batch_itself_it_is_what_the_batch_gives_and_every_row_stands_by_itself(kind, placement, mode):
    case = case_of(kind, placement, mode)
    np.testing.assert_allclose(beside(case, case.inputs), case.evaluate().forward.outputs, rtol=1e-12)
    others = np.random.default_rng(1).normal(size=(9, 2)) * 3
    together = beside(case, others)
    for row, alone in zip(others, together, strict=True):
        np.testing.assert_allclose(beside(case, row[None])[0], alone, rtol=1e-12)


def test_in_evaluation_the_running_estimates_are_in_force():
    case, others = case_of(mode="eval"), np.random.default_rng(1).normal(size=(9, 2))
    expected = case.network.forward(case.theta, case.estimates, others, "eval").outputs
    np.testing.assert_array_equal(beside(case, others), expected)
    assert not np.allclose(expected, beside(case_of(), others))


def test_a_network_without_normalization_has_nothing_to_take_from_the_batch():
    architecture = Architecture(1, (Layer("a", 3, TANH), Layer("head", 1)))
    rng = np.random.default_rng(2)
    case = fill(architecture, Structure(frozenset(), frozenset()), rng.normal(size=(4, 1)), rng.normal(size=(4, 1)), rng)
    others = rng.normal(size=(5, 1))
    expected = np.tanh(others @ case.parameters["a.weight"].T) @ case.parameters["head.weight"].T
    np.testing.assert_allclose(beside(case, others), expected, rtol=1e-12)
