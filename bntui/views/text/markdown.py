"""Markdown as markdown-it reads it: as lines for a screen, as HTML, and as Markdown again, for a handout.

HTML in it is text, and a link or a picture is its text with its address behind it: nothing in a lesson is loaded or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bntui.views.text.cells import IN_ASCII, SPACED_TIMES, cells, cut, in_ascii
from bntui.views.text.lines import Line, Lines, Role, Span, hanging, wrapped

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

ROLES: dict[str, Role] = {"strong": "strong", "em": "second", "code_inline": "accent"}
GAP = 2  # cells between the columns of a table
NARROWEST = 2  # cells in which any character has room
MEANT = re.compile(r"[\\`*_\[\]<>#|~&]")  # what is Markdown anywhere in a line
MEANT_FIRST = re.compile(r"^(\d*)([-+=.)])", re.MULTILINE)  # and what is at the beginning of one
SIGNS = re.escape("·" + "".join(sign for sign, spelled in IN_ASCII.items() if len(spelled) == 1 and not spelled.isalnum()))
BLOCK = re.compile(r"(?:\d{1,9}[.)]|\+)(?:\s|$)|-")  # what may begin anything but a paragraph, beside what is Markdown anywhere
WORDS = r"(?:[^\\`*_\[\]<>#|~&]|(?<=[^\W_])_(?=[^\W_]))+"  # nothing of it is Markdown: an underscore within a word is none


def _between(stars: str, name: str) -> str:
    """Words between stars that can begin and end an emphasis and nothing else, whatever its rules make of signs beside them."""
    opens = rf"(?:(?<!\S){stars}(?=\S)|(?<![^\W_])(?<!\*){stars}(?=[^\W_]))"
    closes = rf"(?:(?<=\S){stars}(?!\S)|(?<=[^\W_]){stars}(?![^\W_])(?!\*))"
    return rf"{opens}(?P<{name}>{WORDS}){closes}"


PIECE = re.compile(
    "|".join(
        [
            rf"(?P<text>{WORDS})",
            _between(r"\*\*", "strong"),
            _between(r"\*", "em"),
            r"(?<!`)`(?P<code_inline>[^`\s](?:[^`]*[^`\s])?)`(?!`)",
        ]
    )
)


@lru_cache(64)  # a running session paints the same beat again and again
def markdown_lines(text: str, width: int) -> Lines:
    """A text in Markdown as lines of at most that width, which is at least two cells."""
    if (spans := _simple(text)) is not None:
        return wrapped(spans, width)
    return _lines(_tree(text).children, width)


@lru_cache(64)
def markdown_spans(text: str) -> tuple[Span, ...]:
    """All that a text in Markdown says, in one row."""
    if (spans := _simple(text)) is not None:
        return spans
    rows = [_spans(node, "plain") for node in _tree(text).walk() if node.type == "inline"]
    return tuple(span for index, row in enumerate(rows) for span in ((Span(" "),) * (index > 0) + row))


def _simple(text: str) -> tuple[Span, ...] | None:
    """The spans of a text that is one paragraph of words, some of them strong, emphasized or code, None where it is more.

    Nearly every text is as simple as that, and markdown-it takes 2 MB, which forty sessions on a machine do without.
    """
    if not text.isprintable() or text.strip() != text or BLOCK.match(text):
        return None
    spans: list[Span] = []
    place = 0
    while piece := PIECE.match(text, place):
        kind = piece.lastgroup or ""
        spans.append(Span(piece[kind], ROLES.get(kind, "plain")))
        place = piece.end()
    return tuple(spans) if spans and place == len(text) else None


def html_of(text: str) -> str:
    """A text in Markdown as HTML in which every other character is escaped."""
    rendered: str = _reader().render(text)
    return rendered.strip()


def html_of_words(text: str) -> str:
    """The Markdown of a text without paragraphs, as HTML."""
    rendered: str = _reader().renderInline(text)
    return rendered


def markdown_of(text: str) -> str:
    """A text in Markdown written anew, so that what was read as plain text stays plain for every reader."""
    return "\n\n".join(map(_written, _tree(text).children))


def labelled_markdown(label: str, text: str) -> str:
    """A text behind some words in Markdown, in their line where it begins with a paragraph: any other block begins its own."""
    begins = next(iter(_tree(text).children), None)
    between = " " if begins is not None and begins.type == "paragraph" else "\n\n"
    return f"{label}{between}{markdown_of(text)}".strip()


def markdown_of_words(text: str) -> str:
    """The Markdown of a text without paragraphs, written anew."""
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415 - as in `_reader`

    return _written_all(SyntaxTreeNode(_reader().parseInline(text)).children)


def plain_markdown(text: str) -> str:
    """A text in which nothing is meant as Markdown."""
    return MEANT.sub(r"\\\g<0>", text)


def markdown_in_ascii(text: str) -> str:
    """A text in Markdown in ASCII, but for signs that could be Markdown then: they take one cell, and are spelled when drawn."""
    text = re.sub(SPACED_TIMES, "*", text)  # what tells it from a dot that separates may come to stand in another line
    return "".join(part if place % 2 else in_ascii(part, True) for place, part in enumerate(re.split(f"([{SIGNS}])", text)))


@cache
def _reader() -> MarkdownIt:
    """CommonMark with tables."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - a scenario without a lesson does not wait for it

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.core.ruler.push("addresses", _spell_addresses)
    return reader


