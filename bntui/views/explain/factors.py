"""The ledger explained: the cost, every kind of factor, and the gain of a folded layer, with the numbers of this moment."""

from __future__ import annotations

import math
from itertools import groupby

from bntui.maths.chain import Factor
from bntui.maths.kinds.normalizations import CENTRE, PROJECT, SCALE, Normalization, Part
from bntui.maths.names import ACTIVATION, BIAS, INPUT, SKIP, WEIGHT, Name
from bntui.session.look.snapshot import LayerNumbers, Snapshot
from bntui.views.explain.explanation import Explanation, Group
from bntui.views.panes.ledger import Folding, is_open, part_label
from bntui.views.panes.taken import SAME, share_taken
from bntui.views.text.cells import cut
from bntui.views.text.numbers import brief, percent, times

EPSILON_MATTERS = 0.01  # the share that survives `project` from which it is worth a word
LONGEST_LAYER = 10
ROUNDING = (
    "≈0: nothing but rounding. What is exactly 0 in theory leaves some 1e-16 of what was subtracted; nothing learns from it, and "
    "ratios of it mean nothing."
)
LESSONS = {
    "relu": ("relu-net", "dead-relus"),
    "sigmoid": ("sigmoid-net", "saturated-sigmoids"),
    SCALE.name: ("scale-invariance", "three-parts"),
    CENTRE.name: ("three-parts", "superfluous-bias"),
    PROJECT.name: ("three-parts", "gamma-and-beta"),
    WEIGHT: ("goodfellow-chain",),
    INPUT: ("relu-net",),
    SKIP: ("residual",),
    "cost": ("relu-net",),
    "gain": ("goodfellow-chain", "exploding-at-start"),
}


def of_chain(snapshot: Snapshot, folding: Folding) -> Group:
    """Every row of the ledger, from the cost down; it begins at the layer in focus."""
    chain = snapshot.chain(snapshot.focus.layer)
    before = chain.factors[0]
    found, chosen = [_of_cost(snapshot, before)], 0
    for layer, group in groupby(chain.factors[1:], key=lambda factor: factor.name.layer):
        factors = list(group)
        if layer == chain.layer:
            chosen = len(found)
        if layer != chain.layer and not is_open(layer, factors, folding, snapshot.lit):
            found.append(_of_gain(snapshot, layer, before, factors[-1]))
            before = factors[-1]
            continue
        for factor in factors:
            found.append(of_factor(snapshot, factor, before))
            before = factor
    found.append(_of_product(snapshot, before))
    return Group(f"the chain of {cut(chain.layer, LONGEST_LAYER)}", tuple(found), chosen)


def of_factor(snapshot: Snapshot, factor: Factor, before: Factor) -> Explanation:
    """A factor that is not the cost; `before` is the one above it."""
    layer, part = factor.name.layer, factor.name.part
    name = f"{cut(layer, LONGEST_LAYER)} {part_label(snapshot, factor)}"
    now = _ratio(snapshot, factor, before)
    if part == ACTIVATION:
        return _of_activation(snapshot, name, factor, now)
    if part == WEIGHT:
        return _of_weight(snapshot, name, factor, now)
    if part == INPUT:
        return _of_input(snapshot, name, factor, now)
    if part == SKIP:
        says = "What the skip connection brings: it goes round the layers between and is added to the signal that came through."
        now = f"{brief(factor.added)} added to {brief(before.product)} gives {brief(factor.product)}"
        return Explanation(name, says, now, _rounding(factor), LESSONS[SKIP])
    kind = snapshot.kind(layer)
    assert kind is not None  # a part of a normalization stands in the chains of a normalized layer alone
    return _of_norm(snapshot, name, factor, before, kind)


def _of_cost(snapshot: Snapshot, factor: Factor) -> Explanation:
    cost = snapshot.architecture.cost
    says = f"What every chain begins with: how J changes with the output ŷ. J is {cost.formula}, {cost.says}."
    now = f"∂J/∂ŷ = {cost.slope_formula}; {_size('∂J/∂ŷ', snapshot)} = {brief(factor.product)}, J = {brief(snapshot.loss)}"
    why = "0: the output is right to the last digit." if factor.product == 0 else f"It is divided by m, here {snapshot.samples}."
    return Explanation("cost ∂J/∂ŷ", says, now, why, LESSONS["cost"])


def _of_product(snapshot: Snapshot, last: Factor) -> Explanation:
    layer = snapshot.focus.layer
    says = "The product of all rows: the gradient of this layer's weight, by which, times η, plain descent moves it."
    if snapshot.skips and snapshot.architecture.forked:
        says += " What a skip connection brings is added."
    now = f"{_size('∂J/∂W', snapshot)} {'≈ 0' if last.rounding else f'= {brief(last.product)}'}"
    return Explanation(f"∂J/∂{cut(layer, LONGEST_LAYER)}", says, now, _rounding(last), LESSONS["cost"])


