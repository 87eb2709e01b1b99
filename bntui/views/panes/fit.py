"""The fit: ŷ and y over one input, the classes' regions or ŷ over two, of more inputs what was predicted against what is."""

from __future__ import annotations

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.numeric import Indices, Truths
from bntui.session.look.snapshot import Fit, Snapshot
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Axis, Curve, Ground, Lines, Points, Size
from bntui.views.text.cells import TWIN_MARK
from bntui.views.text.lines import Line, Role, Span, line_in_ascii, padded, remark
from bntui.views.text.numbers import brief

SHADES = " ░▒▓█"
GROUNDS = " ░▒▓:=+~"  # of the classes' regions, again from the first where there are more
NAMES = "0123456789abcdefghijklmnopqrstuvwxyz"  # of the classes
BEYOND = 2.0  # spans of the data above and below it that a curve is shown in
GAP = 2
COUNT = 6  # cells of a number in the table of classes
PLANE_ROWS = 11  # of a chart of which both sides count
MOST_ROWS = 14  # that are asked for of a table of classes
UNKNOWN = -1  # the class of what is no number
STATISTICS = {"": "", "batch": " · batch μ, σ", "running": " · running μ, σ"}


def rows_needed(snapshot: Snapshot) -> int:
    """The rows of a chart of which both sides count; of a table of classes two more than classes."""
    fit = snapshot.fit
    if fit is None or fit.grid or not _has_classes(snapshot, fit):
        return PLANE_ROWS
    return min(max(fit.targets.shape[1], 2) + 2, MOST_ROWS)


def _has_classes(snapshot: Snapshot, fit: Fit) -> bool:
    kind = snapshot.architecture.cost.targets
    return kind == "classes" or (kind == "switches" and fit.targets.shape[1] == 1)


