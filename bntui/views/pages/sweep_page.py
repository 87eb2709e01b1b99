"""A sweep as a page: the chart, the figures of one rate, and the sentence that states the result."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence

import numpy as np

from bntui.maths.sweep import NEVER
from bntui.scenario.model.pictured import SWEEP
from bntui.session.survey.swept import Side, Sweep, Variant
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import AxisMark, Curve, Lines, Size
from bntui.views.pages.sweep_sides import MARKERS, SPREAD, by_rate, lettered, limits, table
from bntui.views.text.cells import LIT_MARK, cells, cut_at_word, has_room_for_a_word, in_ascii
from bntui.views.text.lines import Line, Role, Span, line_in_ascii, padded, paragraph
from bntui.views.text.numbers import brief

ROLES: tuple[Role, Role] = ("second", "accent")
GAP = 2
SENTENCE_ROWS = 3
PARTS = " · "  # between the parts of a title
LEAST_PART = 8  # cells in which the beginning of one says something
LEAST_HIGH = 20  # rows of a page that is no picture of a beat on a small screen
LEAST_CHART = 6  # rows that a chart keeps above what is said


def page(
    sweep: Sweep,
    size: Size,
    cursor: int | None = None,
    row: int | None = None,
    ascii: bool = False,
    stopped: bool = False,
    lit: Sequence[str] = (),
) -> Lines:
    """The whole sweep at exactly this size: title, chart, the figures at the cursor's rate, and what was found.

    Of a grid, `row` is the gain or depth that the figures are of, counted from the smallest; the scenario's own if left out.
    A sweep that was `stopped` goes on no more. `lit` are quantities that a lesson speaks of: what says them is marked.
    """
    tabled = sweep.plan.over is not None or (sweep.plan.group is not None and sweep.plan.grid is None)
    spoken = [name.removeprefix(f"{SWEEP}.") for name in lit if name.startswith(f"{SWEEP}.")]
    if tabled:
        curves = [name.rpartition(".")[0] for name in spoken]
        figures = table(sweep, size, cursor, ascii, curves)
        spoken = [name for name in spoken if "." not in name]
    else:
        figures = () if cursor is None else figure_lines(sweep, cursor, size.width, row, ascii)
    below = (*figures, *_foot(sweep, size, len(figures), ascii, stopped, lit=bool(spoken)))
    room = max(size.height - 1 - len(below), 1)
    drawn = chart(sweep, Size(size.width, room), cursor, ascii)
    return finished(title(sweep), [*drawn, *below], size, ascii)


def finished(title: str, lines: Sequence[Line], size: Size, ascii: bool) -> Lines:
    """The title and the lines of a page at exactly its size."""
    if ascii:
        lines = [tuple(Span(in_ascii(span.text, True), span.role) for span in line) for line in lines]
    heading = Span(heading_of(in_ascii(title, ascii), size.width, ascii), "strong")
    page = padded([(heading,), *lines], size.width, size.height)
    return tuple(line_in_ascii(line, size.width) for line in page) if ascii else page


def heading_of(title: str, width: int, ascii: bool) -> str:
    """As many parts of a title as have room; the last of all, which may be long, is cut at a word where it has some."""
    separator = in_ascii(PARTS, ascii)
    told, *others = title.split(separator)
    for number, part in enumerate(others, start=1):
        room = width - cells(told) - cells(separator)
        if cells(part) > room and (number < len(others) or room < LEAST_PART or not has_room_for_a_word(part, room)):
            break
        told += separator + cut_at_word(part, room, in_ascii("…", ascii))
    return told


def title(sweep: Sweep) -> str:
    """What is drawn, of which scenario, from where."""
    begin = "" if sweep.from_step is None else f" from step {sweep.from_step}"
    if sweep.stuck:
        why = "has diverged" if sweep.stuck == "diverged" else "gives no weight a gradient"
        begin = f" from the start (step {sweep.session_step} {why})"
    seeds = f"{len(sweep.seeds)} seeds" if len(sweep.seeds) > 1 else "one run each"
    plan = sweep.plan
    rate = "η" if plan.group is None else f"η of {plan.group}"
    over = f" and {plan.grid}" if plan.grid else "" if plan.over is None else f" over {plan.over.path}"
    how = " · preserve" if sweep.plan.switching == "preserve" else ""
    return f"J after {sweep.plan.steps} steps{begin} by {rate}{over} · {seeds}{how} · {sweep.title}"


def chart(sweep: Sweep, size: Size, cursor: int | None = None, ascii: bool = False) -> Lines:
    """J at the end by rate for both, or over gain or depth a heat map for each beside the other."""
    if sweep.plan.grid is not None:
        return _heat_maps(sweep, size, cursor, ascii)
    if sweep.plan.over is not None:
        return lettered(sweep, size, cursor, ascii)
    variant = sweep.variants[0]
    threshold = variant.sides[0].threshold
    low, high = _limits(sweep)
    row = (math.log10(high) - math.log10(low)) / max(size.height - 3, 1)
    curves = [Curve("½B: trains below", sweep.rates, [threshold] * len(sweep.rates), "-", "faint")]
    marks = []
    for place, (side, role, marker) in enumerate(zip(variant.sides, ROLES, MARKERS, strict=False)):
        edge = high / 10 ** (row * 1.5 * place)  # diverged runs of either kind have a row of their own
        if len(sweep.seeds) > 1:
            curves += [
                Curve("", sweep.rates, np.clip(side.quantile(share), low, edge), "·", role) for share in SPREAD
            ]
        curves.append(Curve(side.label, sweep.rates, np.clip(side.quantile(0.5), low, edge), marker, role))
        if sweep.largest(side) > 0:
            marks.append(AxisMark(sweep.largest(side), side.curve, role))
    return by_rate(sweep, curves, marks, (low, high), cursor, "J; top: diverged", size, ascii)


def _limits(sweep: Sweep) -> tuple[float, float]:
    """The powers of ten between which J is drawn."""
    return limits(np.concatenate([side.ends.ravel() for side in sweep.sides]), sweep.best_constant)


def _heat_maps(sweep: Sweep, size: Size, cursor: int | None, ascii: bool) -> Lines:
    sides = range(max(len(variant.sides) for variant in sweep.variants))
    width = (size.width - GAP * (len(sides) - 1)) // len(sides)
    ordered = sweep.variants[::-1]
    names = [brief(variant.size) for variant in ordered]
    limits = _limits(sweep)
    places = np.linspace(0, len(sweep.rates) - 1, max(width // 12, 2)).round().astype(int).tolist()
    maps = []
    for place in sides:
        values = [np.maximum(variant.sides[place].quantile(0.5), limits[0]) for variant in ordered]
        lines = canvas.heat(
            [[None if math.isnan(value) else value for value in row.tolist()] for row in values],
            Size(width, max(size.height - 2, 1)),
            rows=names,
            columns=[brief(sweep.rates[index]) for index in places],
            limits=limits,
            title=f"{ordered[0].sides[place].label}: {sweep.plan.grid} by η",
            ascii=ascii,
        )
        side = max(map(len, names)) + 1
        maps.append((*lines, _caret(cursor, len(sweep.rates), side, width - side, ascii)))
    rows: list[Line] = [
        tuple(span for index, one in enumerate(row) for span in ((Span(" " * GAP),) * (index > 0) + one))
        for row in zip(*maps, strict=True)
    ]
    key = "J after the last step: blank learned, filled did not, ! diverged, · not run yet"
    return padded([*rows, (Span(in_ascii(key, ascii), "faint"),)], size.width, size.height)


def _caret(cursor: int | None, count: int, side: int, width: int, ascii: bool) -> Line:
    """A sign below the cursor's column of a heat map."""
    if cursor is None or width < 1:
        return (Span(" " * (side + max(width, 0))),)
    column = min(int((cursor + 0.5) / count * width), width - 1)
    return (Span((" " * (side + column) + ("^" if ascii else "▲")).ljust(side + width), "accent"),)