def _of_gain(snapshot: Snapshot, layer: str, before: Factor, last: Factor) -> Explanation:
    says = (
        "All factors of a layer multiplied: how much larger the signal δ is at its input than at its output. enter unfolds "
        "the layer into its rows."
    )
    value = None if before.product == 0 else last.product / before.product
    now = f"gain {times(value)} = {_fraction(snapshot, '∂J/∂a at its input', '∂J/∂a at its output')} = {_numbers(last, before)}"
    why = _rounding(last) or "Above 1 in layer after layer, gradients explode towards the input; below 1 they vanish."
    return Explanation(f"{cut(layer, LONGEST_LAYER)} gain", says, now, why, LESSONS["gain"])


def _of_activation(snapshot: Snapshot, name: str, factor: Factor, now: str) -> Explanation:
    activation = snapshot.architecture.layer(factor.name.layer).activation
    numbers = snapshot.numbers(factor.name.layer)
    says = f"The slope of the activation, for each unit and sample: δ ↦ δ·{activation.symbol}′(u). {activation.slope_says}"
    lessons = LESSONS.get(activation.name, ())
    if factor.rounding or factor.value is None:
        return Explanation(name, says, now, _rounding(factor), lessons)
    if factor.value == 0:
        round_it = snapshot.skips and factor.name.layer in snapshot.architecture.bypassed
        below = "the signal goes round by the skip" if round_it else "below here nothing learns"
        return Explanation(name, says, now, f"0: the signal met no slope but 0; {below}.", lessons)
    why = f"Its square, {brief(factor.value**2)}, is the mean of slope², each weighed by the square of the signal that met it."
    if activation.dies:
        share = percent(factor.value**2)
        why = f"Each slope is 0 or 1, the row is a ratio of norms: its square, {share}, is the share of δ² that met a slope of 1."
    if activation.saturates or activation.dies:
        dead = "" if numbers.dead_units is None else f"; {numbers.dead_units} units have slope 0 on every sample"
        why += f" Over all, {percent(numbers.flat)} of the slopes are below 0.05{dead}."
    return Explanation(name, says, now, why, lessons)


def _of_weight(snapshot: Snapshot, name: str, factor: Factor, now: str) -> Explanation:
    numbers = snapshot.numbers(factor.name.layer)
    says = "The signal goes back through the layer's weights: δ ↦ δ·W."
    why = "A step moves these weights as well, and with them the gradient of every layer below."
    if not snapshot.focus.units:
        now += f"; it can be ‖W‖ = {brief(numbers.weight)} at most"
    return Explanation(name, says, now, _rounding(factor) or why, LESSONS[WEIGHT])


def _of_input(snapshot: Snapshot, name: str, factor: Factor, now: str) -> Explanation:
    says = "The last factor: what the weight was multiplied by on the way forward, its input a. ∂J/∂W = δᵀ·a, a sum over samples."
    why = "The activations' size enters here, not their slope. Where the samples' terms cancel, the row is smaller than they are."
    if factor.rounding:
        why = f"The terms of the samples cancel. {ROUNDING}"
    return Explanation(name, says, now, why, LESSONS[INPUT])


def _of_norm(snapshot: Snapshot, name: str, factor: Factor, before: Factor, kind: Normalization) -> Explanation:
    part, numbers = kind.part(factor.name.part), snapshot.numbers(factor.name.layer)
    affine = snapshot.architecture.layer(factor.name.layer).normalization.affine
    says = f"A part of {kind.short}: {part.done(affine)}. {part.says}"
    now = _ratio(snapshot, factor, before)
    why = _why_taken(snapshot, factor, before, kind, part) if part.takes else _why_scaled(snapshot, factor, kind, numbers)
    lessons = LESSONS[part.name] if kind.over == "samples" else ()
    if part.takes == PROJECT.takes and (numbers.surviving or 0) >= EPSILON_MATTERS:
        lessons = ("tiny-weights",)
    return Explanation(name, says, now, why, lessons)


def _why_scaled(snapshot: Snapshot, factor: Factor, kind: Normalization, numbers: LayerNumbers) -> str:
    """What γ/σ is over the units, for the ledger has another number, and what it makes of the size of w."""
    layer = snapshot.architecture.layer(factor.name.layer)
    symbol = "γ/‖w‖" if kind.over == "weight" else "γ/σ"
    said = [_rounding(factor)] if factor.rounding else []
    if numbers.scale is not None and layer.units > 1:
        mean = numbers.scale / math.sqrt(layer.units)
        said.append(
            f"{symbol} over the {layer.units} units: norm {brief(numbers.scale)} (the meters' number), root mean square "
            f"{brief(mean)}; the row weighs each unit by its signal."
        )
    elif numbers.scale is not None:
        said.append(f"{symbol} = {brief(numbers.scale)}.")
    if kind.estimated(snapshot.mode):
        said.append("In evaluation mode σ is a running estimate: it stands still, and the factor has no other part.")
    elif kind.detached:
        said.append("μ and σ count as constants: centre and project are left out, and this is not the slope of J.")
    elif (numbers.surviving or 0) >= EPSILON_MATTERS:
        said.append("The variance is not large beside ε, so σ follows it little: twice the W does not make half of this.")
    elif kind.frees is not None and (kind.over == "weight" or layer.normalized_before_activation):
        freed = "W and bias" if kind.frees_bias and Name(layer.name, BIAS) in snapshot.parameter_names else "W"
        said.append(f"Twice the {freed} makes half of this: what a signal meets is W·{symbol} = {brief(numbers.pair)} (norm).")
    return " ".join(said)


