"""Numbers and labels from a CSV file beside the scenario."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from bntui.maths.kinds.costs import Cost
from bntui.records import dataclass
from bntui.scenario.data.extents import Table, Tables, columns_named
from bntui.scenario.model.sources import Csv, Data, target_mistake
from bntui.scenario.text.complaints import MOST_COMPLAINTS, Complaint, DocumentPath, Finding
from bntui.scenario.text.document import FLOAT
from bntui.scenario.text.files import CannotRead, inside, read_text_file
from bntui.scenario.text.wording import listing, shown, unknown

MOST_CSV_BYTES = 10_000_000
_NO_NUMBERS = {"nan", "inf", "infinity", "na", "n/a", "null", "none"}


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


class _Reader:
    """Reads one file and collects all that is wrong with it; `labels` are those that its targets may be, None for any."""

    def __init__(self, source: Csv, place: DocumentPath, cost: Cost, units: int, labels: tuple[str, ...] | None) -> None:
        self._source = source
        self._place = place
        self._known_labels = labels
        self._cost = cost
        self._units = units
        self._lines: list[str] = []
        self.findings: list[Finding] = []
        self.complaints: list[Complaint] = []

    def read(self, text: str) -> Table:
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rows = self._rows()
        header = next(rows, None)
        table = Table(target_width=len(self._source.targets))
        if header is None:
            self._complain(1, None, "the file is empty; its first line names the columns")
            return table
        names = [cell.strip() for cell in header.cells]
        inputs = self._places("inputs", self._source.inputs, names, self._source.targets)
        targets = self._places("targets", self._source.targets, names, ())
        if self.findings:
            return table
        table.columns, table.target_width = tuple(names[place] for place in inputs), len(targets)
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

    def _places(self, key: str, wanted: tuple[str, ...], names: list[str], without: tuple[str, ...]) -> list[int]:
        places, wrong = columns_named(wanted, names, without)
        self.findings += [Finding((*self._place, key, number), message) for number, message in wrong]
        return places

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
        if self._cost.targets == "classes" and len(places) == 1 and self._are_labels(kept):
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

    def _are_labels(self, kept: list[_Row]) -> bool:
        if self._known_labels is not None:
            return bool(self._known_labels)
        return bool(kept) and not any(FLOAT.fullmatch(row.cells[0].strip()) for row in kept)

    def _labels(self, table: Table, words: list[str], kept: list[_Row], place: int) -> None:
        labels = self._known_labels or tuple(sorted(set(words)))
        for row, word in zip(kept, words, strict=True):
            if not word:
                self._complain(row.line, place, "found an empty cell; allowed: a label")
            elif word not in labels:
                self._complain(row.line, place, unknown(word, labels))
            if len(self.complaints) >= MOST_COMPLAINTS:
                return
        if len(labels) > self._units:
            found = f"found {len(labels)} labels ({listing(map(shown, labels), 8)})"
            message = f"{found} for {self._units} units in the last layer; allowed: a unit for each label"
            self.findings.append(Finding((*self._place, "targets", 0), message))
        if self.complaints:
            return
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


def read_tables(data: Data, folder: Path | None, cost: Cost, units: int) -> tuple[Tables, list[Finding], list[Complaint]]:
    """The scenario's tables, what is wrong in the scenario about them, and what is wrong in the files.

    The held-out targets mean what those of the data do: they may be text where those are, of the same labels.
    """
    table, held_out = None, None
    findings: list[Finding] = []
    complaints: list[Complaint] = []
    if data.csv is not None:
        table, findings, complaints = read_table(data.csv, ("data", "csv"), folder, cost, units)
    if data.held_out is not None and data.held_out.csv is not None:
        labels = () if table is None else table.labels or ()
        place: DocumentPath = ("data", "validation", "csv")
        held_out, more, wrong = read_table(data.held_out.csv, place, folder, cost, units, labels)
        findings, complaints = [*findings, *more], [*complaints, *wrong]
    return Tables(table, held_out), findings, complaints


def read_table(
    source: Csv, place: DocumentPath, folder: Path | None, cost: Cost, units: int, labels: tuple[str, ...] | None = None
) -> tuple[Table | None, list[Finding], list[Complaint]]:
    """The table, what is wrong in the scenario about it, and what is wrong in the file."""
    path = (*place, "file")
    if folder is None:
        return None, [Finding(path, "a scenario that is not a file has no CSV file beside it")], []
    try:
        text = read_text_file(inside(folder, source.file, "scenario"), MOST_CSV_BYTES)
    except CannotRead as error:
        if error.line is not None:
            return None, [], [Complaint(source.file, error.line, error.column, "", str(error))]
        return None, [Finding(path, f"found {shown(source.file)}: {error}")], []
    reader = _Reader(source, place, cost, units, labels)
    table = reader.read(text)
    usable = not (reader.findings or reader.complaints)
    return (table if usable else None), reader.findings, reader.complaints
