"""Numbers as on a board: what a teacher would write, each aligned on its point."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bntui.views.text.numbers import AFTER, BEFORE, brief, in_columns, on_point, significant, written


@pytest.mark.parametrize(
    ("value", "table", "sentence"),
    [
        (1.348, "1.348", "1.35"),
        (0.8, "0.8", "0.8"),
        (12437.2, "12,440", "12,400"),
        (9999.4, "9,999", "10,000"),
        (99999.6, "1.00e5", "1.0e5"),
        (100000.0, "1e5", "1e5"),
        (6.943e-6, "6.94e-6", "6.9e-6"),
        (0.001234, "0.00123", "0.00123"),
        (0.00256483, "0.00256", "0.00256"),  # rounded once, not to 0.002565 first
        (0.0009, "9e-4", "9e-4"),
        (3.21e-123, "3.2e-123", "3.2e-123"),
        (4.519e300, "4.52e300", "4.5e300"),
        (-0.5, "-0.5", "-0.5"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (math.inf, "inf", "inf"),
        (math.nan, "nan", "nan"),
        (None, "–", "–"),
    ],
)
def test_a_number_is_written_as_on_a_board(value: float | None, table: str, sentence: str) -> None:
    assert significant(value) == table
    assert brief(value) == sentence


def test_exactly_one_is_told_from_nearly_one_and_rounding_is_neither() -> None:
    assert [significant(value) for value in (1.0, 1 - 1e-5, 1 + 1e-9, 1 - 1e-15)] == ["1", "1.000", "1.000", "1"]
    assert significant(1.6822 / 1.294) == "1.3"  # a ratio of two numbers is seldom exact


@given(st.floats(-1e307, 1e307), st.integers(2, 4))
@example(0.00099999, 3)
@example(999.96, 4)
@example(5e-324, 4)
def test_what_is_written_is_the_number_to_its_digits_and_has_an_exponent_only_where_it_must(value: float, digits: int) -> None:
    text = written(value, digits)
    said = float(text.replace(",", ""))
    size = abs(value)
    kept = digits if 1e-2 <= size < 99_990 else max(digits - 2, 1)
    assert said == pytest.approx(value, rel=0.51 * 10 ** (1 - kept), abs=0.0 if size > 1e-300 else 1e-323)
    assert ("e" in text) == (not 0.0009994 < size < 99_995 and size != 0) or 9e-4 < size < 1e-3 or 99_000 < size < 1e5
    assert float(on_point(text).replace(",", "")) == said


@given(st.floats(min_value=-99_999, max_value=99_999).filter(lambda value: abs(value) < 99_990))
def test_in_a_column_every_point_stands_under_the_others(value: float) -> None:
    cell = on_point(significant(value), BEFORE + 1)
    places = [cell.find(mark) for mark in ".e" if mark in cell]
    assert min(places, default=BEFORE + 1) == BEFORE + 1
    assert len(cell) in (BEFORE + 1 + AFTER, BEFORE + 2 + AFTER)  # one more for an exponent of three digits


def test_what_does_not_fit_takes_the_blanks_of_its_neighbour() -> None:
    assert in_columns(["a", "  1.5", "  2.5"], [3, 4, 6]) == "a    1.5 2.5"
    assert in_columns(["abcd", " 1"], [3, 3]) == "abcd1"
    assert in_columns(["abcde", " 12"], [3, 3]) == "abcde 12"
