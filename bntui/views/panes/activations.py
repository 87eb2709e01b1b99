"""The activations: what a layer's activation sees, before and after its normalization, over the curve of its slope."""

from __future__ import annotations

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.kinds.activations import LINEAR
from bntui.session.look.snapshot import LayerActivations, Snapshot
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Axis, Curve, Lines, Size
from bntui.views.text.cells import TWIN_MARK, in_ascii
from bntui.views.text.lines import Line, Span, padded, remark
from bntui.views.text.numbers import brief

BINS = 24


def activations_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """How often which z and, where a normalization stands before it, which u reaches the activation, over the curve of g′.

    Counts and slope are drawn to the scale of their own greatest value. Of a twin stands what reaches its activation.
    """
    now, start = snapshot.activations, snapshot.activations_at_start
    if now is None or start is None:
        return remark("counting …", size)
    twin = None if snapshot.twin is None else snapshot.twin.activations
    summary = _summary(now, start, twin, size.width, in_ascii(TWIN_MARK, ascii))
    kind = snapshot.kind(now.layer)
    beside = None if snapshot.comparable_twin is None else twin  # else it alone would be seen
    drawn = _curves(now, beside, f"{'u' if kind is None else kind.short}(z)")
    chart = canvas.curves(
        drawn,
        Size(size.width, max(size.height - len(summary), 0)),
        x_axis=Axis(label="z"),
        y_axis=Axis(limits=(0.0, 1.0)),
        ascii=ascii,
    )
    return padded([*summary, *chart], size.width, size.height)


def _curves(now: LayerActivations, twin: LayerActivations | None, called: str) -> list[Curve]:
    shown = [now.before, now.after] + ([] if twin is None else [twin.after])
    values = _shown_range(shown)
    if values is None:
        return []
    edges = np.linspace(*values, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    normalized = now.after is not now.before
    drawn = [Curve("z", middles, _share(now.before, edges), "▒" if normalized else "█", "faint" if normalized else "accent")]
    if normalized:
        drawn.append(Curve(called, middles, _share(now.after, edges), "█", "accent"))
    if twin is not None:  # over the others: where both see the same, their shapes would hide it
        drawn.append(Curve("twin", middles, _share(twin.after, edges), TWIN_MARK, "twin"))
    if now.activation is not LINEAR:
        fine = np.linspace(*values, 200)
        drawn.append(Curve("slope g′", fine, now.activation.slope_at(fine), role="growth"))
    return drawn


def _shown_range(arrays: list[Array]) -> tuple[float, float] | None:
    together = np.concatenate([array.reshape(-1) for array in arrays])
    finite = together[np.isfinite(together)]
    if not finite.size:
        return None
    low, high = float(np.percentile(finite, 1)), float(np.percentile(finite, 99))
    margin = max((high - low) / 10, 0.5)
    return low - margin, high + margin


def _share(values: Array, edges: Array) -> Array:
    """Counts between the edges over the greatest of them."""
    counts = np.histogram(values[np.isfinite(values)], edges)[0].astype(np.float64)
    return counts / max(float(counts.max()), 1.0)


def _summary(
    now: LayerActivations, start: LayerActivations, twin: LayerActivations | None, width: int, mark: str
) -> list[Line]:
    """The distribution of z in numbers, and how much of the slope is lost; in two rows where one is too short."""
    distribution = f"{now.layer}: z {_distribution(now)}" + ("" if twin is None else f" {mark} {_distribution(twin)}")
    if now.activation is LINEAR:
        return [(Span(distribution),)]
    dead = f"g′=0 {_percent(now.dead)} (start {_percent(start.dead)})"
    flat = f"g′<0.05 {_percent(now.flat)} (start {_percent(start.flat)})"
    if twin is not None:
        dead, flat = f"{dead} {mark} {_percent(twin.dead)}", f"{flat} {mark} {_percent(twin.flat)}"
    if len(distribution) + len(dead) + len(flat) + 6 <= width:
        return [(Span(f"{distribution} · {dead} · {flat}"),)]
    if len(dead) + len(flat) + 1 <= width:
        return [(Span(distribution),), (Span(f"{dead} {flat}"),)]
    # of a ReLU both are the same, of a smooth activation hardly any slope is exactly 0
    return [(Span(distribution),), (Span(dead if now.activation.dies else flat),)]


def _distribution(activations: LayerActivations) -> str:
    return f"μ {brief(float(np.mean(activations.mean)))} σ {brief(float(np.mean(activations.sigma)))}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
