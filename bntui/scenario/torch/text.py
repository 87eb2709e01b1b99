"""Numbers as a Python program spells them."""

from __future__ import annotations

from bntui.maths.arrays import Array


def tensor(values: Array) -> str:
    """An array as a tensor, its numbers spelled so that they are read as the same bits."""
    return f"torch.tensor({values.tolist()!r})"
