"""The fit of a moment: ŷ of the data and of a grid over its inputs, under the statistics that are in force."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.descent import outputs_beside
from bntui.session.look.snapshot import Fit
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment

MOST_POINTS = 4096
LINE = 400  # grid points over one input
PLANE = (64, 32)  # over two
MARGIN = 0.05  # of the data's span on either side
NO_SURFACE = np.empty((0, 0))


def fit_of(experiment: Experiment, moment: Moment) -> Fit:
    """ŷ of the training data and of a grid over one or two inputs; in training under the statistics of the batch at hand."""
    network, batches = experiment.network(moment), experiment.batches
    samples = batches.inputs.shape[0]
    chosen = slice(None, None, max(-(-samples // MOST_POINTS), 1))
    inputs, targets = batches.inputs[chosen], batches.targets[chosen]
    grid = grid_over(batches.inputs)

    def outputs(rows: Array) -> Array:
        state, evaluation = moment.state, experiment.lend(moment)
        return outputs_beside(network, state.theta, state.running, evaluation, rows, moment.mode)

    shape = (*(len(axis) for axis in reversed(grid)), targets.shape[1])
    surface = outputs(rows_of(grid)).reshape(shape) if grid else NO_SURFACE
    in_force: Literal["", "batch", "running"] = "batch" if moment.mode == "train" else "running"
    return Fit(inputs, targets, outputs(inputs), samples, grid, surface, in_force if network.running_layout.names else "")


def grid_over(inputs: Array) -> tuple[Array, ...]:
    """Coordinates along one or two inputs that span the data (k, n₀); none where there are more."""
    if inputs.shape[1] > len(PLANE):
        return ()
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = np.where(high > low, (high - low) * MARGIN, 0.5)
    counts = (LINE,) if inputs.shape[1] == 1 else PLANE
    return tuple(np.linspace(*ends) for ends in zip(low - margin, high + margin, counts, strict=True))


def rows_of(grid: tuple[Array, ...]) -> Array:
    """A grid's points as inputs, (g, 1) or (g₂·g₁, 2): the first input runs fastest."""
    return np.stack([axis.ravel() for axis in np.meshgrid(*grid)], axis=-1)
