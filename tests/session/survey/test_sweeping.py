"""Sweeps from a session's state, and MATHS.md's facts 6, 7, 8 and 12 as they show in them."""

from dataclasses import replace

import numpy as np
import pytest
from session.worlds import BATCHES, CHAIN, do, loaded, session

from bntui.maths.descent import Descent, Rates, descend, start
from bntui.maths.sweep import NEVER
from bntui.scenario.data.building import initial_parameters
from bntui.scenario.data.layout import layers_of
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.survey.variants import deeper, own_size, sizes

NET = """
version: 1
title: A small net
network:
  layers:
    - {name: h1, units: 6, activation: relu}
    - {name: h2, units: 6, activation: relu}
    - {name: head, units: 1, batch_norm: false}
  init: {scheme: xavier, gain: 2.0, seed: 3}
data: {generator: {name: sine, samples: 20, seed: 1}}
training: {learning_rate: 0.02}
sweep: {from: 0.001, to: 1.0, count: 7, steps: 12, seeds: 3}
"""

# mean 0, mean(x²) = 1, y = 3x: the chain of fact 6
STANDARD = CHAIN.replace(
    "{inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}",
    "{inputs: [[-1.0], [1.0]], targets: [[-3.0], [3.0]]}",
)


def swept(at: Session, **wanted):
    situation = at.situation()
    return complete(sweep(situation, plan_for(situation, **wanted)))


def at_rates(at: Session, rates, steps, **wanted):
    plan = plan_for(at.situation(), first=min(rates), last=max(rates) * 2, steps=steps, **wanted)
    return complete(sweep(at.situation(), replace(plan, rates=tuple(rates))))


def deep_relu(*settings: str) -> Session:
    return Session(read_file(library.find("deep-relu"), settings))


def test_a_sweep_is_planned_as_the_scenario_says_unless_it_is_asked_for_differently():
    at = session(NET).situation()
    plan = plan_for(at)
    assert (plan.rates[0], plan.rates[-1], len(plan.rates)) == (pytest.approx(1e-3), pytest.approx(1.0), 7)
    assert (plan.steps, plan.seeds, plan.switching, plan.group, plan.over) == (12, 3, "reset", None, None)
    other = plan_for(at, first=0.1, last=10.0, count=3, steps=5, seeds=1, switching="preserve")
    assert other.rates == pytest.approx((0.1, 1.0, 10.0))
    with pytest.raises(Refusal, match="above 0 and below the last"):
        plan_for(at, first=5.0)


def test_every_run_is_the_run_that_the_session_itself_makes():
    at = session(NET)
    found = swept(at)
    for side, norm in zip(found.variants[0].sides, (False, True), strict=True):
        for place, rate in enumerate(found.rates):
            one = session(NET)
            do(one, {"set": {"batch_norm": norm, "learning_rate": rate}})
            try:
                do(one, {"step": 12})
                reached = one.experiment.vitals(one.history.moment)
            except Refusal:
                reached = one.experiment.vitals(one.history.moment)
            assert (side.diverged_at[place, 0] != NEVER) == reached.diverged
            assert side.loss[place, 0] == reached.loss


def test_the_other_seeds_are_the_scenarios_next_ones():
    at = session(NET)
    found = swept(at)
    assert found.seeds == (3, 4, 5)
    problem = at.loaded.problem
    state = start(problem.architecture, initial_parameters(at.loaded.scenario, problem.architecture, 5), ())
    for _ in range(12):
        evaluation = state.network(problem.architecture).evaluate(
            state.theta, state.running, problem.inputs, problem.targets
        )
        state = descend(state, state.network(problem.architecture), evaluation, Descent(Rates(found.rates[2])))
    loss = state.network(problem.architecture).loss(state.theta, state.running, problem.inputs, problem.targets)
    assert found.variants[0].sides[0].loss[2, 2] == loss


def test_after_a_step_the_sweep_goes_on_from_the_present_weights_alone():
    at = do(session(NET), {"step": 4})
    found = swept(at)
    assert (found.from_step, found.seeds) == (4, (3,))
    one = do(session(NET), {"step": 4}, {"set": {"learning_rate": found.rates[1]}}, {"step": 12})
    assert found.variants[0].sides[0].loss[1, 0] == one.experiment.vitals(one.history.moment).loss


def test_weights_changed_by_hand_are_swept_from_too():
    at = do(session(NET), {"scale": {"layer": "h1", "by": 3.0}})
    assert (swept(at).from_step, swept(at).seeds) == (0, (3,))


