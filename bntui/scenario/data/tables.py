"""Numbers and labels from a CSV file beside the scenario."""

from __future__ import annotations

import csv
import math
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bntui.maths.kinds.costs import Cost
from bntui.scenario.model.sources import Csv, Extent, target_mistake
from bntui.scenario.text.complaints import MOST_COMPLAINTS, Complaint, Finding
from bntui.scenario.text.document import FLOAT
from bntui.scenario.text.files import CannotRead, read_text_file
from bntui.scenario.text.wording import listing, shown, unknown

MOST_CSV_BYTES = 10_000_000
_NO_NUMBERS = {"nan", "inf", "infinity", "na", "n/a", "null", "none"}


@dataclass(slots=True)
class Table:
    """What a CSV file holds: inputs and targets row by row; `labels` where the targets were text."""

    inputs: array[float] = field(default_factory=lambda: array("d"))
    targets: array[float] = field(default_factory=lambda: array("d"))
    samples: int = 0
    width: int = 0
    target_width: int = 0
    labels: tuple[str, ...] | None = None

    @property
    def extent(self) -> Extent:
        """How large the data is."""
        return Extent(self.samples, self.width, self.target_width)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


class _Reader:
    """Reads one file and collects all that is wrong with it."""

    def __init__(self, source: Csv, cost: Cost, units: int) -> None:
        self._source = source
        self._cost = cost
        self._units = units
        self._lines: list[str] = []
        self.findings: list[Finding] = []
        self.complaints: list[Complaint] = []

    def read(self, text: str) -> Table:
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rows = self._rows()
        header = next(rows, None)
        table = Table(width=len(self._source.inputs), target_width=len(self._source.targets))
        if header is None:
            self._complain(1, None, "the file is empty; its first line names the columns")
            return table
        names = [cell.strip() for cell in header.cells]
        inputs = self._places("inputs", self._source.inputs, names)
        targets = self._places("targets", self._source.targets, names)
        if self.findings:
            return table
        kept: list[_Row] = []
        for row in rows:
            if len(row.cells) != len(names):
                self._complain(row.line, 0, f"found {len(row.cells)} cells; the header has {len(names)}")
            else:
                table.samples += 1
                table.inputs.extend(self._number(row.line, row.cells[place], place) for place in inputs)
                kept.append(_Row(row.line, [row.cells[place] for place in targets]))
            if len(self.complaints) >= MOST_COMPLAINTS:
                return table
        if self.complaints:
            return table
        if not table.samples:
            self._complain(header.line, None, "there are no rows under the header")
        self._targets(table, kept, targets)
        return table

    def _rows(self) -> Iterator[_Row]:
        reader = csv.reader((line + "\n" for line in self._lines), strict=True)
        line = 0
        try:
            for cells in reader:
                if reader.line_num > line + 1:
                    self._complain(line + 1, None, "found a quoted cell that runs over several lines")
                    return
                line = reader.line_num
                if any(cell.strip() for cell in cells):
                    yield _Row(line, cells)
        except csv.Error as error:
            self._complain(max(1, line + 1), None, f"not CSV: {error}")

    def _places(self, key: str, wanted: tuple[str, ...], names: list[str]) -> list[int]:
        counts = Counter(names)
        for number, name in enumerate(wanted):
            path = ("data", "csv", key, number)
            if counts[name] == 0:
                hint = "; columns are separated by commas" if len(names) == 1 and ";" in names[0] else ""
                self.findings.append(Finding(path, unknown(name, names) + hint))
            elif counts[name] > 1:
                self.findings.append(Finding(path, f"found {counts[name]} columns named {shown(name)} in the file"))
        return [names.index(name) for name in wanted if name in names]

    def _number(self, line: int, cell: str, place: int) -> float:
        text = cell.strip()
        if FLOAT.fullmatch(text):
            value = float(text)
            if math.isfinite(value):
                return value
        found = "an empty cell" if not text else shown(text)
        allowed = "a finite number" if text.lower().lstrip("+-") in _NO_NUMBERS or FLOAT.fullmatch(text) else "a number"
        self._complain(line, place, f"found {found}; allowed: {allowed}")
        return math.nan

    def _targets(self, table: Table, kept: list[_Row], places: list[int]) -> None:
        if self._cost.targets == "classes" and len(places) == 1 and self._all_text(kept):
            self._labels(table, [row.cells[0].strip() for row in kept], kept, places[0])
            return
        for row in kept:
            for place, cell in zip(places, row.cells, strict=True):
                value = self._number(row.line, cell, place)
                table.targets.append(value)
                message = None if math.isnan(value) else target_mistake(self._cost, self._units, value)
                if message:
                    self._complain(row.line, place, message)
            if len(self.complaints) >= MOST_COMPLAINTS:
                return

    @staticmethod
    def _all_text(kept: list[_Row]) -> bool:
        return bool(kept) and not any(FLOAT.fullmatch(row.cells[0].strip()) for row in kept)

    def _labels(self, table: Table, words: list[str], kept: list[_Row], place: int) -> None:
        for row, word in zip(kept, words, strict=True):
            if not word:
                self._complain(row.line, place, "found an empty cell; allowed: a label")
        labels = tuple(sorted(set(words)))
        if len(labels) > self._units:
            found = f"found {len(labels)} labels ({listing(map(shown, labels), 8)})"
            message = f"{found} for {self._units} units in the last layer; allowed: a unit for each label"
            self.findings.append(Finding(("data", "csv", "targets", 0), message))
        numbers = {label: float(number) for number, label in enumerate(labels)}
        table.targets.extend(numbers[word] for word in words)
        table.labels = labels

    def _complain(self, line: int, cell: int | None, message: str) -> None:
        column = 1 if cell is None else _column(self._lines[line - 1], cell)
        self.complaints.append(Complaint(self._source.file, line, column, "", message))


def _column(line: str, cell: int) -> int:
    """Where in a line a cell starts, counted from 1; a comma in quotes separates nothing."""
    quoted = False
    for place, character in enumerate(line, start=1):
        if cell == 0:
            return place
        quoted ^= character == '"'
        cell -= character == "," and not quoted
    return len(line) + 1


def read_table(
    source: Csv, folder: Path | None, cost: Cost, units: int
) -> tuple[Table | None, list[Finding], list[Complaint]]:
    """The table, what is wrong in the scenario about it, and what is wrong in the file."""
    path = ("data", "csv", "file")
    if folder is None:
        return None, [Finding(path, "a scenario that is not a file has no CSV file beside it")], []
    try:
        inside = _inside(folder, source.file)
        text = read_text_file(inside, MOST_CSV_BYTES)
    except CannotRead as error:
        if error.line is not None:
            return None, [], [Complaint(source.file, error.line, error.column, "", str(error))]
        return None, [Finding(path, f"found {shown(source.file)}: {error}")], []
    reader = _Reader(source, cost, units)
    table = reader.read(text)
    usable = not (reader.findings or reader.complaints)
    return (table if usable else None), reader.findings, reader.complaints


def _inside(folder: Path, name: str) -> Path:
    """The file of that name if it lies in the folder once links are followed. Raises CannotRead."""
    try:
        home = folder.resolve()
        target = (home / name).resolve()
    except (OSError, RuntimeError, ValueError):
        raise CannotRead("this is a symbolic link that leads nowhere but to itself") from None
    if Path(name).is_absolute() or not target.is_relative_to(home):
        raise CannotRead("this lies outside the scenario's folder; put the file beside the scenario")
    return target
