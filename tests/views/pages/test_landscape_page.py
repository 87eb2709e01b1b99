"""The pages of landscape and growth: exactly their size at any size, and sentences that state what was found."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from session.worlds import CHAIN, do, session
from views.pages.paged import LONG, SIZES, assert_nothing_is_cut, whole

from bntui.maths.landscape import Measures, measures
from bntui.session.run.refusal import Refusal
from bntui.session.survey.surveying import Course, Landscape, growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import complete
from bntui.views.drawing.canvas import Size
from bntui.views.pages.landscape_page import growth_findings, growth_page, landscape_findings, landscape_page, measures_table
from bntui.views.panes.why import why
from bntui.views.text.cells import cells
from bntui.views.text.lines import plain, text_of
from bntui.views.text.numbers import brief

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


def test_the_growths_title_names_the_activation():
    assert " · linear · 2 seeds" in text_of(growth_page(small_growth(), Size(120, 39))).splitlines()[0]


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


def test_of_a_state_that_has_diverged_the_landscape_says_what_to_do():
    at = session(CHAIN)
    with pytest.raises(Refusal):
        do(at, {"step": 600})
    *_, survey = landscape(at.situation())
    assert landscape_findings(survey).startswith(
        "The run has diverged at step 2: no step from here means anything. Look again from an earlier step: ← goes back, 0 to the start."
    )


@pytest.mark.parametrize("size", [(80, 23), (120, 39)])
def test_what_was_found_is_told_to_its_end(size):
    at = session(CHAIN)
    landscapes = complete(landscape(at.situation()))
    grown = complete(survey_growth(at.situation(), growth_plan(at.situation(), samples=8, width=32, depth=12, seeds=1)))
    for drawn, said in (
        (landscape_page(landscapes, Size(*size)), landscape_findings(landscapes)),
        (growth_page(grown, Size(*size)), growth_findings(grown)),
    ):
        assert text_of(drawn).replace("\n", " ").rstrip().endswith(said)


def test_in_ascii_the_two_curves_have_signs_of_their_own():
    drawn = growth_page(replace(small_growth(), theory=None), Size(80, 23), True)
    assert "o BN off  * BN on" in text_of(drawn).splitlines()[1]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_word_and_no_number_is_cut(width: int, ascii: bool) -> None:
    assert_nothing_is_cut(lambda size: landscape_page(replace(landscape_after(30), title=LONG), size, ascii), width, ascii)
    assert_nothing_is_cut(lambda size: growth_page(small_growth(), size, ascii), width, ascii)
