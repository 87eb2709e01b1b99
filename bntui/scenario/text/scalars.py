"""What a plain word of YAML means, by the core schema of YAML 1.2."""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float("inf") for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: float("-inf") for word in (".inf", ".Inf", ".INF")},
}
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_INTEGER = 18


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar: 1e-3 is a number, on, off, yes and no are words."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if INTEGER.fullmatch(text):
        return _integer(text)
    if FLOAT.fullmatch(text):
        return float(text)
    return text


def _integer(text: str) -> int | float:
    """An integer, as a float where no integer of a scenario is that long (reading it could take very long)."""
    if len(text.lstrip("+-0")) > _LONGEST_INTEGER:
        return float(text) if text[:2] not in ("0o", "0x") else float("inf")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
