"""The ledger: every factor of the selected layer's chain as a row, with a bar from the product before to the product after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from bntui.maths.architecture import INPUTS, Architecture
from bntui.maths.chain import Factor, LayerChain
from bntui.maths.kinds.normalizations import BATCH_NORM, NORMALIZATIONS, PROJECT
from bntui.maths.names import ACTIVATION, COST, INPUT, SKIP, WEIGHT, Name
from bntui.session.look.snapshot import Snapshot
from bntui.views.panes.taken import taken_notes
from bntui.views.text.cells import LIT_MARK, cells, cut, in_ascii
from bntui.views.text.lines import Line, Role, Span
from bntui.views.text.numbers import AFTER, BEFORE, brief, on_point, significant, written

LABEL = 17
VALUE, PRODUCT = BEFORE + 1 + AFTER, BEFORE + AFTER  # a value has × before it
TWIN, RATIO = BEFORE + AFTER, 8  # the twin's product and this one over it
NUMBERS_WIDTH = LABEL + VALUE + PRODUCT  # what stands left of the bars
TWIN_WIDTH = TWIN + RATIO

MOST_PARTS = max(len(kind.parts) for kind in NORMALIZATIONS.values())

ONLY_ROUNDING = "only rounding"  # of a row whose signal was nothing else before
LEAST_SHOWN = 4  # rows: the cost, the rest in one, the last two
MORE = "+"  # before the number of rows that have no room

Folding = Literal["selected", "all"]


class Row(NamedTuple):
    """One row: a factor, or a folded layer's gain.

    `before` and `after` are the products that the bar runs between; both None in a row that has no bar. `added` is the size of what
    a skip connection brings: the signal after the row is the sum of that and the one before. `notes` are what may stand
    beside the bar, the longest first. `names` are the quantities whose number is the value, `lit` says that a lesson
    speaks of one of them. `then` is the row as it was before the last change, `is_new` says that there was none.
    """

    label: str
    value: float | None
    after: float | None
    before: float | None = None
    rounding: bool = False
    is_gain: bool = False
    opens_layer: bool = False
    layer: str = ""
    selected: bool = False
    notes: tuple[str, ...] = ()
    twin: float | None = None
    twin_rounding: bool = False
    added: float | None = None
    then: Row | None = None
    is_new: bool = False
    names: tuple[str, ...] = ()
    lit: bool = False


def rows(snapshot: Snapshot, folding: Folding = "selected") -> tuple[Row, ...]:
    """The rows of the focused layer's chain, from the cost down to its input, with what they were before the last change.

    The layers above the focused one are folded to their gains, unless all are unfolded or a lesson speaks of their factors.
    """
    found = _rows(snapshot, folding)
    if snapshot.lit:
        found = tuple(row._replace(lit=not {*row.names}.isdisjoint(snapshot.lit)) for row in found)
    if snapshot.changed_from is None:
        return found
    earlier = {(row.layer, row.label): row for row in _rows(replace(snapshot.changed_from, lit=snapshot.lit), folding)}
    thens = [earlier.get((row.layer, row.label)) for row in found]
    return tuple(row._replace(then=then, is_new=then is None) for row, then in zip(found, thens, strict=True))


def _rows(snapshot: Snapshot, folding: Folding) -> tuple[Row, ...]:
    chain = snapshot.chain(snapshot.focus.layer)
    twins = _twins_factors(snapshot)
    cost = chain.factors[0]
    found = [Row("cost ∂J/∂ŷ", cost.value, cost.product, twin=_product(twins.get(COST)), names=("factor.cost",))]
    before = cost
    for layer, factors in _by_layer(chain):
        selected = layer == chain.layer
        if selected or is_open(layer, factors, folding, snapshot.lit):
            found += _open_layer(snapshot, layer, factors, before, selected, twins)
        else:
            found.append(_folded_layer(layer, factors, before, twins))
        before = factors[-1]
    return tuple(found)


def _twins_factors(snapshot: Snapshot) -> dict[Name, Factor]:
    """The factors of the twin's chain by name; empty where there is no twin."""
    if snapshot.twin is None:
        return {}
    return {factor.name: factor for factor in snapshot.twin.chain(snapshot.focus.layer).factors}


def _product(factor: Factor | None) -> float | None:
    return None if factor is None else factor.product


def is_open(layer: str, factors: Sequence[Factor], folding: Folding, lit: Sequence[str]) -> bool:
    """Whether a layer that is not selected is unfolded: its gain is only seen folded, its factors, where it has several, open."""
    if f"gain.{layer}" in lit:
        return False
    named = any(f"factor.{factor.name}" in lit or (factor.added and f"skip.{layer}" in lit) for factor in factors)
    return folding == "all" or (named and len(factors) > 1)


