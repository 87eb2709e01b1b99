"""From YAML to a validated scenario and the problem it poses; or to every complaint at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.maths.kinds.costs import COSTS
from bntui.scenario.data.extents import NO_TABLES, Tables, extent_of, standardized
from bntui.scenario.model.parts import Invalid
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.sources import Data, Extent
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.checks import check
from bntui.scenario.reading.overs import Over, asked_over, grid_of
from bntui.scenario.reading.pictures import Asked, overs_of
from bntui.scenario.reading.settings import apply_settings
from bntui.scenario.text.complaints import Complaint, DocumentPath, Finding, ScenarioError, dotted
from bntui.scenario.text.document import MOST_BYTES, MapNode, Node, Unreadable, parse, place
from bntui.scenario.text.files import CannotRead, read_standard_input, read_text_file
from bntui.scenario.text.wording import harmless, nearest

if TYPE_CHECKING:
    from bntui.scenario.data.building import Problem

_A_COURSE = "this is a course; wanted is a scenario, as each of those that it names"
STANDARD_INPUT = "<stdin>"  # the origin of what was read from there
OF_THE_SCREEN = ("focus", "sweep", "lesson")  # keys of the document that say nothing of the network and its training


@dataclass(frozen=True, slots=True)
class Described:
    """A scenario that is valid, and how large its data is; nothing has been made of it yet."""

    scenario: Scenario
    extent: Extent
    tables: Tables


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario ready to be run. `origin` is the name that is shown, `source` the text as it was read.

    `settings` were put into it, `tables` are what its CSV files held; with both it can be read again without any file.
    `path` is the file that it was read from, None where it was not a file; `course` is the course's file that it was opened
    from, None where that was the library, or none.
    """

    origin: str
    source: str
    scenario: Scenario
    problem: Problem
    folder: Path | None
    settings: tuple[str, ...] = ()
    tables: Tables = NO_TABLES
    path: Path | None = None
    course: Path | None = None

    @property
    def source_file(self) -> Path | None:
        """The file that it was read from, now or before it was resumed; None where it was none."""
        return None if self.folder is None or self.origin == STANDARD_INPUT else self.folder / Path(self.origin).name

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it was read from: its own, and its CSV files."""
        beside = () if self.folder is None else tables_beside(self.scenario.data, self.folder)
        return (*(() if self.path is None else (self.path,)), *beside)


def read_file(path: str | Path, settings: Sequence[str] = ()) -> Loaded:
    """The scenario in a file, with settings PATH=VALUE put in. Raises ScenarioError with every complaint."""
    return replace(read_text(file_text(path), str(path), Path(path).parent, settings), path=Path(path))


def read_input(settings: Sequence[str] = ()) -> Loaded:
    """The scenario that comes in at the standard input; its CSV files lie in the folder that the program was started in.

    Raises ScenarioError with every complaint.
    """
    return as_input(input_text(), settings)


def as_input(text: str, settings: Sequence[str] = ()) -> Loaded:
    """The scenario in a text that came in at the standard input. Raises ScenarioError with every complaint."""
    return read_text(text, STANDARD_INPUT, Path.cwd(), settings)


def input_text() -> str:
    """The text that comes in at the standard input. Raises ScenarioError with one complaint."""
    try:
        return read_standard_input(MOST_BYTES)
    except CannotRead as error:
        raise ScenarioError([Complaint(STANDARD_INPUT, error.line, error.column, "", str(error))]) from None


def read_text(
    text: str, origin: str, folder: Path | None, settings: Sequence[str] = (), tables: Tables | None = None
) -> Loaded:
    """The scenario in a text; its CSV files lie in the folder, or were read before. Raises ScenarioError with every complaint."""
    described = describe(text, origin, folder, settings, tables)
    from bntui.scenario.data.building import build_with  # noqa: PLC0415 - numpy is not needed to say what is wrong

    problem = build_with(described.scenario, described.tables)
    return Loaded(harmless(origin), text, described.scenario, problem, folder, tuple(settings), described.tables)


def built(scenario: Scenario, text: str, path: Path) -> Loaded:
    """A scenario that was found valid in that text of a file before, and reads no other file."""
    from bntui.scenario.data.building import build_with  # noqa: PLC0415 - as above

    return Loaded(harmless(str(path)), text, scenario, build_with(scenario, NO_TABLES), path.parent, path=path)


def file_text(path: str | Path) -> str:
    """The text of a scenario file. Raises ScenarioError with one complaint."""
    try:
        return read_text_file(Path(path), MOST_BYTES)
    except CannotRead as error:
        raise ScenarioError([Complaint(str(path), error.line, error.column, "", str(error))]) from None


def describe(
    text: str, origin: str, folder: Path | None, settings: Sequence[str] = (), tables: Tables | None = None
) -> Described:
    """The valid scenario in a text, before anything is made of it. Raises ScenarioError with every complaint."""
    described, root = _described(text, origin, folder, settings, tables)

    def read(added: tuple[str, ...]) -> None:
        _described(text, origin, folder, (*settings, *added), tables, OF_THE_SCREEN)

    scenario = described.scenario
    wrong = [finding for path, asked in overs_of(scenario) for finding in _over_mistakes(path, asked, scenario, read)]
    if wrong:
        raise ScenarioError(located(origin, root, wrong))
    return described


def varied(loaded: Loaded, over: Over, value: str) -> Described:
    """The scenario as the document with that value at the path describes it. Raises ScenarioError with every complaint.

    What stands in it for the screen alone is left out: a lesson may speak of a layer that is not there then.
    """
    tables = None if over.path.startswith("data.") else loaded.tables  # other columns are read from the file again
    settings = (*loaded.settings, *over.setting(value))
    return _described(loaded.source, loaded.origin, loaded.folder, settings, tables, OF_THE_SCREEN)[0]


def tables_beside(data: Data, folder: Path) -> tuple[Path, ...]:
    """The CSV files of a scenario in that folder."""
    sources = (data,) if data.held_out is None else (data, data.held_out)
    return tuple(folder / source.csv.file for source in sources if source.csv is not None)


def is_course(root: Node) -> bool:
    """Whether a document is a course rather than a scenario."""
    return isinstance(root, MapNode) and "network" not in root.entries and any(nearest(key, ["parts"]) for key in root.entries)


def _over_mistakes(
    path: DocumentPath, asked: Asked, scenario: Scenario, read: Callable[[tuple[str, ...]], None]
) -> Iterator[Finding]:
    """What is wrong with the values that a sweep goes over, as far as it shows where the document is read with each."""
    if grid_of(asked) is not None:
        return
    over = asked_over(asked, scenario)
    for value in over.values:
        setting = over.setting(value)
        try:
            if setting:
                read(setting)
        except ScenarioError as error:
            yield from (Finding(path, f"with {value}: {complaint.message}") for complaint in error.complaints)


def _described(
    text: str, origin: str, folder: Path | None, settings: Sequence[str], tables: Tables | None, aside: Sequence[str] = ()
) -> tuple[Described, Node]:
    """The valid scenario and its document, but for the keys that are left aside and what a sweep goes over."""
    try:
        root, problems = parse(text)
    except Unreadable as error:
        raise ScenarioError(complaints_at(origin, error.problems)) from None
    if is_course(root):
        raise ScenarioError(complaints_at(origin, [(root.line, root.column, _A_COURSE)]))
    complaints = [*complaints_at(origin, problems), *apply_settings(root, settings)]
    if isinstance(root, MapNode):
        for key in aside:
            root.entries.pop(key, None)
    try:
        scenario = validated(Scenario, root.plain())
    except Invalid as error:
        raise ScenarioError([*complaints, *located(origin, root, error.findings)]) from None
    if tables is None:
        tables = NO_TABLES
        if scenario.data.reads_files:
            from bntui.scenario.data.tables import read_tables  # noqa: PLC0415 - few scenarios have a CSV file

            units = scenario.network.layers[-1].units
            tables, findings, wrong = read_tables(scenario.data, folder, COSTS[scenario.cost], units)
            complaints += [*wrong, *located(origin, root, findings)]
    extent = extent_of(scenario.data, tables)
    complaints += located(origin, root, [*check(scenario, extent), *_standardized(scenario, extent, tables)])
    if complaints:
        raise ScenarioError(complaints)
    return Described(scenario, extent, tables), root


def _standardized(scenario: Scenario, extent: Extent, tables: Tables) -> Iterable[Finding]:
    """What is wrong in the list of columns to be standardized, where the columns are known."""
    if extent.known:
        _, wrong = standardized(scenario.data, tables.data, extent.inputs)
        for number, message in wrong:
            yield Finding(("data", "standardize", number), message)


def complaints_at(origin: str, problems: Iterable[tuple[int, int, str]]) -> list[Complaint]:
    """Complaints at lines and columns."""
    return [Complaint(origin, line, column, "", message) for line, column, message in problems]


def located(origin: str, root: Node, findings: Iterable[Finding]) -> list[Complaint]:
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
