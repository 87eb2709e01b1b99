"""Whether the mean of what enters the layers makes the largest eigenvalue of the Hessian [LeCun et al. 1998, §4.3]."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.curvature import spectrum
from bntui.maths.kinds.activations import RELU, TANH, Activation
from bntui.maths.kinds.normalizations import BATCH_CENTRE, BATCH_NORM, BATCH_SCALE, Normalization
from bntui.maths.mean_direction import mean_shares
from bntui.maths.objective import Objective
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import Design

SEEDS, MEANS = 12, (0.0, 2.0)
ACTIVATIONS: dict[str, Activation] = {"ReLU": RELU, "tanh": TANH}
KINDS: dict[str, Normalization | None] = {"none": None, "BN": BATCH_NORM, "centring alone": BATCH_CENTRE, "scaling alone": BATCH_SCALE}


@dataclass(frozen=True, slots=True)
class Arm:
    """The mean of the inputs, the activation, and what normalizes the hidden layers, of BN all or a part."""

    mean: float
    activation: str
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """For each seed λ₁, λ₁ over λ₂, the share of the first eigenvector along the mean directions, and the least eigenvalue."""

    largest: Array
    over_second: Array
    share: Array
    least: Array


def ends(arm: Arm, seed: int) -> tuple[float, float, float, float]:
    """The ends of the spectrum at the start."""
    design = Design(inputs=4, activation=ACTIVATIONS[arm.activation], kind=KINDS[arm.kind])
    problem = design.problem(seed)
    network = problem.state.network(problem.architecture)
    inputs = problem.inputs - problem.inputs.mean(axis=0) + arm.mean
    objective = Objective(network, problem.state.running, inputs, problem.targets, "train")
    theta = problem.state.theta
    evaluation = objective.evaluate(theta)
    found = spectrum(objective.hessian(theta, evaluation), theta.size, 1.0, 2)
    shares = mean_shares(network, theta, evaluation, found.vectors)
    first, second = found.largest
    return first.value, first.value / second.value, float(shares[0]), found.least.value


@cache
def run() -> dict[Arm, Ends]:
    """The ends of the spectra of all arms; those of one seed have the same weights and targets."""
    arms = [Arm(mean, name, kind) for name in ACTIVATIONS for mean in MEANS for kind in KINDS]
    return {arm: Ends(*np.array([ends(arm, seed) for seed in range(SEEDS)]).T) for arm in arms}


def report(result: dict[Arm, Ends]) -> str:
    """The ends of the spectra, an arm a row."""
    rows = [
        (
            arm.activation,
            number(arm.mean),
            arm.kind,
            spread(found.largest),
            spread(found.over_second),
            spread(found.share),
            spread(-found.least),
        )
        for arm, found in result.items()
    ]
    plain, shifted = (result[Arm(mean, "tanh", "none")] for mean in MEANS)
    relu, normalized, centred, scaled = (result[Arm(0.0, "ReLU", kind)] for kind in KINDS)
    return f"""
{table(("activation", "mean of the inputs", "normalized by", "λ₁", "λ₁/λ₂", "share along the mean", "−λ of the least"), rows)}

The control for the mean is tanh, which puts out none where nothing else makes one: with centred inputs
{number(median(plain.share))} of the first eigenvector lies along the mean directions and no eigenvalue stands out, with inputs of mean
2 it is {number(median(shifted.share))} and λ₁ is {number(median(shifted.over_second))} times λ₂. Centring the inputs alone takes that
outlier away. It does not in a ReLU network, whose hidden layers put out a mean of their own: share {number(median(relu.share))},
λ₁/λ₂ {number(median(relu.over_second))}.

Which part of BN takes it away: centring every layer's z, without scaling, takes λ₁ from {number(median(relu.largest))} to
{number(median(centred.largest))}, λ₁/λ₂ to {number(median(centred.over_second))} and the share to {number(median(centred.share))};
scaling without centring leaves a share of {number(median(scaled.share))}. Whole BN takes the share to
{number(median(normalized.share))} and λ₁/λ₂ to {number(median(normalized.over_second))}: the outlier goes, and all that the inputs'
mean did. But its λ₁ is {number(median(normalized.largest))}: the scaling, which is what it has beyond centring, puts curvature in; and
with centred inputs the least eigenvalue is further from zero with BN than without. In the tanh network λ₁ is larger with BN
whatever the inputs' mean."""


EXPERIMENT = Experiment(
    name="outliers",
    title="A mean makes the largest eigenvalue",
    source="LeCun et al. 1998, §4.3; Ghorbani et al. 2019",
    claim="The Hessian of a linear unit is the second moment of its inputs; where their mean is not zero that makes one eigenvalue far "
    "larger than the rest, along the mean, and centring the inputs removes it. In deep networks some eigenvalues stand out "
    "of the spectrum, and BN takes the outliers away.",
    design=f"8 × 16, He, 4 inputs, centred exactly and then shifted by their mean, half_mse, 64 samples, at the start; {SEEDS} seeds. The "
    "share of the first eigenvector along the mean directions: of each unit's (w, b) along (ā, 1), with ā the mean of what enters "
    "it, which alone moves the mean of z. A direction by chance has a share of about 1/17 in a hidden unit of 16 inputs and a bias.",
    run=run,
    report=report,
    verdict="agrees: centring alone takes the outlier of a ReLU network away, scaling alone does not; BN does, but brings other curvature",
)
