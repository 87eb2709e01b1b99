"""From YAML to a validated scenario and the problem it poses; or to every complaint at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bntui.maths.kinds.costs import COSTS
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.sources import MOST_NUMBERS, Extent
from bntui.scenario.reading.checks import check
from bntui.scenario.reading.settings import apply_settings
from bntui.scenario.text.complaints import Complaint, Finding, ScenarioError, dotted
from bntui.scenario.text.document import MOST_BYTES, Node, Unreadable, parse, place
from bntui.scenario.text.files import CannotRead, read_text_file
from bntui.scenario.text.wording import harmless

if TYPE_CHECKING:
    from bntui.scenario.data.building import Problem
    from bntui.scenario.data.tables import Table


@dataclass(frozen=True, slots=True)
class Described:
    """A scenario that is valid, and how large its data is; nothing has been made of it yet."""

    scenario: Scenario
    extent: Extent
    table: Table | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario ready to be run. `origin` is the name that is shown, `source` the text as it was read.

    `settings` were put into it, `table` is what its CSV file held; with both it can be read again without any file.
    `path` is the file that it was read from, None where it was not a file.
    """

    origin: str
    source: str
    scenario: Scenario
    problem: Problem
    folder: Path | None
    settings: tuple[str, ...] = ()
    table: Table | None = None
    path: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it was read from: its own, and its CSV file."""
        csv = self.scenario.data.csv
        beside = None if csv is None or self.folder is None else self.folder / csv.file
        return tuple(path for path in (self.path, beside) if path is not None)


def read_file(path: str | Path, settings: Sequence[str] = ()) -> Loaded:
    """The scenario in a file, with settings PATH=VALUE put in. Raises ScenarioError with every complaint."""
    return replace(read_text(file_text(path), str(path), Path(path).parent, settings), path=Path(path))


def read_text(
    text: str, origin: str, folder: Path | None, settings: Sequence[str] = (), table: Table | None = None
) -> Loaded:
    """The scenario in a text; its CSV file lies in the folder, or was read before. Raises ScenarioError with every complaint."""
    described = describe(text, origin, folder, settings, table)
    from bntui.scenario.data.building import build_with  # noqa: PLC0415 - numpy is not needed to say what is wrong

    problem = build_with(described.scenario, described.table)
    table = described.table
    return Loaded(harmless(origin), text, described.scenario, problem, folder, tuple(settings), table)


def file_text(path: str | Path) -> str:
    """The text of a scenario file. Raises ScenarioError with one complaint."""
    try:
        return read_text_file(Path(path), MOST_BYTES)
    except CannotRead as error:
        raise ScenarioError([Complaint(str(path), error.line, error.column, "", str(error))]) from None


def describe(
    text: str, origin: str, folder: Path | None, settings: Sequence[str] = (), table: Table | None = None
) -> Described:
    """The valid scenario in a text, before anything is made of it. Raises ScenarioError with every complaint."""
    try:
        root, problems = parse(text)
    except Unreadable as error:
        raise ScenarioError(_at(origin, error.problems)) from None
    complaints = [*_at(origin, problems), *apply_settings(root, settings)]
    try:
        scenario = Scenario.model_validate(root.plain())
    except ValidationError as error:
        raise ScenarioError([*complaints, *_located(origin, root, _findings(error))]) from None
    if scenario.data.csv is not None and table is None:
        from bntui.scenario.data.tables import read_table  # noqa: PLC0415 - few scenarios have a CSV file

        units = scenario.network.layers[-1].units
        table, findings, wrong = read_table(scenario.data.csv, folder, COSTS[scenario.cost], units)
        complaints += [*wrong, *_located(origin, root, findings)]
    extent = _extent(scenario, table)
    complaints += _located(origin, root, check(scenario, extent))
    if complaints:
        raise ScenarioError(complaints)
    return Described(scenario, extent, table)


def _extent(scenario: Scenario, table: Table | None) -> Extent:
    """How large the data is; of a CSV file that cannot be used, what the scenario says about it."""
    data = scenario.data
    if table is not None:
        return table.extent
    if data.csv is not None:
        return Extent(MOST_NUMBERS, len(data.csv.inputs), len(data.csv.targets), known=False)
    if data.generator is not None:
        return data.generator.extent
    inputs, targets = data.inputs or (), data.targets or ()
    return Extent(len(inputs), len(inputs[0]), len(targets[0]))


def _findings(error: ValidationError) -> Iterable[Finding]:
    for each in error.errors(include_url=False):
        yield Finding(each["loc"], each["msg"], each["type"] == "key")


def _at(origin: str, problems: Iterable[tuple[int, int, str]]) -> list[Complaint]:
    return [Complaint(origin, line, column, "", message) for line, column, message in problems]


def _located(origin: str, root: Node, findings: Iterable[Finding]) -> list[Complaint]:
    """Complaints with their places in the document, or at the setting that put the value there."""
    complaints = []
    for finding in findings:
        node = place(root, finding.path, at_key=finding.at_key)
        path = dotted(finding.path)
        if node.setting is None:
            complaints.append(Complaint(origin, node.line, node.column, path, finding.message))
        else:
            complaints.append(Complaint(f"--set {harmless(node.setting)}", None, None, path, finding.message))
    return complaints