def test_a_converged_session_does_not_diverge_because_its_loss_is_almost_nothing():
    at = do(session(CHAIN, "training.learning_rate=0.02"), {"step": 600})
    assert at.experiment.vitals(at.history.moment).loss < 1e-20
    found = at_rates(at, (1e-3, 0.035), 200)
    assert (found.variants[0].sides[0].diverged_at == NEVER).all()


def test_mini_batches_momentum_and_rates_of_their_own_are_the_sessions():
    at = do(session(BATCHES), {"step": 3})
    found = at_rates(at, (0.05,), 9)
    one = do(session(BATCHES), {"step": 3}, {"set": {"learning_rate": 0.05}}, {"step": 9})
    state, batches = one.history.moment.state, one.experiment.batches
    built = state.network(one.experiment.architecture)
    on_all_the_data = built.loss(state.theta, state.running, batches.inputs, batches.targets)
    assert found.variants[0].sides[0].loss[0, 0] == on_all_the_data


def test_one_group_of_parameters_is_swept_while_the_others_keep_their_rates():
    at = session(NET)
    found = at_rates(at, (0.3,), 12, group="h*.weight", seeds=1)
    changed = session(NET, 'training.learning_rates={"h*.weight": 0.3}')
    do(changed, {"step": 12})
    assert found.variants[0].sides[0].loss[0, 0] == changed.experiment.vitals(changed.history.moment).loss


def test_a_pattern_that_no_parameter_has_is_refused_with_the_near_name():
    with pytest.raises(Refusal, match=r"'h1\.weigth' matches no parameter; there are .*; did you mean 'h1\.weight'"):
        sweep(session(NET).situation(), plan_for(session(NET).situation(), group="h1.weigth"))


def test_the_pattern_may_be_one_that_only_bn_brings():
    found = swept(session(NET), group="*.gamma", seeds=1)
    off, on = found.variants[0].sides
    assert len(set(off.loss[:, 0].tolist())) == 1
    assert len(set(on.loss[:, 0].tolist())) > 1


def test_layers_that_the_person_chose_are_the_ones_that_are_normalized():
    at = do(session(NET), {"set": {"batch_norm": ["h2"]}})
    off, on = swept(at).variants[0].sides
    assert (off.normalized, on.normalized) == ((), ("h2",))


def test_where_no_layer_can_be_normalized_there_is_one_side_only():
    text = CHAIN.replace("bias: false}", "bias: false, batch_norm: false}")
    assert len(swept(session(text), steps=5).variants[0].sides) == 1


def test_written_weights_are_the_same_for_every_seed_so_one_is_run():
    assert swept(session(CHAIN), seeds=5, steps=3).seeds == (0,)


def test_partial_results_grow_from_nothing_to_all_from_coarse_to_fine():
    at = session(NET, "data.generator.samples=12000", "sweep.count=9")
    before, progress = -1, -1.0
    places = []
    for made in sweep(at.situation(), plan_for(at.situation(), seeds=1, steps=2), workers=1):
        side = made.variants[0].sides[0]
        done = int(side.done.sum())
        assert done >= before
        assert made.progress >= progress
        if done > max(before, 0):
            places += [place for place in np.flatnonzero(side.done[:, 0]).tolist() if place not in places]
        before, progress = done, made.progress
    assert made.finished
    assert side.done.all()
    assert places == [0, 8, 4, 2, 6, 1, 3, 5, 7]


def test_the_session_is_left_as_it_was():
    at = do(session(NET), {"step": 2})
    before = at.history.moment
    running = sweep(at.situation(), plan_for(at.situation()))
    do(at, {"step": 3})
    found = complete(running)
    assert found.from_step == 2
    assert at.history.step == 5
    assert before.state.step == 2


def test_it_can_be_stopped_at_any_time():
    running = sweep(session(NET).situation(), plan_for(session(NET).situation()))
    next(running)
    next(running)
    running.close()


def test_what_trains_and_the_ratio_by_seed():
    found = swept(session(NET), steps=60)
    off, on = found.variants[0].sides
    targets = session(NET).loaded.problem.targets
    assert off.threshold == pytest.approx(targets.var() / 4)
    for side in (off, on):
        for seed in range(3):
            trains = [rate for rate, loss in zip(found.rates, side.ends[:, seed], strict=True) if loss < side.threshold]
            assert side.largest(found.rates)[seed] == max(trains, default=0)


def test_quantiles_are_of_the_seeds_that_were_run():
    side = swept(session(NET)).variants[0].sides[0]
    side = replace(
        side,
        loss=np.array([[3.0, 1.0, 2.0], [5.0, np.nan, 4.0]]),
        diverged_at=np.array([[NEVER, NEVER, 7], [NEVER, NEVER, NEVER]]),
        done=np.array([[True, True, True], [True, False, True]]),
    )
    assert side.ends.tolist()[0] == [3.0, 1.0, np.inf]
    assert side.quantile(0.5).tolist()[0] == 3.0
    assert side.quantile(0.0).tolist() == [1.0, 4.0]
    assert side.quantile(1.0).tolist() == [np.inf, 5.0]


