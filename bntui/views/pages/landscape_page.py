"""The landscape and the growth of gradients with depth as pages: chart, table, and sentences that state what was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from bntui.maths.growth import SETTLED, THEORIES
from bntui.maths.kinds.activations import RELU
from bntui.maths.kinds.normalizations import BATCH_NORM
from bntui.maths.kinds.optimizers import Sgd
from bntui.maths.landscape import LEAST, MOST, Measures, Ray
from bntui.scenario.model.pictured import ALONG_THE_GRADIENT, LANDSCAPE
from bntui.scenario.model.pictured import MEASURES as OWN_NAMES
from bntui.session.survey.surveying import Course, GrowthSurvey, Landscape
from bntui.views.drawing import canvas
from bntui.views.drawing.canvas import Axis, AxisMark, Curve, Lines, Size
from bntui.views.pages.sweep_page import finished, sentence_rows, told, under_way
from bntui.views.text.cells import LIT_MARK, in_ascii
from bntui.views.text.lines import Line, Span, padded
from bntui.views.text.numbers import brief, significant
from bntui.views.text.settings import normalization_text

SENTENCE_ROWS = 4
LABEL = 26
COLUMN, LEAST_COLUMN = 11, 8
GAP = 2
GO_BACK = "Look again from an earlier step: ← goes back, 0 to the start."
ALIKE = 1.05  # a ratio closer to 1 than that is called alike
MEASURES: tuple[tuple[str, Callable[[Measures], float]], ...] = (
    ("range of J", lambda measures: measures.loss_range),
    ("change of the gradient", lambda measures: measures.gradient_change),
    ("effective smoothness", lambda measures: measures.smoothness),
)


def landscape_page(
    survey: Landscape, size: Size, ascii: bool = False, stopped: bool = False, lit: Sequence[str] = ()
) -> Lines:
    """The landscape at exactly this size: title, J along the gradient, the table of measures, and what was found.

    `lit` are quantities that a lesson speaks of: what says them is marked.
    """
    table = measures_table(survey, size.width, ascii, lit) if survey.courses else ()
    least = sentence_rows(size, SENTENCE_ROWS)
    if survey.finished:
        spoken = any(name.removeprefix(f"{LANDSCAPE}.") in ALONG_THE_GRADIENT for name in lit)
        numbers = numbers_of(survey, lit)
        foot = told(in_ascii(landscape_findings(survey), ascii), size, len(table), least, spoken, numbers)
    else:
        foot = under_way(survey.progress, size, least, ascii, stopped)
    below = (*table, *foot)
    room = Size(size.width, max(size.height - 1 - len(below), 1))
    drawn = () if survey.ray is None else ray_chart(survey.ray, survey.learning_rate, room, ascii)
    norm = normalization_text(survey.kinds, survey.switchable, survey.short, survey.mode)
    title = f"J along the gradient · step {survey.step} · {norm} · η {brief(survey.learning_rate)} · {survey.title}"
    body = [*padded(drawn, size.width, room.height), *below]
    return finished(title, body, size, ascii)


def numbers_of(survey: Landscape | GrowthSurvey, names: Sequence[str]) -> list[str]:
    """The numbers of these quantities as the sentences have them."""
    figures = survey.figures
    return [brief(value) for name in names if isinstance(value := figures.get(name), float)]


def ray_chart(ray: Ray, rate: float, size: Size, ascii: bool = False) -> Lines:
    """By how much J changes with the step size, and what first and second order promise of it; η, 4η and 2/λ are marked."""
    marks = [AxisMark(rate, "η"), AxisMark(MOST * rate, "4η")]
    if ray.stable is not None:
        marks.append(AxisMark(ray.stable, "2/λ"))
    with np.errstate(invalid="ignore"):
        changes = [values - ray.start for values in (ray.first, ray.second, ray.loss)]
    promised, curved, actual = changes
    return canvas.curves(
        [
            Curve("first order", ray.sizes, promised, "1", "shrinkage"),
            Curve("second order", ray.sizes, curved, "2", "second"),
            Curve("ΔJ", ray.sizes, actual, "braille", "accent"),
        ],
        size,
        x_axis=Axis("log", (float(ray.sizes[0]), float(ray.sizes[-1])), label="step size"),
        y_axis=Axis("linear", _window(ray)),
        marks=marks,
        title=f"ΔJ from J {significant(ray.start)}",
        ascii=ascii,
    )


def _window(ray: Ray) -> tuple[float, float]:
    """The changes of J that are shown: from half a valley below its ground to no more than a valley above the start."""
    with np.errstate(invalid="ignore"):
        changes = ray.loss - ray.start
    finite = changes[np.isfinite(changes)]
    if not math.isfinite(ray.start) or not finite.size:
        return -1.0, 1.0
    depth = -float(finite.min())
    if depth <= 0:
        depth = abs(ray.slope) * float(ray.sizes[len(ray.sizes) // 2])
    depth = depth if math.isfinite(depth) and depth > 1e-12 * abs(ray.start) else max(abs(ray.start), 1e-300)
    return -1.5 * depth, min(max(float(finite.max()) / depth, 0.25), 1.25) * depth


def measures_table(survey: Landscape, width: int, ascii: bool = False, lit: Sequence[str] = ()) -> Lines:
    """The three measures, median and worst over the steps, without normalization and with it; those that are `lit` with a mark.

    Where there is little room the columns are narrower, and their numbers a digit shorter.
    """
    column = min(COLUMN, max((width - LABEL - GAP) // (2 * len(survey.courses)), LEAST_COLUMN))
    told = significant if column == COLUMN else brief
    spoken = {name.removesuffix(".worst").rpartition(".")[2] for name in lit}
    first, last = min(course.steps[0] for course in survey.courses), max(course.steps[1] for course in survey.courses)
    labels = "".join(f"{course.label:>{column}}" for course in survey.courses)
    wide = column * len(survey.courses)
    head, over = (in_ascii(said, ascii) for said in (f"steps {first} to {last} of training", f"over {LEAST:g} to {MOST:g} η"))
    lines: list[Line] = [
        (Span(f"{head:<{LABEL}}{'median':>{wide}}  {'worst':>{wide}}", "faint"),),
        (Span(f"{over:<{LABEL}}{labels}  {labels}", "faint"),),
    ]
    for (name, value), own in zip(MEASURES, OWN_NAMES, strict=True):
        middle = "".join(f"{told(value(course.middle)):>{column}}" for course in survey.courses)
        worst = "".join(f"{told(value(course.worst)):>{column}}" for course in survey.courses)
        lights = own in spoken
        begin = f"{LIT_MARK}{name}" if lights else name
        lines.append((Span(f"{begin:<{LABEL}}{middle}  {worst}", "lit" if lights else "plain"),))
    return tuple(tuple(Span(in_ascii(span.text, ascii), span.role) for span in line) for line in lines)


def landscape_findings(survey: Landscape) -> str:
    """What was found, in sentences; also what the miniature does not confirm."""
    sentences = [] if survey.ray is None else [_ray_sentence(survey.ray, survey.learning_rate, _left_out(survey))]
    if survey.diverged:
        sentences = [f"The run has diverged at step {survey.step}: no step from here means anything. {GO_BACK}"]
    elif sentences and not isinstance(survey.optimizer, Sgd):
        sentences.append(f"{survey.optimizer.name} does not step along the gradient: η marks the step of plain descent.")
    sentences += [_ending(course) for course in survey.courses if course.diverged_at is not None]
    if len(survey.courses) == 2:
        sentences += _comparison(*survey.courses)
    return " ".join(sentences)


def _left_out(survey: Landscape) -> bool:
    """Whether μ and σ are constants for the gradient though they are not."""
    return any(kind.leaves_out(survey.mode) for _, kind in survey.kinds)


def _ray_sentence(ray: Ray, rate: float, left_out: bool) -> str:
    if not math.isfinite(ray.start):
        return f"J is not finite here: nothing can be said of steps from this state. {GO_BACK}"
    stable = "no step is too long for second order (λ_max ≤ 0)"
    if left_out:
        stable = "it leaves μ and σ out, so it is no slope of J, and there is no curvature to foretell by"
    if ray.stable is not None:
        stable = f"η is {brief(rate / ray.stable)} times 2/λ = {brief(ray.stable)}"
    if ray.lowest is None:
        return f"Along the gradient no step of these lowers J; {stable}."
    upto = "" if ray.rising is None else f", above its start from {brief(float(ray.sizes[ray.rising]))} on"
    where = brief(float(ray.sizes[ray.lowest]))
    if ray.lowest == len(ray.sizes) - 1:
        return f"Along the gradient J still falls at a step of {where}, the longest of these; {stable}."
    return f"Along the gradient J is lowest at a step of {where}{upto}; {stable}."


def _ending(course: Course) -> str:
    return f"{course.label} diverged at step {course.diverged_at}; its figures end there."


def _comparison(off: Course, on: Course) -> list[str]:
    """For which measures a normalization is better, and for which not, by median and worst; or of two alike, the second."""
    there = f"with {on.norm}" if on.norm and not off.norm else f"in the {on.label}"
    better: list[str] = []
    others: list[str] = []
    for name, value in MEASURES:
        where: dict[bool, list[str]] = {True: [], False: []}
        for word, without, with_norm in (("median", off.middle, on.middle), ("worst", off.worst, on.worst)):
            where[_ratio(value(without), value(with_norm)) > ALIKE].append(word)
        for sentences, words in ((better, where[True]), (others, where[False])):
            if words:
                sentences.append(f"{name} ({', '.join(words)})")
    lead = [f"Not confirmed here, no smaller {there}: {', '.join(others)}."] if others else []
    return lead + ([f"Smaller {there}: {', '.join(better)}."] if better else [])


def _ratio(without: float, with_norm: float) -> float:
    if not math.isfinite(with_norm):
        return 0.0
    if not math.isfinite(without):
        return math.inf
    return without / with_norm if with_norm else math.inf if without else 1.0


def growth_page(
    survey: GrowthSurvey, size: Size, ascii: bool = False, stopped: bool = False, lit: Sequence[str] = ()
) -> Lines:
    """The growth of the gradient with depth at exactly this size: title, chart, what was found, marked where it is `lit`."""
    plan = survey.plan
    title = (
        f"‖∂J/∂a‖ at the start by depth · m {plan.samples} · width {plan.width} · {plan.depth} layers · "
        f"{survey.activation.name} · {plan.seeds} seeds"
    )
    least = sentence_rows(size, SENTENCE_ROWS)
    if survey.finished:
        spoken = any(name.startswith(f"{LANDSCAPE}.growth.") for name in lit)
        foot = told(in_ascii(growth_findings(survey), ascii), size, 0, least, spoken, numbers_of(survey, lit))
    else:
        foot = under_way(survey.progress, size, least, ascii, stopped)
    drawn = growth_chart(survey, Size(size.width, max(size.height - 1 - len(foot), 1)), ascii)
    return finished(title, [*drawn, *foot], size, ascii)


def growth_chart(survey: GrowthSurvey, size: Size, ascii: bool = False) -> Lines:
    """‖∂J/∂a‖ of every layer over that of the last hidden one, from the output down, with theory's line."""
    depth = survey.plan.depth
    below = np.arange(depth, dtype=np.float64)
    curves = []
    if survey.theory is not None:
        curves.append(Curve("theory, BN", below, survey.theory ** (below / 2), "+", "growth"))
    short = survey.kind.short
    for label, found, marker in ((f"{short} off", survey.off, "o"), (f"{short} on", survey.on, "braille")):
        if found is not None:
            with np.errstate(all="ignore"):
                relative = found.signal[:, ::-1] / found.signal[:, -1:]
                middle = np.exp(np.log(relative).mean(axis=0))
            curves.append(Curve(label, below, middle, marker, "second" if marker == "o" else "accent"))
    return canvas.curves(
        curves,
        size,
        x_axis=Axis(label="layers down", limits=(0.0, float(depth - 1))),
        y_axis=Axis("log"),
        title="over the topmost's",
        ascii=ascii,
    )


