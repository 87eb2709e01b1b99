"""The network at one moment, and what is remembered of it."""

from __future__ import annotations

from bntui.maths.architecture import Switching
from bntui.maths.arrays import Mode
from bntui.maths.chain import LayerChain
from bntui.maths.descent import State
from bntui.maths.kinds.normalizations import Normalization
from bntui.maths.kinds.optimizers import Optimizer
from bntui.maths.names import Name
from bntui.records import dataclass
from bntui.scenario.model.actions import Twin


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The network at one moment, the settings that the next update will use, and its twin where there is one.

    `rates_by_name` are the rates of parameters that a pattern names, the last match holds.
    `kind` is the normalization that was chosen for the layers that are switched on, None where each has its own.
    A twin is a moment of its own in which `difference` is the action that it was made by: what that names stays as it is
    when the settings of both are changed. Where one of the two has diverged the other goes on; `diverged_at` is that step then.
    """

    state: State
    learning_rate: float
    optimizer: Optimizer
    mode: Mode
    switching: Switching
    rates_by_name: tuple[tuple[str, float], ...] = ()
    kind: Normalization | None = None
    twin: Moment | None = None
    difference: Twin | None = None
    diverged_at: int | None = None

    @property
    def step(self) -> int:
        """How many updates have been made."""
        return self.state.step

    @property
    def nbytes(self) -> int:
        """The memory that the moment holds, in bytes."""
        vectors = (self.state.theta, *self.state.memory, self.state.running)
        own = sum(vector.nbytes for vector in vectors) + 512
        return own if self.twin is None else own + self.twin.nbytes


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is remembered of a moment's evaluation: J, whether it has diverged, each gradient's norm, and every layer's chain."""

    loss: float
    diverged: bool
    gradients: dict[Name, float]
    chains: tuple[LayerChain, ...]

    @property
    def largest(self) -> str | None:
        """The layer above the first, whose weight is in no chain, with the largest gain; None where there is none."""
        gains = [
            (abs(chain.gain), chain.layer) for chain in self.chains[1:] if chain.gain is not None and not chain.gain_is_rounding
        ]
        return max(gains)[1] if gains else None
