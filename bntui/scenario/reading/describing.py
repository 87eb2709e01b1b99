"""From the text of a document to a valid scenario; or to every complaint at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bntui.maths.kinds.costs import COSTS
from bntui.records import dataclass
from bntui.scenario.data.extents import NO_TABLES, Tables, extent_of, standardized
from bntui.scenario.model.parts import Invalid
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.sources import Extent
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.checks import check
from bntui.scenario.reading.overs import asked_over, grid_of
from bntui.scenario.reading.pictures import Asked, overs_of
from bntui.scenario.reading.settings import apply_settings
from bntui.scenario.text.complaints import Complaint, DocumentPath, Finding, ScenarioError, dotted
from bntui.scenario.text.document import MapNode, Node, Unreadable, parse, place
from bntui.scenario.text.wording import harmless, nearest

_A_COURSE = "this is a course; wanted is a scenario, as each of those that it names"
OF_THE_SCREEN = ("focus", "sweep", "lesson")  # keys of the document that say nothing of the network and its training


@dataclass(frozen=True, slots=True)
class Described:
    """A scenario that is valid, and how large its data is; nothing has been made of it yet."""

    scenario: Scenario
    extent: Extent
    tables: Tables


def describe(
    text: str, origin: str, folder: Path | None, settings: Sequence[str] = (), tables: Tables | None = None
) -> Described:
    """The valid scenario in a text, before anything is made of it. Raises ScenarioError with every complaint."""
    found, root = described(text, origin, folder, settings, tables)

    def read(added: tuple[str, ...]) -> None:
        described(text, origin, folder, (*settings, *added), tables, OF_THE_SCREEN)

    scenario = found.scenario
    wrong = [finding for path, asked in overs_of(scenario) for finding in _over_mistakes(path, asked, scenario, read)]
    if wrong:
        raise ScenarioError(located(origin, root, wrong))
    return found


def described(
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
    plain = root.plain()
    try:
        scenario = validated(Scenario, plain)
    except Invalid as error:
        complaints += located(origin, root, error.findings)
        try:
            scenario = validated(Scenario, _without(plain, error.findings))
        except Invalid:
            raise ScenarioError(complaints) from None
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


def _without(plain: Any, findings: Iterable[Finding]) -> Any:
    """The document without beats, focus and sweep in which something was found: the rest can be held against the network."""
    for finding in findings:
        match finding.path:
            case ("lesson", int(wrong), *_):
                beats = [{"say": ""} if number == wrong else beat for number, beat in enumerate(plain["lesson"])]
                plain = {**plain, "lesson": beats}
            case ("focus" | "sweep" as key, *_):
                plain = {name: value for name, value in plain.items() if name != key}
    return plain


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
