"""A pane: lines of spans on the screen, of which only the rows that changed are drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, TypeVar, get_args

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import TRANSPARENT, Color
from textual.filter import LineFilter
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from bntui.views.text.cells import is_one_cell_each
from bntui.views.text.lines import Line, Role, plain

ROLES: tuple[Role, ...] = get_args(Role)
ROLE_STYLES: dict[Role, str] = {role: f"role--{role}" for role in ROLES}  # the component classes of a screen with panes

Result = TypeVar("Result")


class PaneScreen(Screen[Result]):
    """A screen with panes; it has the roles' styles, so that they are worked out once and not for each pane."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_STYLES.values())


class Dress(NamedTuple):
    """What rows look like beside what they say: how wide they are, the roles' styles, and textual's filters."""

    width: int
    styles: dict[Role, Style]
    background: Color
    filters: tuple[LineFilter, ...]

    def styles_worn(self) -> dict[Role, Style]:
        """The roles' styles as the filters leave them, so that these need not be asked for each row."""
        worn = {role: self._filtered(self.filters, Segment("x", style)) for role, style in self.styles.items()}
        return {role: segments[0].style or Style.null() for role, segments in worn.items()}

    def filters_of_text(self) -> tuple[LineFilter, ...]:
        """Those that look at characters: they write others, or take a text apart."""
        sample = Segment("█ ", Style(underline=True))
        return tuple(each for each in self.filters if [text for text, _, _ in self._filtered((each,), sample)] != [sample.text])

    def _filtered(self, filters: Sequence[LineFilter], segment: Segment) -> list[Segment]:
        segments = [segment]
        for each in filters:
            segments = each.apply(segments, self.background)
        return segments


class Pane(Widget):
    """Shows exactly the lines it was last given; it has neither border nor padding."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._lines: tuple[Line, ...] = ()
        self._strips: list[Strip | None] = []  # the rows as textual draws them, as far as they are drawn already
        self._dress = Dress(0, {}, TRANSPARENT, ())
        self._worn: dict[Role, Style] = {}
        self._spelling: tuple[LineFilter, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return self._lines

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show these lines instead, repainting only the rows that differ."""
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self._strips = []
            self.refresh()
            return
        changed = [row for row, (old, new) in enumerate(zip(before, lines, strict=True)) if old != new]
        for row in changed:
            self._undo(row)
        if changed and self.is_attached:
            width = self.size.width
            self.refresh(*[Region(0, first, width, count) for first, count in runs(changed)])

    def _undo(self, row: int) -> None:
        if row < len(self._strips):
            self._strips[row] = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows as textual draws them. Each is made once: textual itself would look up all that a widget can have for each."""
        width, height = self.size
        look_up = self.screen.get_component_rich_style
        styles = {role: look_up(name) for role, name in ROLE_STYLES.items()}
        dress = Dress(width, styles, self.background_colors[1], tuple(self.get_line_filters()))
        rows = max(height, crop.bottom)  # while a window becomes smaller rows are asked for that it has no more
        if dress != self._dress or len(self._strips) < rows:
            self._dress, self._strips = dress, [None] * rows
            self._worn, self._spelling = dress.styles_worn(), dress.filters_of_text()
        for row in crop.line_range:
            if self._strips[row] is None:
                self._strips[row] = self._strip(row, width)
        strips = [strip for strip in self._strips[crop.y : crop.bottom] if strip is not None]
        return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]

    def _strip(self, row: int, width: int) -> Strip:
        line, worn = self._lines[row] if row < len(self._lines) else (), self._worn
        text = plain(line)
        length = len(text) if is_one_cell_each(text) else cell_len(text)  # which would remember thousands that come once
        segments = [Segment(text, worn[role]) for text, role in line]
        if length != width:
            segments = [*Strip(segments, length).adjust_cell_length(width, worn["plain"])]
        for each in self._spelling:
            segments = each.apply(segments, self._dress.background)
        return Strip(segments, width)


def runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending rows as stretches of neighbours: the first of each, and how many they are."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and row == sum(found[-1]):
            first, count = found.pop()
            found.append((first, count + 1))
        else:
            found.append((row, 1))
    return found
