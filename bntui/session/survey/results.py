"""Sweeps, landscapes and growth as documents: mappings of plain values, each field with what it is; and sweeps as tables."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from typing import Annotated, Any, NotRequired, TypedDict

import numpy as np

from bntui.maths.arrays import Array
from bntui.maths.growth import Growth
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.landscape import Measures
from bntui.maths.sweep import NEVER
from bntui.scenario.text.formats import FORMAT, Document, Number, told
from bntui.session.survey.surveying import Course, GrowthSurvey, Landscape
from bntui.session.survey.swept import Side, Sweep, Variant

Table = list[list[Number | None]]
PerRun = "a row for each rate, in it a number for each seed; null where the run has not been made"


class SideRecord(TypedDict):
    """A side: one network at every rate and seed."""

    label: Annotated[str, "what its curve is called"]
    value: Annotated[str | None, "its value of what the sweep goes over; null where it goes over nothing"]
    normalized: Annotated[list[str], "the layers that are normalized"]
    best_constant: Annotated[Number, "the cost of the best constant output"]
    trains_below: Annotated[Number, "a run trains if its J ends below this, half of `best_constant`"]
    largest_rate: Annotated[float | None, "the largest rate that trains, the median over the seeds; null where none does"]
    largest_rate_quartiles: Annotated[list[float | None], "its lower and its upper quartile"]
    largest_rate_by_seed: Annotated[list[float | None], "the largest rate that trains of each seed"]
    trains_at_none: Annotated[int | None, "how many seeds train at no rate; null where runs are missing"]
    loss: Annotated[Table, f"J on all training data after the last step, or where the run diverged: {PerRun}"]
    diverged_at: Annotated[list[list[int | None]], "the step at which the run diverged, in the same order; null where it did not"]
    weight_growth: Annotated[Table, "‖w‖/‖w₀‖ of the weights whose rate is swept, in the same order"]
    degrees_turned: Annotated[Table, "by how many degrees the rows of these weights have turned, the median, in the same order"]


class RatioRecord(TypedDict):
    """By how much the second side allows a larger rate than the first."""

    median: Annotated[float | None, "the median over the seeds at which both train at some rate; null where there is none"]
    by_seed: Annotated[list[float | None], "the ratio of each seed; null where either side trains at no rate"]


class VariantRecord(TypedDict):
    """The network at one gain or depth."""

    size: Annotated[float | None, "the gain or depth; null for the network as it is"]
    sides: Annotated[list[SideRecord], "its sides"]
    ratio: NotRequired[Annotated[RatioRecord, "largest rate with the normalization over that without; where these are the sides"]]


class SweepDocument(Document):
    """`bntui sweep --json`: what was tried, and every run."""

    title: Annotated[str, "the scenario's title"]
    from_step: Annotated[int | None, "the step from which the runs go on; null where each begins with weights drawn anew"]
    stuck: Annotated[str | None, "why they begin anew though a later step was asked for: `diverged` or `no gradient`; else null"]
    steps: Annotated[int, "the steps of each run"]
    seeds: Annotated[list[int], "the seeds of the initial weights"]
    switching: Annotated[str, "what switching a normalization does to the parameters: reset or preserve"]
    group: Annotated[str | None, "the pattern of the parameters whose rate is swept; null for all without a rate of their own"]
    over: Annotated[dict[str, list[str]] | None, "the path that the sides differ in, with its values; else null"]
    grid: Annotated[str | None, "gain or depth, where the sweep is a map over it; else null"]
    progress: Annotated[float, "the share of it that has been run: 1, or less where it was interrupted"]
    rates: Annotated[list[float], "the learning rates"]
    variants: Annotated[list[VariantRecord], "one; of a map one for each gain or depth"]


def sweep_record(sweep: Sweep) -> SweepDocument:
    """A sweep: what was tried, and its sides with every run, for each gain or depth of a grid."""
    plan = sweep.plan
    return {
        "format": FORMAT,
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


COLUMNS = {
    "from_step": "the step that every run goes on from; empty where weights are drawn anew",
    "over": "what the sweep goes over beside the rate; empty where it goes over nothing",
    "value": "its value in this run",
    "side": "the name of the curve, as BN off",
    "normalized": "the layers that are normalized, with blanks between",
    "learning_rate": "the rate, or that of the group that is swept",
    "seed": "the seed of the first weights",
    "steps": "how many steps were to be made",
    "done": "whether the run was made: false where ctrl+c came before it; then all that follows is empty",
    "loss": "J at the end, or where the run diverged",
    "diverged": "whether it diverged",
    "diverged_at": "the step at which it did; empty where it did not",
    "trains": "whether J ended below half of the best constant's cost",
    "weight_growth": "‖w‖ at the end over ‖w‖ at the start, of the swept weights; empty where the run diverged",
    "degrees_turned": "by how many degrees their rows have turned, in the median; empty where the run diverged",
}
"""The columns of a sweep as a table, and what each says."""


def sweep_table(sweep: Sweep) -> Iterator[str]:
    """A sweep as CSV, line by line: a header, and a row for every run."""
    yield _line(list(COLUMNS))
    plan = sweep.plan
    for variant in sweep.variants:
        for side in variant.sides:
            over, value = (plan.grid, _size(variant)) if plan.over is None else (plan.over.path, side.value)
            its = [sweep.from_step, over, value, side.label, " ".join(side.normalized)]
            for (rate, seed), done in np.ndenumerate(side.done):
                run = [sweep.rates[rate], sweep.seeds[seed], plan.steps, bool(done)]
                yield _line([*its, *run, *(_ended(side, rate, seed) if done else [None] * 6)])


def _size(variant: Variant) -> str | None:
    return None if variant.size is None else f"{variant.size:g}"


def _ended(side: Side, rate: int, seed: int) -> list[float | bool | None]:
    """How a run ended: the columns from `loss` on."""
    at = rate, seed
    diverged = bool(side.diverged_at[at] != NEVER)
    way = [None if math.isnan(table[at]) else float(table[at]) for table in (side.growth, side.turned)]
    step = int(side.diverged_at[at]) if diverged else None
    loss = float(side.loss[at])
    return [loss, diverged, step, not diverged and loss < side.threshold, *way]


def _line(cells: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(
        "" if cell is None else str(cell).lower() if isinstance(cell, bool) else cell for cell in cells
    )
    return text.getvalue()


def _variant_record(sweep: Sweep, variant: Variant) -> VariantRecord:
    record: VariantRecord = {
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


def _side_record(sweep: Sweep, side: Side) -> SideRecord:
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


def _table(side: Side, table: Array) -> Table:
    return [
        [told(value) if done else None for value, done in zip(row, its, strict=True)]
        for row, its in zip(table.tolist(), side.done.tolist(), strict=True)
    ]


class MeasuresRecord(TypedDict):
    """The three measures of Santurkar et al. 2018, §3, for steps along the gradient from half to four times the learning rate."""

    loss_range: Annotated[Number, "the largest J less the smallest"]
    gradient_change: Annotated[Number, "how far the gradient changes at most"]
    smoothness: Annotated[Number, "effective smoothness: that change over the distance, at most"]


class CourseRecord(TypedDict):
    """The measures over a training."""

    label: Annotated[str, "which training it is: on or off with what is switched, this run, twin"]
    steps: Annotated[tuple[int, int], "the first and the last step that were measured"]
    diverged_at: Annotated[int | None, "the step at which it diverged; null where it did not"]
    median: Annotated[MeasuresRecord, "the median over these steps"]
    worst: Annotated[MeasuresRecord, "the largest over these steps"]


class RayRecord(TypedDict):
    """J along the gradient."""

    start: Annotated[Number, "J where the ray begins"]
    two_over_curvature: Annotated[
        Number | None, "2/λ_max; null where no eigenvalue is positive, and where the gradient leaves μ and σ out"
    ]
    step_size: Annotated[list[Number], "the step sizes t"]
    loss: Annotated[list[Number], "J(θ − t·Dg) at each, D the rates over η, g the gradient"]
    first_order: Annotated[list[Number], "what J's slope at 0 promises of it"]
    second_order: Annotated[list[Number], "what slope and curvature at 0 promise"]


class LandscapeDocument(Document):
    """`bntui landscape --json`: J along the gradient with its two predictions, and the measures over training."""

    title: Annotated[str, "the scenario's title"]
    step: Annotated[int, "the step that it is seen from"]
    progress: Annotated[float, "the share of it that has been computed: 1, or less where it was interrupted"]
    batch_norm: Annotated[bool, "whether some layer is under batch_norm itself"]
    normalization: Annotated[dict[str, str], "the kind of each normalized layer"]
    learning_rate: Annotated[float, "η of the next update"]
    courses: Annotated[list[CourseRecord], "the measures over the last steps of trainings"]
    along_gradient: NotRequired[Annotated[RayRecord, "J along the gradient; left out where there is none to go along"]]


def landscape_record(survey: Landscape) -> LandscapeDocument:
    """A landscape: J along the gradient with its two predictions, and the measures over training."""
    record: LandscapeDocument = {
        "format": FORMAT,
        "title": survey.title,
        "step": survey.step,
        "progress": survey.progress,
        "batch_norm": any(kind is BATCH_NORM for _, kind in survey.kinds),
        "normalization": {layer: kind.name for layer, kind in survey.kinds},
        "learning_rate": survey.learning_rate,
        "courses": [_course_record(course) for course in survey.courses],
    }
    if survey.ray is not None:
        ray = survey.ray
        record["along_gradient"] = {
            "start": told(ray.start),
            "two_over_curvature": None if ray.stable is None else told(ray.stable),
            "step_size": _row(ray.sizes),
            "loss": _row(ray.loss),
            "first_order": _row(ray.first),
            "second_order": _row(ray.second),
        }
    return record


def _row(values: Array) -> list[Number]:
    return [told(value) for value in values.tolist()]


def _course_record(course: Course) -> CourseRecord:
    return {
        "label": course.label,
        "steps": course.steps,
        "diverged_at": course.diverged_at,
        "median": _measures_record(course.middle),
        "worst": _measures_record(course.worst),
    }


def _measures_record(measures: Measures) -> MeasuresRecord:
    return {
        "loss_range": told(measures.loss_range),
        "gradient_change": told(measures.gradient_change),
        "smoothness": told(measures.smoothness),
    }


class GrowthRecord(TypedDict):
    """The gradient by depth, without a normalization or with it."""

    squared_gain: Annotated[Number, "by what ‖∂J/∂a‖² grows from one layer to the one below it, the geometric mean"]
    signal: Annotated[list[list[Number]], "‖∂J/∂a‖ by hidden layer from the input on, a row for each seed"]
    weight_gradient: Annotated[list[list[Number]], "‖∂J/∂W‖ in the same order"]


class GrowthDocument(Document):
    """`bntui landscape --growth --json`: the gradient by depth at the start, with theory's line."""

    samples: Annotated[int, "samples in a batch"]
    width: Annotated[int, "units of a layer"]
    depth: Annotated[int, "hidden layers"]
    activation: Annotated[str, "the activation of the hidden layers"]
    normalization: Annotated[str, "the kind of the normalization"]
    theory_squared_gain: Annotated[Number | None, "what theory says of `squared_gain` with it; null where it says nothing"]
    progress: Annotated[float, "the share of it that has been computed: 1, or less where it was interrupted"]
    off: Annotated[GrowthRecord | None, "without the normalization"]
    on: Annotated[GrowthRecord | None, "with it"]


def growth_record(survey: GrowthSurvey) -> GrowthDocument:
    """The growth of gradients with depth: norms by layer from the input on, a row for each seed."""
    plan = survey.plan
    return {
        "format": FORMAT,
        "samples": plan.samples,
        "width": plan.width,
        "depth": plan.depth,
        "activation": survey.activation.name,
        "normalization": survey.kind.name,
        "theory_squared_gain": survey.theory,
        "progress": survey.progress,
        "off": None if survey.off is None else _growth_record(survey.off),
        "on": None if survey.on is None else _growth_record(survey.on),
    }


def _growth_record(found: Growth) -> GrowthRecord:
    return {
        "squared_gain": told(found.squared_gain),
        "signal": [_row(row) for row in found.signal],
        "weight_gradient": [_row(row) for row in found.weight],
    }
