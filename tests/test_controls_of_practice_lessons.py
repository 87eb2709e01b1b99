"""The controls of the lessons on rivals and practice that need more first weights than a lesson has, or what a beat cannot say.

Each would fail were the cause that its lesson names another one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from paced import mostly_slow

from bntui.maths.numeric import Array
from bntui.scenario.model.actions import Step, parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.quantities import measure
from bntui.session.look.snapshot import Detail
from bntui.session.session import Session

pytestmark = pytest.mark.slow  # dozens of runs; .ci/run has them

BEST_CONSTANT = 0.2411  # what the best constant pays for the wave of the lesson on Adam
WEIGHTS = ("h1.weight", "h2.weight", "h3.weight", "head.weight")


def begun(name: str, settings: dict[str, Any], *changes: str) -> Session:
    """A session of a lesson's scenario with these settings, from the start."""
    session = Session(read_file(library.find(name), changes))
    if settings:
        session.do(parse_action({"set": settings}))
    return session


def measured(session: Session, name: str) -> float:
    value = measure(session, [name])[name]
    assert isinstance(value, float)
    return value


def directions(session: Session) -> Array:
    """The rows of all weights, each brought to length 1, one after the other."""
    rows = [each / np.sqrt((each**2).sum(axis=1, keepdims=True)) for each in weights(session).values()]
    return np.concatenate([each.ravel() for each in rows])


def weights(session: Session) -> dict[str, Array]:
    return {name: array.copy() for name, array in session.observe(Detail(arrays=True)).parameters if name in WEIGHTS}


# weight-decay


def test_from_batch_to_batch_the_angle_goes_from_five_to_eleven_degrees_around_the_root_of_twice_rate_times_decay() -> None:
    session, angles = begun("weight-decay", {"weight_decay": 0.1}), []
    session.do(Step(count=400))
    for _ in range(200):
        session.do(Step(count=1))
        angles.append(measured(session, "angle.h2"))
    assert (round(min(angles)), round(max(angles))) == (5, 11)
    assert np.sqrt(np.mean(np.square(angles))) == pytest.approx(np.degrees(np.sqrt(2 * 0.1 * 0.1)), rel=0.08)


@pytest.mark.parametrize("seed", mostly_slow(range(4), (0,)))
def test_whatever_length_a_weight_begins_with_decay_under_bn_brings_it_to_the_same(seed: int) -> None:
    ends = []
    for factor, steps in ((1, 400), (3, 600), (0.3, 400)):
        session = begun("weight-decay", {"weight_decay": 0.1}, f"network.init.seed={seed}")
        session.do(parse_action({"scale": {"layer": "h2", "by": factor}}))
        session.do(Step(count=steps))
        ends.append(measured(session, "weight.h2"))
    assert max(ends) / min(ends) < 1.1


# growing-rate


@pytest.mark.parametrize("seed", mostly_slow(range(4), (0,)))
@pytest.mark.parametrize(("batch_norm", "same"), [(True, True), (False, False)])
def test_with_bn_alone_a_rate_that_grows_turns_every_row_as_decay_does(seed: int, batch_norm: bool, same: bool) -> None:
    change = f"network.init.seed={seed}"
    decayed = begun("growing-rate", {"batch_norm": batch_norm, "weight_decay": 0.5}, change)
    growing = begun("growing-rate", {"batch_norm": batch_norm}, change)
    for step in range(12):
        growing.do(parse_action({"set": {"learning_rate": 0.2 * 0.9 ** (-2 * step - 1)}}))
        growing.do(Step(count=1))
        decayed.do(Step(count=1))
    assert (np.abs(directions(decayed) - directions(growing)).max() < 1e-9) == same
    lengths = [np.sqrt((weights(run)["h2.weight"] ** 2).sum()) for run in (decayed, growing)]
    assert (lengths[0] == pytest.approx(lengths[1] * 0.9**12, rel=1e-9)) == same


# adam


def test_from_a_good_start_too_adam_at_a_large_rate_trains_with_bn_alone() -> None:
    for seed in range(8):
        changes = ("network.init.gain=1.4142135623730951", f"network.init.seed={seed}")  # Xavier's, times √2: He's
        settings = {"optimizer": "adam", "learning_rate": 0.3}
        ends = []
        for batch_norm in (False, True):
            session = begun("adam", {**settings, "batch_norm": batch_norm}, *changes)
            session.do(Step(count=300))
            ends.append(measured(session, "loss"))
        assert ends[0] == pytest.approx(BEST_CONSTANT, rel=1e-3)
        assert ends[1] < 0.05


# batch-size


def test_a_batch_of_eight_costs_bn_what_a_batch_of_thirty_two_does_not() -> None:
    ends = {
        (size, batch_norm): [full_loss(seed, size, {"batch_norm": batch_norm}) for seed in range(4)]
        for size in (8, 32)
        for batch_norm in (False, True)
    }
    assert [round(limit(ends[8, False]), 3) for limit in (min, max)] == [0.004, 0.059]
    assert [round(limit(ends[8, True]), 3) for limit in (min, max)] == [0.065, 0.076]
    assert max(ends[32, True]) < 0.02
    assert max(ends[32, False]) < 0.02


def test_of_a_batch_of_eight_its_mean_does_more_harm_than_its_size_and_layer_norm_has_none_of_it() -> None:
    for seed in range(2):
        of = {
            kind: full_loss(seed, 8, {"normalization": kind})
            for kind in ("batch_centre", "batch_scale", "layer_norm", "batch_norm")
        }
        assert of["batch_norm"] > of["batch_centre"] > of["batch_scale"] > of["layer_norm"]


def full_loss(seed: int, size: int, settings: dict[str, Any]) -> float:
    """J on all samples after a thousand steps in batches of a size."""
    session = begun("batch-size", settings, f"network.init.seed={seed}", f"training.batch_size={size}")
    session.do(Step(count=1000))
    return measured(session, "full_loss")
