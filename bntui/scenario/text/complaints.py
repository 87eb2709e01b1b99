"""What is wrong with a scenario, and where."""

from __future__ import annotations

from collections.abc import Iterable

from bntui.records import dataclass
from bntui.scenario.text.wording import harmless

DocumentPath = tuple[str | int, ...]

MOST_COMPLAINTS = 100


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: where (line and column from 1, None where there is no line), and what."""

    file: str
    line: int | None
    column: int | None
    path: str
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}:{self.column}"
        path = f"{self.path}: " if self.path and f"--set {self.path}" != self.file else ""
        return harmless(f"{place}: {path}{self.message}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong at a path of the document; `at_key` where the key itself is wrong."""

    path: DocumentPath
    message: str
    at_key: bool = False


class Error(Exception):
    """Whatever the program does not take; the message is plain sentences."""


class ScenarioError(Error):
    """A scenario cannot be used. Holds every complaint, sorted by place."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        every = sorted(set(complaints), key=_place)
        self.complaints = tuple(every[:MOST_COMPLAINTS])
        self.left_out = len(every) - len(self.complaints)
        super().__init__(str(self))

    def __reduce__(self) -> tuple[object, ...]:
        """How it is made again in another process: of its complaints, not of its message."""
        return type(self), (self.complaints,), {"left_out": self.left_out}

    def __str__(self) -> str:
        lines = [str(complaint) for complaint in self.complaints]
        if self.left_out:
            lines.append(f"and {self.left_out} more")
        return "\n".join(lines)


def _place(complaint: Complaint) -> tuple[bool, str, int, int, str, str]:
    setting = complaint.file.startswith("--set ")
    return (setting, complaint.file, complaint.line or 0, complaint.column or 0, complaint.path, complaint.message)


def dotted(path: DocumentPath) -> str:
    """A path in the document as it is written after --set."""
    return ".".join(str(part) for part in path)