def test_over_gain_the_first_weights_are_scaled():
    found = swept(session(NET), over="gain", seeds=2, steps=6)
    assert [variant.size for variant in found.variants] == pytest.approx([2 * factor for factor in (
        0.25, 0.354, 0.5, 0.707, 1.0, 1.414, 2.0, 2.828, 4.0)])
    plain = swept(session(NET, "network.init.gain=1.0"), seeds=2, steps=6)
    for one, other in zip(found.variants[2].sides, plain.variants[0].sides, strict=True):
        np.testing.assert_array_equal(one.loss, other.loss)


def test_over_depth_layers_are_left_out_or_repeated():
    scenario = loaded(NET).scenario
    assert sizes(scenario, "depth") == (1.0, 2.0, 3.0, 4.0)
    assert own_size(scenario, "depth") == 2
    assert [layer.name for layer in deeper(scenario, 1).network.layers] == ["h1", "head"]
    assert [layer.name for layer in deeper(scenario, 4).network.layers] == ["h1", "h2", "h2-3", "h2-4", "head"]
    found = swept(session(NET), over="depth", seeds=2, steps=6)
    plain = swept(session(NET), seeds=2, steps=6)
    for one, other in zip(found.variants[1].sides, plain.variants[0].sides, strict=True):
        np.testing.assert_array_equal(one.loss, other.loss)
    assert found.variants[3].sides[1].normalized == ("h1", "h2", "h2-3", "h2-4")


def test_depth_is_refused_where_written_weights_would_not_fit():
    text = NET.replace("{name: head, units: 1,", "{name: head, units: 1, weight: [[1, 1, 1]],").replace(
        "{name: h2, units: 6,", "{name: h2, units: 3,"
    )
    with pytest.raises(Refusal, match="depth cannot be swept over"):
        swept(session(text), over="depth")
    one_layer = session(
        CHAIN.replace(
            CHAIN[CHAIN.index("    - {name: a") : CHAIN.index("data:")], "    - {name: a, units: 1}\n"
        )
    )
    with pytest.raises(Refusal, match="without hidden layers"):
        swept(one_layer, over="depth")


def test_a_switch_that_is_impossible_is_refused_before_anything_runs():
    at = session(NET.replace("init:", "batch_norm: {affine: false}\n  init:"))
    with pytest.raises(Refusal, match="preserve needs γ and β"):
        sweep(at.situation(), plan_for(at.situation(), switching="preserve"))
    alone = session(NET.replace("samples: 20", "samples: 1"))
    with pytest.raises(Refusal, match="one sample cannot be normalized"):
        sweep(alone.situation(), plan_for(alone.situation()))


def test_preserve_starts_every_run_where_it_stood():
    at = session(NET)
    reset, preserved = (
        at_rates(at, (1e-12,), 1, switching=how).variants[0].sides for how in ("reset", "preserve")
    )
    np.testing.assert_allclose(preserved[1].loss, preserved[0].loss, rtol=1e-4)
    assert (np.abs(reset[1].loss / reset[0].loss - 1) > 0.1).any()


# Fact 6


def test_goodfellows_chain_without_bn_settles_to_0_067_bounces_to_0_17_and_diverges_from_0_18():
    rates = (0.05, 0.066, 0.075, 0.1, 0.15, 0.17, 0.18, 0.19, 0.3, 1.0)
    off = at_rates(session(STANDARD), rates, 2000).variants[0].sides[0]
    assert (off.diverged_at[:, 0] == NEVER).tolist() == [True] * 6 + [False] * 4
    assert (off.loss[:2, 0] < 1e-8).all()
    assert (off.loss[2:6, 0] > 1e-3).all()


def test_goodfellows_chain_with_bn_converges_at_1_99_and_diverges_at_2_01_eleven_times_as_much():
    found = at_rates(session(STANDARD), (0.17, 0.18, 1.99, 2.01), 2500)
    off, on = found.variants[0].sides
    assert (on.diverged_at[:, 0] == NEVER).tolist() == [True, True, True, False]
    assert on.loss[2, 0] < 1e-8
    largest = [max(np.array(found.rates)[side.diverged_at[:, 0] == NEVER]) for side in (off, on)]
    assert largest[1] / largest[0] == pytest.approx(11.7, rel=0.01)


