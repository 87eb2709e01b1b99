"""What a picture's page says in numbers has the same names in a lesson, and the same numbers as its JSON."""

import pytest
from session.worlds import CHAIN, do, session

from bntui.scenario.model.pictured import landscape_quantities, sweep_quantities
from bntui.scenario.reading.pictures import picture_findings
from bntui.session.look.quantities import measure
from bntui.session.survey.results import growth_record, landscape_record, sweep_record
from bntui.session.survey.surveying import growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import complete, plan_for, sweep

QUICK = ("sweep.count=6", "sweep.steps=8", "sweep.from=1e-2", "sweep.to=10")


def swept(at, **wanted):
    return complete(sweep(at.situation(), plan_for(at.situation(), **wanted)))


def test_a_sweep_off_and_on_says_both_rates_and_their_ratio():
    made = swept(session(CHAIN, *QUICK))
    found, (variant,) = made.figures, sweep_record(made)["variants"]
    off, on = variant["sides"]
    assert set(found) == set(sweep_quantities(("off", "on")))
    assert (found["sweep.off.largest_rate"], found["sweep.on.largest_rate"]) == (off["largest_rate"], on["largest_rate"])
    assert found["sweep.ratio"] == variant["ratio"]["median"]
    assert found["sweep.seeds"] == len(made.seeds)
    assert found["sweep.trains_below"] == off["trains_below"]
    assert found["sweep.on.trains"] + on["trains_at_none"] == len(made.seeds)


def test_a_sweep_over_values_has_a_curve_for_each():
    found = swept(session(CHAIN, *QUICK), over="normalization=none,batch_norm").figures
    assert set(found) == set(sweep_quantities(("none", "batch_norm")))
    assert set(swept(session(CHAIN, *QUICK), over="gain").figures) == set(sweep_quantities(()))


def test_a_rate_that_is_not_there_is_none():
    assert swept(session(CHAIN, *QUICK), first=1e-7, last=2e-7).figures["sweep.off.largest_rate"] is None


def test_a_landscape_says_its_orders_where_j_is_least_and_the_measures():
    at = session(CHAIN)
    *_, made = landscape(at.situation())
    found, told = made.figures, landscape_record(made)
    assert set(found) < set(landscape_quantities(growth=False))
    along = told["along_gradient"]
    least = min(range(len(along["loss"])), key=lambda place: float(along["loss"][place]))
    assert found["landscape.lowest_rate"] == along["step_size"][least]
    assert found["landscape.stable_rate"] == along["two_over_curvature"]
    (off, on) = told["courses"]
    assert found["landscape.off.smoothness"] == off["median"]["smoothness"]
    assert found["landscape.on.loss_range.worst"] == on["worst"]["loss_range"]
    orders = measure(do(at, {"step": 1}), ["order.first", "order.second"])
    assert found["landscape.first_order"] == pytest.approx(orders["order.first"])
    assert found["landscape.second_order"] == pytest.approx(orders["order.second"])


def test_the_growth_says_both_sides_and_theory():
    at = session(CHAIN)
    *_, made = survey_growth(at.situation(), growth_plan(at.situation(), samples=8, width=8, depth=5, seeds=1))
    found, told = made.figures, growth_record(made)
    assert set(found) == set(landscape_quantities(growth=True))
    assert found["landscape.growth.on"] == told["on"]["squared_gain"]
    assert found["landscape.growth.theory"] == told["theory_squared_gain"]


def test_what_a_page_says_is_what_a_lesson_may_name():
    at = session(f"{CHAIN}\nlesson: [{{sweep: true, expect: {{sweep.ratio: {{above: 1}}}}}}]\n", *QUICK)
    beat = at.lesson.beats[0]
    assert not list(picture_findings(beat, ("lesson", 0), at.loaded.scenario, at.experiment.architecture))
