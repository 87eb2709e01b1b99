"""Sweeps, landscapes and growth as data: mappings of plain values, what is not finite as a string."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.growth import Growth
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.landscape import Measures
from bntui.maths.sweep import NEVER
from bntui.session.survey.surveying import Course, GrowthSurvey, Landscape
from bntui.session.survey.swept import Side, Sweep, Variant


def sweep_record(sweep: Sweep) -> dict[str, Any]:
    """A sweep: what was tried, and its sides with every run, for each gain or depth of a grid.

    Tables are rows of seeds, a row a rate; what has not been run is null.
    """
    plan = sweep.plan
    return {
        "format": 1,
        "title": sweep.title,
        "from_step": sweep.from_step,
        "stuck": sweep.stuck or None,
        "steps": plan.steps,
        "seeds": list(sweep.seeds),
        "switching": plan.switching,
        "group": plan.group,
        "over": None if plan.over is None else {plan.over.path: list(plan.over.values)},
        "grid": plan.grid,
        "progress": sweep.progress,
        "rates": list(sweep.rates),
        "variants": [_variant_record(sweep, variant) for variant in sweep.variants],
    }


def _variant_record(sweep: Sweep, variant: Variant) -> dict[str, Any]:
    record: dict[str, Any] = {
        "size": variant.size,
        "sides": [_side_record(sweep, side) for side in variant.sides],
    }
    if sweep.plan.over is None and len(variant.sides) == 2:
        ratios = sweep.ratios(variant)
        known = ratios[np.isfinite(ratios)]
        record["ratio"] = {
            "median": float(np.median(known)) if known.size else None,
            "by_seed": [None if math.isnan(ratio) else ratio for ratio in ratios.tolist()],
        }
    return record


def _side_record(sweep: Sweep, side: Side) -> dict[str, Any]:
    largest = side.largest(sweep.rates)
    return {
        "label": side.label,
        "value": side.value,
        "normalized": list(side.normalized),
        "best_constant": told(side.best_constant),
        "trains_below": told(side.threshold),
        "largest_rate": sweep.largest(side) or None,
        "largest_rate_quartiles": [sweep.largest(side, share) or None for share in (0.25, 0.75)],
        "largest_rate_by_seed": [rate or None for rate in largest.tolist()],
        "trains_at_none": int(np.sum(largest == 0)) if sweep.finished else None,
        "loss": _table(side, side.loss),
        "diverged_at": [[None if step == NEVER else step for step in row] for row in side.diverged_at.tolist()],
        "weight_growth": _table(side, side.growth),
        "degrees_turned": _table(side, side.turned),
    }


def _table(side: Side, table: Array) -> list[list[float | str | None]]:
    return [
        [told(value) if done else None for value, done in zip(row, its, strict=True)]
        for row, its in zip(table.tolist(), side.done.tolist(), strict=True)
    ]


def landscape_record(survey: Landscape) -> dict[str, Any]:
    """A landscape: J along the gradient with its two predictions, and the measures over training."""
    record: dict[str, Any] = {
        "title": survey.title,
        "step": survey.step,
        "batch_norm": any(kind is BATCH_NORM for _, kind in survey.kinds),
        "normalization": {layer: kind.name for layer, kind in survey.kinds},
        "learning_rate": survey.learning_rate,
        "courses": [_course_record(course) for course in survey.courses],
    }
    if survey.ray is not None:
        ray = survey.ray
        arrays = {"step_size": ray.sizes, "loss": ray.loss, "first_order": ray.first, "second_order": ray.second}
        record["along_gradient"] = {
            "start": told(ray.start),
            "two_over_curvature": None if ray.stable is None else told(ray.stable),
            **{name: [told(value) for value in values.tolist()] for name, values in arrays.items()},
        }
    return record


def _course_record(course: Course) -> dict[str, Any]:
    return {
        "label": course.label,
        "steps": list(course.steps),
        "diverged_at": course.diverged_at,
        "median": _measures_record(course.middle),
        "worst": _measures_record(course.worst),
    }


def _measures_record(measures: Measures) -> dict[str, Any]:
    return {
        "loss_range": told(measures.loss_range),
        "gradient_change": told(measures.gradient_change),
        "smoothness": told(measures.smoothness),
    }


def growth_record(survey: GrowthSurvey) -> dict[str, Any]:
    """The growth of gradients with depth: norms by layer from the input on, a row for each seed."""
    plan = survey.plan
    return {
        "samples": plan.samples,
        "width": plan.width,
        "depth": plan.depth,
        "activation": survey.activation.name,
        "normalization": survey.kind.name,
        "theory_squared_gain": survey.theory,
        "off": None if survey.off is None else _growth_record(survey.off),
        "on": None if survey.on is None else _growth_record(survey.on),
    }


def _growth_record(found: Growth) -> dict[str, Any]:
    return {
        "squared_gain": told(found.squared_gain),
        "signal": [[told(value) for value in row] for row in found.signal.tolist()],
        "weight_gradient": [[told(value) for value in row] for row in found.weight.tolist()],
    }


def told(value: float) -> float | str:
    """A number, or "inf", "-inf", "nan"."""
    return value if math.isfinite(value) else str(value)
