"""What a snapshot tells of a moment."""

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, do, held_over, scenarios, session

from bntui.maths.anatomy import orders
from bntui.maths.norms import norm
from bntui.scenario.model.actions import parse_action
from bntui.session.look.quantities import quantities
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.trace.trace_lines import line_of

EVERYTHING = Detail(orders=True, meters=True, activations=True, arrays=True)


def signs(snapshot: Snapshot) -> list[tuple[int, str]]:
    return [(mark.step, mark.sign) for mark in snapshot.marks]


@given(scenarios())
@held_over(40)
def test_every_chain_multiplies_up_to_the_norm_of_its_gradient(text: str) -> None:
    snapshot = do(session(text), {"step": 1}).observe(EVERYTHING)
    gradients = dict(snapshot.gradients)
    for chain, numbers in zip(snapshot.chains, snapshot.layers, strict=True):
        expected = norm(np.asarray(gradients[f"{chain.layer}.weight"]))
        assert chain.product == numbers.weight_gradient == pytest.approx(expected, rel=1e-12, abs=0)
        product = chain.factors[0].product
        for factor in chain.factors[1:]:
            if factor.value is not None:
                assert factor.product == pytest.approx(product * factor.value, rel=1e-9, abs=1e-300)
            product = factor.product


def test_the_step_before_is_told_beside_every_layer() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, {"step": 3})
    before = at.observe()
    do(at, {"step": 1})
    after = at.observe()
    assert after.loss_before == before.loss
    for now, then in zip(after.layers, before.layers, strict=True):
        assert now.weight_gradient_before == pytest.approx(then.weight_gradient)
        assert now.gamma_gradient_before == then.gamma_gradient


def test_at_the_start_there_is_no_step_before() -> None:
    snapshot = session(BATCHES).observe(EVERYTHING)
    assert (snapshot.step, snapshot.action, snapshot.loss_before, snapshot.orders) == (0, None, None, None)
    assert {numbers.weight_gradient_before for numbers in snapshot.layers} == {None}


def test_what_batch_norm_adds_to_a_layer_is_told_only_where_it_is_on() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": ["h1"]}})
    on, off, head = at.observe().layers
    assert None not in (on.gamma_gradient, on.surviving, on.variance, on.scale, on.pair)
    for other in (off, head):
        assert {other.gamma_gradient, other.surviving, other.variance, other.scale} == {None}
    assert (on.epsilon, off.epsilon) == (1e-5, None)
    assert (off.flat, head.flat, head.dead_units) == (0.0, None, None)


def test_the_pair_stays_when_the_weights_are_scaled_and_the_weight_grows() -> None:
    at = do(session(CHAIN), {"set": {"batch_norm": True}})
    before = at.observe().numbers("b")
    do(at, {"scale": {"layer": "b", "by": 1000}})
    after = at.observe().numbers("b")
    assert after.weight == pytest.approx(1000 * before.weight)
    assert after.pair == pytest.approx(before.pair, rel=1e-3)
    assert after.scale == pytest.approx(before.scale / 1000, rel=1e-3)


def test_a_dead_unit_is_counted() -> None:
    at = session(CHAIN.replace("[[1.1]], bias: false", "[[-1.1]], bias: false, activation: relu"))
    assert (at.observe().numbers("a").dead_units, at.observe().numbers("a").flat) == (1, 1.0)


def rates(at: Session, count: int) -> Session:
    return do(at, *({"set": {"learning_rate": 0.1 + 0.01 * (number % 2)}} for number in range(count)))


def test_what_is_set_again_and_again_at_a_step_is_one_mark_there() -> None:
    at = rates(do(rates(session(CHAIN), 10), {"set": {"batch_norm": True}}), 3)
    assert signs(at.observe()) == [(0, "η"), (0, "b"), (0, "η")]
    assert signs(rates(do(at, {"step": 1}), 2).observe()) == [(0, "η"), (0, "b"), (0, "η"), (1, "η")]


