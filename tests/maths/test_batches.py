"""Which samples a step sees: said by the seed and the step's number, and by nothing that happened before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maths.cases import held_over

from bntui.maths.batches import Batches


def batches(samples=10, size=None, seed=0) -> Batches:
    inputs = np.arange(samples, dtype=float)[:, np.newaxis]
    return Batches(inputs, 10 * inputs, size, seed)


def test_the_whole_data_in_its_own_order_is_every_steps_batch_unless_a_size_is_given():
    whole = batches()
    for step in (0, 1, 999):
        inputs, targets = whole.at(step)
        assert np.array_equal(inputs, whole.inputs)
        assert np.array_equal(targets, whole.targets)
        assert whole.indices(step).tolist() == list(range(10))
    assert whole.samples == 10


@held_over(60)
@given(st.integers(1, 30), st.data(), st.integers(0, 2**32 - 1))
def test_an_epoch_deals_every_sample_at_most_once_and_drops_a_short_remainder(samples, data, seed):
    size = data.draw(st.integers(1, samples))
    dealt = batches(samples, size, seed)
    in_epoch = samples // size
    for epoch in (0, 3):
        rows = [dealt.indices(epoch * in_epoch + place) for place in range(in_epoch)]
        assert {len(row) for row in rows} == {size}
        together = np.concatenate(rows)
        assert len(set(together.tolist())) == in_epoch * size
        assert set(together.tolist()) <= set(range(samples))
    assert dealt.samples == size


def test_each_epoch_is_shuffled_anew_and_over_the_epochs_every_sample_is_seen():
    dealt = batches(10, 4)
    epochs = [tuple(np.concatenate([dealt.indices(2 * epoch), dealt.indices(2 * epoch + 1)])) for epoch in range(20)]
    assert len(set(epochs)) == 20
    assert set().union(*epochs) == set(range(10))


def test_a_batch_depends_on_the_seed_and_the_step_alone():
    forward = [batches(50, 8, seed=3).indices(step).tolist() for step in range(40)]
    other = batches(50, 8, seed=3)
    for seed in range(20):  # whatever was asked for before
        batches(50, 8, seed).indices(7)
    assert [other.indices(step).tolist() for step in reversed(range(40))] == forward[::-1]
    assert [batches(50, 8, seed=4).indices(step).tolist() for step in range(40)] != forward


def test_the_same_seed_deals_the_same_batches_in_every_version():
    assert batches(8, 3, seed=1).indices(0).tolist() == np.random.default_rng([1, 0]).permutation(8)[:3].tolist()


@pytest.mark.parametrize("step", [0, 1, 17, 10**9])
def test_inputs_and_targets_stay_together(step):
    inputs, targets = batches(10, 3, seed=5).at(step)
    assert np.array_equal(targets, 10 * inputs)
    assert inputs[:, 0].astype(int).tolist() == batches(10, 3, seed=5).indices(step).tolist()
