"""Descents side by side are the descents that each run makes alone, whatever its neighbours do."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maths.cases import EVERY_KIND, about, cases, held_over

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.batches import Batches
from bntui.maths.descent import Descent, Rates, State, descend, diverged, start
from bntui.maths.kinds.activations import RELU
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Adam, AdamW, Sgd
from bntui.maths.kinds.schedules import UNCHANGING, Cosine, Exponential, Schedule
from bntui.maths.names import ByName
from bntui.maths.sweep import NEVER, chosen, descents, rate_rows, runs_at_once, side_by_side


def ended(running):
    """What a generator returns, asked to its end."""
    while True:
        try:
            next(running)
        except StopIteration as stopped:
            return stopped.value


def alone(architecture, state, rates, batches, steps, optimizer=PLAIN_DESCENT, mode="train"):
    """One run, step by step as a session makes it: J at the end and where it diverged."""
    built, starting = state.network(architecture), None
    for made in range(steps + 1):
        inputs, targets = (batches.inputs, batches.targets) if made == steps else batches.at(state.step)
        evaluation = built.evaluate(state.theta, state.running, inputs, targets, mode)
        starting = evaluation.loss if starting is None else starting
        with np.errstate(all="ignore"):
            if diverged(evaluation.loss, evaluation.gradient, starting):
                return float(evaluation.loss), state.step
        if made < steps:
            state = descend(state, built, evaluation, Descent(rates, optimizer, mode))
    return float(evaluation.loss), NEVER


def relu_network(normalized, width=6, seeds=(0,), samples=20, **settings):
    """Three hidden ReLU layers, badly scaled, a start for each seed; and its data."""
    names = ("h1", "h2", "h3")
    hidden = tuple(Layer(name, width, RELU, normalization=NormalizationSettings(**settings)) for name in names)
    architecture = Architecture(2, (*hidden, Layer("head", 1)))
    drawn = []
    for seed in seeds:
        rng, incoming, parameters = np.random.default_rng(seed), 2, {}
        for layer in architecture.layers:
            parameters[f"{layer.name}.weight"] = rng.normal(size=(layer.units, incoming)) * 2 / math.sqrt(incoming)
            parameters[f"{layer.name}.bias"] = np.zeros(layer.units)
            incoming = layer.units
        drawn.append(parameters)
    stacked = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    x = np.random.default_rng(9).normal(size=(samples, 2))
    return architecture, start(architecture, stacked, names if normalized else ()), x, np.sin(2 * x[:, :1])


def run_of(states: State, place: int) -> State:
    """One run of a batch, without its leading axis."""
    return State(states.step, states.structure, states.theta[place], tuple(part[place] for part in states.memory), states.running[place])


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize(("size", "width", "samples"), [(None, 6, 20), (6, 6, 20), (None, 16, 64)])
def test_each_of_many_runs_is_bit_for_bit_the_run_alone_while_its_neighbours_diverge(
    normalized, momentum, size, width, samples
):
    architecture, starts, x, y = relu_network(normalized, width, range(3), samples)
    rates = np.geomspace(1e-3, 1e3, 12)
    batches = Batches(x, y, size, seed=4)
    states = chosen(starts, np.arange(36) % 3)
    found = ended(descents(architecture, states, np.repeat(rates, 3)[:, np.newaxis], batches, 25, Sgd(momentum)))
    expected = [
        alone(architecture, run_of(starts, seed), Rates(float(rate)), batches, 25, Sgd(momentum))
        for rate in rates
        for seed in range(3)
    ]
    np.testing.assert_array_equal(found.loss, [loss for loss, _ in expected])
    assert found.diverged_at.tolist() == [at for _, at in expected]
    assert 0 < (found.diverged_at == NEVER).sum() < 36, "some diverge and some do not"


@held_over(30)
@given(cases(kinds=EVERY_KIND, modes=("train", "eval")), st.integers(0, 6), st.sampled_from((0.0, 0.8)))
def test_in_any_network_a_batched_run_equals_the_single_run(case, steps, momentum):
    state = State(3, case.structure, case.theta, (np.full(case.theta.shape, 0.1),), case.estimates)
    batches = Batches(case.inputs, case.targets)
    rates = (1e-3, 0.5, 1e6)
    rows = np.array(rates)[:, np.newaxis]
    found = ended(descents(case.architecture, side_by_side(state, 3), rows, batches, steps, Sgd(momentum), case.mode))
    for place, rate in enumerate(rates):
        loss, at = alone(case.architecture, state, Rates(rate), batches, steps, Sgd(momentum), case.mode)
        assert found.diverged_at[place] == at
        np.testing.assert_allclose(found.loss[place], loss, rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "size", "rests"),
    [
        (PLAIN_DESCENT, None, True),
        (Sgd(0.5), None, False),  # θ stands still, but not yet its velocity
        (PLAIN_DESCENT, 2, False),
        (Adam(), None, False),
    ],
)
def test_a_run_that_has_come_to_rest_leaves_and_ends_as_it_would_have(optimizer, size, rests):
    architecture = Architecture(1, (Layer("a", 1, bias=False),))
    x = np.array([[0.5], [1.0], [2.0]])
    state = start(architecture, {"a.weight": np.array([[0.25]])}, (), optimizer)
    batches, rates = Batches(x, 3 * x, size), (0.1, 0.3, 0.5)
    running = descents(architecture, side_by_side(state, 3), np.array(rates)[:, np.newaxis], batches, 400, optimizer)
    made = 0
    while True:
        try:
            made = next(running)
        except StopIteration as stopped:
            found = stopped.value
            break
    for place, rate in enumerate(rates):
        assert (found.loss[place], found.diverged_at[place]) == alone(architecture, state, Rates(rate), batches, 400, optimizer)
    assert (made < 400) == rests


DECAY = ByName(0.3, (("*.gamma", 0.0), ("h2.*", 2.0)))


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("schedule", [UNCHANGING, Schedule(Cosine(30), 4), Schedule(Exponential(1.3))])
@pytest.mark.parametrize("optimizer", [Sgd(decay=DECAY), Sgd(0.8, True, DECAY), Adam(decay=DECAY), AdamW((0.8, 0.9), decay=DECAY)])
def test_with_any_optimizer_decay_and_schedule_each_of_many_runs_is_bit_for_bit_the_run_alone(optimizer, schedule, normalized):
    architecture, starts, x, y = relu_network(normalized, seeds=range(2))
    starts = replace(starts, step=3, memory=tuple(np.zeros_like(starts.theta) for _ in optimizer.remembers))
    batches, swept = Batches(x, y, 6, seed=4), np.geomspace(1e-3, 1e9, 8)
    layout = starts.network(architecture).layout
    rates = [Rates(float(rate), (("*.bias", 0.01),), schedule) for rate in swept for _ in range(2)]
    states = chosen(starts, np.arange(16) % 2)
    found = ended(descents(architecture, states, rate_rows(rates, layout), batches, 25, optimizer, schedule=schedule))
    expected = [
        alone(architecture, run_of(starts, place % 2), rate, batches, 25, optimizer) for place, rate in enumerate(rates)
    ]
    np.testing.assert_array_equal(found.loss, [loss for loss, _ in expected])
    assert found.diverged_at.tolist() == [at for _, at in expected]


def test_a_run_is_the_same_in_any_company():
    architecture, starts, x, y = relu_network(True)
    batches = Batches(x, y)
    one = ended(descents(architecture, starts, np.array([[0.3]]), batches, 40)).loss
    for others in ([0.1, 0.3, 0.9], [1e9, 0.3, 1e12], [0.3] * 7):
        found = ended(descents(architecture, side_by_side(run_of(starts, 0), len(others)),
                               np.array(others)[:, np.newaxis], batches, 40))
        assert found.loss[others.index(0.3)] == one[0]


def test_the_starts_that_are_handed_in_are_not_touched():
    architecture, starts, x, y = relu_network(False)
    before = starts.theta.copy()
    ended(descents(architecture, starts, np.array([[0.01]]), Batches(x, y), 5, Sgd(0.9)))
    np.testing.assert_array_equal(starts.theta, before)


def test_rates_by_parameter_hold_in_every_run():
    architecture, starts, x, y = relu_network(True)
    one = run_of(starts, 0)
    layout = one.network(architecture).layout
    rates = [Rates(0.01, (("h*.weight", swept), ("h2.*", 0.5))) for swept in (0.02, 3.0)]
    rows = rate_rows(rates, layout)
    assert rows.shape == (2, layout.size)
    found = ended(descents(architecture, side_by_side(one, 2), rows, Batches(x, y), 15))
    for place, each in enumerate(rates):
        assert found.loss[place] == alone(architecture, one, each, Batches(x, y), 15)[0]
    assert rate_rows([Rates(0.1), Rates(0.2)], layout).tolist() == [[0.1], [0.2]]


def test_divergence_is_measured_by_the_starting_loss_that_is_given():
    architecture, starts, x, y = relu_network(False)
    both = side_by_side(run_of(starts, 0), 2)
    rows = np.full((2, 1), 1e-3)
    found = ended(descents(architecture, both, rows, Batches(x, y), 3, starting_loss=np.array([1.0, 1e-30])))
    assert found.diverged_at.tolist() == [NEVER, 0]


def test_it_says_after_every_step_how_many_were_made_and_stops_when_no_run_is_left():
    architecture, starts, x, y = relu_network(False)
    assert list(descents(architecture, starts, np.array([[1e-3]]), Batches(x, y), 4)) == [1, 2, 3, 4]
    assert len(list(descents(architecture, starts, np.array([[1e9]]), Batches(x, y), 1000))) < 20


def test_no_steps_at_all_leave_the_starting_loss():
    architecture, starts, x, y = relu_network(False)
    found = ended(descents(architecture, starts, np.array([[1.0]]), Batches(x, y), 0))
    one = run_of(starts, 0)
    assert found.loss[0] == one.network(architecture).loss(one.theta, one.running, x, y)


def test_small_networks_run_by_the_hundred_and_large_ones_alone():
    chain = Architecture(1, (Layer("a", 1),))
    assert runs_at_once(chain, 3) > 1000
    assert runs_at_once(replace(chain, layers=(Layer("a", 512),)), 1024) == 1
    assert runs_at_once(replace(chain, layers=(Layer("a", 512), Layer("b", 512))), 3) == 1  # their weights are large


@pytest.mark.parametrize("cost", ["mse", "half_mse", "bce", "cross_entropy"])
def test_the_best_constants_cost_is_the_least_that_a_constant_output_reaches(cost):
    rng = np.random.default_rng(0)
    if cost == "cross_entropy":
        targets = np.eye(3)[rng.integers(0, 3, 30)]
        best = np.log(targets.mean(axis=0))
    elif cost == "bce":
        targets = rng.integers(0, 2, size=(30, 2)).astype(float)
        best = np.log(targets.mean(axis=0) / (1 - targets.mean(axis=0)))
    else:
        targets = rng.normal(size=(30, 2)) + 3
        best = targets.mean(axis=0)

    def of(constant):
        return float(COSTS[cost].loss(np.tile(constant, (30, 1)), targets))

    assert COSTS[cost].best_constant(targets) == about(of(best), rel=1e-12)
    assert all(of(best + shift) >= of(best) for shift in rng.normal(size=(20, best.size)) * 0.1)


def test_with_one_class_only_the_best_constant_costs_nothing():
    assert COSTS["cross_entropy"].best_constant(np.eye(3)[[1, 1, 1]]) == 0
    assert COSTS["bce"].best_constant(np.ones((4, 1))) == 0
