"""The pages of sweep, landscape and growth: exactly their size at any size, and sentences that state what was found."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from session.worlds import CHAIN, do, session

from bntui.maths.kinds.costs import HALF_MSE
from bntui.maths.landscape import Measures, measures
from bntui.maths.sweep import NEVER
from bntui.scenario.reading.overs import Over
from bntui.session.run.refusal import Refusal
from bntui.session.survey.surveying import Course, Landscape, growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.survey.swept import Plan, Side, Sweep, Variant
from bntui.views.drawing.canvas import Size
from bntui.views.pages.landscape_page import growth_findings, growth_page, landscape_findings, landscape_page, measures_table
from bntui.views.pages.sweep_page import figures, findings, page, progress_bar, title
from bntui.views.panes.why import why
from bntui.views.text.cells import cells
from bntui.views.text.lines import plain, text_of
from bntui.views.text.numbers import brief

SIZES = [(1, 1), (7, 3), (40, 12), (60, 17), (80, 23), (120, 39), (200, 60)]
RATES = (0.001, 0.01, 0.1, 1.0)


def side(label, rows, diverged=None, value=None):
    """A side with J at the end by rate and seed; `diverged` are the steps at which runs did."""
    loss = np.array(rows, dtype=float)
    at = np.full(loss.shape, NEVER) if diverged is None else np.array(diverged)
    normalized, ways = () if label == "BN off" else ("h",), np.full((2, *loss.shape), np.nan)
    return Side(label, value, normalized, 2.0, loss, at, *ways, ~np.isnan(loss))


def made(off, on=None, progress=1.0, **plan):
    sides = (off,) if on is None else (off, on)
    seeds = tuple(range(off.loss.shape[1]))
    wanted = Plan(RATES, 50, len(seeds), "reset", **plan)
    return Sweep("A net", wanted, HALF_MSE, seeds, None, "", 0.1, 1.0, (Variant(None, sides),), progress)


OFF = side("BN off", [[0.1], [5.0], [9.0], [np.inf]], [[NEVER], [NEVER], [NEVER], [3]])
ON = side("BN on", [[0.2], [0.1], [0.0], [1e-30]])


OVERFLOWING = """
version: 1
title: Overflowing
network:
  layers: [{name: a, units: 1, bias: false}, {name: b, units: 1, bias: false}]
  batch_norm: {enabled: false}
  init: {scheme: constant, value: 1e308}
