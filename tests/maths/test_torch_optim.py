"""Optimizers, weight decay and schedules are those of torch.optim: two hundred steps side by side, and J in the data's cost alone."""

import math

import numpy as np
import pytest
from maths.cases import about, fill

pytest.importorskip("torch", reason="torch is not installed: its parity is checked where it is")

import torch
from maths.test_torch_parity import LOSSES, difference, in_torch, named
from torch.optim import lr_scheduler

from bntui.maths.architecture import Architecture, Layer, NormalizationSettings
from bntui.maths.descent import Descent, Rates, State, descend
from bntui.maths.kinds.activations import TANH
from bntui.maths.kinds.optimizers import Adam, AdamW, Sgd
from bntui.maths.kinds.schedules import Constant, Cosine, Exponential, Schedule, Stepped
from bntui.maths.names import ByName
from bntui.maths.network import Structure

pytestmark = pytest.mark.optional

STEPS, RATE, AGREES = 200, 0.001, 1e-11
RATES = (("*.weight", 0.002), ("head.*", 0.0007), ("*.gamma", 0.0005))
DECAYS = (("*.gamma", 0.0), ("*.beta", 0.0), ("*.bias", 0.0), ("head.weight", 0.2))

EVERY = [
    (Sgd(decay=ByName(0.05)), torch.optim.SGD, {"weight_decay": 0.05}),
    (Sgd(0.9, decay=ByName(0.05)), torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.05}),
    (Sgd(0.8, nesterov=True, decay=ByName(0.05)), torch.optim.SGD, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.05}),
    (Adam(), torch.optim.Adam, {}),
    (Adam((0.5, 0.9), 1e-3), torch.optim.Adam, {"betas": (0.5, 0.9), "eps": 1e-3}),
    (Adam((0.0, 0.99)), torch.optim.Adam, {"betas": (0.0, 0.99)}),
    (Adam(decay=ByName(0.1)), torch.optim.Adam, {"weight_decay": 0.1}),
    (AdamW(decay=ByName(0.3)), torch.optim.AdamW, {"weight_decay": 0.3}),
    (AdamW((0.8, 0.95), 1e-6), torch.optim.AdamW, {"betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.0}),
]


def smooth_case():
    """A network in which two hundred steps do not multiply rounding: one layer under BN, after its activation, with a large ε."""
    how = NormalizationSettings(placement="after_activation", epsilon=0.3)
    layers = (Layer("a", 6, TANH, normalization=how), Layer("b", 5, TANH, bias=False), Layer("head", 3))
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(12, 4)), rng.normal(size=(12, 3))
    structure = Structure(frozenset({"a"}), frozenset({"a", "head"}))
    return fill(Architecture(4, layers), structure, inputs, targets, rng, scale=0.4)


def groups(model, rates, decay):
    """Each parameter as a group of torch's, with the rate and decay that its name has here."""
    return [
        {"params": [tensor], "lr": rates.of(name), "weight_decay": decay.of(name)}
        for name, tensor in named(model, keep_vars=True).items()
        if isinstance(tensor, torch.nn.Parameter)
    ]


def side_by_side(case, optimizer, theirs, rates, schedule=None):
    """Descend in both for 200 steps; the largest relative difference of θ, and of the optimizer's memory at the end."""
    model = in_torch(case)
    theirs = theirs(model)
    schedule = None if schedule is None else schedule(theirs)
    built, how = case.network, Descent(rates, optimizer)
    memory = tuple(np.zeros_like(case.theta) for _ in optimizer.remembers)
    state = State(0, case.structure, case.theta, memory, case.estimates)
    found = 0.0
    for _ in range(STEPS):
        evaluation = built.evaluate(state.theta, state.running, case.inputs, case.targets)
        state = descend(state, built, evaluation, how)
        theirs.zero_grad()
        loss = LOSSES[case.architecture.cost.name](model(torch.tensor(case.inputs)), torch.tensor(case.targets))
        loss.backward()
        theirs.step()
        assert float(evaluation.loss) == about(loss.item(), rel=1e-9), "the decay is no part of J"
        if schedule is not None:
            schedule.step()
        found = max(found, difference(built.layout.views(state.theta), named(model)))
    return found


