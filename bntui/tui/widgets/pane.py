"""A pane: lines of spans on the screen, of which only the cells that changed are sent again."""

from __future__ import annotations

from typing import ClassVar, TypeVar, get_args

from rich.segment import Segment
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from bntui.views.text.cells import cells
from bntui.views.text.lines import Line, Role

ROLES: tuple[Role, ...] = get_args(Role)
ROLE_STYLES = {role: f"role--{role}" for role in ROLES}  # the component classes of a screen with panes

Result = TypeVar("Result")


class PaneScreen(Screen[Result]):
    """A screen with panes; it has the roles' styles, so that they are worked out once and not for each pane."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_STYLES.values())


class Pane(Widget):
    """Shows exactly the lines it was last given."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._lines: tuple[Line, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return self._lines

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show these lines instead, repainting only the part of each row that differs."""
        before, self._lines = self._lines, lines
        if not self.is_attached:
            return
        if len(before) != len(lines):
            self.refresh()
            return
        for row, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                first, last = _difference(old, new)
                self.refresh(Region(first, row, last - first, 1))

    def render_line(self, y: int) -> Strip:
        """One row as textual draws it."""
        style = self.screen.get_component_rich_style
        blank = style(ROLE_STYLES["plain"])
        if y >= len(self._lines):
            return Strip.blank(self.size.width, blank)
        segments = [Segment(span.text, style(ROLE_STYLES[span.role])) for span in self._lines[y]]
        return Strip(segments).adjust_cell_length(self.size.width, blank)


def _difference(old: Line, new: Line) -> tuple[int, int]:
    """The first column that differs and the one after the last."""
    before, after = _cells(old), _cells(new)
    if len(before) != len(after) or any(cells(character) != 1 for character in {character for character, _ in (*before, *after)}):
        return 0, max(len(before), len(after))  # columns are counted in characters of one cell only
    differing = [column for column, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    return (differing[0], differing[-1] + 1) if differing else (0, 0)


def _cells(line: Line) -> list[tuple[str, Role]]:
    return [(character, span.role) for span in line for character in span.text]
