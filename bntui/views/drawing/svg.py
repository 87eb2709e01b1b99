"""A screen as an SVG picture: what is drawn of blocks, dots and frames as shapes, every word as text at its place.

A browser's or printer's font need not have the glyphs, nor cells of one width: shapes need none, and a run of words is set to
the length of its cells. Colours are the page's (`STYLE`); growth and shrinkage differ by shape as well, as on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Literal

from bntui.views.text.cells import cells
from bntui.views.text.lines import Line, Lines, Role

WIDTH, HEIGHT = 8, 16  # of a cell
STYLE = """\
svg.screen { width: 100%; height: auto; max-width: 62em; background: #fff; border: 1px solid #999; font: 13px monospace }
svg.screen text { fill: #111; white-space: pre } svg.screen path { fill: #111; stroke: none }
svg.screen path.line, svg.screen path.dots { fill: none; stroke: #111; stroke-width: 1 }
svg.screen path.dots { stroke-width: 2.2; stroke-linecap: round }
svg.screen .strong { font-weight: bold } svg.screen text.faint { fill: #555 }
svg.screen text.growth, svg.screen path.growth { fill: #b34700 }
svg.screen text.shrinkage, svg.screen path.shrinkage { fill: #0050a0 }
svg.screen text.accent, svg.screen path.accent { fill: #00695c } svg.screen text.second, svg.screen path.second { fill: #7a5c00 }
svg.screen text.twin, svg.screen path.twin { fill: #6a1b9a } svg.screen text.warning { fill: #b00020; font-weight: bold }
svg.screen path.line.faint, svg.screen path.dots.faint { stroke: #777 }
svg.screen path.dots.growth { fill: none; stroke: #b34700 } svg.screen path.dots.shrinkage { fill: none; stroke: #0050a0 }
svg.screen path.dots.accent { fill: none; stroke: #00695c } svg.screen path.dots.second { fill: none; stroke: #7a5c00 }
svg.screen path.dots.twin { fill: none; stroke: #6a1b9a }
svg.screen rect.lit { fill: #ffe9a8 } svg.screen rect.selected { fill: #e4e4e4 }
@media print { svg.screen { break-inside: avoid; print-color-adjust: exact } }
"""
RISING = "▁▂▃▄▅▆▇█"  # filled from the foot, an eighth more each
SHADES = {"░": 1, "▒": 2, "▓": 3}  # upright strokes in a cell
# from the middle of a cell to a side and back, for each side that the lines of a character go to
TO = {"l": "h-4h4", "r": "h4h-4", "u": "v-8v8", "d": "v8v-8"}
SIDES = {
    "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru", "┼": "lrud",
    "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu", "┊": "ud", "┆": "ud", "╎": "ud",
}  # fmt: skip
ARMS = {character: "".join(TO[side] for side in sides) for character, sides in SIDES.items()}
RUN = re.compile(r"(.)\1*", re.DOTALL)  # of one character
BRAILLE = 0x2800
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))  # column and row of each bit of a braille character
BASELINE = 12  # of the text below the top of its cell
Sort = Literal["block", "line", "dots"]  # of a shape
Shapes = dict[tuple[Sort, Role], list[str]]  # the pieces of a path for each sort and each role


def svg(lines: Lines, says: str) -> str:
    """The picture of lines of equal width; `says` is what is read out in its place. Every text in it is escaped."""
    width = max((sum(cells(span.text) for span in line) for line in lines), default=0) * WIDTH
    shapes: Shapes = {}
    texts = [text for row, line in enumerate(lines) for text in _texts(line, row * HEIGHT, shapes)]
    grounds = [ground for row, line in enumerate(lines) for ground in _grounds(line, row * HEIGHT)]
    paths = [f'<path class="{sort} {role}" d="{"".join(pieces)}"/>' for (sort, role), pieces in shapes.items()]
    inside = "\n".join([*grounds, *paths, *texts])
    view = f'viewBox="0 0 {width} {len(lines) * HEIGHT}"'
    return (
        f'<svg class="screen" role="img" aria-label="{escape(says)}" {view} xmlns="http://www.w3.org/2000/svg">\n{inside}\n</svg>'
    )


def with_style(lines: Lines, says: str) -> str:
    """The picture with the colours of its own page, for a page of somebody else's."""
    return f"<style>{STYLE}</style>{svg(lines, says)}"


def _grounds(line: Line, top: int) -> Iterator[str]:
    """A ground behind what is lit up or selected."""
    left = 0
    for span in line:
        width = cells(span.text) * WIDTH
        if span.role in ("lit", "selected"):
            yield f'<rect class="{span.role}" x="{left}" y="{top}" width="{width}" height="{HEIGHT}"/>'
        left += width


def _texts(line: Line, top: int, shapes: Shapes) -> Iterator[str]:
    """The words of a line; what is drawn in it is put among the shapes."""
    left = 0
    for span in line:
        words = ""
        for run in RUN.finditer(span.text):
            character, count = run.group()[0], len(run.group())
            at = left + cells(words) * WIDTH
            drawn = _drawn(character, count, at, top)
            if drawn is None:
                words += run.group()
                continue
            sort, pieces = drawn
            shapes.setdefault((sort, span.role), []).extend(pieces)
            yield from _words(words, span.role, left, top)
            left, words = at + count * WIDTH, ""
        yield from _words(words, span.role, left, top)
        left += cells(words) * WIDTH


def _words(text: str, role: Role, left: int, top: int) -> Iterator[str]:
    """The words of a text, each run of them without two blanks at its place and as long as its cells."""
    for run in re.finditer(r"\S+(?: \S+)*", text):
        at, length = left + cells(text[: run.start()]) * WIDTH, cells(run.group()) * WIDTH
        place = f'x="{at}" y="{top + BASELINE}" textLength="{length}" lengthAdjust="spacingAndGlyphs"'
        yield f'<text class="{role}" {place}>{escape(run.group())}</text>'


def _drawn(character: str, count: int, left: int, top: int) -> tuple[Sort, list[str]] | None:
    """So many of a character as pieces of a path; None where it is one of a word."""
    width = count * WIDTH
    places = range(left, left + width, WIDTH)
    if character in RISING:
        height = HEIGHT * (RISING.index(character) + 1) // len(RISING)
        return "block", [f"M{left} {top + HEIGHT - height}h{width}v{height}h-{width}z"]
    if character in SHADES:
        step = WIDTH // (SHADES[character] + 1)
        return "block", [f"M{at} {top}h1v{HEIGHT}h-1z" for at in range(left, left + width, step)]
    if character == "─":
        return "line", [f"M{left} {top + HEIGHT // 2}h{width}"]
    if character in ARMS:
        return "line", [f"M{at + WIDTH // 2} {top + HEIGHT // 2}{ARMS[character]}" for at in places]
    if BRAILLE <= ord(character) < BRAILLE + 256:
        bits = ord(character) - BRAILLE
        dots = [place for bit, place in enumerate(DOTS) if bits >> bit & 1]
        return "dots", [f"M{at + 2 + 4 * column} {top + 2 + 4 * row}h0" for at in places for column, row in dots]
    return None
