"""The JSON documents that commands write: the number of their format, how a number is spelled, and how a field is described.

A document is a TypedDict under `Document`, each field of it `Annotated` with the sentence that docs/formats.md has of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

FORMAT: Literal[1] = 1

Number = float | Literal["inf", "-inf", "nan"]


class Document(TypedDict):
    """What a command writes as one JSON document."""

    format: Annotated[Literal[1], "the format's number: it grows when a field goes or changes, not when one is added"]


def told(value: float) -> Number:
    """A number as documents and tables spell it: JSON has no other, so what is not finite is "inf", "-inf" or "nan"."""
    return value if math.isfinite(value) else str(value)  # type: ignore[return-value] # of float these three are all


def as_json(document: Mapping[str, object], indent: int | None = None) -> str:
    """A document as strict JSON, every number in it as `told` spells it."""
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError:  # rare, and then all is looked through
        return json.dumps(_told(document), ensure_ascii=False, allow_nan=False, indent=indent)


def _told(value: Any) -> Any:
    if isinstance(value, float):
        return told(value)
    if isinstance(value, dict):
        return {key: _told(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    return value
