"""The charts of a snapshot: what is drawn in each, before the canvas draws it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from bntui.maths.stages import Array, slope
from bntui.session.snapshot import LayerActivations, LayerNumbers, LossTrail, Meters, Snapshot
from bntui.views import canvas
from bntui.views.canvas import Axis, Curve, Lines, Mark, Series, Size
from bntui.views.lines import padded
from bntui.views.numbers import brief, significant
from bntui.views.picture import cut
from bntui.views.text import Line, Role, Span

BINS = 24


def layer_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """‖∂J/∂W‖ of every layer and ‖∂J/∂γ‖ beside it, the step before behind them, and the twin's beside both."""
    layers = snapshot.layers
    series = [_weight_series("‖∂J/∂W‖", layers, "█", "accent")]
    if any(layer.gamma_gradient is not None for layer in layers):
        series.append(
            Series(
                "‖∂J/∂γ‖",
                [0.0 if layer.gamma_rounding else layer.gamma_gradient for layer in layers],
                "▒",
                "second",
                [None if layer.gamma_rounding else layer.gamma_gradient_before for layer in layers],
            )
        )
    if snapshot.twin is not None:
        series.append(_weight_series("twin W", snapshot.twin.layers, "░", "twin"))
    return canvas.columns([layer.layer for layer in layers], series, size, ascii=ascii)


def _weight_series(label: str, layers: tuple[LayerNumbers, ...], glyph: str, role: Role) -> Series:
    return Series(
        label,
        [0.0 if layer.rounding else layer.weight_gradient for layer in layers],
        glyph,
        role,
        [None if layer.rounding else layer.weight_gradient_before for layer in layers],
    )


def loss_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """J over the steps, on a log axis, with marks where something was switched; the twin's J behind it."""
    marks = [Mark(float(mark.step), mark.sign) for mark in snapshot.marks if mark.done and mark.step <= snapshot.step]
    curves = [_loss_curve("J", snapshot.trail, "braille", "accent")]
    if snapshot.twin is not None:
        curves.insert(0, _loss_curve("twin", snapshot.twin.trail, "•", "twin"))
    return canvas.curves(
        curves,
        size,
        x_axis=Axis(label="step", limits=(0.0, max(float(snapshot.step), 1.0))),
        y_axis=Axis("log"),
        marks=marks,
        title="J",
        ascii=ascii,
    )


def _loss_curve(label: str, trail: LossTrail, marker: str, role: Role) -> Curve:
    values = np.stack([trail.low, trail.high], axis=1).reshape(-1)
    values = np.where(np.isnan(values), math.inf, values)  # what is no number any more has gone beyond every axis
    return Curve(label, np.repeat(trail.steps, 2), values, marker, role)


def step_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """What the last step did: first order, second order, the rest and the actual ΔJ, as bars about zero."""
    orders = snapshot.orders
    if orders is None:
        return _sentence("Nothing has been updated yet; space makes the first step.", size)
    parts = (
        ("first order", orders.first),
        ("second order", orders.second),
        ("the rest", orders.rest),
        ("actual ΔJ", orders.actual),
    )
    numbers = [Span(f"{name:<13}{significant(value):>10} ") for name, value in parts]
    room = Size(max(size.width - len(numbers[0].text), 0), len(parts))
    bars = canvas.signed([value for _, value in parts], room, ascii)
    title: Line = (Span(f"ΔJ of step {snapshot.step}: what its gradient promised, and what it did", "strong"),)
    rows: list[Line] = [(number, *bar) for number, bar in zip(numbers, bars, strict=True)]
    if snapshot.closed_orders is not None:
        orders_of_output = "  ".join(brief(order) for order in snapshot.closed_orders)
        rows.append((Span(f"Δŷ at x = 1 by order: {orders_of_output}", "faint"),))
    return padded([title, *rows], size.width, size.height)


