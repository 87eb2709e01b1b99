"""From a file or a text to a scenario and the problem it poses; or to every complaint at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.records import dataclass
from bntui.scenario.data.extents import NO_TABLES, Tables
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.sources import Data
from bntui.scenario.text.complaints import Complaint, ScenarioError
from bntui.scenario.text.files import MOST_BYTES, CannotRead, read_standard_input, read_text_file
from bntui.scenario.text.wording import harmless

if TYPE_CHECKING:
    from bntui.scenario.data.building import Problem
    from bntui.scenario.reading.describing import Described
    from bntui.scenario.reading.overs import Over

STANDARD_INPUT = "<stdin>"  # the origin of what was read from there


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
    from bntui.scenario.reading.describing import describe  # noqa: PLC0415 - what was read before waits for no reader

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


def varied(loaded: Loaded, over: Over, value: str) -> Described:
    """The scenario as the document with that value at the path describes it. Raises ScenarioError with every complaint.

    What stands in it for the screen alone is left out: a lesson may speak of a layer that is not there then.
    """
    from bntui.scenario.reading.describing import OF_THE_SCREEN, described  # noqa: PLC0415 - as above

    tables = None if over.path.startswith("data.") else loaded.tables  # other columns are read from the file again
    settings = (*loaded.settings, *over.setting(value))
    return described(loaded.source, loaded.origin, loaded.folder, settings, tables, OF_THE_SCREEN)[0]


def tables_beside(data: Data, folder: Path) -> tuple[Path, ...]:
    """The CSV files of a scenario in that folder."""
    sources = (data,) if data.held_out is None else (data, data.held_out)
    return tuple(folder / source.csv.file for source in sources if source.csv is not None)
