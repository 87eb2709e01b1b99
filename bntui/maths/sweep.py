"""Descents side by side: all runs of one network shape as one batched computation, a leading axis for the run.

A run that diverges, or comes to rest, leaves the batch, so it can neither slow down nor touch the others. Each run's numbers are
those that it has alone: matmul and the sums treat every leading index by itself.

Of a step nothing is read but J and the gradient, so all signals on the way back are written by turns to two arrays of each shape:
what takes room is what the forward pass keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from bntui.maths.architecture import Architecture
from bntui.maths.arrays import Array, Mode
from bntui.maths.batches import Batches
from bntui.maths.descent import Rates, State, direction, diverged
from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Optimizer
from bntui.maths.kinds.schedules import UNCHANGING, Schedule
from bntui.maths.link import by_turns
from bntui.maths.names import Name
from bntui.maths.network import Evaluation, Layout
from bntui.maths.numeric import Indices, Truths
from bntui.records import dataclass

AT_ONCE = 2**17  # numbers in the largest array of a batch: with fewer, threads wait for the interpreter more than they compute
NEVER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """How runs ended: J on all the data after the last step, or where a run diverged, and at which step (NEVER: it did not).

    `theta` (R, P) are the parameters there.
    """

    loss: Array
    diverged_at: Indices
    theta: Array


def runs_at_once(architecture: Architecture, samples: int) -> int:
    """How many runs are computed side by side: enough that each of numpy's calls takes longer than to say it."""
    widths = (architecture.inputs, *(layer.units for layer in architecture.layers))
    largest = max(samples * max(widths), *(one * other for one, other in pairwise(widths)))
    return max(1, AT_ONCE // largest)


def rate_rows(rates: Sequence[Rates], layout: Layout) -> Array:
    """The rate of every number in θ, a row for each run, before the schedule: (R, P), or (R, 1) where one rate is all's."""
    vectors = [np.atleast_1d(np.asarray(one.vector(layout), dtype=np.float64)) for one in rates]
    return np.stack(vectors)


def descents(
    architecture: Architecture,
    states: State,
    rates: Array,
    batches: Batches,
    steps: int,
    optimizer: Optimizer = PLAIN_DESCENT,
    mode: Mode = "train",
    starting_loss: Array | None = None,
    schedule: Schedule = UNCHANGING,
) -> Generator[int, None, Ends]:
    """Make that many updates of every run, yielding the number made; the last word is how each run ended.

    `states` holds θ (R, P), `rates` is (R, P) or (R, 1). `starting_loss` (R,) is what a diverging J is measured by, each run's
    own first J where it is left out. The running estimates stay as they are: no J of training depends on them.
    Raises TooFewError.
    """
    network = states.network(architecture)
    theta, memory, running = states.theta.copy(), states.memory, states.running
    count, moved = len(theta), np.empty_like(theta)
    # of one run first, from which it is known what all of them need
    over = spare(network.evaluate(theta[:1], running[:1], *batches.at(states.step), mode), count)
    losses, diverged_at = np.full(count, np.nan), np.full(count, NEVER, dtype=np.intp)
    last = np.empty_like(theta)
    alive, loss_before = np.arange(count), np.full(count, np.nan)
    may_rest = batches.size is None and schedule is UNCHANGING
    for made in range(steps + 1):
        step = states.step + made
        inputs, targets = (batches.inputs, batches.targets) if made == steps else batches.at(step)
        evaluation = network.evaluate(theta, running, inputs, targets, mode, over)
        if starting_loss is None:
            starting_loss = evaluation.loss
        ended = diverged(evaluation.loss, evaluation.gradient, starting_loss)
        losses[alive], diverged_at[alive[ended]] = evaluation.loss, step
        if made == steps:
            last[alive] = theta
            break
        with np.errstate(all="ignore"):
            towards, remembered = direction(optimizer, network.layout, theta, evaluation.gradient, memory)
            np.subtract(theta, np.multiply(rates * schedule.share(step), towards, moved), moved)
        if may_rest and (evaluation.loss == loss_before).any():  # where J has moved θ has as well
            ended |= _same((theta, *memory), (moved, *remembered))
        last[alive[ended]] = theta[ended]
        theta, moved, memory, loss_before = moved, theta, remembered, evaluation.loss
        if ended.any():
            going = ~ended
            alive, theta, moved, running = alive[going], theta[going], moved[going], running[going]
            memory = tuple(vector[going] for vector in memory)
            rates, starting_loss, loss_before = rates[going], starting_loss[going], loss_before[going]
        if not alive.size:
            break
        over = spare(evaluation, len(alive))
        yield made + 1
    return Ends(losses, diverged_at, last)


def spare(evaluation: Evaluation, runs: int) -> Evaluation:
    """What the next evaluation, of so many runs, may write over where nothing of this one is read but J and the gradient.

    That is two arrays of each shape for its signals.
    """
    if evaluation.tape is not None and len(evaluation.gradient) == runs:
        return evaluation
    found: dict[int, Array] = {}

    def roomy(array: Array) -> Array:
        if id(array) not in found:  # what is written in place is one array under two names
            found[id(array)] = array[:runs] if len(array) >= runs else np.empty((runs, *array.shape[1:]))
        return found[id(array)]

    links = [link._replace(signal=roomy(link.signal)) for link in by_turns(evaluation.links, 2)]
    forward = evaluation.forward._replace(made=tuple(map(roomy, evaluation.forward.made)))
    return replace(evaluation, forward=forward, links=tuple(links), gradient=roomy(evaluation.gradient), tape=None)


def _same(before: Sequence[Array], after: Sequence[Array]) -> Truths:
    """Which runs are after an update where they were before, in each of their vectors: later updates will not move them either."""
    same = np.ones(before[0].shape[:-1], dtype=bool)
    for one, other in zip(before, after, strict=True):
        if same.any():
            same &= (one == other).all(axis=-1)
    return same


def travelled(layout: Layout, names: Sequence[Name], before: Array, after: Array) -> tuple[Array, Array]:
    """By what factor the norm of some weights has grown, and by how many degrees their rows have turned in the median.

    `before` and `after` hold θ (R, P); both answers are (R,), NaN where there is no weight or it was 0. The angle is Kahan's,
    2·atan2(‖a/‖a‖ − b/‖b‖‖, ‖a/‖a‖ + b/‖b‖‖), exact near 0° and 180° too.
    """
    runs = len(before)
    first, then, angles = np.zeros(runs), np.zeros(runs), [np.empty((runs, 0))]
    with np.errstate(all="ignore"):
        for name in names:
            a, b = layout.views(before)[name], layout.views(after)[name]
            of_a, of_b = _row_norms(a), _row_norms(b)
            first, then = np.hypot(first, _norms(of_a)), np.hypot(then, _norms(of_b))
            a, b = a / of_a[..., np.newaxis], b / of_b[..., np.newaxis]
            angles.append(np.degrees(2 * np.arctan2(_row_norms(a - b), _row_norms(a + b))))
        turned = np.concatenate(angles, axis=1)
        known = np.isfinite(turned).any(axis=1)
        median = np.full(runs, np.nan)
        median[known] = np.nanmedian(turned[known], axis=1)
        return then / first, median


def _row_norms(rows: Array) -> Array:
    """The norm of each row of (R, n, k), scaled first so that no square overflows."""
    scale = np.abs(rows).max(axis=(1, 2), initial=0.0)
    scale = np.where((scale > 0) & np.isfinite(scale), scale, 1.0)[:, np.newaxis]
    return np.sqrt(np.square(rows / scale[..., np.newaxis]).sum(axis=2)) * scale


def _norms(numbers: Array) -> Array:
    """The norm of each row of (R, n)."""
    return _row_norms(numbers[:, np.newaxis])[:, 0]


def side_by_side(state: State, count: int) -> State:
    """The same state `count` times, as a batch."""
    return _each(state, lambda part: np.repeat(part[np.newaxis], count, axis=0))


def stacked(states: Sequence[State]) -> State:
    """States of one structure and step as a batch."""
    first = states[0]
    memory = tuple(np.stack(vectors) for vectors in zip(*(state.memory for state in states), strict=True))
    theta, running = np.stack([state.theta for state in states]), np.stack([state.running for state in states])
    return State(first.step, first.structure, theta, memory, running)


def joined(batches: Sequence[State]) -> State:
    """Batches of states of one structure and step as one batch."""
    first = batches[0]
    memory = tuple(np.concatenate(vectors) for vectors in zip(*(states.memory for states in batches), strict=True))
    theta, running = np.concatenate([one.theta for one in batches]), np.concatenate([one.running for one in batches])
    return State(first.step, first.structure, theta, memory, running)


def chosen(states: State, runs: Indices) -> State:
    """Some runs of a batch, in this order; a run may be named more than once."""
    return _each(states, lambda part: part[runs])


def _each(state: State, change: Callable[[Array], Array]) -> State:
    """The state with every vector changed in the same way."""
    memory = tuple(map(change, state.memory))
    return State(state.step, state.structure, change(state.theta), memory, change(state.running))