def fit_chart(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """What suits the network: curves over one input, a plane of two, else what was predicted against what is true."""
    fit, twin = snapshot.fit, None if snapshot.twin is None else snapshot.twin.fit
    if fit is None:
        return remark("computing …", size)
    kind = snapshot.architecture.cost.targets
    has_classes = _has_classes(snapshot, fit)
    if len(fit.grid) == 1:
        if kind == "classes":
            return _shares_over_one(fit, twin, size, ascii)
        return _over_one(fit, twin, _window(fit, twin if snapshot.comparable_twin else None), size, ascii)
    if not fit.grid and not has_classes:
        return _scatter(fit, twin, size, ascii)
    draw = _confusion if not fit.grid else _regions if has_classes else _heat
    sides = [(fit, "")] if twin is None else [(fit, ""), (twin, f"{TWIN_MARK} twin ")]
    width = (size.width - GAP * (len(sides) - 1)) // len(sides)
    drawn = [draw(each, name, Size(width, size.height), ascii) for each, name in sides]
    rows = list(drawn[0])
    if len(drawn) == 2:
        rows = [(*own, Span(" " * GAP), *theirs) for own, theirs in zip(*drawn, strict=True)]
    if ascii:
        rows = [line_in_ascii(row, size.width) for row in rows]
    return padded(rows, size.width, size.height)


def _over_one(fit: Fit, twin: Fit | None, window: tuple[float, float], size: Size, ascii: bool) -> Lines:
    """y and ŷ over one input, every output; an arrow where ŷ is far beyond the data."""
    x, (low, high) = fit.grid[0], window
    curves = []
    for index in range(fit.targets.shape[1]):
        several = f" {index}" if fit.targets.shape[1] > 1 else ""
        if twin is not None:
            curves.append(Curve(f"twin{several}", x, _inside(twin.surface[:, index], low, high), TWIN_MARK, "twin"))
        curves.append(Curve(f"ŷ{several}", x, _inside(fit.surface[:, index], low, high), "braille", "accent"))
    for index in range(fit.targets.shape[1]):  # in front: a curve that fits would hide them all
        curves.append(Curve("" if index else "y", fit.inputs[:, 0], fit.targets[:, index], "•", "plain", joined=False))
    axes = Axis(limits=_ends(x), label="x"), Axis(limits=(low, high))
    return canvas.curves(curves, size, x_axis=axes[0], y_axis=axes[1], title=f"fit{STATISTICS[fit.statistics]}", ascii=ascii)


def _shares_over_one(fit: Fit, twin: Fit | None, size: Size, ascii: bool) -> Lines:
    """Each class's share over one input, and each point at the share that is given to its own class."""
    x, shares, true = fit.grid[0], _shares(fit.surface), classes(fit.targets)
    given = (_shares(fit.outputs) * fit.targets).sum(axis=-1)
    curves = []
    if twin is not None:
        theirs = _shares(twin.surface)
        curves += [Curve("" if index else "twin", x, theirs[:, index], TWIN_MARK, "twin") for index in range(theirs.shape[1])]
    for index in range(shares.shape[1]):
        curves.append(Curve("", x, shares[:, index], "braille", "accent", _name(index)))
    for index in range(shares.shape[1]):
        of_class = true == index
        curves.append(Curve("", fit.inputs[of_class, 0], given[of_class], _name(index), "strong", joined=False))
    title = f"softmax ŷ over x; points: their own class's share{STATISTICS[fit.statistics]}"
    axes = Axis(limits=_ends(x), label="x"), Axis(limits=(0.0, 1.0))
    return canvas.curves(curves, size, x_axis=axes[0], y_axis=axes[1], title=title, ascii=ascii)


def _window(fit: Fit, twin: Fit | None) -> tuple[float, float]:
    """What of y is shown: all of the data, and the curves as far as that leaves the data its room."""
    low, high = float(fit.targets.min()), float(fit.targets.max())
    span = high - low or abs(high) or 1.0
    found = np.concatenate([each.surface.ravel() for each in (fit, twin) if each is not None])
    found = found[np.isfinite(found)]
    if found.size:
        least, greatest = max(float(found.min()), low - BEYOND * span), min(float(found.max()), high + BEYOND * span)
        low, high = min(low, least), max(high, greatest)
    margin = 0.05 * (high - low or span)
    return low - margin, high + margin


def _inside(values: Array, low: float, high: float) -> Array:
    """The values, infinite where they leave the window: an arrow says so there; so is what is left of an overflow."""
    with np.errstate(invalid="ignore"):
        return np.where(values < low, -np.inf, np.where(values <= high, values, np.inf))


def _regions(fit: Fit, name: str, size: Size, ascii: bool) -> Lines:
    """The region of each class, with the data over them: each point as its class, × where it is not in its region."""
    predicted, true = classes(fit.outputs), classes(fit.targets)
    right = predicted == true
    count = max(fit.targets.shape[1], 2)
    points = [Points(fit.inputs[right & (true == index)], _name(index), "strong") for index in range(count)]
    points.append(Points(fit.inputs[~right], "×", "warning"))
    grounds = "  ".join(f"{_name(index)} {GROUNDS[index % len(GROUNDS)]}".rstrip() for index in range(count))
    wrong = f"{name}× {int((~right).sum())} of {len(right)}{STATISTICS[fit.statistics]}"
    title = (Span(wrong, "twin" if name else "strong"), Span(f"  {grounds}", "faint"))
    kinds = classes(fit.surface)
    ground = np.where(kinds >= 0, kinds % len(GROUNDS), UNKNOWN)
    return _plane(fit, Ground(ground, GROUNDS, _ends(fit.grid[0]), _ends(fit.grid[1])), points, title, size, ascii)


def _heat(fit: Fit, name: str, size: Size, ascii: bool) -> Lines:
    """ŷ as shades between the least and the greatest y, and the data over them: ▲ where y is above ŷ by more than a shade."""
    y, output, surface = fit.targets[:, 0], fit.outputs[:, 0], fit.surface[..., 0]
    low, high = float(y.min()), float(y.max())
    shade = (high - low) / len(SHADES) or 1.0
    with np.errstate(invalid="ignore"):
        kinds = np.clip(np.floor((np.clip(surface, low, high) - low) / shade), 0, len(SHADES) - 1)
        kinds = np.where(np.isfinite(surface), kinds, UNKNOWN).astype(np.intp)
        above, below = y - output > shade, output - y > shade
    near = ~(above | below | np.isnan(output))
    marks: list[tuple[Truths, str, Role]] = [(near, "•", "strong"), (above, "▲", "growth"), (below, "▾", "shrinkage")]
    points = [Points(fit.inputs[which], glyph, role) for which, glyph, role in marks]
    which = " 0" if fit.targets.shape[1] > 1 else ""
    said = f"{name}ŷ{which} {brief(low)} {SHADES} {brief(high)}{STATISTICS[fit.statistics]}"
    title = (Span(said, "twin" if name else "strong"), Span("  y • as ŷ ▲ above ▾ below", "faint"))
    return _plane(fit, Ground(kinds, SHADES, _ends(fit.grid[0]), _ends(fit.grid[1])), points, title, size, ascii)


def _plane(fit: Fit, ground: Ground, points: list[Points], title: Line, size: Size, ascii: bool) -> Lines:
    return canvas.plane(ground, points, size, title=title, labels=("x₁", "x₂ up"), ascii=ascii)


def _scatter(fit: Fit, twin: Fit | None, size: Size, ascii: bool) -> Lines:
    """ŷ against y, every output; a network that is right has its points on the diagonal."""
    low, high = float(fit.targets.min()), float(fit.targets.max())
    span = high - low or abs(high) or 1.0
    ends = (low - 0.05 * span, high + 0.05 * span)
    found = np.concatenate([each.outputs.ravel() for each in (fit, twin) if each is not None])
    found = found[np.isfinite(found)]
    least, greatest = (float(found.min()), float(found.max())) if found.size else ends
    window = min(ends[0], max(least, low - BEYOND * span)), max(ends[1], min(greatest, high + BEYOND * span))
    curves = [Curve("ŷ = y", ends, ends, "·", "faint")]
    sides: list[tuple[Fit | None, str, str, Role]] = [(twin, "twin", TWIN_MARK, "twin"), (fit, "ŷ", "•", "accent")]
    for each, label, glyph, role in sides:
        if each is not None:
            shown = np.clip(np.nan_to_num(each.outputs.ravel(), nan=np.inf), *window)
            curves.append(Curve(label, each.targets.ravel(), shown, glyph, role, joined=False))
    title = f"ŷ against y{STATISTICS[fit.statistics]}"
    axes = Axis(limits=ends, label="y"), Axis(limits=window)
    return canvas.curves(curves, size, x_axis=axes[0], y_axis=axes[1], title=title, ascii=ascii)


def _confusion(fit: Fit, name: str, size: Size, ascii: bool) -> Lines:
    """How many samples of each class were taken for which."""
    predicted, true = classes(fit.outputs), classes(fit.targets)
    count = max(fit.targets.shape[1], 2)
    right = int((predicted == true).sum())
    title: Line = (
        Span(f"{name}right {right} of {len(true)}{STATISTICS[fit.statistics]}", "twin" if name else "strong"),
        Span("  rows: the class, columns: taken for", "faint"),
    )
    width = max(min(COUNT, (size.width - COUNT) // count), 2)
    lines: list[Line] = [title, (Span(" " * COUNT + "".join(f"{_name(index):>{width}}" for index in range(count)), "faint"),)]
    for row in range(count):
        numbers = [int(((true == row) & (predicted == column)).sum()) for column in range(count)]
        cells = [
            Span(f"{number or '·':>{width}}", "strong" if row == column else "warning" if number else "faint")
            for column, number in enumerate(numbers)
        ]
        lines.append((Span(f"{_name(row):>{COUNT - 1}} ", "faint"), *cells))
    if len(lines) > size.height > 1:
        lines = [*lines[: size.height - 1], (Span(f"+{len(lines) - size.height + 1} more", "faint"),)]
    return padded(lines, size.width, size.height)


def classes(outputs: Array) -> Indices:
    """The class of each row of (…, n_L): the largest output's, of one output which side of ½ it is on; −1 for what is no number."""
    found = (outputs[..., 0] > 0.5).astype(np.intp) if outputs.shape[-1] == 1 else outputs.argmax(axis=-1)
    return np.where(np.isnan(outputs).any(axis=-1), UNKNOWN, found)


def _shares(outputs: Array) -> Array:
    """The softmax of (…, n_L)."""
    with np.errstate(all="ignore"):
        exponentials = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
        shares: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return shares


def _name(index: int) -> str:
    return NAMES[index % len(NAMES)]


def _ends(axis: Array) -> tuple[float, float]:
    return float(axis[0]), float(axis[-1])
