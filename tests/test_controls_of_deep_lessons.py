"""The controls of the lessons about deep ReLU nets that need more runs than a lesson has, or what a scenario cannot say.

Each would fail were the cause that its lesson names another one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytest
from experiments.networks import Problem
from experiments.noise import Noisy
from maths.test_facts import runs

from bntui.maths.arrays import Array, Mode
from bntui.maths.descent import Descent, Rates, descend
from bntui.maths.stages import Nonlinearity
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.quantities import quantities
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.survey.swept import Sweep

pytestmark = pytest.mark.slow  # dozens of runs; .ci/run has them

SEEDS = range(8)
HIDDEN = [f"h{place}" for place in range(1, 9)]


def session(name: str, *changes: str) -> Session:
    return Session(read_file(library.find(name), changes))


def do(to: Session, *actions: dict[str, Any]) -> Session:
    for action in actions:
        to.do(parse_action(action))
    return to


def measured(of: Session, *names: str) -> list[float]:
    known = quantities(of.observe(Detail(arrays=True, meters=True, curvature=False), whole_batch=True))
    return [float(known[name] or 0) for name in names]


def array(of: Session, name: str) -> Array:
    return dict(of.observe(Detail(arrays=True)).parameters)[name].copy()


def loss_on_all_data(of: Session, mode: Mode = "train") -> float:
    state, problem = of.history.moment.state, of.loaded.problem
    network = of.experiment.network(of.history.moment)
    return float(network.loss(state.theta, state.running, problem.inputs, problem.targets, mode))


# deep-relu and good-start


def test_the_good_start_is_the_bad_one_with_every_weight_divided_by_root_two() -> None:
    bad, good = session("deep-relu"), session("good-start")
    for name in (*HIDDEN, "head"):
        np.testing.assert_allclose(array(good, f"{name}.weight"), array(bad, f"{name}.weight") / np.sqrt(2), rtol=1e-15)
    forward = [of.experiment.evaluate(of.history.moment).forward.outputs for of in (bad, good)]
    np.testing.assert_allclose(forward[0], forward[1] * np.sqrt(2) ** 9, rtol=1e-12)


def own_sweep(of: Session, **plan: Any) -> Sweep:
    situation = of.situation()
    return complete(sweep(situation, plan_for(situation, **plan)))


def swept(name: str, normalized: Sequence[str]) -> Sweep:
    """Twelve seeds, 300 steps, rates a factor of 1.78 apart; BN on these layers against none."""
    begun = do(session(name), {"set": {"batch_norm": list(normalized)}})
    return own_sweep(begun, first=1e-4, last=10, count=21, steps=300, seeds=12)


def largest(made: Sweep) -> tuple[float, float]:
    off, on = made.variants[0].sides
    return made.largest(off), made.largest(on)


def lowest(made: Sweep) -> float:
    """The lowest median of J at the end, over the rates, with BN."""
    return float(made.variants[0].sides[1].quantile(0.5).min())


@pytest.mark.timeout(600)
def test_at_a_bad_start_bn_on_the_head_alone_allows_the_rate_that_bn_everywhere_allows_and_the_hidden_layers_less() -> None:
    hidden, everywhere, head = (swept("deep-relu", on) for on in (HIDDEN, [*HIDDEN, "head"], ["head"]))
    none, by_hidden = largest(hidden)
    assert 0.001 <= none <= 0.003
    assert 0.5 <= by_hidden <= 1.0
    assert largest(head)[1] == largest(everywhere)[1] == pytest.approx(1.78, rel=0.01)
    assert lowest(head) > 30 * lowest(everywhere)  # what the hidden layers add
    assert lowest(hidden) < lowest(head) / 30


@pytest.mark.timeout(600)
def test_at_a_good_start_bn_in_the_hidden_layers_allows_about_twice_the_rate() -> None:
    hidden, head = swept("good-start", HIDDEN), swept("good-start", ["head"])
    none, by_hidden = largest(hidden)
    assert 1.5 <= by_hidden / none <= 4
    assert largest(head)[1] == pytest.approx(1.78, rel=0.01)


def test_one_of_the_five_seeds_of_the_sweep_of_deep_relu_trains_at_no_rate_without_bn_and_is_not_in_the_ratio() -> None:
    made = own_sweep(session("deep-relu"))
    off, on = (side.largest(made.rates) for side in made.variants[0].sides)
    assert len(made.seeds) == 5
    assert np.sum(off == 0) == 1
    assert np.all(on > 0)
    ratios = made.ratios(made.variants[0])
    assert np.sum(np.isnan(ratios)) == 1
    assert 200 <= np.nanmedian(ratios) <= 500


# scale-invariance


def turned(before: Array, after: Array) -> Array:
    """By how many degrees each row has turned; as a chord, which is exact for small angles."""
    one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (before, after))
    turn: Array = np.degrees(2 * np.arcsin(np.linalg.norm(one - other, axis=1) / 2))
    return turn


def test_a_thousand_times_as_long_the_rows_of_h2_stand_still_and_turn_by_degrees_otherwise() -> None:
    turns = []
    for by in (1, 1000):
        begun = do(session("scale-invariance"), {"scale": {"layer": "h2", "by": by}})
        before = array(begun, "h2.weight")
        turns.append(turned(before, array(do(begun, {"step": 50}), "h2.weight")).max())
    assert turns == [pytest.approx(7.02, rel=0.01), pytest.approx(8.64e-6, rel=0.01)]


def test_the_net_with_h2_a_thousand_times_as_long_learns_what_it_learns_with_h2_frozen() -> None:
    frozen = do(session("scale-invariance", "training.learning_rates={h2.weight: 0}"), {"step": 50})
    scaled = do(session("scale-invariance"), {"scale": {"layer": "h2", "by": 1000}}, {"step": 50})
    free = do(session("scale-invariance"), {"step": 50})
    (frozen_loss,), (scaled_loss,), (free_loss,) = (measured(of, "loss") for of in (frozen, scaled, free))
    assert scaled_loss == pytest.approx(frozen_loss, rel=0.005)
    assert abs(free_loss - frozen_loss) > 0.1 * frozen_loss


# covariate-shift: noise with a new mean and scale at every step, after BN [Santurkar et al. 2018, §2.1]

ARMS = [(normalized, noisy) for normalized in (False, True) for noisy in (False, True)]


def santurkar(normalized: bool, strength: float, steps: int) -> tuple[float, float]:
    """The median over the seeds of J with noise, averaged over the last twenty steps, and of J without it at the end.

    Each unit's noise has a mean of at most `strength` and a deviation of at most that, both new at every step.
    """
    made = runs(range(12), 4, 16, "relu", 2.0, normalized)
    network = Noisy(Problem(made.architecture, made.state, made.inputs, made.targets))
    state, how = made.state, Descent(Rates(0.1))
    chance = np.random.default_rng(99)
    losses = []
    for step in range(steps + 1):
        for noise in network.noises.values():
            means = chance.uniform(-strength, strength, (12, 1, 16))
            noise.shift = means + chance.uniform(0, strength, (12, 1, 16)) * chance.normal(size=(12, 64, 16))
        evaluation = network.evaluate(state.theta, state.running, made.inputs, made.targets)
        losses.append(evaluation.loss)
        if step < steps:
            state = descend(state, network, evaluation, how)
    for noise in network.noises.values():
        noise.stop()
    calm = network.loss(state.theta, state.running, made.inputs, made.targets)
    return float(np.median(np.mean(losses[-20:], axis=0))), float(np.median(calm))


def test_noise_with_a_new_mean_and_scale_at_every_step_hurts_both_and_bn_is_ahead_in_both_pairs() -> None:
    arms = {arm: santurkar(arm[0], 0.25 if arm[1] else 0.0, 110) for arm in ARMS}
    during, calm = ({arm: ends[place] for arm, ends in arms.items()} for place in (0, 1))
    expected = {(False, False): 0.0287, (False, True): 0.102, (True, False): 0.00047, (True, True): 0.0066}
    assert calm == {arm: pytest.approx(value, rel=0.05) for arm, value in expected.items()}
    assert during[True, True] == pytest.approx(0.033, rel=0.05)
    assert during[False, True] == pytest.approx(0.130, rel=0.05)


def test_an_undisturbed_net_without_bn_overtakes_a_disturbed_one_with_it_if_the_noise_is_strong_or_the_steps_are_many() -> None:
    assert santurkar(True, 1.0, 110)[1] > 2 * santurkar(False, 0.0, 110)[1]
    assert santurkar(True, 0.5, 300)[1] > 2 * santurkar(False, 0.0, 300)[1]


# iris


def iris(seed: int, normalized: list[str]) -> float:
    begun = do(session("iris", f"network.init.seed={seed}"), {"set": {"batch_norm": normalized}}, {"step": 30})
    return measured(begun, "loss")[0]


def test_from_other_weights_too_standardized_inputs_help_as_bn_on_one_layer_does_and_bn_on_both_more() -> None:
    plain, inputs, first, second, both = (
        np.median([iris(seed, on) for seed in SEEDS]) for on in ([], ["lengths"], ["h1"], ["h2"], ["h1", "h2"])
    )
    assert plain == pytest.approx(np.log(3), rel=0.01)
    assert inputs == pytest.approx(0.209, rel=0.05)
    assert first == pytest.approx(0.229, rel=0.05)
    assert second == pytest.approx(0.187, rel=0.05)
    assert both == pytest.approx(0.097, rel=0.05)


# small-batches


def small_batches(size: int | Literal["full"], normalized: bool, seed: int) -> Session:
    begun = session("small-batches", f"training.batch_size={size}", f"network.init.seed={seed}")
    return do(begun, {"set": {"batch_norm": normalized}})


def ends(size: int | Literal["full"], normalized: bool) -> float:
    """The median over the seeds of J on all the data, after 240 steps."""
    return float(np.median([loss_on_all_data(do(small_batches(size, normalized, seed), {"step": 240})) for seed in SEEDS]))


@pytest.mark.parametrize(("size", "without", "with_bn"), [(4, 0.042, 0.117), (16, 0.0125, 0.0084), ("full", 0.0084, 0.00023)])
def test_on_all_the_data_bn_is_behind_with_batches_of_four_and_ahead_with_larger_ones(
    size: int | Literal["full"], without: float, with_bn: float
) -> None:
    assert ends(size, normalized=False) == pytest.approx(without, rel=0.05)
    assert ends(size, normalized=True) == pytest.approx(with_bn, rel=0.05)


def test_with_the_first_weights_of_the_lesson_the_twin_is_ahead_on_all_the_data_too() -> None:
    with_bn, without = (loss_on_all_data(do(small_batches(4, on, 0), {"step": 220})) for on in (True, False))
    assert with_bn == pytest.approx(0.118, rel=0.02)
    assert without < with_bn / 2


def test_statistics_that_stand_still_take_the_harm_of_small_batches_away() -> None:
    still = []
    for seed in SEEDS:
        begun = do(small_batches(4, True, seed), {"step": 20}, {"set": {"mode": "eval"}}, {"step": 220})
        still.append(loss_on_all_data(begun, "eval"))
    assert max(still) < 0.02  # with the statistics of each batch the median is 0.117


def test_but_they_hold_nothing_and_a_run_that_begins_so_later_explodes() -> None:
    begun = do(small_batches(4, True, 0), {"step": 60}, {"set": {"mode": "eval"}}, {"step": 5})
    assert begun.observe(Detail()).diverged


# dead-relus


def test_with_beta_held_at_0_no_unit_dies_under_bn_at_the_rate_that_killed_h4() -> None:
    how = {"set": {"batch_norm": True, "learning_rate": 1.5}}
    held = do(session("dead-relus", "training.learning_rates={'*.beta': 0}"), how, {"step": 10})  # at step 15 it explodes
    free = do(session("dead-relus"), how, {"step": 10})
    assert measured(held, "dead.h1", "dead.h2", "dead.h3", "dead.h4") == [0, 0, 0, 0]
    assert measured(free, "dead.h4") == [8]


def test_from_other_weights_too_fewer_units_die_with_bn_than_without() -> None:
    dead = []
    for on in (True, False):
        ends = [session("dead-relus", f"network.init.seed={seed}") for seed in SEEDS]
        for begun in ends:
            with contextlib.suppress(Refusal):
                do(begun, {"set": {"batch_norm": on}}, {"step": 30})
        dead.append([sum(measured(begun, "dead.h1", "dead.h2", "dead.h3", "dead.h4")) for begun in ends])
    with_bn, without = dead
    assert all(one < other for one, other in zip(with_bn, without, strict=True))
    assert (min(with_bn), max(with_bn)) == (0, 11)
    assert (min(without), max(without)) == (12, 27)


def test_at_a_rate_of_a_tenth_no_unit_dies_that_was_not_dead_at_the_start() -> None:
    begun = session("dead-relus", "training.learning_rate=0.1")
    before = measured(begun, "dead.h1", "dead.h2", "dead.h3", "dead.h4")
    assert measured(do(begun, {"step": 30}), "dead.h1", "dead.h2", "dead.h3", "dead.h4") == before == [0, 2, 2, 4]


@pytest.mark.parametrize(("inputs", "share"), [(1, 0.31), (16, 0.09)])
def test_how_many_units_are_dead_at_the_start_hangs_on_the_number_of_inputs(inputs: int, share: float) -> None:
    made = runs(range(20), 8, 16, "relu", 2.0, normalized=False, inputs=inputs)
    kept = zip(made.network.stages, made.evaluate().forward.kept, strict=True)
    dead = [(values[1] == 0).all(axis=-2) for stage, values in kept if isinstance(stage, Nonlinearity)]
    assert np.mean(dead) == pytest.approx(share, abs=0.03)


# residual


@pytest.mark.parametrize("seed", SEEDS)
def test_tiny_weights_train_by_skips_or_by_bn_but_not_by_neither_nor_at_that_rate_by_both(seed: int) -> None:
    best = float(np.var(session("residual").loaded.problem.targets)) / 2
    ends, firsts = {}, {}
    for skips, normalized in ((True, False), (False, False), (False, True), (True, True)):
        at = do(session("residual", f"network.init.seed={seed}"), {"set": {"skips": skips, "batch_norm": normalized}})
        firsts[skips, normalized] = measured(at, "product.first")[0]
        with contextlib.suppress(Refusal):
            do(at, {"step": 300})
        ends[skips, normalized] = at.observe(Detail())
    assert firsts[False, False] < 2e-12
    assert firsts[True, False] > 0.05
    assert ends[True, False].loss < 0.01 * best
    assert ends[False, True].loss < 0.01 * best
    assert ends[False, False].loss > 0.99 * best
    assert ends[True, True].diverged
