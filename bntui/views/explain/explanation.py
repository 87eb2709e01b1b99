"""One explanation, and how it is laid out in lines."""

from __future__ import annotations

from bntui.records import dataclass
from bntui.views.text.cells import in_ascii
from bntui.views.text.lines import Line, Lines, Span, wrapped

LABEL = 7  # cells before each paragraph


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of one thing on the screen.

    `name` is what stands on the screen, `says` what it is, `now` its formula with the numbers of this moment, `why` why it is
    so here or what misleads about it; the last two are "" where there is nothing to say. `lessons` of the library are about it.
    """

    name: str
    says: str
    now: str = ""
    why: str = ""
    lessons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Explanations under one title; `chosen` is the place of the one to begin with."""

    title: str
    explanations: tuple[Explanation, ...]
    chosen: int = 0


def lines_of(explanation: Explanation, width: int, ascii: bool = False) -> Lines:
    """All that is said, in rows of at most that width, each paragraph under a word that says what it is."""
    lines: list[Line] = []
    paragraphs = [("is", explanation.says), ("now", explanation.now), ("why", explanation.why)]
    paragraphs.append(("lesson", ", ".join(explanation.lessons)))
    for label, text in paragraphs:
        if text:
            rows = wrapped([Span(in_ascii(text, ascii))], max(width - LABEL, 1))
            lines += [(Span((label if index == 0 else "").ljust(LABEL), "faint"), *row) for index, row in enumerate(rows)]
    return tuple(lines)