def figure_lines(sweep: Sweep, cursor: int, room: int, row: int | None = None, ascii: bool = False) -> tuple[Line, ...]:
    """What became of the runs at one rate, a line for each side; the spread of J only where all of it has room."""
    variant = _variant(sweep, row)
    size = "" if variant.size is None else f"{sweep.plan.grid} {brief(variant.size)} "
    rate = in_ascii(f"η {brief(sweep.rates[cursor])}", ascii)
    width = max(8, *(len(side.label) + 2 for side in variant.sides))
    lines: list[Line] = []
    for side, role in zip(variant.sides, ROLES, strict=False):
        begin = f"{size}{rate:<12}{side.label:<{width}}"
        whole, short = (in_ascii(figures(sweep, side, cursor, spread), ascii) for spread in (True, False))
        lines.append((Span(begin, role), Span(whole if cells(begin) + cells(whole) <= room else short)))
    return tuple(lines)


def figures(sweep: Sweep, side: Side, place: int, spread: bool = True) -> str:
    """J at one rate, with its spread or without it, how many runs train, how many diverged and when."""
    done = int(side.done[place].sum())
    if not done:
        return "not run yet"
    ends = side.ends[place]
    trained = int((ends[side.done[place]] < side.threshold).sum())
    ended = side.diverged_at[place][side.diverged_at[place] != NEVER]
    parts = []
    if len(ended) < done:
        low, high = (brief(_at(side, share, place)) for share in SPREAD)
        parts.append(f"J {brief(_at(side, 0.5, place))}{f' ({low} to {high})' if spread and done > 1 else ''}")
        parts.append(f"{trained} of {done} train" if done > 1 else "trains" if trained else "does not train")
    if len(ended):
        many = f"{len(ended)} of {done} " if done > 1 else ""
        first = f"at step {ended.min()}" if len(set(ended.tolist())) == 1 else f"from step {ended.min()} on"
        parts.append(f"{many}diverged {first}")
    return " · ".join(parts)