def most_rows(architecture: Architecture, folding: Folding) -> int:
    """The rows that the ledger of any layer needs at most, its heading included, with BN everywhere."""
    forked = architecture.forked
    skipped = [before in forked for before in (INPUTS, *(layer.name for layer in architecture.layers[:-1]))]
    opened = [
        MOST_PARTS + (1 if layer.is_linear else 2) + skip for layer, skip in zip(architecture.layers, skipped, strict=True)
    ]
    return 2 + (sum(opened) if folding == "all" else max(opened) + len(opened) - 1)


def wanted_rows(snapshot: Snapshot, folding: Folding) -> int:
    """The rows that the ledger is to have, its heading included: as many as any layer needs, for a short chain a half or a quarter.

    There is nothing between these, so that the panes do not move at every layer that is selected.
    """
    wanted, needed = most_rows(snapshot.architecture, folding), 1 + _row_count(snapshot, folding)
    while (half := (wanted + 1) // 2) >= needed:
        wanted = half
    return wanted


def _row_count(snapshot: Snapshot, folding: Folding) -> int:
    """How many rows there are, each of a factor or of a folded layer."""
    chain = snapshot.chain(snapshot.focus.layer)
    return 1 + sum(
        len(factors) if layer == chain.layer or is_open(layer, factors, folding, snapshot.lit) else 1
        for layer, factors in _by_layer(chain)
    )


def _by_layer(chain: LayerChain) -> list[tuple[str, list[Factor]]]:
    groups: list[tuple[str, list[Factor]]] = []
    for factor in chain.factors[1:]:
        layer = factor.name.layer
        if not groups or groups[-1][0] != layer:
            groups.append((layer, []))
        groups[-1][1].append(factor)
    return groups


def _open_layer(
    snapshot: Snapshot,
    layer: str,
    factors: Sequence[Factor],
    before: Factor,
    selected: bool,
    twins: Mapping[Name, Factor],
) -> list[Row]:
    found = []
    for index, factor in enumerate(factors):
        twin = twins.get(factor.name)
        found.append(
            Row(
                part_label(snapshot, factor),
                factor.value,
                factor.product,
                before.product,
                factor.rounding,
                opens_layer=index == 0,
                layer=layer,
                selected=selected,
                notes=_notes(snapshot, factor, before),
                twin=_product(twin),
                twin_rounding=twin is not None and twin.rounding,
                added=factor.added,
                names=(f"factor.{factor.name}",) if factor.added is None else (f"skip.{layer}",),
            )
        )
        before = factor
    return found


def _notes(snapshot: Snapshot, factor: Factor, before: Factor) -> tuple[str, ...]:
    """Of a normalization that is not BN over what it is taken, of a part that subtracts what it took and what ε leaves of that.

    Of what was rounding before that it is nothing else.
    """
    if before.rounding:
        return (ONLY_ROUNDING,)
    layer, kind = factor.name.layer, snapshot.kind(factor.name.layer)
    if kind is None or not factor.name.part.startswith("norm."):
        return ()
    part = kind.part(factor.name.part)
    taken = taken_notes(snapshot, factor, kind, part) if part.takes else ()
    surviving = snapshot.numbers(layer).surviving
    if part.name == PROJECT.name and surviving is not None and not factor.rounding:
        left = f"ε/(v+ε) {brief(surviving)}"
        return *(f"{each}, {left}" for each in taken), left, f"ε {brief(surviving)}"
    if kind is not BATCH_NORM and part is kind.parts[0]:
        return f"{kind.short}: {kind.taken_of}", kind.short
    return taken


def _folded_layer(layer: str, factors: Sequence[Factor], before: Factor, twins: Mapping[Name, Factor]) -> Row:
    last = factors[-1]
    twin = twins.get(last.name)
    gain = None if before.product == 0 else last.product / before.product
    return Row(
        "gain",
        gain,
        last.product,
        before.product,
        last.rounding,
        is_gain=True,
        opens_layer=True,
        layer=layer,
        notes=(ONLY_ROUNDING,) if before.rounding else (),
        twin=_product(twin),
        twin_rounding=twin is not None and twin.rounding,
        names=(f"gain.{layer}", *(f"factor.{factor.name}" for factor in factors if len(factors) == 1)),
    )


def part_label(snapshot: Snapshot, factor: Factor) -> str:
    """What a factor is called beside its layer's name."""
    layer = snapshot.architecture.layer(factor.name.layer)
    if factor.name.part == ACTIVATION:
        return f"{layer.activation.symbol}′"
    if factor.name.part in (WEIGHT, INPUT, SKIP):
        return factor.name.part
    kind = snapshot.kind(layer.name) or layer.normalization.kind
    part = kind.part(factor.name.part)
    return part.label if layer.normalization.affine else part.bare_label


def shortened(all_rows: Sequence[Row], height: int) -> tuple[Row, ...]:
    """As many rows as there is room for: the folded layers in the middle are taken together first.

    Where that is not enough, rows give way to one that says how many there were, the upper ones first; what is lit stays, unless
    the last row would not: the product stands there.
    """
    found = list(all_rows)
    while len(found) > height:
        pairs = (i for i in range(len(found) - 1) if all(row.is_gain and not row.lit for row in found[i : i + 2]))
        if (place := next(pairs, None)) is None:
            break
        found[place : place + 2] = [_together(found[place], found[place + 1])]
    missing = len(found) - height
    if missing <= 0 or height <= 2:
        return tuple(found[:height])
    kept = _with_gaps(found, missing, keeps_lit=True)
    return tuple(kept if len(kept) <= height else _with_gaps(found, missing, keeps_lit=False)[:height])


def least_rows(snapshot: Snapshot, folding: Folding) -> int:
    """The rows in which all that is lit can be seen, the heading included."""
    all_rows = rows(snapshot, folding)
    lit = [row.names for row in all_rows if row.lit]
    heights = range(LEAST_SHOWN, len(all_rows))
    return 1 + next((height for height in heights if _shows(shortened(all_rows, height), lit)), len(all_rows))


def _shows(shown: Sequence[Row], lit: Sequence[tuple[str, ...]]) -> bool:
    return [row.names for row in shown if row.lit and row.names] == lit


def _with_gaps(all_rows: Sequence[Row], missing: int, keeps_lit: bool) -> list[Row]:
    """Rows of which so many fewer are left: of each stretch that gives way one row says how many they were.

    It is lit where one of them was, which happens where not all that is lit is kept.
    """
    found: list[Row] = [all_rows[0]]
    hidden: list[Row] = []

    def close() -> None:
        if len(hidden) > 1:
            lit = any(row.lit for row in hidden)
            found.append(Row(f"{MORE}{len(hidden)} more", None, hidden[-1].after, hidden[0].before, lit=lit))
        else:
            found.extend(hidden)
        hidden.clear()

    for row in all_rows[1:]:
        if missing > 0 and not (keeps_lit and row.lit):
            missing -= 1 if hidden else 0
            hidden.append(row)
            continue
        opener = len(hidden) > 1 and hidden[-1].layer == row.layer and not row.opens_layer
        close()
        found.append(row._replace(opens_layer=True) if opener else row)
    close()
    return found


def _together(upper: Row, lower: Row) -> Row:
    value = None if upper.value is None or lower.value is None else upper.value * lower.value
    first = upper.layer.partition("…")[0]
    layers = f"{first}…{lower.layer.rpartition('…')[2]}"
    then = None if upper.then is None or lower.then is None else _together(upper.then, lower.then)
    return upper._replace(
        layer=layers,
        value=value,
        after=lower.after,
        twin=lower.twin,
        twin_rounding=lower.twin_rounding,
        rounding=lower.rounding,
        then=then,
    )


def heading(snapshot: Snapshot, with_twin: bool) -> Line:
    """The row above the ledger: what is multiplied here, and the columns' names."""
    focus, chain = snapshot.focus, snapshot.chain(snapshot.focus.layer)
    subject = f"∂J/∂{cut(focus.layer, 10)}"
    unit = "" if focus.unit is None else f" unit {focus.unit}"
    sample = "" if focus.sample is None else f" sample {focus.sample}"
    lit = next((name for name in (f"product.{focus.layer}", f"gradient.{focus.layer}.{WEIGHT}") if name in snapshot.lit), None)
    mark = "" if lit is None else LIT_MARK
    left = cut(f"{mark}{subject}{unit}{sample} {product_text(chain.factors[-1])}", NUMBERS_WIDTH)
    columns = f"{'value':>{LABEL + BEFORE + 2}}{'product':>{VALUE}}"  # each over the point of its numbers
    if columns[: len(left) + 1].strip():  # no room for both names
        columns = columns.replace("value", "     ")
    named = columns[len(left) :] if not columns[: len(left) + 1].strip() else ""
    twin = "" if not with_twin else f"{'twin':>{BEFORE + 1}}{'ratio':>{TWIN - BEFORE - 1 + 5}}".ljust(TWIN_WIDTH)
    role: Role = "strong" if lit is None else "lit"
    return Span(left, role), Span(named.ljust(NUMBERS_WIDTH - len(left)), "faint"), Span(twin, "twin")


def product_text(factor: Factor) -> str:
    """What a product is equal to, ≈ 0 where it is nothing but rounding."""
    return "≈ 0" if factor.rounding else f"= {significant(factor.product)}"


def row_line(row: Row, with_twin: bool, ascii: bool = False) -> Line:
    """A row's label and numbers, without its bar; in ASCII, where labels are longer, the numbers stand where they do else."""
    mark = " "
    if row.opens_layer:
        mark = "▸" if row.is_gain else "▾"
    label = f"{mark}{_name_and_part(row)}" if row.layer else row.label
    role: Role = "selected" if row.selected else "plain"
    if row.lit:
        label = label if cells(label) < LABEL else label.replace("  ", " ", 1)  # a mark needs a cell, and a blank may give one
        label, role = cut(label, LABEL - 1).ljust(LABEL - 1) + LIT_MARK, "lit"
    label, value = cut(label, LABEL).ljust(LABEL), on_point(value_text(row), BEFORE + 1)
    if ascii:
        label, value = _spelled_beside(label, value)
    return (
        Span(label, role),
        Span(value, "lit" if row.lit and row.value is not None else _direction(row)),
        Span(on_point("≈0" if row.rounding else significant(row.after)), "faint" if row.rounding else "plain"),
        *(_twin_spans(row) if with_twin else ()),
    )


def _spelled_beside(label: str, value: str) -> tuple[str, str]:
    """A label in ASCII and the value after it, which stays where it is.

    What the label needs more is taken from the blanks before the value, then from those before the part; where they are too few
    it goes without its symbol.
    """
    spelled = in_ascii(label.rstrip(), True)
    room = LABEL + len(value) - len(value.lstrip()) - 1
    for _ in range(len(spelled) - room):
        spelled = spelled.replace("  ", " ", 1)
    if len(spelled) > room:
        told = label.rstrip(f" {LIT_MARK}").rpartition(" ")[0].ljust(LABEL - 1)
        spelled = in_ascii(told + (LIT_MARK if label.endswith(LIT_MARK) else ""), True)
    return spelled.ljust(LABEL), value[max(len(spelled) - LABEL, 0) :]


def _twin_spans(row: Row) -> Line:
    """The twin's product and this one's over it; blank where the twin has no such factor."""
    if row.twin is None:
        return (Span(" " * TWIN_WIDTH),)
    rounding = row.rounding or row.twin_rounding
    ratio = None if row.after is None or row.twin == 0 or rounding else row.after / row.twin
    return Span(on_point("≈0" if row.twin_rounding else significant(row.twin)), "twin"), Span(f" {_ratio_text(ratio):<{RATIO - 1}}")


def _ratio_text(ratio: float | None) -> str:
    return "–" if ratio is None else f"×{written(ratio, 2)}"


def _name_and_part(row: Row) -> str:
    name = row.layer if row.opens_layer else ""
    room = LABEL - 2 - len(row.label)
    return f"{cut(name, room).ljust(min(room, 6))} {row.label}"


def value_text(row: Row) -> str:
    """A row's value as it is written."""
    if row.added is not None:
        return f"{'' if row.added < 0 else '+'}{significant(row.added)}"
    if row.value is None:
        return "" if row.label.startswith(MORE) else "–"
    if row.before is None:
        return significant(row.value)
    if row.rounding and (abs(row.value) < 1e-12 or ONLY_ROUNDING not in row.notes):
        return "≈0"  # what turned a signal into rounding is no number itself
    return f"×{significant(row.value)}"


def _direction(row: Row) -> Role:
    if row.rounding:
        return "faint"
    if row.added is not None and row.value is None and row.added:
        return "growth"
    if row.value is None or row.before is None or math.isnan(row.value):
        return "plain"
    size = abs(row.value)
    return "growth" if size > 1.0005 else "shrinkage" if size < 0.9995 else "plain"


def bar_ends(row: Row) -> tuple[float | None, float | None]:
    """The products that a row's bar runs between; the cost's bar begins at 1, and rounding is as good as zero."""
    if row.after is None:
        return None, None
    return (1.0 if row.before is None else row.before), (0.0 if row.rounding else row.after)
