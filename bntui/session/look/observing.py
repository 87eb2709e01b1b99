"""`observe(history, standing, detail) → snapshot`: everything that a face may show of the cursor's moment."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from bntui.maths.anatomy import Orders, closed_form_orders, orders
from bntui.maths.arrays import Array
from bntui.maths.chain import LayerChain, read_chain
from bntui.maths.kinds.normalizations import Normalization
from bntui.maths.names import WEIGHT, Name
from bntui.maths.norms import norm
from bntui.maths.path import follow
from bntui.maths.sizes import LayerSizes, sizes
from bntui.scenario.model.actions import Reset, Shown, Twin
from bntui.scenario.model.pictures import Picture
from bntui.scenario.model.vocabulary import REMEMBERED
from bntui.session.look.fitting import fit_of
from bntui.session.look.layers import activations_at_start, layer_activations, layer_numbers
from bntui.session.look.scoring import accuracy, on_all, on_held_out
from bntui.session.look.snapshot import Detail, Eigenvalues, LossTrail, Meters, Snapshot
from bntui.session.look.standing import Focus, LessonStanding, Mark, Standing
from bntui.session.run.branches import Branch
from bntui.session.run.experiment import Experiment
from bntui.session.run.history import History
from bntui.session.run.moment import Moment, Vitals

STANDING = tuple(field.name for field in fields(Standing))
_NO_TRAIL = LossTrail(np.empty(0), np.empty(0), np.empty(0))
LAST_DIGITS = 2.0**-50  # what rounding moves a number by, a few times over


class Past(NamedTuple):
    """How a moment came about: what is known of the path to it, and whether nothing but an update led from the one before."""

    trail: LossTrail
    leads_since: int | None
    by_update: bool


def stand(
    history: History,
    title: str,
    focus: Focus,
    action: str | None,
    view: Shown,
    quantity: str,
    lesson: LessonStanding | None,
    lit: tuple[str, ...] = (),
    picture: Picture | None = None,
) -> Standing:
    """Where the session stands; `action` is the name of the action that led there."""
    experiment, moment = history.experiment, history.moment
    network = experiment.network(moment)
    return Standing(
        title=title,
        step=moment.step,
        last_step=history.last_step,
        action=action,
        learning_rate=experiment.rate_in_force(moment),
        base_rate=moment.learning_rate,
        rates_by_name=moment.rates_by_name,
        optimizer=moment.optimizer,
        mode=moment.mode,
        switching=moment.switching,
        architecture=experiment.architecture,
        kinds=tuple(network.kinds.items()),
        at_hand=_at_hand(experiment, moment),
        skips=network.structure.skips,
        parameter_names=network.layout.names,
        samples=experiment.batches.samples,
        full_batch=experiment.batches.size is None,
        training_samples=len(experiment.batches.inputs),
        held_out_samples=0 if experiment.held_out is None else experiment.held_out.samples,
        focus=focus,
        marks=_marks(history),
        view=view,
        quantity=quantity,
        lesson=lesson,
        lit=lit,
        picture=picture,
    )


def _standing_of(experiment: Experiment, moment: Moment, standing: Standing) -> Standing:
    """Where another moment or a twin stands: in everything but its own step and settings where the session does."""
    network = experiment.network(moment)
    return replace(
        standing,
        step=moment.step,
        learning_rate=experiment.rate_in_force(moment),
        base_rate=moment.learning_rate,
        rates_by_name=moment.rates_by_name,
        optimizer=moment.optimizer,
        mode=moment.mode,
        switching=moment.switching,
        kinds=tuple(network.kinds.items()),
        at_hand=_at_hand(experiment, moment),
        skips=network.structure.skips,
        parameter_names=network.layout.names,
    )


def _at_hand(experiment: Experiment, moment: Moment) -> tuple[tuple[str, Normalization], ...]:
    """Each layer with the kind that it is normalized in, or would be."""
    now = experiment.network(moment).kinds
    names = (layer.name for layer in experiment.architecture.layers)
    return tuple((name, now.get(name) or experiment.kind_of(moment, name)) for name in names)


def observe(history: History, standing: Standing, detail: Detail) -> Snapshot:
    """The snapshot of the cursor's moment, with its twin's in it where there is one."""
    # the earlier moment first: of a large network only the newest evaluation is kept
    earlier = None if detail.lean and not detail.orders else history.before()
    twin = history.moment.twin
    snapshot = None
    if twin is not None:
        before = None if earlier is None else earlier.twin
        beside = _standing_of(history.experiment, twin, standing)
        snapshot = _observe_moment(history.experiment, twin, before, beside, detail, _past(history, detail, of_twin=True))
    past = _past(history, detail, of_twin=False)
    return _observe_moment(history.experiment, history.moment, earlier, standing, detail, past, snapshot)


def observe_apart(
    experiment: Experiment, moment: Moment, earlier: Moment | None, standing: Standing, detail: Detail
) -> Snapshot:
    """The snapshot of any moment and its twin, without the path that led there; `earlier` is what an update led from."""
    snapshots = []
    for one, before in ((moment.twin, None if earlier is None else earlier.twin), (moment, earlier)):
        if one is not None:
            past = Past(_NO_TRAIL, None, before is not None)
            snapshots.append(_observe_moment(experiment, one, before, _standing_of(experiment, one, standing), detail, past))
    *twin, own = snapshots
    return replace(own, twin=twin[0] if twin else None)


def observe_alone(experiment: Experiment, moment: Moment, standing: Standing, detail: Detail) -> Snapshot:
    """The snapshot of any moment, without its twin and the path that led there, as `standing` looks at it."""
    past = Past(_NO_TRAIL, None, by_update=False)
    return _observe_moment(experiment, moment, None, _standing_of(experiment, moment, standing), detail, past)


def _past(history: History, detail: Detail, of_twin: bool) -> Past:
    if detail.lean:
        return Past(_NO_TRAIL, None, history.led_by_update)
    moment = history.moment.twin if of_twin else history.moment
    assert moment is not None
    trail = _loss_trail(history, history.experiment.vitals(moment).loss, of_twin)
    return Past(trail, history.leads_since(), history.led_by_update)


def _observe_moment(
    experiment: Experiment,
    moment: Moment,
    earlier: Moment | None,
    standing: Standing,
    detail: Detail,
    past: Past,
    twin: Snapshot | None = None,
) -> Snapshot:
    focus = standing.focus
    before = None if earlier is None else experiment.vitals(earlier)
    # what diverged beside a twin was left as it was
    updated = earlier if detail.orders and past.by_update and moment.diverged_at is None else None
    network, vitals = experiment.network(moment), experiment.vitals(moment)
    return Snapshot(
        **{name: getattr(standing, name) for name in STANDING},
        loss=vitals.loss,
        accuracy=accuracy(experiment, moment),
        loss_before=None if before is None else before.loss,
        starting_loss=float(experiment.starting_loss),
        loss_rounding=0.0 if detail.lean else _loss_rounding(experiment, moment),
        loss_otherwise=None if detail.lean else _loss_otherwise(experiment, moment),
        diverged=vitals.diverged,
        diverged_at=_diverged_at(moment, vitals),
        leads_since=past.leads_since,
        chains=_chains_in_focus(experiment, moment, focus) or vitals.chains,
        layers=() if detail.lean else layer_numbers(experiment, moment, vitals, before),
        trail=past.trail,
        twin=twin,
        difference=moment.difference,
        orders=None if updated is None else _orders(experiment, updated, moment),
        closed_orders=None if updated is None else _closed_orders(experiment, updated, moment),
        meters=_meters(experiment, moment, detail),
        activations=layer_activations(experiment, moment, focus.layer) if detail.activations else None,
        activations_at_start=activations_at_start(experiment, focus.layer) if detail.activations else None,
        sizes=_sizes(experiment, moment, focus.sample) if detail.sizes else (),
        eigenvalues=_eigenvalues(experiment, moment, detail),
        parameters=_arrays(network.layout.views(moment.state.theta)) if detail.arrays else (),
        gradients=_arrays(network.layout.views(experiment.evaluate(moment).gradient)) if detail.arrays else (),
        fit=fit_of(experiment, moment) if detail.fit else None,
        full=on_all(experiment, moment) if detail.full else None,
        validation=on_held_out(experiment, moment) if detail.validation else None,
        remembered=_remembered(moment) if detail.remembered else (),
    )


def _remembered(moment: Moment) -> tuple[tuple[str, float], ...]:
    """The norm of each vector that the optimizer remembers, by its name in quantities."""
    vectors = zip(moment.optimizer.remembers, moment.state.memory, strict=True)
    return tuple((REMEMBERED[what], norm(vector)) for what, vector in vectors if what in REMEMBERED)


def _loss_rounding(experiment: Experiment, moment: Moment) -> float:
    """J where ŷ differs from y by a few units of the last digit; 0 for the costs that are not sums of squares."""
    cost = experiment.architecture.cost
    if cost.targets != "numbers":
        return 0.0
    _, targets = experiment.batch(moment)
    return float(cost.loss(targets * (1 + LAST_DIGITS), targets))


def _diverged_at(moment: Moment, vitals: Vitals) -> int | None:
    if not vitals.diverged:
        return None
    return moment.step if moment.diverged_at is None else moment.diverged_at


def _chains_in_focus(experiment: Experiment, moment: Moment, focus: Focus) -> tuple[LayerChain, ...] | None:
    """The chains of one sample or of one path of units; None where the whole batch and every unit are read."""
    if not focus.units and focus.sample is None:
        return None
    network, evaluation = experiment.network(moment), experiment.lend(moment, signals=True)
    if focus.units:
        network, evaluation = follow(network, evaluation, moment.state.theta, dict(focus.units))
    return read_chain(network, evaluation, focus.sample)


def _loss_otherwise(experiment: Experiment, moment: Moment) -> float | None:
    """J on the same batch in the other mode, where running estimates make a difference and the network is quick."""
    network = experiment.network(moment)
    if experiment.is_large or not any(kind.running for kind in network.kinds.values()):
        return None
    other = replace(moment, mode="eval" if moment.mode == "train" else "train", twin=None)
    if network.too_few(experiment.batches.samples, other.mode):
        return None
    return float(experiment.objective(other).loss(moment.state.theta))


def _loss_trail(history: History, loss: float, of_twin: bool) -> LossTrail:
    """J along the path, ending in `loss` at the cursor; a bucket that the path leaves half-way would tell of another future."""
    low, high = array("d"), array("d")
    stretches: list[tuple[int, int, int]] = []  # a session has hundreds: one array for all, where each would cost three
    for branch, walked in _path_of_twin(history) if of_twin else history.path():
        trail = branch.twin_trail if of_twin else branch.trail
        if trail.count <= walked + 1:
            whole = len(trail.low)
            low += trail.low
            high += trail.high
        else:
            whole = (walked + 1) // trail.stride
            low += trail.low[:whole]
            high += trail.high[:whole]
        stretches.append((branch.first_step, trail.stride, whole))
    first, stride, count = np.array(stretches, dtype=np.float64).T
    begin = np.cumsum(count) - count
    counts = count.astype(np.intp)
    steps: Array = np.repeat(first - stride * begin, counts) + np.repeat(stride, counts) * np.arange(len(low))
    if not count[-1] or steps[-1] < history.step:
        steps = np.concatenate((steps, [float(history.step)]))
        low.append(loss)
        high.append(loss)
    return LossTrail(steps, np.array(low), np.array(high))


def _path_of_twin(history: History) -> list[tuple[Branch, int]]:
    """The path from where the present twin was made: before it was another one, or none."""
    path = history.path()
    return path[max(index for index, (branch, _) in enumerate(path) if isinstance(branch.action, Twin | Reset)) :]


def _marks(history: History) -> tuple[Mark, ...]:
    signed = sorted([*history.jumps(), *history.signs()], key=itemgetter(0))
    return tuple(Mark(step, sign) for (step, sign), _ in groupby(signed))  # what was done ten times at a step is one mark there


def _orders(experiment: Experiment, earlier: Moment, moment: Moment) -> Orders:
    """The anatomy of the update that led from the moment before to this one, on that update's batch."""
    theta = earlier.state.theta
    with np.errstate(all="ignore"):
        step = moment.state.theta - theta
        # the difference is rounded: θ + s may be another number than θ′
        known = experiment.batches.size is None and moment.mode == "train" and np.array_equal(theta + step, moment.state.theta)
    look = experiment.lend if experiment.evaluations_kept > 1 else experiment.evaluate  # where one is lent, not two at once
    arrived = look(moment).forward if known else None
    return orders(experiment.objective(earlier), theta, step, experiment.lend(earlier, signals=True), arrived)