data: {inputs: [[0.5], [1.0]], targets: [[1.5], [3.0]]}
training: {learning_rate: 0.3}
"""


@cache
def sweeps_over(over):
    """A sweep of the chain before anything was run, and the whole of it."""
    at = session(CHAIN, "sweep.count=5", "sweep.steps=4")
    first, *_, last = sweep(at.situation(), plan_for(at.situation(), over=over))
    return first, last


@cache
def landscape_after(steps):
    """The landscape of the chain at the start, or where it has settled."""
    *_, last = landscape(do(session(CHAIN, "training.learning_rate=0.02"), *([{"step": steps}] if steps else [])).situation())
    return last


@cache
def small_growth():
    """The growth in a small network."""
    at = session(CHAIN).situation()
    *_, last = survey_growth(at, growth_plan(at, samples=6, width=8, depth=6, seeds=2))
    return last


def whole(lines, width, height):
    assert len(lines) == height
    assert all(sum(cells(span.text) for span in line) == width for line in lines)
    return text_of(lines)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("over", [None, "gain", "depth"])
def test_a_sweeps_page_has_exactly_its_size(size, ascii, over):
    for result in sweeps_over(over):
        for cursor in (None, 0, 4):
            text = whole(page(result, Size(*size), cursor, ascii=ascii), *size)
            assert text.isascii() or not ascii


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("steps", [0, 30])
def test_a_landscapes_page_has_exactly_its_size_converged_and_diverged(size, ascii, steps):
    result = landscape_after(steps)
    for survey in (result, replace(result, courses=(), progress=0.3), replace(result, ray=None, courses=(), progress=0.0)):
        text = whole(landscape_page(survey, Size(*size), ascii), *size)
        assert text.isascii() or not ascii


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii", [False, True])
def test_the_growths_page_has_exactly_its_size(size, ascii):
    result = small_growth()
    for survey in (result, replace(result, on=None, off=None, progress=0.0)):
        text = whole(growth_page(survey, Size(*size), ascii), *size)
        assert text.isascii() or not ascii


def test_the_result_is_stated_with_both_rates_and_their_ratio():
    said = findings(made(OFF, ON))
    assert said.startswith("The largest rate that trains is 1 or more with BN and 0.001 without: 1,000 times.")
    assert "J ends below 1, half of B = ½Var(y)" in said


def test_several_seeds_have_their_spread():
    off = side("BN off", [[0.1, 0.1], [0.1, 9.0], [9.0, 9.0], [9.0, 9.0]])
    on = side("BN on", [[0.1, 0.1], [0.1, 0.1], [0.1, 0.1], [9.0, 9.0]])
    said = findings(made(off, on))
    assert "with BN and 0.001 without; seed by seed: 55 times in the median of 2 seeds (10–90 %: 19 to 91)" in said


def test_seeds_that_train_at_no_rate_are_counted_once_all_runs_are_done():
    off = side("BN off", [[0.1, 0.1, 9.0], [0.1, 9.0, 9.0], [9.0, 9.0, 9.0], [9.0, 9.0, 9.0]])
    on = side("BN on", [[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [9.0, 9.0, 9.0]])
    assert "in the median of the 2 seeds that train at both (10–90 %: 19 to 91). 1 of 3 seeds trains at none without BN. Trains:" in findings(made(off, on))
    assert "at none" not in findings(made(off, on, progress=0.5))
    some, all_of_them = (side(label, [row] * 4) for label, row in (("BN off", [0.1, 0.1, 0.1, 9.0, 9.0]), ("BN on", [0.1] * 5)))
    assert "2 of 5 seeds train at none without BN." in findings(made(some, all_of_them))
    swapped = made(replace(all_of_them, label="BN off", normalized=()), replace(some, label="BN on", normalized=("h",)))
    assert "2 of 5 seeds train at none with BN." in findings(swapped)


def test_what_does_not_train_is_said():
    never = side("BN off", [[9.0]] * 4)
    assert findings(made(never, ON)).startswith("Without BN no rate of these trains; with BN they do up to 1 or more.")
    assert findings(made(OFF, replace(never, label="BN on"))).startswith("With BN no rate of these trains;")
    assert findings(made(never, replace(never, label="BN on"))).startswith("No rate of these trains")
    assert "no layer can be normalized" in findings(made(OFF))


def test_alike_is_called_alike():
    assert "about the same (×1)" in findings(made(OFF, replace(OFF, label="BN on")))


def test_the_figures_of_a_rate_say_what_became_of_the_runs():
    assert figures(made(OFF, ON), OFF, 0) == "J 0.1 · trains"
    assert figures(made(OFF, ON), OFF, 1) == "J 5 · does not train"
    assert figures(made(OFF, ON), OFF, 3) == "diverged at step 3"
    some = side("BN off", [[0.1, 3.0, 7.0]] * 4, [[NEVER, NEVER, 9]] * 4)
    assert figures(made(some), some, 0) == "J 3 (0.1 to inf) · 1 of 3 train · 1 of 3 diverged at step 9"
    assert figures(made(side("BN off", [[np.nan]] * 4)), side("BN off", [[np.nan]] * 4), 2) == "not run yet"


def test_the_two_curves_are_told_apart_by_glyph_and_label():
    text = text_of(page(made(OFF, ON), Size(80, 23), 1))
    legend = text.splitlines()[1]
    assert "o BN off" in legend
    assert "⠒ BN on" in legend
    assert "oooooo" in text.splitlines()[2], "what diverged without BN runs along the top"


def test_the_largest_rates_and_the_cursor_are_marked_in_the_chart():
    lines = page(made(OFF, side("BN on", [[0.1], [0.1], [0.1], [9.0]])), Size(80, 23), 1)
    top = text_of(lines).splitlines()[2]
    assert "off" in top
    assert "on" in top
    assert "◂▸" in top
    of_curves = {span.text.rpartition(" ")[2]: span.role for span in lines[1] if "BN" in span.text}
    of_marks = {span.text: span.role for span in lines[2] if span.text in of_curves}
    assert of_marks == of_curves, "each has the colour of its curve"


def test_while_it_runs_a_bar_says_how_far_it_is():
    text = text_of(page(made(OFF, ON, progress=0.42), Size(80, 23)))
    assert "42 %, esc stops" in text
    assert "The largest rate" not in text
    assert plain(progress_bar(0.5, 40, ascii=True)).count("#") == 12


def test_the_title_says_what_was_swept_from_where():
    assert title(made(OFF, ON)) == "J after 50 steps by η · one run each · A net"
    several = replace(made(OFF, ON, group="h*.weight"), from_step=7, seeds=(0, 1))
    assert title(several) == "J after 50 steps from step 7 by η of h*.weight · 2 seeds · A net"


def test_a_grid_shows_a_heat_map_for_each_and_the_row_of_the_cursor():
    at = session(CHAIN, "sweep.count=12", "sweep.steps=20")
    grid = complete(sweep(at.situation(), plan_for(at.situation(), over="depth")))
    text = text_of(page(grid, Size(100, 30), 3, 0))
    assert "BN off: depth by η" in text
    assert "BN on: depth by η" in text
    assert "▲" in text
    assert "depth 1 η" in text
    assert "depth 4 η" in text_of(page(grid, Size(100, 30), 3)), "the scenario's own, where no other is chosen"


def test_a_landscape_says_where_j_is_lowest_and_how_eta_stands_to_two_over_lambda():
    at = session(CHAIN, "training.learning_rate=0.02")
    *_, survey = landscape(at.situation())
    text = text_of(landscape_page(survey, Size(80, 23)))
    assert "Along the gradient J is lowest at a step of" in text
    assert "times 2/λ =" in text
    assert "first order" in text
    assert "second order" in text


def test_a_landscape_names_the_normalized_layers_and_the_mode_as_the_explorer_does():
    at = do(session(CHAIN), {"set": {"batch_norm": ["b"]}}, {"step": 2}, {"set": {"mode": "eval"}})
    survey = next(landscape(at.situation()))
    assert " · BN b · eval · η " in text_of(landscape_page(survey, Size(80, 23))).splitlines()[0]
    at = do(session(CHAIN), {"set": {"batch_norm": True}})
    survey = next(landscape(at.situation()))
    assert " · BN on · η " in text_of(landscape_page(survey, Size(80, 23))).splitlines()[0]


def test_where_j_is_lowest_at_the_longest_step_it_is_said_to_fall_still():
    ray = landscape_after(0).ray
    falling = replace(landscape_after(0), ray=replace(ray, loss=ray.start * np.linspace(0.99, 0.5, len(ray.sizes))))
    said = landscape_findings(falling)
    assert said.startswith(f"Along the gradient J still falls at a step of {brief(float(ray.sizes[-1]))}, the longest of these; ")
    assert "lowest" not in said


def test_where_the_start_has_overflowed_nothing_is_called_smooth():
    at = session(OVERFLOWING)
    *_, survey = landscape(at.situation())
    *_, row = text_of(measures_table(survey, 80)).splitlines()
    assert row.split() == ["effective", "smoothness", "inf", "inf", "inf", "inf"]
    for line in measures_table(survey, 60):
        assert cells(plain(line)) <= 60, "no number is cut on sixty columns"
    assert why(at.observe()) == "Diverged at step 0: J is inf."
    with pytest.raises(Refusal, match=r"nothing to descend$"):
        do(at, {"step": 1})


@pytest.mark.parametrize("size", [(80, 23), (120, 39)])
def test_what_was_found_is_told_to_its_end(size):
    at = session(CHAIN)
    landscapes = complete(landscape(at.situation()))
    grown = complete(survey_growth(at.situation(), growth_plan(at.situation(), samples=8, width=32, depth=12, seeds=1)))
    for drawn, said in (
        (landscape_page(landscapes, Size(*size)), landscape_findings(landscapes)),
        (growth_page(grown, Size(*size)), growth_findings(grown)),
        (page(made(OFF, ON), Size(*size)), findings(made(OFF, ON))),
    ):
        assert text_of(drawn).replace("\n", " ").rstrip().endswith(said)


def test_the_growths_title_names_the_activation():
    assert " · linear · 2 seeds" in text_of(growth_page(small_growth(), Size(120, 39))).splitlines()[0]


def test_in_ascii_the_two_curves_have_signs_of_their_own():
    seeds = replace(made(side("BN off", [[0.1, 3.0]] * 4), side("BN on", [[0.2, 0.4]] * 4)), seeds=(0, 1))
    for drawn in (page(seeds, Size(80, 23), ascii=True), growth_page(replace(small_growth(), theory=None), Size(80, 23), True)):
        legend = text_of(drawn).splitlines()[1]
        assert "o BN off  * BN on" in legend


def test_what_the_miniature_does_not_confirm_is_said():
    small, large = Measures(1.0, 2.0, 3.0), Measures(10.0, 20.0, 30.0)
    courses = (
        Course("off", "BN off", "", (0, 9), None, small, large),
        Course("on", "BN on", "BN", (0, 9), None, Measures(2.0, 1.0, 3.0), Measures(5.0, 20.0, 40.0)),
    )
    said = landscape_findings(Landscape("A net", 0, (), ("a",), "BN", "train", 0.1, None, courses, 1.0))
    assert said == (
        "Not confirmed here, no smaller with BN: range of J (median), change of the gradient (worst), "
        "effective smoothness (median, worst). Smaller with BN: range of J (worst), change of the gradient (median)."
    )


def test_of_adam_the_ray_is_not_called_its_way():
    def said(optimizer):
        at = session(CHAIN, f"training.optimizer={optimizer}")
        *_, survey = landscape(at.situation())
        return landscape_findings(survey)

    assert "adam does not step along the gradient: η marks the step of plain descent." in said("adam")
    assert "plain descent" not in said("sgd")


def test_a_diverged_course_says_where_it_ended():
    at = session(CHAIN)
    *_, survey = landscape(at.situation())
    assert "BN off diverged at step" in landscape_findings(survey)


@pytest.mark.slow
def test_after_fifty_steps_the_measures_are_of_ones_own_way_with_all_that_was_done_in_it():
    at = do(session(CHAIN, "training.learning_rate=0.02"), {"step": 30}, {"set": {"batch_norm": True}}, {"step": 40})
    *_, survey = landscape(at.situation())
    off, own = survey.courses
    assert (off.label, off.norm, off.steps) == ("off anew", "", (20, 69))
    assert (own.label, own.norm, own.steps) == ("this run", "BN", (20, 69))
    worst = max(measured_at(step).loss_range for step in range(20, 70))
    assert own.worst.loss_range == worst
    assert at.history.step == 70


def measured_at(step):
    """Santurkar's measures at a step of that session, by themselves."""
    back = do(session(CHAIN, "training.learning_rate=0.02"), {"step": 30}, {"set": {"batch_norm": True}}, {"step": 40})
    do(back, {"goto": step})
    moment, experiment = back.history.moment, back.experiment
    return measures(experiment.objective(moment), moment.state.theta, moment.learning_rate, 1.0)


