"""The optimizers: what each remembers of earlier gradients, the direction in which it goes, and what may be said of its rate.

θ ← θ − η∘d, with η per parameter; one rule serves one run and a thousand side by side. Orders of operations are those of
torch.optim; weight decay is no part of J: it pulls every parameter to 0, λθ being added to its gradient or, decoupled, to d.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from bntui.maths.names import ByName
from bntui.maths.numeric import Array, np
from bntui.records import dataclass

Memory = tuple[Array, ...]
NO_DECAY = ByName(0.0)
UPDATES = "updates"  # what an optimizer remembers that is a count, by parameter, and no size


@lru_cache(1)
def _nothing(shape: tuple[int, ...]) -> Array:
    """Zeros, one array for a whole run, which nobody writes to."""
    zeros = np.zeros(shape)
    zeros.flags.writeable = False
    return zeros


@dataclass(frozen=True, slots=True)
class Sgd:
    """d = v with v ← momentum·v + ∂J/∂θ + λθ, as torch.optim.SGD; v starts at the first gradient.

    With Nesterov's momentum d = ∂J/∂θ + λθ + momentum·v: the step that the next velocity would make [Sutskever et al. 2013, §3.5].
    """

    name: ClassVar[str] = "sgd"
    torch: ClassVar[str] = "torch.optim.SGD"
    formula: ClassVar[str] = "v ← momentum·v + ∂J/∂θ + λθ, θ ← θ − ηv; by Nesterov θ ← θ − η(∂J/∂θ + λθ + momentum·v)"
    remembers: ClassVar[tuple[str, ...]] = ("velocity",)
    settings: ClassVar[tuple[str, ...]] = ("momentum", "nesterov")  # the keys of `training` that it has beside the decay
    decoupled: ClassVar[bool] = False  # whether λθ is added to d rather than to the gradient

    momentum: float = 0.0
    nesterov: bool = False
    decay: ByName = NO_DECAY

    def direction(self, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """d and what is remembered after it, for gradients (…, P) and memory of that shape."""
        if not self.momentum:
            return gradient, (_nothing(gradient.shape),)
        (velocity,) = memory
        velocity = self.momentum * velocity + gradient
        return gradient + self.momentum * velocity if self.nesterov else velocity, (velocity,)

    def preconditioner(self, gradient: Array, memory: Memory) -> Array | float:
        """P, by which the next update divides the gradient of each number."""
        return 1.0

    @property
    def stable_formula(self) -> str:
        """The stable rate as a formula of the momentum m and the curvature, with weight decay that of J + ½Σλθ²."""
        if self.decay.is_zero:
            return "2(1+m)/((1+2m)λ)" if self.nesterov else "2(1+m)/λ_max"
        return "2(1+m)/((1+2m)λ(H+Λ))" if self.nesterov else "2(1+m)/λ_max(H+Λ)"

    def stable_rate(self, curvature: float) -> float | None:
        """The largest learning rate at which a quadratic of this curvature is descended; None where it is not positive."""
        overshoot = 1 + 2 * self.momentum if self.nesterov else 1.0
        return 2 * (1 + self.momentum) / (overshoot * curvature) if curvature > 0 else None

    @property
    def effective_formula(self) -> str:
        """The effective rate as a formula of η, the momentum m and a row's length."""
        return "η/(1−m)w²" if self.momentum else "η/‖w‖²"

    def effective_rate(self, rate: float, squared_length: Array) -> Array:
        """The rate that a row w of a scale-invariant weight would need at length 1 to turn as it does: η/((1 − momentum)·‖w‖²)."""
        return rate * self.amplification / squared_length

    @property
    def amplification(self) -> float:
        """By what a constant gradient is multiplied in the long run, 1/(1 − momentum)."""
        return 1 / (1 - self.momentum)


@dataclass(frozen=True, slots=True)
class Adam:
    """d = m/P with m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g² and g = ∂J/∂θ + λθ, as torch.optim.Adam [Kingma & Ba 2015].

    P = (1 − β₁ᵗ)·(√(v/(1 − β₂ᵗ)) + ε), where t counts the updates since the optimizer remembers a parameter.
    """

    name: ClassVar[str] = "adam"
    torch: ClassVar[str] = "torch.optim.Adam"
    formula: ClassVar[str] = (
        "g = ∂J/∂θ + λθ, m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η·m/P with P = (1 − β₁ᵗ)(√(v/(1 − β₂ᵗ)) + ε)"
    )
    remembers: ClassVar[tuple[str, ...]] = ("mean gradient", "mean square", UPDATES)
    settings: ClassVar[tuple[str, ...]] = ("betas", "epsilon")
    decoupled: ClassVar[bool] = False

    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8
    decay: ByName = NO_DECAY

    def direction(self, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """d and what is remembered after it, for gradients (…, P) and memory of that shape."""
        mean, square, updates = self._remembered(gradient, memory)
        return mean / self._scale(square, updates), (mean, square, updates)

    def preconditioner(self, gradient: Array, memory: Memory) -> Array | float:
        """P, by which the next update divides the mean gradient of each number [Cohen et al. 2022]."""
        _, square, updates = self._remembered(gradient, memory)
        return self._scale(square, updates)

    def _remembered(self, gradient: Array, memory: Memory) -> Memory:
        (first, second), (mean, square, updates) = self.betas, memory
        return mean + (1 - first) * (gradient - mean), second * square + (1 - second) * gradient * gradient, updates + 1

    def _scale(self, square: Array, updates: Array) -> Array:
        first, second = self.betas
        scale: Array = (1 - first**updates) * (np.sqrt(square) / np.sqrt(1 - second**updates) + self.epsilon)
        return scale

    @property
    def stable_formula(self) -> str:
        """The stable rate as a formula of the preconditioned curvature: 38/λ_max(P⁻¹H) where β₁ is 0.9."""
        inside = "P⁻¹H" if self.decay.is_zero else f"P⁻¹H+{self._steadiness:.4g}Λ" if self.decoupled else "P⁻¹(H+Λ)"
        return f"{2 * self._steadiness:.4g}/λ_max({inside})"

    def stable_rate(self, curvature: float) -> float | None:
        """The largest learning rate at which a quadratic of this preconditioned curvature is descended while P stands still."""
        return 2 * self._steadiness / curvature if curvature > 0 else None

    @property
    def _steadiness(self) -> float:
        """By what the mean over gradients raises the stable rate, (1 + β₁)/(1 − β₁)."""
        first, _ = self.betas
        return (1 + first) / (1 - first)

    @property
    def effective_formula(self) -> str:
        """The effective rate as a formula of η and a row's length."""
        return "η/‖w‖"

    def effective_rate(self, rate: float, squared_length: Array) -> Array:
        """The rate that a row of a scale-invariant weight would need at length 1 to turn as it does: η/‖w‖, for d has no scale."""
        effective: Array = rate / np.sqrt(squared_length)
        return effective


@dataclass(frozen=True, slots=True)
class AdamW(Adam):
    """d = m/P + λθ with Adam's m and P of ∂J/∂θ alone, as torch.optim.AdamW [Loshchilov & Hutter 2019]."""

    name: ClassVar[str] = "adamw"
    torch: ClassVar[str] = "torch.optim.AdamW"
    formula: ClassVar[str] = "adam's with g = ∂J/∂θ, and the decay apart: θ ← θ − η(m/P + λθ)"
    decoupled: ClassVar[bool] = True


Optimizer = Sgd | Adam
PLAIN_DESCENT = Sgd()

OPTIMIZERS: dict[str, type[Optimizer]] = {each.name: each for each in (Sgd, Adam, AdamW)}
