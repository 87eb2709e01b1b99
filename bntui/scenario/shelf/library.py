"""The scenarios that come with the program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bntui.records import dataclass
from bntui.scenario.data.layout import layers_of, weight_count
from bntui.scenario.model.beats import minutes
from bntui.scenario.reading.loading import Loaded, file_text, read_file, read_input, tables_beside
from bntui.scenario.text.complaints import Complaint, ScenarioError
from bntui.scenario.text.wording import counted, listing, shown, suggestion

if TYPE_CHECKING:
    from bntui.scenario.reading.describing import Described

COURSE = "course.yaml"  # in the folder of the scenarios, and no scenario itself
INPUT = "-"  # where a scenario is named: the standard input
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One scenario as it is listed. `name` is what it is called in the library and remembered by, a file of one's own its path.

    `minutes` is how long its lesson takes, `questions` how many it asks, `beside` the other files that it is read from.
    `complaints` say why it cannot be used, where it cannot.
    """

    name: str
    title: str
    summary: str
    size: str
    path: Path
    minutes: int = 0
    questions: int = 0
    beside: tuple[Path, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def error(self) -> str | None:
        """The first of the complaints; None where it can be used."""
        return str(self.complaints[0]) if self.complaints else None


@cache
def folder() -> Path:
    """Where the shipped scenarios lie: in the installed package, or at the top of a checkout."""
    package = Path(__file__).parents[2]
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def names() -> tuple[str, ...]:
    """The names in the library, sorted."""
    return tuple(sorted(path.stem for path in folder().glob("*.yaml") if path.name != COURSE))


def name_of(path: Path) -> str:
    """The name under which a scenario's file is remembered: its name in the library, else its path."""
    return path.stem if path.parent.resolve() == folder().resolve() else str(path.resolve())


def entry(path: Path) -> LibraryEntry:
    """A scenario file as it is listed."""
    name = name_of(path)
    try:
        described = _described(path)
    except ScenarioError as error:
        return LibraryEntry(name, path.stem, "", "", path, complaints=error.complaints)
    scenario = described.scenario
    layers, weights = len(layers_of(scenario.network)), weight_count(scenario, described.extent.inputs)
    size = f"{counted(layers, 'layer')}, {counted(weights, 'weight')}"
    questions = sum(beat.ask is not None for beat in scenario.lesson)
    beside = tables_beside(scenario.data, path.parent)
    return LibraryEntry(name, scenario.title, scenario.summary, size, path, minutes(scenario.lesson), questions, beside)


def described(entry: LibraryEntry) -> Described | None:
    """What the entry's file says; None where it cannot be used. Raises ScenarioError where it was spoilt meanwhile."""
    return None if entry.error is not None else _described(entry.path)


def _described(path: Path) -> Described:
    from bntui.scenario.reading.describing import describe  # noqa: PLC0415 - what is only named is not read

    return describe(file_text(path), str(path), path.parent)


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


def opened(named: str, settings: Sequence[str] = ()) -> Loaded:
    """The scenario that is named as `find` has it, or - for what comes in at the standard input, with settings PATH=VALUE.

    Raises ScenarioError with every complaint.
    """
    return read_input(settings) if named == INPUT else read_file(find(named), settings)


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
