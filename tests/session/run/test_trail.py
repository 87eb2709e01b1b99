"""The trail of J over a long run: flat memory, and no peak lost."""

import math

import numpy as np
import pytest

from bntui.session.run.branches import BUCKETS, Trail


def trail_of(losses: np.ndarray) -> Trail:
    trail = Trail()
    for loss in losses:
        trail.append(float(loss))
    return trail


def test_a_hundred_thousand_steps_take_no_more_room_than_a_thousand() -> None:
    trail = trail_of(np.zeros(100_000))
    assert len(trail.low) == len(trail.high) <= BUCKETS
    assert (trail.count, trail.stride) == (100_000, 128)


@pytest.mark.parametrize("count", [1, 2, 1023, 1024, 1025, 2048, 2049, 4097, 100_000])
def test_every_bucket_has_the_least_and_the_greatest_of_its_steps(count: int) -> None:
    losses = np.random.default_rng(0).lognormal(sigma=9, size=count)
    trail = trail_of(losses)
    starts = np.arange(0, count, trail.stride)
    assert list(trail.low) == np.minimum.reduceat(losses, starts).tolist()
    assert list(trail.high) == np.maximum.reduceat(losses, starts).tolist()


def test_one_peak_among_a_hundred_thousand_steps_is_still_seen() -> None:
    losses = np.ones(100_000)
    losses[77_777] = 1e300
    trail = trail_of(losses)
    assert trail.high[77_777 // trail.stride] == max(trail.high) == 1e300
    assert max(trail.low) == 1.0


@pytest.mark.parametrize("beyond", [math.inf, math.nan])
def test_an_explosion_is_not_hidden_in_its_bucket(beyond: float) -> None:
    losses = np.ones(3_000)
    losses[1_500] = beyond
    trail = trail_of(losses)
    bucket = 1_500 // trail.stride
    assert trail.stride == 4
    assert not math.isfinite(trail.high[bucket])
    assert trail.low[bucket] == 1.0
    assert math.isfinite(trail.high[bucket - 1])
    assert math.isfinite(trail.high[bucket + 1])