def test_beside_a_twin_the_measures_are_of_both_and_name_what_they_compare():
    at = do(session(CHAIN, "training.learning_rate=0.02"), {"twin": {"learning_rate": 0.01}}, {"step": 60})
    *_, survey = landscape(at.situation())
    assert [course.label for course in survey.courses] == ["this run", "twin"]
    assert [course.steps for course in survey.courses] == [(10, 59), (10, 59)]
    assert "in the twin: " in landscape_findings(survey)
    assert "with BN" not in landscape_findings(survey)


def test_growth_says_what_theory_says_and_by_how_much_it_is_off():
    at = session(CHAIN).situation()
    plan = growth_plan(at, samples=8, width=96, depth=24, seeds=3)
    *_, survey = survey_growth(at, plan)
    assert "Theory for m = 8: ×1.2," in growth_findings(survey)
    few = growth_plan(at, samples=3, width=8, depth=5, seeds=1)
    *_, survey = survey_growth(at, few)
    assert "Theory needs more than three samples." in growth_findings(survey)


LETTERS = Over("normalization", ("none", "batch_norm", "layer_norm"))


def lettered(progress=1.0, **of):
    """A sweep over three kinds, of which the first trains at none with one of its two seeds."""
    rows = {
        "none": [[0.1, 9.0], [5.0, 9.0], [9.0, 9.0], [np.inf, np.inf]],
        "batch_norm": [[0.2, 0.2], [0.1, 0.1], [0.05, 0.04], [0.01, 9.0]],
        "layer_norm": [[0.2, np.nan], [np.nan, np.nan], [0.3, np.nan], [np.nan, np.nan]],
    }
    diverged = {"none": [[NEVER, NEVER]] * 3 + [[3, 3]]}
    sides = [side(name, each, diverged.get(name), value=name) for name, each in rows.items()]
    for one in sides:
        one.growth[:], one.turned[:] = np.where(one.done, 20.0, np.nan), np.where(one.done, 12.0, np.nan)
    sides[0] = replace(sides[0], **of)
    plan = Plan(RATES, 50, 2, "reset", over=LETTERS)
    return Sweep("A net", plan, HALF_MSE, (0, 1), None, "", 0.1, 1.0, (Variant(None, tuple(sides)),), progress)


