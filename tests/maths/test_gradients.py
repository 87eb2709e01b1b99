"""Every gradient and every signal of the backward pass, against a network that shares no code with it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from maths import references
from maths.cases import EVERY_KIND, cases, chain_of_units, held_over

from bntui.maths.normalizing import Normalize, TooFewError


def agreement(case):
    """Compare J, gradients and signals with autograd's: 1e-9 relative, and what rounding leaves of a zero."""
    evaluation, expected = case.evaluate(), references.expected(case)
    logits_rounding = 1e-3 * expected.rounding if case.architecture.cost.name == "cross_entropy" else 0
    np.testing.assert_allclose(evaluation.loss, expected.loss, rtol=1e-9, atol=logits_rounding)
    for name, found in case.network.layout.views(evaluation.gradient).items():
        assert_close(found, expected.gradients[name], expected.rounding, f"∂J/∂{name}")
    normalizing = [stage for stage in case.network.stages if isinstance(stage, Normalize)]
    last_of_norm = {stage.factors[-1 if stage.moves(case.mode) else 0]: f"{stage.layer}.norm" for stage in normalizing}
    for link in evaluation.links:
        place = last_of_norm.get(link.factor, link.factor)
        if place in expected.signals:
            unbounded = place == "cost" and case.architecture.cost.name == "bce"
            assert_close(link.signal, expected.signals[place], 0 if unbounded else expected.rounding, link.factor)


def assert_close(found, wanted, rounding, name):
    allowed = rounding + 1e-9 * np.abs(wanted).max()
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=allowed, err_msg=name)


@held_over(120)
@given(cases(kinds=EVERY_KIND))
def test_every_gradient_and_every_signal_is_autograds(case):
    agreement(case)


@pytest.mark.slow
@held_over(1500)
@given(cases(kinds=EVERY_KIND))
def test_every_gradient_and_every_signal_is_autograds_in_many_more_networks(case):
    agreement(case)


@held_over(40)
@given(cases(kinds=[name for name in EVERY_KIND if name != "batch_norm_detached"], scales=(1.0, 0.3), deaths=(False,)))
def test_every_gradient_is_what_central_differences_say(case):
    names = [name for name, (place, _) in case.network.layout.places.items() for _ in range(place.stop - place.start)]
    references.assert_central_differences(
        lambda theta: case.network.loss(theta, case.estimates, case.inputs, case.targets, case.mode),
        case.evaluate().gradient,
        case.theta,
        names,
    )


def test_a_wrong_gradient_is_told_with_both_values():
    with pytest.raises(AssertionError, match=r"∂/∂b: the gradient says 5, central differences say (4|3\.9999)"):
        references.assert_central_differences(
            lambda v: v[0] + v[1] ** 2, np.array([1.0, 5.0]), np.array([1.0, 2.0]), ("a", "b")
        )


@held_over(40)
@given(cases(kinds=EVERY_KIND))
def test_three_runs_side_by_side_are_the_three_runs(case):
    built = case.network
    rng = np.random.default_rng(0)
    theta = case.theta * rng.uniform(0.5, 1.5, size=(3, 1))
    running = case.estimates * rng.uniform(0.5, 1.5, size=(3, 1))
    together = built.evaluate(theta, running, case.inputs, case.targets, case.mode)
    assert together.loss.shape == (3,)
    for run in range(3):
        alone = built.evaluate(theta[run], running[run], case.inputs, case.targets, case.mode)
        largest = max(np.abs(link.signal).max() for link in alone.links)
        np.testing.assert_allclose(together.loss[run], alone.loss, rtol=1e-12)
        np.testing.assert_allclose(
            together.gradient[run], alone.gradient, rtol=1e-12, atol=1e-12 * max(largest, np.abs(alone.gradient).max())
        )
        for one, other in zip(together.links, alone.links, strict=True):
            assert one.factor == other.factor
            signal = np.broadcast_to(one.signal, (3, *other.signal.shape))[run]
            np.testing.assert_allclose(signal, other.signal, rtol=1e-12, atol=1e-12 * largest)


