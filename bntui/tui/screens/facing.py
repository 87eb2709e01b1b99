"""What a screen shows beside what its session tells, as it is kept for the screen that goes on with it."""

from __future__ import annotations

from dataclasses import replace

from bntui.scenario.model.actions import Shown
from bntui.session.look.face import Face
from bntui.session.look.snapshot import Snapshot
from bntui.views.kinds import FORMULA, VIEWS
from bntui.views.screen.panes import Showing


def as_left(showing: Showing, view: Shown, left: Face) -> Showing:
    """What is open of a session that was left with this view: the formula or not, and below it what was open before."""
    below = left.view if VIEWS[view] is FORMULA else view
    return replace(showing, view=below, formula=left.formula)


def face_of(now: Snapshot, showing: Showing, folding_chosen: bool, page: int, speed: int) -> Face:
    """How the screen shows this moment, on a page of the beat, with the speed of a run in steps per second."""
    folding = showing.folding if folding_chosen else ""
    beat = 0 if now.lesson is None else now.lesson.number
    return Face(showing.view, showing.formula, folding, beat, page, showing.limits, speed)
