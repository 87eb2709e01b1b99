"""Which targets a cost can have."""

from __future__ import annotations

from bntui.maths.architecture import Cost


def target_mistake(cost: Cost, units: int, value: float) -> str | None:
    """What is wrong with one target, or None."""
    if cost == "bce" and value not in (0, 1):
        return f"found {value:g}; bce needs 0 or 1"
    if cost == "cross_entropy" and not (value == int(value) and 0 <= value < units):
        return f"found {value:g}; cross_entropy needs the number of a class, 0 to {units - 1}"
    return None


def class_mistake(cost: Cost, units: int, classes: int | None) -> str | None:
    """What is wrong with the targets of a generator, that has so many classes or none, or None."""
    if cost == "bce" and classes != 2:
        return "bce needs targets of 0 and 1; allowed: xor, spirals, moons, blobs of 2 classes, step without noise"
    if cost == "cross_entropy" and classes is None:
        return "cross_entropy needs classes; allowed: xor, spirals, moons, blobs, step without noise"
    if cost == "cross_entropy" and classes is not None and classes > units:
        return f"found {classes} classes for {units} units in the last layer; allowed: a unit for each class"
    return None
