"""The marks and signs of every pane explained: bars, columns, arrows, the timeline's letters, and the words of the header."""

from __future__ import annotations

from collections.abc import Iterator

from bntui.session.look.snapshot import Snapshot
from bntui.views.explain.explanation import Explanation, Group
from bntui.views.text.cells import LIT_MARK, TWIN_MARK
from bntui.views.text.numbers import brief, times

# in the ledger and the charts
SIGNS = {
    "█": "A bar that grows: the product after the row is larger than before it. In charts the first of several bars.",
    "▒": "A bar that shrinks: the product after the row is smaller than before it. In charts the second of several bars.",
    "░": "In a chart one of several bars, its legend says of what; beside η / stable rate what is left to 1.",
    "▓": "In a chart one of several bars, its legend says of what.",
    "│": "A bar of no length: ×1, the product is the same after the row. In charts an axis, or the place of a mark.",
    "─": "Beside a bar of a chart: as high was it one step before.",
    "◂": "The bar leaves the axis on its left: the product is smaller than the axis shows, or 0 but for rounding.",
    "▸": "Before a layer: it is folded to its gain, enter unfolds it. In a bar: it leaves the axis on its right.",
    "▾": "The first row of a layer that is open; its other factors follow. In the plane of the fit: y is below ŷ.",
    "▲": "In the plane of the fit: y is above ŷ by more than a shade. Over the forward pass: it is read upwards, from x to ŷ.",
    "✗": "In the loop below the formula: normalization cuts this link. Before an answer: not quite.",
    "↑": "At the top of a chart: the value is beyond it, or infinite; ↓ at the foot: below what the axis can show.",
    "0": "At the foot of a column: it has no height, the value is 0 or nothing but rounding.",
    "≈0": "0 in theory; what is shown is left by rounding: less than 1e-13 of what was subtracted from itself.",
    "×": "A factor: what the signal is multiplied by. ×1 is exactly 1, ×1.000 nearly. On the fit: a sample in a wrong region.",
    "+": "In a row of a skip connection: this much is added, nothing is multiplied.",
    "–": "There is no such number: a ratio to 0, or a layer without normalization.",
    "…": "Being measured, or a text that has no room.",
    TWIN_MARK: "The twin's number or place: the network that runs beside this one and differs in what the header says.",
    "●": "On the timeline: where you stand.",
    "•": "In the eigenvalues: the value before the last step. On the fit: a sample.",
    "⠒": "A curve, drawn in dots of which two by four have room in a cell.",
    "≥": "At least: measuring was stopped before every digit was settled; ≤ is at most.",
    LIT_MARK: "A row, a column or a meter that the lesson's beat speaks of.",
    "→": "Before → after: what the last key, step or beat changed, until the next change. In the meters' table the row that "
    "ends in → is what the one below it was.",
    "new": "Beside a row: before the last change there was no such row.",
    "+n more": "So many rows have no room here; a taller window, or another layer in focus, shows them.",
}

# on the timeline and over the curve of J, where something was done
TIMELINE = {
    "b": "Normalization was switched, key b or B.",
    "N": "Another kind of normalization was chosen, key N.",
    "S": "The skip connections were taken away or brought back.",
    "η": "The learning rate was changed.",
    "m": "Training mode was changed to evaluation mode, or back.",
    "w": "A weight was typed.",
    "o": "The optimizer was changed.",
    "d": "The weight decay was changed.",
    "*": "A layer's weights were multiplied, key * or /.",
    "↑": "J rose at least tenfold in this step.",
    "↓": "J fell at least tenfold in this step.",
    "×": "The run diverged at this step.",
}


def of_marks() -> Group:
    """Every sign, the timeline's after those of the panes."""
    signs = [Explanation(sign, says) for sign, says in SIGNS.items()]
    marks = [Explanation(f"{sign} on the timeline", f"{says} {{ and }} jump from mark to mark.") for sign, says in TIMELINE.items()]
    return Group("marks and signs", (*signs, *marks))


def of_header(snapshot: Snapshot) -> Group:
    """The words of the row on top."""
    return Group("the header", tuple(_words(snapshot)))


def _words(snapshot: Snapshot) -> Iterator[Explanation]:
    cost, optimizer = snapshot.architecture.cost, snapshot.optimizer
    yield Explanation("step", "How many updates have been made.", f"step {snapshot.step} of {snapshot.last_step} recorded")
    change = ""
    if snapshot.loss_before:
        change = f" = {times(snapshot.loss / snapshot.loss_before)} of the {brief(snapshot.loss_before)} before the last step"
    yield Explanation(
        "J and ×",
        f"The cost, {cost.name}: {cost.formula}, on the batch of the next update. × is J over that of the step before.",
        f"J = {brief(snapshot.loss)}{change}; at the start {brief(snapshot.starting_loss)}",
        "With small batches each step's J is of other samples: it goes up and down by that alone."
        if not snapshot.full_batch
        else "",
    )
    yield Explanation(
        "η",
        "The learning rate: plain descent moves every parameter by −η·∂J/∂θ. Where a schedule leaves less of it, both are told.",
        f"η = {brief(snapshot.learning_rate)}, optimizer {optimizer.name}",
        lessons=("goodfellow-chain", "edge-of-stability"),
    )
    yield Explanation(
        "decay",
        "Weight decay: every parameter that has it is also pulled towards 0 in every step.",
        f"decay {brief(optimizer.decay.value)}",
    )
    kinds = {kind: [name for name, own in snapshot.kinds if own is kind] for _, kind in snapshot.kinds}
    normalized = "; ".join(f"{', '.join(names)}: {kind.short}, {kind.says}" for kind, names in kinds.items())
    yield Explanation(
        f"{snapshot.short} on, off",
        "Which layers are normalized, and how: on is every layer that can be. b switches all of them, B one, N takes a kind.",
        normalized or "no layer is normalized",
        lessons=("three-parts",),
    )
    yield Explanation(
        "eval",
        "Evaluation mode: normalization over the batch takes running estimates instead of the batch's own mean and variance.",
        f"J in the other mode: {brief(snapshot.loss_otherwise)}" if snapshot.loss_otherwise is not None else "",
        lessons=("small-batches",),
    )
    yield Explanation(
        "preserve",
        "How b switches: reset sets γ = 1 and β = 0, so the outputs move; preserve sets γ = σ and β = μ, so that nothing moves "
        "at the switch; a twin without it shows what comes of it.",
        f"{snapshot.switching} is set, v changes it",
        lessons=("tiny-weights",),
    )
    yield Explanation(
        "DIVERGED",
        "J or a gradient is beyond all bounds: not finite, or J above 1e12 times its start. No step leads on; ← goes back.",
        "" if snapshot.diverged_at is None else f"at step {snapshot.diverged_at}",
        lessons=("goodfellow-chain",),
    )
    twin = snapshot.twin
    yield Explanation(
        "twin",
        "A second network that takes every step beside this one, and differs in what was asked for alone: t makes one with "
        "the normalization the other way. Its numbers stand behind its mark; ratio is this network's over the twin's.",
        "" if twin is None else f"J {brief(snapshot.loss)}, the twin's {brief(twin.loss)}",
    )
    yield Explanation("skips off", "The skip connections are taken away; key k brings them back.", lessons=("residual",))
    yield Explanation("▶ n/s", "Steps are being taken by themselves, so many a second: r pauses, < and > change the speed.")