def calls(job: Callable[[], object]) -> int:
    """How many functions a job calls."""
    counted: list[str] = []
    sys.setprofile(lambda frame, event, argument: counted.append(event))
    try:
        job()
    finally:
        sys.setprofile(None)
    return sum(event in ("call", "c_call") for event in counted)


def test_to_observe_takes_hardly_more_when_hundreds_of_settings_were_made() -> None:
    few = rates(session(CHAIN), 4)
    many = rates(session(CHAIN), 304)
    few.observe()
    many.observe()
    assert calls(many.observe) < calls(few.observe) + 4 * 300


def test_marks_stand_where_something_was_switched() -> None:
    at = do(session(BATCHES), {"step": 2}, {"set": {"batch_norm": True}}, {"step": 3}, {"set": {"learning_rate": 0.05}})
    do(at, {"set": {"mode": "eval"}}, {"step": 1}, {"scale": {"layer": "h1", "by": 10}})
    do(at, {"set": {"weights": {"head.bias": 1}}}, {"step": 2}, {"set": {"momentum": 0.1}})
    marks = [(2, "b"), (5, "η"), (5, "m"), (6, "*"), (6, "w")]
    assert signs(at.observe()) == marks
    do(at, {"goto": 3})
    assert signs(at.observe()) == marks
    do(at, {"set": {"batch_norm": False}})
    assert signs(at.observe()) == [(2, "b"), (3, "b")]
    do(at, {"reset": True})
    assert signs(at.observe()) == []


def trail(at: Session) -> list[tuple[float, float, float]]:
    told = at.observe().trail
    return list(zip(told.steps.tolist(), told.low.tolist(), told.high.tolist(), strict=True))


def test_the_trail_has_the_loss_of_every_step_up_to_the_cursor() -> None:
    at = session(SLOW_CHAIN)
    losses = []
    for step in range(8):
        if step:
            do(at, {"step": 1})
        losses.append((step, at.observe().loss, at.observe().loss))
        assert trail(at) == losses
    do(at, {"back": 3})
    assert trail(at) == losses[:5]


def test_a_switch_shows_the_loss_before_and_after_it_at_one_step() -> None:
    at = do(session(SLOW_CHAIN), {"step": 2})
    before = at.observe().loss
    do(at, {"set": {"batch_norm": True}})
    after = at.observe().loss
    assert trail(at)[-2:] == [(2, before, before), (2, after, after)]


def test_a_long_run_is_told_in_about_a_thousand_points() -> None:
    at = do(session(SLOW_CHAIN), {"step": 3000})
    told = at.observe().trail
    assert len(told.steps) <= 1024
    assert told.steps[-1] >= 2997
    assert told.high[0] == at.experiment.starting_loss


def test_the_last_step_stays_known_when_one_goes_back() -> None:
    at = do(session(SLOW_CHAIN), {"step": 9}, {"back": 4})
    assert (at.observe().step, at.observe().last_step) == (5, 9)


def test_one_sample_is_read_with_its_signs_and_the_samples_sum_to_the_gradient() -> None:
    at = session(SLOW_CHAIN)
    whole = dict(at.observe(EVERYTHING).gradients)["c.weight"]
    terms = []
    for sample in range(3):
        do(at, {"focus": {"sample": sample}})
        terms.append(at.observe().chain("c").product)
    assert sum(terms) == pytest.approx(float(whole[0, 0]), rel=1e-12)
    assert terms[0] < 0


def test_the_focus_stays_in_what_is_not_named() -> None:
    at = do(session(BATCHES), {"focus": {"layer": "h1", "sample": 2, "unit": 2}}, {"focus": {"layer": "h2"}})
    assert (at.focus.layer, at.focus.sample, at.focus.unit) == ("h2", 2, 0)
    do(at, {"focus": {"unit": 5}})
    assert at.focus.unit == 1  # h2 has two units: its last is taken
    do(at, {"focus": {"layer": "h1"}})
    assert (at.focus.sample, at.focus.unit) == (2, 2)
    do(at, {"focus": {"layer": "h2"}}, {"focus": {"sample": "all"}}, {"focus": {"unit": "all"}})
    assert (at.focus.layer, at.focus.sample, at.focus.unit) == ("h2", None, None)


