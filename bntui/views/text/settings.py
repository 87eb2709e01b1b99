"""The settings of a network in the words that every header has for them."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.maths.arrays import Mode
from bntui.maths.kinds.normalizations import Normalization
from bntui.maths.kinds.optimizers import Sgd
from bntui.scenario.model.actions import Twin
from bntui.session.look.standing import Standing
from bntui.views.text.numbers import brief

Kinds = Sequence[tuple[str, Normalization]]


def normalization_text(
    kinds: Kinds, switchable: Sequence[str], short: str, mode: Mode = "train", counted: bool = False
) -> str:
    """LN off, LN on (every layer that can), or the normalized layers of each kind by name or number; and whether it is evaluated.

    `kinds` are the normalized layers, each with its kind; `short` is what the normalization is called where nothing is normalized.
    """
    text = ", ".join(f"{name} {where}" for name, where in switched_layers(kinds, switchable, counted)) or f"{short} off"
    return f"{text} · eval" if mode == "eval" else text


def switched_layers(kinds: Kinds, switchable: Sequence[str], counted: bool = False) -> list[tuple[str, str]]:
    """Each kind's short name and where it is on: the layers by name or number, `on` for every layer that can."""
    by_short: dict[str, list[str]] = {}
    for layer, kind in kinds:
        by_short.setdefault(kind.short, []).append(layer)
    everywhere = len(by_short) == 1 and tuple(layer for layer, _ in kinds) == tuple(switchable)
    return [
        (short, "on" if everywhere else f"in {len(layers)}" if counted else " ".join(layers))
        for short, layers in by_short.items()
    ]


def optimizer_parts(standing: Standing, spared: int = 0) -> list[str]:
    """The optimizer where it is not sgd, the rate, and the weight decay where there is any; the more is spared, the less of it."""
    optimizer = standing.optimizer
    name = "" if optimizer.name == Sgd.name else f"{optimizer.name} "
    if spared >= 2:
        return [f"{name}η {brief(standing.learning_rate)}"]
    parts = [name + rate_text(standing.learning_rate, standing.base_rate, standing.rates_by_name)]
    if not optimizer.decay.is_zero:
        by_name = " by name" if optimizer.decay.by_name else ""
        parts.append(f"decay {brief(optimizer.decay.value)}{by_name}")
    return parts


def rate_text(rate: float, base_rate: float, by_name: Sequence[tuple[str, float]]) -> str:
    """η, of which rate where a schedule has changed it, and the rate of parameters with one of their own; of several the number."""
    of = "" if rate == base_rate else f" of {brief(base_rate)}"
    own = [f"{pattern} {brief(its)}" for pattern, its in by_name]
    return f"η {brief(rate)}{of}" + ("" if not own else f" ({own[0]})" if len(own) == 1 else f" ({len(own)} of their own)")


def skips_text(skips: bool) -> str:
    """Whether the skip connections are there."""
    return f"skips {'on' if skips else 'off'}"


def difference_text(difference: Twin | None, normalization: str) -> str:
    """What a twin was made to differ in: rate, optimizer, seed, future; else what is normalized, as it is in the twin."""
    if difference is None:
        return normalization
    named = [] if difference.batch_norm is None and difference.normalization is None else [normalization]
    if difference.skips is not None:
        named.append(skips_text(difference.skips))
    if difference.learning_rate is not None:
        named.append(f"η {brief(difference.learning_rate)}")
    if difference.optimizer is not None:
        named.append(difference.optimizer)
    if difference.weight_decay is not None:
        named.append(f"decay {brief(difference.weight_decay)}")
    if difference.init_seed is not None:
        named.append(f"seed {difference.init_seed}")
    if difference.future is not None:
        named.append(f"future {difference.future}")
    return " ".join(named) or normalization
