"""Values from Python, numpy's among them, as a scenario or an action has them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from bntui.scenario.text.document import DEEPEST
from bntui.scenario.text.wording import shown

ALLOWED = "allowed: text, numbers, true, false, nothing, and lists, mappings and arrays of them"


class NoPlaceError(Exception):
    """A value of which a scenario knows nothing, with the keys that lead to it; the message is a sentence."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def plain(value: object, path: tuple[str | int, ...] = ()) -> Any:
    """A value made of mappings, lists, text, numbers, true, false and nothing alone. Raises NoPlaceError where it cannot be."""
    if len(path) > DEEPEST:
        raise NoPlaceError(path[:1], f"found more than {DEEPEST} levels of nesting; that is the most allowed")
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(each, (*path, str(key))) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, (*path, place)) for place, each in enumerate(value)]
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise NoPlaceError(path, f"found {shown(value)}; {ALLOWED}")


def as_yaml(value: Any) -> str:
    """A plain value as YAML on one line: JSON, but that a number which is not finite is spelled as YAML has it."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {as_yaml(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_yaml, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return json.dumps(value)
