"""The memory that surveys need beside the session itself."""

from __future__ import annotations

from bntui.maths import memory
from bntui.maths.architecture import Architecture
from bntui.maths.curvature import ITERATIONS
from bntui.maths.landscape import AT_ONCE, MEASURED
from bntui.maths.sweep import runs_at_once

OF_A_RUN = 700  # bytes: its numbers, twice while the tables are written anew, its rates, its place in the order, all of it as text


def landscape_bytes(
    architecture: Architecture, samples: int, remembered: int, of_a_moment: int = memory.OF_A_MOMENT
) -> int:
    """A landscape with an experiment of its own, which remembers the states of that number of steps."""
    vector = memory.NUMBER * memory.parameters(architecture)
    evaluation = memory.evaluation(architecture, samples)
    along = AT_ONCE * (memory.forward(architecture, samples) + vector)
    most = max(memory.curvature(architecture, samples, ITERATIONS), evaluation + along, MEASURED * (evaluation + vector))
    return evaluation + most + (of_a_moment * remembered + memory.MOMENTS) * vector


def sweep_bytes(
    variants: list[Architecture],
    samples: int,
    seeds: int,
    of_a_moment: int = memory.OF_A_MOMENT,
    sides: int = 2,
    workers: int = 1,
    rates: int = 1,
) -> int:
    """A sweep over networks, each on some sides: the first states of all of them, what is told of every run, and the largest
    one's runs on every core."""
    told = OF_A_RUN * rates * seeds * sides * len(variants)
    kept = told + sum(sides * (of_a_moment + 1) * seeds * memory.NUMBER * memory.parameters(variant) for variant in variants)
    running = (memory.descents(variant, samples, 0, runs_at_once(variant, samples), of_a_moment) for variant in variants)
    own = memory.evaluation(variants[0], samples)
    return own + kept + workers * max(running)


def growth_bytes(architecture: Architecture, samples: int) -> int:
    """The networks of a growth, one with BN and one without: drawn weights, parameters, θ, its velocity."""
    return 2 * memory.evaluation(architecture, samples) + 5 * memory.NUMBER * memory.parameters(architecture)
