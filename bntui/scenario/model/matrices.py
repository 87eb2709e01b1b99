"""Numbers in lists: vectors, and matrices by rows, with every wrong number told at its place."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler, WithJsonSchema, WrapValidator
from pydantic_core import InitErrorDetails

from bntui.maths.numeric import Array, np
from bntui.scenario.model.parts import Number, Positive, ScenarioPart, Seed, by_form, number_kind, refusal, refuse, told
from bntui.scenario.text.complaints import MOST_COMPLAINTS
from bntui.scenario.text.wording import counted, shown


def _numbers(values: Any, place: tuple[int, ...], errors: list[InitErrorDetails]) -> tuple[float, ...]:
    """The numbers of a list; whatever is not a number is added to the errors."""
    for position, value in enumerate(values):
        if not number_kind(value):
            errors.append(refusal(f"found {shown(value)}; allowed: a number", (*place, position)))
        elif not math.isfinite(value):
            errors.append(refusal(f"found {shown(value)}; allowed: a finite number", (*place, position)))
        if len(errors) >= MOST_COMPLAINTS:
            break
    return () if errors else tuple(map(float, values))


def _vector(value: Any, _: ValidatorFunctionWrapHandler) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise told(f"found {shown(value)}; allowed: a list of numbers")
    errors: list[InitErrorDetails] = []
    numbers = _numbers(value, (), errors)
    if errors:
        raise refuse("vector", errors)
    return numbers


def _matrix(value: Any, _: ValidatorFunctionWrapHandler) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, list | tuple) or not value:
        raise told(f"found {shown(value)}; allowed: a list of rows, each a list of numbers")
    errors: list[InitErrorDetails] = []
    rows = []
    width = None
    for position, row in enumerate(value):
        if not isinstance(row, list | tuple) or not row:
            errors.append(refusal(f"found {shown(row)}; allowed: a row, as [0.5]", (position,)))
        elif width is not None and len(row) != width:
            found = counted(len(row), "number")
            errors.append(refusal(f"found a row of {found}; the rows above have {width}", (position,)))
        else:
            width = len(row)
            rows.append(_numbers(row, (position,), errors))
        if len(errors) >= MOST_COMPLAINTS:
            break
    if errors:
        raise refuse("matrix", errors)
    return tuple(rows)


def _targets(value: Any, handler: ValidatorFunctionWrapHandler) -> tuple[tuple[float, ...], ...]:
    if isinstance(value, list | tuple) and value and not isinstance(value[0], list | tuple):
        return tuple((number,) for number in _vector(value, handler))
    return _matrix(value, handler)


def _values(value: Any, handler: ValidatorFunctionWrapHandler) -> tuple[float, ...] | tuple[tuple[float, ...], ...]:
    rows = isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple)
    return _matrix(value, handler) if rows else _vector(value, handler)


_ROW = {"type": "array", "items": {"type": "number"}, "minItems": 1}
_ROW_OR_NUMBER = {"anyOf": [{"type": "number"}, _ROW]}
_ROWS = {"type": "array", "items": _ROW, "minItems": 1}
_Number = Annotated[float, Field(allow_inf_nan=False)]
Vector = Annotated[tuple[_Number, ...], WrapValidator(_vector), WithJsonSchema(_ROW)]
Matrix = Annotated[tuple[tuple[_Number, ...], ...], WrapValidator(_matrix), WithJsonSchema(_ROWS)]
Column = Annotated[Matrix, WrapValidator(_targets), WithJsonSchema({"type": "array", "items": _ROW_OR_NUMBER, "minItems": 1})]
Values = Annotated[
    tuple[_Number, ...] | tuple[tuple[_Number, ...], ...], WrapValidator(_values), WithJsonSchema({"anyOf": [_ROW, _ROWS]})
]


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