def test_with_the_last_weight_left_out_of_bn_the_chain_converges_to_0_32_only():
    text = STANDARD.replace("{name: e, units: 1,", "{name: e, units: 1, batch_norm: false,")
    on = at_rates(session(text), (0.3, 0.32, 0.35, 0.4), 1000).variants[0].sides[1]
    assert (on.loss[:, 0] < 1e-8).tolist() == [True, True, False, False]


# Fact 12


def test_badly_scaled_deep_relu_is_lost_within_a_few_steps_without_bn_and_in_no_seed_with_it():
    found = at_rates(deep_relu(), (0.1,), 10, seeds=8)
    off, on = found.variants[0].sides
    assert (off.diverged_at != NEVER).all()
    assert off.diverged_at.max() <= 4
    assert (on.diverged_at == NEVER).all()


# Facts 7 and 8: whole sweeps


def largest_rates(seeds, first, last, count, *settings, **wanted):
    """The largest rates that train (seed, side), each seed with data of its own, as in MATHS.md."""
    found = []
    for seed in seeds:
        at = deep_relu(f"data.generator.seed={seed}", f"network.init.seed={seed}", *settings)
        made = swept(at, first=first, last=last, count=count, steps=300, seeds=1, **wanted)
        found.append([made.largest(side) for side in made.variants[0].sides])
    return np.array(found)


@pytest.mark.slow
def test_badly_scaled_bn_multiplies_the_largest_rate_that_trains_by_more_than_a_hundred():
    found = largest_rates(range(6), 3e-4, 2.0, 15)
    off, on = np.median(found, axis=0)
    assert 1e-3 < off < 6e-3
    assert 0.35 < on < 1.0
    known = found[found[:, 0] > 0]
    ratio = np.median(known[:, 1] / known[:, 0])
    assert 60 < ratio < 450


@pytest.mark.slow
def test_by_preserve_the_largest_rate_moves_by_a_small_factor_where_reset_gives_a_hundred():
    found = largest_rates(range(6), 3e-4, 2.0, 15, switching="preserve")
    known = found[found[:, 0] > 0]
    assert 1.2 < np.median(known[:, 1] / known[:, 0]) < 10


@pytest.mark.slow
def test_with_the_head_normalized_too_the_largest_rate_is_about_one():
    found = largest_rates(range(6), 0.1, 10.0, 13, "network.layers.8.batch_norm=true")
    assert 0.6 < np.median(found[:, 1]) < 2.2


@pytest.mark.slow
def test_with_a_good_init_bn_does_little_for_the_largest_rate():
    found = largest_rates(
        range(6), 0.03, 3.0, 13, "network.init.scheme=he", "network.init.gain=1.0"
    )
    off, on = np.median(found, axis=0)
    assert 0.1 < off < 0.4
    assert 0.3 < on < 1.2
    assert on / off < 8


@pytest.mark.slow
def test_with_the_hidden_weights_rate_alone_bn_trains_at_ten_thousand():
    at = deep_relu("training.learning_rate=0.01")
    found = at_rates(at, (0.5, 2.0, 1e2, 1e4), 300, seeds=8, group="h?.weight")
    off, on = found.variants[0].sides
    finite = (off.diverged_at == NEVER).sum(axis=1)
    assert finite[0] <= 6
    assert finite[1:].tolist() == [0, 0, 0]
    assert (on.diverged_at == NEVER).all()
    assert ((on.ends < on.threshold).sum(axis=1) >= 7).all()


@pytest.mark.slow
def test_a_deep_sigmoid_network_stays_at_the_best_constant_without_bn_and_learns_with_it():
    best = []
    for seed in range(12):
        settings = (f"data.generator.seed={seed}", f"network.init.seed={seed}")
        at = Session(read_file(library.find("sigmoid-net"), settings))
        found = at_rates(at, tuple(0.03 * 2**power for power in range(7)), 300, seeds=1)
        best.append([float(side.ends.min()) / found.best_constant for side in found.variants[0].sides])
    off, on = np.array(best).T
    assert np.median(off) > 0.95
    assert np.median(on) < 0.02
    assert (on < off).all()


def test_over_depth_a_repeated_layer_counts_as_often_as_it_stands():
    scenario = loaded(NET, "network.layers=[{name: h, units: 4, activation: relu, repeat: 3}, {name: head, units: 1}]").scenario
    assert own_size(scenario, "depth") == 3
    assert [placed.name for placed in layers_of(deeper(scenario, 2).network)] == ["h1", "h2", "head"]
    assert [placed.name for placed in layers_of(deeper(scenario, 4).network)] == ["h1", "h2", "h3", "h3-4", "head"]
