"""Numbers as a teacher writes them on a board: 1.35, 0.8, 12,400, 6.9e-6, in columns that are aligned on the point.

No exponent from 10⁻³ to 10⁵. Zeros at the end are left out where they say nothing: 1 is exactly 1, 1.000 is nearly 1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

PLAIN = -3, 4  # the exponents that are written out
MOST_DECIMALS = 5
ROUNDING = 1e-12  # as near as this a number is what it says: a ratio of two is seldom exact
LONG_EXPONENT = 100  # whose third digit takes the place of one of the number
BEFORE, AFTER = 6, 7  # what a number takes before its point, as in 12,400, and from there on, as in 6.94e-12
NUMBERS_KEPT = 256
POINT = re.compile(r"[.e](?=.*[0-9]\Z)")  # of a number, which ends in a digit: no word has one


@lru_cache(maxsize=NUMBERS_KEPT)  # most of a screen stays as it was
def written(value: float, digits: int) -> str:
    """A number of at most that many significant digits, one fewer beside an exponent."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}".replace("-0", "0")
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    if PLAIN[0] <= exponent <= PLAIN[1]:
        decimals = min(max(digits - 1 - exponent, 0), MOST_DECIMALS)
        return _without_idle_zeros(f"{round(value, min(digits - 1 - exponent, MOST_DECIMALS)):,.{decimals}f}", value)
    digits = max(min(digits - 1, 2 if exponent <= -LONG_EXPONENT else 3), 1)
    mantissa, _, exponent_text = f"{value:.{digits - 1}e}".partition("e")
    said = float(f"{mantissa}e{exponent_text}")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa and math.isclose(said, value, rel_tol=ROUNDING) else mantissa
    return f"{short}e{int(exponent_text)}"


def _without_idle_zeros(text: str, value: float) -> str:
    said = float(text.replace(",", ""))
    return text.rstrip("0").rstrip(".") if "." in text and math.isclose(said, value, rel_tol=ROUNDING) else text


def significant(value: float | None) -> str:
    """A number for a table, four significant digits; – where there is none."""
    return "–" if value is None else written(value, 4)


def brief(value: float | None) -> str:
    """A number for a sentence or a status line, three significant digits; – where there is none."""
    return "–" if value is None else written(value, 3)


def times(value: float | None) -> str:
    """A number as a factor: ×8.1."""
    return "–" if value is None else f"×{brief(value)}"


def percent(share: float | None) -> str:
    """A share: 96.9 %; only what is whole is 100 %. – where there is none."""
    if share is None:
        return "–"
    text = f"{100 * share:.3g}"
    return f"{'>99.9' if text == '100' and share < 1 else text} %"


def signed(value: float) -> str:
    """A change: +21.4, −0.31."""
    return f"−{brief(-value)}" if value < 0 else f"+{brief(value)}"


def on_point(text: str, before: int = BEFORE, after: int = AFTER) -> str:
    """A number's text with its point, or where that would stand, behind `before` characters, and `after` from there on."""
    marks = POINT.search(text)
    point = marks.start() if marks is not None else len(text)
    return text[:point].rjust(before) + text[point:].ljust(after)


def in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells side by side; one that is too long takes its room from the blanks before the next one."""
    text, end = "", 0
    for cell, width in zip(cells, widths, strict=True):
        late = len(text) - end
        text = text + (cell[late:] if not cell[:late].strip() else cell) if late > 0 else text.ljust(end) + cell
        end += width
    return text
