"""The scenarios that come with the program."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bntui.scenario.data.layout import layers_of, weight_count
from bntui.scenario.reading.loading import Described, describe, file_text
from bntui.scenario.shelf.order import ORDER
from bntui.scenario.text.complaints import Complaint, ScenarioError
from bntui.scenario.text.wording import counted, listing, shown, suggestion

_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One scenario of the library; `error` says why it cannot be used, where it cannot."""

    name: str
    title: str
    summary: str
    size: str
    path: Path
    error: str | None = None


@cache
def folder() -> Path:
    """Where the shipped scenarios lie: in the installed package, or at the top of a checkout."""
    package = Path(__file__).parents[2]
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def names() -> tuple[str, ...]:
    """The names in the library, sorted."""
    return tuple(sorted(path.stem for path in folder().glob("*.yaml")))


def entries() -> tuple[LibraryEntry, ...]:
    """Every scenario of the library in the order of reading, light: nothing is built, and a broken one is told, not raised."""
    places = {name: place for place, name in enumerate(ORDER)}
    ordered = sorted(names(), key=lambda name: (places.get(name, len(ORDER)), name))
    return tuple(entry(folder() / f"{name}.yaml") for name in ordered)


def first_of(entries: Sequence[LibraryEntry], completed: Container[str]) -> LibraryEntry | None:
    """The lesson to begin with, or to go on with: the first that has not been completed; None where all have."""
    return next((entry for entry in entries if entry.error is None and entry.name not in completed), None)


@cache
def title_after(path: Path) -> str:
    """The title of the lesson that follows a file of the library; "" after the last one, and after a file of one's own."""
    if path.stem not in ORDER[:-1] or path.parent.resolve() != folder().resolve():
        return ""
    return entry(folder() / f"{ORDER[ORDER.index(path.stem) + 1]}.yaml").title


def entry(path: Path) -> LibraryEntry:
    """A scenario file as the library lists it."""
    try:
        described = _described(path)
    except ScenarioError as error:
        return LibraryEntry(path.stem, path.stem, "", "", path, str(error.complaints[0]))
    scenario = described.scenario
    layers, weights = len(layers_of(scenario.network)), weight_count(scenario, described.extent.inputs)
    size = f"{counted(layers, 'layer')}, {counted(weights, 'weight')}"
    return LibraryEntry(path.stem, scenario.title, scenario.summary, size, path)


def described(entry: LibraryEntry) -> Described | None:
    """What the entry's file says; None where it cannot be used. Raises ScenarioError where it was spoilt meanwhile."""
    return None if entry.error is not None else _described(entry.path)


def _described(path: Path) -> Described:
    return describe(file_text(path), path.name, path.parent)


def claim(entry: LibraryEntry) -> str:
    """What a scenario claims: the first sentence of its summary."""
    return re.split(r"(?<=[.?!]) ", entry.summary, maxsplit=1)[0]


def found(entries: Sequence[LibraryEntry], words: str) -> tuple[LibraryEntry, ...]:
    """The scenarios with every one of the words in name, title or summary; those with all in name and title come first."""
    wanted = words.casefold().split()

    def named(entry: LibraryEntry) -> bool:
        return all(word in f"{entry.name} {entry.title}".casefold() for word in wanted)

    hits = [entry for entry in entries if all(word in f"{entry.name} {entry.title} {entry.summary}".casefold() for word in wanted)]
    return tuple(sorted(hits, key=lambda entry: not named(entry)))


def is_path(text: str) -> bool:
    """Whether a typed text is meant as a file rather than as words."""
    path = Path(text.strip())
    return path.suffix in _ENDINGS or len(path.parts) > 1 or text.strip().startswith((".", "~"))


def find(name_or_path: str) -> Path:
    """The file of a scenario: a name from the library, else a path. Raises ScenarioError with the near names."""
    known = names()
    if name_or_path in known:
        return folder() / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if path.suffix in _ENDINGS or len(path.parts) > 1 or _exists(path):
        return path
    message = f"{shown(name_or_path)} is neither a file nor in the library: {listing(known)}"
    complaint = Complaint(name_or_path, None, None, "", message + suggestion(name_or_path, known))
    raise ScenarioError([complaint])


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
