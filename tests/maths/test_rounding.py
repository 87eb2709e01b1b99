"""What is nothing but rounding, and what only is small: the difference that a chain's `rounding` flag makes."""

import numpy as np
from hypothesis import given
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, fill, held_over

from bntui.maths.architecture import Architecture, Layer
from bntui.maths.chain import read_chain
from bntui.maths.kinds.activations import SIGMOID
from bntui.maths.network import Structure


def goodfellow(epsilon, normalized="abcde", weights=(1.1, 0.9, 1.3, 0.8, 1.2)):
    x = np.random.default_rng(0).normal(size=64)
    return chain_of_units(weights, x, 3 * x, normalized=normalized, epsilon=epsilon)


def test_what_p_removes_exactly_is_called_rounding():
    for chain in read_chain(goodfellow(0.0).network, goodfellow(0.0).evaluate()):
        assert chain.factors[-1].rounding
        assert chain.product < 1e-13


def test_the_share_that_epsilon_lets_through_is_not_called_rounding_while_it_can_be_told_from_it():
    case = goodfellow(1e-5)
    chains = {chain.layer: chain for chain in read_chain(case.network, case.evaluate())}
    wanted = references.expected(case).gradients
    flags = "".join("≈" if chains[name].factors[-1].rounding else "." for name in "abcde")
    assert flags == "≈≈≈.."  # 1e-25, 1e-20, 1e-15 are dust; 1e-10 and 1e-5 are not
    for name, digits in (("d", 1e-3), ("e", 1e-8)):
        assert chains[name].product == about(abs(wanted[f"{name}.weight"].item()), rel=digits)


def test_at_the_least_squares_solution_the_sum_over_samples_is_rounding_and_no_samples_term_is():
    x, y = np.random.default_rng(0).normal(size=(2, 40))
    case = chain_of_units([x @ y / (x @ x)], x, y)
    (whole,) = read_chain(case.network, case.evaluate())
    assert [factor.rounding for factor in whole.factors] == [False, True]
    for sample in range(40):
        (term,) = read_chain(case.network, case.evaluate(), sample)
        assert not term.factors[-1].rounding


def test_a_deep_sigmoid_networks_gradient_vanishes_below_1e13_and_is_not_rounding():
    x = np.random.default_rng(0).normal(size=16)
    case = chain_of_units([0.5] * 20, x, np.sin(x), "sigmoid")
    wanted = references.expected(case).gradients
    for sample in (None, 3):
        chain = read_chain(case.network, case.evaluate(), sample)[0]
        assert chain.factors[0].product * 1e-13 > abs(chain.product) > 0
        assert not any(factor.rounding for factor in chain.factors)
        if sample is None:
            assert chain.product == about(abs(wanted["a.weight"].item()), rel=1e-9)


def test_a_deep_normalized_sigmoid_networks_gradient_is_not_rounding_either():
    layers = tuple(Layer(f"l{place}", 6, SIGMOID, bias=False) for place in range(1, 9))
    rng = np.random.default_rng(0)
    structure = Structure(frozenset(layer.name for layer in layers), frozenset())
    case = fill(Architecture(3, layers), structure, rng.normal(size=(12, 3)), rng.normal(size=(12, 6)), rng)
    wanted = references.expected(case).gradients
    for chain in read_chain(case.network, case.evaluate()):
        assert not chain.factors[-1].rounding
        assert chain.product == about(references.length(wanted[f"{chain.layer}.weight"]), rel=1e-8)


@held_over(80)
@given(cases(kinds=EVERY_KIND))
def test_what_is_not_called_rounding_has_its_first_digit_right(case):
    wanted = references.expected(case).gradients
    for chain in read_chain(case.network, case.evaluate()):
        if not chain.factors[-1].rounding:
            assert chain.product == about(references.length(wanted[f"{chain.layer}.weight"]), rel=0.1)


def test_a_gain_that_arrives_as_rounding_says_so():
    case = goodfellow(0.0)
    assert [chain.gain_is_rounding for chain in read_chain(case.network, case.evaluate())] == [True] * 5
    plain = chain_of_units([2.0, 3.0], [1.0, 2.0], [0.0, 0.0])
    gains = [(chain.gain, chain.gain_is_rounding) for chain in read_chain(plain.network, plain.evaluate())]
    assert gains == [(about(2.0), False), (about(3.0), False)]
