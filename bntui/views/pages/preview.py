"""A scenario of the library before it is opened: what it shows, and its network in a few lines."""

from __future__ import annotations

import textwrap

from bntui.scenario.data.layout import architecture_of, initially_normalized
from bntui.scenario.reading.loading import Described
from bntui.scenario.shelf.library import Entry
from bntui.scenario.text.wording import counted


def preview(entry: Entry, described: Described | None, width: int, completed: str = "") -> str:
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
        norm = "BN" if layer.name in normalized else "BN can be switched on" if layer.switchable else "no BN"
        rows.append(f"{layer.name:<8} {units:<9} {layer.activation.name:<10} {norm}")
    inputs = f"{extent.inputs} input" + ("s" if extent.inputs > 1 else "")
    return [*rows, "▲", f"x        {inputs}, {extent.samples} samples"]