def test_each_value_has_a_letter_and_a_row_with_its_largest_rate_its_spread_and_the_seeds_that_train_at_none():
    lines = text_of(page(lettered(), Size(80, 24))).splitlines()
    assert lines[0] == "J after 50 steps by η over normalization · 2 seeds · A net"
    rows = [line.split() for line in lines if line[:2] in ("a ", "b ", "c ")]
    assert rows == [
        ["a", "none", "none", "1/2", "·", "·", "·", "·"],
        ["b", "batch_norm", "0.1", "0.1–1", "0/2", "0.04", "2/2", "×20", "12°"],
        ["c", "layer_norm", "0.1", "0/1", "0.3", "1/1", "×20", "12°"],
    ]
    assert "bc" in lines[2], "the letters stand at the largest rates that train"
    assert "there: J" in next(line for line in lines if "normalization  " in line)


def test_at_the_cursor_the_rows_say_what_became_of_the_runs_there():
    rows = text_of(page(lettered(), Size(80, 24), 3)).splitlines()
    assert next(row for row in rows if "normalization  " in row).split()[-5:] == ["1:", "J", "train", "×‖w‖", "turned"]
    assert [row.split()[-4:] for row in rows if row[:2] in ("a ", "b ")] == [
        ["diverged", "0/2", "×20", "12°"],
        ["0.01", "1/2", "×20", "12°"],
    ]


