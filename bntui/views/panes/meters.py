"""The meters: curvature, the rate that it allows, and the pair w·(γ/σ) that answers the question."""

from __future__ import annotations

import math

from bntui.maths.kinds.optimizers import PLAIN_DESCENT, Optimizer
from bntui.maths.names import WEIGHT, Name
from bntui.scenario.model.showing import view_of
from bntui.session.look.snapshot import LayerNumbers, Meters, Snapshot
from bntui.views.text.cells import LIT_MARK, TWIN_MARK, cut, in_ascii
from bntui.views.text.lines import Line, Lines, Role, Size, Span, padded, remark
from bntui.views.text.numbers import AFTER, in_columns, on_point, signed, significant

ROOMY = 74  # columns from which two meters share a row, where there are not rows enough for each to have one
ROOMY_BESIDE = 78  # the same where each has two numbers
STACKED = 7  # rows of those that have one each
NAME_WIDTH = 20
LONGEST_SHORT = 4  # cells of a normalization's name, for which there is room

MOST_ROWS = 9  # that are asked for on a narrow screen
ROWS_OF_LAYERS = 3  # the heading and two layers; what else is measured has the rows beyond them

TURN_ROUNDING = 1e-13  # degrees: an angle below it is none: weights cannot turn by less
POINT = 6  # where a number's point stands in its column
COLUMNS = {"layer": 7, **dict.fromkeys(("‖W‖", "γ/σ", "W·γ/σ", "twin", "η/‖w‖²", "turns °", "update/W"), 12)}
FAMILIES = {
    "‖W‖": ("weight", "parameter"),
    "γ/σ": ("scale",),
    "W·γ/σ": ("pair",),
    "η/‖w‖²": ("effective_rate",),
    "turns °": ("angle",),
}
# what is left out last where there is little room
ALONE = ("layer", "‖W‖", "γ/σ", "W·γ/σ", "η/‖w‖²", "turns °", "update/W")
BESIDE_TWIN = ("layer", "W·γ/σ", "twin", "‖W‖", "γ/σ", "η/‖w‖²", "turns °", "update/W")


def rows_needed(snapshot: Snapshot) -> int:
    """A row for each layer and its heading below three of curvature, as far as a narrow screen has room for them."""
    return min(len(snapshot.architecture.layers) + 4, MOST_ROWS)


