"""The costs: J, and the factor that every chain begins with, ∂J/∂ŷ.

Outputs and targets are (…, m, n); J has the leading axes' shape. `bce` is computed from what enters the sigmoid and
`cross_entropy` from the linear outputs, both without ever taking the logarithm of a rounded 0.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Literal

from bntui.maths.kinds.activations import LINEAR, SIGMOID, Activation, sigmoid
from bntui.maths.numeric import Array, np
from bntui.records import dataclass

_SMALLEST = sys.float_info.min


Targets = Literal["numbers", "switches", "classes"]


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost under the `name` that YAML has for it, its derivative, and how that changes while the outputs do.

    `formula` and `says` are what a person reads of it, `slope_formula` what ∂J/∂ŷ is. `torch` is it in PyTorch, of ŷ `outputs`
    and targets `y`, one-hot where they are classes.

    `loss` and `derivative` take the outputs and the targets, `derivative_along` also the change of the outputs. A cost with a
    `logit_derivative` (`bce`) takes what enters the last activation instead of the outputs, and gives ∂J/∂(that) too: the
    product of its two factors can be read where one of them overflows and the other is rounded to 0; `derivative_along`
    is then the change of that product.

    `targets` says what it compares with: any numbers, switches 0/1, or the numbers of classes, made into one-hot rows.
    `best_constant` is the cost of the best constant output for targets (M, n_L), `constant` its name. `last_activation` is
    what the last layer must have, None for any. `accuracy` takes what `loss` takes and gives the share that is right, in the
    leading axes' shape; None where the targets are no classes. `counts_right` says of what it is the share.
    """

    name: str
    formula: str
    slope_formula: str
    says: str
    loss: Callable[[Array, Array], Array]
    derivative: Callable[[Array, Array], Array]
    derivative_along: Callable[[Array, Array, Array], Array]
    best_constant: Callable[[Array], float]
    constant: str
    torch: str
    logit_derivative: Callable[[Array, Array], Array] | None = None
    targets: Targets = "numbers"
    last_activation: Activation | None = None
    accuracy: Callable[[Array, Array], Array] | None = None
    counts_right: str = ""


def _total(elements: Array) -> Array:
    return np.asarray(np.add.reduce(elements, axis=(-2, -1)))


def _total_of_squares(elements: Array) -> Array:
    if elements.ndim == 2:
        flat = elements.reshape(-1)
        return flat.dot(flat)
    row = elements.reshape(*elements.shape[:-2], 1, -1)
    return np.asarray(np.matmul(row, row.swapaxes(-1, -2))[..., 0, 0])


def _elements(outputs: Array) -> int:
    return outputs.shape[-2] * outputs.shape[-1]


def _mse(outputs: Array, targets: Array) -> Array:
    return _total_of_squares(outputs - targets) / _elements(outputs)


def _mse_derivative(outputs: Array, targets: Array) -> Array:
    return (outputs - targets) * (2 / _elements(outputs))


def _mse_derivative_along(outputs: Array, targets: Array, change: Array) -> Array:
    return change * (2 / _elements(outputs))


def _half_mse(outputs: Array, targets: Array) -> Array:
    return _total_of_squares(outputs - targets) / (2 * outputs.shape[-2])


def _half_mse_derivative(outputs: Array, targets: Array) -> Array:
    return (outputs - targets) / outputs.shape[-2]


def _half_mse_derivative_along(outputs: Array, targets: Array, change: Array) -> Array:
    return change / outputs.shape[-2]


def _bce(logits: Array, targets: Array) -> Array:
    return _total(targets * np.logaddexp(0, -logits) + (1 - targets) * np.logaddexp(0, logits)) / _elements(logits)


def _bce_derivative(logits: Array, targets: Array) -> Array:
    # (ŷ − y)/(ŷ(1 − ŷ)), split so that no difference is rounded to zero
    wrong, right = np.maximum(sigmoid(-logits), _SMALLEST), np.maximum(sigmoid(logits), _SMALLEST)
    return ((1 - targets) / wrong - targets / right) / _elements(logits)


def _bce_logit_derivative(logits: Array, targets: Array) -> Array:
    # ŷ − y, split as above: for y = 1 the plain difference is 0 from u = 37 on
    return ((1 - targets) * sigmoid(logits) - targets * sigmoid(-logits)) / _elements(logits)


def _bce_derivative_along(logits: Array, targets: Array, change: Array) -> Array:
    return sigmoid(logits) * sigmoid(-logits) * change / _elements(logits)


