"""What one chooses from: a scenario before it is opened, and the futures of a session as a small tree."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bntui.maths.kinds.normalizations import NORMALIZATIONS, Normalization
from bntui.scenario.data.layout import architecture_of, initially_normalized
from bntui.scenario.reading.loading import Described
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.wording import counted
from bntui.session.look.snapshot import Standing
from bntui.session.run.futures import FutureEnd
from bntui.views.text.cells import cut, in_ascii
from bntui.views.text.numbers import brief, significant
from bntui.views.text.settings import normalization_text, switched_layers


def welcome(first: str | None, again: bool) -> tuple[str, str]:
    """What the program is, and the title of the lesson to begin with, or `again` to go on with; None where all are done."""
    what = "bntui · gradient descent step by step, with and without batch normalization"
    if first is None:
        return what, "You have read every lesson; open any of them again, or a scenario of your own."
    begin = "Your next lesson" if again else "New here? Begin with the first lesson"
    return what, f"{begin}: {first}. enter opens it."


def preview(entry: LibraryEntry, described: Described | None, width: int, completed: str = "") -> str:
    """Title, summary, size, its lesson, and the layers from the output down to the input, as plain text.

    `described` is what the entry's file says, None where it cannot be used. No line is wider than `width`.
    `completed` says how the lesson went, "" where it was never completed.
    """
    if described is None:
        return "\n".join([entry.name, "", *textwrap.wrap(entry.error or "", width)])
    head = [entry.title, "", *textwrap.wrap(entry.summary, width), "", entry.size]
    if described.scenario.lesson:
        lesson = f"a lesson of {counted(len(described.scenario.lesson), 'beat')}"
        head.append(f"{lesson} · {completed}" if completed else lesson)
    return "\n".join([*head, "", *network_lines(described)])


def network_lines(described: Described) -> list[str]:
    """The network drawn from the cost down to the data, a row a layer."""
    scenario, extent = described.scenario, described.extent
    architecture = architecture_of(scenario, extent.inputs)
    normalized = initially_normalized(scenario, architecture)
    rows = [f"J {scenario.cost}", "▲"]
    for layer in reversed(architecture.layers):
        units = f"{layer.units} unit" + ("s" if layer.units > 1 else "")
        kind = layer.normalization.kind.short
        norm = kind if layer.name in normalized else f"{kind} off" if layer.switchable else f"no {kind}"
        rows.append(f"{layer.name:<8} {units:<9} {layer.activation.name:<10} {norm}")
    inputs = f"{extent.inputs} input" + ("s" if extent.inputs > 1 else "")
    return [*rows, "▲", f"x        {inputs}, {extent.samples} samples"]


NAME = 30  # columns of the tree


def future_lines(ends: Sequence[FutureEnd], ascii: bool) -> tuple[str, list[tuple[int, str]]]:
    """The heading of the columns, and a row for each future with its number, every fork below what it left."""
    rows: list[tuple[int, str]] = []
    waiting = [(end, 0) for end in reversed(ends) if end.parent is None]
    while waiting:  # a list, not a recursion: a session may have thousands of forks
        end, depth = waiting.pop()
        rows.append((end.number, _row(end, depth, ascii)))
        waiting += [(each, depth + 1) for each in reversed(ends) if each.parent == end.number]
    return f"{'':<{NAME}}{'last step':>9}  {'J':>10}  {in_ascii('η', ascii):<8} norm", rows


def _row(end: FutureEnd, depth: int, ascii: bool) -> str:
    here = "●" if end.here else " "
    indent = "  " * min(depth - 1, 6) + "└ " if depth else ""
    fork = "" if end.forked_at is None else f", left at step {end.forked_at}"
    name = cut(f"{here} {indent}{end.number}{fork}", NAME - 1)
    switchable = [layer for layer, _ in end.kinds] if end.all_normalized else []
    norm = ", ".join(f"{name} {where}" for name, where in switched_layers(end.kinds, switchable)) or "off"
    loss = significant(end.loss)
    return in_ascii(f"{name:<{NAME}}{end.last_step:>9}  {loss:>10}  {brief(end.learning_rate):<8} {norm}", ascii)


def kind_at_hand(standing: Standing) -> Normalization:
    """The kind of the layer in focus, as it is normalized or as it would be."""
    return dict(standing.at_hand)[standing.focus.layer]


def kind_lines(standing: Standing, ascii: bool) -> tuple[str, list[tuple[str, str]]]:
    """What is normalized now, and a row for each kind of normalization with its name; those in force are marked."""
    now = normalization_text(standing.kinds, standing.architecture.switchable, standing.short, counted=True)
    forced = {kind for _, kind in standing.kinds}
    rows = []
    for name, kind in NORMALIZATIONS.items():
        mark = in_ascii("●" if kind in forced else " ", ascii)
        rows.append((name, in_ascii(f"{mark} {name:<20} {kind.short:<14} {kind.taken_of}", ascii)))
    return in_ascii(f"Normalization: {now}", ascii), rows
