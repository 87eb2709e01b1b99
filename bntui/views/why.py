"""The one line that says why: what a good teacher would point at in this snapshot.

Rules stand in the order of their importance, with their thresholds beside them; the first that applies is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bntui.maths.anatomy import Orders
from bntui.session.snapshot import Snapshot
from bntui.views.numbers import brief, signed, times


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, the threshold beyond which the rule applies, and what is then said of a snapshot; None where it does not."""

    name: str
    threshold: float
    say: Callable[[Snapshot, float], str | None]


def why(snapshot: Snapshot) -> str:
    """The sentence of the first rule that applies."""
    return next(sentence for rule in RULES if (sentence := rule.say(snapshot, rule.threshold)))


def applying(snapshot: Snapshot) -> tuple[str, ...]:
    """The names of all rules that apply, the most important first."""
    return tuple(rule.name for rule in RULES if rule.say(snapshot, rule.threshold))


def _diverged(snapshot: Snapshot, threshold: float) -> str | None:
    if not snapshot.diverged:
        return None
    return f"Diverged at step {snapshot.diverged_at}: J is {brief(snapshot.loss)}. ← goes back.{_largest_gain(snapshot)}"


def _evaluating(snapshot: Snapshot, threshold: float) -> str | None:
    if snapshot.mode != "eval" or not snapshot.normalized:
        return None
    training = f"J {brief(snapshot.loss)}, in training mode {brief(snapshot.loss_otherwise)}."
    return f"Evaluation mode: BN uses running estimates, its factor is γ/σ. {training}"


def _batch_of_two(snapshot: Snapshot, threshold: float) -> str | None:
    if snapshot.samples > threshold or not snapshot.normalized or snapshot.mode == "eval":
        return None
    return "A batch of two: x̂ is ±1 whatever z is, and P is zero but for ε."


def _tiny_variance(snapshot: Snapshot, threshold: float) -> str | None:
    for numbers in snapshot.layers:
        if snapshot.mode == "train" and numbers.surviving is not None and numbers.surviving > threshold:
            share = f"{100 * numbers.surviving:.0f} %"
            return f"{numbers.layer}: the variance {brief(numbers.variance)} is below ε: project lets {share} through."
    return None


def _overshot(snapshot: Snapshot, threshold: float) -> str | None:
    orders = _orders(snapshot)
    if orders is None or not orders.first < 0 or not orders.actual > threshold:
        return None
    promised, did = signed(orders.first), signed(orders.actual)
    return f"Overshot: first order promised {promised}, the step did {did}.{_largest_gain(snapshot)}"


def _nothing_learns_but_gamma(snapshot: Snapshot, threshold: float) -> str | None:
    numbers = snapshot.numbers(snapshot.focus.layer)
    if numbers.gamma_gradient is None or not numbers.weight_gradient <= threshold * numbers.gamma_gradient:
        return None
    units = snapshot.architecture.layer(numbers.layer).units
    if units == 1:
        return f"{numbers.layer}: w's only direction is its scale, which BN projects out: γ, β learn."
    return f"{numbers.layer}: what would reach W is projected out by BN: γ and β learn."


def _dead(snapshot: Snapshot, threshold: float) -> str | None:
    for numbers in snapshot.layers:
        units = snapshot.architecture.layer(numbers.layer).units
        if numbers.dead_units is not None and numbers.dead_units > threshold:
            who = "its unit is" if units == 1 else f"{numbers.dead_units} of {units} units are"
            return f"{numbers.layer}: {who} dead: slope 0 on every sample, no gradient passes."
    return None


def _saturated(snapshot: Snapshot, threshold: float) -> str | None:
    for numbers in snapshot.layers:
        saturates = snapshot.architecture.layer(numbers.layer).activation in ("sigmoid", "tanh")
        if saturates and numbers.flat is not None and numbers.flat > threshold:
            share = f"{100 * numbers.flat:.0f} %"
            return f"{numbers.layer} is saturated: slope below 0.05 in {share} of cases.{_smallest_gain(snapshot)}"
    return None


def _settled(snapshot: Snapshot, threshold: float) -> str | None:
    orders = _orders(snapshot)
    if orders is None or not abs(orders.first) <= threshold * abs(snapshot.loss):
        return None
    return f"Settled: a step now changes J by {signed(orders.actual)}.{_smallest_gain(snapshot)}"


