"""The one line that says why: what a good teacher would point at in this snapshot.

Rules stand in the order of their importance, with their thresholds beside them; the first that speaks is heard. Each says
where it speaks, and where its sentence would be false: there it is silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from bntui.maths.architecture import INPUTS
from bntui.maths.kinds.normalizations import PROJECT
from bntui.maths.names import Name
from bntui.scenario.text.wording import counted
from bntui.session.look.snapshot import LayerNumbers, Snapshot
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.numbers import brief, signed, times

ROW = 75  # the cells that a screen of 80 columns has for the first sentence
LEAST_NAME = 6  # cells that a name keeps in it
MOST = 0.1  # what a project lets through that takes most of the signal
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


def _evaluating(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks in evaluation mode under BN; false in training mode, and without BN, where the modes are the same."""
    if snapshot.mode != "eval" or not snapshot.normalized:
        return None
    otherwise = "" if snapshot.loss_otherwise is None else f", in training mode {brief(snapshot.loss_otherwise)}"
    return f"Evaluation mode: J {brief(snapshot.loss)} by running estimates{otherwise}. BN's factor is γ/σ alone, without P."


def _batch_of_two(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where BN sees two samples and ε is small beside their variance, so that P is (nearly) zero.

    False with more samples, in evaluation mode, and where ε is not small: there P lets the signal through.
    """
    if snapshot.samples != 2 or not snapshot.normalized or snapshot.mode == "eval":
        return None
    left = max(numbers.surviving for numbers in snapshot.layers if numbers.surviving is not None)
    if not left <= threshold:
        return None
    return f"A batch of two: x̂ is +1 or −1, P leaves at most {brief(left)} of the signal."


def _dead_layer(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where every slope of a layer is 0, which is the factor 0 in every chain through it; false where one is not.

    Where a skip connection goes round the layer the signal does too.
    """
    for numbers in reversed(snapshot.layers):
        units = snapshot.architecture.layer(numbers.layer).units
        if numbers.dead_units == units:
            who = "its one unit is" if units == 1 else f"all {units} units are"
            if snapshot.skips and numbers.layer in snapshot.architecture.bypassed:
                return _of(numbers.layer, f": {who} dead (slope 0); the signal goes round by the skip.")
            return _of(numbers.layer, f": {who} dead (slope 0): ∂J/∂W is 0 from here down.")
    return None


def _tiny_variance(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where in more than this share of a layer's units v < ε, so that `project` leaves most of what it is to remove.

    False in evaluation mode, where nothing is projected, and where a few units alone have so small a variance.
    """
    for numbers in snapshot.layers:
        units = snapshot.architecture.layer(numbers.layer).units
        below, left = numbers.below_epsilon, numbers.surviving
        if snapshot.mode != "train" or below is None or left is None or not below > threshold * units:
            continue
        where = f"variance {brief(numbers.variance)} is below ε" if units == 1 else f"v < ε in {below} of {units} units"
        return _of(numbers.layer, f": {where}: project leaves {100 * left:.0f} % of x̂'s part.")
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
    where = "Overshot: first order" if snapshot.full_batch else "Overshot on its batch: slope"
    return f"{where} promised {signed(orders.first)}, the step did {signed(orders.actual)}.{_grows_most(snapshot)}"


def _taken_above(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where `project` of layers above the one in focus lets no more than this share of the signal through.

    False where `centre` or `scale` made the signal small, or it was zero or rounding before: then `project` did not do it. Nor
    where a skip connection brings the signal round the layer.
    """
    layer = snapshot.focus.layer
    takers, share = [], 1.0
    for factor in _projections(snapshot):
        if _gone_round(snapshot, factor.name.removesuffix(".norm.project")):
            continue
        if factor.value <= MOST and factor.name != Name(layer, PROJECT.factor) and share > threshold:
            takers.append(factor.name.removesuffix(".norm.project"))
            share *= factor.value
    if share > threshold:
        return None
    who = f"project of {cut(takers[0], 2 * LEAST_NAME)} lets" if len(takers) == 1 else f"{len(takers)} projects above let"
    return _of(layer, f": {who} only {brief(share)} of the signal pass.")


def _gone_round(snapshot: Snapshot, layer: str) -> bool:
    """Whether a skip connection leads round a layer on the way back from the cost to the weight in focus."""
    if not snapshot.skips:
        return False
    names = [INPUTS, *(each.name for each in snapshot.architecture.layers)]
    place, focus = names.index(layer), names.index(snapshot.focus.layer)
    skips = snapshot.architecture.forked.items()
    return any(focus <= names.index(source) < place <= names.index(targets[-1]) for source, targets in skips)


def _only_scale(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks of the layer in focus where its one weight's scale is undone by BN, while γ gets a gradient.

    Then w·∂J/∂w = γ·∂J/∂γ·ε/(v + ε) exactly. False where there are more weights, which can turn, where an activation stands
    between weight and BN, where ε is not small beside v, and where the signal that arrives at BN is zero or rounding.
    """
    numbers = snapshot.numbers(snapshot.focus.layer)
    settings = snapshot.architecture.layer(numbers.layer)
    between = not settings.normalized_before_activation
    if _weights(snapshot, numbers.layer) != 1 or between or snapshot.mode != "train" or not _gamma_learns(numbers):
        return None
    if numbers.surviving is None or not numbers.surviving <= threshold:
        return None
    weight, gamma = brief(numbers.weight_gradient), brief(numbers.gamma_gradient)
    return _of(numbers.layer, f": w only scales z, which BN undoes: ∂J/∂w {weight}, ∂J/∂γ {gamma}.")


def _along_x_hat(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where `project` of the layer in focus lets no more than this share through, while γ gets a gradient.

    False where nothing moves γ, for what P removes is x̂ times ∂J/∂γ, and where the signal was zero or rounding before.
    """
    numbers = snapshot.numbers(snapshot.focus.layer)
    share = next((each.value for each in _projections(snapshot) if each.name == Name(numbers.layer, PROJECT.factor)), 1.0)
    if not share <= threshold or not _gamma_learns(numbers):
        return None
    gamma = brief(numbers.gamma_gradient)
    return _of(numbers.layer, f": the signal is along x̂: project leaves {brief(share)}; ∂J/∂γ {gamma}.")


class _Projection(NamedTuple):
    """A `project` on the way to the weight in focus, and the share that it lets through of a signal that was there."""

    name: str
    value: float


def _projections(snapshot: Snapshot) -> list[_Projection]:
    """Every `project` from the cost to the weight in focus whose signal was neither zero nor rounding before.

    None of a single sample or path, whose parts contain the other samples and units.
    """
    if not _of_whole_batch(snapshot):
        return []
    return [
        _Projection(after.name, after.value)
        for before, after in pairwise(snapshot.chain(snapshot.focus.layer).factors)
        if after.name.part == PROJECT.factor and after.value is not None and not before.rounding
    ]


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
    return _of(layer, f": {count} of {units} units are dead (slope 0); only {units - count} can pass a gradient.")


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
    return _of(layer, f" is saturated: {100 * share:.0f} % of its slopes are below {brief(FLAT)}.") + _shrinks_most(snapshot)


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

    What it lists adds up to what the step did. Of a promise that was nearly all taken back it tells which share was kept, for
    of two long numbers the difference is not seen. Second order and rest are told as one where neither says anything by
    itself, which is where ReLUs switched on the way and where the rest undoes the second, and where the row is too short.
    """
    orders = snapshot.orders
    if orders is None:
        return None
    did = f"{'J' if snapshot.full_batch else 'On its batch J'} {'fell' if orders.actual < 0 else 'rose'}"
    begin = f"{did} by {brief(abs(orders.actual))}: first order {signed(orders.first)}"
    beyond, switched = orders.second + orders.rest, orders.kinks.crossed
    told = f"{begin}, second {signed(orders.second)}, rest {signed(orders.rest)}."
    if 0 < -orders.actual < threshold * -orders.first:
        told = f"{begin}, {brief(100 * orders.actual / orders.first)} % of it kept."
    elif switched or abs(beyond) <= threshold * abs(orders.second) or cells(told) > ROW:
        told = f"{begin}, beyond it {signed(beyond)}."
    if switched:
        return f"{told} {counted(switched, 'ReLU slope')} switched.{_grows_most(snapshot)}"
    return told + (_grows_most(snapshot) or _shrinks_most(snapshot))


def _plainly(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks always, of where the gradient grows and shrinks most now; nothing makes it false."""
    begin = "Nothing updated yet." if snapshot.step == 0 else f"J is {brief(snapshot.loss)}."
    return f"{begin}{_grows_most(snapshot)}{_shrinks_most(snapshot)}"


RULES = (
    Rule("parted from the twin", 2, _parted),  # how many times apart the factor is that is named
    Rule("diverged", 0, _diverged),
    Rule("evaluation mode", 0, _evaluating),
    Rule("batch of two", 0.01, _batch_of_two),  # ε's share of v + ε
    Rule("dead layer", 0, _dead_layer),
    Rule("variance below epsilon", 0.5, _tiny_variance),  # share of a layer's units
    Rule("learned to rounding", 0, _fitted),
    Rule("overshoot", 1e-6, _overshot),  # ΔJ over J, where the first order promised a fall
    Rule("taken above", 1e-4, _taken_above),  # the signal after project over the signal before
    Rule("only scale", 0.01, _only_scale),  # ε's share of v + ε
    Rule("along x̂", 1e-4, _along_x_hat),  # the signal after project over the signal before
    Rule("many dead units", 0.75, _many_dead),  # share of a layer's units
    Rule("saturation", 0.5, _saturated),  # share of the slopes below 0.05
    Rule("standing still", 1e-6, _standing_still),  # ΔJ, promised and actual, over J
    Rule("the step", 0.1, _stepped),  # what is left of the promise; of second order and rest, added, over the second
    Rule("the moment", 0, _plainly),
)


def _weights(snapshot: Snapshot, layer: str) -> int:
    """How many numbers the layer's W has."""
    position = snapshot.architecture.position(layer)
    incoming = snapshot.architecture.layers[position - 1].units if position else snapshot.architecture.inputs
    return incoming * snapshot.architecture.layers[position].units


def _of_whole_batch(snapshot: Snapshot) -> bool:
    """Whether the chains are read over all samples and units."""
    return snapshot.focus.sample is None and not snapshot.focus.units


def _gamma_learns(numbers: LayerNumbers) -> bool:
    """Whether a signal arrives at the layer's BN that moves γ."""
    return numbers.gamma_gradient is not None and numbers.gamma_gradient > 0 and not numbers.gamma_rounding


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
    led = snapshot.leads_since and _of_whole_batch(snapshot) and not snapshot.diverged
    begin = f"Since step {snapshot.leads_since} the" if led else "The"
    return f" {begin} signal grows most across {layer}: {times(gain)}."


def _shrinks_most(snapshot: Snapshot) -> str:
    gains = _gains(snapshot)
    if not gains or min(gains)[0] >= 1:
        return ""
    gain, layer = min(gains)
    return f" The signal shrinks most across {layer}: {times(gain)}."


def _of(layer: str, text: str) -> str:
    """A sentence about a layer, whose name gives way where the row has no room for both."""
    room = ROW - cells(in_ascii(text, True))
    return f"{cut(layer, max(room, LEAST_NAME))}{text}"
