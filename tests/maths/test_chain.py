"""The chain rule as it is shown: every product is a gradient, every value a ratio, and rounding is called rounding."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from maths import references
from maths.cases import EVERY_KIND, about, cases, chain_of_units, held_over

from bntui.maths.chain import read_chain, read_gradients
from bntui.maths.norms import norm


def readings(case):
    """The case's chains: of the whole batch (None) and of every sample."""
    evaluation = case.evaluate()
    return {sample: read_chain(case.network, evaluation, sample) for sample in (None, *range(len(case.inputs)))}


def pre_activation(case, layer):
    """The name of the place where a layer's pre-activation stands."""
    first = layer.name in case.structure.normalized and layer.normalization.placement == "before_activation"
    first = first and not weight_normed(case, layer)
    return f"{layer.name}.norm" if first else f"{layer.name}.activation"


def weight_normed(case, layer):
    return layer.name in case.structure.normalized and layer.normalization.kind.name == "weight_norm"


def size(signal, sample):
    return references.length(signal if sample is None else signal[sample])


# Signals that are read while they pass


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_where_nobody_reads_the_signals_their_norms_and_the_gradient_are_the_same(case):
    at = case.theta, case.estimates, case.inputs, case.targets, case.mode
    kept = case.evaluate()
    noted = case.network.evaluate(*at, over=case.network.evaluate(*at), norms_alone=True)
    again = case.network.evaluate(*at, over=noted, norms_alone=True)
    for passed in (noted, again):
        assert passed.gradient.tobytes() == kept.gradient.tobytes()
        for one, other in zip(read_chain(case.network, passed), read_chain(case.network, kept), strict=True):
            assert [factor.name for factor in one.factors] == [factor.name for factor in other.factors]
            for mine, its in zip(one.factors, other.factors, strict=True):
                assert mine.product == pytest.approx(its.product, rel=1e-12)
                assert mine.added == (None if its.added is None else pytest.approx(its.added, rel=1e-12))


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_every_parameters_gradient_has_its_norm(case):
    at = case.theta, case.estimates, case.inputs, case.targets, case.mode
    kept = case.evaluate()
    for evaluation in (kept, case.network.evaluate(*at, over=case.evaluate(), norms_alone=True)):
        found = read_gradients(case.network, evaluation, read_chain(case.network, evaluation))
        wanted = {name: references.length(view) for name, view in case.network.layout.views(kept.gradient).items()}
        assert found == {name: pytest.approx(value, rel=1e-12) for name, value in wanted.items()}


def test_of_signals_that_have_passed_no_sample_can_be_read():
    case = chain_of_units([1.1, 0.9], [[0.5], [1.0]], [[1.5], [3.0]])
    at = case.theta, case.estimates, case.inputs, case.targets
    passed = case.network.evaluate(*at, over=case.evaluate(), norms_alone=True)
    with pytest.raises(ValueError, match="only the norms"):
        read_chain(case.network, passed, sample=0)


# The products


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_the_whole_batchs_product_is_the_norm_of_the_weights_gradient(case):
    evaluation, expected = case.evaluate(), references.expected(case)
    own = case.network.layout.views(evaluation.gradient)
    for chain in read_chain(case.network, evaluation):
        name = f"{chain.layer}.weight"
        assert chain.product == about(references.length(own[name]), rel=1e-10)
        wanted = references.length(expected.gradients[name])
        assert chain.product == about(wanted, rel=1e-8, abs=expected.rounding * own[name].size)


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_one_samples_product_is_the_norm_of_its_term_of_the_weights_gradient(case):
    expected, signed = references.expected(case), case.architecture.inputs == 1
    signed = signed and all(layer.units == 1 for layer in case.architecture.layers)
    for sample, chains in readings(case).items():
        for chain, layer in zip(chains, case.architecture.layers, strict=True):
            if sample is None:
                continue
            delta = expected.signals[pre_activation(case, layer)][sample]
            term = np.outer(delta, expected.values[f"{layer.name}.weight"][sample])
            if weight_normed(case, layer):
                weight, gamma = (case.parameters.get(f"{layer.name}.{part}", np.ones((1, 1))) for part in ("weight", "gamma"))
                length = np.sqrt((weight**2).sum(axis=1, keepdims=True))
                term *= gamma.T / length
                term -= weight / length * (weight / length * term).sum(axis=1, keepdims=True)
            wanted = term.item() if signed else references.length(term)
            allowed = expected.rounding * (1 + np.abs(expected.values[f"{layer.name}.weight"]).max()) * term.size
            assert chain.product == about(wanted, rel=1e-8, abs=allowed)


