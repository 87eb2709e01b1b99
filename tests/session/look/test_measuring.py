"""The meters: what they foretell comes, and what they say of a normalized weight is what BN's invariance says."""

import numpy as np
import pytest
from session.worlds import BATCHES, CHAIN, do, session

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.session.look.snapshot import Detail, Meters, Snapshot
from bntui.session.session import Session

METERS = Detail(orders=True, meters=True)

WIDE = """
version: 1
title: Wide
network:
  layers:
    - {name: h1, units: 6, activation: relu}
    - {name: h2, units: 5, activation: relu}
    - {name: head, units: 1, batch_norm: false}
  init: {scheme: he, seed: 2}
  batch_norm: {enabled: true, epsilon: 1e-12}
data: {generator: {name: gaussian, samples: 24, seed: 1, inputs: 3}}
training: {learning_rate: 0.1}
"""


def meters(at: Session) -> Meters:
    found = at.observe(METERS).meters
    assert found is not None
    return found


def weights(at: Session, layer: str) -> np.ndarray:
    moment = at.history.moment
    return at.experiment.network(moment).layout.views(moment.state.theta)[f"{layer}.weight"].copy()


@pytest.mark.parametrize("text", [CHAIN, BATCHES, WIDE])
def test_what_is_to_come_is_what_the_next_step_does(text: str) -> None:
    at = do(session(text), {"step": 1})
    coming = meters(at).coming
    done = do(at, {"step": 1}).observe(METERS).orders
    assert coming is not None
    assert done is not None
    for part in ("first", "second", "rest", "actual"):
        assert getattr(coming, part) == pytest.approx(getattr(done, part), rel=1e-9, abs=1e-12)
    assert coming.kinks == done.kinks


def test_the_chain_that_explodes_stands_below_its_stable_rate_and_the_quadratic_foretold_nothing_of_it() -> None:
    found = meters(session(CHAIN))
    assert found.rate_over_stable == pytest.approx(0.822, rel=1e-3)
    assert found.coming is not None
    assert found.coming.first + found.coming.second < 0
    assert found.coming.actual > 1800


@pytest.mark.parametrize("layer", ["h1", "h2", "head"])
def test_the_angle_is_that_between_a_row_and_what_the_next_step_makes_of_it(layer: str) -> None:
    at = session(WIDE)
    told = dict(meters(at).angles)[layer]
    before = weights(at, layer)
    after = weights(do(at, {"step": 1}), layer)
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    turned = np.degrees(np.arccos((before * after).sum(axis=1) / lengths))
    assert told == pytest.approx(np.median(turned), rel=1e-6)


def test_a_row_a_thousand_times_as_long_turns_a_millionth_as_far() -> None:
    at = session(WIDE)
    before = dict(meters(at).angles)["h2"]
    after = dict(meters(do(at, {"scale": {"layer": "h2", "by": 1000}})).angles)["h2"]
    assert after == pytest.approx(before * 1e-6, rel=0.02)  # an angle and its tangent part at larger angles


def test_momentum_multiplies_the_effective_rate() -> None:
    plain, heavy = (dict(meters(session(WIDE, f"training.momentum={m}")).effective_rates) for m in (0.0, 0.9))
    assert heavy["h1"] == pytest.approx(10 * plain["h1"])
    rows = np.square(weights(session(WIDE), "h1")).sum(axis=1)
    assert plain["h1"] == pytest.approx(np.median(0.1 / rows))


def test_longer_weights_are_less_curved_and_their_spherical_sharpness_is_the_same() -> None:
    short = meters(session(WIDE))
    at = session(WIDE)
    for layer in ("h1", "h2"):
        do(at, {"scale": {"layer": layer, "by": 3}})
    long = meters(at)
    assert short.spherical_sharpness == pytest.approx(long.spherical_sharpness, rel=1e-5)
    assert meters(session(WIDE, "network.batch_norm.enabled=false")).spherical_sharpness is None


def test_spherical_sharpness_is_the_top_of_the_block_of_normalized_weights_times_their_length() -> None:
    at = session(WIDE)
    moment = at.history.moment
    layout = at.experiment.network(moment).layout
    product = at.experiment.objective(moment).hessian(moment.state.theta)
    whole = np.stack([product(unit) for unit in np.eye(layout.size)])
    chosen = np.concatenate([np.arange(layout.size)[layout.places[f"{name}.weight"][0]] for name in ("h1", "h2")])
    top = np.linalg.eigvalsh(whole[np.ix_(chosen, chosen)])[-1]
    wanted = top * np.square(moment.state.theta[chosen]).sum()
    assert meters(at).spherical_sharpness == pytest.approx(wanted, rel=1e-6)


EVEN = "network.layers.1.units=4"  # in two groups
FREED = {
    **dict.fromkeys(("batch_norm", "batch_scale", "batch_norm_detached", "weight_norm"), "row"),
    **dict.fromkeys(("layer_norm", "rms_norm"), "whole"),
    "group_norm": "group",
    "batch_centre": None,
}


@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_the_effective_rate_is_of_the_length_that_makes_no_difference(kind: str) -> None:
    at = do(session(WIDE, EVEN), {"set": {"normalization": kind}})
    found, rows = dict(meters(at).effective_rates), np.square(weights(at, "h1")).sum(axis=1)
    if FREED[kind] is None:
        assert found == {}
        assert meters(at).spherical_sharpness is None
    else:
        squares = {"row": rows, "whole": rows.sum(), "group": rows.reshape(2, -1).sum(axis=1)}[FREED[kind]]
        assert found["h1"] == pytest.approx(np.median(0.1 / squares))


