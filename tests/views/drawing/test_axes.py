"""What stands beside a chart: limits, ticks and labels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntui.views.drawing.axes import GUTTER, Axis, Ruler, Tick, label_row, number_labels, settle


def labels(ruler: Ruler | None, count: int = 4) -> list[str]:
    assert ruler is not None
    return [tick.label for tick in ruler.ticks(count)]


def test_a_log_axis_has_powers_of_ten_few_of_them_however_far_it_runs() -> None:
    assert labels(settle(Axis("log"), np.array([2e-12, 1e300]))) == ["1", "1e100", "1e200", "1e300"]
    assert labels(settle(Axis("log"), np.array([0.3, 40.0]))) == ["0.1", "1", "10", "100"]


def test_a_log_axis_of_one_value_is_the_decade_around_it() -> None:
    assert settle(Axis("log"), np.array([3.0])) == Ruler("log", 0.0, 1.0)


def test_a_linear_axis_ends_at_round_values() -> None:
    assert labels(settle(Axis(), np.array([0.13, 0.97]))) == ["0.0", "0.5", "1.0"]
    assert labels(settle(Axis(), np.array([-3e12, 3e12]))) == ["-4e12", "-2e12", "0", "2e12", "4e12"]


def test_equal_values_stand_inside_an_axis_and_rounding_is_not_blown_up() -> None:
    for value in (0.0, 1.0, -7e200, 5e-324, 1.7e308):
        ruler = settle(Axis(), np.array([value, math.nextafter(value, 0.0)]))
        assert ruler is not None
        place = ruler.places(np.array([value]))[0]
        assert 0 < place < 1


def test_unusable_limits_give_way_to_the_data() -> None:
    for limits in ((1.0, 1.0), (2.0, 1.0), (math.nan, 1.0), (0.0, math.inf)):
        assert settle(Axis("linear", limits), np.array([0.0, 4.0])) == Ruler("linear", 0.0, 4.0)
    assert settle(Axis("log", (0.0, 1e3)), np.array([1.0, 10.0])) == Ruler("log", 0.0, 1.0)


def test_nothing_to_draw_has_no_axis() -> None:
    assert settle(Axis(), np.array([math.nan, math.inf])) is None
    assert settle(Axis("log"), np.array([0.0, -1.0])) is None


def test_what_an_axis_cannot_show_has_no_place() -> None:
    places = Ruler("log", 0.0, 2.0).places(np.array([1.0, 10.0, 100.0, 0.0, -1.0, math.inf, math.nan]))
    np.testing.assert_array_equal(places, [0.0, 0.5, 1.0] + [math.nan] * 4)


@pytest.mark.parametrize(
    ("values", "step", "expected"),
    [
        ([1.0, 1.25], 0.05, ["1.00", "1.25"]),
        ([-30000.0, 0.0], 30000.0, ["-30000", "0"]),
        ([-300000.0, 0.0], 300000.0, ["-3e5", "0"]),
        ([1e-9, 1.5e-9], 5e-10, ["1.0e-9", "1.5e-9"]),
        ([-2e-110, 0.0], 2e-110, ["", "0"]),
    ],
)
def test_labels_are_short(values: list[float], step: float, expected: list[str]) -> None:
    assert number_labels(values, step) == expected


@given(st.floats(-1e300, 1e300), st.floats(1e-300, 1e300), st.integers(1, 8), st.sampled_from(["linear", "log"]))
def test_ticks_are_few_inside_and_fit_the_gutter(low: float, span: float, count: int, scale: str) -> None:
    axis = Axis("log" if scale == "log" else "linear")
    ruler = settle(axis, np.array([abs(low), abs(low) + span]) if scale == "log" else np.array([low, low + span]))
    if ruler is None:
        return
    ticks = ruler.ticks(count)
    assert len(ticks) <= 2 * count + 2
    assert all(0 <= tick.place <= 1 and len(tick.label) < GUTTER for tick in (*ticks, *ruler.ends()))


@given(st.lists(st.tuples(st.floats(0, 1), st.text("ab1é", min_size=1, max_size=8)), max_size=30), st.integers(0, 80))
def test_labels_in_a_row_never_touch_and_fill_its_width(places: list[tuple[float, str]], width: int) -> None:
    row = label_row([Tick(place, label) for place, label in places], width)
    assert len(row) == width
    assert set(row.split()) <= {label for _, label in places}
