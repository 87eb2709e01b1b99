"""The charts of layers, of J and of the last step: what is drawn in each, before the canvas draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bntui.maths.anatomy import Orders
from bntui.scenario.model.vocabulary import ORDERS
from bntui.scenario.text.wording import counted
from bntui.session.look.snapshot import LayerNumbers, LossTrail, Snapshot
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Axis, AxisMark, Curve, Lines, Series, Size
from bntui.views.drawing.rows import staircase_limits
from bntui.views.panes.scores import loss_title
from bntui.views.text.cells import LIT_MARK, TWIN_MARK, in_ascii
from bntui.views.text.cells import cells as cells_of
from bntui.views.text.lines import Line, Role, Span, padded, remark
from bntui.views.text.numbers import ROUNDING, brief, on_point, significant

WEIGHT, GAMMA, TWIN = "‖∂J/∂W‖", "‖∂J/∂γ‖", "twin W"
LABEL_GAP = 3  # cells of a sign and the blanks around it
LEGEND_WIDTH = 13  # of J and its twin
ORDER_NAMES = ("first order", "second order", "the rest", "actual ΔJ")


def layer_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """‖∂J/∂W‖ of every layer and ‖∂J/∂γ‖ beside it, the step before behind them, and a comparable twin's beside both."""
    layers, twin = snapshot.layers, snapshot.comparable_twin
    series = [_weight_series(WEIGHT, layers, "█", "accent")]
    if any(layer.gamma_gradient is not None for layer in layers):
        series.append(
            Series(
                GAMMA if _has_room([WEIGHT, GAMMA, *([TWIN] if twin is not None else [])], size.width, ascii) else "γ",
                [0.0 if layer.gamma_rounding else layer.gamma_gradient for layer in layers],
                "▒",
                "second",
                [None if layer.gamma_rounding else layer.gamma_gradient_before for layer in layers],
            )
        )
    if twin is not None:
        series.append(_weight_series(TWIN, twin.layers, "░", "twin"))
    return canvas.columns([layer.layer for layer in layers], series, size, ascii=ascii)


def _has_room(labels: Sequence[str], width: int, ascii: bool) -> bool:
    """Whether these labels have room beside one another, each with its sign."""
    return sum(cells_of(in_ascii(label, ascii)) + LABEL_GAP for label in labels) <= width


def _weight_series(label: str, layers: tuple[LayerNumbers, ...], glyph: str, role: Role) -> Series:
    return Series(
        label,
        [0.0 if layer.rounding else layer.weight_gradient for layer in layers],
        glyph,
        role,
        [None if layer.rounding else layer.weight_gradient_before for layer in layers],
    )


def loss_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """J over the steps, on a log axis, with marks where something was switched; the twin's J behind it.

    A twin that alone has diverged leaves the chart through its upper edge.
    """
    marks = [AxisMark(float(mark.step), mark.sign) for mark in snapshot.marks if mark.done and mark.step <= snapshot.step]
    curves = [_loss_curve("J", snapshot.trail, "braille", "accent")]
    room = size.width
    if snapshot.twin is not None:
        curves.insert(0, _loss_curve("twin", snapshot.twin.trail, TWIN_MARK, "twin"))
        room -= LEGEND_WIDTH
    return canvas.curves(
        curves,
        size,
        x_axis=Axis(label="step", limits=(0.0, max(float(snapshot.step), 1.0))),
        y_axis=Axis("log", limits=_range(snapshot.trail) if snapshot.twin is not snapshot.comparable_twin else None),
        marks=marks,
        title=in_ascii(loss_title(snapshot, room), ascii),
        ascii=ascii,
    )


def _range(trail: LossTrail) -> tuple[float, float] | None:
    """The powers of ten that hold all of J; None where it is nothing that has a logarithm."""
    values = np.concatenate([trail.low, trail.high])
    values = values[np.isfinite(values) & (values > 0)]
    return staircase_limits(values.tolist()) if values.size else None


def _loss_curve(label: str, trail: LossTrail, marker: str, role: Role) -> Curve:
    values = np.stack([trail.low, trail.high], axis=1).reshape(-1)
    values = np.where(np.isnan(values), math.inf, values)  # NaN is what is left of an overflow
    return Curve(label, np.repeat(trail.steps, 2), values, marker, role)


