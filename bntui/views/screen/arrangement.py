"""Where each pane stands at a size of the screen; the app and the printed frame share it."""

from __future__ import annotations

from dataclasses import replace

from bntui.records import dataclass

LEAST_COLUMNS, LEAST_ROWS = 60, 18
WIDE_COLUMNS, WIDE_ROWS = 110, 36
STEP_ROWS = 8  # the anatomy of a step, or the formula
LEAST_CHART_ROWS = 7
ONE_LINE_COLUMNS = 80  # from which a sentence of why has room in one row
LEAST_LEDGER = 5  # rows, the heading among them
BEAT_ROWS = 5  # of a beat on a narrow screen
FEWEST_ROWS = 4  # of a beat, and of a chart, where the ledger takes some of their rows
LEAST_CHART = 5  # rows of a view that needs more than a chart does
GAP = 2  # empty columns between the two halves of a wide screen


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A pane's place, in cells from the upper left corner."""

    column: int
    row: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The panes by name: header, ledger, tabs, panel or the four chart panes, why, rule and beat, timeline, keys."""

    panes: tuple[tuple[str, Rectangle], ...]
    wide: bool

    def __getitem__(self, name: str) -> Rectangle:
        return dict(self.panes)[name]

    def __contains__(self, name: str) -> bool:
        return name in dict(self.panes)


def has_room(columns: int, rows: int) -> bool:
    """Whether the screen is large enough for anything but a sentence."""
    return columns >= LEAST_COLUMNS and rows >= LEAST_ROWS


def is_wide(columns: int, rows: int) -> bool:
    """Whether the screen has room for several charts beside the ledger."""
    return columns >= WIDE_COLUMNS and rows >= WIDE_ROWS


def left_half(columns: int) -> int:
    """The width of the ledger on a wide screen, and of what stands below it."""
    return columns * 76 // 120 - GAP


def arrange(
    columns: int,
    rows: int,
    ledger: int,
    lesson: bool = False,
    keys: bool = True,
    panel: int = 5,
    reading: bool = False,
    foot: int = STEP_ROWS,
    least: int = LEAST_LEDGER,
) -> Arrangement:
    """The panes' places, for a ledger of so many rows at most; what it does not need is left to the charts.

    On a narrow screen their panel has at least `panel` rows, for the ledger can be read in as few as five; where a lesson speaks
    of more of its rows it has `least`, as long as beat and chart keep four each. On a wide one the pane at the lower left has
    `foot` rows, as far as that is no more than a third.

    Without `keys` (a printed frame) there are no rows that only serve a keyboard. With a `lesson` its beat has a pane;
    on a narrow screen the panel of charts gives way to it while it is being read at length.
    """
    if is_wide(columns, rows):
        return _wide(columns, rows, ledger, lesson, keys, foot)
    narrow = _narrow(columns, rows, ledger, keys, panel, BEAT_ROWS if lesson else 0, least)
    return _with_beat(narrow, reading) if lesson else narrow


def _with_beat(arrangement: Arrangement, reading: bool) -> Arrangement:
    """The beat below the charts, in rows that the panel had, or in all of them."""
    panel = arrangement["panel"]
    height = panel.height if reading else max(min(BEAT_ROWS, panel.height // 2), 1)
    beat = replace(panel, row=panel.row + panel.height - height, height=height)
    panes = [(name, place) for name, place in arrangement.panes if name != "panel"]
    if not reading:
        panes.append(("panel", replace(panel, height=panel.height - height)))
    return Arrangement((*panes, ("beat", beat)), wide=False)


def _narrow(columns: int, rows: int, needed: int, keys: bool, chart: int, beat: int, least: int) -> Arrangement:
    """Everything below each other; the panel of charts shares the rows that are over with the ledger."""
    why = 1 if columns >= ONE_LINE_COLUMNS else 2
    below = why + (1 if keys else 0)
    tabs = 1 if keys else 0
    free = rows - 1 - tabs - below
    kept = FEWEST_ROWS + (FEWEST_ROWS if chart <= LEAST_CHART else LEAST_CHART)
    ledger = max(min(needed, free - max(chart + beat, free // 4)), min(least, free - kept), LEAST_LEDGER)
    panel = 1 + ledger + tabs
    panes = [
        ("header", Rectangle(0, 0, columns, 1)),
        ("ledger", Rectangle(0, 1, columns, ledger)),
        ("panel", Rectangle(0, panel, columns, free - ledger)),
        ("why", Rectangle(0, rows - below, columns, why)),
    ]
    if keys:
        panes += [("tabs", Rectangle(0, 1 + ledger, columns, 1)), ("keys", Rectangle(0, rows - 1, columns, 1))]
    return Arrangement(tuple(panes), wide=False)


def _wide(columns: int, rows: int, needed: int, lesson: bool, keys: bool, foot: int) -> Arrangement:
    """Ledger at the left, layers and J at the right, two more panes below, then the sentences.

    J stands below the ledger where neither the ledger nor the step needs so many rows.
    """
    apart = left_half(columns)
    left = apart + GAP
    beat = 5 if lesson else 0
    bottom = 1 + beat + (2 if keys else 0)
    free = rows - 1 - bottom
    foot = max(min(foot, free // 3), STEP_ROWS)
    lower = max(free - max(needed, free * 2 // 3), foot if foot > STEP_ROWS else 6)
    upper = free - lower
    right = columns - left
    spare = free - needed - foot
    if spare >= LEAST_CHART_ROWS:
        charts = [
            ("ledger", Rectangle(0, 1, apart, needed)),
            ("loss", Rectangle(0, 1 + needed, apart, spare)),
            ("lower_left", Rectangle(0, 1 + free - foot, apart, foot)),
            ("layers", Rectangle(left, 1, right, upper)),
        ]
    else:
        charts = [
            ("ledger", Rectangle(0, 1, apart, upper)),
            ("loss", Rectangle(left, 1 + upper // 2, right, upper - upper // 2)),
            ("lower_left", Rectangle(0, 1 + upper, apart, lower)),
            ("layers", Rectangle(left, 1, right, upper // 2)),
        ]
    panes = [
        ("header", Rectangle(0, 0, columns, 1)),
        *charts,
        ("lower_right", Rectangle(left, 1 + upper, right, lower)),
        ("why", Rectangle(0, 1 + free, columns, 1)),
    ]
    if lesson:
        panes += [
            ("rule", Rectangle(0, 2 + free, columns, 1)),
            ("beat", Rectangle(0, 3 + free, columns, beat - 1)),
        ]
    if keys:
        panes += [
            ("timeline", Rectangle(0, rows - 2, columns, 1)),
            ("keys", Rectangle(0, rows - 1, columns, 1)),
        ]
    return Arrangement(tuple(panes), wide=True)
