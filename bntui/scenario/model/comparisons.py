"""Comparisons of a quantity with numbers, as a lesson expects them."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, ClassVar

from bntui.scenario.model.parts import (
    NOT_EMPTY,
    Field,
    Limits,
    Mistakes,
    NotNegative,
    Number,
    ReadBy,
    ScenarioPart,
    StrictStr,
    Validate,
    by_form,
    told,
)
from bntui.scenario.model.pictured import PICTURED_PATTERN
from bntui.scenario.model.vocabulary import QUANTITY_PATTERN
from bntui.scenario.text.wording import shown

_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?%")
_WITHIN = 'a number, or a share as "5%"'


def _percentage(value: Any, validate: Validate) -> str:
    if not _PERCENT.fullmatch(value):
        raise told(f"found {shown(value)}; allowed: {_WITHIN}")
    return str(value)


_Percentage = Annotated[str, ReadBy(_percentage, {"type": "string", "pattern": r"^([0-9]+(\.[0-9]*)?|\.[0-9]+) ?%$"})]


class Comparison(ScenarioPart):
    """What a quantity is expected to be; where several are given, all of them."""

    may_be_nothing: ClassVar[frozenset[str]] = frozenset({"is"})

    above: Number | None = Field(default=None, description="The quantity is greater than this.")
    below: Number | None = Field(default=None, description="The quantity is less than this.")
    equals: Annotated[
        bool | float | None, by_form("a number, true, false or null", number=Number, switch=bool, nothing=type(None))
    ] = Field(default=None, key="is", description="The quantity is exactly this; null: it has no value.")
    about: Number | None = Field(default=None, description="The quantity is near this; goes with within.")
    within: Annotated[NotNegative | _Percentage, by_form(_WITHIN, number=NotNegative, text=_Percentage)] | None = Field(
        default=None, description='How far from about it may be, as a number or as a share of it, as "5%".'
    )

    def mistakes(self) -> Mistakes:
        """Nothing compared, or one of about and within without the other."""
        given = self.given
        if not given:
            return [((), "found an empty mapping; allowed: above, below, is, about with within")]
        if "about" in given and "within" not in given:
            return [(("about",), f"about needs within: {_WITHIN}")]
        if "within" in given and "about" not in given:
            return [(("within",), "within needs about")]
        return []

    @classmethod
    def schema_rules(cls) -> dict[str, Any]:
        """Something is compared, about and within together."""
        return {**NOT_EMPTY, "dependentRequired": {"about": ["within"], "within": ["about"]}}

    @property
    def tolerance(self) -> float:
        """How far from `about` the quantity may be, in its own unit."""
        if isinstance(self.within, str):
            return float(self.within.rstrip("% ")) / 100 * abs(self.about or 0.0)
        return self.within or 0.0

    def holds(self, value: float | bool | None) -> bool:
        """Whether a value is as expected; a value that is missing or not a number only is what `is` says."""
        if "equals" in self.given and not _same(value, self.equals):
            return False
        numeric = self.given - {"equals"}
        if not numeric:
            return True
        if value is None or isinstance(value, bool) or math.isnan(value):
            return False
        return (
            (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.about is None or abs(value - self.about) <= self.tolerance)
        )

    def __str__(self) -> str:
        """The comparison in words, as `above 1e+06`."""
        words = []
        if self.above is not None:
            words.append(f"above {self.above:g}")
        if self.below is not None:
            words.append(f"below {self.below:g}")
        if "equals" in self.given:
            words.append(f"exactly {_exact(self.equals)}")
        if self.about is not None:
            within = self.within if isinstance(self.within, str) else f"{self.within:g}"
            words.append(f"about {self.about:g} within {within}")
        return " and ".join(words)


def _exact(value: float | bool | None) -> str:
    if value is None:
        return "no value"
    return shown(value) if isinstance(value, bool) else f"{value:g}"


def _same(value: float | bool | None, expected: float | bool | None) -> bool:
    return isinstance(value, bool) is isinstance(expected, bool) and value == expected


KNOWN_NAMES = {"propertyNames": {"pattern": f"^({QUANTITY_PATTERN}|{PICTURED_PATTERN})$"}}
QuantityComparisons = Annotated[
    dict[StrictStr, Comparison], Limits(min_length=1, max_length=100, json_schema_extra=KNOWN_NAMES)
]
