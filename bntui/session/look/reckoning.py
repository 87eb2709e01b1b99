"""The memory that surveys and views need beside the session itself, and the refusal of what needs too much."""

from __future__ import annotations

import math

from bntui.maths import memory
from bntui.maths.architecture import Architecture
from bntui.maths.curvature import ITERATIONS, LARGEST
from bntui.maths.landscape import AT_ONCE, MEASURED
from bntui.maths.sweep import runs_at_once
from bntui.scenario.reading.memory import too_much
from bntui.session.look.fitting import LINE, MOST_POINTS, PLANE
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal

OF_A_RUN = 700  # bytes: its numbers, twice while the tables are written anew, its rates, its place in the order, all of it as text


def require(needed: int, what: str) -> None:
    """Refuse what needs more memory than is allowed. Raises Refusal."""
    sentence = too_much(needed, what)
    if sentence is not None:
        raise Refusal(sentence)


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


def observing_bytes(architecture: Architecture, samples: int, detail: Detail, training: int = 0, held_out: int = 0) -> int:
    """What a view shows beside the chain of a batch; 0 where it shows nothing else.

    There are `training` samples in all, and `held_out` that are not trained on.
    """
    evaluation, product = memory.evaluation(architecture, samples), memory.hessian_product(architecture, samples)
    needed = [0]
    if detail.activations or detail.sizes:
        needed.append(memory.forward(architecture, samples))
    if detail.orders:
        needed.append(evaluation + product + memory.forward(architecture, samples))
    if detail.fit:
        needed.append(memory.forward(architecture, max(*(math.prod(each) for each in ((LINE,), PLANE)), MOST_POINTS)))
    if detail.track:
        needed.append(2 * evaluation)
    if detail.full and training > samples:
        needed.append(memory.forward(architecture, training))
    if detail.validation:
        needed.append(memory.forward(architecture, held_out))
    if detail.meters:
        needed.append(3 * memory.NUMBER * memory.parameters(architecture))
    if detail.meters and detail.curvature:
        needed.append(curvature_bytes(architecture, samples))
    if detail.eigenvalues and detail.curvature:
        needed.append(eigenvalues_bytes(architecture, samples))
    return max(needed)


def curvature_bytes(architecture: Architecture, samples: int) -> int:
    """The curvature of a moment and what is measured with it."""
    return memory.curvature(architecture, samples, ITERATIONS)


def eigenvalues_bytes(architecture: Architecture, samples: int) -> int:
    """The eigenvalues of a moment with their vectors: the vectors of one Krylov space are there while another is made."""
    size = memory.parameters(architecture)
    vectors = min(ITERATIONS, size) + 3 * min(LARGEST + 1, size)
    return curvature_bytes(architecture, samples) + vectors * memory.NUMBER * size
