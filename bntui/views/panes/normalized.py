"""What there is to say of a normalization: rules of the line that says why, each of the kinds of which its sentence is true.

Each says where it speaks of a snapshot, and where its sentence would be false: there it is silent.
"""

from __future__ import annotations

from collections.abc import Set
from itertools import pairwise
from typing import NamedTuple

from bntui.maths.architecture import INPUTS
from bntui.maths.kinds.normalizations import BATCH_NORM, PROJECT, Normalization
from bntui.maths.names import BIAS, Name
from bntui.session.look.snapshot import LayerNumbers, Snapshot
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.numbers import brief, signed

ROW = 75  # the cells that a screen of 80 columns has for the first sentence
LEAST_NAME = 6  # cells that a name keeps in it
MOST = 0.1  # what a project lets through that takes most of the signal


def evaluating(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks in evaluation mode where running estimates are kept; false in training mode, and where both modes are the same.

    Of what that leaves of the factor it tells where all such layers are of one kind.
    """
    kinds = {kind for _, kind in snapshot.kinds if kind.estimated(snapshot.mode)}
    if not kinds:
        return None
    otherwise = "" if snapshot.loss_otherwise is None else f", in training mode {brief(snapshot.loss_otherwise)}"
    return f"Evaluation mode: J {brief(snapshot.loss)} by running estimates{otherwise}.{_estimated_factor(kinds)}"


def _estimated_factor(kinds: Set[Normalization]) -> str:
    """What the factor of a kind is where its statistics do not follow the signal; nothing of several kinds, and of constants."""
    kind = next(iter(kinds))
    if len(kinds) > 1 or kind.detached:
        return ""
    called = kind.short[:1].upper() + kind.short[1:]
    return f" {called}'s factor is γ/σ alone, without P." if kind.scales else f" {called} passes the signal on as it is."


def batch_of_two(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where BN sees two samples and ε is small beside their variance, so that P is (nearly) zero.

    False with more samples, in evaluation mode, where ε is not small: there P lets the signal through; and where some layer is
    normalized over something else, takes no mean away or has no P.
    """
    if snapshot.samples != 2 or not snapshot.normalized or snapshot.mode == "eval":
        return None
    if any(not _centres_and_projects(kind) or kind.over != "samples" for _, kind in snapshot.kinds):
        return None
    left = max(numbers.surviving for numbers in snapshot.layers if numbers.surviving is not None)
    if not left <= threshold:
        return None
    return f"A batch of two: x̂ is +1 or −1, P leaves at most {brief(left)} of the signal."


def two_units(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks of the first layer from the cost whose mean and scale are taken over two units, and whose P leaves hardly anything.

    False over more units, where ε is not small beside v and P leaves more, and where no mean is taken away: there x̂ is not ±1.
    """
    for factor in _projections(snapshot):
        layer, kind = snapshot.architecture.layer(factor.name.layer), snapshot.kind(factor.name.layer)
        groups = layer.normalization.groups if kind is not None and kind.grouped else 1
        if kind is None or kind.over != "units" or not kind.centres or layer.units // groups != 2:
            continue
        if factor.value <= threshold:
            what = "groups of two" if groups > 1 else "two units"
            return of_layer(layer.name, f": {kind.short} over {what}: x̂ is ±1, project leaves {brief(factor.value)}.")
    return None


def _centres_and_projects(kind: Normalization) -> bool:
    return kind.centres and kind.projects


def tiny_variance(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where in more than this share of a layer's units v < ε, so that `project` leaves most of what it is to remove.

    Of a kind over the units v is of each sample. False where running estimates stand in, where nothing is projected, and where
    few have so small a variance.
    """
    for numbers in snapshot.layers:
        kind, count = snapshot.kind(numbers.layer), numbers.variances
        below, left = numbers.below_epsilon, numbers.surviving
        if kind is None or count is None or below is None or left is None or not below > threshold * count:
            continue
        if kind.estimated(snapshot.mode):
            continue
        what = "variance" if kind.centres else "mean square"
        of = "units" if kind.over == "samples" else "groups" if kind.grouped else "samples"
        where = f"{what} {brief(numbers.variance)} is below ε" if count == 1 else f"v < ε in {below} of {count} {of}"
        return of_layer(numbers.layer, f": {where}: project leaves {100 * left:.0f} % of x̂'s part.")
    return None


def left_out(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where an update led here whose gradient left μ and σ out: what it promised was no slope of J.

    False in evaluation mode, where they are constants indeed, and where no layer leaves them out.
    """
    orders = snapshot.orders
    if orders is None or not snapshot.without_slope:
        return None
    promised = f"Without μ and σ the gradient promised {signed(orders.first)}"
    return f"{promised}, the step did {signed(orders.actual)}."


def taken_above(snapshot: Snapshot, threshold: float) -> str | None:
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
    return of_layer(layer, f": {who} only {brief(share)} of the signal pass.")


def only_scale(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks of the layer in focus where its one weight's scale is undone by its normalization, while γ gets a gradient.

    Then w·∂J/∂w = γ·∂J/∂γ·ε/(v + ε) exactly, over the units so in each sample. False where there are more weights, which can
    turn, where an activation stands between weight and normalization, where ε is not small beside v, where a bias keeps its
    place beside w, where the signal that arrives is zero or rounding, and where μ and σ do not follow w for the gradient.
    """
    numbers = snapshot.numbers(snapshot.focus.layer)
    kind = snapshot.kind(numbers.layer)
    if kind is None or kind.over == "weight" or kind.frees is None or kind.detached or kind.estimated(snapshot.mode):
        return None
    between = not snapshot.architecture.layer(numbers.layer).normalized_before_activation
    beside = kind.frees_bias and Name(numbers.layer, BIAS) in snapshot.parameter_names
    if _weights(snapshot, numbers.layer) != 1 or between or beside or not _gamma_learns(numbers):
        return None
    if numbers.surviving is None or not numbers.surviving <= threshold:
        return None
    weight, gamma = brief(numbers.weight_gradient), brief(numbers.gamma_gradient)
    what = kind.short if kind is BATCH_NORM else "σ"
    return of_layer(numbers.layer, f": w only scales z, which {what} undoes: ∂J/∂w {weight}, ∂J/∂γ {gamma}.")


def only_gamma(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks of the layer in focus where weight norm leaves of each row of one number its sign alone, while γ gets a gradient.

    False where a row has more numbers, which can turn, and where the signal that arrives is zero or rounding.
    """
    numbers = snapshot.numbers(snapshot.focus.layer)
    kind = snapshot.kind(numbers.layer)
    if kind is None or kind.over != "weight" or _incoming(snapshot, numbers.layer) != 1 or not _gamma_learns(numbers):
        return None
    gamma = brief(numbers.gamma_gradient)
    return of_layer(numbers.layer, f": w/‖w‖ is w's sign: ∂J/∂w is 0, γ learns: ∂J/∂γ {gamma}.")


def along_x_hat(snapshot: Snapshot, threshold: float) -> str | None:
    """Speaks where `project` of the layer in focus lets no more than this share through, while γ gets a gradient.

    False where nothing moves γ, for what P removes is x̂ times ∂J/∂γ, and where the signal was zero or rounding before. Of
    weight norm it is not the signal that is projected but the weight's gradient, of which P removes what goes along w.
    """
    numbers = snapshot.numbers(snapshot.focus.layer)
    share = next((each.value for each in _projections(snapshot) if each.name == Name(numbers.layer, PROJECT.factor)), 1.0)
    if not share <= threshold or not _gamma_learns(numbers):
        return None
    gamma = brief(numbers.gamma_gradient)
    kind = snapshot.kind(numbers.layer)
    along = "the gradient is along w" if kind is not None and kind.over == "weight" else "the signal is along x̂"
    return of_layer(numbers.layer, f": {along}: project leaves {brief(share)}; ∂J/∂γ {gamma}.")


def _gone_round(snapshot: Snapshot, layer: str) -> bool:
    """Whether a skip connection leads round a layer on the way back from the cost to the weight in focus."""
    if not snapshot.skips:
        return False
    names = [INPUTS, *(each.name for each in snapshot.architecture.layers)]
    place, focus = names.index(layer), names.index(snapshot.focus.layer)
    skips = snapshot.architecture.forked.items()
    return any(focus <= names.index(source) < place <= names.index(targets[-1]) for source, targets in skips)


class _Projection(NamedTuple):
    """A `project` on the way to the weight in focus, and the share that it lets through of a signal that was there."""

    name: Name
    value: float


def _projections(snapshot: Snapshot) -> list[_Projection]:
    """Every `project` from the cost to the weight in focus whose signal was neither zero nor rounding before.

    None of a single sample or path, whose parts contain the other samples and units.
    """
    if not of_whole_batch(snapshot):
        return []
    return [
        _Projection(after.name, after.value)
        for before, after in pairwise(snapshot.chain(snapshot.focus.layer).factors)
        if after.name.part == PROJECT.factor and after.value is not None and not before.rounding
    ]


def _weights(snapshot: Snapshot, layer: str) -> int:
    """How many numbers the layer's W has."""
    return _incoming(snapshot, layer) * snapshot.architecture.layer(layer).units


def _incoming(snapshot: Snapshot, layer: str) -> int:
    """How many numbers a row of the layer's W has."""
    position = snapshot.architecture.position(layer)
    return snapshot.architecture.layers[position - 1].units if position else snapshot.architecture.inputs


def of_whole_batch(snapshot: Snapshot) -> bool:
    """Whether the chains are read over all samples and units."""
    return snapshot.focus.sample is None and not snapshot.focus.units


def _gamma_learns(numbers: LayerNumbers) -> bool:
    """Whether a signal arrives at the layer's normalization that moves γ."""
    return numbers.gamma_gradient is not None and numbers.gamma_gradient > 0 and not numbers.gamma_rounding


def of_layer(layer: str, text: str) -> str:
    """A sentence about a layer, whose name gives way where the row has no room for both."""
    room = ROW - cells(in_ascii(text, True))
    return f"{cut(layer, max(room, LEAST_NAME))}{text}"
