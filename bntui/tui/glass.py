"""What the terminal shows, so that of a frame only the cells that differ are sent, and of a colour only what changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

TOKENS = re.compile(  # of a frame; the last kind is none of its
    r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m([^\x00-\x1f\x7f-\x9f]*)\x1b\[0m|([^\x00-\x1f\x7f-\x9f]+)|\n|([\x00-\x1f\x7f-\x9f])"
)
APART = re.compile(  # what changes no cell: modes other than those of the alternate screen, questions, titles, the clipboard
    r"(?:\x1b\[\?(?!47[hl]|104[79][hl])\d+(?:[hl]|\$p)|\x1b\[[<>]\d*u|\x1b\](?!8;)[^\x07\x1b]*\x07|\x1bP(?:[^\x1b]|\x1b[^\\])*\x1b\\|\x07)*"
)
SEEN_ON_BLANKS = frozenset(["4", "7", "9", "21", "53"])  # lines and exchanged colours
WEIGHTS = frozenset(["1", "2"])
BRIGHT, BRIGHT_INK = "bright", re.compile(r"9[0-7]")
NORMAL_WEIGHT, RESET = "22", "0"
DEFAULTS = "39", "49"  # the terminal's own foreground and background
UNBOUNDED = 1 << 16  # columns and rows, before a size is known
SHORTEST_MOVE = 4  # bytes: cells between two changes that cost no more are sent again
WRAPPING = "\x1b[?7h{text}\x1b[?7l"  # with it tmux puts a hat on the letter in the last column, else on the one before it
COLOUR = {"38": "foreground", "48": "background"}


class Pen(NamedTuple):
    """How characters are written: attributes and colours as the terminal's own codes, "" for a colour of its own."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""

    @property
    def bare(self) -> Pen:
        """What is seen of it on a blank."""
        return self if self.attributes & SEEN_ON_BLANKS else Pen(background=self.background)

    @property
    def weights(self) -> frozenset[str]:
        """What makes its ink bolder, brighter or fainter."""
        return (self.attributes & WEIGHTS) | ({BRIGHT} if BRIGHT_INK.fullmatch(self.foreground) else frozenset())


Cell = tuple[str, Pen]
PLAIN = Pen()


class Glass:
    """The cells of a terminal as far as they are known, (row, column) counted from 1: as drawn, and as it shows them."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}
        self._shown: dict[int, list[Cell | None]] = {}  # of rows that the terminal does not yet show as they were drawn
        self._whole: dict[tuple[int, int], tuple[str, Pen]] = {}  # texts of other widths that were drawn since
        self._cursor: tuple[int, int] | None = None
        self._left: tuple[int, int] | None = None  # where the terminal has it
        self._columns = self._last_row = UNBOUNDED

    def forget(self) -> None:
        """Know nothing of the terminal any more: all that is drawn from now on is sent."""
        for known in (self._rows, self._shown, self._whole):
            known.clear()
        self._cursor = self._left = None

    def resized(self, columns: int, rows: int) -> None:
        """Of a terminal of this size nothing is known; what is drawn beyond its edges it would show at them, and it is not sent."""
        self.forget()
        self._columns, self._last_row = columns, rows

    def draw(self, written: str) -> str:
        """Take in what is to be shown; what is no frame comes back, to be sent at once."""
        tokens = TOKENS.findall(written)
        if [strange for *_, strange in tokens if strange]:
            return written if APART.fullmatch(written) else self._beside(written)
        place = None
        for row, column, codes, coloured, uncoloured, _ in tokens:
            text = coloured or uncoloured
            if row:
                place = (int(row), int(column))
            elif text and place is None:  # it would stand where the last frame has left the cursor
                return self._beside(written)
            elif text and place is not None:
                place = self._write(*place, text, pen_of(codes))
        self._cursor = place
        return ""

    @property
    def is_shown(self) -> bool:
        """Whether the terminal shows all that was drawn."""
        return not self._shown and (self._cursor is None or self._cursor == self._left)

    def changes(self) -> str:
        """What has to be sent so that the terminal shows what was drawn."""
        sent = Sent()
        for row in sorted(self._shown):
            self._show(sent, row)
        unmoved, self._left = self._left == self._cursor, self._cursor
        return sent.finished(self._cursor, unmoved)

    def changes_of(self, row: int) -> str:
        """What has to be sent so that it shows one of its rows as it was drawn."""
        if row not in self._shown:
            return ""
        sent, self._left = Sent(), None
        self._show(sent, row)
        return sent.finished(None, False)

    def _beside(self, written: str) -> str:
        """All that is to be sent where something may draw of which nothing is known."""
        changes = self.changes()
        self.forget()
        return changes + written

    def _write(self, row: int, column: int, text: str, pen: Pen) -> tuple[int, int]:
        """Draw a text; the place after it."""
        cells, start = cells_of(text, pen), column - 1
        whole = cells[0] is None  # wider or narrower characters are not taken apart
        after = row, column + (cell_len(text) if whole else len(cells))
        if row > self._last_row or start >= self._columns or (whole and start + len(cells) > self._columns):
            return after
        cells = cells[: self._columns - start]
        end = start + len(cells)
        known = self._rows.setdefault(row, [])
        if end > len(known):
            known += [None] * (end - len(known))
        if whole or known[start:end] != cells:
            shown = self._shown.setdefault(row, known.copy())
            shown += [None] * (end - len(shown))
            known[start:end] = cells
            if whole:
                shown[start:end] = cells
                self._whole.pop((row, column), None)  # the last one that is drawn is the last one that is sent
                to_the_edge = start + len(cells) == self._columns and cell_len(text[-1]) == 0
                self._whole[row, column] = WRAPPING.format(text=text) if to_the_edge else text, pen
        return after

    def _show(self, sent: Sent, row: int) -> None:
        """Send what the terminal does not show of a row."""
        known, shown = self._rows[row], self._shown.pop(row)
        for place in [each for each in self._whole if each[0] == row]:
            sent.whole(*place, *self._whole.pop(place))
        for index, (cell, before) in enumerate(zip(known, shown, strict=True)):
            if cell is not None and cell != before:
                sent.cell(row, index + 1, cell, known)


class Sent:
    """The characters and codes of a frame on their way to the terminal, which is left without a colour after each frame."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pen = self._on_blanks = PLAIN  # the one at hand, and what is seen of it on a blank
        self._place: tuple[int, int] | None = None

    def cell(self, row: int, column: int, cell: Cell, known: list[Cell | None]) -> None:
        """Write a cell; what stands `known` between it and the last one of its row is written again where that is shorter."""
        if self._place != (row, column):
            self._go(row, column, known)
        character, pen = cell
        if pen != (self._on_blanks if character == " " else self._pen):
            self._take_for(character, pen)
        self._parts.append(character)
        self._place = (row, column + 1)

    def whole(self, row: int, column: int, text: str, pen: Pen) -> None:
        """Write a text of which it is not certain how far the terminal goes with it."""
        self._go(row, column, [])
        self._take(pen)
        self._parts.append(text)
        self._place = None

    def finished(self, cursor: tuple[int, int] | None, unmoved: bool) -> str:
        """All of it, with the cursor where it shall stand; nothing where that is so already."""
        if not self._parts and (unmoved or cursor is None):
            return ""
        self._take(PLAIN)
        if cursor is not None:
            self._go(*cursor, [])
        return "".join(self._parts)

    def _go(self, row: int, column: int, known: list[Cell | None]) -> None:
        if self._place == (row, column):
            return
        if self._place is None or self._place[0] != row or self._place[1] > column:
            self._parts.append(f"\x1b[{row};{column}H")
            return
        gap = column - self._place[1]
        between = known[self._place[1] - 1 : column - 1] if gap <= SHORTEST_MOVE else []
        if between and all(cell is not None and self._writes(cell) for cell in between):
            texts = "".join(cell[0] for cell in between if cell is not None)
            if len(texts.encode()) <= SHORTEST_MOVE:
                self._parts.append(texts)
                return
        self._parts.append(f"\x1b[{gap}C")

    def _writes(self, cell: Cell) -> bool:
        """Whether a cell can be written with the pen at hand."""
        character, pen = cell
        return pen == (self._on_blanks if character == " " else self._pen)

    def _take_for(self, character: str, pen: Pen) -> None:
        """Take a pen for a character; for a blank, of which only the background is seen, the one at hand with that."""
        keeps = character == " " and not pen.attributes and not self._pen.attributes & SEEN_ON_BLANKS
        self._take(self._pen._replace(background=pen.background) if keeps else pen)

    def _take(self, pen: Pen) -> None:
        """Take another pen, by what differs or from the beginning, whichever is shorter."""
        if pen != self._pen:
            self._parts.append(f"\x1b[{change(self._pen, pen)}m")
            self._pen, self._on_blanks = pen, pen.bare