def step_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """What the last step did: first order, second order, the rest and the actual ΔJ, as bars about zero; the twin's as marks."""
    beside = None if snapshot.twin is None else snapshot.twin.orders
    if snapshot.orders is None and beside is None:
        return remark(_no_orders(snapshot), size)
    own, twins = _order_values(snapshot.orders), _order_values(beside)
    cells = [on_point(told) for told in _order_texts(snapshot.orders, snapshot.loss)]
    lit = [f"order.{name}" in snapshot.lit for name in ORDERS]
    numbers: list[Line] = [
        (Span(f"{name:<12}{LIT_MARK}{cell}", "lit") if lights else Span(f"{name:<13}{cell}"),)
        for name, cell, lights in zip(ORDER_NAMES, cells, lit, strict=True)
    ]
    title = _step_title(snapshot, size.width)
    if beside is not None:
        mark = in_ascii(TWIN_MARK, ascii)
        loss = math.nan if snapshot.twin is None else snapshot.twin.loss
        beside_it = [Span(f" {mark}{on_point(told)}", "twin") for told in _order_texts(beside, loss)]
        numbers = [(*line, span) for line, span in zip(numbers, beside_it, strict=True)]
        whose = f"{title}   {mark} the twin" if snapshot.orders else f"{_no_orders(snapshot)}   {mark} the twin's step"
        title = whose if cells_of(whose) <= size.width else title if snapshot.orders else _no_orders(snapshot)
    room = Size(max(size.width - sum(len(span.text) for span in numbers[0]), 0), len(ORDER_NAMES))
    bars = canvas.signed([value or 0.0 for value in own], room, [value for value in twins if value is not None], ascii)
    rows: list[Line] = [(*number, *bar) for number, bar in zip(numbers, bars, strict=True)]
    if snapshot.closed_orders is not None:
        orders_of_output = "  ".join(brief(order) for order in snapshot.closed_orders)
        forms = (f"{label} by order: {orders_of_output}" for label in ("Δŷ at x = 1", "Δŷ"))
        rows += [(Span(form, "faint"),) for form in forms if cells_of(form) <= size.width][:1]
    return padded([(Span(title, "strong"),), *rows], size.width, size.height)


def _step_title(snapshot: Snapshot, width: int) -> str:
    """What is shown, and where the gradient is no slope of J or ReLUs have switched what that means for it."""
    kinks = None if snapshot.orders is None else snapshot.orders.kinks
    if snapshot.orders is not None and snapshot.without_slope:
        return f"ΔJ of step {snapshot.step}: μ and σ left out, so the first order is no slope of J"
    if kinks is None or not kinks.crossed:
        return f"ΔJ of step {snapshot.step}: what its gradient promised, what it did"
    switched = f"ReLUs switched on {counted(kinks.samples, 'sample')} in {counted(kinks.units, 'unit')}"
    title = f"ΔJ of step {snapshot.step}: {switched}, so orders beyond the first say little"
    if len(title) <= width:
        return title
    where = f"{counted(kinks.samples, 'sample')}, {counted(kinks.units, 'unit')}"
    title = f"Step {snapshot.step}: ReLUs switched ({where}): trust first order"
    return title if len(title) <= width else f"Step {snapshot.step}: ReLUs switched: trust first order"


def _no_orders(snapshot: Snapshot) -> str:
    if snapshot.diverged_at is not None:
        return f"Diverged at step {snapshot.diverged_at}: nothing has been updated since."
    if snapshot.step == 0:
        return "Nothing has been updated yet; space makes the first step."
    return "Something was changed since the last step; space makes the next one."


def _order_texts(orders: Orders | None, loss: float) -> tuple[str, ...]:
    """The four as numbers; a rest of which nothing but the rounding of the others is left looks like it. `loss` is J now."""
    first, second, rest, actual = (significant(value) for value in _order_values(orders))
    if orders is not None and abs(orders.rest) <= ROUNDING * sum(map(abs, (loss, orders.first, orders.second, orders.actual))):
        rest = "≈0"
    return first, second, rest, actual


def _order_values(orders: Orders | None) -> tuple[float | None, ...]:
    """First order, second order, the rest and the actual ΔJ; nothing of a step that was not made."""
    return (None,) * len(ORDER_NAMES) if orders is None else (orders.first, orders.second, orders.rest, orders.actual)
