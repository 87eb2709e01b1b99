"""Batches, derived from the seed and the step number alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.numeric import Indices
from bntui.records import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """The data (M, n₀) and (M, n_L), and how it is dealt out: whole, or `size` samples at a time.

    With a size the samples are shuffled anew each epoch, and a short remainder is dropped.
    """

    inputs: Array
    targets: Array
    size: int | None = None
    seed: int = 0

    @property
    def samples(self) -> int:
        """How many samples a batch has."""
        return self.inputs.shape[0] if self.size is None else self.size

    def indices(self, step: int) -> Indices:
        """Which samples of the data the batch of the update after `step` is made of."""
        if self.size is None:
            return np.arange(self.inputs.shape[0])
        in_epoch = self.inputs.shape[0] // self.size
        epoch, place = divmod(step, in_epoch)
        order = _order(self.inputs.shape[0], self.seed, epoch)
        return order[place * self.size : (place + 1) * self.size]

    def at(self, step: int) -> tuple[Array, Array]:
        """Inputs and targets of the batch that the update after `step` uses."""
        if self.size is None:
            return self.inputs, self.targets
        chosen = self.indices(step)
        return self.inputs[chosen], self.targets[chosen]


@lru_cache(maxsize=8)
def _order(samples: int, seed: int, epoch: int) -> Indices:
    return np.random.default_rng([seed, epoch]).permutation(samples)