@held_over(45)
@given(cases(kinds=EVERY_KIND, one_unit=True))
def test_in_one_unit_networks_the_terms_of_all_samples_sum_to_the_gradient(case):
    evaluation = case.evaluate()
    gradients = case.network.layout.views(evaluation.gradient)
    chains = [read_chain(case.network, evaluation, sample) for sample in range(len(case.inputs))]
    for place, layer in enumerate(case.architecture.layers):
        terms = [chain[place].product for chain in chains]
        gradient = gradients[f"{layer.name}.weight"].item()
        before = [abs(factor.product) for chain in chains for factor in chain[place].factors[-2:]]
        assert math.fsum(terms) == about(gradient, rel=1e-10, abs=1e-14 * max(before))


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_every_running_product_is_the_size_of_the_signal_that_stands_there(case):
    evaluation = case.evaluate()
    signals = {link.factor: link.signal for link in evaluation.links}
    signed = case.architecture.inputs == 1 and all(layer.units == 1 for layer in case.architecture.layers)
    for sample, chains in readings(case).items():
        for chain in chains:
            for factor in chain.factors[: -2 if chain.factors[-1].name.endswith("project") else -1]:
                found = abs(factor.product) if signed else factor.product
                assert found == about(size(signals[factor.name], sample), rel=1e-10)


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_every_value_is_the_ratio_of_two_products_and_their_product_is_the_whole(case):
    for chains in readings(case).values():
        for chain in chains:
            assert chain.factors[0].value == chain.factors[0].product
            for before, after in zip(chain.factors, chain.factors[1:], strict=False):
                if before.product == 0:
                    assert after.value is None
                else:
                    assert after.value == about(after.product / before.product, rel=1e-10)
            values = [factor.value for factor in chain.factors]
            if None not in values:
                assert math.prod(values) == about(chain.product, rel=1e-10, abs=1e-290)


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_in_the_whole_batch_zero_stays_zero(case):
    for chain in read_chain(case.network, case.evaluate()):
        products = [factor.product for factor in chain.factors]
        if 0 in products:
            assert set(products[products.index(0) :]) == {0}


# The signs: one-unit networks are the textbook's products

SLOPES = {
    "linear": lambda u: 1.0,
    "relu": lambda u: float(u > 0),
    "sigmoid": lambda u: math.exp(-u) / (1 + math.exp(-u)) ** 2,
    "tanh": lambda u: 1 / math.cosh(u) ** 2,
}
FUNCTIONS = {
    "linear": lambda u: u,
    "relu": lambda u: max(u, 0.0),
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
    "tanh": math.tanh,
}


@pytest.mark.parametrize("activation", SLOPES)
def test_without_bn_the_values_are_those_of_the_textbooks_product(activation):
    weights, inputs, targets = [0.8, -1.3, 0.6], [0.9, -1.4, 2.0], [1.0, 0.2, -0.5]
    case = chain_of_units(weights, inputs, targets, activation)
    for sample, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        entering, z = [x], []
        for weight in weights:
            z.append(weight * entering[-1])
            entering.append(FUNCTIONS[activation](z[-1]))
        expected = {"cost": (entering[-1] - y) / 3}
        for place, (name, weight) in enumerate(zip("abc", weights, strict=True)):
            expected |= {f"{name}.weight": weight, f"{name}.input": entering[place]}
            expected[f"{name}.activation"] = SLOPES[activation](z[place])
        for chain in read_chain(case.network, case.evaluate(), sample):
            product = 1.0
            for factor in chain.factors:
                if product != 0:
                    assert factor.value == about(expected[factor.name], rel=1e-12)
                product *= expected[factor.name]
                assert factor.product == about(product, rel=1e-12)


