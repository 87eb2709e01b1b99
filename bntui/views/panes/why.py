"""The one line that says why: what a good teacher would point at in this snapshot.

Rules stand in the order of their importance, with their thresholds beside them; the first that speaks is heard. Each says
where it speaks, and where its sentence would be false: there it is silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from bntui.records import dataclass
from bntui.scenario.text.wording import counted
from bntui.session.look.snapshot import Snapshot
from bntui.views.panes.normalized import (
    ROW,
    along_x_hat,
    batch_of_two,
    evaluating,
    left_out,
    of_layer,
    of_whole_batch,
    only_gamma,
    only_scale,
    taken_above,
    tiny_variance,
    two_units,
)
from bntui.views.text.cells import cells
from bntui.views.text.numbers import brief, signed, significant, times

KEPT = 0.2  # the share of what was promised below which the share is told: numbers of three digits no longer add up
FLAT = 0.05  # the slope below which the snapshot counts a slope as flat


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, the threshold beyond which the rule speaks, and what it says of a snapshot; None where it is silent."""

    name: str
    threshold: float
    say: Callable[[Snapshot, float], str | None]


def why(snapshot: Snapshot) -> str:
    """The sentence of the first rule that speaks."""
    return next(sentence for rule in RULES if (sentence := rule.say(snapshot, rule.threshold)))


