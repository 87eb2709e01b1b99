"""All that can be asked about on a screen, in the order in which a person comes to it."""

from __future__ import annotations

from typing import get_args

from bntui.scenario.model.actions import Page, Shown
from bntui.session.look.snapshot import Snapshot
from bntui.views.explain.explanation import Group
from bntui.views.explain.factors import of_chain
from bntui.views.explain.marks import of_header, of_marks
from bntui.views.explain.of_views import of_view
from bntui.views.kinds import VIEWS
from bntui.views.panes.ledger import Folding


def explained(snapshot: Snapshot, folding: Folding, view: Shown | Page) -> tuple[Group, ...]:
    """The ledger's rows, the view that is open, the signs, the header, and then every other view.

    A page of its own stands over the ledger, and so before its rows.
    """
    others = [of_view(snapshot, name) for name in VIEWS if name != view]
    first = [of_chain(snapshot, folding), of_view(snapshot, view)]
    if view in get_args(Page):
        first.reverse()
    return (*first, of_marks(), of_header(snapshot), *others)
