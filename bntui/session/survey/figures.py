"""What the page of a sweep or a landscape says in numbers, by the names that a lesson has for them."""

from __future__ import annotations

import numpy as np

from bntui.maths.landscape import Measures, Ray
from bntui.scenario.model.pictured import LANDSCAPE, MEASURES, SWEEP
from bntui.session.look.quantities import Value
from bntui.session.survey.surveying import GrowthSurvey, Landscape
from bntui.session.survey.swept import Sweep


def figures_of(result: Sweep | Landscape | GrowthSurvey) -> dict[str, Value]:
    """Every quantity of a whole picture; None where a number does not exist."""
    if isinstance(result, Sweep):
        return {f"{SWEEP}.{name}": value for name, value in _of_sweep(result).items()}
    found = _of_growth(result) if isinstance(result, GrowthSurvey) else _of_landscape(result)
    return {f"{LANDSCAPE}.{name}": value for name, value in found.items()}


def _of_sweep(sweep: Sweep) -> dict[str, Value]:
    found: dict[str, Value] = {"seeds": len(sweep.seeds)}
    best = sweep.best_constant
    found["trains_below"] = None if best is None else sweep.variants[0].sides[0].threshold
    if sweep.plan.grid is not None:
        return found
    (variant,) = sweep.variants
    for side in variant.sides:
        found[f"{side.curve}.largest_rate"] = sweep.largest(side) or None
        found[f"{side.curve}.trains"] = int(np.sum(side.largest(sweep.rates) > 0))
    if sweep.plan.over is None and len(variant.sides) == 2:
        ratios = sweep.ratios(variant)
        known = ratios[np.isfinite(ratios)]
        found["ratio"] = float(np.median(known)) if known.size else None
    return found


def _of_landscape(survey: Landscape) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if survey.ray is not None:
        found |= _of_ray(survey.ray, survey.learning_rate)
    for course in survey.courses:
        for end, measured in (("", course.middle), (".worst", course.worst)):
            found |= {f"{course.name}.{measure}{end}": value for measure, value in _of_measures(measured).items()}
    return found


def _of_measures(measured: Measures) -> dict[str, float]:
    return {name: float(getattr(measured, name)) for name in MEASURES}


def _of_ray(ray: Ray, rate: float) -> dict[str, Value]:
    with np.errstate(all="ignore"):
        first, second = rate * ray.slope, rate**2 * ray.bend / 2
    lowest, rising = ray.lowest, ray.rising
    return {
        "first_order": first,
        "second_order": second,
        "lowest_rate": None if lowest is None else float(ray.sizes[lowest]),
        "rising_rate": None if rising is None else float(ray.sizes[rising]),
        "stable_rate": ray.stable,
    }


def _of_growth(survey: GrowthSurvey) -> dict[str, Value]:
    sides = {"off": survey.off, "on": survey.on}
    found: dict[str, Value] = {f"growth.{name}": None if side is None else side.squared_gain for name, side in sides.items()}
    return found | {"growth.theory": survey.theory}
