"""The names by which parameters, factors and quantities are spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from bntui.maths.architecture import Architecture
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import OPTIMIZERS, UPDATES
from bntui.maths.names import ACTIVATION, BIAS, COST, INPUT, SKIP, WEIGHT, Name
from bntui.scenario.text.wording import listing, shown, suggestion, unknown

ORDERS = ("first", "second", "rest", "actual")
# of all kinds of normalization: a key may choose any of them
LEARNED = tuple(dict.fromkeys(part for kind in NORMALIZATIONS.values() for part, _ in kind.parameters))
NORM_FACTORS = tuple(dict.fromkeys(part.factor for kind in NORMALIZATIONS.values() for part in kind.parts))
# of all optimizers what they remember, each with its name in quantities
REMEMBERED = {
    what: what.replace(" ", "_") for kind in OPTIMIZERS.values() for what in kind.remembers if what != UPDATES
}

# what each quantity is, in the order of the reference
METERS = {
    "curvature": "λ_max of D^½HD^½ at this moment, D the rates over η; by exact Hessian products",
    "stable_rate": "the largest rate that a quadratic so curved allows, 2(1 + momentum)/λ_max, by Nesterov over 1 + 2·momentum, "
    "of adam 2(1 + β₁)/(1 − β₁) over λ_max(P⁻¹H) with P as it stands; with weight decay H + Λ for H; none where λ_max ≤ 0",
    "rate_over_stable": "η over the stable rate",
    "gradient_curvature": "(Dg)ᵀH(Dg)/gᵀDg, the curvature along the gradient",
    "rate_over_cancelling": "η/2 times the curvature along the gradient: at 1 the second order takes back all of the first; "
    "none with adam, whose step does not lie along the gradient",
    "spherical_sharpness": "λ_max·‖w‖² of the weights whose length a normalization makes no difference: tells flatter from longer",
}
FULL = {
    "full_loss": "J on all training data, held-out data left out; in training mode with the statistics of all of it, in "
    "evaluation mode with the running estimates; the same as `loss` where a batch is all of the data",
    "full_accuracy": "the share of all training data that is right, in the same mode as `full_loss`",
}
VALIDATION = {
    "validation.loss": "J on the data that `data.validation` holds out, always in evaluation mode: with the running estimates, as "
    "a network is used",
    "validation.accuracy": "the share of the held-out data that is right, in evaluation mode as well",
}
ACCURACIES = ("accuracy", "full_accuracy", "validation.accuracy")
PLAIN_QUANTITIES = {
    "step": "updates made",
    "loss": "J on the batch of the next update",
    "accuracy": "the share of the batch of the next update that is right, where the cost knows classes; what is right stands "
    "under Costs",
    **FULL,
    **VALIDATION,
    "learning_rate": "η of the next update: what the schedule leaves of the rate that is set",
    "base_rate": "η as it is set, before the schedule",
    "momentum": "the momentum of the next update; none with adam and adamw",
    "epoch": "the pass through the training data to which the batch of the next update belongs, counted from 0; where a batch is "
    "all of the data every step is one",
    "diverged": "whether J or a gradient is not finite, or J is beyond 1e12 times its start",
    **METERS,
    "loss_otherwise": "J on the same batch in the other mode, where some layer's normalization keeps running estimates",
}
LAYER_QUANTITIES = {
    "gain": "‖∂J/∂a‖ at the layer's input over that at its output",
    "product": "the whole product of the layer's chain, ‖∂J/∂W‖",
    "weight": "‖W‖",
    "scale": "the norm of γ/σ over the units, of weight norm γ/‖w‖",
    "pair": "the norm over the units of each row's ‖w‖ times its γ/σ",
    "surviving": "the mean over the units of ε/(v + ε), what `project` leaves of what it takes",
    "variance": "the variance v that a normalization divides by, the mean over the units, or over the samples where it is theirs",
    "sigma": "σ of z over the batch, the root mean square over the units",
    "flat": "the share of slopes below 0.05",
    "dead": "units whose slope is 0 on every sample",
    "effective_rate": "η/((1 − momentum)·‖w‖²) of a layer whose normalization makes ‖w‖ of no matter, with adam and adamw η/‖w‖; "
    "the median over the rows, of a kind over the units over its groups",
    "angle": "by how many degrees the next update turns a row of W, the median over the rows",
}
SKIP_QUANTITIES = {
    "branch": "‖∂J/∂a‖ at the layer's input as it comes back through the layer, where a skip connection goes round it too",
    "skip": "the norm of what the skip connection adds to that",
}
FAMILIES = {
    "gradient.<parameter>": "the norm of a gradient, as `gradient.a.weight`",
    "parameter.<parameter>": "the norm of a parameter",
    "factor.<factor>": "the value of a factor, as `factor.cost`, `factor.a.norm.scale` (`centre`, `project`), `factor.a.input`",
    **{f"{name}.<layer>": says for name, says in (LAYER_QUANTITIES | SKIP_QUANTITIES).items()},
    "update_ratio.<parameter>": "‖s‖/‖θ‖ of the next update",
    **{f"order.{name}": says for name, says in zip(ORDERS, (
        "gᵀs of the last update: what the slope promised",
        "½ sᵀHs, exactly",
        "what is left of ΔJ",
        "ΔJ",
    ), strict=True)},
    "remembered.<what>": "the norm of what the optimizer remembers of earlier gradients: of sgd `remembered.velocity`, of adam and "
    "adamw `remembered.mean_gradient` and `remembered.mean_square`",
    "eigenvalue.<n>": "the n-th largest eigenvalue of D^½HD^½ up to `eigenvalue.10`, the first being `curvature`; and "
    "`eigenvalue.least`",
    "mean_share.<n>": "the share of that eigenvector along the mean directions: of a unit's (w, b) along (ā, 1), the mean of its "
    "inputs, which alone moves the mean of z; none where the eigenvalue is zero",
    "order.kinks": "how many slopes of ReLUs the last update has switched",
}
# what the view of histories goes through, and what it calls each; any other quantity may be named
HISTORIES = {
    "weight": "‖W‖",
    "scale": "γ/σ",
    "effective_rate": "η/‖w‖²",
    "angle": "degrees turned a step",
    "sigma": "σ of z",
    "gradient.*.weight": "‖∂J/∂W‖",
    "gain": "gain",
    "full_loss": "J on all data",
    "accuracy": "accuracy",
    "validation.loss": "J held out",
    "validation.accuracy": "accuracy held out",
}
# what the others are called that a lesson shows over the steps
ALSO_CALLED = {
    "curvature": "λ_max",
    "dead": "dead units",
    "rate_over_stable": "η over the stable rate",
    "variance": "variance v",
}
# what a trace tells of a state in words: no quantities, for they cannot be compared with numbers
WORDS = {
    "learning_rates": "the rates of parameters that a pattern names, before the schedule",
    "optimizer": "its name",
    "mode": "train or eval: whether normalizations take the batch's statistics or running estimates",
    "batch_norm": "the layers under batch_norm itself",
    "normalization": "the kind of every normalized layer",
}
TWIN, RATIO = BESIDE_TWIN = ("twin.", "ratio.")  # before a quantity: the twin's, and this one's over the twin's
EIGENVALUES = (*map(str, range(1, 11)), "least")
_FAMILY_NAMES = (*dict.fromkeys(name.partition(".")[0] for name in FAMILIES), "twin", "ratio")


_WILD = re.compile(r"\*|\?|\[[^\]]+\]")  # what stands for something else in a pattern
_LAYER = "[A-Za-z][A-Za-z0-9_-]{0,39}"
_PLAIN = "|".join(map(re.escape, PLAIN_QUANTITIES))
QUANTITY_PATTERN = (
    rf"(twin\.|ratio\.)?({_PLAIN}|(gradient|parameter|update_ratio)\.{_LAYER}\.({'|'.join((WEIGHT, BIAS, *LEARNED))})"
    rf"|factor\.({COST}|{_LAYER}(\.[a-z_]+)+)|({'|'.join(LAYER_QUANTITIES | SKIP_QUANTITIES)})\.{_LAYER}"
    rf"|remembered\.({'|'.join(REMEMBERED.values())})|(eigenvalue|mean_share)\.({'|'.join(EIGENVALUES)})"
    rf"|order\.({'|'.join((*ORDERS, 'kinks'))}))"
)
"""What the name of a quantity looks like, whatever the layers are called."""
_BEGINNINGS = "|".join(dict.fromkeys((*(name.partition(".")[0] for name in PLAIN_QUANTITIES), *_FAMILY_NAMES[:-2])))
HISTORY_PATTERN = rf"(twin\.|ratio\.)?(.*[*?\[].*|({_BEGINNINGS})(\..+)?)"
"""What the name of a history looks like."""


def called(history: str) -> str:
    """What a history is called over its chart: its own name, where it has one; of one layer or parameter, that as well."""
    family, _, layer = history.partition(".")
    names = HISTORIES | ALSO_CALLED
    if family == "parameter" and not _WILD.search(layer):
        return f"‖{layer}‖"
    if family == "gradient" and not _WILD.search(layer):
        return f"‖∂J/∂{layer}‖"
    if history in names:
        return names[history]
    return f"{names[family]} of {layer}" if family in names else history


def possible_parameters(architecture: Architecture) -> tuple[Name, ...]:
    """Every parameter that the network can have, normalized in whichever kind or not, from the input."""
    names: list[Name] = []
    for layer in architecture.layers:
        names.append(Name(layer.name, WEIGHT))
        if layer.bias or _may_gain_bias(architecture, layer.name):
            names.append(Name(layer.name, BIAS))
        if layer.normalization.affine:
            names += [Name(layer.name, part) for part in LEARNED]
    return tuple(names)


def _may_gain_bias(architecture: Architecture, name: str) -> bool:
    """Whether switching BN off with `preserve` can fold β and μ into this layer."""
    place = architecture.position(name)
    layer = architecture.layers[place]
    before = architecture.layers[place - 1] if place else None
    return layer.normalized_before_activation or (before is not None and before.normalization.placement == "after_activation")


def possible_factors(architecture: Architecture) -> tuple[Name, ...]:
    """Every factor that some layer's chain can have, from the cost backwards."""
    names, forked = [COST], architecture.forked
    for layer in reversed(architecture.layers):
        activation = [] if layer.is_linear else [Name(layer.name, ACTIVATION)]
        norm = [Name(layer.name, part) for part in NORM_FACTORS]
        after = layer.normalization.placement == "after_activation"
        names += [*norm, *activation] if after else [*activation, *norm]
        if layer is not architecture.layers[0]:
            names.append(Name(layer.name, WEIGHT))
            names += [Name(layer.name, SKIP)] if architecture.before(layer.name) in forked else []
        names.append(Name(layer.name, INPUT))
    return tuple(names)


