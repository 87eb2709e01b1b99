"""The names that YAML has for the kinds of the mathematics, taken from the kinds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bntui.maths.kinds.activations import ACTIVATIONS
from bntui.maths.kinds.costs import COSTS

if TYPE_CHECKING:  # mypy knows no Literal whose words are computed
    ActivationName = str
    CostName = str
else:
    ActivationName = Literal[tuple(ACTIVATIONS)]
    CostName = Literal[tuple(COSTS)]
