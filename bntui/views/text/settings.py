"""The settings of a network in the words that every header has for them."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.maths.arrays import Mode
from bntui.scenario.model.actions import Twin
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


def rate_text(rate: float, by_name: Sequence[tuple[str, float]]) -> str:
    """η, and the rate of the parameters that have one of their own; of several patterns the number."""
    own = [f"{pattern} {brief(its)}" for pattern, its in by_name]
    return f"η {brief(rate)}" + ("" if not own else f" ({own[0]})" if len(own) == 1 else f" ({len(own)} of their own)")


def difference_text(difference: Twin | None, batch_norm: str) -> str:
    """What a twin was made to differ in: its rate, its seed, its future, else BN, which is told as it is in the twin."""
    if difference is None:
        return batch_norm
    named = [] if difference.batch_norm is None else [batch_norm]
    if difference.learning_rate is not None:
        named.append(f"η {brief(difference.learning_rate)}")
    if difference.init_seed is not None:
        named.append(f"seed {difference.init_seed}")
    if difference.future is not None:
        named.append(f"future {difference.future}")
    return " ".join(named) or batch_norm