def _cross_entropy(outputs: Array, targets: Array) -> Array:
    shifted = outputs - outputs.max(axis=-1, keepdims=True)
    logarithm = np.log(np.add.reduce(np.exp(shifted), axis=-1, keepdims=True))
    return _total(targets * (logarithm - shifted)) / outputs.shape[-2]


def _softmax(outputs: Array) -> Array:
    exponentials = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return exponentials / np.add.reduce(exponentials, axis=-1, keepdims=True)


def _cross_entropy_derivative(outputs: Array, targets: Array) -> Array:
    return (_softmax(outputs) - targets) / outputs.shape[-2]


def _cross_entropy_derivative_along(outputs: Array, targets: Array, change: Array) -> Array:
    shares = _softmax(outputs)
    return shares * (change - np.add.reduce(shares * change, axis=-1, keepdims=True)) / outputs.shape[-2]


def _right_switches(logits: Array, targets: Array) -> Array:
    # what is left of an overflow is wrong whatever the target
    right = ((logits > 0) == (targets > 0.5)) & ~np.isnan(logits)
    return np.asarray(right.mean(axis=(-2, -1)))


def _right_classes(outputs: Array, targets: Array) -> Array:
    right = (outputs.argmax(axis=-1) == targets.argmax(axis=-1)) & ~np.isnan(outputs).any(axis=-1)
    return np.asarray(right.mean(axis=-1))


def _share_log(shares: Array) -> Array:
    """p·log p, which is 0 at p = 0."""
    return shares * np.log(np.where(shares > 0, shares, 1.0))


def _mean_variance(targets: Array) -> float:
    return float(np.var(targets, axis=0).mean())


def _half_variance(targets: Array) -> float:
    return float(np.var(targets, axis=0).sum()) / 2


def _entropy_of_switches(targets: Array) -> float:
    shares = targets.mean(axis=0)
    return float((-_share_log(shares) - _share_log(1 - shares)).mean())


def _entropy_of_classes(targets: Array) -> float:
    return float((-_share_log(targets.mean(axis=0))).sum())


MSE = Cost(
    "mse",
    "1/(m·n) Σᵢⱼ (ŷᵢⱼ − yᵢⱼ)²",
    "2(ŷ − y)/(m·n)",
    "the squared error of a number, averaged over samples and outputs",
    _mse,
    _mse_derivative,
    _mse_derivative_along,
    _mean_variance,
    "Var(y)",
    "torch.nn.functional.mse_loss(outputs, y)",
)
HALF_MSE = Cost(
    "half_mse",
    "1/(2m) Σᵢ ‖ŷᵢ − yᵢ‖²",
    "(ŷ − y)/m",
    "half the squared error of a sample, averaged over samples: with one output half of mse, with n outputs n/2 times it",
    _half_mse,
    _half_mse_derivative,
    _half_mse_derivative_along,
    _half_variance,
    "½Var(y)",
    "(outputs - y).square().sum() / (2 * len(y))",
)
BCE = Cost(
    "bce",
    "−1/(m·n) Σᵢⱼ (yᵢⱼ·log ŷᵢⱼ + (1 − yᵢⱼ)·log(1 − ŷᵢⱼ))",
    "(ŷ − y)/(ŷ(1 − ŷ)·m·n)",
    "the binary cross-entropy of a sigmoid output, averaged over samples and outputs",
    _bce,
    _bce_derivative,
    _bce_derivative_along,
    _entropy_of_switches,
    "the entropy of y",
    "torch.nn.functional.binary_cross_entropy(outputs, y)",
    _bce_logit_derivative,
    targets="switches",
    last_activation=SIGMOID,
    accuracy=_right_switches,
    counts_right="the outputs on their target's side of ½",
)
CROSS_ENTROPY = Cost(
    "cross_entropy",
    "−1/m Σᵢ log softmax(ŷᵢ) at class yᵢ",
    "(softmax ŷ − y)/m, y being 1 at the class and 0 elsewhere",
    "the cross-entropy of a sample's class and the linear outputs' softmax, averaged over samples",
    _cross_entropy,
    _cross_entropy_derivative,
    _cross_entropy_derivative_along,
    _entropy_of_classes,
    "the entropy of y",
    "torch.nn.functional.cross_entropy(outputs, y)",
    targets="classes",
    last_activation=LINEAR,
    accuracy=_right_classes,
    counts_right="the samples whose largest output is their class's",
)

COSTS = {each.name: each for each in (MSE, HALF_MSE, BCE, CROSS_ENTROPY)}
