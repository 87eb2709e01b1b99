"""The settings of a network in the words that every header has for them."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.maths.arrays import Mode
from bntui.maths.kinds.optimizers import Sgd
from bntui.scenario.model.actions import Twin
from bntui.session.look.snapshot import Standing
from bntui.views.text.numbers import brief


def batch_norm_text(normalized: Sequence[str], switchable: Sequence[str], mode: Mode = "train", counted: bool = False) -> str:
    """BN off, BN on (every layer that can), or the normalized layers by name or number; and whether it is evaluated."""
    if not normalized:
        text = "BN off"
    elif tuple(normalized) == tuple(switchable):
        text = "BN on"
    else:
        text = f"BN in {len(normalized)}" if counted else f"BN {' '.join(normalized)}"
    return f"{text} · eval" if mode == "eval" else text


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


def difference_text(difference: Twin | None, batch_norm: str) -> str:
    """What a twin was made to differ in: its rate, its seed, its future, else BN, which is told as it is in the twin."""
    if difference is None:
        return batch_norm
    named = [] if difference.batch_norm is None else [batch_norm]
    if difference.skips is not None:
        named.append(skips_text(difference.skips))
    if difference.learning_rate is not None:
        named.append(f"η {brief(difference.learning_rate)}")
    if difference.init_seed is not None:
        named.append(f"seed {difference.init_seed}")
    if difference.future is not None:
        named.append(f"future {difference.future}")
    return " ".join(named) or batch_norm
