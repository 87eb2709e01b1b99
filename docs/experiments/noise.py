"""Noise with a new mean and a new scale at every step, added after BN [Santurkar et al. 2018, Figure 2]."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from bntui.maths.arrays import Array, Mode, Parameters
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.link import NEW, Link, Outs
from bntui.maths.names import Name
from bntui.maths.network import Network
from bntui.maths.stages import Nonlinearity
from bntui.maths.tape import Do, at_once
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import HE, Design, Problem, together

SEEDS, RATES, LOOKS = 12, (0.03, 0.1), (100, 600)
MEANS, SCALES, AROUND = 0.5, 1.25, 0.1  # n_m, n_v, and r_m = r_v of Algorithm 1
DURING = 20  # last steps over which J with noise is averaged


class Arm(NamedTuple):
    """One of the four networks, at a rate."""

    rate: float
    normalized: bool
    noisy: bool


class Look(NamedTuple):
    """J over the best constant's cost, for each seed: with the noise, averaged over the last steps, and without it."""

    during: Array
    calm: Array


FOUR = tuple(product((False, True), (False, True)))  # (normalized, noisy)
ARMS = [Arm(rate, *each) for rate in RATES for each in FOUR]
Result = dict[Arm, dict[int, Look]]


class Noise:
    """What enters an activation, times a scale and plus a shift that are set anew before every step."""

    keeps_input = keeps_output = False

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self.factor = Name(layer, "noise")
        self.scale: Array | float = 1.0
        self.shift: Array | float = 0.0

    def forward(
        self,
        incoming: Array,
        parameters: Parameters,
        running: Parameters,
        mode: Mode,
        out: Array | None = None,
        free: bool = False,
        do: Do = at_once,
    ) -> tuple[Array, None]:
        """s∘u + t, as they are now: a tape that is played again has the noise of its first pass."""
        outgoing = do(np.multiply, incoming, self.scale, incoming if free else out)
        return do(np.add, outgoing, self.shift, outgoing), None

    def backward(
        self, signal: Array, kept: None, parameters: Parameters, gradients: Parameters, outs: Outs = NEW, do: Do = at_once
    ) -> list[Link]:
        """δ∘s."""
        return [Link(self.factor, do(np.multiply, signal, self.scale, next(outs)))]

    def draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> None:
        """A new distribution for each unit, and from it a new number for each sample: Algorithm 1 of the paper's appendix."""
        *runs, _, units = shape
        mean = random.uniform(-MEANS, MEANS, (*runs, 1, units))
        deviation = random.uniform(1, SCALES, (*runs, 1, units))
        self.shift = random.uniform(mean - AROUND, mean + AROUND, shape)
        self.scale = random.normal(deviation, AROUND, shape)

    def stop(self) -> None:
        """No noise."""
        self.scale, self.shift = 1.0, 0.0


class Noisy(Network):
    """A network with noise before every activation."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.architecture, problem.state.structure)
        self.noises = {stage.layer: Noise(stage.layer) for stage in self.stages if isinstance(stage, Nonlinearity)}
        stages: list[Any] = []
        for stage in self.stages:
            stages += [self.noises[stage.layer], stage] if isinstance(stage, Nonlinearity) else [stage]
        self.stages = tuple(stages)
        self._in_place = (False,) * len(stages)



def trained(arm: Arm) -> dict[int, Look]:
    """J after so many steps of all seeds side by side; every arm has the same weights and data, both noisy ones the same noise."""
    problem = together(Design(depth=4, variance=HE, kind=BATCH_NORM if arm.normalized else None), SEEDS)
    network, theta = Noisy(problem), problem.state.theta
    random, losses, looks = np.random.default_rng(99), [], {}
    for step in range(max(LOOKS) + 1):
        if arm.noisy:
            for noise in network.noises.values():
                noise.draw(random, (SEEDS, 64, 16))
        evaluation = network.evaluate(theta, problem.state.running, problem.inputs, problem.targets)
        losses.append(evaluation.loss)
        if step in LOOKS:
            for noise in network.noises.values():
                noise.stop()
            calm = network.loss(theta, problem.state.running, problem.inputs, problem.targets)
            during = np.mean(losses[-DURING:], axis=0)
            looks[step] = Look(during / problem.best_constant, calm / problem.best_constant)
        with np.errstate(all="ignore"):
            theta = theta - arm.rate * evaluation.gradient
    return looks


@cache
def run() -> Result:
    """What became of each arm."""
    return {arm: trained(arm) for arm in ARMS}


def report(result: Result) -> str:
    """J of the arms at each look."""
    first, last = LOOKS
    rows = [
        (
            f"{arm.rate:g}",
            f"{'BN' if arm.normalized else 'none'}{', noisy' if arm.noisy else ''}",
            *(spread(values) for look in looks.values() for values in look),
        )
        for arm, looks in result.items()
    ]
    head = [f"{when} {step}" for step in LOOKS for when in ("J/B with its noise, step", "J/B without noise, step")]
    quiet, shaken = (
        [median(result[Arm(rate, normalized, normalized)][step].calm) for rate in RATES for step in LOOKS]
        for normalized in (False, True)
    )
    lost = [median(result[Arm(rate, False, True)][last].calm) for rate in RATES]
    return f"""
{table(("η", "network", *head), rows)}

The paper compares the noisy network with BN with the undisturbed one without it. Taken without its noise, the noisy one is ahead after
{first} steps ({number(shaken[0])} against {number(quiet[0])} at {RATES[0]:g}, {number(shaken[2])} against {number(quiet[2])} at {RATES[1]:g}) and
behind after {last} ({number(shaken[1])} against {number(quiet[1])}, {number(shaken[3])} against {number(quiet[3])}): noise after BN does harm here, and
in the end more than BN does good. The fourth arm, which the figure does not have, is the control: with the same noise and no BN
J after {last} steps is {number(lost[0])} and {number(lost[1])} of the best constant's. BN helps the shaken network as it helps the calm one,
so what BN does is not to keep the distributions still."""


EXPERIMENT = Experiment(
    name="noise",
    title="Noise after BN: all four arms",
    source="Santurkar et al. 2018, §2.1, Figure 2 and Algorithm 1",
    claim="Noise whose mean and scale change at every step, added after BN, makes the distribution of each layer's input shift more than "
    "without BN, and yet the network trains nearly as well as with plain BN, and better than the standard network.",
    design="4 hidden ReLU layers of 16, He, one input, y = sin 2x, half_mse, 64 samples, full batch. Before every activation, at every step, "
    f"u becomes s·u + t: each unit draws a mean from ±{MEANS:g} and a scale from 1 to {SCALES:g}, each sample its own t and s within "
    f"{AROUND:g} of them. All four arms, from the same weights, at two rates; {SEEDS} seeds; B is the best constant's cost. With noise: J "
    f"averaged over the last {DURING} steps.",
    run=run,
    report=report,
    verdict="in part: noisy BN is ahead of no BN early, behind it later; the same noise without BN is far worse",
    tolerance=1.5,
)