def _parted(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where of the two networks one has diverged, and names the first factor that is so many times apart.

    False where both have diverged or neither has.
    """
    twin = snapshot.twin
    if twin is None or snapshot.diverged == twin.diverged:
        return None
    apart = _where_they_part(snapshot, twin, threshold)
    if twin.diverged:
        return f"The twin diverged at step {twin.diverged_at}.{apart}"
    return f"Diverged at step {snapshot.diverged_at}, the twin not.{apart}"


def _where_they_part(snapshot: Snapshot, twin: Snapshot, threshold: float) -> str:
    """The first factor below the cost whose two values are further apart than the threshold, else the furthest."""
    own = {factor.name: factor.value for factor in snapshot.chain(snapshot.focus.layer).factors}
    pairs = []
    for factor in twin.chain(snapshot.focus.layer).factors[1:]:
        value, other = own.get(factor.name), factor.value
        if value and other and math.isfinite(value) and math.isfinite(other):
            pairs.append((max(abs(value / other), abs(other / value)), factor.name, value, other))
    if not pairs:
        return ""
    far = [pair for pair in pairs if pair[0] > threshold]
    _, name, value, other = far[0] if far else max(pairs)
    return f" {'Chains part' if far else 'Furthest apart'} at {name}: {brief(value)}, twin's {brief(other)}."


def _diverged(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where J or a gradient is beyond all bounds; false where the run can still step."""
    if not snapshot.diverged:
        return None
    back = " ← goes back." if snapshot.step else ""
    return f"Diverged at step {snapshot.diverged_at}: J is {brief(snapshot.loss)}.{back}{_grows_most(snapshot)}"


def _dead_layer(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where every slope of a layer is 0, which is the factor 0 in every chain through it; false where one is not.

    Where a skip connection goes round the layer the signal does too.
    """
    for numbers in reversed(snapshot.layers):
        units = snapshot.architecture.layer(numbers.layer).units
        if numbers.dead_units == units:
            who = "its one unit is" if units == 1 else f"all {units} units are"
            if snapshot.skips and numbers.layer in snapshot.architecture.bypassed:
                return of_layer(numbers.layer, f": {who} dead (slope 0); the signal goes round by the skip.")
            return of_layer(numbers.layer, f": {who} dead (slope 0): ∂J/∂W is 0 from here down.")
    return None


def _fitted(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where ŷ differs from y by rounding alone; false where the cost does not tell, and where J is larger."""
    if not snapshot.loss <= snapshot.loss_rounding:
        return None
    return f"Learned: J is {brief(snapshot.loss)}, no more than rounding leaves between ŷ and y."


def _overshot(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where J rose though the slope promised a fall; false where momentum went uphill, and where the rise is rounding."""
    orders = snapshot.orders
    if orders is None or not orders.first < 0 or not orders.actual > threshold * abs(snapshot.loss):
        return None
    where = "Overshot: the slope (first order)" if snapshot.full_batch else "Overshot on its batch: slope"
    return f"{where} promised {signed(orders.first)}, the step did {signed(orders.actual)}.{_grows_most(snapshot)}"


def _many_dead(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks of the layer with the largest share of dead units, where it is more than this; false where more pass a gradient."""
    dead = [
        (numbers.dead_units / units, numbers.layer, numbers.dead_units, units)
        for numbers in snapshot.layers
        if numbers.dead_units is not None and (units := snapshot.architecture.layer(numbers.layer).units)
    ]
    if not dead or not max(dead)[0] > threshold:
        return None
    _, layer, count, units = max(dead)
    return of_layer(layer, f": {count} of {units} units are dead (slope 0); only {units - count} can pass a gradient.")


def _saturated(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks of the sigmoid or tanh layer with the largest share of flat slopes, where it is more than this; else false."""
    flat = [
        (numbers.flat, numbers.layer)
        for numbers in snapshot.layers
        if numbers.flat is not None and snapshot.architecture.layer(numbers.layer).activation.saturates
    ]
    if not flat or not max(flat)[0] > threshold:
        return None
    share, layer = max(flat)
    return of_layer(layer, f" is saturated: {100 * share:.0f} % of its slopes are below {brief(FLAT)}.") + _shrinks_most(snapshot)


def _standing_still(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where neither what the slope promised nor what the step did is more than this share of J.

    False where momentum carries the step along a level line for a moment: there the step does more than the slope promises.
    It does not say that J is at its least: η may be tiny, or the gradient may have vanished on its way.
    """
    orders = snapshot.orders
    if orders is None or not max(abs(orders.first), abs(orders.actual)) <= threshold * abs(snapshot.loss):
        return None
    return f"J stands still at {brief(snapshot.loss)}: the step changed it by {signed(orders.actual)}.{_shrinks_most(snapshot)}"


def _stepped(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where an update led here; false after anything else, where no step is to be taken apart.

    What it lists adds up to what the step did, in the digits that the chart of the step has. Of a promise that was nearly all
    taken back it tells which share was kept, for of two long numbers the difference is not seen. Second order and rest are told
    as one where neither says anything by itself, which is where ReLUs switched on the way and where the rest undoes the second,
    and where the row is too short.
    """
    orders = snapshot.orders
    if orders is None:
        return None
    did = f"{'J' if snapshot.full_batch else 'On its batch J'} {'fell' if orders.actual < 0 else 'rose'}"
    begin = f"{did} by {significant(abs(orders.actual))}: first order {_change(orders.first)}"
    beyond, switched = orders.second + orders.rest, orders.kinks.crossed
    told = f"{begin}, second {_change(orders.second)}, rest {_change(orders.rest)}."
    if 0 < -orders.actual < KEPT * -orders.first:
        told = f"{begin}, {brief(100 * orders.actual / orders.first)} % of it kept."
    elif switched or abs(beyond) <= threshold * abs(orders.second) or cells(told) > ROW:
        told = f"{begin}, beyond it {_change(beyond)}."
    if switched:
        return f"{told} {counted(switched, 'ReLU slope')} switched.{_grows_most(snapshot)}"
    return told + (_grows_most(snapshot) or _shrinks_most(snapshot))


def _change(value: float) -> str:
    """A part of the step, with its sign: −0.4591."""
    return f"{'−' if value < 0 else '+'}{significant(abs(value))}"


def _plainly(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks always, of where the gradient grows and shrinks most now; nothing makes it false."""
    begin = "Nothing updated yet." if snapshot.step == 0 else f"J is {brief(snapshot.loss)}."
    return f"{begin}{_grows_most(snapshot)}{_shrinks_most(snapshot)}"


RULES = (
    Rule("parted from the twin", 2, _parted),  # how many times apart the factor is that is named
    Rule("diverged", 0, _diverged),
    Rule("evaluation mode", 0, evaluating),
    Rule("batch of two", 0.01, batch_of_two),  # ε's share of v + ε
    Rule("two units", 0.1, two_units),  # the signal after project over the signal before
    Rule("dead layer", 0, _dead_layer),
    Rule("variance below epsilon", 0.5, tiny_variance),  # share of a layer's units
    Rule("learned to rounding", 0, _fitted),
    Rule("left out of the gradient", 0, left_out),
    Rule("overshoot", 1e-6, _overshot),  # ΔJ over J, where the first order promised a fall
    Rule("taken above", 1e-4, taken_above),  # the signal after project over the signal before
    Rule("only scale", 0.01, only_scale),  # ε's share of v + ε
    Rule("only gamma", 0, only_gamma),
    Rule("along x̂", 1e-4, along_x_hat),  # the signal after project over the signal before
    Rule("many dead units", 0.75, _many_dead),  # share of a layer's units
    Rule("saturation", 0.5, _saturated),  # share of the slopes below 0.05
    Rule("standing still", 1e-6, _standing_still),  # ΔJ, promised and actual, over J
    Rule("the step", 0.1, _stepped),  # of second order and rest, added, over the second
    Rule("the moment", 0, _plainly),
)


def _gains(snapshot: Snapshot) -> list[tuple[float, str]]:
    # the first layer's weight stands in no weight's chain
    return [
        (abs(chain.gain), chain.layer)
        for chain in snapshot.chains[1:]
        if chain.gain is not None and math.isfinite(chain.gain) and not chain.gain_is_rounding
    ]


def _grows_most(snapshot: Snapshot) -> str:
    """Across which layer the signal ‖∂J/∂a‖ grows most; since when is known of the whole batch."""
    gains = _gains(snapshot)
    if not gains or max(gains)[0] <= 1:
        return ""
    gain, layer = max(gains)
    led = snapshot.leads_since and of_whole_batch(snapshot) and not snapshot.diverged
    begin = f"Since step {snapshot.leads_since} the" if led else "The"
    return f" {begin} signal grows most {_across(snapshot, layer)}: {times(gain)}."


def _shrinks_most(snapshot: Snapshot) -> str:
    gains = _gains(snapshot)
    if not gains or min(gains)[0] >= 1:
        return ""
    gain, layer = min(gains)
    return f" The signal shrinks most {_across(snapshot, layer)}: {times(gain)}."


def _across(snapshot: Snapshot, layer: str) -> str:
    """Across a layer, whose gain is no row of the ledger where it lies below the chain that is open."""
    place, focus = (snapshot.architecture.position(name) for name in (layer, snapshot.focus.layer))
    return f"across {layer}" if place > focus else f"further down, across {layer}"
