"""What J and its gradient do along the gradient over a course of training [Santurkar et al. 2018, Figure 4]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.activations import LINEAR
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.landscape import LEAST, MOST, measures
from bntui.maths.objective import Objective
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import XAVIER, Design, Problem, together

SEEDS, STEPS, EVERY = 8, 400, 20
SHARE = 0.5  # of the best constant's cost: there a network with BN and one without are held against each other
MEASURES = ("range of J", "change of the gradient", "effective smoothness")
KINDS = {"none": None, "BN": BATCH_NORM}
RELU, DEEP_LINEAR = "ReLU", "deep linear"
DESIGNS = {
    RELU: Design(inputs=4),
    DEEP_LINEAR: Design(depth=24, inputs=16, activation=LINEAR, variance=XAVIER),
}
RATES = {RELU: (0.03, 0.1), DEEP_LINEAR: (0.003, 0.01)}


@dataclass(frozen=True, slots=True)
class Arm:
    """A network, its rate, and what normalizes its hidden layers."""

    network: str
    rate: float
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """J over the best constant's cost (looks, seeds), and the measures in the order of MEASURES (looks, seeds, 3).

    `halfway` are the measures as J first is below half the best constant's cost (seeds, 3), `reached` the steps until then.
    """

    loss: Array
    along: Array
    halfway: Array
    reached: Array


Result = dict[Arm, Course]


def problem(arm: Arm) -> Problem:
    """All seeds side by side; the linear network, which cannot fit a sine, learns the inputs' sum."""
    made = together(replace(DESIGNS[arm.network], kind=KINDS[arm.kind]), SEEDS)
    if arm.network != DEEP_LINEAR:
        return made
    return replace(made, targets=made.inputs.sum(axis=-1, keepdims=True) / np.sqrt(made.inputs.shape[-1]))


def trained(arm: Arm) -> Course:
    """The three measures at every so many steps of plain descent, in step sizes of the arm's rate."""
    made = problem(arm)
    network, theta = made.state.network(made.architecture), made.state.theta

    def measured(seed: int) -> tuple[float, float, float]:
        objective = Objective(network, made.state.running[seed], made.inputs[seed], made.targets[seed], "train")
        found = measures(objective, theta[seed], arm.rate, 1.0)
        return found.loss_range, found.gradient_change, found.smoothness

    losses, along = [], []
    halfway, reached = np.full((SEEDS, len(MEASURES)), np.nan), np.full(SEEDS, np.nan)
    for step in range(STEPS + 1):
        evaluation = network.evaluate(theta, made.state.running, made.inputs, made.targets)
        share = evaluation.loss / made.best_constant
        if step % EVERY == 0:
            losses.append(share)
            along.append([measured(seed) for seed in range(SEEDS)])
        for seed in np.flatnonzero((share < SHARE) & np.isnan(reached)):
            halfway[seed], reached[seed] = measured(int(seed)), step
        theta = theta - arm.rate * evaluation.gradient
    return Course(np.array(losses), np.array(along), halfway, reached)


@cache
def run() -> Result:
    """The course of every arm; those that differ in normalization alone have the same weights and data."""
    return {
        arm: trained(arm) for name in DESIGNS for arm in (Arm(name, rate, kind) for rate, kind in product(RATES[name], KINDS))
    }


READINGS: dict[str, Callable[[Course], Array]] = {
    "in the median": lambda course: np.median(course.along, axis=0),
    "in the worst case": lambda course: course.along.max(axis=0),
    "at the same J": lambda course: course.halfway,
}
MIDDLE, WORST, SAME = READINGS


def better(result: Result, network: str, reading: str) -> tuple[int, int, int]:
    """In how many runs of a network, of all rates and seeds, each measure is smaller with BN than without."""
    look = READINGS[reading]
    pairs = [[look(result[Arm(network, rate, kind)]) for kind in KINDS] for rate in RATES[network]]
    range_of_loss, change, smoothness = np.sum([with_bn < without for without, with_bn in pairs], axis=(0, 1)).tolist()
    return range_of_loss, change, smoothness


def report(result: Result) -> str:
    """How far each arm came, its measures over the course and where J is the same, and how often BN is better."""
    arms = [(arm, (arm.network, number(arm.rate), arm.kind)) for arm in result]
    ended = [(*named, spread(result[arm].reached), spread(result[arm].loss[-1])) for arm, named in arms]
    over, same = ([(*named, *map(spread, READINGS[each](result[arm]).T)) for arm, named in arms] for each in (MIDDLE, SAME))
    runs = SEEDS * len(RATES[RELU])
    counts = [(name, each, *map(str, better(result, name, each))) for name in DESIGNS for each in READINGS]
    named = ("network", "η", "normalized by")
    slow, fast = RATES[RELU]
    (calm, calm_bn), (quick, quick_bn) = (
        [number(median(READINGS[MIDDLE](result[Arm(RELU, rate, kind)])[:, 2])) for kind in KINDS] for rate in (slow, fast)
    )
    bent, linear = (better(result, name, SAME) for name in DESIGNS)
    return f"""
{table((*named, "steps until J < B/2", "J/B at the end"), ended)}

The median of each course:

{table((*named, *MEASURES), over)}

As J first is below B/2:

{table((*named, *MEASURES), same)}

In how many of {runs} runs a measure is smaller with BN than without:

{table(("network", "", *MEASURES), counts)}

In the ReLU network the first two measures are as the paper has them: over a course J varies less with BN and the gradient changes less. The
effective smoothness is not another: in the median {calm} without BN and {calm_bn} with it at {slow:g}, {quick} and {quick_bn} at {fast:g}, about
2/η ({number(2 / slow)} and {number(2 / fast)}) with BN and without.

In the deep linear network BN makes J vary less over a course, and does not make it smoother.

The control that the figure lacks is J itself: with BN it is smaller at the same step, and where J nears 0 its range does too. Held against
each other where J is the same, which with BN is after far fewer steps, BN is better in the three measures in {bent[0]}, {bent[1]} and {bent[2]} of {runs} runs
of the ReLU network, and in {linear[0]}, {linear[1]} and {linear[2]} of the deep linear one."""


EXPERIMENT = Experiment(
    name="course",
    title="Smoother over a course, and where J is the same?",
    source="Santurkar et al. 2018, §3.1, Figure 4, and the deep linear network of the appendix",
    claim="At every step of training J varies less along the gradient with BN, the gradient changes less, and its change over the distance, "
    "the effective smoothness, is less; in a convolutional network and in a deep linear one.",
    design=f"8 hidden ReLU layers of 16, He, 4 inputs, y = sin 2x₁; and 24 linear ones with a head, Xavier, 16 inputs, y their sum over 4. "
    f"half_mse, 64 samples, full batch, plain descent, {STEPS} steps at two rates at which both networks train; {SEEDS} seeds. Every {EVERY} "
    f"steps, at steps along the gradient from {LEAST:g} to {MOST:g} times the rate: the range of J, the largest change of the gradient, and the "
    "largest change over its distance. B is the best constant's cost.",
    run=run,
    report=report,
    verdict="in part: over a course of the ReLU network J varies less and the gradient changes less, its smoothness is no other; the deep "
    "linear network is not smoother, and where J is the same BN is better in none of the three there",
    tolerance=1.5,
)
