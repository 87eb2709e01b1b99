"""The forward pass as a second staircase, read upwards: the size of z, of what normalization makes of it, and of a."""

from __future__ import annotations

from itertools import pairwise

from bntui.maths.names import ACTIVATION
from bntui.maths.sizes import LayerSizes
from bntui.records import dataclass
from bntui.session.look.snapshot import Snapshot
from bntui.views.drawing import canvas
from bntui.views.drawing.rows import staircase_axis, staircase_limits
from bntui.views.panes.bar_notes import with_change, with_twin_mark
from bntui.views.panes.ledger import Row
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.lines import Line, Lines, Role, Size, Span, padded, remark
from bntui.views.text.numbers import AFTER, BEFORE, on_point, significant

LABEL = 12
LEAST_NAME = 5  # of a layer, beside its stage
NUMBER = BEFORE + AFTER
MOST_ROWS = 14  # that are asked for on a narrow screen
LEAST_BARS = 10
MOST_COLUMNS = 44  # of the bars: longer ones say nothing more


@dataclass(frozen=True, slots=True)
class Tread:
    """One row: its label, the sizes told of it, the last of them the row's own, and what the bar runs between."""

    row: Row
    numbers: tuple[float | None, ...]
    before: float
    after: float


def rows_needed(snapshot: Snapshot, width: int, ascii: bool = False) -> int:
    """The rows that every stage takes, where those are too many every layer."""
    every = sum(len(each.stages) for each in snapshot.sizes) + 2
    return every if every <= MOST_ROWS else min(len(snapshot.sizes) + 2, MOST_ROWS)


def forward_staircase(snapshot: Snapshot, size: Size, ascii: bool = False) -> Lines:
    """A row for every stage from the input at the bottom to ŷ at the top, where that is too much one for every layer.

    A bar runs from the size before to the size after: of a layer's row from that of z to that of what the layer puts out.
    """
    if not snapshot.sizes or size.height < 2:
        return remark("", size)
    treads = _stages(snapshot)
    hidden, gap = 0, None
    by_layer = len(treads) > size.height - 1
    if by_layer:
        roomy = any(each.normalized is not None for each in snapshot.sizes) and size.width >= LABEL + 3 * NUMBER + LEAST_BARS
        every = _layers(snapshot, roomy)
        below_heading = size.height - 1
        treads = _some(every, snapshot.focus.layer, below_heading if len(every) <= below_heading else max(below_heading - 1, 2))
        hidden, gap = len(every) - len(treads), _largest_gap(every, treads)
    subject = "rms" if snapshot.focus.sample is None else f"sample {snapshot.focus.sample}"
    up = in_ascii("▲", ascii)
    label = LABEL
    if by_layer:
        label = min(max(cells(tread.row.label.rstrip()) for tread in treads) + 1, LABEL)
        label = max(label, min(cells(f"{up} {subject}") + 1, LABEL))
    left = label + NUMBER * len(treads[0].numbers)
    room = Size(min(max(size.width - left, 0), MOST_COLUMNS), len(treads))
    twins = () if snapshot.comparable_twin is None else snapshot.comparable_twin.sizes
    shown = [*(size for tread in treads for size in (tread.before, tread.after)), *(each.activation for each in twins)]
    limits = staircase_limits(shown)
    bars = canvas.staircase([(tread.before, tread.after) for tread in treads], room, limits, ascii)
    heading, columns = f"forward {up} {subject}", ""
    if by_layer:
        norm = snapshot.short if len(snapshot.short) <= BEFORE + 1 else "norm"
        names = ("z", norm, "a") if len(treads[0].numbers) > 2 else ("z", "a")
        columns = "".join(on_point(name) for name in names)
        heading = cut(f"{up} {subject}", label).ljust(label)
    lines: list[Line] = [(Span(f"{heading}{columns}".ljust(left), "strong"), *staircase_axis(limits, room.width))]
    for tread, bar in zip(treads, bars, strict=True):
        if tread is gap:
            lines.append((Span(f"+{hidden} more"),))
        role: Role = "selected" if tread.row.layer == snapshot.focus.layer else "plain"
        told = ["" if number is None else significant(number) for number in tread.numbers]
        numbers = "".join(map(on_point, told))
        marked = with_change(with_twin_mark(bar, tread.row, limits, ascii), tread.row)
        lines.append((Span(f"{tread.row.label[:label]}{numbers}".ljust(left), role), *marked))
    return padded(lines, size.width, size.height)


