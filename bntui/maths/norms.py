"""Norms of arrays, of each alone and of many at once, also where squares overflow or underflow."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from bntui.maths.arrays import SMALL, Array
from bntui.maths.numeric import Indices

COPIED_AT_ONCE = 2**17  # numbers up to which it is quicker to copy arrays into one than to call for each of them
SAFE = 1e-145, 1e150  # norms between these have lost nothing to underflow or overflow of their squares


def norm(array: Array) -> float:
    """The Frobenius norm, also where the squares overflow or underflow."""
    with np.errstate(all="ignore"):
        return _norm(parts_of(array))


def parts_of(array: Array) -> tuple[Array, ...]:
    """The numbers of an array in rows whose dot products are short: longer ones are given to threads, which take longer to wake."""
    flat = array.reshape(-1)
    return tuple([flat[at : at + SMALL] for at in range(0, flat.size, SMALL)]) if flat.size > SMALL else (flat,)


def norm_into(parts: Sequence[Array], out: Array) -> Array:
    """The norm of the numbers in some rows, as a call that is noted on a tape, which writes it to an array without axes."""
    out[()] = _norm(parts)
    return out


def _norm(parts: Sequence[Array]) -> float:
    root = math.sqrt(sum([float(part.dot(part)) for part in parts]))
    if SAFE[0] < root < SAFE[1]:
        return root
    if root == 0 and not any(part.any() for part in parts):
        return 0.0
    largest = float(np.max([np.max(np.abs(part), initial=0.0) for part in parts]))
    if not math.isfinite(largest):
        return largest
    return largest * math.sqrt(sum([float(scaled.dot(scaled)) for scaled in [part / largest for part in parts]]))


def norms(arrays: Sequence[Array]) -> list[float]:
    """The norm of each array."""
    return reader(arrays)()


def reader(arrays: Sequence[Array]) -> Callable[[], list[float]]:
    """What takes the norm of each of these arrays as it is then; where they are few numbers, all in one pass."""
    rows = [array.reshape(-1) for array in arrays]
    ends = np.cumsum([0, *(row.size for row in rows)])
    if ends[-1] > COPIED_AT_ONCE:
        return partial(_each, list(map(parts_of, rows)))
    return partial(_at_once, rows, ends[:-1], np.empty(ends[-1]))


def _each(several: Sequence[Sequence[Array]]) -> list[float]:
    with np.errstate(all="ignore"):
        return list(map(_norm, several))


def _at_once(rows: Sequence[Array], starts: Indices, room: Array) -> list[float]:
    """The norms of rows that are copied end to end into some room, each from its start on."""
    if not rows:
        return []
    with np.errstate(all="ignore"):
        flat = np.concatenate(rows, out=room)
        roots: list[float] = np.sqrt(np.add.reduceat(np.multiply(flat, flat, flat), starts)).tolist()
        low, high = SAFE
        if low < min(roots) and max(roots) < high:
            return roots
        largest = np.maximum.reduceat(np.abs(np.concatenate(rows)), starts).tolist()
        return [
            root if low < root < high else most if most == 0 else _norm(parts_of(row))
            for root, most, row in zip(roots, largest, rows, strict=True)
        ]
