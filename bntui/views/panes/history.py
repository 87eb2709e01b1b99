"""The history of a quantity over the steps, a curve for each layer and the twin's beside the one in focus."""

from __future__ import annotations

import numpy as np

from bntui.maths.arrays import Array
from bntui.scenario.model.vocabulary import called
from bntui.session.look.snapshot import Snapshot, Track, TrackedCurve
from bntui.views.drawing import canvas
from bntui.views.drawing.axes import Scale
from bntui.views.drawing.canvas import Axis, AxisMark, Curve, Lines, Size
from bntui.views.drawing.rows import staircase_limits
from bntui.views.text.cells import TWIN_MARK
from bntui.views.text.lines import remark
from bntui.views.text.numbers import brief

MOST_CURVES = 10
DECADES = 30.0  # the largest over the least from which on an axis is logarithmic


def history_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """The quantity over the steps with marks where something was switched.

    The title says what a curve that is alone has come to, or how much has been read.
    """
    track = snapshot.track
    if track is None:
        return remark("reading …", size)
    drawn = shown_curves(track.curves, snapshot.focus.layer)
    if not any(_says_something(curve) for curve in track.curves):
        return remark(_nothing(track, snapshot), size)
    curves: list[Curve] = []
    for curve in sorted(drawn, key=lambda each: _in_focus(each, snapshot.focus.layer)):
        chosen = len(drawn) == 1 or _in_focus(curve, snapshot.focus.layer)
        if curve.twin is not None and chosen:
            names = ("twin", curve.label, _now(curve.twin, track, drawn))
            curves.append(Curve(" ".join(filter(None, names)), track.steps, curve.twin, TWIN_MARK, "twin"))
        curves.append(Curve("", track.steps, curve.own, "braille", "accent" if chosen else "plain", curve.label))
    alone = snapshot.twin is not snapshot.comparable_twin
    judged = [curve for curve in curves if curve.role != "twin" or not alone]
    values = np.concatenate([np.asarray(curve.y, dtype=np.float64) for curve in judged])
    scale: Scale = "log" if spans_decades(values) else "linear"
    return canvas.curves(
        curves,
        size,
        x_axis=Axis(label="step", limits=(0.0, max(float(snapshot.step), 1.0))),
        y_axis=Axis(scale, limits=_held(values, scale) if alone else None),
        marks=[AxisMark(float(mark.step), mark.sign) for mark in snapshot.marks if mark.done and mark.step <= snapshot.step],
        title=_title(track, drawn),
        ascii=ascii,
    )


def shown_curves(curves: tuple[TrackedCurve, ...], layer: str) -> tuple[TrackedCurve, ...]:
    """Those that have anything to show, of very many only some from the first to the last, and the one in focus."""
    known = [curve for curve in curves if _says_something(curve)]
    if len(known) <= MOST_CURVES:
        return tuple(known)
    chosen = {round(index * (len(known) - 1) / (MOST_CURVES - 2)) for index in range(MOST_CURVES - 1)}
    return tuple(curve for index, curve in enumerate(known) if index in chosen or _in_focus(curve, layer))


def _held(values: Array, scale: Scale) -> tuple[float, float] | None:
    """The limits that hold the values; None where there are none. What is beyond them leaves the chart through an edge."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    if scale == "log":
        return staircase_limits(finite.tolist())
    low, high = float(finite.min()), float(finite.max())
    margin = (high - low) / 10 or abs(high) / 2 or 1.0
    return low - margin, high + margin


def spans_decades(values: Array) -> bool:
    """Whether values are better told apart on a log axis: none is negative, and they are of different magnitude."""
    finite = values[np.isfinite(values)]
    above = finite[finite > 0]
    return bool(above.size and finite.min() >= 0 and above.max() > DECADES * above.min())


def _says_something(curve: TrackedCurve) -> bool:
    own = not np.isnan(curve.own).all()
    return own or (curve.twin is not None and not np.isnan(curve.twin).all())


def _in_focus(curve: TrackedCurve, layer: str) -> bool:
    return curve.label == layer or curve.label.startswith(f"{layer}.")


def _title(track: Track, drawn: tuple[TrackedCurve, ...]) -> str:
    """What is shown and what it has come to, of how many curves, and how much of it has been read."""
    parts = [f"{called(track.name)} {_now(drawn[0].own, track, drawn)}".rstrip()]
    of_all = sum(_says_something(curve) for curve in track.curves)
    if len(drawn) < of_all:
        parts.append(f"{len(drawn)} of {of_all}")
    if track.missing:
        parts.append(f"reading {100 * (track.places - track.missing) // track.places} %")
    return " · ".join(parts)


def _now(values: Array, track: Track, drawn: tuple[TrackedCurve, ...]) -> str:
    """The number at the end of a curve that is alone, once it has been read; nothing where there is none."""
    return "" if len(drawn) > 1 or track.missing or np.isnan(values[-1]) else brief(float(values[-1]))


def _nothing(track: Track, snapshot: Snapshot) -> str:
    """Why there is nothing to draw."""
    name = called(track.name)
    if track.missing:
        return f"{name}: reading {100 * (track.places - track.missing) // track.places} %"
    return f"{name}: there is no such number on the path to step {snapshot.step}. 9 shows the next quantity."