def _closed_orders(experiment: Experiment, earlier: Moment, moment: Moment) -> tuple[float, ...] | None:
    """The orders of Δŷ at x = 1 of a one-unit linear chain without bias and BN; None for any other network."""
    architecture, structure = experiment.architecture, earlier.state.structure
    plain = all(layer.units == 1 and layer.is_linear for layer in architecture.layers)
    if not plain or architecture.inputs != 1 or structure.normalized or structure.biased:
        return None
    with np.errstate(all="ignore"):
        steps = moment.state.theta - earlier.state.theta
        return tuple(float(order) for order in closed_form_orders(earlier.state.theta, steps, 1.0))


def _meters(experiment: Experiment, moment: Moment, detail: Detail) -> Meters | None:
    if not detail.meters:
        return None
    from bntui.session.look.measuring import meters_of  # noqa: PLC0415 - who measures nothing does not wait for it

    return meters_of(experiment, moment, detail.curvature)


def _eigenvalues(experiment: Experiment, moment: Moment, detail: Detail) -> Eigenvalues | None:
    if not detail.eigenvalues or not detail.curvature:
        return Eigenvalues() if detail.eigenvalues else None
    from bntui.session.look.measuring import eigenvalues_of  # noqa: PLC0415 - as above

    return eigenvalues_of(experiment, moment, lambda: False)


def _sizes(experiment: Experiment, moment: Moment, sample: int | None) -> tuple[LayerSizes, ...]:
    inputs, _ = experiment.batch(moment)
    return sizes(experiment.network(moment), moment.state.theta, moment.state.running, inputs, moment.mode, sample)


def _arrays(views: Mapping[Name, Array]) -> tuple[tuple[Name, Array], ...]:
    return tuple(
        (name, view if name.part == WEIGHT else view[0]) for name, view in views.items()
    )
