"""Values that a document holds become parts here. pydantic, which does it, is imported where something is validated."""

from __future__ import annotations

from typing import Any, TypeVar

_T = TypeVar("_T")


def validated(kind: type[_T], value: object) -> _T:
    """The part, or the dataclass of plain values, that a mapping describes. Raises Invalid with every mistake."""
    from bntui.scenario.model import pydantics  # noqa: PLC0415 - pydantic takes a fifth of a start

    valid: _T = pydantics.validated(kind, value)
    return valid


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema, draft 2020-12, of a part or another type of the model."""
    from bntui.scenario.model import pydantics  # noqa: PLC0415 - as above

    return pydantics.schema_of(kind)
