"""Numbers are read out of a text as a person reads them."""

from __future__ import annotations

import pytest
from numbers_in_text import claims, equations, on_screen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rose by **1,824**.", [1824]),
        ("0.0144 and 1e-4, 6.9e23; 3.14·10⁴⁴ and 10²⁷", [0.0144, 1e-4, 6.9e23, 3.14e44, 1e27]),
        ("was ×1.11, −0.9 now (×0.111), +18,545", [1.11, -0.9, 0.111, 18545]),
        ("50 % of 5 million, σ′ ≤ ¼", [0.5, 5e6, 0.25]),
        ("enlarges ninefold, about twentyfold, a hundred times, two thousand times", [9, 20, 100, 2000]),
        ("below a hundredth, a tenth of it", [0.01]),
        ("the first of h10, w₂, layer1 and x²", []),
        ("η/‖w‖² of 2/λ, √2, σ = √(m−1), (1/a)·∂/∂W, I − 11ᵀ/m", []),
        ("(Cohen and others, 2021), Santurkar (2018), section 8.7.1, theorem 4.1", []),
        ('"BN allows a hundred times the rate" is a sentence; 7 is a number', [7]),
        ("h2 moves by 0.5 · 1.004 = 0.502", [0.5, 1.004]),
        ("the wrong sum 2 + 2 = 5", [2, 2, 5]),
        ("0, at step 1000.", [0, 1000]),
    ],
)
def test_claims(text: str, expected: list[float]) -> None:
    assert [number.value for number in claims(text)] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "agreeing", "not_agreeing"),
    [
        ("1.36", 1.3649, 1.366),
        ("398,000", 398_400, 398_600),
        ("300", 300.4, 301),
        ("about 200", 192.9, 149),
        ("10²⁷", 1.2e27, 1.2e28),
        ("2 %", 1.0201, 1.03),
        ("0", 1e-12, 1e-6),
        ("−3.28", -3.2805, 3.2805),
        ("3.28", -3.2805, -3.29),
        ("ninefold", 9.04, 10),
    ],
)
def test_a_number_agrees_at_the_precision_at_which_it_is_printed(text: str, agreeing: float, not_agreeing: float) -> None:
    (number,) = claims(text)
    assert number.agrees(agreeing)
    assert not number.agrees(not_agreeing)


@pytest.mark.parametrize(
    ("text", "bound", "hedged", "past"),
    [
        ("below 0.01", "below", False, False),
        ("is more than **500**", "above", False, False),
        ("never more than 4", "below", False, False),
        ("larger than ×1.3", "above", False, False),
        ("about 0.2", "", True, False),
        ("grown from 5.805", "", False, True),
        ("It is 0.964 as before", "", False, True),
        ("J is 0.5", "", False, False),
    ],
)
def test_the_words_around_a_number_take_it_as_a_bound_as_about_or_as_past(text: str, bound: str, hedged: bool, past: bool) -> None:
    (number,) = claims(text)
    assert (number.bound, number.hedged, number.past) == (bound, hedged, past)


def test_an_equation_yields_its_right_side_only_if_it_is_right() -> None:
    assert [number.value for number in equations("√(2.743² + 0.502²) = 2.789")] == [2.789]
    assert equations("√(2.743² + 0.502²) = 2.9") == []


def test_the_screen_is_read_without_the_ticks_of_its_axes() -> None:
    assert [number.value for number in on_screen("J 1.827e+03 ×671 1e3┤ 0   50   step · h4 ×8.000e-01")] == [1827, 671, 0.8]
