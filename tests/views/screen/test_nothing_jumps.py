"""Columns stay where they are when a value passes from 0.99 to 1.01, from 9,999 to 12,400 or beyond what is written out."""

from __future__ import annotations

import re

import pytest
from paced import mostly_slow
from screens import frame
from session.worlds import CHAIN, do, session

from bntui.session.look.snapshot import Detail, Snapshot
from bntui.views.panes.forward import forward_staircase
from bntui.views.panes.ledger import LABEL, NUMBERS_WIDTH, VALUE
from bntui.views.panes.meters import COLUMNS, POINT, meters_table
from bntui.views.screen.arrangement import left_half
from bntui.views.screen.frame import frame_detail
from bntui.views.text.lines import Size, text_of
from bntui.views.text.numbers import BEFORE

WEIGHTS = (0.0001, 0.00099, 0.0101, 0.099, 0.99, 1.0, 1.01, 9.99, 10.1, 99.9, 101, 999.9, 1001, 9999, 12400, 99999, 1.01e5, 1e12)
SIZES = [(80, 24), (120, 40), (200, 60)]
NUMBER = r"-?[\d,]+(?:\.\d+)?(?:e-?\d+)?"


def weighing(weight: float, *actions: dict[str, object]) -> Snapshot:
    """The chain with one weight of this size, as the widest screen shows it."""
    at = do(session(CHAIN), *actions, {"set": {"weights": {"b.weight": [[weight]]}}})
    return at.observe(frame_detail(at.experiment.architecture, *SIZES[-1]))


def point(number: re.Match[str]) -> int:
    """The column of a number's point, or of where it would stand."""
    return number.start() + min(place for mark in ".e" if (place := f"{number[0]}{mark}".find(mark)) >= 0)


def points(text: str) -> list[int]:
    """The columns of the points of all numbers that are no part of a name."""
    return [point(found) for found in re.finditer(rf"(?<![\w.,-]){NUMBER}(?!\w)", text)]


@pytest.mark.parametrize("size", mostly_slow(SIZES, SIZES[:1]))
@pytest.mark.parametrize("twin", [(), ({"twin": {}},)])
def test_the_numbers_of_the_ledgers_rows_stay_on_their_points(twin: tuple[dict[str, object], ...], size: tuple[int, int]) -> None:
    for weight in WEIGHTS:
        for line in frame(weighing(weight, *twin), *size).splitlines()[2:8]:
            numbers = line[LABEL:NUMBERS_WIDTH]
            assert set(points(numbers)) <= {BEFORE + 1, VALUE + BEFORE}, f"{weight}\n{line}"
            assert line[LABEL - 1] == " ", line


@pytest.mark.parametrize("size", mostly_slow(SIZES, SIZES[:1]))
def test_the_names_of_the_columns_and_the_axes_stay_where_they_are(size: tuple[int, int]) -> None:
    upright = set()
    names = set()
    for weight in WEIGHTS:
        lines = frame(weighing(weight), *size).splitlines()
        names.add((lines[1].index("value"), lines[1].index("product")))
        right = left_half(size[0]) if size[0] >= 110 else 0
        upright |= {line.index("┤", right) for line in lines[8:] if "┤" in line[right:]}
    assert len(names) == 1
    assert len(upright) <= 2, "that of the layers' chart and that of J"


@pytest.mark.parametrize("width", [44, 74, 80])
@pytest.mark.parametrize("on", [False, True])
def test_the_numbers_of_the_meters_stay_on_their_points(on: bool, width: int) -> None:
    columns: set[int] = set()
    headings = set()
    for weight in WEIGHTS:
        at = do(session(CHAIN), {"set": {"batch_norm": on}}, {"set": {"weights": {"b.weight": [[weight]]}}})
        shown = text_of(meters_table(at.observe(Detail(meters=True, curvature=False)), Size(width, 14))).splitlines()
        place = next(number for number, line in enumerate(shown) if line.startswith("layer"))
        headings.add(shown[place])
        for line in shown[place + 1 : place + 6]:
            columns |= set(points(line))
    assert len(headings) == 1
    assert columns <= {COLUMNS["layer"] + 12 * place + POINT for place in range(6)}


@pytest.mark.parametrize("size", [Size(80, 12), Size(44, 7)])
def test_the_sizes_of_the_forward_pass_stay_on_their_points(size: Size) -> None:
    columns: set[int] = set()
    for weight in WEIGHTS:
        shown = text_of(forward_staircase(weighing_sizes(weight), size)).splitlines()
        for line in shown[1:]:
            columns |= set(points(line[:38]))
    assert len(columns) <= 2


def weighing_sizes(weight: float) -> Snapshot:
    """The same with the sizes of the forward pass."""
    return do(session(CHAIN), {"set": {"weights": {"b.weight": [[weight]]}}}).observe(Detail(sizes=True))