def _stepped(snapshot: Snapshot, threshold: float) -> str | None:
    orders = _orders(snapshot)
    if orders is None:
        return None
    parts = f"first order {signed(orders.first)}, second {signed(orders.second)}"
    word = "fell" if orders.actual < 0 else "rose"
    return f"J {word} by {brief(abs(orders.actual))}: {parts}.{_largest_gain(snapshot)}"


def _plainly(snapshot: Snapshot, threshold: float) -> str | None:
    begin = "Nothing updated yet." if snapshot.step == 0 else f"J is {brief(snapshot.loss)}."
    return f"{begin}{_largest_gain(snapshot)}{_smallest_gain(snapshot)}"


def _parted(snapshot: Snapshot, threshold: float) -> str | None:
    """Which of the two has diverged, and where their chains part."""
    twin = snapshot.twin
    if twin is None or snapshot.diverged_at == twin.diverged_at:
        return None
    apart = _where_they_parted(snapshot, twin, threshold)
    if twin.diverged_at is not None and not snapshot.diverged:
        return f"The twin diverged at step {twin.diverged_at}.{apart}"
    if snapshot.diverged and not twin.diverged:
        return f"Diverged at step {snapshot.diverged_at}; the twin goes on.{apart}"
    return None


def _where_they_parted(snapshot: Snapshot, twin: Snapshot, threshold: float) -> str:
    """The first factor from the cost down whose two values are further apart than the threshold, else the furthest."""
    own = {factor.name: factor.value for factor in snapshot.chain(snapshot.focus.layer).factors}
    ratios = []
    for factor in twin.chain(snapshot.focus.layer).factors[1:]:
        value = own.get(factor.name)
        if value and factor.value and math.isfinite(value) and math.isfinite(factor.value):
            ratios.append((max(abs(value / factor.value), abs(factor.value / value)), factor.name))
    if not ratios:
        return ""
    far = [found for found in ratios if found[0] > threshold]
    ratio, name = far[0] if far else max(ratios)
    return f" {'First apart' if far else 'Furthest apart'} at layer {name.partition('.')[0]}, factor {name}: {times(ratio)}."


RULES = (
    Rule("parted from the twin", 2, _parted),
    Rule("diverged", 0, _diverged),
    Rule("evaluation mode", 0, _evaluating),
    Rule("batch of two", 2, _batch_of_two),  # samples
    Rule("variance below epsilon", 0.5, _tiny_variance),  # ε's share of v + ε
    Rule("overshoot", 0, _overshot),  # ΔJ where the first order promised a fall
    Rule("only gamma and beta learn", 1e-4, _nothing_learns_but_gamma),  # ‖∂J/∂W‖ over ‖∂J/∂γ‖
    Rule("dead units", 0, _dead),  # units in a layer
    Rule("saturation", 0.5, _saturated),  # share of the slopes below 0.05
    Rule("settled", 1e-6, _settled),  # the change of J that the first order promises, over J
    Rule("the step", 0, _stepped),
    Rule("the moment", 0, _plainly),
)


def _orders(snapshot: Snapshot) -> Orders | None:
    """The anatomy of the step that led here; None where something else has been done since."""
    return None if snapshot.action in ("set", "scale", "reset") else snapshot.orders


def _gains(snapshot: Snapshot) -> list[tuple[float, str]]:
    # the first layer's weight stands in no weight's chain
    return [
        (abs(chain.gain), chain.layer)
        for chain in snapshot.chains[1:]
        if chain.gain is not None and math.isfinite(chain.gain) and not chain.gain_is_rounding
    ]


def _largest_gain(snapshot: Snapshot) -> str:
    gains = _gains(snapshot)
    if not gains or max(gains)[0] <= 1:
        return ""
    gain, layer = max(gains)
    since = "" if not snapshot.leads_since else f" since step {snapshot.leads_since}"
    return f" Largest: {layer} {times(gain)}{since}."


def _smallest_gain(snapshot: Snapshot) -> str:
    gains = _gains(snapshot)
    if not gains or min(gains)[0] >= 1:
        return ""
    gain, layer = min(gains)
    return f" Smallest: {layer} {times(gain)}."

