"""Which cases of a test a plain pytest runs: some of each sort; CI runs them all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

FIRST_LESSONS = ("goodfellow-chain", "relu-net", "sigmoid-net")


def mostly_slow(values: Iterable[Any], quick: Collection[Any] = FIRST_LESSONS) -> list[Any]:
    """The values as parameters of a test, slow but for the quick ones."""
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
