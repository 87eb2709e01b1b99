"""How well a moment does beyond the gradient: the share that is right, J on all training data, J on the data held out."""

from __future__ import annotations

import numpy as np

from bntui.maths.arrays import Array, Mode
from bntui.session.look.snapshot import Score
from bntui.session.run.experiment import Experiment
from bntui.session.run.moment import Moment


def accuracy(experiment: Experiment, moment: Moment) -> float | None:
    """The share of the batch of the next update that is right; None where the cost knows no classes."""
    _, targets = experiment.batch(moment)
    with np.errstate(all="ignore"):
        share = experiment.network(moment).accuracy_of(experiment.lend(moment).forward, targets)
    return None if share is None else float(share)


def on_all(experiment: Experiment, moment: Moment) -> Score:
    """J and accuracy on all training data, in the moment's mode: in training with the statistics of all of it."""
    batches = experiment.batches
    if batches.size is None:
        return Score(experiment.vitals(moment).loss, accuracy(experiment, moment))
    return _score(experiment, moment, batches.inputs, batches.targets, moment.mode)


def on_held_out(experiment: Experiment, moment: Moment) -> Score | None:
    """J and accuracy on the data held out, in evaluation mode, as a network is used; None where none is held out."""
    if experiment.held_out is None:
        return None
    return _score(experiment, moment, experiment.held_out.inputs, experiment.held_out.targets, "eval")


def _score(experiment: Experiment, moment: Moment, inputs: Array, targets: Array, mode: Mode) -> Score:
    network = experiment.network(moment)
    with np.errstate(all="ignore"):
        forward = network.forward(moment.state.theta, moment.state.running, inputs, mode)
        share = network.accuracy_of(forward, targets)
        return Score(float(network.loss_of(forward, targets)), None if share is None else float(share))
