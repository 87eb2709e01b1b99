"""Scenarios taken up in Python: by name, from a file, or as a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bntui.api.run import Run
from bntui.api.values import NoPlaceError, as_yaml, plain
from bntui.scenario.reading.loading import Loaded, read_file, read_text
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.complaints import Complaint, ScenarioError, dotted
from bntui.scenario.text.wording import shown
from bntui.session.session import Session

SCENARIO, MAPPING, SETTINGS = "the scenario", "the mapping", "settings"  # where a complaint of each is found
SOURCES = "a scenario is a name of bntui.names(), a file, or a mapping as the YAML has it"


def names() -> tuple[str, ...]:
    """The names of the scenarios that come with the program, in the order of the course."""
    return tuple(library.name_of(path) for path in courses.shipped().files)


def load(source: str | Path | Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Run:
    """A run at the start of a scenario: a name of `names()`, a file, or a mapping as the YAML has it.

    `settings` change it on the way in, by path, as {"training.learning_rate": 0.1}. Raises ScenarioError with every complaint.
    """
    changed = {} if settings is None else settings
    if not isinstance(changed, Mapping):
        raise _wrong(SETTINGS, (), f"found {shown(changed)}; allowed: a mapping, as {{'training.learning_rate': 0.1}}")
    try:
        changes = tuple(f"{path}={as_yaml(plain(value, (path,)))}" for path, value in changed.items())
    except NoPlaceError as error:
        raise _wrong(SETTINGS, error.path, str(error)) from None
    try:
        return Run(Session(_loaded(source, changes)))
    except ScenarioError as error:
        raise ScenarioError(map(_placed, error.complaints)) from None


def _loaded(source: object, changes: tuple[str, ...]) -> Loaded:
    if isinstance(source, str):
        return read_file(library.find(source), changes)
    if isinstance(source, Path):
        return read_file(source, changes)
    if not isinstance(source, Mapping):
        raise _wrong(SCENARIO, (), f"found {shown(source)}; {SOURCES}")
    try:
        return read_text(as_yaml(plain(source)), MAPPING, Path.cwd(), changes)
    except NoPlaceError as error:
        raise _wrong(MAPPING, error.path, str(error)) from None


def _wrong(where: str, path: tuple[str | int, ...], message: str) -> ScenarioError:
    return ScenarioError([Complaint(where, None, None, dotted(path), message)])


def _placed(complaint: Complaint) -> Complaint:
    """A complaint as whoever wrote Python meets it: a mapping has no lines, and a setting was not typed after --set."""
    setting = complaint.file.removeprefix("--set ")
    if setting != complaint.file:
        path = setting if complaint.path in ("", setting) else f"{setting}: {complaint.path}"
        return Complaint(SETTINGS, None, None, path, complaint.message)
    return Complaint(MAPPING, None, None, complaint.path, complaint.message) if complaint.file == MAPPING else complaint