def _tree(text: str) -> SyntaxTreeNode:
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415 - as in `_reader`

    return SyntaxTreeNode(_reader().parse(text))


def _spell_addresses(state: StateCore) -> None:
    """Put text in place of every link and picture."""
    for token in state.tokens:
        if token.children:
            token.children = [*_with_addresses(token.children)]


def _with_addresses(tokens: Sequence[Token]) -> Iterator[Token]:
    open_at = 0
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            open_at = place
        elif token.type == "link_close":
            address = str(tokens[open_at].attrs["href"])
            if "".join(each.content for each in tokens[open_at:place]) != address and tokens[open_at].markup != "autolink":
                yield _as_text(token, f" ({address})")
        elif token.type == "image":
            yield _as_text(token, f"{token.content} ({token.attrs['src']})")
        else:
            yield token


def _as_text(token: Token, text: str) -> Token:
    return token.copy(type="text", tag="", nesting=0, attrs={}, children=None, markup="", content=text)


def _lines(nodes: Iterable[SyntaxTreeNode], width: int) -> Lines:
    return tuple(line for node in nodes for line in _block(node, width))


def _block(node: SyntaxTreeNode, width: int) -> Lines:
    match node.type:
        case "heading":
            return _paragraph(node.children[0], "strong", width)
        case "bullet_list" | "ordered_list":
            return tuple(line for item in node.children for line in _item(item, width))
        case "fence" | "code_block":
            return tuple((Span(cut(line.expandtabs(4), width), "accent"),) for line in node.content.splitlines())
        case "blockquote":
            inner = _lines(node.children, max(width - 2, NARROWEST))
            return tuple((Span("│ ", "faint"), *line) for line in inner) if width - 2 >= NARROWEST else inner
        case "hr":
            return ((Span("─" * width, "faint"),),)
        case "table":
            return _table([row.children for part in node.children for row in part.children], width)
    return _paragraph(node.children[0], "plain", width)


def _paragraph(inline: SyntaxTreeNode, role: Role, width: int) -> Lines:
    return tuple(line for row in _rows(_spans(inline, role)) for line in wrapped(row, width))


def _rows(spans: Iterable[Span]) -> list[list[Span]]:
    """The spans between hard line breaks."""
    rows: list[list[Span]] = [[]]
    for span in spans:
        if span.text == "\n":
            rows.append([])
        else:
            rows[-1].append(span)
    return rows


def _spans(node: SyntaxTreeNode, role: Role) -> tuple[Span, ...]:
    """The characters of an inline node with their roles; a hard line break is a span of its own."""
    if node.type in ("softbreak", "hardbreak"):
        return (Span(" " if node.type == "softbreak" else "\n"),)
    role = ROLES.get(node.type, role)
    if not node.children:
        return (Span(node.content, role),) if node.content else ()
    return tuple(span for child in node.children for span in _spans(child, role))


