"""The memory that views need beside the session itself, and the refusal of what needs too much."""

from __future__ import annotations

import math

from bntui.maths import memory
from bntui.maths.architecture import Architecture
from bntui.scenario.reading.memory import too_much
from bntui.session.look.fitting import LINE, MOST_POINTS, PLANE
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal


def require(needed: int, what: str) -> None:
    """Refuse what needs more memory than is allowed. Raises Refusal."""
    sentence = too_much(needed, what)
    if sentence is not None:
        raise Refusal(sentence)


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
    if detail.curvature and (detail.meters or detail.eigenvalues):
        from bntui.session.look import measuring  # noqa: PLC0415 - who measures nothing does not wait for it

        needed.append(measuring.curvature_bytes(architecture, samples))
        if detail.eigenvalues:
            needed.append(measuring.eigenvalues_bytes(architecture, samples))
    return max(needed)