def _why_taken(snapshot: Snapshot, factor: Factor, before: Factor, kind: Normalization, part: Part) -> str:
    """What it took from what; of one sample that the others take part in it."""
    numbers = snapshot.numbers(factor.name.layer)
    learner = _learner(snapshot, factor, kind, part)
    if before.rounding or factor.value is None:
        return _rounding(factor) or "The signal before is 0: there is nothing to take."
    if factor.rounding:
        return f"All of the signal lay along {part.takes}: nothing is left of it.{learner} {ROUNDING}"
    if abs(factor.value - 1) < SAME:
        return f"×1: nothing of the signal lay along {part.takes}, so there was nothing to take."
    survives = numbers.surviving if part.takes == PROJECT.takes else None
    if survives is not None and survives >= EPSILON_MATTERS:
        return (
            f"The variance is v = {brief(numbers.variance)}, ε = {brief(numbers.epsilon)}: σ = √(v + ε) follows z only in part, "
            f"and of what lies along x̂ the share ε/(v + ε) = {brief(survives)} is left."
        )
    left = "" if survives is None else f" ε leaves ε/(v + ε) = {brief(survives)} of it."
    taken = share_taken(snapshot, factor, kind)
    if taken is None:
        return f"Of one sample the ratio holds what the others do too: it may be above 1, and signs may change.{left}"
    size = f"√({brief(before.product)}² − {brief(factor.product)}²) = {brief(math.sqrt(taken) * abs(before.product))}"
    return f"It took what lay along {part.takes}: {size}, {percent(taken)} of δ², the square of the signal.{learner}{left}"


def _learner(snapshot: Snapshot, factor: Factor, kind: Normalization, part: Part) -> str:
    """What learns from the direction that is taken away."""
    numbers = snapshot.numbers(factor.name.layer)
    learned = [name for name, _ in kind.parameters] if snapshot.architecture.layer(factor.name.layer).normalization.affine else []
    if kind.over == "samples" and part.name == PROJECT.name and numbers.gamma_gradient is not None:
        return f" From that γ learns: ‖∂J/∂γ‖ = {brief(numbers.gamma_gradient)}."
    if kind.over == "samples" and part.name == CENTRE.name and "beta" in learned:
        return " From that β learns."
    return ""


def _ratio(snapshot: Snapshot, factor: Factor, before: Factor) -> str:
    """The row's value as a fraction of two products."""
    if factor.value is None:
        return "– : the signal before is 0, and has no ratio to anything"
    value = "≈0" if factor.rounding and abs(factor.value) < 1e-12 else times(factor.value)
    over = f"over the {snapshot.samples} samples" if snapshot.focus.sample is None else f"of sample {snapshot.focus.sample}"
    units = "" if not snapshot.focus.units else ", along one path of units"
    above = "∂J/∂W" if factor.name.part == INPUT else "δ after"
    ratio = f"{value} = {_fraction(snapshot, above, 'δ before')} = {_numbers(factor, before)}"
    return f"{ratio}, {over}{units}{_beside(snapshot, factor)}"


def _beside(snapshot: Snapshot, factor: Factor) -> str:
    """The twin's factor, where it has that one."""
    if snapshot.twin is None:
        return ""
    own = {each.name: each for each in snapshot.twin.chain(snapshot.focus.layer).factors}.get(factor.name)
    return "" if own is None else f"; in the twin {times(own.value)}, product {brief(own.product)}"


def _fraction(snapshot: Snapshot, above: str, below: str) -> str:
    """A ratio of norms; what is read of one sample may have signs."""
    return f"‖{above}‖/‖{below}‖" if snapshot.focus.sample is None else f"({above})/({below})"


def _numbers(factor: Factor, before: Factor) -> str:
    return f"{brief(factor.product)}/{brief(before.product)}"


def _size(what: str, snapshot: Snapshot) -> str:
    return f"‖{what}‖" if snapshot.focus.sample is None else f"{what} of sample {snapshot.focus.sample}"


def _rounding(factor: Factor) -> str:
    return ROUNDING if factor.rounding else ""