def skipped(architecture: Architecture) -> tuple[str, ...]:
    """The layers round which a skip connection goes, above the first."""
    names = (layer.name for layer in architecture.layers[1:])
    return tuple(name for name in names if architecture.before(name) in architecture.forked)


def quantities(architecture: Architecture, held_out: bool = False) -> tuple[str, ...]:
    """Every quantity of the network itself, with data held out or without; `twin.` and `ratio.` may stand before each."""
    missing = {*(() if held_out else VALIDATION), *(() if architecture.cost.accuracy else ACCURACIES)}
    parameters = possible_parameters(architecture)
    layers = [layer.name for layer in architecture.layers]
    return (
        *(name for name in PLAIN_QUANTITIES if name not in missing),
        *(f"gradient.{name}" for name in parameters),
        *(f"parameter.{name}" for name in parameters),
        *(f"factor.{name}" for name in possible_factors(architecture)),
        *(f"{kind}.{name}" for kind in LAYER_QUANTITIES for name in layers),
        *(f"{kind}.{name}" for kind in SKIP_QUANTITIES for name in skipped(architecture)),
        *(f"update_ratio.{name}" for name in parameters),
        *(f"remembered.{what}" for what in REMEMBERED.values()),
        *(f"{kind}.{place}" for kind in ("eigenvalue", "mean_share") for place in EIGENVALUES),
        *(f"order.{name}" for name in (*ORDERS, "kinks")),
    )


