"""What a beat may show: quantities and charts, the view in which each stands, and the layers in whose chain it is.

A small screen has room for one view at a time beside header and ledger: what stands in two of them cannot be shown at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from bntui.maths.architecture import Architecture
from bntui.maths.names import INPUT, WEIGHT
from bntui.records import dataclass
from bntui.scenario.model.actions import Shown
from bntui.scenario.model.vocabulary import unknown_quantity
from bntui.scenario.text.wording import listing, shown, suggestion

CHART = "chart."
CHARTS: tuple[Shown, ...] = (
    "layers", "loss", "step", "meters", "activations", "forward", "eigenvalues", "history", "fit", "formula"
)
IN_HEADER = ("step", "loss", "learning_rate", "diverged", "twin.loss")
IN_LEDGER = ("factor", "gain", "product", "skip")
IN_METERS = ("curvature", "stable_rate", "rate_over_stable", "weight", "scale", "pair", "effective_rate", "angle")


@dataclass(frozen=True, slots=True)
class Look:
    """Where all that a beat shows is seen: the view, None where any will do, what a history is of, and the layers to look at."""

    view: Shown | None
    quantity: str | None
    layers: tuple[str, ...]


def unknown_shown(name: str, architecture: Architecture, held_out: bool) -> str | None:
    """What is wrong with the name of a thing to show, or None where nothing is."""
    if name.startswith(CHART):
        chart = name.removeprefix(CHART)
        if chart in CHARTS:
            return None
        return f"unknown chart {shown(chart)}; allowed after {CHART}: {listing(CHARTS)}{suggestion(chart, CHARTS)}"
    wrong = unknown_quantity(name, architecture, held_out)
    if wrong is None:
        return None
    charts = [f"{CHART}{chart}" for chart in CHARTS]
    return f"{wrong}; or a chart: {listing(charts)}{suggestion(name, charts)}"


def look_at(names: Sequence[str], architecture: Architecture) -> Look | str:
    """Where known names are seen together; a sentence where they cannot be."""
    views: dict[Shown, str] = {}
    for name in names:
        view = view_of(name)
        if view is not None:
            views.setdefault(view, name)
    if "layers" in views:
        views.pop("loss", None)  # which stands beside it
    if len(views) > 1:
        (one, first), (other, second), *_ = views.items()
        return f"{first} stands in the view {one} and {second} in {other}; allowed: what one of them shows"
    histories = [name for name in names if view_of(name) == "history" and not name.startswith(CHART)]
    if len(histories) > 1:
        return f"{histories[0]} and {histories[1]} are two histories; allowed: one of them"
    every = layers = tuple(layer.name for layer in architecture.layers)
    for place, name in enumerate(names):
        found = tuple(layer for layer in layers if layer in _layers_of(name, every))
        if not found:
            return f"no chain has {' and '.join(names[: place + 1])}; allowed: what stands in one layer's chain"
        layers = found
    return Look(next(iter(views), None), next(iter(histories), None), layers)


def view_of(name: str) -> Shown | None:
    """The view in which a name is seen; None where it stands in header or ledger, `history` where nothing else has its number."""
    if name.startswith(CHART):
        return next(chart for chart in CHARTS if name == f"{CHART}{chart}")
    family, _, rest = name.partition(".")
    if name in IN_HEADER or family in IN_LEDGER or _is_weight("gradient", name):
        return None
    if family in IN_METERS or _is_weight("parameter", name):
        return "meters"
    if family == "order" and rest != "kinks":
        return "step"
    return "eigenvalues" if family in ("eigenvalue", "mean_share") else "history"


def _is_weight(family: str, name: str) -> bool:
    return name.startswith(f"{family}.") and name.endswith(f".{WEIGHT}")


def _layers_of(name: str, layers: tuple[str, ...]) -> tuple[str, ...]:
    """The layers of which the open chain shows this: a gain below its layer, a weight's gradient in its own chain alone."""
    family, _, rest = name.partition(".")
    layer, _, part = rest.partition(".")
    if layer not in layers:
        return layers
    below = layers[: layers.index(layer)]
    if family == "product" or _is_weight("gradient", name) or (family == "factor" and part == INPUT):
        return (layer,)
    if family in ("gain", "skip") or (family == "factor" and part == WEIGHT):
        return below
    return (*below, layer) if family == "factor" else layers
