"""Quantities by name: one resolver for a lesson's expectations, the trace and the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Protocol

from bntui.maths.norms import norm
from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.model.vocabulary import ACCURACIES, EIGENVALUES, FULL, METERS, ORDERS, VALIDATION, parted
from bntui.session.look.snapshot import Detail, Snapshot

Value = float | bool | None


def quantities(snapshot: Snapshot) -> dict[str, Value]:
    """Every quantity that the snapshot has, by name.

    `gradient.<parameter>` and `parameter.<parameter>` are norms and need the snapshot's arrays; `factor.<factor>` is
    the factor's value, `product.<layer>` the whole product, None where a number does not exist.
    """
    found: dict[str, Value] = {
        "step": snapshot.step,
        "loss": snapshot.loss,
        "learning_rate": snapshot.learning_rate,
        "base_rate": snapshot.base_rate,
        "momentum": snapshot.momentum,
        "epoch": snapshot.epoch,
        "diverged": snapshot.diverged,
    }
    found |= _scores(snapshot)
    found |= {f"gradient.{name}": norm(array) for name, array in snapshot.gradients}
    found |= {f"parameter.{name}": norm(array) for name, array in snapshot.parameters}
    first = snapshot.chains[0]  # which goes through every layer
    found |= {f"factor.{factor.name}": factor.value for factor in first.trunk.factors[: first.shared]}
    for chain in snapshot.chains:
        found |= {f"factor.{factor.name}": factor.value for factor in chain.own}
        found[f"gain.{chain.layer}"] = chain.gain
        found[f"product.{chain.layer}"] = chain.product
    for before, factor in pairwise(first.factors):
        if factor.added is not None:
            found |= {f"branch.{factor.name.layer}": before.product, f"skip.{factor.name.layer}": factor.added}
    if snapshot.layers:
        found |= _layer_quantities(snapshot)
    found |= {f"sigma.{sizes.layer}": sizes.deviation for sizes in snapshot.sizes}
    found |= {f"remembered.{what}": size for what, size in snapshot.remembered}
    if snapshot.orders is not None:
        found |= {f"order.{part}": getattr(snapshot.orders, part) for part in ORDERS}
        found["order.kinks"] = snapshot.orders.kinks.crossed
    if snapshot.meters is not None:
        found |= {name: getattr(snapshot.meters, name) for name in METERS}
        found |= {f"angle.{name}": angle for name, angle in snapshot.meters.angles}
        found |= {f"effective_rate.{name}": rate for name, rate in snapshot.meters.effective_rates}
        found |= {f"update_ratio.{name}": ratio for name, ratio in snapshot.meters.update_ratios}
    return found | _eigenvalues(snapshot)


def _eigenvalues(snapshot: Snapshot) -> dict[str, Value]:
    """The eigenvalues and their shares along the mean, None what a small network does not have; empty where nobody looks."""
    measured = snapshot.eigenvalues
    if measured is None:
        return {}
    found: dict[str, Value] = {f"{kind}.{place}": None for kind in ("eigenvalue", "mean_share") for place in EIGENVALUES}
    for place, each in (*((str(number), each) for number, each in enumerate(measured.largest, 1)), ("least", measured.least)):
        if each is not None:
            found |= {f"eigenvalue.{place}": each.value, f"mean_share.{place}": each.mean_share}
    return found


def _scores(snapshot: Snapshot) -> dict[str, Value]:
    """Accuracy where there are classes, and J and accuracy on other data than the batch where they were observed."""
    found: dict[str, Value] = {"accuracy": snapshot.accuracy}
    if snapshot.full is not None:
        found |= {"full_loss": snapshot.full.loss, "full_accuracy": snapshot.full.accuracy}
    if snapshot.validation is not None:
        found |= {"validation.loss": snapshot.validation.loss, "validation.accuracy": snapshot.validation.accuracy}
    classes = snapshot.architecture.cost.accuracy is not None
    return {name: value for name, value in found.items() if classes or name not in ACCURACIES}


def _layer_quantities(snapshot: Snapshot) -> dict[str, Value]:
    """What BN and the activation make of each layer, None where there is no BN or no activation."""
    found: dict[str, Value] = {"loss_otherwise": snapshot.loss_otherwise}
    for numbers in snapshot.layers:
        own = {
            "weight": numbers.weight,
            "scale": numbers.scale,
            "pair": numbers.pair,
            "surviving": numbers.surviving,
            "variance": numbers.variance,
            "flat": numbers.flat,
            "dead": numbers.dead_units,
        }
        found |= {f"{name}.{numbers.layer}": value for name, value in own.items()}
    return found


def _ratio(this: Value, other: Value) -> Value:
    if this is None or other is None or other == 0:
        return None
    return this / other


MEASURED = (*METERS, "effective_rate", "update_ratio", "angle")
OF_LAYERS = ("loss_otherwise", "weight", "scale", "pair", "surviving", "variance", "flat", "dead")


class Observed(Protocol):
    """What can be measured: a session."""

    def observe(self, detail: Detail, whole_batch: bool = False) -> Snapshot:
        """What can be said now."""


def needed(names: Iterable[str]) -> Detail:
    """What has to be observed for these quantities."""
    own = [parted(name)[1] for name in names]
    families = {name.partition(".")[0] for name in own}
    meters, curvature = not families.isdisjoint(MEASURED), not families.isdisjoint(METERS)
    eigenvalues = not families.isdisjoint(("eigenvalue", "mean_share"))
    return Detail(
        orders="order" in families,
        meters=meters,
        curvature=curvature or eigenvalues or not meters,
        sizes="sigma" in families,
        eigenvalues=eigenvalues,
        arrays=not families.isdisjoint(("gradient", "parameter")),
        full=not set(own).isdisjoint(FULL),
        validation=not set(own).isdisjoint(VALIDATION),
        remembered="remembered" in families,
        lean=families.isdisjoint(OF_LAYERS),
    )


def measure(session: Observed, names: Iterable[str]) -> dict[str, Value]:
    """The values of these quantities; None for one that does not exist at this moment."""
    wanted = tuple(names)
    return values(wanted, session.observe(needed(wanted), whole_batch=True))


def hold(comparisons: Mapping[str, Comparison], session: Observed) -> bool:
    """Whether every comparison holds now."""
    values = measure(session, comparisons)
    return all(comparison.holds(values[name]) for name, comparison in comparisons.items())


def values(names: Iterable[str], snapshot: Snapshot) -> dict[str, Value]:
    """The values of these quantities, the twin's included; None for one that does not exist at this moment."""
    own = quantities(snapshot)
    beside = {} if snapshot.twin is None else quantities(snapshot.twin)
    found = {}
    for name in names:
        before, rest = parted(name)
        this, other = own.get(rest), beside.get(rest)
        found[name] = _ratio(this, other) if before == "ratio." else other if before else this
    return found
