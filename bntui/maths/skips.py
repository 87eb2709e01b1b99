"""Skip connections: what a layer puts out is kept beside the chain, and added to what a later layer puts out.

a_l = g(norm(z_l)) + a_k, where k is before l. The sum stands after the activation, and nothing stands in the way of a_k: the
identity path of He et al. 2016b (eq. 3; one layer is their Figure 4c, "ReLU before addition"). On the way back the signal at the
join goes on into the layers of the branch and, unchanged, round them; at the fork the two are added (their eq. 5):

    ∂J/∂a_k = (what comes back through the branch) + ∂J/∂a_l

Both are linear: what they do to a signal they do to its change along a direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from itertools import groupby
from typing import ClassVar

import numpy as np

from bntui.maths.architecture import INPUTS, Architecture
from bntui.maths.arrays import Array, Mode, Parameters
from bntui.maths.link import NEW, Kept, Link, Outs
from bntui.maths.names import COST, SKIP, WEIGHT, Name
from bntui.maths.stages import Stage
from bntui.maths.tape import Do, at_once
from bntui.records import dataclass

Beside = MutableMapping[str, Array]  # what is under way round a branch, by the layer whose output was kept


@dataclass(frozen=True, slots=True)
class Fork:
    """Where the output of `source` is kept on the way forward, and what came round is added on the way back.

    `layer` is the first of the branch, which gives the `factor` its name; what comes round left the chain after the factors `left`.
    """

    layer: str
    source: str
    factor: Name
    left: tuple[Name, ...]
    keeps_input: ClassVar[bool] = True
    keeps_output: ClassVar[bool] = True

    def ahead(self, signal: Array, beside: Beside, out: Array | None = None, do: Do = at_once) -> Array:
        """The signal itself, kept."""
        beside[self.source] = signal
        return signal

    def back(self, signal: Array, beside: Beside, out: Array | None = None, do: Do = at_once) -> Array:
        """The sum of what comes back through the branch and what came round it."""
        return do(np.add, signal, beside[self.source], out)


@dataclass(frozen=True, slots=True)
class Join:
    """Where the output of `source` is added to that of `layer` on the way forward; on the way back the signal goes both ways."""

    layer: str
    source: str
    keeps_input: ClassVar[bool] = False
    keeps_output: ClassVar[bool] = False

    def ahead(self, signal: Array, beside: Beside, out: Array | None = None, do: Do = at_once) -> Array:
        """The sum of the branch and what was kept."""
        return do(np.add, signal, beside[self.source], out)

    def back(self, signal: Array, beside: Beside, do: Do = at_once) -> Array:
        """The signal itself, which also goes round, with what goes round to the same fork already."""
        known = beside.get(self.source)
        beside[self.source] = signal if known is None else do(np.add, known, signal, None)
        return signal


Skip = Fork | Join
AnyStage = Stage | Skip


def forward(
    stage: AnyStage,
    signal: Array,
    parameters: Parameters,
    running: Parameters,
    mode: Mode,
    beside: Beside,
    out: Array | None = None,
    free: bool = False,
    do: Do = at_once,
) -> tuple[Array, Kept]:
    """A stage's forward step: what goes on, and what is kept for the way back."""
    if isinstance(stage, Skip):
        return stage.ahead(signal, beside, signal if free else out, do), None
    outgoing, kept = stage.forward(signal, parameters, running, mode, out, free, do)
    return outgoing, kept


def backward(
    stage: AnyStage,
    signal: Array,
    kept: Kept,
    parameters: Parameters,
    gradients: Parameters,
    beside: Beside,
    outs: Outs = NEW,
    do: Do = at_once,
) -> list[Link]:
    """A stage's backward step: the links that it adds to the chain, none where it passes the signal on."""
    if isinstance(stage, Fork):
        return [Link(stage.factor, stage.back(signal, beside, next(outs), do), added=beside[stage.source])]
    if isinstance(stage, Join):
        stage.back(signal, beside, do)
        return []
    return stage.backward(signal, kept, parameters, gradients, outs, do)


def forward_along(
    stage: AnyStage, change: Array, kept: Kept, parameters: Parameters, direction: Parameters, beside: Beside
) -> tuple[Array, Kept]:
    """How a stage's forward step changes along a direction, and what `backward_along` will need."""
    if isinstance(stage, Skip):
        return stage.ahead(change, beside), None
    return stage.forward_along(change, kept, parameters, direction)


def backward_along(
    stage: AnyStage,
    signal: Array,
    change: Array,
    kept: Kept,
    kept_change: Kept,
    parameters: Parameters,
    direction: Parameters,
    products: Parameters,
    beside: Beside,
) -> Array:
    """How a stage's backward step changes along a direction; the changes of its gradients go to `products`."""
    if isinstance(stage, Skip):
        return stage.back(change, beside)
    return stage.backward_along(signal, change, kept, kept_change, parameters, direction, products)


def with_skips(architecture: Architecture, stages: Iterable[Stage]) -> Iterator[AnyStage]:
    """The stages of a network in their order, with a fork before the first stage of each branch and a join after its last."""
    before, forked = INPUTS, architecture.forked
    for layer, (name, own) in zip(architecture.layers, groupby(stages, key=lambda stage: stage.layer), strict=True):
        if before in forked:
            left = tuple(_reached_after(architecture, target) for target in reversed(forked[before]))
            yield Fork(name, before, Name(name, SKIP), left)
        yield from own
        if layer.skip_from is not None:
            yield Join(name, layer.skip_from)
        before = name


def _reached_after(architecture: Architecture, layer: str) -> Name:
    """The factor after which the signal at a layer's output stands, on the way back from the cost."""
    place = architecture.position(layer) + 1
    if place == len(architecture.layers):
        return COST
    return Name(architecture.layers[place].name, SKIP if layer in architecture.forked else WEIGHT)
