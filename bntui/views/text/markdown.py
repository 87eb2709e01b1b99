"""The Markdown of a lesson: paragraphs, lists and code, with bold, italics and code in them; all else is plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bntui.views.text.cells import cells, cut
from bntui.views.text.lines import Line, Role, Span, hanging, wrapped

Style = Literal["plain", "strong", "emphasis", "code"]
Kind = Literal["paragraph", "item", "code"]

# code first: what stands in it is not read any further
_INLINE = re.compile(r"`([^`]+)`|\*\*(?=\S)(.+?)(?<=\S)\*\*|\*(?=\S)([^*]+?)(?<=\S)\*|(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)")
ROLES: dict[Style, Role] = {"plain": "plain", "strong": "strong", "emphasis": "second", "code": "accent"}
_STYLES: tuple[Style, ...] = ("code", "strong", "emphasis", "emphasis")
_ITEM = re.compile(r"\s{0,3}([-*+]|\d{1,3}[.)])\s+(\S.*)")
_FENCE = re.compile(r"\s{0,3}```")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style."""

    text: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, an item of a list with its marker, or a line of code."""

    kind: Kind
    runs: tuple[Run, ...]
    marker: str = ""


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text, in their order."""
    found: list[Block] = []
    open_lines: list[str] = []
    marker: str | None = None
    fenced = False

    def close() -> None:
        if open_lines:
            kind: Kind = "paragraph" if marker is None else "item"
            found.append(Block(kind, inline(" ".join(open_lines)), marker or ""))
            open_lines.clear()

    for line in text.splitlines():
        if _FENCE.match(line):
            close()
            marker, fenced = None, not fenced
        elif fenced:
            found.append(Block("code", (Run(line, "code"),)))
        elif not line.strip():
            close()
            marker = None
        elif item := _ITEM.fullmatch(line):
            close()
            marker = "•" if item[1] in "-*+" else f"{item[1][:-1]}."
            open_lines.append(item[2].strip())
        else:
            open_lines.append(line.strip())
    close()
    return tuple(found)


def inline(text: str) -> tuple[Run, ...]:
    """The runs of one line; a mark that is not closed is a character like any other."""
    runs: list[Run] = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            runs.append(Run(text[at : match.start()]))
        runs += [Run(group, style) for group, style in zip(match.groups(), _STYLES, strict=True) if group is not None]
        at = match.end()
    if at < len(text):
        runs.append(Run(text[at:]))
    return tuple(runs)


def markdown_lines(text: str, width: int) -> tuple[Line, ...]:
    """A text in Markdown as lines of at most that width."""
    lines: list[Line] = []
    for block in blocks(text):
        spans = [Span(run.text, ROLES[run.style]) for run in block.runs]
        if block.kind == "code":
            lines.append(tuple(Span(cut(span.text, width), span.role) for span in spans))
        elif block.kind == "item":
            begin = f"{block.marker} "
            lines += hanging(begin, wrapped(spans, max(width - cells(begin), 1)))
        else:
            lines += wrapped(spans, width)
    return tuple(lines)
