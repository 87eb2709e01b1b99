"""J as a function of θ on one batch, with its gradient and its Hessian: what descent, anatomy and curvature look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bntui.maths.arrays import Array, Mode
from bntui.maths.network import Evaluation, Forward, Network
from bntui.records import dataclass

Product = Callable[[Array], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A network on one batch: `inputs` (m, n₀), `targets` (m, n_L), and its running estimates, which stay as they are."""

    network: Network
    running: Array
    inputs: Array
    targets: Array
    mode: Mode

    def forward(self, theta: Array) -> Forward:
        """The forward pass at θ (P,)."""
        with np.errstate(all="ignore"):
            return self.network.forward(theta, self.running, self.inputs, self.mode)

    def loss(self, theta: Array) -> Array:
        """J at θ (…, P), in the leading axes' shape."""
        return self.network.loss(theta, self._running(theta), self.inputs, self.targets, self.mode)

    def evaluate(self, theta: Array) -> Evaluation:
        """J, its gradient and every signal at θ (…, P)."""
        return self.network.evaluate(theta, self._running(theta), self.inputs, self.targets, self.mode)

    def hessian(self, theta: Array, evaluation: Evaluation | None = None) -> Product:
        """v ↦ H·v at θ (P,), exactly; `evaluation` is that at θ, where it has been made."""
        known = self.evaluate(theta) if evaluation is None else evaluation
        return lambda direction: self.network.hessian_product(theta, known, self.targets, direction)

    def _running(self, theta: Array) -> Array:
        leading = theta.shape[:-1]
        return np.broadcast_to(self.running, (*leading, self.running.shape[-1])) if leading else self.running