def meters_table(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """Curvature, stable rate and where η stands; then the pair that answers the question, layer by layer.

    The stable rate is a quadratic's: beside it stands what the quadratic foretells of the next step, and what that will do.
    |w| grows and γ/σ shrinks with it: under BN their product is what a signal meets; of weight norm γ/‖w‖
    stands for γ/σ. Where there is room the effective rate, the angle by which the next step turns a row, and the update over the
    weight follow. A twin's numbers stand behind its mark: in
    the table W·γ/σ, where nothing is divided ‖W‖.
    """
    meters = snapshot.meters
    if meters is None:
        return remark("measuring …", size)
    lines = _curvature_lines(snapshot, meters, size, ascii)
    if snapshot.twin is None:
        lines += _further_lines(snapshot, meters, len(lines) == 2)[: max(size.height - len(lines) - ROWS_OF_LAYERS, 0)]
    names = [layer.name for layer in reversed(snapshot.architecture.layers)]
    room = max(size.height - len(lines) - 1, 1)
    below = 1 if len(names) > room >= ROWS_OF_LAYERS else 0  # of fewer rows none is given up: there the heading says it
    spoken_of = sum(_lights(snapshot, name) for name in names)
    before = _layer_before(snapshot, size) if room - below > max(spoken_of, 1) else None
    room -= below + (0 if before is None else 1)
    more = f"+{len(names) - room} more" if len(names) > room else ""
    kinds = [*snapshot.kinds, *(() if snapshot.twin is None else snapshot.twin.kinds)]
    of_rows = bool(kinds) and all(kind.over == "weight" for _, kind in kinds)
    titles = {name: _title(name, snapshot.optimizer, of_rows, ascii) for name in COLUMNS}
    if more and not below:
        titles["layer"] = more
    columns = _columns(snapshot, size)
    heading = [titles[name] if name == "layer" else f"{titles[name]:>{POINT + 2}}" for name in columns]
    lines.append((Span(in_columns(heading, [COLUMNS[name] for name in columns]), "faint"),))
    place = names.index(snapshot.focus.layer)
    first = min(max(0, place - room + 1), max(len(names) - room, 0))
    chosen = [name for name in names if _lights(snapshot, name)][:room]
    chosen += [name for name in names[first : first + room] if name not in chosen][: room - len(chosen)]
    for name in [name for name in names if name in chosen]:
        if before is not None and name == snapshot.focus.layer:
            lines.append(before)
        lines.append(_layer_meters(snapshot, meters, name, size))
    if below:
        lines.append((Span(more, "faint"),))
    return padded(lines, size.width, size.height)


def _title(column: str, optimizer: Optimizer, of_rows: bool, ascii: bool) -> str:
    """What a column is called; where only weights are normalized they are divided by ‖w‖."""
    if column == "η/‖w‖²":
        return optimizer.effective_formula
    called = f"{in_ascii(TWIN_MARK, ascii)} W·γ/σ" if column == "twin" else column
    return called.replace("σ", "‖w‖") if of_rows else called


def _columns(snapshot: Snapshot, size: Size) -> list[str]:
    """The columns that fit, those first of which a lesson speaks."""
    ranked = ALONE if snapshot.twin is None else BESIDE_TWIN
    chosen, used = set(), 0
    for name in sorted(ranked, key=lambda name: name != "layer" and not _is_spoken_of(snapshot, name)):
        used += COLUMNS[name]
        if used - COLUMNS[name] + POINT + AFTER <= size.width:
            chosen.add(name)
    return [name for name in COLUMNS if name in chosen]


def _is_spoken_of(snapshot: Snapshot, column: str) -> bool:
    """Whether a lesson speaks of a number in this column."""
    families = FAMILIES.get(column, ())
    return any(view_of(name) == "meters" and name.partition(".")[0] in families for name in snapshot.lit)


def _layer_meters(snapshot: Snapshot, meters: Meters, layer: str, size: Size) -> Line:
    texts, columns = _texts(snapshot, meters, layer), _columns(snapshot, size)
    lit = [name for name in columns if any(f"{family}.{layer}" in snapshot.lit for family in FAMILIES.get(name, ()))]
    if f"parameter.{layer}.{WEIGHT}" in snapshot.lit:
        lit.append("‖W‖")
    marked = {name: f"{LIT_MARK}{text}" if name in lit else text for name, text in texts.items()}
    role: Role = "lit" if lit else "selected" if layer == snapshot.focus.layer else "plain"
    return (Span(_in_row(marked, columns), role),)


def _lights(snapshot: Snapshot, layer: str) -> bool:
    """Whether a lesson speaks of a number of this layer."""
    return any(view_of(name) == "meters" and layer in name.split(".") for name in snapshot.lit)


def _layer_before(snapshot: Snapshot, size: Size) -> Line | None:
    """What was different in the row of the layer in focus before the last change, to stand over it; None where nothing was."""
    then = snapshot.changed_from
    if then is None or then.meters is None or snapshot.meters is None:
        return None
    layer, columns = snapshot.focus.layer, _columns(snapshot, size)
    now, was = _texts(snapshot, snapshot.meters, layer), _texts(then, then.meters, layer)
    changed = {name: text if text != now[name] else "" for name, text in was.items() if name != "layer"}
    if not any(changed[name] for name in columns if name != "layer"):
        return None
    return (Span(_in_row({"layer": f"{cut(layer, 4)} →", **changed}, columns), "second"),)


def _in_row(texts: dict[str, str], columns: list[str]) -> str:
    layer, *numbers = (texts[name] if name == "layer" else on_point(texts[name], POINT, 0) for name in columns)
    if numbers and not numbers[0].startswith(" "):
        layer = cut(layer, COLUMNS["layer"] - 1)
    return in_columns([layer, *numbers], [COLUMNS[name] for name in columns])


def _texts(snapshot: Snapshot, meters: Meters, layer: str) -> dict[str, str]:
    """A layer's numbers by column."""
    numbers = snapshot.numbers(layer)
    return {
        "layer": cut(layer, COLUMNS["layer"]),
        "‖W‖": significant(numbers.weight),
        "γ/σ": significant(numbers.scale),
        "W·γ/σ": significant(numbers.pair),
        "twin": "" if snapshot.twin is None else significant(_met(snapshot.twin.numbers(layer))),
        "η/‖w‖²": significant(dict(meters.effective_rates).get(layer)),
        "turns °": _turn(dict(meters.angles).get(layer)),
        "update/W": significant(dict(meters.update_ratios).get(Name(layer, WEIGHT))),
    }


def _turn(angle: float | None) -> str:
    return significant(0.0 if angle is not None and angle < TURN_ROUNDING else angle)


def _met(numbers: LayerNumbers) -> float:
    """What a signal meets in a layer: W·γ/σ, where nothing is divided the weight alone."""
    return numbers.weight if numbers.pair is None else numbers.pair


def _curvature_lines(snapshot: Snapshot, meters: Meters, size: Size, ascii: bool) -> list[Line]:
    """λ_max, the rate that is stable at it and η over that rate; in a wide pane the first two share a row."""
    twin = None if snapshot.twin is None else snapshot.twin.meters
    shown = [meters] if twin is None else [meters, twin]
    mark = f" {in_ascii(TWIN_MARK, ascii)} "
    then = None if snapshot.changed_from is None or twin is not None else snapshot.changed_from.meters
    if then is not None and then.curvature is not None:
        shown, mark = [then, meters], " → "
    alone = len(shown) == 1
    needed = ROOMY if alone else ROOMY_BESIDE
    roomy = size.width >= needed and size.height < STACKED + 1 + len(snapshot.architecture.layers)
    curvatures = _told_once([_curvature(each) for each in shown], mark)
    rates = _told_once([_stable_rate(each, roomy and alone) for each in shown], mark)
    ratios = _told_once([_rate_over_stable(each, (roomy and mark != " → ") or alone, ascii) for each in shown], mark)
    if not roomy:
        stable = "stable rate 2/λ_max" if snapshot.optimizer == PLAIN_DESCENT else "stable rate"
        named = [("curvature λ_max", curvatures), (stable, rates), ("η / stable rate", ratios)]
        lit = [name in snapshot.lit for name in ("curvature", "stable_rate", "rate_over_stable")]
        return [_meter(name, value, NAME_WIDTH, lights) for (name, value), lights in zip(named, lit, strict=True)]
    if twin is None:
        ratios = f"{ratios:<19} {_believed(snapshot, meters)}"
    lights = "curvature" in snapshot.lit
    called, width, room = ("curvature λ_max", NAME_WIDTH, 12) if alone else ("λ_max", 7, 25)
    first = _meter(called, curvatures.ljust(room), width, lights)
    stable = f"   stable rate {snapshot.optimizer.stable_formula} "
    if width + room + len(stable) + len(rates) > size.width:
        stable = "   stable rate"
    return [
        (*first, *_meter(stable, rates, 28, "stable_rate" in snapshot.lit)),
        _meter("η / stable rate", ratios, NAME_WIDTH, "rate_over_stable" in snapshot.lit),
    ]


def _told_once(texts: list[str], mark: str) -> str:
    """What stands beside each other, with the mark between; what has not changed once."""
    return texts[-1] if mark == " → " and len(set(texts)) == 1 else mark.join(texts)


def _believed(snapshot: Snapshot, meters: Meters) -> str:
    """What a quadratic foretells of the next step, and what the step will do: whether J is one over a step so long.

    Nothing where no step is made from here.
    """
    coming = meters.coming
    if coming is None or snapshot.diverged:
        return ""
    return f"quadratic {_change(coming.first + coming.second)}, step {_change(coming.actual)}"


def _change(value: float) -> str:
    """A change; beyond every number where it is none, for that is what an overflow leaves."""
    return signed(math.inf if math.isnan(value) else value)


def _further_lines(snapshot: Snapshot, meters: Meters, roomy: bool) -> list[Line]:
    """The curvature in the direction of the step, and that of the weights whose length a normalization makes no matter."""
    if meters.curvature is None:
        return []
    along, cancelling = _told(meters.gradient_curvature), _told(meters.rate_over_cancelling)
    spherical = _told(meters.spherical_sharpness)
    free = f"λ_max·‖w‖² in {snapshot.short if len(snapshot.short) <= LONGEST_SHORT else 'norm'} "
    if not roomy:
        pairs = [(_believed(snapshot, meters), ""), ("along the gradient κ", along), ("η·κ/2", cancelling), (free, spherical)]
        return [_meter(name, value, NAME_WIDTH + 2) for name, value in pairs if name]
    first = _meter("along the gradient κ", along.ljust(10), NAME_WIDTH + 1)
    return [(*first, *_meter("η·κ/2", cancelling.ljust(10), 6), *_meter(free, spherical, NAME_WIDTH - 3))]


def _meter(name: str, value: str, width: int, lit: bool = False) -> Line:
    if lit:
        said = value.rstrip()
        return Span(name.ljust(width - 1), "faint"), Span(LIT_MARK + said, "lit"), Span(" " * (len(value) - len(said)))
    return Span(name.ljust(width), "faint"), Span(value)


def _told(value: float | None) -> str:
    """A number, – where there is none: where μ and σ are left out of the gradient there is no Hessian."""
    return significant(None if value is None or math.isnan(value) else value)


def _measured(meters: Meters, value: float | None) -> str:
    return "…" if meters.curvature is None else _told(value)


def _curvature(meters: Meters) -> str:
    """λ_max; what Lanczos has found before it converged is a lower bound."""
    if meters.curvature is not None and math.isnan(meters.curvature):
        return "–"
    return ("" if meters.curvature_found else "≥ ") + _measured(meters, meters.curvature)


def _stable_rate(meters: Meters, with_reason: bool) -> str:
    if meters.curvature is not None and meters.stable_rate is None and not math.isnan(meters.curvature):
        return "none: λ_max ≤ 0" if with_reason else "none"
    return _measured(meters, meters.stable_rate)


def _rate_over_stable(meters: Meters, with_gauge: bool, ascii: bool) -> str:
    """η over the stable rate, with a bar of ten cells that is full at 1."""
    ratio = meters.rate_over_stable
    text = _measured(meters, ratio)
    if ratio is None or not with_gauge:
        return text
    filled = 10 if not math.isfinite(ratio) else min(10, round(10 * max(ratio, 0.0)))
    return text + " " + in_ascii("█", ascii) * filled + in_ascii("░", ascii) * (10 - filled)