def _at(side: Side, share: float, place: int) -> float:
    return float(side.quantile(share)[place])


def _variant(sweep: Sweep, row: int | None) -> Variant:
    """The variant in a row of the grid; left out: the scenario's own."""
    return sweep.variants[own_row(sweep) if row is None else min(max(row, 0), len(sweep.variants) - 1)]


def own_row(sweep: Sweep) -> int:
    """Where the scenario's own gain or depth stands among those that are tried, or the nearest to it."""
    sizes = [variant.size or 0.0 for variant in sweep.variants]
    return int(np.argmin(np.abs(np.array(sizes) - sweep.own_size)))


def _foot(sweep: Sweep, size: Size, above: int, ascii: bool, stopped: bool, lit: bool) -> Lines:
    least = sentence_rows(size, SENTENCE_ROWS)
    if not sweep.finished:
        return under_way(sweep.progress, size, least, ascii, stopped)
    return told(in_ascii(findings(sweep), ascii), size, above, least, lit)


def sentence_rows(size: Size, roomy: int) -> int:
    """The rows that sentences have at least, `roomy` on a high page, so that the chart stays where it is when they come."""
    return roomy if size.height >= LEAST_HIGH else 1


def under_way(progress: float, size: Size, rows: int, ascii: bool, stopped: bool) -> Lines:
    """How far the work is, in so many rows, where the sentences will stand."""
    return progress_bar(progress, size.width, ascii, stopped), *padded([], size.width, rows - 1)


def told(text: str, size: Size, above: int, least: int, lit: bool = False, numbers: Sequence[str] = ()) -> Lines:
    """Sentences at the foot of a page, in as many rows as they need, at least so many, and as long as the chart keeps its room.

    `above` rows stand between the chart and them; where they are `lit` a mark stands before them, and these numbers light up.
    """
    begin: Line = (Span(LIT_MARK, "lit"),) if lit else ()
    room = size.height - 1 - above - LEAST_CHART
    lines = paragraph(begin, text, size.width, max(least, min(len(textwrap.wrap(text, size.width - len(begin))), room)))
    return tuple(tuple(each for span in line for each in _with_lit(span, numbers)) for line in lines)


def _with_lit(span: Span, numbers: Sequence[str]) -> Line:
    """A span in parts, of which those that are one of these numbers are lit."""
    if not numbers:
        return (span,)
    whole = rf"(?<![\d.,])({'|'.join(map(re.escape, numbers))})(?![\d]|[.,]\d)"
    parts = re.split(whole, span.text)  # every second one is a number
    return tuple(Span(part, "lit" if place % 2 else span.role) for place, part in enumerate(parts) if part)


def progress_bar(progress: float, width: int, ascii: bool = False, stopped: bool = False) -> Line:
    """How much has been done, as a bar that is full at 1, and whether more will be."""
    text = f" {100 * progress:3.0f} %, {'stopped' if stopped else 'esc stops'}"
    room = max(width - len(text), 0)
    full = round(progress * room)
    done, left = ("#", ".") if ascii else ("█", "░")
    return Span(done * full, "accent"), Span(left * (room - full), "faint"), Span(text)


def findings(sweep: Sweep) -> str:
    """What was found, in sentences."""
    said = [_criterion(sweep), *_begun(sweep)]
    if sweep.plan.over is not None:
        return " ".join(said)
    if sweep.plan.grid is not None:
        return " ".join([*(_grid_sentence(sweep, variant) for variant in _ends(sweep)), *said])
    return " ".join([_result(sweep, sweep.variants[0]), *said])


