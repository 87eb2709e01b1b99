"""The names by which parameters, factors and quantities are spoken of."""

from __future__ import annotations

from bntui.maths.architecture import Architecture
from bntui.scenario.wording import shown, suggestion, unknown

NORM_PARTS = ("scale", "centre", "project")
PLAIN_QUANTITIES = ("step", "loss", "learning_rate", "diverged", "curvature", "stable_rate", "rate_over_stable", "loss_otherwise")
ORDERS = ("first", "second", "rest", "actual")
LAYER_QUANTITIES = ("gain", "product", "weight", "scale", "pair", "surviving", "variance", "flat", "dead", "effective_rate")
_FAMILIES = ("gradient", "parameter", "factor", *LAYER_QUANTITIES, "update_ratio", "order", "twin", "ratio")


def possible_parameters(architecture: Architecture) -> tuple[str, ...]:
    """Every parameter that the network can have, with BN on or off, from the input."""
    names: list[str] = []
    for layer in architecture.layers:
        names.append(f"{layer.name}.weight")
        if layer.bias or _may_gain_bias(architecture, layer.name):
            names.append(f"{layer.name}.bias")
        if layer.batch_norm.affine:
            names += [f"{layer.name}.gamma", f"{layer.name}.beta"]
    return tuple(names)


def _may_gain_bias(architecture: Architecture, name: str) -> bool:
    """Whether switching BN off with `preserve` can fold β and μ into this layer."""
    place = architecture.position(name)
    layer = architecture.layers[place]
    before = architecture.layers[place - 1] if place else None
    folds_here = layer.batch_norm.placement == "before_activation" or layer.activation == "linear"
    return folds_here or (before is not None and before.batch_norm.placement == "after_activation")


def possible_factors(architecture: Architecture) -> tuple[str, ...]:
    """Every factor that some layer's chain can have, from the cost backwards."""
    names = ["cost"]
    for layer in reversed(architecture.layers):
        activation = [] if layer.activation == "linear" else [f"{layer.name}.activation"]
        norm = [f"{layer.name}.norm.{part}" for part in NORM_PARTS]
        after = layer.batch_norm.placement == "after_activation"
        names += [*norm, *activation] if after else [*activation, *norm]
        if layer is not architecture.layers[0]:
            names.append(f"{layer.name}.weight")
        names.append(f"{layer.name}.input")
    return tuple(names)


def quantities(architecture: Architecture) -> tuple[str, ...]:
    """Every quantity of the network itself; `twin.` and `ratio.` may stand before each."""
    parameters = possible_parameters(architecture)
    layers = [layer.name for layer in architecture.layers]
    return (
        *PLAIN_QUANTITIES,
        *(f"gradient.{name}" for name in parameters),
        *(f"parameter.{name}" for name in parameters),
        *(f"factor.{name}" for name in possible_factors(architecture)),
        *(f"{kind}.{name}" for kind in LAYER_QUANTITIES for name in layers),
        *(f"update_ratio.{name}" for name in parameters),
        *(f"order.{name}" for name in ORDERS),
    )


def unknown_quantity(name: str, architecture: Architecture) -> str | None:
    """What is wrong with a quantity's name, or None where nothing is."""
    known = quantities(architecture)
    own = name.removeprefix("twin.") if name.startswith("twin.") else name.removeprefix("ratio.")
    if own in known:
        return None
    family, _, rest = own.partition(".")
    if family in _FAMILIES and rest and family not in ("twin", "ratio"):
        members = [each.partition(".")[2] for each in known if each.startswith(f"{family}.")]
        return f"unknown quantity: after {family}., {unknown(rest, members)}"
    words = [*PLAIN_QUANTITIES, *(f"{each}.…" for each in _FAMILIES)]
    message = f"unknown quantity {shown(name)}; allowed: {', '.join(words)}"
    return message + suggestion(own, [*PLAIN_QUANTITIES, *known, *_FAMILIES])
