"""Scenarios that were read and found valid, kept as they were then: a start does not wait for the same text to be read again.

A kept scenario is found by a sum over its text and all else that decides how it is read. What cannot be read, or is not what was
written, is read from the text; what cannot be written is not kept, and nothing is said of it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import pickle
import platform
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from bntui.scenario.model.parts import ScenarioPart
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.reading import memory
from bntui.scenario.reading.loading import Loaded, built, file_text, read_file
from bntui.scenario.text.files import stamp
from bntui.session.keep import private

CODE = ("scenario", "maths")  # rooms by which a file is read
MOST_KEPT = 128  # scenarios in the cache folder
UNFIT = (pickle.PickleError, EOFError, ValueError, TypeError, AttributeError)  # raised where something is no scenario
_NAMED = 32  # digits of a sum in a file's name


def read(path: Path) -> Loaded:
    """The scenario in a file, as `read_file` gives it. Raises ScenarioError with every complaint."""
    return kept(path) or read_anew(path)


def read_anew(path: Path) -> Loaded:
    """The scenario in a file that is not kept yet; from now on it is. Raises ScenarioError with every complaint."""
    loaded = read_file(path)
    if not loaded.scenario.data.reads_files:
        _keep(loaded.source, loaded.scenario)
    return loaded


def kept(path: Path) -> Loaded | None:
    """The scenario in a file, where it was read before and depends on no other file. Raises ScenarioError."""
    text = file_text(path)
    scenario = _kept(text)
    return None if scenario is None else built(scenario, text, path)


class _Parts(pickle.Unpickler):
    """Makes parts of a scenario and nothing else, whatever the file asks for."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith("bntui.scenario.model.") else None
        if isinstance(found, type) and issubclass(found, ScenarioPart):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a scenario")


def _kept(text: str) -> Scenario | None:
    with suppress(OSError, RuntimeError, ImportError, LookupError, *UNFIT):
        file = _file(text)
        written = (private.read(file) if private.answers(file.parent) else None) or ""
        total, _, told = written.partition("\n")
        if written and total == _sum(told):
            scenario = _Parts(io.BytesIO(base64.b64decode(told, validate=True))).load()
            return scenario if isinstance(scenario, Scenario) else None
    return None


def _keep(text: str, scenario: Scenario) -> None:
    """Keep a valid scenario that depends on no other file, unless something in it could not be made again; the oldest give way."""
    with suppress(OSError, RuntimeError, *UNFIT):
        file, pickled = _file(text), pickle.dumps(scenario)
        told = base64.b64encode(pickled).decode()
        if len(told) > private.LARGEST // 2 or _Parts(io.BytesIO(pickled)).load() != scenario or not private.answers(file.parent):
            return
        private.write_among(file, f"{_sum(told)}\n{told}", MOST_KEPT)


def _file(text: str) -> Path:
    """The file of a text in the user's cache folder. Raises OSError or RuntimeError where there is none."""
    read_by = f"{code()} {platform.python_version()} {memory.allowed()}"
    name = f"{_sum(read_by + text)[:_NAMED]}.scenario"
    return private.cache_folder("scenarios") / name


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def code() -> str:
    """A sum over when the program's own text was saved by which a file is read: another version reads all anew."""
    package = Path(__file__).parents[2]
    saved = sorted((str(path), stamp(path)) for path in _sources([package / room for room in CODE]))
    return hashlib.sha256(repr(saved).encode("utf-8", "surrogatepass")).hexdigest()[:_NAMED]


def _sources(rooms: list[Path]) -> Iterator[Path]:
    for room in rooms:
        yield from room.rglob("*.py")