@pytest.mark.parametrize(("optimizer", "kind", "settings"), EVERY)
def test_two_hundred_steps_are_torchs(optimizer, kind, settings):
    case = smooth_case()
    found = side_by_side(case, optimizer, lambda model: kind(model.parameters(), lr=RATE, **settings), Rates(RATE))
    assert found < AGREES


@pytest.mark.parametrize(("optimizer", "kind", "settings"), EVERY)
def test_rates_and_decays_by_name_are_torchs_groups(optimizer, kind, settings):
    case = smooth_case()
    rates, decay = Rates(RATE, RATES), ByName(0.04, DECAYS)
    fields = {name: getattr(optimizer, name) for name in optimizer.settings}
    others = {name: value for name, value in settings.items() if name != "weight_decay"}
    found = side_by_side(case, type(optimizer)(**fields, decay=decay), lambda model: kind(groups(model, rates, decay), **others), rates)
    assert found < AGREES


SCHEDULES = [
    (Schedule(Stepped(30, 0.5)), lambda theirs: lr_scheduler.StepLR(theirs, 30, 0.5)),
    (Schedule(Exponential(0.97)), lambda theirs: lr_scheduler.ExponentialLR(theirs, 0.97)),
    (Schedule(Exponential(1.005)), lambda theirs: lr_scheduler.ExponentialLR(theirs, 1.005)),
    (Schedule(Cosine(STEPS)), lambda theirs: lr_scheduler.CosineAnnealingLR(theirs, STEPS)),
    (Schedule(Cosine(STEPS, 0.1)), lambda theirs: lr_scheduler.CosineAnnealingLR(theirs, STEPS, eta_min=0.1 * RATE)),
    (Schedule(Constant(), 12), lambda theirs: lr_scheduler.LinearLR(theirs, 1 / 12, total_iters=11)),
    (
        Schedule(Cosine(150), 10),
        lambda theirs: lr_scheduler.SequentialLR(
            theirs,
            [lr_scheduler.LinearLR(theirs, 1 / 10, total_iters=9), lr_scheduler.CosineAnnealingLR(theirs, 150)],
            milestones=[10],
        ),
    ),
    (
        Schedule(Stepped(50, 0.3), 20),
        lambda theirs: lr_scheduler.SequentialLR(
            theirs,
            [lr_scheduler.LinearLR(theirs, 1 / 20, total_iters=19), lr_scheduler.StepLR(theirs, 50, 0.3)],
            milestones=[20],
        ),
    ),
]


@pytest.mark.parametrize(("schedule", "theirs"), SCHEDULES)
def test_every_share_of_the_rate_is_torchs(schedule, theirs):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    scheduler = theirs(optimizer)
    last = schedule.warm_up + schedule.kind.steps if isinstance(schedule.kind, Cosine) else STEPS  # there torch's rises again
    for step in range(last + 1):
        assert RATE * schedule.share(step) == about(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-16)
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("optimizer", [(Sgd(0.9), torch.optim.SGD, {"momentum": 0.9}), (Adam(), torch.optim.Adam, {})])
@pytest.mark.parametrize(("schedule", "theirs"), [SCHEDULES[0], SCHEDULES[2], SCHEDULES[3], SCHEDULES[7]])
def test_two_hundred_scheduled_steps_are_torchs(optimizer, schedule, theirs):
    mine, kind, settings = optimizer
    case = smooth_case()
    rates = Rates(RATE, schedule=schedule)
    assert side_by_side(case, mine, lambda model: kind(model.parameters(), lr=RATE, **settings), rates, theirs) < AGREES


def test_past_its_end_a_cosine_stays_where_torchs_would_rise_again():
    assert [Schedule(Cosine(100, 0.1)).share(step) for step in (100, 150, 10**6)] == [0.1] * 3
    assert not math.isfinite(Schedule(Exponential(2.0)).share(10_000)), "a rate beyond all numbers ends the run, not the program"
