"""The causes that the lessons on curvature name, each with the run that would refute it: what a lesson's beats have no room for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bntui.maths.arrays import Array
from bntui.maths.chain import read_chain
from bntui.maths.curvature import curvature
from bntui.maths.landscape import measures, middle_and_worst
from bntui.maths.norms import norm
from bntui.scenario.model.actions import parse_action
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.loading import Loaded, read_file, read_text
from bntui.scenario.shelf import library
from bntui.scenario.shelf.writing import to_yaml
from bntui.session.look.quantities import measure
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment
from bntui.session.session import Session

pytestmark = pytest.mark.slow  # dozens of runs; .ci/run has them

ON = {"set": {"batch_norm": True}}
ONE_INPUT = {"name": "sine", "samples": 64, "seed": 0, "frequency": 2.0}
SIXTEEN_INPUTS = {"name": "gaussian", "samples": 64, "seed": 0, "inputs": 16}

MEASURES = ("loss_range", "gradient_change", "smoothness")

Choice = Callable[[str], bool]


def session_of(loaded: Loaded, *actions: dict[str, Any]) -> Session:
    """A session of a scenario after these actions."""
    session = Session(loaded)
    for action in actions:
        session.do(parse_action(action))
    return session


def lesson(name: str, *actions: dict[str, Any]) -> Session:
    """A session of a scenario of the library after these actions."""
    return session_of(read_file(library.find(name)), *actions)


def variant(name: str, change: Callable[[dict[str, Any]], None], *actions: dict[str, Any]) -> Session:
    """A session of a scenario of the library, changed and without its lesson, after these actions."""
    loaded = read_file(library.find(name))
    mapping: dict[str, Any] = loaded.scenario.mapping()
    del mapping["lesson"]
    change(mapping)
    return session_of(read_text(to_yaml(validated(Scenario, mapping)), "changed.yaml", loaded.folder), *actions)


def loss(session: Session) -> float:
    return session.observe().loss


def hidden(name: str) -> bool:
    """Whether a parameter is a hidden layer's weight."""
    return name.endswith(".weight") and not name.startswith("head")


def weight(name: str) -> bool:
    return name.endswith(".weight")


def gamma_or_beta(name: str) -> bool:
    return name.endswith((".gamma", ".beta"))


def parameters(experiment: Experiment, moment: Moment) -> dict[str, Array]:
    """Every parameter of a moment by name, copied."""
    return {name: view.copy() for name, view in experiment.network(moment).layout.views(moment.state.theta).items()}


def lengths(session: Session) -> dict[str, float]:
    """‖W‖ by layer."""
    found = parameters(session.experiment, session.history.moment)
    return {name.removesuffix(".weight"): norm(array) for name, array in found.items() if weight(name)}


def angles(session: Session, other: Session) -> dict[str, float]:
    """By how many degrees the rows of each layer's weight lie apart in two sessions, the median over the rows."""
    own, others = (parameters(each.experiment, each.history.moment) for each in (session, other))
    found = {}
    for name in filter(weight, own):
        lengths_of_both = np.sqrt(np.square(own[name]).sum(-1) * np.square(others[name]).sum(-1))
        cosines = (own[name] * others[name]).sum(-1) / lengths_of_both
        found[name.removesuffix(".weight")] = float(np.degrees(np.median(np.arccos(np.clip(cosines, -1, 1)))))
    return found


def mixed(session: Session, other: Session, chosen: Choice, how: Callable[[Array, Array], Array]) -> Moment:
    """The session's moment with each chosen parameter made of its own and the other session's."""
    experiment, moment = session.experiment, session.history.moment
    own, others = parameters(experiment, moment), parameters(experiment, other.history.moment)
    merged = {name: how(array, others[name]) if chosen(name) else array for name, array in own.items()}
    return replace(moment, state=replace(moment.state, theta=experiment.network(moment).layout.flatten(merged)))


