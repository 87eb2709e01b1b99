"""A session as a file: a scenario whose lesson repeats it, or its trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TextIO

from bntui.scenario.data.extents import Table, standardized
from bntui.scenario.model.actions import AnyAction, Step
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.describing import describe
from bntui.scenario.reading.loading import Loaded
from bntui.scenario.shelf.writing import to_yaml
from bntui.scenario.text.files import output
from bntui.session.run.history import History
from bntui.session.session import Session
from bntui.session.trace import trace_lines, tracing

TRACE = ".jsonl"  # the ending of a trace's file where none is typed


def actions_of(session: Session) -> list[AnyAction]:
    """Everything that was taken, or, where a lesson took part in it, the way from the start to the cursor."""
    taken = [entry.action for entry in session.log]
    if not any(action.changes == "lesson" for action in taken):
        return taken
    return way_of(session.history)


def way_of(history: History) -> list[AnyAction]:
    """The way from the start to the cursor, without the turns of a lesson."""
    way: list[AnyAction] = []
    for branch, walked in history.path():
        if branch.action is not None and branch.action.changes != "lesson":
            way.append(branch.action)
        if branch.beside is not None:
            way.append(branch.beside)
        if walked:
            way.append(Step(count=walked))
    return way


def as_scenario(session: Session, folder: Path | None = None) -> str:
    """The YAML of a scenario whose lesson repeats the session, to be read from a folder.

    A CSV file that would not be found from there is written into it. Raises ScenarioError where that is too large.
    """
    loaded = session.loaded
    mapping = loaded.scenario.mapping() | {"lesson": [{"do": [action.mapping() for action in actions_of(session)]}]}
    if not mapping["lesson"][0]["do"]:
        mapping["lesson"] = [{"say": "Nothing has been done yet."}]
    data = loaded.scenario.data
    if data.reads_files and (folder is None or loaded.folder is None or folder.resolve() != loaded.folder.resolve()):
        mapping["data"] = _data(loaded, mapping["data"])
    text = to_yaml(validated(Scenario, mapping))
    describe(text, "the session", folder)  # what is written can be read again
    return text


def write_scenario(session: Session, name: str) -> Path:
    """Write the session as a scenario. Raises CannotWrite, ScenarioError or OSError; a ! after the name replaces a file."""
    path, replacing = _wanted(name, ".yaml")
    text = as_scenario(session, path.parent)
    with _output(session, path, replacing) as file:
        file.write(text)
    return path


def write_trace(session: Session, name: str) -> Iterator[int]:
    """Write the trace of the session as JSON lines, to a .csv file as CSV; yields after each state how many there are.

    Where it is not followed to its end no file is left. Raises CannotWrite or OSError; a ! after the name replaces a file.
    """
    path, replacing = _wanted(name, TRACE)
    again = Session(session.loaded)
    detail = tracing.plain_detail(again)
    actions = actions_of(session)
    states = tracing.by_actions(again, actions, detail)
    form = trace_lines.form_named(path) or "jsonl"
    rows = trace_lines.written(form, states, again, detail, trace_lines.twins_in(actions))
    with _output(session, path, replacing) as file:
        for count, row in enumerate(rows, start=0 if form == "csv" else 1):
            file.write(row)
            if count:  # the header of a table is no state
                yield count


def trace_file(name: str) -> Path:
    """The file that `write_trace` writes under that name."""
    return _wanted(name, TRACE)[0]


def states_of(session: Session) -> int:
    """How many states a trace of the session has, or a few more."""
    return 1 + sum(action.count if isinstance(action, Step) else 1 for action in actions_of(session))


def _wanted(name: str, ending: str) -> tuple[Path, bool]:
    replacing = name.endswith("!")
    path = Path(name.removesuffix("!").strip()).expanduser()
    return (path if path.suffix else path.with_suffix(ending)), replacing


def _output(session: Session, path: Path, replacing: bool) -> AbstractContextManager[TextIO]:
    return output(path, session.loaded.files, replacing, "a ! after its name replaces it")


def _data(loaded: Loaded, mapping: dict[str, Any]) -> dict[str, Any]:
    """The data of CSV files as a scenario has it in itself, where columns have places and no names."""
    tables, found = loaded.tables, dict(mapping)
    if tables.data is not None:
        del found["csv"]
        found |= _rows(tables.data)
    if isinstance(found.get("standardize"), list):
        found["standardize"], _ = standardized(loaded.scenario.data, tables.data, loaded.problem.architecture.inputs)
    if tables.held_out is not None:
        found["validation"] = _rows(tables.held_out)
    return found


def _rows(table: Table) -> dict[str, Any]:
    inputs, targets = table.inputs.tolist(), table.targets.tolist()
    wide = range(table.samples)
    return {
        "inputs": [inputs[row * table.width : (row + 1) * table.width] for row in wide],
        "targets": [targets[row * table.target_width : (row + 1) * table.target_width] for row in wide],
    }
