"""Text for any face: lines of spans, each with a role that the face may colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Role = Literal["plain", "strong", "faint", "accent", "second", "growth", "shrinkage", "warning", "twin", "selected"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters that share one role."""

    text: str
    role: Role = "plain"


Line = tuple[Span, ...]


def plain(line: Line) -> str:
    """The characters of a line without their roles."""
    return "".join(span.text for span in line)


def text_of(lines: Iterable[Line]) -> str:
    """Lines as plain text, without trailing blanks."""
    return "\n".join(plain(line).rstrip() for line in lines)
