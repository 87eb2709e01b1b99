"""Which targets a cost can have."""

from __future__ import annotations

from bntui.maths.kinds.costs import Cost


def target_mistake(cost: Cost, units: int, value: float) -> str | None:
    """What is wrong with one target, or None."""
    if cost.targets == "switches" and value not in (0, 1):
        return f"found {value:g}; {cost.name} needs 0 or 1"
    if cost.targets == "classes" and not (value == int(value) and 0 <= value < units):
        return f"found {value:g}; {cost.name} needs the number of a class, 0 to {units - 1}"
    return None


def class_mistake(cost: Cost, units: int, classes: int | None) -> str | None:
    """What is wrong with the targets of a generator, that has so many classes or none, or None."""
    if cost.targets == "switches" and classes != 2:
        return f"{cost.name} needs targets of 0 and 1; allowed: xor, spirals, moons, blobs of 2 classes, step without noise"
    if cost.targets == "classes" and classes is None:
        return f"{cost.name} needs classes; allowed: xor, spirals, moons, blobs, step without noise"
    if cost.targets == "classes" and classes is not None and classes > units:
        return f"found {classes} classes for {units} units in the last layer; allowed: a unit for each class"
    return None
