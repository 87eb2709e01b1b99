"""The optimizers: what each remembers of earlier gradients, and the direction in which it goes.

θ ← θ − η∘d, with η per parameter; one rule serves one run and a thousand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bntui.maths.numeric import Array, np

Memory = tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Sgd:
    """d = v with v ← momentum·v + ∂J/∂θ, as torch.optim.SGD; v starts at the first gradient.

    With Nesterov's momentum d = ∂J/∂θ + momentum·v: the step that the next velocity would make [Sutskever et al. 2013, §3.5].
    """

    name: ClassVar[str] = "sgd"
    remembers: ClassVar[tuple[str, ...]] = ("velocity",)

    momentum: float = 0.0
    nesterov: bool = False

    def direction(self, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """d and what is remembered after it, for gradients (…, P) and memory of that shape."""
        if not self.momentum:
            return gradient, (np.zeros(gradient.shape),)
        (velocity,) = memory
        velocity = self.momentum * velocity + gradient
        return gradient + self.momentum * velocity if self.nesterov else velocity, (velocity,)

    @property
    def stable_formula(self) -> str:
        """The stable rate as a formula of the momentum m and the curvature."""
        return "2(1+m)/((1+2m)λ)" if self.nesterov else "2(1+m)/λ_max"

    def stable_rate(self, curvature: float) -> float | None:
        """The largest learning rate at which a quadratic of this curvature is descended; None where it is not positive."""
        overshoot = 1 + 2 * self.momentum if self.nesterov else 1.0
        return 2 * (1 + self.momentum) / (overshoot * curvature) if curvature > 0 else None

    @property
    def amplification(self) -> float:
        """By what a constant gradient is multiplied in the long run, 1/(1 − momentum)."""
        return 1 / (1 - self.momentum)


Optimizer = Sgd
PLAIN_DESCENT = Sgd()

OPTIMIZERS: dict[str, type[Optimizer]] = {each.name: each for each in (Sgd,)}
