"""One moment after another: switches that move nothing, divergence, and what is refused."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from session.worlds import BATCHES, CHAIN, bits, do, held_over, scenarios, session

from bntui.maths.arrays import Array
from bntui.scenario.model.actions import parse_action
from bntui.session.run.experiment import Experiment
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session


def outputs(at: Session) -> Array:
    """ŷ on the batch that the next update will use."""
    return at.experiment.evaluate(at.history.moment).forward.outputs


def assert_nothing_moved(before: Array, after: Array) -> None:
    assert np.abs(after - before).max() <= 1e-12 * np.abs(before).max()


@pytest.mark.parametrize("steps", [0, 1, 40])
@pytest.mark.parametrize("text", [CHAIN, BATCHES])
def test_a_preserving_switch_in_mid_run_moves_no_output(text: str, steps: int) -> None:
    at = session(text, "switching=preserve", "training.learning_rate=0.01")
    if steps:
        do(at, {"step": steps})
    for wanted in (True, False, [at.experiment.architecture.layers[0].name], True, False):
        before = outputs(at)
        do(at, {"set": {"batch_norm": wanted}})
        assert_nothing_moved(before, outputs(at))


@given(scenarios(affine=(True,)))
@held_over(80)
def test_a_preserving_switch_moves_no_output_of_any_network(text: str) -> None:
    at = do(session(text, "switching=preserve", "training.learning_rate=0.01"), {"step": 3})
    for wanted in (True, False):
        before = outputs(at)
        # the one switch that cannot be made so that nothing moves is refused, and then nothing has moved either
        with suppress(Refusal):
            do(at, {"set": {"batch_norm": wanted}})
        assert_nothing_moved(before, outputs(at))


def test_a_resetting_switch_moves_the_outputs() -> None:
    at = session(CHAIN)
    before = outputs(at)
    do(at, {"set": {"batch_norm": True}})
    assert np.abs(outputs(at) - before).max() > 0.1


def test_an_exploding_run_refuses_further_steps_and_can_be_left_backwards() -> None:
    at = session(CHAIN)
    with pytest.raises(Refusal, match="diverged at step 2: there is nothing to descend; go back"):
        do(at, {"step": 5})
    assert (at.history.step, at.observe().diverged) == (2, True)
    do(at, {"back": 1})
    assert at.observe().diverged is False
    do(at, {"set": {"batch_norm": True}}, {"step": 20})
    assert at.observe().loss < 1


def test_batch_norm_can_be_switched_on_in_a_run_that_has_diverged() -> None:
    at = session(CHAIN)
    with pytest.raises(Refusal):
        do(at, {"step": 5})
    do(at, {"set": {"batch_norm": True}})
    assert at.observe().diverged is False
    do(at, {"step": 1})
    assert at.history.step == 3


@pytest.mark.parametrize("weight", [1e200, -1e308])
def test_weights_that_overflow_have_diverged_at_once(weight: float) -> None:
    at = do(session(CHAIN), {"set": {"weights": {"a.weight": weight, "b.weight": weight}}})
    assert at.observe().diverged is True
    with pytest.raises(Refusal, match="diverged at step 0"):
        do(at, {"step": 1})
    do(at, {"reset": True}, {"step": 1})
    assert at.history.step == 1


def test_a_trillion_times_the_first_loss_has_diverged() -> None:
    at = do(session(CHAIN), {"scale": {"layer": "a", "by": 1e5}})
    assert at.observe().diverged is False
    do(at, {"scale": {"layer": "b", "by": 1e5}})
    assert (at.observe().diverged, np.isfinite(at.observe().loss)) == (True, True)


def test_scaling_a_layer_multiplies_its_weights_alone() -> None:
    at = session(BATCHES)
    before = dict(parameters(at))
    do(at, {"scale": {"layer": "h1", "by": -4}})
    for name, value in parameters(at):
        assert np.array_equal(value, before[name] * (-4 if name == "h1.weight" else 1))


def parameters(at: Session) -> list[tuple[str, Array]]:
    network = at.experiment.network(at.history.moment)
    return list(network.layout.views(at.history.moment.state.theta).items())


def test_a_number_sets_a_lone_weight_and_rows_set_a_matrix() -> None:
    at = do(session(BATCHES), {"set": {"weights": {"h1.weight": [[1], [2], [3]], "head.bias": 0.5}}})
    found = dict(parameters(at))
    assert found["h1.weight"].tolist() == [[1], [2], [3]]
    assert found["head.bias"].tolist() == [[0.5]]


THROW = {"set": {"weights": {"h1.gamma": {"uniform": 0.25}, "h1.beta": {"uniform": 0.25}, "h2.beta": {"uniform": 0.25}}}}


def test_drawn_values_are_others_in_each_layer_and_at_every_step_and_the_same_whenever_that_step_is_taken() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, THROW)
    first = dict(parameters(at))
    assert 0 < np.abs(first["h1.beta"]).max() <= 0.25
    assert np.array_equal(first["h1.beta"], first["h1.gamma"])
    assert not np.array_equal(first["h1.beta"][:, :2], first["h2.beta"])
    do(at, {"step": 1}, THROW)
    later = dict(parameters(at))
    assert not np.array_equal(later["h1.beta"], first["h1.beta"])
    do(at, {"reset": True}, {"set": {"batch_norm": True}}, THROW, {"step": 1}, THROW)
    assert np.array_equal(dict(parameters(at))["h1.beta"], later["h1.beta"])
    other = {"set": {"weights": {"h1.beta": {"uniform": 0.25, "seed": 1}}}}
    assert not np.array_equal(dict(parameters(do(at, other)))["h1.beta"], later["h1.beta"])


def test_the_rates_of_single_parameters_stay_when_the_rate_is_changed() -> None:
    at = do(session(BATCHES), {"set": {"learning_rate": 0.7, "batch_norm": True}})
    rates = at.experiment.rates(at.history.moment)
    assert (rates.of("h1.weight"), rates.of("h1.gamma")) == (0.7, 0.03)


def test_a_group_of_parameters_gets_a_rate_that_holds_over_those_set_before() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True, "learning_rates": {"h*.weight": 2.0}}})
    assert at.experiment.rates(at.history.moment).by_name == (("*.gamma", 0.03), ("h*.weight", 2.0))
    do(at, {"set": {"learning_rates": {"*": 0.5}}}, {"set": {"learning_rates": {"h*.weight": 7.0}}})
    rates = at.experiment.rates(at.history.moment)
    assert [rates.of(name) for name in ("h1.weight", "h1.gamma", "head.bias")] == [7.0, 0.5, 0.5]


def test_what_has_a_rate_of_0_stays_and_the_rest_moves_and_going_back_undoes_it() -> None:
    at = do(session(BATCHES), {"step": 1}, {"set": {"learning_rates": {"h1.*": 0}}})
    before = dict(parameters(at))
    do(at, {"step": 3})
    assert {name.layer for name, value in parameters(at) if not np.array_equal(value, before[name])} == {"h2", "head"}
    do(at, {"back": 4})
    assert dict(at.history.moment.rates_by_name) == {"*.gamma": 0.03}


def test_a_twin_keeps_its_rate_and_shares_that_of_a_group() -> None:
    at = do(session(BATCHES), {"twin": {"learning_rate": 0.5}}, {"set": {"learning_rate": 0.2, "learning_rates": {"h1.*": 9}}})
    for moment, rate in ((at.history.moment, 0.2), (at.history.moment.twin, 0.5)):
        rates = at.experiment.rates(moment)
        assert (rates.of("h1.weight"), rates.of("h2.weight")) == (9, rate)


def test_a_pattern_that_no_parameter_has_is_refused() -> None:
    with pytest.raises(Refusal, match=r"'h9\.\*' matches no parameter; there are h1\.weight"):
        do(session(BATCHES), {"set": {"learning_rates": {"h9.*": 1.0}}})


def test_an_evaluation_that_was_let_go_of_is_computed_again_the_same() -> None:
    at = session(BATCHES)
    moments = [at.history.moment]
    for _ in range(6):
        do(at, {"step": 1})
        moments.append(at.history.moment)
    first = [at.experiment.evaluate(moment).gradient.tobytes() for moment in moments]
    assert [at.experiment.evaluate(moment).gradient.tobytes() for moment in moments] == first


def test_advancing_leaves_the_moment_before_as_it_was() -> None:
    at = session(BATCHES)
    experiment: Experiment = at.experiment
    before = bits(experiment.start)
    moment = experiment.start
    for action in ({"step": 1}, {"set": {"batch_norm": True}}, {"scale": {"layer": "h1", "by": 2}}, {"step": 1}):
        moment = experiment.advance(moment, parse_action(action))
    assert bits(experiment.start) == before
    assert bits(moment) != before