def parted(name: str) -> tuple[str, str]:
    """What stands before a quantity's own name, `twin.` or `ratio.`, "" where neither does; and that name."""
    before = next((each for each in BESIDE_TWIN if name.startswith(each)), "")
    return before, name.removeprefix(before)


def of_history(name: str, architecture: Architecture, held_out: bool = False) -> tuple[tuple[str, str], ...]:
    """The quantities that a history's name stands for, each with what tells it from the others: "" where it is alone.

    The name is a quantity, a pattern as a shell has them, or a family, of which it means every member; `twin.` or `ratio.` may
    stand before it.
    """
    (before, own), known = parted(name), quantities(architecture, held_out)
    if own in known:
        return ((name, ""),)
    pattern = own if _WILD.search(own) else f"{own}.*"
    begin, *_, end = _WILD.split(pattern)  # what every one of them begins and ends with
    found = [each for each in known if fnmatchcase(each, pattern)]
    return tuple((f"{before}{each}", each.removeprefix(begin).removesuffix(end)) for each in found)


def chosen(names: Iterable[str], architecture: Architecture, held_out: bool = False) -> tuple[str, ...]:
    """Every quantity that names stand for, as those of histories do, each once. Raises KeyError with a sentence."""
    found: dict[str, None] = {}
    for name in names:
        wrong = unknown_history(name, architecture, held_out)
        if wrong is not None:
            raise KeyError(wrong)
        found |= dict.fromkeys(each for each, _ in of_history(name, architecture, held_out))
    return tuple(found)


def unknown_history(name: str, architecture: Architecture, held_out: bool = False) -> str | None:
    """What is wrong with the name of a history, or None where nothing is."""
    return None if of_history(name, architecture, held_out) else unknown_quantity(name, architecture, held_out)


def unknown_quantity(name: str, architecture: Architecture, held_out: bool = False) -> str | None:
    """What is wrong with a quantity's name, or None where nothing is."""
    known = quantities(architecture, held_out)
    _, own = parted(name)
    if own in known:
        return None
    if own in WORDS:
        return f"{name}: it is told in words, and here quantities are wanted"
    if own in VALIDATION and not held_out:
        return f"{own}: no data is held out; data.validation does it, as validation: 0.2"
    if own in ACCURACIES:
        costs = listing(cost.name for cost in COSTS.values() if cost.accuracy)
        return f"{own}: {architecture.cost.name} knows no classes; allowed with {costs}"
    family, _, rest = own.partition(".")
    if family in _FAMILY_NAMES and rest and family not in ("twin", "ratio"):
        members = [each.partition(".")[2] for each in known if each.startswith(f"{family}.")]
        return f"unknown quantity: after {family}., {unknown(rest, members)}"
    plain = [each for each in known if each in PLAIN_QUANTITIES]
    words = [*plain, *(f"{each}.…" for each in _FAMILY_NAMES)]
    message = f"unknown quantity {shown(name)}; allowed: {', '.join(words)}"
    return message + suggestion(own, [*known, *_FAMILY_NAMES])
