"""Numbers as a person reads them: four significant digits, in columns that stay where they are."""

from __future__ import annotations

import math

WIDTH = 10  # -1.234e-05; a three-digit exponent takes the place of a digit


def significant(value: float | None) -> str:
    """Four significant digits, e.g. 5.107e+01; – where there is no number."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.3e}"
    return text if len(text) <= WIDTH else f"{value:.2e}"


def brief(value: float | None) -> str:
    """A number for a sentence or a status line: 0.3, 12.5, 3.1e+04; – where there is none."""
    if value is None:
        return "–"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:.3g}" if 1e-3 <= abs(value) < 1e5 else f"{value:.1e}"


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


def column(text: str, width: int) -> str:
    """Text at the right of a column."""
    return text.rjust(width)