def test_where_the_best_constants_differ_j_is_drawn_as_a_share_of_them():
    text = text_of(page(lettered(best_constant=8.0), Size(80, 24)))
    assert "J/B; a curve ends where its runs diverge" in text
    assert "which is not the same of all" in " ".join(text.split())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii", [False, True])
def test_a_lettered_page_has_exactly_its_size_and_its_letters_in_ascii_too(size, ascii):
    for cursor in (None, 0, 3):
        text = whole(page(lettered(), Size(*size), cursor, ascii=ascii), *size)
        assert text.isascii() or not ascii
        if size[0] >= 60:
            assert {"a none", "b batch_norm", "c layer_norm"} <= {" ".join(row.split()[:2]) for row in text.splitlines()}


def test_rows_that_have_no_room_are_counted():
    values = tuple(map(str, range(20)))
    sides = tuple(side(value, [[0.1]] * 4, value=value) for value in values)
    many = replace(lettered(), plan=replace(lettered().plan, over=Over("network.init.seed", values)), variants=(Variant(None, sides),))
    assert "+7 more" in text_of(page(many, Size(80, 23)))


def test_what_begins_at_the_start_for_the_run_has_diverged_says_so_in_its_title():
    stuck = replace(made(OFF, ON), stuck="diverged", session_step=7)
    assert title(stuck) == "J after 50 steps from the start (step 7 has diverged) by η · one run each · A net"
    assert findings(stuck) == findings(made(OFF, ON))