@pytest.mark.parametrize("kind", [kind for kind, freed in FREED.items() if freed])
def test_no_output_moves_where_a_length_that_makes_no_difference_is_changed(kind: str) -> None:
    """In the rows of the kinds by row one at a time, else the whole weight with its bias, which is 0 at the start."""
    at = do(session(WIDE, EVEN, "network.batch_norm.epsilon=1e-300"), {"set": {"normalization": kind}})
    before, weight = at.observe().loss, weights(at, "h1")
    weight = weight * 7 if FREED[kind] != "row" else np.concatenate([weight[:1] * 7, weight[1:]])
    after = do(at, {"set": {"weights": {"h1.weight": weight.tolist()}}}).observe().loss
    assert after == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize("kind", ["batch_norm", "batch_scale", "batch_norm_detached"])
def test_by_running_estimates_every_length_makes_a_difference(kind: str) -> None:
    at = do(session(WIDE, EVEN), {"set": {"normalization": kind}}, {"set": {"mode": "eval"}})
    assert meters(at).effective_rates == ()


def test_a_bias_counts_for_the_length_where_only_both_together_make_no_difference() -> None:
    at = do(session(WIDE), {"set": {"normalization": "layer_norm"}}, {"step": 5})
    layout = at.experiment.network(at.history.moment).layout.views(at.history.moment.state.theta)
    squares = np.square(weights(at, "h1")).sum() + np.square(layout["h1.bias"]).sum()
    assert dict(meters(at).effective_rates)["h1"] == pytest.approx(0.1 / squares)


def test_along_the_gradient_half_the_rate_times_the_curvature_is_the_share_that_the_second_order_takes_back() -> None:
    at = session(BATCHES, "training.momentum=0")
    found = meters(at)
    snapshot: Snapshot = do(at, {"step": 1}).observe(METERS)
    assert snapshot.orders is not None
    assert found.rate_over_cancelling == pytest.approx(snapshot.orders.second / -snapshot.orders.first, rel=1e-9)


def angle_of(at: Session, layer: str) -> float:
    return dict(meters(at).angles)[layer]


@pytest.mark.parametrize(("optimizer", "power"), [("sgd", 2), ("adam", 1), ("adamw", 1)])
def test_what_has_the_same_effective_rate_turns_by_the_same_angle(optimizer: str, power: int) -> None:
    """A weight ten times as long needs a hundredfold rate of sgd and a tenfold one of adam, whose step knows no size of a gradient."""
    short = session(WIDE, f"training.optimizer={optimizer}", "training.epsilon=1e-300", "training.learning_rate=0.001")
    long = do(session(WIDE, f"training.optimizer={optimizer}", "training.epsilon=1e-300", "training.learning_rate=0.001"),
              {"scale": {"layer": "h2", "by": 10}}, {"set": {"learning_rates": {"h2.weight": 0.001 * 10**power}}})  # fmt: skip
    assert dict(meters(long).effective_rates)["h2"] == pytest.approx(dict(meters(short).effective_rates)["h2"])
    assert angle_of(long, "h2") == pytest.approx(angle_of(short, "h2"), rel=1e-6)
    assert angle_of(long, "h2") > 1e-3


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_the_meters_go_by_the_rate_in_force(optimizer: str) -> None:
    schedule = "training.schedule={kind: exponential, by: 0.5, warm_up: 3}"
    whole = meters(session(WIDE, f"training.optimizer={optimizer}"))
    third = meters(session(WIDE, f"training.optimizer={optimizer}", schedule))
    assert third.stable_rate == pytest.approx(whole.stable_rate)
    for part in ("effective_rates", "update_ratios"):
        found, expected = dict(getattr(third, part)), dict(getattr(whole, part))
        assert found == pytest.approx({name: value / 3 for name, value in expected.items()}, nan_ok=True)
    assert third.rate_over_stable is not None
    assert whole.rate_over_stable is not None
    assert third.rate_over_stable == pytest.approx(whole.rate_over_stable / 3)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_the_orders_of_a_step_with_decay_are_those_of_the_step_taken_and_of_the_data_s_cost(optimizer: str) -> None:
    at = do(session(WIDE, f"training.optimizer={optimizer}", "training.weight_decay=0.5", "training.learning_rate=0.003"), {"step": 3})
    before = at.history.moment
    objective, gradient = at.experiment.objective(before), at.experiment.evaluate(before).gradient
    coming = meters(at).coming
    done = do(at, {"step": 1}).observe(METERS).orders
    step = at.history.moment.state.theta - before.state.theta
    assert done is not None
    assert coming is not None
    assert done.first == pytest.approx(gradient @ step)
    assert done.second == pytest.approx(step @ objective.hessian(before.state.theta)(step) / 2)
    assert done.actual == pytest.approx(float(objective.loss(at.history.moment.state.theta)) - float(objective.loss(before.state.theta)))
    assert coming.actual == pytest.approx(done.actual, rel=1e-9)


def test_weight_decay_leaves_the_curvature_as_it_is_and_lowers_the_stable_rate_by_its_own() -> None:
    plain, decayed = meters(session(WIDE)), meters(session(WIDE, "training.weight_decay=0.5"))
    assert decayed.curvature == plain.curvature
    assert plain.curvature is not None
    assert decayed.stable_rate == pytest.approx(2 / (plain.curvature + 0.5), rel=1e-6)


def test_of_adam_no_half_of_the_rate_times_the_curvature_along_the_gradient_is_told() -> None:
    found = meters(session(WIDE, "training.optimizer=adam"))
    assert found.rate_over_cancelling is None
    assert found.gradient_curvature == meters(session(WIDE)).gradient_curvature