def taken(session: Session, other: Session, chosen: Choice) -> Moment:
    """The session's moment with the chosen parameters of the other."""
    return mixed(session, other, chosen, lambda _, others: others)


def as_long(session: Session, other: Session, chosen: Choice) -> Moment:
    """The session's moment with each row of the chosen weights as long as in the other, in its own direction."""

    def resized(own: Array, others: Array) -> Array:
        return own * np.sqrt(np.square(others).sum(-1, keepdims=True) / np.square(own).sum(-1, keepdims=True))

    return mixed(session, other, chosen, resized)


def sharpness(session: Session, moment: Moment | None = None) -> float:
    """λ_max at the session's moment, or at this one."""
    at = session.history.moment if moment is None else moment
    found = curvature(session.experiment.objective(at).hessian(at.state.theta), at.state.theta.size, 1.0)
    assert found.converged
    return found.value


def product(session: Session, layer: str, moment: Moment | None = None) -> float:
    """‖∂J/∂W‖ of a layer at the session's moment, or at this one."""
    at = session.history.moment if moment is None else moment
    chains = read_chain(session.experiment.network(at), session.experiment.evaluate(at))
    return next(chain.product for chain in chains if chain.layer == layer)


def head_input(session: Session, moment: Moment) -> float:
    """The size of the activations that the head receives."""
    chains = read_chain(session.experiment.network(moment), session.experiment.evaluate(moment))
    return chains[-1].factors[-1].value or 0.0


# does-it-smooth


def test_it_is_the_directions_of_the_hidden_weights_that_make_bns_place_flat_in_ten_steps_not_their_lengths() -> None:
    first, tenth = lesson("does-it-smooth", ON), lesson("does-it-smooth", ON, {"step": 10})
    before, after = lengths(first), lengths(tenth)
    assert all(1 - 1e-4 < after[name] / before[name] < 1.003 for name in before if name != "head")
    turned = [angle for name, angle in angles(first, tenth).items() if name not in ("h1", "head")]
    assert 1 < min(turned) < max(turned) < 5
    assert sharpness(tenth, as_long(tenth, first, hidden)) == pytest.approx(sharpness(tenth), rel=0.03)
    assert sharpness(tenth, taken(tenth, first, hidden)) == pytest.approx(515, rel=0.01)
    assert sharpness(first, taken(first, tenth, hidden)) == pytest.approx(23.7, rel=0.01)
    assert sharpness(first, taken(first, tenth, gamma_or_beta)) > sharpness(first)


@pytest.mark.parametrize(
    ("generator", "with_norm", "without"),
    [(ONE_INPUT, (51, 231, 282, 95, 1420), (23, 11, 20, 341, 31)), (SIXTEEN_INPUTS, (11, 71, 63), (6, 65, 12))],
)
def test_by_other_first_weights_the_curvature_at_the_start_is_another_and_mostly_larger_with_bn(
    generator: dict[str, Any], with_norm: tuple[float, ...], without: tuple[float, ...]
) -> None:
    for seed, expected in enumerate(zip(with_norm, without, strict=True)):

        def changed(mapping: dict[str, Any], seed: int = seed) -> None:
            mapping["network"]["init"]["seed"] = seed
            mapping["data"] = {"generator": generator}

        found = [sharpness(variant("does-it-smooth", changed, *actions)) for actions in ((ON,), ())]
        assert [round(value, -1 if value > 1000 else None) for value in found] == list(expected)


def test_dead_units_of_the_one_input_are_not_what_makes_bn_better() -> None:
    def sixteen_inputs(mapping: dict[str, Any]) -> None:
        mapping["data"] = {"generator": SIXTEEN_INPUTS}

    def dead(session: Session) -> int:
        return sum(layer.dead_units or 0 for layer in session.observe().layers)

    assert dead(lesson("does-it-smooth")) == 41  # of 128
    assert dead(variant("does-it-smooth", sixteen_inputs)) == 10
    assert loss(variant("does-it-smooth", sixteen_inputs, ON, {"step": 300})) == pytest.approx(5.4e-6, rel=0.05)
    assert loss(variant("does-it-smooth", sixteen_inputs, {"step": 300})) == pytest.approx(0.0093, rel=0.05)


