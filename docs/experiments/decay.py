"""Weight decay under BN changes the effective rate and nothing else [van Laarhoven 2017; Li & Arora 2020]."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.names import WEIGHT, Name
from bntui.maths.network import Layout
from experiments.experiment import Experiment, median, number, spread, table
from experiments.networks import Design, Problem, together

DESIGN = Design(depth=4, inputs=16, epsilon=1e-15)
RATE, DECAY, OTHERS = 0.05, 0.2, 0.05
SEEDS, LOOKS = 8, (120, 600)
STEPS = max(LOOKS)
NUDGE = 1e-15  # of θ: the last digits
ROUNDING = 1e-8  # what the last digits have become at the first look, at most
KINDS = {"BN": BATCH_NORM, "none": None}


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A descent: J of every step (T+1, seeds), the hidden rows' ‖w‖² of every step, and the rate of every step."""

    losses: Array
    squares: list[dict[Name, Array]]
    rates: list[float]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Descents of one network: with decay, from first weights that differ in the last digits too, and three without it."""

    best_constant: Array
    decayed: Path
    nudged: Path
    matched: Path
    growing: Path
    plain: Path


Result = dict[str, Compared]


def squares(layout: Layout, theta: Array) -> dict[Name, Array]:
    """‖w‖² of the hidden weights' rows, (seeds, n, 1)."""
    views = layout.views(theta)
    return {Name(layer, WEIGHT): np.square(views[Name(layer, WEIGHT)]).sum(-1, keepdims=True) for layer in DESIGN.layers}


def descended(problem: Problem, decay: float = 0.0, like: Path | None = None, growth: float = 1.0) -> Path:
    """Descend, the hidden weights by w ← w − η(∂J/∂w + decay·w).

    `like` is a decayed descent whose effective rate η/((1 − ηλ)‖w‖²) each row takes over; `growth` is what η is multiplied by after
    every step, from η·√growth on.
    """
    network, theta = problem.state.network(problem.architecture), problem.state.theta
    losses, lengths, rates = [], [], [RATE * float(np.sqrt(growth))]
    with np.errstate(all="ignore"):
        for step in range(STEPS + 1):
            evaluation = network.evaluate(theta, problem.state.running, problem.inputs, problem.targets)
            losses.append(evaluation.loss)
            lengths.append(squares(network.layout, theta))
            moved = theta - OTHERS * evaluation.gradient
            before, gradients, after = (network.layout.views(vector) for vector in (theta, evaluation.gradient, moved))
            for name in lengths[-1]:
                of_rows: Array | float = rates[-1]
                if like is not None:
                    of_rows = RATE / (1 - RATE * DECAY) * lengths[-1][name] / like.squares[step][name]
                after[name][...] = before[name] - of_rows * (gradients[name] + decay * before[name])
            theta = moved
            rates.append(rates[-1] * growth)
    return Path(np.array(losses), lengths, rates)


@cache
def run() -> Result:
    """The four descents, with BN and without."""
    found = {}
    for name, kind in KINDS.items():
        problem = together(replace(DESIGN, kind=kind), SEEDS)
        nudged = replace(problem, state=replace(problem.state, theta=problem.state.theta * (1 + NUDGE)))
        decayed = descended(problem, decay=DECAY)
        found[name] = Compared(
            np.asarray(problem.best_constant),
            decayed,
            descended(nudged, decay=DECAY),
            descended(problem, like=decayed),
            descended(problem, growth=(1 - RATE * DECAY) ** -2),
            descended(problem),
        )
    return found


def apart(one: Path, other: Path, steps: int) -> Array:
    """The largest difference of J in so many steps, as a share of the larger J, for each seed; 1 where a run diverged."""
    with np.errstate(all="ignore"):
        gaps = np.abs(one.losses - other.losses)[: steps + 1] / np.maximum(one.losses, other.losses)[: steps + 1]
    return np.asarray(np.nan_to_num(gaps, nan=1.0).max(axis=0))


def share(values: Array) -> str:
    """A difference; what is rounding is only called so, for its size is another on every machine."""
    return f"below {number(ROUNDING)}" if median(values) < ROUNDING else spread(values)


def report(result: Result) -> str:
    """How far the descents without decay are from the one with it."""
    rows = []
    for name, compared in result.items():
        for what, path in (
            ("the same decay, last digits changed", compared.nudged),
            ("no decay, each row's effective rate", compared.matched),
            ("no decay, the rate η(1−ηλ)^(−2t−1)", compared.growing),
            ("no decay, the rate η", compared.plain),
        ):
            rows.append((name, what, *(share(apart(compared.decayed, path, steps)) for steps in LOOKS)))
    rates = result["BN"].growing.rates
    return f"""
{table(("", "held against the descent with decay", *(f"J apart in {steps} steps" for steps in LOOKS)), rows)}

With BN the descents are the same for {LOOKS[0]} steps, whether each row has its effective rate or the rate grows by (1−ηλ)^(−2) a step, then from
{number(rates[0])} to {number(rates[LOOKS[0]])}. Later they part, as two descents do that differ in nothing but the last digits of the first weights: the
equality is exact, and the descent is chaotic. The growing rate goes on to {number(rates[STEPS])} and J ends at
{number(median(result['BN'].growing.losses[-1] / result['BN'].best_constant))} of the best constant's, with decay at
{number(median(result['BN'].decayed.losses[-1] / result['BN'].best_constant))}. Without BN neither replacement is one."""


EXPERIMENT = Experiment(
    name="decay",
    title="Weight decay is a rate in disguise",
    source="van Laarhoven 2017; Li & Arora 2020, Theorem 2.1",
    claim="Under BN weight decay has no effect on the function but by the effective rate η/‖w‖²; descent with decay λ and rate η is descent "
    "without decay at the growing rate η(1−ηλ)^(−2t−1).",
    design=f"4 hidden ReLU layers of 16, He, 16 inputs, y = sin 2x₁, half_mse, 64 samples, full batch, ε {DESIGN.epsilon:g}. Hidden weights: η {RATE:g}, "
    f"λ {DECAY:g}; γ, β and the head: η {OTHERS:g} without decay. {STEPS} steps, {SEEDS} seeds. Three descents without decay are held against it: "
    "with the rate that gives each row the effective rate that it had with decay, with the growing rate, and with η unchanged. The controls: "
    "the descent with decay from first weights whose last digits differ, and all of it without BN. Apart: the largest |J − J′|/max(J, J′).",
    run=run,
    report=report,
    verdict="agrees, to rounding, until chaos has made the rounding large",
    tolerance=2.0,
)