def _stages(snapshot: Snapshot) -> list[Tread]:
    """Every stage, from the top; what it was before the last change, and the twin's where it has the same stage."""
    now, twins = _by_stage(snapshot.sizes), {} if snapshot.twin is None else _by_stage(snapshot.twin.sizes)
    thens = {} if snapshot.changed_from is None else _by_stage(snapshot.changed_from.sizes)
    width = _name_width(snapshot)
    found, before, name = [_input(snapshot)], snapshot.sizes[0].incoming, ""
    for (layer, stage), (incoming, size) in now.items():
        before = incoming if layer != name else before
        name = layer
        top = list(now).index((layer, stage)) + 1
        ends = top == len(now) or list(now)[top][0] != layer
        named = cut(layer, width).ljust(width) if ends else " " * width
        label = f"{named} {cut(_called(snapshot, layer, stage), LABEL - 2 - width)}"
        then = thens.get((layer, stage))
        row = Row(label.ljust(LABEL), size, size, layer=layer, then=None if then is None else Row("", then[1], then[1]))
        twin = twins.get((layer, stage))
        found.append(Tread(row if twin is None else _beside(row, twin[1]), (size,), before, size))
        before = size
    return found[::-1]


def _name_width(snapshot: Snapshot) -> int:
    """What the layers' names take beside the stages: all that they need, where the stages' names leave it."""
    called = max(cells(_called(snapshot, each.layer, stage)) for each in snapshot.sizes for stage, _ in each.stages)
    return max(LEAST_NAME, min(max(cells(each.layer) for each in snapshot.sizes), LABEL - 2 - called))


def _by_stage(sizes: tuple[LayerSizes, ...]) -> dict[tuple[str, str], tuple[float, float]]:
    """What comes into the layer and what a stage puts out, by layer and stage."""
    return {(each.layer, stage): (each.incoming, size) for each in sizes for stage, size in each.stages}


def _layers(snapshot: Snapshot, with_norm: bool) -> list[Tread]:
    """Every layer, from the top: z and what the layer puts out, what normalization makes of it between them where it is told."""
    twins = {} if snapshot.twin is None else {each.layer: each.activation for each in snapshot.twin.sizes}
    found = [_input(snapshot)]
    for each in snapshot.sizes:
        row = Row(cut(each.layer, LABEL - 1).ljust(LABEL), each.activation, each.activation, layer=each.layer)
        row = _beside(row, twins[each.layer]) if each.layer in twins else row
        numbers = (each.pre_activation, *((each.normalized,) if with_norm else ()), each.activation)
        found.append(Tread(row, numbers, each.pre_activation, each.activation))
    size, blanks = found[0].after, (None,) * (1 + with_norm)
    found[0] = Tread(found[0].row, (*blanks, size), size, size)  # x is what a layer below would put out
    return found[::-1]


def _some(treads: list[Tread], layer: str, room: int) -> list[Tread]:
    """As many of the layers as there is room for: the output, the input, the one in focus and the largest are among them."""
    largest = max(range(len(treads)), key=lambda at: max(treads[at].before, treads[at].after))
    focus = next((at for at, tread in enumerate(treads) if tread.row.layer == layer), 0)
    order = dict.fromkeys((0, len(treads) - 1, focus, largest, *range(len(treads))))
    return [treads[at] for at in sorted(list(order)[:room])]


def _largest_gap(every: list[Tread], kept: list[Tread]) -> Tread | None:
    """The row before which the most of those are that were not kept; None where all were."""
    places = [every.index(tread) for tread in kept]
    gaps = [place - before - 1 for before, place in pairwise(places)]
    return kept[1 + gaps.index(max(gaps))] if any(gaps) else None


def _input(snapshot: Snapshot) -> Tread:
    size = snapshot.sizes[0].incoming
    return Tread(Row("x".ljust(LABEL), size, size), (size,), size, size)


def _beside(row: Row, twin: float) -> Row:
    return Row(row.label, row.value, row.after, layer=row.layer, then=row.then, twin=twin)


def _called(snapshot: Snapshot, layer: str, stage: str) -> str:
    """What a stage is called: z, the normalization by its name, the activation by its symbol."""
    if stage == ACTIVATION:
        return snapshot.architecture.layer(layer).activation.symbol
    kind = snapshot.kind(layer)
    return stage if kind is None or stage == "z" else kind.short