def test_the_questions_own_product_is_the_gradient_of_the_first_weight():
    # ∂J/∂w₁ = ∂J/∂ŷ · g′(z₂) · w₂ · g′(z₁) · x
    w1, w2, x, y = 0.7, 1.9, 1.5, 4.0
    case = chain_of_units([w1, w2], [x], [y], "relu")
    chain, _ = read_chain(case.network, case.evaluate(), 0)
    assert [factor.value for factor in chain.factors] == about([w2 * w1 * x - y, 1.0, w2, 1.0, x])
    assert chain.product == about((w2 * w1 * x - y) * w2 * x)


def test_in_evaluation_mode_bns_factor_is_gamma_over_the_running_sigma_with_its_sign():
    case = chain_of_units([2.0, 0.5], [1.0, 3.0], [0.0, 1.0], normalized="a", epsilon=1e-3)
    case = replace(case, mode="eval", running={"a.mean": np.full((1, 1), 0.4), "a.variance": np.full((1, 1), 2.5)})
    case = case.with_parameters(a_gamma=np.full((1, 1), -1.7))
    for sample in (0, 1):
        first, _ = read_chain(case.network, case.evaluate(), sample)
        assert [factor.name for factor in first.factors] == ["cost", "b.weight", "a.norm.scale", "a.input"]
        values = [factor.value for factor in first.factors][1:]
        assert values == about([0.5, -1.7 / math.sqrt(2.5 + 1e-3), [1.0, 3.0][sample]])


def test_in_training_the_ratios_of_bns_parts_contain_what_the_other_samples_do():
    case = chain_of_units([2.0], [1.0, 3.0, 4.0], [0.0, 1.0, 0.0], normalized="a", epsilon=0.1)
    arriving, scaled, centred, projected = (link.signal[:, 0] for link in case.evaluate().links[:4])
    for sample in range(3):
        (chain,) = read_chain(case.network, case.evaluate(), sample)
        assert [factor.value for factor in chain.factors][:4] == about(
            [
                arriving[sample],
                scaled[sample] / arriving[sample],
                centred[sample] / scaled[sample],
                projected[sample] / centred[sample],
            ]
        )


# The names


PARTS = {
    "batch_norm": ("scale", "centre", "project"),
    "batch_centre": ("centre",),
    "batch_scale": ("scale", "project"),
    "batch_norm_detached": ("scale",),
    "layer_norm": ("scale", "centre", "project"),
    "rms_norm": ("scale", "project"),
    "group_norm": ("scale", "centre", "project"),
    "weight_norm": ("scale",),
}


def names_by_the_book(case, upto):
    """cost · ∏ [activation · norm · weight] · activation · norm · input, as MATHS.md writes it; a skip after the weight."""
    names = ["cost"]
    for layer in reversed(case.architecture.layers):
        kind = layer.normalization.kind.name
        still = case.mode == "eval" and kind.startswith("batch_")
        parts = [part for part in PARTS[kind] if part == "scale" or not still]
        activation = [] if layer.is_linear else [f"{layer.name}.activation"]
        norms = [f"{layer.name}.norm.{part}" for part in parts if layer.name in case.structure.normalized]
        before = layer.normalization.placement == "before_activation" or kind == "weight_norm"
        names += activation + norms if before else norms + activation
        if layer.name == upto:
            return [*names, f"{layer.name}.input", *([f"{upto}.norm.project"] if weight_normed(case, layer) else [])]
        names.append(f"{layer.name}.weight")
        if case.architecture.before(layer.name) in [each.skip_from for each in case.architecture.layers]:
            names.append(f"{layer.name}.skip")
    raise AssertionError(upto)


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_the_factors_stand_in_the_order_of_the_chain_rule(case):
    for sample in (None, 0):
        chains = read_chain(case.network, case.evaluate(), sample)
        assert [chain.layer for chain in chains] == [layer.name for layer in case.architecture.layers]
        for chain in chains:
            assert [factor.name for factor in chain.factors] == names_by_the_book(case, chain.layer)