def _begun(sweep: Sweep) -> list[str]:
    """That J is below the bound already where it begins, where it is."""
    if not sweep.trained_before:
        return []
    return [f"At step {sweep.from_step} J is {brief(sweep.begins_at)} already: a rate trains there that does not lose that again."]


def _ends(sweep: Sweep) -> tuple[Variant, ...]:
    return sweep.variants[0], sweep.variants[-1]


def _grid_sentence(sweep: Sweep, variant: Variant) -> str:
    return f"{(sweep.plan.grid or '').capitalize()} {brief(variant.size)}: {_result(sweep, variant)}"


def _result(sweep: Sweep, variant: Variant) -> str:
    largest, norm = [sweep.largest(side) for side in variant.sides], _norm(variant)
    if len(variant.sides) == 1:
        return f"The largest rate that trains is {_bounded(sweep, largest[0])}; no layer can be normalized."
    off, on = largest
    idle = [side for side in variant.sides if _is_idle(sweep, side)]
    if idle:
        alike = [f"{_how(side, norm, first=True)} the rate of {sweep.plan.group} changes nothing." for side in idle]
        others = [(side, rate) for side, rate in zip(variant.sides, largest, strict=True) if side not in idle]
        apart = [f"{_how(side, norm, first=True)} the largest that trains is {_bounded(sweep, rate)}." for side, rate in others]
        return " ".join([*alike, *apart])
    if not off and not on:
        return f"No rate of these trains, with {norm} or without."
    if not off:
        return f"Without {norm} no rate of these trains; with {norm} they do up to {_bounded(sweep, on)}."
    if not on:
        return f"With {norm} no rate of these trains; without {norm} they do up to {_bounded(sweep, off)}."
    ratios = sweep.ratios(variant)
    known = ratios[np.isfinite(ratios)]
    ratio = "" if not known.size else f": {_ratio(float(np.median(known)))}"
    if known.size > 1:
        low, high = np.quantile(known, SPREAD)
        of = f"the {known.size} seeds that train at both" if known.size < len(sweep.seeds) else f"{known.size} seeds"
        ratio = f"; seed by seed{ratio} in the median of {of} (10–90 %: {brief(low)} to {brief(high)})"
    said = f"The largest rate that trains is {_bounded(sweep, on)} with {norm} and {_bounded(sweep, off)} without{ratio}."
    return " ".join([said, *(_training_at_none(sweep, side, norm) for side in variant.sides if _untrained(sweep, side))])


def _how(side: Side, norm: str, first: bool = False) -> str:
    """By which side something is so; `first` in its sentence."""
    word = "with" if side.normalized else "without"
    return f"{word.capitalize() if first else word} {norm}"


def _is_idle(sweep: Sweep, side: Side) -> bool:
    """Whether every rate of a group has ended alike, as where there is no such parameter."""
    alike = np.array_equal(side.loss, np.broadcast_to(side.loss[0], side.loss.shape), equal_nan=True)
    return sweep.plan.group is not None and sweep.finished and alike


def _norm(variant: Variant) -> str:
    """What the two sides differ in, by the short name that their labels have."""
    return variant.sides[0].label.rpartition(" ")[0]


def _untrained(sweep: Sweep, side: Side) -> int:
    """How many seeds train at no rate, once every run is done: the ratio leaves them out."""
    return int(np.sum(side.largest(sweep.rates) == 0)) if sweep.finished else 0


def _training_at_none(sweep: Sweep, side: Side, norm: str) -> str:
    count = _untrained(sweep, side)
    how = _how(side, norm)
    return f"{count} of {len(sweep.seeds)} seeds {'trains' if count == 1 else 'train'} at none {how}."


def _ratio(ratio: float) -> str:
    if 0.8 < ratio < 1.25:
        return f"about the same (×{brief(ratio)})"
    return f"{brief(ratio)} times" if ratio > 1 else f"1/{brief(1 / ratio)} of it"


def _bounded(sweep: Sweep, rate: float) -> str:
    if not rate:
        return "none of these"
    return f"{brief(rate)} or more" if rate >= sweep.rates[-1] else brief(rate)


def _criterion(sweep: Sweep) -> str:
    if sweep.best_constant is None:
        return f"Trains: J ends below half of B = {sweep.cost.constant}, the best constant's cost, which is not the same of all."
    threshold = sweep.variants[0].sides[0].threshold
    return f"Trains: J ends below {brief(threshold)}, half of B = {sweep.cost.constant}, the best constant's cost."
