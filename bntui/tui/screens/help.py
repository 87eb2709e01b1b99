"""Help: the keys by what they are for, and the idea in a few lines."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from bntui.maths.kinds.costs import COSTS
from bntui.tui.keys import KEYS
from bntui.tui.screens.dialogs import Dialog
from bntui.tui.widgets.said import Said, spelled

IDEA = """\
The ledger multiplies one layer's chain: from the cost ∂J/∂ŷ down to the layer's weight. Each row is a factor,
its value, and the product so far; its bar runs on a log axis from the product before to the product after:
█ grows, ▒ shrinks. Batch normalization is itself such a factor, in three parts: scale γ/σ (σ grows with |w|, so
the size of w cancels), centre and project (what has no effect on J is taken out)."""


class Help(Dialog[None]):
    """Scrolls with the arrow keys; any of escape, q, ? or enter closes it."""

    BINDINGS = [("escape,q,question_mark,enter", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        """The idea, then the keys in their groups."""
        with VerticalScroll(id="help"):
            yield Said(IDEA)
            for group in dict.fromkeys(key.group for key in KEYS):
                yield Said(group, classes="help-group")
                rows = [f"  {spelled(self, key.shown):<9} {key.says}" for key in KEYS if key.group == group]
                yield Said("\n".join(rows))
            yield Said("Costs: J of m samples and n outputs", classes="help-group")
            costs = [f"  {name:<13} {cost.formula}\n{'':<16}{cost.says}" for name, cost in COSTS.items()]
            yield Said("\n".join(costs))
