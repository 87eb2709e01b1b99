"""What the parts of a normalization that subtract have taken from a signal."""

from __future__ import annotations

from bntui.maths.chain import Factor
from bntui.maths.kinds.normalizations import Normalization, Part
from bntui.session.look.snapshot import Snapshot
from bntui.views.text.numbers import percent

SAME = 1e-9  # as near to 1 a factor has taken nothing


def share_taken(snapshot: Snapshot, factor: Factor, kind: Normalization) -> float | None:
    """The square of what was taken over that of the signal before, by Pythagoras; ε's share that is left counts as nothing.

    None where the two are not at right angles in what is read: of one sample the other samples take part in it.
    """
    focus = snapshot.focus
    right_angled = not focus.units if kind.over == "units" else focus.sample is None
    if factor.value is None or not right_angled or not abs(factor.value) <= 1 + SAME:
        return None
    return 0.0 if abs(factor.value - 1) < SAME else max(1 - factor.value**2, 0.0)


def taken_notes(snapshot: Snapshot, factor: Factor, kind: Normalization, part: Part) -> tuple[str, ...]:
    """What a part took and from what in a few words, the longest form first; none where that cannot be told."""
    if factor.rounding:
        return f"nothing left: all lay along {part.takes}", "nothing left"
    share = share_taken(snapshot, factor, kind)
    if share is None:
        return ()
    if not share:
        return f"nothing along {part.takes}", "nothing to take"
    return f"took {percent(share)} of δ² along {part.takes}", f"took {percent(share)} of δ²"
