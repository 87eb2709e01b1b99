"""The meters explained, by the quantity's name or the column's, with the numbers of this moment where they have been measured."""

from __future__ import annotations

from collections.abc import Callable

from bntui.maths.names import WEIGHT, Name
from bntui.session.look.snapshot import LayerNumbers, Meters, Snapshot
from bntui.views.explain.explanation import Explanation
from bntui.views.text.numbers import brief, signed

CLOSE = 0.1  # of what a step did: as near the quadratic foretells it well
EDGE = ("edge-of-stability",)


def _measured(meters: Meters | None, value: float | None, text: str) -> str:
    if meters is None:
        return "key 4 measures it"
    return "being measured" if meters.curvature is None else text if value is not None else "none here"


def _curvature(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else meters.curvature
    bound = "" if meters is None or meters.curvature_found else "at least "
    return Explanation(
        "curvature λ_max",
        "How sharply J bends where it bends most: the largest eigenvalue of its Hessian H (of D^½HD^½ where rates differ by "
        "parameter). Along that direction a step of η multiplies the distance to the valley's ground by 1 − ηλ.",
        _measured(meters, value, f"λ_max = {bound}{brief(value)}"),
        lessons=EDGE,
    )


def _stable_rate(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else meters.stable_rate
    curvature = None if meters is None else meters.curvature
    return Explanation(
        "stable rate",
        f"The largest η at which descent settles in a valley so curved, were J a quadratic: {snapshot.optimizer.stable_formula}.",
        _measured(meters, value, f"{snapshot.optimizer.stable_formula} = {brief(value)}, λ_max = {brief(curvature)}"),
        "J is no quadratic: descent often goes on at larger rates, for the curvature changes with every step.",
        EDGE,
    )


def _rate_over_stable(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value, stable = (None, None) if meters is None else (meters.rate_over_stable, meters.stable_rate)
    return Explanation(
        "η / stable rate",
        "Where η stands: the bar is full at 1, beyond which a quadratic would diverge.",
        _measured(meters, value, f"{brief(snapshot.learning_rate)}/{brief(stable)} = {brief(value)}"),
        "Descent on all data often drives it up to 1 and hovers there: the edge of stability.",
        EDGE,
    )


def _believed(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    coming = None if meters is None else meters.coming
    now = why = ""
    if coming is not None:
        foretold = coming.first + coming.second
        now = f"first {signed(coming.first)}, second {signed(coming.second)}: {signed(foretold)}; the step {signed(coming.actual)}"
        near = abs(foretold - coming.actual) <= CLOSE * abs(coming.actual)
        apart, form = ("Near", "is nearly") if near else ("Far from", "is not")
        why = f"{apart} each other: over a step as long as this J {form} a quadratic."
    says = "ΔJ of the next step as first and second order foretell it, and as it will be."
    return Explanation("quadratic …, step …", says, now, why)


def _along(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else meters.gradient_curvature
    return Explanation(
        "along the gradient κ",
        "How sharply J bends in the direction of the gradient, gᵀHg/gᵀg: at most λ_max.",
        _measured(meters, value, f"κ = {brief(value)}"),
        lessons=("does-it-smooth",),
    )


def _cancelling(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else meters.rate_over_cancelling
    return Explanation(
        "η·κ/2",
        "The share of what the slope promises that the second order takes back: at 1 all of it.",
        _measured(meters, value, f"{brief(snapshot.learning_rate)}·κ/2 = {brief(value)}"),
        "With adam there is none: its step does not lie along the gradient.",
        ("orders-of-a-step",),
    )


def _spherical(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else meters.spherical_sharpness
    return Explanation(
        f"λ_max·‖w‖² in {snapshot.short}",
        "The curvature times the squared length of the weights whose length makes no difference. Longer weights alone lower λ_max: "
        "this number tells flatter from longer.",
        _measured(meters, value, brief(value)),
        lessons=("growing-weights",),
    )


def _weight(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    return Explanation(
        "‖W‖",
        "The length of the layer's weights: the root of the sum of all their squares.",
        f"{numbers.layer}: {brief(numbers.weight)}",
        "Under BN before a ReLU or none, plain descent can only lengthen it, but for ε and a bias.",
        ("growing-weights",),
    )


def _scale(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    units = snapshot.architecture.layer(numbers.layer).units
    return Explanation(
        "γ/σ",
        "By what normalization multiplies, as one number for the layer: the norm over its units. Of weight norm it is γ/‖w‖.",
        "" if numbers.scale is None else f"{numbers.layer}: {brief(numbers.scale)} over {units} units",
        "The ledger's row is another number: there each unit is weighed by its signal. Of n equal units the norm is √n times γ/σ.",
        ("scale-invariance",),
    )


def _pair(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    return Explanation(
        "W·γ/σ",
        "What a signal meets in the layer: each row's ‖w‖ times its γ/σ, the norm over the units. Larger weights make a larger σ: "
        "in this product the size of w cancels.",
        "" if numbers.pair is None else f"{numbers.layer}: {brief(numbers.pair)}",
        "With running estimates or ε above the variance it does not cancel.",
        ("scale-invariance",),
    )


def _effective(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else dict(meters.effective_rates).get(numbers.layer)
    return Explanation(
        "η/‖w‖²",
        f"The effective rate of weights whose length makes no difference, {snapshot.optimizer.effective_formula}: how far a step "
        "turns them. The median over the rows.",
        "" if value is None else f"{numbers.layer}: {brief(value)}",
        "It falls as the weights grow.",
        ("frozen-layer", "growing-weights"),
    )


def _turns(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else dict(meters.angles).get(numbers.layer)
    says = "By how many degrees the next step turns a row of W, the median over the rows."
    now = "" if value is None else f"{numbers.layer}: {brief(value)}°"
    return Explanation("turns °", says, now, lessons=("frozen-layer", "growing-weights"))


def _update(snapshot: Snapshot, meters: Meters | None, numbers: LayerNumbers) -> Explanation:
    value = None if meters is None else dict(meters.update_ratios).get(Name(numbers.layer, WEIGHT))
    says = "How much of itself W changes in the next step: ‖s‖/‖W‖, s = −η·∂J/∂W in plain descent."
    return Explanation("update/W", says, "" if value is None else f"{numbers.layer}: {brief(value)}")


# by the quantity's name or the column's
METERS: dict[str, Callable[[Snapshot, Meters | None, LayerNumbers], Explanation]] = {
    "curvature": _curvature,
    "stable_rate": _stable_rate,
    "rate_over_stable": _rate_over_stable,
    "coming": _believed,
    "gradient_curvature": _along,
    "rate_over_cancelling": _cancelling,
    "spherical_sharpness": _spherical,
    "‖W‖": _weight,
    "γ/σ": _scale,
    "W·γ/σ": _pair,
    "η/‖w‖²": _effective,
    "turns °": _turns,
    "update/W": _update,
}