def test_the_scenario_says_where_to_look_first() -> None:
    at = session(BATCHES, "focus={layer: h2, sample: 1}")
    assert (at.observe().focus.layer, at.observe().focus.sample) == ("h2", 1)


def test_orders_of_a_step_add_up_to_what_it_did() -> None:
    at = do(session(BATCHES, "training.batch_size=full"), {"step": 2})
    before = at.observe().loss
    do(at, {"step": 1})
    snapshot = at.observe(EVERYTHING)
    taken = snapshot.orders
    assert taken is not None
    assert taken.first + taken.second + taken.rest == pytest.approx(taken.actual)
    assert taken.actual == pytest.approx(snapshot.loss - before)


@given(scenarios(), st.sampled_from(["train", "eval"]))
@held_over(60)
def test_orders_are_those_that_are_found_anew_from_the_weights_before_and_the_step(text: str, mode: str) -> None:
    at = do(session(text), {"step": 1}, {"set": {"mode": mode}})
    assume(not at.observe().diverged)
    do(at, {"step": 1})
    snapshot, before = at.observe(EVERYTHING), at.history.before()
    assert before is not None
    assume(snapshot.orders is not None)
    with np.errstate(all="ignore"):
        step = at.history.moment.state.theta - before.state.theta
        np.testing.assert_equal(snapshot.orders, orders(at.experiment.objective(before), before.state.theta, step))


RATE = {"set": {"learning_rate": 0.005}}


@pytest.mark.parametrize(
    ("actions", "led"),
    [
        ([], False),
        ([{"step": 2}], True),
        ([{"goto": 3}], True),
        ([{"step": 2}, RATE], False),
        ([{"step": 2}, RATE, {"twin": {}}], False),
        ([{"step": 2}, {"twin": {}}], False),
        ([{"step": 2}, {"twin": {}}, {"twin": False}], False),
        ([{"step": 2}, {"scale": {"layer": "a", "by": 2}}], False),
        ([{"step": 2}, {"reset": True}], False),
        ([{"step": 2}, {"set": {"batch_norm": True}}], False),
        ([{"step": 2}, {"set": {"mode": "eval"}}], False),
        ([{"step": 2}, RATE, {"step": 1}], True),
        ([{"step": 2}, RATE, {"step": 1}, {"back": 1}], False),  # where the rate was set
        ([{"step": 2}, RATE, {"step": 1}, {"back": 2}], True),
        ([{"step": 2}, RATE, {"step": 1}, {"goto": 2}], False),
        ([{"step": 2}, RATE, {"step": 1}, {"goto": 1}, {"step": 1}], False),  # the recorded future has the rate in it
        ([{"step": 2}, RATE, {"step": 1}, {"goto": 1}, {"goto": 3}], True),
        ([{"step": 3}, {"back": 1}], True),
        ([{"step": 3}, {"back": 1}, {"step": 1}], True),
        ([{"step": 3}, {"back": 3}], False),
        ([{"step": 3}, {"back": 1}, RATE, {"step": 1}, {"future": 0}], True),
        ([{"step": 2}, {"focus": {"layer": "b"}}], True),
        ([{"step": 2}, {"view": "step"}], True),
    ],
)
def test_orders_are_those_of_the_update_that_led_here(actions: list[dict[str, object]], led: bool) -> None:
    at = do(session(SLOW_CHAIN), *actions)
    snapshot = at.observe(EVERYTHING)
    names = [name for name in quantities(snapshot) if name.startswith("order.")]
    told = (snapshot.orders is not None, snapshot.closed_orders is not None, bool(names), line_of(snapshot, EVERYTHING)["order"] is not None)
    assert told == (led,) * 4
    if snapshot.orders is not None:
        before = at.history.before()
        assert before is not None
        assert snapshot.orders.actual == pytest.approx(snapshot.loss - at.experiment.vitals(before).loss)