def test_along_the_gradient_and_over_fifty_steps_bn_is_the_smoother_one_here() -> None:
    ends = []
    for session in (lesson("does-it-smooth", ON), lesson("does-it-smooth")):
        found = []
        for _ in range(50):
            moment = session.history.moment
            found.append(measures(session.experiment.objective(moment), moment.state.theta, moment.learning_rate, 1.0))
            session.do(parse_action({"step": 1}))
        ends.append([[getattr(each, name) for name in MEASURES] for each in middle_and_worst(found)])
    with_norm, without = np.array(ends)
    assert (with_norm < without).all()


# exploding-at-start


def test_the_first_gradient_falls_because_the_weights_turn_and_not_because_they_grow() -> None:
    first, second = lesson("exploding-at-start", ON), lesson("exploding-at-start", ON, {"step": 1})
    growth = {name: after / lengths(first)[name] for name, after in lengths(second).items()}
    assert max(growth.values()) == growth["h2"] == pytest.approx(1.0129, abs=1e-4)
    assert product(second, "h1") == pytest.approx(2.68, rel=0.01)
    assert product(second, "h1", as_long(second, first, weight)) == pytest.approx(2.8, rel=0.02)
    assert product(first, "h1", as_long(first, second, weight)) == pytest.approx(8.2, rel=0.01)


def test_the_gains_of_a_start_with_bn_are_the_scales_for_centring_alone_leaves_them_level() -> None:
    kinds = ("none", "batch_centre", "batch_scale", "batch_norm")
    gains: dict[str, list[float]] = {kind: [] for kind in kinds}
    for seed in range(8):

        def changed(mapping: dict[str, Any], seed: int = seed) -> None:
            mapping["network"]["init"]["seed"] = seed

        for kind in kinds:
            begun = variant("exploding-at-start", changed, {"set": {"normalization": kind}})
            found = measure(begun, [f"gain.h{number}" for number in range(2, 11)])
            gains[kind].append(float(np.prod([float(gain or 0) for gain in found.values()])))
    ends = {kind: (min(found), max(found)) for kind, found in gains.items()}
    assert ends["none"] == pytest.approx((0.4, 2.7), abs=0.05)
    assert ends["batch_centre"] == pytest.approx((0.6, 1.7), abs=0.05)
    assert ends["batch_scale"] == pytest.approx((2.4, 7.5), abs=0.05)
    assert ends["batch_norm"] == pytest.approx((4.6, 12.3), abs=0.05)


# edge-of-stability


def test_it_is_the_directions_of_the_weights_that_bring_bn_down_from_564() -> None:
    first, third = lesson("edge-of-stability", ON), lesson("edge-of-stability", ON, {"step": 3})
    assert sharpness(third) == pytest.approx(8.33, rel=1e-3)
    assert sharpness(third, as_long(third, first, hidden)) == pytest.approx(8.3, rel=0.01)
    assert sharpness(third, taken(third, first, gamma_or_beta)) == pytest.approx(8.4, rel=0.01)
    assert sharpness(third, taken(third, first, hidden)) == pytest.approx(90, rel=0.01)
    assert sharpness(first, taken(first, third, hidden)) == pytest.approx(8.4, rel=0.01)


# growing-weights


def test_under_bn_the_weights_grow_at_every_step_and_without_it_they_do_not() -> None:
    with_norm, without = lesson("growing-weights"), lesson("growing-weights", {"set": {"batch_norm": False}})
    for session, only_grows in ((with_norm, True), (without, False)):
        found = [lengths(session)["h2"]]
        for _ in range(200):
            session.do(parse_action({"step": 1}))
            found.append(lengths(session)["h2"])
        assert bool((np.diff(found) > 0).all()) is only_grows