def meters_table(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """Curvature, stable rate and where η stands; then the pair that answers the question, layer by layer.

    |w| grows and γ/σ shrinks with it: under BN their product is what a signal meets. Where there is room the update over the
    weight and the effective rate follow.
    """
    meters = snapshot.meters
    if meters is None:
        return _sentence("measuring …", size)
    lines = _curvature_lines(snapshot, meters, size, ascii)
    lines.append((Span("".join(f"{name:{width}}" for name, width in _columns(size)), "faint"),))
    names = [layer.name for layer in reversed(snapshot.architecture.layers)]
    room = max(size.height - len(lines), 1)
    place = names.index(snapshot.focus.layer)
    first = min(max(0, place - room + 1), max(len(names) - room, 0))
    lines += [_layer_meters(snapshot, meters, name, size) for name in names[first : first + room]]
    return padded(lines, size.width, size.height)


METER_COLUMNS = (("layer", -9), ("‖W‖", 11), ("γ/σ", 11), ("W·γ/σ", 11), ("η/‖w‖²", 11), ("update/W", 11))


def _columns(size: Size) -> list[tuple[str, str]]:
    """The columns that fit, each with its width as a format has it."""
    chosen, used = [], 0
    for name, width in METER_COLUMNS:
        used += abs(width)
        if used <= size.width:
            chosen.append((name, f"{width}".replace("-", "<") if width < 0 else f">{width}"))
    return chosen


def _layer_meters(snapshot: Snapshot, meters: Meters, name: str, size: Size) -> Line:
    numbers = snapshot.numbers(name)
    texts = {
        "layer": cut(name, 8),
        "‖W‖": significant(numbers.weight),
        "γ/σ": significant(numbers.scale),
        "W·γ/σ": significant(numbers.pair),
        "η/‖w‖²": significant(dict(meters.effective_rates).get(name)),
        "update/W": significant(dict(meters.update_ratios).get(f"{name}.weight")),
    }
    row = "".join(f"{texts[column]:{width}}" for column, width in _columns(size))
    return (Span(row, "selected" if name == snapshot.focus.layer else "plain"),)


def _curvature_lines(snapshot: Snapshot, meters: Meters, size: Size, ascii: bool) -> list[Line]:
    if meters.curvature is None:
        waiting = [_meter(name, "…") for name in ("curvature λ_max", "stable rate 2/λ_max", "η / stable rate")]
        return waiting[::2] if size.width >= 76 else waiting
    stable = "none: λ_max ≤ 0" if meters.stable_rate is None else significant(meters.stable_rate)
    ratio = "–" if meters.rate_over_stable is None else _gauge(meters.rate_over_stable, ascii)
    if size.width >= 76:
        curved = f"{significant(meters.curvature)}   stable rate 2(1+m)/λ_max {stable}"
        return [_meter("curvature λ_max", curved), _meter("η / stable rate", ratio)]
    return [
        _meter("curvature λ_max", significant(meters.curvature)),
        _meter("stable rate 2/λ_max", stable),
        _meter("η / stable rate", ratio),
    ]


def _meter(name: str, value: str) -> Line:
    return Span(name.ljust(22), "faint"), Span(value)


def _gauge(ratio: float, ascii: bool) -> str:
    """A ratio with a bar of ten cells that is full at 1."""
    filled = 10 if not math.isfinite(ratio) else min(10, round(10 * max(ratio, 0.0)))
    full, empty = ("#", ".") if ascii else ("█", "░")
    return f"{significant(ratio)} {full * filled}{empty * (10 - filled)}"


def activations_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """How often which z and, where BN stands before it, which normalized u reaches the activation, over the curve of g′.

    Counts and slope are drawn to the scale of their own greatest value.
    """
    now, start = snapshot.activations, snapshot.activations_at_start
    if now is None or start is None:
        return _sentence("counting …", size)
    summary = _activation_summary(now, start, size.width)
    values = _shown_range(now)
    drawn = []
    if values is not None:
        edges = np.linspace(*values, BINS + 1)
        middles = (edges[:-1] + edges[1:]) / 2
        normalized = now.after is not now.before
        drawn.append(Curve("z", middles, _share(now.before, edges), "▒" if normalized else "█", "twin"))
        if normalized:
            drawn.append(Curve("BN(z)", middles, _share(now.after, edges), "█", "accent"))
        if now.activation != "linear":
            fine = np.linspace(*values, 200)
            drawn.append(Curve("slope g′", fine, slope(now.activation, fine), role="growth"))
    chart = canvas.curves(
        drawn,
        Size(size.width, max(size.height - len(summary), 0)),
        x_axis=Axis(label="z"),
        y_axis=Axis(limits=(0.0, 1.0)),
        ascii=ascii,
    )
    return padded([*summary, *chart], size.width, size.height)


def _shown_range(activations: LayerActivations) -> tuple[float, float] | None:
    both = np.concatenate([activations.before.reshape(-1), activations.after.reshape(-1)])
    finite = both[np.isfinite(both)]
    if not finite.size:
        return None
    low, high = float(np.percentile(finite, 1)), float(np.percentile(finite, 99))
    margin = max((high - low) / 10, 0.5)
    return low - margin, high + margin


def _share(values: Array, edges: Array) -> Array:
    """Counts between the edges over the greatest of them."""
    counts = np.histogram(values[np.isfinite(values)], edges)[0].astype(np.float64)
    return counts / max(float(counts.max()), 1.0)


def _activation_summary(now: LayerActivations, start: LayerActivations, width: int) -> list[Line]:
    """The distribution of z in numbers, and how much of the slope is lost; in two rows where one is too short."""
    mean, sigma = brief(float(np.mean(now.mean))), brief(float(np.mean(now.sigma)))
    distribution = f"{now.layer}: z μ {mean} σ {sigma}"
    if now.activation == "linear":
        return [(Span(distribution),)]
    dead = f"g′=0 {_percent(now.dead)} (start {_percent(start.dead)})"
    flat = f"g′<0.05 {_percent(now.flat)} (start {_percent(start.flat)})"
    if len(distribution) + len(dead) + len(flat) + 6 <= width:
        return [(Span(f"{distribution} · {dead} · {flat}"),)]
    return [(Span(distribution),), (Span(f"{dead} {flat}"),)]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _sentence(text: str, size: Size) -> Lines:
    return padded([(Span(cut(text, size.width), "faint"),)], size.width, size.height)


CHARTS: dict[str, Callable[[Snapshot, Size, bool], Lines]] = {
    "layers": layer_chart,
    "loss": loss_chart,
    "step": step_chart,
    "meters": meters_table,
    "activations": activations_chart,
}