def test_a_beat_that_changes_nothing_leaves_the_orders_of_the_update() -> None:
    lesson = "lesson: [{say: one, do: {step: 1}}, {say: two, do: {view: step}}, {say: three, do: {step: 1}}]"
    at = do(session(SLOW_CHAIN, lesson.replace("lesson: ", "lesson=")), {"beat": 3}, {"beat": 1}, {"beat": 2})
    assert at.history.branch.action is not None  # the beat began a future of its own
    assert at.observe(EVERYTHING).orders is not None


def test_orders_of_twins_are_those_of_the_update_of_both() -> None:
    at = do(session(SLOW_CHAIN), {"step": 1}, {"twin": {"learning_rate": 0.001}})
    assert at.observe(EVERYTHING).twin.orders is None
    snapshot = do(at, {"step": 1}).observe(EVERYTHING)
    assert snapshot.orders.first == pytest.approx(10 * snapshot.twin.orders.first)
    do(at, {"back": 1})
    assert (at.observe(EVERYTHING).orders, at.observe(EVERYTHING).twin.orders) == (None, None)


def test_what_has_diverged_beside_a_twin_has_no_orders_any_more() -> None:
    at = do(session(CHAIN), {"twin": {"batch_norm": True}}, {"step": 2})
    assert at.observe().diverged
    assert at.observe(EVERYTHING).orders is not None  # the step in which it diverged
    snapshot = do(at, {"step": 1}).observe(EVERYTHING)
    assert snapshot.orders is None
    assert snapshot.twin.orders is not None


def test_the_closed_form_is_told_for_a_plain_chain_alone() -> None:
    at = do(session(SLOW_CHAIN), {"step": 1})
    closed = at.observe(EVERYTHING).closed_orders
    assert closed is not None
    assert len(closed) == 5
    do(at, {"set": {"batch_norm": True}}, {"step": 1})
    assert at.observe(EVERYTHING).closed_orders is None


def test_activations_are_those_of_the_layer_in_focus() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, {"focus": {"layer": "h1"}}, {"step": 1})
    seen = at.observe(EVERYTHING).activations
    assert seen is not None
    assert (seen.layer, seen.activation.name, seen.before.shape) == ("h1", "tanh", (6, 3))
    assert abs(float(seen.after.mean())) < 0.2
    start = at.observe(EVERYTHING).activations_at_start
    assert start is not None
    assert np.array_equal(start.before, start.after)


def test_what_nobody_looks_at_is_not_computed() -> None:
    snapshot = do(session(BATCHES), {"step": 1}).observe()
    assert (snapshot.orders, snapshot.meters, snapshot.activations, snapshot.parameters) == (None, None, None, ())


def test_looking_changes_nothing() -> None:
    looked, blind = session(BATCHES, "network.batch_norm.enabled=true"), session(
        BATCHES, "network.batch_norm.enabled=true"
    )
    for _ in range(12):
        looked.observe(EVERYTHING)
        do(looked, {"step": 1})
        do(blind, {"step": 1})
    state, other = looked.history.moment.state, blind.history.moment.state
    assert state.theta.tobytes() == other.theta.tobytes()
    assert state.running.tobytes() == other.running.tobytes()


def test_an_exploded_moment_can_be_looked_at_in_every_detail() -> None:
    at = session(CHAIN, "training.learning_rate=1000.0")
    with pytest.raises(Refusal):
        do(at, {"step": 9})
    at.observe(EVERYTHING)
    at.do(parse_action({"scale": {"layer": "a", "by": 1e300}}))
    snapshot = at.observe(EVERYTHING)
    assert snapshot.diverged is True
