"""What a lesson expects, measured: quantities over the whole batch, wherever the person looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.model.vocabulary import METERS
from bntui.session.quantities import UnknownQuantity, Value, resolve
from bntui.session.snapshot import Detail, Snapshot

MEASURED = (*METERS, "effective_rate", "update_ratio", "angle")


class Observed(Protocol):
    """What can be measured: a session."""

    def observe(self, detail: Detail, whole_batch: bool = False) -> Snapshot:
        """What can be said now."""


def needed(names: Iterable[str]) -> Detail:
    """What has to be observed for these quantities."""
    own = [name.removeprefix("twin.").removeprefix("ratio.") for name in names]
    families = {name.partition(".")[0] for name in own}
    return Detail(
        orders="order" in families,
        meters=not families.isdisjoint(MEASURED),
        arrays=not families.isdisjoint(("gradient", "parameter")),
    )


def measure(session: Observed, names: Iterable[str]) -> dict[str, Value]:
    """The values of these quantities; None for one that does not exist at this moment."""
    wanted = tuple(names)
    snapshot = session.observe(needed(wanted), whole_batch=True)
    return {name: _value(name, snapshot) for name in wanted}


def hold(comparisons: Mapping[str, Comparison], session: Observed) -> bool:
    """Whether every comparison holds now."""
    values = measure(session, comparisons)
    return all(comparison.holds(values[name]) for name, comparison in comparisons.items())


def _value(name: str, snapshot: Snapshot) -> Value:
    try:
        return resolve(name, snapshot, snapshot.twin)
    except UnknownQuantity:
        return None