def _item(item: SyntaxTreeNode, width: int) -> Lines:
    """An item of a list, hanging below its marker where there is room for it."""
    begin = f"{item.info}{item.markup} " if item.info else "• "
    room = width - cells(begin)
    if room < NARROWEST:
        return (*wrapped([Span(begin.strip())], width), *_lines(item.children, width))
    return hanging(begin, _lines(item.children, room) or ((),))


def _table(rows: Sequence[Sequence[SyntaxTreeNode]], width: int) -> Lines:
    """The columns side by side, the widest broken into lines until all have room; row by row where they never have."""
    texts = [[_spans(cell, "strong" if cell.type == "th" else "plain") for cell in row] for row in rows]
    widths = [max(sum(cells(span.text) for span in cell) for cell in column) for column in zip(*texts, strict=True)]
    room = width - GAP * (len(widths) - 1)
    if room < NARROWEST * len(widths):
        return tuple(line for row in texts for cell in row for line in wrapped(cell, width))
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    return tuple(line for row in texts for line in _table_row(row, [max(each, NARROWEST) for each in widths]))


def _table_row(row: Sequence[Sequence[Span]], widths: Sequence[int]) -> Lines:
    columns = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    return tuple(
        tuple(span for column, width in zip(columns, widths, strict=True) for span in _table_cell(column, at, width))
        for at in range(max(map(len, columns), default=0))
    )


def _table_cell(column: Lines, at: int, width: int) -> Line:
    line = column[at] if at < len(column) else ()
    return (*line, Span(" " * (width + GAP - sum(cells(span.text) for span in line))))


def _written(node: SyntaxTreeNode) -> str:
    """A node as Markdown."""
    match node.type:
        case "heading":
            return f"{'#' * int(node.tag[1:])} {_written(node.children[0])}"
        case "bullet_list" | "ordered_list":
            return ("\n" if _is_tight(node) else "\n\n").join(map(_written_item, node.children))
        case "fence" | "code_block":
            return fenced(node.content)
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(map(_written, node.children)).splitlines())
        case "hr":
            return "* * *"
        case "table":
            rows = [f"| {' | '.join(map(_written, row.children))} |" for part in node.children for row in part.children]
            return "\n".join([rows[0], f"|{' --- |' * len(node.children[0].children[0].children)}", *rows[1:]])
        case "paragraph":
            return MEANT_FIRST.sub(r"\1\\\2", _written_all(node.children))
        case "strong" | "em":
            return f"{node.markup}{_written_all(node.children)}{node.markup}"
        case "code_inline":
            ticks = "`" * (_longest_ticks(node.content) + 1)
            blank = " " if node.content.startswith("`") or node.content.endswith("`") else ""
            return f"{ticks}{blank}{node.content}{blank}{ticks}"
        case "softbreak":
            return "\n"
        case "hardbreak":
            return "\\\n"
    return _written_all(node.children) if node.children else plain_markdown(node.content)


def _written_all(nodes: Iterable[SyntaxTreeNode]) -> str:
    return "".join(map(_written, nodes))


def _written_item(item: SyntaxTreeNode) -> str:
    begin = f"{item.info}{item.markup} " if item.info else f"{item.markup} "
    lines = ("\n" if _is_tight(item) else "\n\n").join(map(_written, item.children)).split("\n")
    return begin + "\n".join([lines[0], *(f"{' ' * len(begin)}{line}" if line else "" for line in lines[1:])])


def _is_tight(node: SyntaxTreeNode) -> bool:
    """Whether no blank lines stand between the items of a list, or within an item."""
    return all(each.hidden for each in node.walk() if each.type == "paragraph")


def fenced(text: str, language: str = "") -> str:
    """A text as a block of Markdown that nothing in it ends."""
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return "\n".join([f"{fence}{language}", text.removesuffix("\n"), fence])


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