@lru_cache(maxsize=1024)
def change(before: Pen, after: Pen) -> str:
    """The shortest codes that lead from one pen to another, on a Linux console too, which takes bright ink for bold ink."""
    anew = ";".join([RESET, *codes_of(after)]) if after != PLAIN else RESET
    if before.attributes - after.attributes - WEIGHTS:  # each has an end of its own, and they are rare
        return anew
    lightens = bool(before.weights - after.weights)
    codes = [NORMAL_WEIGHT] if lightens else []
    codes += sorted(after.attributes - (before.attributes - WEIGHTS if lightens else before.attributes))
    if after.foreground != before.foreground or (lightens and BRIGHT in after.weights):
        codes.append(after.foreground or DEFAULTS[0])
    if after.background != before.background:
        codes.append(after.background or DEFAULTS[1])
    return min(";".join(codes), anew, key=len)


def codes_of(pen: Pen) -> Iterator[str]:
    """A pen's codes from the beginning."""
    yield from sorted(pen.attributes)
    yield from filter(None, (pen.foreground, pen.background))


@lru_cache(maxsize=1024)
def pen_of(codes: str) -> Pen:
    """The pen that codes lead to; textual ends each of its texts without a colour, so that they say all of it."""
    attributes: set[str] = set()
    colours = {"foreground": "", "background": ""}
    left = iter(codes.split(";"))
    for code in left:
        if code in ("", RESET):
            attributes.clear()
            colours = dict.fromkeys(colours, "")
        elif code in COLOUR:
            kind = next(left)
            values = [next(left) for _ in range(3 if kind == "2" else 1)]
            colours[COLOUR[code]] = ";".join([code, kind, *values])
        elif len(code) > 1 and code[:-1] in ("3", "9"):
            colours["foreground"] = "" if code == DEFAULTS[0] else code
        elif len(code) > 1 and code[:-1] in ("4", "10"):
            colours["background"] = "" if code == DEFAULTS[1] else code
        else:
            attributes.add(code)
    return Pen(frozenset(attributes), colours["foreground"], colours["background"])


width_of = lru_cache(maxsize=512)(cell_len)


@lru_cache(maxsize=128)
def cells_of(text: str, pen: Pen) -> list[Cell | None]:
    """The cells of a text; all None where its characters do not take one each. Nobody changes the list."""
    if not text.isascii() and {width_of(character) for character in set(text)} != {1}:
        return [None] * max(cell_len(text), 1)
    bare = pen.bare
    return [(character, bare if character == " " else pen) for character in text]
