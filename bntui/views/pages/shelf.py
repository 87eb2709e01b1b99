"""The library, or a course of one's own, as it is chosen from: its parts and lessons as rows, and a lesson before it is opened."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence

from bntui.scenario.data.layout import architecture_of, initially_normalized
from bntui.scenario.reading.describing import Described
from bntui.scenario.shelf.courses import Course, Part
from bntui.scenario.shelf.library import LibraryEntry
from bntui.scenario.text.wording import counted
from bntui.session.teach.completion import Completed
from bntui.views.text.cells import cells, cut, pad

DONE, HERE = "✓", "▸"
BEGIN, GO_ON = "begin here", "go on"
WIDE = 34  # cells; a narrower row keeps its room for the title
WHAT = "gradient descent step by step, with and without batch normalization"


def welcome(course: Course, shipped: bool, first: str | None, done: int, chosen: bool = True) -> tuple[str, str]:
    """What this is, and the title of the lesson to begin with, or to go on with where some are `done`; None where all are.

    `chosen` says that the list stands at it; otherwise it is said how it is marked there.
    """
    what = f"bntui · {WHAT if shipped else course.title}"
    if first is None:
        return what, "The course is done; open any of its lessons again, or a scenario of your own."
    count = len(course.files)
    begin = f"{done} of {count} lessons done. Go on with" if done else "New here? Begin with"
    return what, f"{begin}: {first}. {'enter opens' if chosen else f'{HERE} marks'} it."


def part_rows(
    number: int, part: Part, entries: Sequence[LibraryEntry], went: Mapping[str, Completed], width: int
) -> tuple[str, ...]:
    """The heading of a part with how many of its lessons are done, in as many rows as it takes, and what is learnt there."""
    done = f" {sum(entry.name in went for entry in entries)} of {len(entries)}"
    heading = _in_rows(f"{number} ", part.title, done, width)
    return (heading, *(cut(line, width) for line in textwrap.wrap(part.about, max(width, 10))))


def lesson_row(
    entry: LibraryEntry, went: Completed | None, tag: str, width: int, spell: Callable[[str], str] = str
) -> str:
    """A lesson as a row of so many cells: whether it is done, its title, in a wide row how many answers were right, its minutes.

    A title that has no room goes on in rows below.

    `tag` says of the one to begin or to go on with that it is; "" of all others. `spell` writes in the characters that there are.
    """
    right = f"{entry.minutes:>3} min" if entry.minutes else " " * 7
    if went is not None and went.questions and width >= WIDE:
        right = f" {went.right}/{went.questions}{right}"
    title, mark = spell(entry.title), spell(DONE if went is not None else HERE if tag else " ")
    room = max(width - 2 - len(right), 0)
    if tag and cells(title) + 2 + len(tag) <= room:
        return f"{mark} {title}  {tag}{' ' * (room - cells(title) - 2 - len(tag))}{right}"
    return _in_rows(f"{mark} ", title, right, width)


def _in_rows(before: str, title: str, behind: str, width: int) -> str:
    """A title between two texts in a row of so many cells, what has no room in rows below it, under its beginning."""
    room = max(width - cells(before) - cells(behind), 1)
    first, *others = textwrap.wrap(title, room) or [""]
    below = textwrap.wrap(" ".join(others), max(width - cells(before) - 2, 1))
    return "\n".join(
        [f"{before}{pad(first, room)}{behind}", *(pad(f"{' ' * (cells(before) + 2)}{line}", width) for line in below)]
    )


def preview(
    entry: LibraryEntry,
    described: Described | None,
    width: int,
    went: Completed | None = None,
    spell: Callable[[str], str] = str,
) -> str:
    """Title, summary, its lesson, size, and the layers from the output down to the input, as plain text.

    `described` is what the entry's file says, None where it cannot be used. No line is wider than `width`.
    `went` is how the lesson went, None where it was never completed. `spell` writes in the characters that there are.
    """
    if described is None:
        return "\n".join([entry.title, "", *textwrap.wrap(spell(entry.error or ""), width)])
    head = [*textwrap.wrap(spell(entry.title), width), "", *textwrap.wrap(spell(entry.summary), width), ""]
    if described.scenario.lesson:
        told = f"about {counted(entry.minutes, 'minute')}: {counted(len(described.scenario.lesson), 'beat')}"
        told += f", {counted(entry.questions, 'question')}" if entry.questions else ""
        head += textwrap.wrap(told, width)
    if went is not None:
        head.append(f"completed, {went.right} of {went.questions} right" if went.questions else "completed")
    return "\n".join([*head, "", entry.size, "", *network_lines(described)])


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
