"""Sweeps over a path of the scenario, rates of a group, and the same results however they are run."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from session.survey.test_sweeping import NET, at_rates, deep_relu, swept
from session.worlds import BATCHES, CHAIN, do, session

from bntui.maths.sweep import NEVER
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.survey import sweeping
from bntui.session.survey.cores import worked_off
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.survey.swept import Side
from bntui.views.pages.sweep_page import title


def same(one: Side, other: Side) -> bool:
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ("loss", "diverged_at", "growth", "turned"))


@pytest.mark.parametrize(
    ("over", "settings"),
    [
        ("network.layers.*.units=4,6", [("network.layers.*.units=4",), ()]),
        ("network.init.gain=1,2", [("network.init.gain=1",), ()]),
        ("network.init.seed=3,9", [(), ("network.init.seed=9",)]),
        ("batch_size=5,full", [("training.batch_size=5",), ()]),
        ("training.momentum=0,0.9", [(), ("training.momentum=0.9",)]),
        ("generator.noise=0,0.5", [(), ("data.generator.noise=0.5",)]),
        ("depth=1,2", [("network.layers.h1.units=6",), ()]),
    ],
)
def test_each_value_has_the_runs_of_the_scenario_with_it(over: str, settings: list[tuple[str, ...]]) -> None:
    found = swept(session(NET), over=over, seeds=2, steps=6)
    (variant,) = found.variants
    assert [side.value for side in variant.sides] == over.partition("=")[2].split(",")
    for side, setting in zip(variant.sides, settings, strict=True):
        if not over.startswith("depth=1") or side.value == "2":
            assert same(side, swept(session(NET, *setting), seeds=2, steps=6).variants[0].sides[0])


def test_over_normalization_there_is_a_side_for_none_and_each_kind() -> None:
    found, plain = swept(session(NET), over="normalization=batch_norm,none"), swept(session(NET))
    assert [side.label for side in found.sides] == ["batch_norm", "none"]
    assert same(found.sides[0], plain.sides[1])
    assert same(found.sides[1], plain.sides[0])


def test_what_the_person_has_set_holds_where_the_value_says_nothing_of_it() -> None:
    at = do(session(NET), {"set": {"batch_norm": ["h2"], "momentum": 0.5}})
    assert [side.normalized for side in swept(at, over="gain=1,2").sides] == [("h2",)] * 2
    assert [side.normalized for side in swept(at, over="network.batch_norm.enabled=[h1],true").sides] == [("h1",), ("h1", "h2")]
    with_momentum = do(session(NET, "network.init.gain=1"), {"set": {"batch_norm": ["h2"], "momentum": 0.5}})
    assert same(swept(at, over="gain=1").sides[0], swept(with_momentum).sides[1])
    everywhere = do(session(NET), {"set": {"batch_norm": True}})
    assert swept(everywhere, over="depth=3").sides[0].normalized == ("h1", "h2", "h2-3")


def test_how_it_is_trained_is_swept_over_from_where_the_session_stands_and_a_network_anew() -> None:
    at = do(session(NET), {"step": 4}, {"twin": {}})
    found = swept(at, over="batch_size=5,full")
    assert (found.from_step, found.seeds) == (4, (3,))
    assert same(found.sides[1], swept(at).sides[0])
    assert swept(at, over="units=4,8").from_step is None
    assert swept(at, over="normalization=none,batch_norm").from_step == 4


def test_from_a_network_that_has_diverged_the_sweep_begins_at_the_start_and_says_so() -> None:
    at = session(CHAIN)
    with pytest.raises(Refusal):
        do(at, {"step": 600})
    found = swept(at, steps=3)
    assert (found.stuck, found.from_step, found.begins_at) == ("diverged", None, None)
    assert all(same(one, other) for one, other in zip(found.sides, swept(session(CHAIN), steps=3).sides, strict=True))
    assert title(found).startswith("J after 3 steps from the start (step 2 has diverged) by η · ")
    assert swept(at, over="gain=1,2", steps=3).stuck == ""
    back = swept(do(at, {"back": 1}), steps=3)
    assert (back.stuck, back.from_step, back.begins_at) == ("", 1, at.observe(Detail()).loss)


def test_where_no_weight_has_a_gradient_it_begins_at_the_start_too() -> None:
    at = do(session(NET), {"step": 1}, {"set": {"weights": {"h2.bias": [-1e3] * 6}}})
    found = swept(at, steps=3)
    assert found.stuck == "no gradient"
    assert title(found).startswith("J after 3 steps from the start (step 1 gives no weight a gradient) by η · ")


def test_the_way_of_the_swept_weights_is_measured() -> None:
    at = session(NET)
    found = at_rates(at, (0.05,), 12, group="h2.weight", seeds=1)
    one = do(session(NET), {"set": {"learning_rates": {"h2.weight": 0.05}}}, {"step": 12})
    before, after = (
        one.experiment.network(moment).layout.views(moment.state.theta)["h2.weight"]
        for moment in (one.experiment.start, one.history.moment)
    )
    (side, _) = found.sides
    assert side.growth[0, 0] == pytest.approx(np.sqrt((after**2).sum() / (before**2).sum()), rel=1e-12)
    cosines = (before * after).sum(axis=1) / np.sqrt((before**2).sum(axis=1) * (after**2).sum(axis=1))
    assert side.turned[0, 0] == pytest.approx(np.median(np.degrees(np.arccos(cosines))), abs=1e-6)
    assert np.isnan(swept(at, group="*.gamma", seeds=1).sides[0].growth).all(), "there is no weight among them"


def test_results_do_not_depend_on_the_number_of_cores_or_on_where_it_was_stopped() -> None:
    at = session(NET, "data.generator.samples=300").situation()
    plan = plan_for(at, over="gain=1,2")
    whole = complete(sweep(at, plan, workers=1))
    assert all(map(same, whole.sides, complete(sweep(at, plan, workers=3)).sides))
    running = sweep(at, plan, workers=2)
    stopped = next(made for made in running if made.sides[0].done.any())
    running.close()
    assert 0 < stopped.progress < 1
    gone_on = list(sweep(at, plan, stopped))
    assert gone_on[0] is stopped
    assert all(made.progress >= stopped.progress for made in gone_on)
    assert all(map(same, whole.sides, gone_on[-1].sides))
    assert complete(sweep(at, plan, whole)).finished


def test_every_value_has_a_coarse_curve_before_any_has_a_fine_one() -> None:
    at = session(NET, "data.generator.samples=3000", "sweep.count=40").situation()
    for made in sweep(at, plan_for(at, over="gain=1,2,4", seeds=1, steps=1), workers=1):
        known = [int(side.done.sum()) for side in made.sides]
        assert max(known) <= 10 or min(known) >= 10


def test_closing_it_ends_every_thread() -> None:
    at = session(NET, "data.generator.samples=3000").situation()
    running = sweep(at, plan_for(at, steps=1000), workers=2)
    next(running)
    next(running)
    assert any(thread.name == "sweep" for thread in threading.enumerate())
    running.close()
    assert not any(thread.name == "sweep" for thread in threading.enumerate())


def test_an_error_in_a_thread_is_raised_where_the_results_are_read() -> None:
    def fails(stopped: object) -> int:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        list(worked_off([fails, fails], 2))


def test_values_that_change_no_shape_share_their_batches() -> None:
    at = session(NET).situation()
    plan = plan_for(at, over="gain=1,2,4", seeds=2)
    prepared = sweeping.prepare(at, plan, 1)
    made = sweeping._unknown(at, plan, prepared)
    assert [len(pool.trials) for pool in sweeping._pools(made, prepared)] == [3]
    other = plan_for(at, over="units=4,8", seeds=2)
    prepared = sweeping.prepare(at, other, 1)
    assert [len(pool.trials) for pool in sweeping._pools(sweeping._unknown(at, other, prepared), prepared)] == [1, 1]


def test_a_sweep_over_mini_batches_goes_on_with_the_batches_of_its_step() -> None:
    at = do(session(BATCHES), {"step": 3})
    found = at_rates(at, (0.05,), 9, over="batch_size=6,4")
    assert same(found.sides[0], at_rates(at, (0.05,), 9).sides[0])
    assert not same(found.sides[0], found.sides[1])


# Fact 14


@pytest.mark.slow
def test_any_rate_of_the_hidden_weights_trains_under_bn_and_they_lengthen_with_it() -> None:
    settings = ("network.init.scheme=he", "network.init.gain=1.0", "training.learning_rate=0.01")
    at = deep_relu(*settings)
    plan = plan_for(at.situation(), steps=300, seeds=8, group="h?.weight", over="normalization=none,batch_norm")
    none, side = complete(sweep(at.situation(), replace(plan, rates=(0.1, 1.0, 100.0, 1e3, 1e6)))).sides
    assert (none.diverged_at[2:] != NEVER).all()
    assert (side.diverged_at == NEVER).all()
    assert (side.ends < side.threshold).all()
    assert np.median(side.growth, axis=1) == pytest.approx([1.003, 1.087, 29.5, 291, 2.91e5], rel=0.1)
    assert np.median(side.turned, axis=1) == pytest.approx([2.5, 14.4, 86.9, 89.7, 90.0], rel=0.1)
    assert (side.growth.max(axis=1) / side.growth.min(axis=1)).max() < 13, "from seed to seed"
