"""Numbers in lists: vectors, and matrices by rows, with every wrong number told at its place."""

from __future__ import annotations

import math
from typing import Annotated, Any

from bntui.maths.numeric import Array, np
from bntui.scenario.model.parts import (
    Field,
    Invalid,
    Number,
    Positive,
    ReadBy,
    ScenarioPart,
    Seed,
    Validate,
    by_form,
    number_kind,
    told,
)
from bntui.scenario.text.complaints import MOST_COMPLAINTS, Finding
from bntui.scenario.text.wording import counted, shown


def _numbers(values: Any, place: tuple[int, ...], errors: list[Finding]) -> tuple[float, ...]:
    """The numbers of a list; whatever is not a number is added to the errors."""
    for position, value in enumerate(values):
        if not number_kind(value):
            errors.append(Finding((*place, position), f"found {shown(value)}; allowed: a number"))
        elif not math.isfinite(value):
            errors.append(Finding((*place, position), f"found {shown(value)}; allowed: a finite number"))
        if len(errors) >= MOST_COMPLAINTS:
            break
    return () if errors else tuple(map(float, values))


def _vector(value: Any, validate: Validate) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise told(f"found {shown(value)}; allowed: a list of numbers")
    errors: list[Finding] = []
    numbers = _numbers(value, (), errors)
    if errors:
        raise Invalid(errors)
    return numbers


def _matrix(value: Any, validate: Validate) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, list | tuple) or not value:
        raise told(f"found {shown(value)}; allowed: a list of rows, each a list of numbers")
    errors: list[Finding] = []
    rows = []
    width = None
    for position, row in enumerate(value):
        if not isinstance(row, list | tuple) or not row:
            errors.append(Finding((position,), f"found {shown(row)}; allowed: a row, as [0.5]"))
        elif width is not None and len(row) != width:
            found = counted(len(row), "number")
            errors.append(Finding((position,), f"found a row of {found}; the rows above have {width}"))
        else:
            width = len(row)
            rows.append(_numbers(row, (position,), errors))
        if len(errors) >= MOST_COMPLAINTS:
            break
    if errors:
        raise Invalid(errors)
    return tuple(rows)


def _targets(value: Any, validate: Validate) -> tuple[tuple[float, ...], ...]:
    if isinstance(value, list | tuple) and value and not isinstance(value[0], list | tuple):
        return tuple((number,) for number in _vector(value, validate))
    return _matrix(value, validate)


def _values(value: Any, validate: Validate) -> tuple[float, ...] | tuple[tuple[float, ...], ...]:
    rows = isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple)
    return _matrix(value, validate) if rows else _vector(value, validate)


_ROW = {"type": "array", "items": {"type": "number"}, "minItems": 1}
_ROW_OR_NUMBER = {"anyOf": [{"type": "number"}, _ROW]}
_ROWS = {"type": "array", "items": _ROW, "minItems": 1}
_Rows = tuple[tuple[float, ...], ...]
Vector = Annotated[tuple[float, ...], ReadBy(_vector, _ROW)]
Matrix = Annotated[_Rows, ReadBy(_matrix, _ROWS)]
Column = Annotated[_Rows, ReadBy(_targets, {"type": "array", "items": _ROW_OR_NUMBER, "minItems": 1})]
Values = Annotated[tuple[float, ...] | _Rows, ReadBy(_values, {"anyOf": [_ROW, _ROWS]})]


class Drawn(ScenarioPart):
    """Values drawn from a uniform distribution: others in each layer and at every step, the same whenever that step is taken."""

    uniform: Positive = Field(description="They lie between minus this and this.")
    seed: Seed = Field(default=0, description="Another seed draws others.")

    def values(self, shape: tuple[int, ...], step: int, place: int) -> Array:
        """The values of a parameter of the layer at that place, counted from the input, for that step."""
        return np.random.default_rng((self.seed, step, place)).uniform(-self.uniform, self.uniform, shape)


WeightValue = Annotated[
    float | Values | Drawn,
    by_form(
        "a number, a list of numbers, a list of rows, or a mapping as {uniform: 0.25}", number=Number, items=Values, mapping=Drawn
    ),
]