@pytest.mark.parametrize(
    ("placement", "factors"),
    [
        ("before_activation", "b.activation b.norm.scale b.norm.centre b.norm.project"),
        ("after_activation", "b.norm.scale b.norm.centre b.norm.project b.activation"),
    ],
)
def test_after_activation_swaps_activation_and_norm(placement, factors):
    case = chain_of_units([1.0, 0.5], [1.0, 2.0, 4.0], [0.0] * 3, "tanh", normalized="b", placement=placement)
    chain, _ = read_chain(case.network, case.evaluate())
    assert " ".join(factor.name for factor in chain.factors) == f"cost {factors} b.weight a.activation a.input"


# Zeros


def test_after_a_dead_unit_the_values_are_none_and_the_products_zero():
    case = chain_of_units([-1.0, 2.0, 1.0], [1.0, 2.0], [3.0, 3.0], "relu")
    for sample in (None, 0, 1):
        chain = read_chain(case.network, case.evaluate(), sample)[0]
        values = {factor.name: factor.value for factor in chain.factors}
        assert values["c.activation"] == 0
        after = ("c.weight", "b.activation", "b.weight", "a.activation", "a.input")
        assert [values[name] for name in after] == [None] * 5
        assert chain.product == 0
        assert chain.gain is None


def test_a_saturated_unit_is_not_dead():
    case = chain_of_units([50.0, 1.0], [1.0, 2.0], [3.0, 3.0], "sigmoid")
    chain = read_chain(case.network, case.evaluate(), 0)[0]
    assert {f.name: f.value for f in chain.factors}["a.activation"] == about(math.exp(-50), rel=1e-9)
    assert not chain.factors[-1].rounding


def test_for_one_sample_centring_revives_a_dead_signal():
    case = chain_of_units([1.0], [-1.0, 1.0, 2.0], [1.0, 5.0, 3.0], "relu", normalized="a", epsilon=1e-3)
    (chain,) = read_chain(case.network, case.evaluate(), 0)
    cost, activation, scale, centre, project, _ = chain.factors
    assert cost.product != 0
    assert (activation.value, activation.product) == (0, 0)
    assert (scale.value, scale.product) == (None, 0)
    assert centre.value is None
    assert centre.product != 0
    assert project.value == about(project.product / centre.product)


# The gain


@held_over(45)
@given(cases(kinds=EVERY_KIND))
def test_the_gain_is_the_signal_at_a_layers_input_over_that_at_its_output(case):
    expected = references.expected(case)
    arriving = ["cost", *(f"{layer.name}.skip" for layer in reversed(case.architecture.layers))]
    for sample in (None, 0):
        chains = read_chain(case.network, case.evaluate(), sample)
        for chain, after, before in zip(reversed(chains), arriving[1:], arriving, strict=False):
            above, below = (size(expected.signals[place], sample) for place in (before, after))
            if chain.gain is None:
                assert above <= expected.rounding
            elif above > 1e6 * expected.rounding:
                allowed = expected.rounding / above * np.sqrt(expected.signals[after].size)
                assert abs(chain.gain) == about(below / above, rel=1e-5, abs=10 * allowed)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ([3.0, 4.0], 5.0),
        ([1e200, 1e200], math.sqrt(2) * 1e200),
        ([3e-200, 4e-200], 5e-200),
        ([5e-324], 5e-324),
        ([0.0, 0.0], 0.0),
        ([np.inf, 1.0], np.inf),
        ([], 0.0),
    ],
)
def test_a_norm_neither_overflows_nor_underflows(array, expected):
    with np.errstate(over="ignore", under="ignore"):
        assert norm(np.array(array)) == about(expected, rel=1e-14)


def test_the_norm_of_nan_is_nan():
    with np.errstate(invalid="ignore"):
        assert math.isnan(norm(np.array([1.0, np.nan])))


def test_affine_off_leaves_one_over_sigma():
    case = chain_of_units([2.0], [1.0, 3.0, 4.0], [0.0] * 3, normalized="a", affine=False, epsilon=0.0)
    (chain,) = read_chain(case.network, case.evaluate(), 1)
    assert chain.factors[1].value == about(1 / (2 * np.std([1.0, 3.0, 4.0])))
