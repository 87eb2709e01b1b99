"""The controls of the lessons about chains, sigmoids and momentum that need more runs than a lesson has, or what a beat cannot say.

Each would fail were the cause that its lesson names another one.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bntui.maths.numeric import Array
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.quantities import quantities
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

pytestmark = pytest.mark.slow  # dozens of runs; .ci/run has them

SEEDS = range(12)
HIDDEN = ["h1", "h2", "h3", "h4"]
BELOW_E = ["a", "b", "c", "d"]
ONLY_E = "training.learning_rates={'*': 1e-300, 'e.gamma': 0.3, 'e.beta': 0.3}"
BN = {"set": {"batch_norm": True}}
MOMENTUM = {"set": {"momentum": 0.9}}


def begun(name: str, *actions: dict[str, Any], changes: Sequence[str] = ()) -> Session:
    """A session of a scenario of the library, changed, after these actions."""
    session = Session(read_file(library.find(name), changes))
    for action in actions:
        session.do(parse_action(action))
    return session


def normalized(layers: Sequence[str], rate: float | None = None) -> dict[str, Any]:
    """The action that switches BN on in these layers alone, at this rate."""
    return {"set": {"batch_norm": list(layers), **({"learning_rate": rate} if rate else {})}}


def descended(session: Session, steps: int) -> tuple[float, bool]:
    """J after so many steps, or fewer if it diverges before; and whether it did."""
    with contextlib.suppress(Refusal):  # there is nothing to descend from what has diverged
        session.do(parse_action({"step": steps}))
    snapshot = session.observe()
    assert snapshot.step == steps or snapshot.diverged
    return snapshot.loss, snapshot.diverged


def run(name: str, layers: Sequence[str], rate: float | None, steps: int, *changes: str) -> tuple[float, bool]:
    return descended(begun(name, normalized(layers, rate), changes=changes), steps)


def measured(session: Session, name: str) -> float:
    value = quantities(session.observe(Detail(arrays=True, meters=True, curvature=False), whole_batch=True))[name]
    assert isinstance(value, float)
    return value


def array(session: Session, name: str) -> Array:
    return next(array.copy() for key, array in session.observe(Detail(arrays=True)).parameters if key == name)


# goodfellow-chain


def test_each_weight_alone_moved_as_far_as_in_the_step_that_exploded_lowers_j() -> None:
    start, stepped = begun("goodfellow-chain"), begun("goodfellow-chain", {"step": 1})
    alone = {}
    for layer in (*BELOW_E, "e"):
        moved = {f"{layer}.weight": array(stepped, f"{layer}.weight").item()}
        alone[layer] = begun("goodfellow-chain", {"set": {"weights": moved}}).observe().loss
    assert alone == pytest.approx({"a": 0.3106, "b": 0.000306, "c": 0.7531, "d": 0.1733, "e": 0.5357}, rel=1e-3)
    assert max(alone.values()) < start.observe().loss < stepped.observe().loss / 600


def test_between_0_0382_and_0_1_the_chain_without_bn_neither_learns_nor_explodes() -> None:
    assert run("goodfellow-chain", [], 0.038, 2000)[0] < 1e-20
    for rate in (0.04, 0.05, 0.07, 0.09):
        loss, diverged = run("goodfellow-chain", [], rate, 2000)
        assert not diverged
        assert loss > 0.03
    assert run("goodfellow-chain", [], 0.1, 2000)[1]


def test_with_bn_on_e_alone_1_99_converges_2_01_does_not_and_0_5_is_no_trouble() -> None:
    assert run("goodfellow-chain", ["e"], 1.99, 1500)[0] < 1e-8
    assert run("goodfellow-chain", ["e"], 2.01, 1500)[1]
    assert run("goodfellow-chain", ["e"], 0.5, 20)[0] == pytest.approx(5.9e-12, rel=0.01)


def test_with_bn_on_all_but_e_0_25_converges_at_0_3_j_jumps_between_two_values_for_ever_and_0_5_explodes() -> None:
    assert run("goodfellow-chain", BELOW_E, 0.25, 1500)[0] < 1e-10
    orbit = [run("goodfellow-chain", BELOW_E, 0.3, steps)[0] for steps in (400, 401, 402, 403)]
    assert orbit == pytest.approx([0.68659, 1.63283] * 2, rel=1e-4)
    assert run("goodfellow-chain", BELOW_E, 0.5, 20)[1]


def test_it_is_the_bn_nearest_to_the_output_that_counts_those_below_it_add_nothing() -> None:
    for rate in (0.1, 0.3):
        assert run("goodfellow-chain", ["d"], rate, 60)[0] == pytest.approx(run("goodfellow-chain", BELOW_E, rate, 60)[0], rel=0.01)
    assert run("goodfellow-chain", ["c"], 0.1, 1500)[0] < 1e-10
    assert run("goodfellow-chain", ["c"], 0.25, 1500)[1]
    assert run("goodfellow-chain", ["a"], 0.1, 1500)[0] > 1
    assert run("goodfellow-chain", ["a"], 0.25, 1500)[1]


@pytest.mark.parametrize("layers", [["e"], [*BELOW_E, "e"]])
def test_gamma_and_beta_of_e_do_all_of_it(layers: list[str]) -> None:
    everything, only_e = (run("goodfellow-chain", layers, None, 20, *changes)[0] for changes in ((), (ONLY_E,)))
    assert only_e == pytest.approx(everything, rel=1e-3)


def test_a_tenfold_b_under_its_own_bn_changes_no_gradient_above_it_and_stops_no_explosion() -> None:
    as_it_was, tenfold = (begun("goodfellow-chain", normalized(["b"]), {"scale": {"layer": "b", "by": by}}) for by in (1, 10))
    for layer in "cde":
        gradient = f"gradient.{layer}.weight"
        assert measured(tenfold, gradient) == pytest.approx(measured(as_it_was, gradient), rel=1e-4)
    (end, exploded), (other_end, other_exploded) = descended(as_it_was, 4), descended(tenfold, 4)
    assert exploded
    assert other_exploded
    assert other_end == pytest.approx(end, rel=1e-4)


def test_without_bn_a_tenfold_b_makes_the_gradient_of_e_more_than_ten_times_as_large() -> None:
    as_it_was, tenfold = (begun("goodfellow-chain", {"scale": {"layer": "b", "by": by}}) for by in (1, 10))
    assert measured(tenfold, "gradient.e.weight") > 10 * measured(as_it_was, "gradient.e.weight")


# relu-net


def test_the_limit_of_the_relu_net_is_the_second_layers() -> None:
    for layers in (["second"], ["first", "second"]):
        assert run("relu-net", layers, 1.99, 1500)[0] < 1e-8
    assert run("relu-net", ["first"], 0.1, 400)[0] < 1e-8
    assert min(run("relu-net", ["first"], 0.2, steps)[0] for steps in range(200, 210)) > 0.4
    assert run("relu-net", [], 0.06, 400)[0] < 1e-8
    assert run("relu-net", [], 0.1, 400)[0] == 24.375  # dead


def test_with_both_weights_held_fast_the_relu_net_learns_the_same() -> None:
    free, held = (run("relu-net", ["first", "second"], None, 28, *changes)[0] for changes in ((), (held_fast("*.weight"),)))
    assert held == pytest.approx(free, rel=0.001)


def held_fast(pattern: str) -> str:
    """The change of a scenario that gives these parameters no rate to speak of."""
    return f"training.learning_rates={{'{pattern}': 1e-300}}"


# sigmoid-net


def test_without_bn_the_small_sigmoids_end_within_a_percent_of_the_best_constant_at_every_rate_that_does_not_explode() -> None:
    targets = begun("sigmoid-net").loaded.problem.targets
    best = float(targets.var() / 2)
    for rate in (0.03, 0.1, 0.3, 1.0):
        assert run("sigmoid-net", [], rate, 300)[0] == pytest.approx(best, rel=0.01)
    assert run("sigmoid-net", [], 3.0, 300)[1]


def test_a_larger_rate_for_the_hidden_layers_alone_gets_further_and_not_as_far_as_bn() -> None:
    alike = "training.learning_rates={'h?.*': 3.0}"
    by_layer = "training.learning_rates={'h1.*': 307, 'h2.*': 77, 'h3.*': 19, 'h4.*': 4.8}"  # what each σ′ has taken, given back
    assert run("sigmoid-net", [], None, 300, alike)[0] == pytest.approx(0.0773, rel=0.05)
    assert 0.05 < run("sigmoid-net", [], None, 300, by_layer)[0] < 0.08  # where exactly hangs on the last digits of the rates
    assert run("sigmoid-net", HIDDEN, None, 300)[0] < 0.003


def test_from_other_small_weights_too_one_bn_near_the_output_is_enough_and_on_h1_it_is_not() -> None:
    for layers, ends in ((HIDDEN, 0.01), (["head"], 0.01), (["h4"], 0.01)):
        assert max(from_seeds("sigmoid-net", layers, 300)) < ends
    assert min(from_seeds("sigmoid-net", ["h1"], 300)) > 0.15
    assert min(from_seeds("sigmoid-net", [], 300)) > 0.15


def from_seeds(name: str, layers: Sequence[str], steps: int) -> list[float]:
    return [run(name, layers, None, steps, f"network.init.seed={seed}")[0] for seed in range(6)]


# saturated-sigmoids

BEFORE, AFTER = ["h1", "h2"], ["after1", "after2"]


def test_saturated_sigmoids_without_bn_do_not_learn_what_stands_above_them_does() -> None:
    session = begun("saturated-sigmoids")
    names = ("h1.weight", "h2.weight", "after2.weight", "head.weight")
    before = {name: array(session, name) for name in names}
    descended(session, 100)
    moved = {name: np.abs(array(session, name) - value).max() for name, value in before.items()}
    assert min(moved.pop("head.weight"), moved.pop("after2.weight")) > 0.05
    assert max(moved.values()) < 0.01  # of weights of 100


def test_what_learns_of_the_large_weights_under_bn_is_gamma_beta_and_what_stands_above() -> None:
    held = run("saturated-sigmoids", BEFORE, None, 100, held_fast("h?.weight"))[0]
    assert held == pytest.approx(run("saturated-sigmoids", BEFORE, None, 100)[0], rel=0.01)


def test_no_smaller_or_larger_rate_does_for_the_saturated_sigmoids_what_bn_does() -> None:
    for rate in (0.01, 0.03, 0.1, 0.3):
        assert run("saturated-sigmoids", [], rate, 100)[0] > 0.03
    assert run("saturated-sigmoids", [], 1.0, 100)[1]
    for rate in (10, 1e3, 1e5):
        assert run("saturated-sigmoids", [], None, 100, f"training.learning_rates={{'h?.*': {rate}}}")[0] > 0.015


def test_from_other_large_weights_too_bn_before_the_sigmoids_learns_and_behind_them_from_one_start_in_six_only() -> None:
    behind = []
    for seed in range(6):
        before, none, after, head = (
            run("saturated-sigmoids", layers, None, 100, f"network.init.seed={seed}")[0] for layers in (BEFORE, [], AFTER, ["head"])
        )
        assert before < 0.003
        assert min(none, head) > 0.03
        behind.append(after > 0.02)
    assert behind.count(True) == 5


# frozen-layer


def turned(session: Session, name: str, steps: int) -> float:
    """By how many degrees a row of a weight turns in so many steps, all turns added, the median over the rows."""
    total = np.zeros(len(array(session, name)))
    for _ in range(steps):
        before = array(session, name)
        session.do(parse_action({"step": 1}))
        one, other = (rows / np.sqrt((rows**2).sum(-1, keepdims=True)) for rows in (before, array(session, name)))
        total += np.degrees(2 * np.arcsin(np.sqrt(((one - other) ** 2).sum(-1)) / 2))
    return float(np.median(total))


@pytest.mark.parametrize(("by", "rate", "degrees"), [(1, 0.1, 6.003), (1000, 0.1, 7.66e-6), (1000, 1e5, 6.004)])
def test_a_layer_a_thousand_times_as_large_turns_a_millionth_as_far_unless_its_rate_is_a_million_times_as_large(
    by: float, rate: float, degrees: float
) -> None:
    larger = {"set": {"learning_rates": {"h2.weight": rate}}}
    session = begun("frozen-layer", {"scale": {"layer": "h2", "by": by}}, larger)
    assert turned(session, "h2.weight", 50) == pytest.approx(degrees, rel=0.005)


# superfluous-bias


def test_a_bias_behind_bn_gets_a_gradient_and_one_before_it_none_with_gamma_and_beta_too() -> None:
    session = begun("superfluous-bias", changes=["network.batch_norm.affine=true"])
    assert measured(session, "gradient.h.bias") < 1e-14
    assert measured(session, "gradient.h.beta") > 0.1
    assert measured(session, "gradient.head.bias") > 0.1


# tiny-weights


def test_with_tiny_weights_it_is_the_gammas_that_learn_and_not_the_weights_that_get_a_gradient() -> None:
    everything = tuple("abcde")
    assert run("tiny-weights", everything, None, 20)[0] < 1e-4
    assert run("tiny-weights", everything, None, 20, held_fast("*.weight"))[0] < 1e-4
    assert run("tiny-weights", everything, None, 20, held_fast("*.gamma"))[0] == pytest.approx(1.75, rel=0.001)
    assert run("tiny-weights", everything, None, 20, ONLY_E)[0] == pytest.approx(1.75, rel=0.001)


# momentum


def end_of(seed: int, steps: int, *actions: dict[str, Any]) -> float:
    return descended(begun("momentum", *actions, changes=[f"network.init.seed={seed}"]), steps)[0]


def test_from_other_first_weights_too_momentum_ends_between_as_many_plain_steps_and_ten_times_as_many() -> None:
    for seed in SEEDS:
        assert end_of(seed, 500) < end_of(seed, 50, MOMENTUM) < end_of(seed, 50)


def test_from_some_first_weights_bn_and_momentum_together_end_lowest_and_from_others_not() -> None:
    lowest = 0
    for seed in SEEDS:
        others = (end_of(seed, 50), end_of(seed, 50, MOMENTUM), end_of(seed, 50, BN))
        lowest += end_of(seed, 50, BN, MOMENTUM) < min(others)
    assert 4 <= lowest <= 8


def test_momentum_bears_a_smaller_rate_than_plain_descent_though_its_stable_rate_is_larger() -> None:
    def explodes(rate: float, *actions: dict[str, Any]) -> bool:
        return descended(begun("momentum", *actions, {"set": {"learning_rate": rate}}), 100)[1]

    assert [explodes(rate, MOMENTUM) for rate in (0.3, 0.5, 0.7)] == [False, True, True]
    assert [explodes(rate) for rate in (0.5, 0.6, 0.7, 1.0)] == [False, False, False, True]


@pytest.mark.parametrize("layer", ["h2", "h3"])
@pytest.mark.parametrize(("momentum", "times"), [(0.0, 1), (0.9, 19)])
def test_under_bn_the_squared_length_grows_by_so_many_times_the_squares_of_the_steps(
    layer: str, momentum: float, times: int
) -> None:
    session = begun("momentum", BN, {"set": {"momentum": momentum}})
    weights = [array(session, f"{layer}.weight")]
    for _ in range(100):
        session.do(parse_action({"step": 1}))
        weights.append(array(session, f"{layer}.weight"))
    growth = np.sum(weights[-1] ** 2) - np.sum(weights[0] ** 2)
    squares = sum(np.sum((after - before) ** 2) for before, after in itertools.pairwise(weights))
    assert growth == pytest.approx(times * squares, rel=0.005)


def test_growing_longer_momentum_brakes_itself() -> None:
    session = begun("momentum", BN, MOMENTUM)
    assert measured(session, "effective_rate.h2") == pytest.approx(1.034, rel=0.001)
    descended(session, 50)
    assert measured(session, "effective_rate.h2") == pytest.approx(0.795, rel=0.002)