def test_a_million_freezes_the_hidden_weights_and_j_ends_higher_than_at_a_hundred() -> None:
    ends = {rate: loss(lesson("growing-weights", {"set": {"learning_rate": rate}}, {"step": 300})) for rate in (100.0, 1e6)}
    assert ends[100.0] == pytest.approx(0.0087, rel=0.1)
    assert ends[1e6] == pytest.approx(0.027, rel=0.1)


@pytest.mark.parametrize("seed", range(4))
def test_at_a_rate_of_a_hundred_weights_that_cannot_grow_do_not_learn(seed: int) -> None:
    def other_weights(mapping: dict[str, Any]) -> None:
        mapping["network"]["init"]["seed"] = seed

    def begun() -> Session:
        return variant("growing-weights", other_weights, {"set": {"learning_rate": 100}})

    grown, held = begun(), begun()
    length = lengths(held)["h2"]
    losses = []
    for _ in range(200):
        held.do(parse_action({"step": 1}))
        held.do(parse_action({"scale": {"layer": "h2", "by": length / lengths(held)["h2"]}}))
        losses.append(loss(held))
    grown.do(parse_action({"step": 200}))
    assert np.median(losses[-50:]) > 5 * loss(grown)
    assert min(losses) > 3 * loss(grown)


def test_it_is_the_heads_rate_that_a_network_of_normalized_layers_does_not_survive() -> None:
    def with_rates(rates: dict[str, float]) -> Session:
        def changed(mapping: dict[str, Any]) -> None:
            mapping["training"] |= {"learning_rate": 3.0, "learning_rates": rates}

        return variant("growing-weights", changed, {"step": 5})

    everything, all_but_the_head = with_rates({}), with_rates({"head.*": 0.1})
    assert everything.observe().diverged
    assert loss(all_but_the_head) == pytest.approx(0.0708, rel=0.01)


# activation-blow-up


def test_length_multiplies_the_activations_more_than_direction() -> None:
    first, second = lesson("activation-blow-up"), lesson("activation-blow-up", {"step": 1})

    def scaled(own: Array, others: Array) -> Array:
        return own * (norm(others) / norm(own))

    assert head_input(second, mixed(second, first, hidden, scaled)) == pytest.approx(742, rel=0.01)
    assert head_input(first, mixed(first, second, hidden, scaled)) == pytest.approx(15_000, rel=0.01)


@pytest.mark.parametrize(
    ("layers", "end"),
    [
        (["h1"], None),
        (["h4"], None),
        (["h8"], 0.0498),
        (["head"], 0.1456),
        ([f"h{number}" for number in range(1, 8)], 0.001575),
    ],
)
def test_one_bn_late_enough_keeps_the_activations_from_blowing_up(layers: list[str], end: float | None) -> None:
    session = lesson("activation-blow-up", {"set": {"batch_norm": layers}})
    for _ in range(20):
        if session.observe().diverged:
            break
        session.do(parse_action({"step": 1}))
    if end is None:
        assert session.observe().diverged
    else:
        assert loss(session) == pytest.approx(end, rel=0.02)


# orders-of-a-step


def test_the_curvature_of_the_product_of_threes_is_five_times_81_squared_and_bn_below_the_last_weight_adds_nothing() -> None:
    assert sharpness(lesson("orders-of-a-step")) == pytest.approx(5 * 81**2 * 1.00667, rel=0.005)  # 1.00667 is the mean of x²
    ends = [
        loss(lesson("orders-of-a-step", {"set": {"batch_norm": layers}}, {"step": 1}))
        for layers in (["d"], ["a", "b", "c", "d"], ["e"], True)
    ]
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)
    assert ends[2] == pytest.approx(ends[3], rel=1e-6)
    assert ends[1] != pytest.approx(ends[2], rel=0.1)
