"""How large the data is, what of it is held out, which columns are standardized: known before there is an array."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import field, replace
from fnmatch import fnmatchcase

from bntui.records import dataclass
from bntui.scenario.model.sources import MOST_NUMBERS, Data, Extent, Source
from bntui.scenario.text.wording import listing, shown, unknown

Mistake = tuple[int, str]  # a place in a list, and a sentence


@dataclass(slots=True)
class Table:
    """What a CSV file holds: inputs and targets row by row, the inputs' `columns`; `labels` where the targets were text."""

    inputs: array[float] = field(default_factory=lambda: array("d"))
    targets: array[float] = field(default_factory=lambda: array("d"))
    samples: int = 0
    columns: tuple[str, ...] = ()
    target_width: int = 0
    labels: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        """How many inputs a row has."""
        return len(self.columns)

    @property
    def extent(self) -> Extent:
        """How large the data is."""
        return Extent(self.samples, self.width, self.target_width)


@dataclass(frozen=True, slots=True)
class Tables:
    """What the CSV files of a scenario hold: of its data, and of held-out data that is a file of its own."""

    data: Table | None = None
    held_out: Table | None = None


NO_TABLES = Tables()


def held_out_count(samples: int, share: float) -> int:
    """How many of the samples are held out: the nearest whole number, at least one, and not all of them."""
    return min(max(1, math.floor(share * samples + 0.5)), samples - 1)


def extent_of(data: Data, tables: Tables) -> Extent:
    """How large the data is, and what is held out of it or beside it."""
    whole, held_out = _extent(data, tables.data), data.held_out
    if held_out is None:
        return whole
    if held_out.share is None:
        own = _extent(held_out, tables.held_out)
        return replace(whole, known=whole.known and own.known, held_out=own)
    count = held_out_count(whole.samples, held_out.share)
    return replace(whole, samples=whole.samples - count, held_out=replace(whole, samples=count))


def _extent(source: Source, table: Table | None) -> Extent:
    """How large one source is; of a CSV file that cannot be used, what the scenario says about it."""
    if table is not None:
        return table.extent
    if source.csv is not None:
        return Extent(MOST_NUMBERS, len(source.csv.inputs), len(source.csv.targets), known=False)
    if source.generator is not None:
        return source.generator.extent
    inputs, targets = source.inputs or (), source.targets or ()
    return Extent(len(inputs), len(inputs[0]), len(targets[0]))


def columns_named(wanted: Sequence[str], names: Sequence[str], without: Sequence[str]) -> tuple[list[int], list[Mistake]]:
    """The places of wanted columns among a file's, and what is wrong, each by its place in what is wanted.

    A name is taken as it stands; one that is not there is a pattern, as in a shell, for each column that is not taken yet nor
    among `without`.
    """
    counts, places, wrong = Counter(names), list[int](), list[Mistake]()
    for number, name in enumerate(wanted):
        exact = name in counts
        fitting = [name] if exact else [each for each in counts if fnmatchcase(each, name) and each not in without]
        if not fitting and set(name).isdisjoint("*?["):
            hint = "; columns are separated by commas" if len(names) == 1 and ";" in names[0] else ""
            wrong.append((number, unknown(name, names) + hint))
        elif not fitting:
            wrong.append((number, f"{shown(name)} fits no column; there are {listing(names, 12)}"))
        for each in fitting:
            if counts[each] > 1:
                wrong.append((number, f"found {counts[each]} columns named {shown(each)} in the file"))
            if exact or names.index(each) not in places:
                places.append(names.index(each))
    return places, wrong


def standardized(data: Data, table: Table | None, inputs: int) -> tuple[list[int], list[Mistake]]:
    """The places of the inputs that are standardized, and what is wrong in the list of them."""
    if isinstance(data.standardize, bool):
        return list(range(inputs)) if data.standardize else [], []
    places, wrong = dict[int, None](), list[Mistake]()
    for number, column in enumerate(data.standardize):
        if isinstance(column, str):
            found, mistakes = columns_named([column], table.columns, ()) if table else ([], [(0, _without_names(column, inputs))])
            places |= dict.fromkeys(found)
            wrong += [(number, message) for _, message in mistakes]
        elif column < inputs:
            places[column] = None
        else:
            wrong.append((number, f"found {column}; allowed: an input's place, 0 to {inputs - 1}"))
    return list(places), wrong


def _without_names(column: str, inputs: int) -> str:
    return f"found {shown(column)}; only a CSV file's columns have names; allowed: an input's place, 0 to {inputs - 1}"