def arrays_of(evaluation):
    """Every array of an evaluation, with what its stages keep."""
    found, waiting = [], [evaluation.loss, evaluation.gradient, evaluation.forward, evaluation.links, evaluation.arriving]
    while waiting:
        one = waiting.pop()
        if isinstance(one, np.ndarray):
            found.append(one)
        elif isinstance(one, tuple):
            waiting += one
    return found


@held_over(40)
@given(cases(kinds=EVERY_KIND))
def test_an_evaluation_over_another_ones_arrays_is_that_with_arrays_of_its_own(case):
    before = over = case.network.evaluate(2 * case.theta, case.estimates, -case.inputs, case.targets, case.mode)
    for share in (2.0, 1.0, 0.5, 1.0):  # noted the first time, played again the others
        moved = share * case.theta, share * case.estimates, share * case.inputs, share * case.targets
        over = case.network.evaluate(*moved, case.mode, over)
        for one, other in zip(arrays_of(over), arrays_of(case.network.evaluate(*moved, case.mode)), strict=True):
            np.testing.assert_array_equal(one, other)
    assert over.gradient is before.gradient
    assert np.shares_memory(over.links[-1].signal, before.links[-1].signal)


@held_over(30)
@given(cases(kinds=EVERY_KIND))
def test_runs_on_data_of_their_own_and_two_leading_axes_are_independent_too(case):
    built = case.network
    rng = np.random.default_rng(1)
    inputs = case.inputs * rng.uniform(0.5, 1.5, size=(2, 3, 1, 1))
    theta = case.theta * rng.uniform(0.5, 1.5, size=(2, 3, 1))
    running = np.broadcast_to(case.estimates, (2, 3, case.estimates.size))
    together = built.evaluate(theta, running, inputs, case.targets, case.mode)
    alone = built.evaluate(theta[1, 2], running[1, 2], inputs[1, 2], case.targets, case.mode)
    largest = max(np.abs(link.signal).max() for link in alone.links)
    np.testing.assert_allclose(together.loss[1, 2], alone.loss, rtol=1e-12)
    np.testing.assert_allclose(
        together.gradient[1, 2], alone.gradient, rtol=1e-12, atol=1e-12 * max(largest, np.abs(alone.gradient).max())
    )


@held_over(30)
@given(cases(kinds=EVERY_KIND))
def test_an_evaluation_writes_to_nothing_it_was_given_and_stays_when_the_network_runs_again(case):
    theta, estimates, inputs, targets = case.theta, case.estimates, case.inputs.copy(), case.targets.copy()
    first = case.network.evaluate(theta, estimates, inputs, targets, case.mode)
    kept = [first.loss, first.gradient, first.forward.outputs, *(link.signal for link in first.links)]
    before = [array.copy() for array in kept]
    case.network.evaluate(2 * theta + 1, estimates + 1, -inputs, targets, case.mode)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, kept, strict=True))
    originals = (case.theta, case.estimates, case.inputs, case.targets)
    assert all(np.array_equal(a, b) for a, b in zip((theta, estimates, inputs, targets), originals, strict=True))


@held_over(30)
@given(cases(kinds=EVERY_KIND))
def test_the_loss_alone_is_the_loss_of_the_evaluation(case):
    alone = case.network.loss(case.theta, case.estimates, case.inputs, case.targets, case.mode)
    assert float(alone) == float(case.evaluate().loss)


@pytest.mark.parametrize("placement", ["before_activation", "after_activation"])
def test_one_sample_cannot_be_normalized_in_training_and_a_sentence_says_so(placement):
    case = chain_of_units([2.0], [1.5], [1.0], activation="tanh", normalized="a", placement=placement)
    with pytest.raises(TooFewError, match=r"^a: one sample cannot be normalized by its own mean and variance$"):
        case.evaluate()
    assert np.isfinite(replace(case, mode="eval").evaluate().gradient).all()


@pytest.mark.parametrize("size", [1e200, np.inf, np.nan])
def test_numbers_that_overflow_raise_nothing_and_warn_of_nothing(size):
    for normalized in ("", "ab"):
        for cost, activation in (("half_mse", "relu"), ("bce", "sigmoid"), ("cross_entropy", "linear")):
            case = chain_of_units([size, size], [1.0, -2.0], [1.0, 0.0], activation, normalized, cost)
            assert case.evaluate().gradient.shape == case.theta.shape