def growth_findings(survey: GrowthSurvey) -> str:
    """By what the squared norm grows from layer to layer, and what theory says."""
    if survey.on is None or survey.off is None:
        return ""
    on, off, short = survey.on.squared_gain, survey.off.squared_gain, survey.kind.short
    first = min(SETTLED, survey.plan.depth - 2)
    said = [
        f"From layer to layer towards the input ‖∂J/∂a‖² changes ×{brief(on)} with {short} and ×{brief(off)} without "
        f"(layers {first + 1} and deeper; the gain on the screen is the root, {brief(math.sqrt(on))} with {short})."
    ]
    if survey.theory is not None:
        limit = " (of very many samples: 1.467)" if survey.activation is RELU else ""
        off_by = abs(on / survey.theory - 1)
        apart = f"{100 * off_by:.0f} % from what is seen: theory is of wide, deep networks"
        fits = "which is what is seen" if off_by < 0.04 else apart
        said.append(f"Theory for m = {survey.plan.samples}: ×{brief(survey.theory)}{limit}, {fits}.")
    elif survey.kind is not BATCH_NORM:
        said.append(f"The theory line is of {BATCH_NORM.short}: there is none for {short}.")
    elif survey.activation not in THEORIES:
        said.append(f"There is no theory line for {survey.activation.name}.")
    else:
        said.append("Theory needs more than three samples.")
    if on > 1.05 and survey.kind is BATCH_NORM:
        said.append("BN at the start makes the gradient grow with depth.")
    elif on > 1.05 and survey.kind.scales:
        said.append(f"With {short} the gradient grows with depth at the start.")
    return " ".join(said)