def test_what_begins_below_the_bound_says_so():
    late = replace(made(OFF, ON), from_step=300, begins_at=0.01)
    assert findings(late).endswith("At step 300 J is 0.01 already: a rate trains there that does not lose that again.")
    assert findings(replace(late, begins_at=1.5)) == findings(made(OFF, ON))


def test_of_a_state_that_has_diverged_the_landscape_says_what_to_do():
    at = session(CHAIN)
    with pytest.raises(Refusal):
        do(at, {"step": 600})
    *_, survey = landscape(at.situation())
    assert landscape_findings(survey).startswith(
        "The run has diverged at step 2: no step from here means anything. Look again from an earlier step: ← goes back, 0 to the start."
    )


LONG = "A deep ReLU net, badly scaled"
SPREAD_OUT = (
    side("BN off", [[0.1] * 3, [5.0, 6.25, 7.125], [np.inf] * 3, [np.inf] * 3], [[NEVER] * 3, [NEVER] * 3, [1, 2, 3], [1] * 3]),
    side("BN on", [[1.25e-4, 6.5e-5, 4.25e-4]] * 4),
)


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_word_and_no_number_of_a_page_is_cut(width: int, ascii: bool) -> None:
    several = replace(made(*SPREAD_OUT), title=LONG)
    drawn = {
        "sweep": lambda size: page(several, size, 1, ascii=ascii),
        "landscape": lambda size: landscape_page(replace(landscape_after(30), title=LONG), size, ascii),
        "growth": lambda size: growth_page(small_growth(), size, ascii),
    }
    for name, draw in drawn.items():
        whole_words = set(text_of(draw(Size(400, 60))).split())
        for line in text_of(draw(Size(width, 19))).split("\n"):
            told = line.rstrip().removesuffix("~" if ascii else "…")
            assert told == line.rstrip() or told.split()[-1] in whole_words, f"{name}: {line}"


def test_where_the_spread_has_no_room_all_else_is_told() -> None:
    lines = text_of(page(replace(made(*SPREAD_OUT), title=LONG), Size(60, 19), 1)).split("\n")
    assert any(line.rstrip().endswith("BN on   J 1.3e-4 · 3 of 3 train") for line in lines)
    assert lines[1].startswith("J; top: diverged  - ½B: trains below  o BN off  ⠒ BN on")
    wide = text_of(page(replace(made(*SPREAD_OUT), title=LONG), Size(80, 23), 1))
    assert "J 1.3e-4 (6.5e-5 to 4.2e-4) · 3 of 3 train" in wide


def test_at_60_columns_a_long_name_is_whole_and_the_rows_say_what_became_of_the_runs_at_the_cursor() -> None:
    swept = lettered()
    sides = [replace(each, value="batch_norm_detached" if each.value == "batch_norm" else each.value) for each in swept.variants[0].sides]
    rows = text_of(page(replace(swept, variants=(Variant(None, tuple(sides)),)), Size(60, 19), 3)).splitlines()
    assert next(row for row in rows if "normalization  " in row).split() == ["normalization", "trains", "none", "1:", "J", "train"]
    assert next(row for row in rows if row.startswith("b ")).split() == ["b", "batch_norm_detached", "0.1", "0/2", "0.01", "1/2"]
