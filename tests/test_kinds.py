"""Every kind passes through everything that reads kinds: what one of them forgot to state fails here."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from paced import mostly_slow
from session.worlds import bits, do
from shell import printed

from bntui.maths.kinds.activations import ACTIVATIONS, LINEAR
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.maths.kinds.schedules import SCHEDULES
from bntui.scenario.model.scenario import json_schema
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf.writing import to_yaml
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.look.snapshot import Detail
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.survey.surveying import landscape
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.views.kinds import VIEWS
from bntui.views.pages.landscape_page import landscape_page
from bntui.views.pages.sweep_page import page as sweep_page
from bntui.views.panes import ledger
from bntui.views.panes.formula import formula
from bntui.views.panes.why import why
from bntui.views.text.lines import Size, text_of

EVERYTHING = Detail(
    orders=True, meters=True, activations=True, sizes=True, eigenvalues=True, track=True, fit=True, arrays=True,
    full=True, validation=True,
)
PLACEMENTS = ("before_activation", "after_activation")
TARGETS = {"numbers": [[0.3], [-1.0], [0.8], [2.0]], "switches": [[0], [1], [1], [0]], "classes": [[0], [2], [1], [0]]}

NOT_DECAYED = {"*.gamma": 0, "*.beta": 0, "*.bias": 0}
SCHEDULED = {"constant": {}, "step": {"every": 2, "by": 0.5}, "exponential": {"by": 1.1}, "cosine": {"steps": 4, "least": 0.1}}


def scenario(
    activation: str = "tanh",
    cost: str = "half_mse",
    placement: str = "before_activation",
    normalization: str = "batch_norm",
    **training: Any,
) -> str:
    """Two hidden layers of an activation, and the head that a cost needs, all normalized but the head."""
    kind = COSTS[cost]
    hidden = [{"name": name, "units": 4, "activation": activation} for name in ("h1", "h2")]
    last = {"name": "head", "units": 3 if kind.targets == "classes" else 1, "normalization": False}
    norm = {"kind": normalization, "enabled": True, "placement": placement, "epsilon": 0.01}
    if kind.last_activation not in (None, LINEAR):
        last["activation"] = kind.last_activation.name
    return json.dumps(
        {
            "version": 1,
            "title": "Kinds",
            "network": {"layers": [*hidden, last], "normalization": norm},
            "data": {"inputs": [[0.5, 1.0], [1.0, -0.5], [2.0, 0.3], [-0.7, 0.9]], "targets": TARGETS[kind.targets]},
            "cost": cost,
            "training": {"learning_rate": 0.05, **training},
        }
    )


def network(**kinds: Any) -> Session:
    return Session(read_text(scenario(**kinds), "kinds.yaml", None))


EVERY = [
    *(
        pytest.param({sort: name, "placement": place}, id=f"{name}-{place}", marks=[] if place == PLACEMENTS[0] else pytest.mark.slow)
        for sort, names in (("activation", ACTIVATIONS), ("normalization", NORMALIZATIONS))
        for name in names
        for place in PLACEMENTS
    ),
    *(pytest.param({"cost": name}, id=name) for name in COSTS),
    *(pytest.param({"momentum": 0.5, "nesterov": each}, id=f"momentum-{each}") for each in (False, True)),
    *(pytest.param({"optimizer": name, "weight_decay": 0.02, "weight_decays": NOT_DECAYED}, id=name) for name in OPTIMIZERS),
    *(pytest.param({"schedule": {"kind": name, "warm_up": 2, **SCHEDULED[name]}}, id=name) for name in SCHEDULES),
]


@pytest.mark.parametrize("kinds", EVERY)
def test_the_schema_allows_it_and_what_is_read_can_be_written_and_read_again(kinds: dict[str, Any]) -> None:
    text = scenario(**kinds)
    jsonschema.validate(json.loads(text), json_schema())
    loaded = read_text(text, "kinds.yaml", None)
    again = read_text(to_yaml(loaded.scenario), "again.yaml", None)
    assert again.scenario == loaded.scenario
    assert again.problem.architecture == loaded.problem.architecture


@pytest.mark.parametrize("view", mostly_slow(["layers", "loss", "step", "meters", "activations", "forward"], ["layers", "forward"]))
@pytest.mark.parametrize("kinds", EVERY)
def test_every_view_shows_it(kinds: dict[str, Any], view: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kinds.yaml"
    file.write_text(scenario(**kinds), encoding="utf-8")
    for size in ("80x24", "120x40"):
        rows = printed(capsys, "show", str(file), "--at", "2", "--view", view, "--layer", "h1", "--size", size).splitlines()
        assert len(rows) == int(size.partition("x")[2])
        assert any(row.startswith("why  ") for row in rows)


@pytest.mark.parametrize("kinds", EVERY)
def test_ledger_and_formula_name_all_of_its_factors(kinds: dict[str, Any]) -> None:
    snapshot = network(**kinds).observe(EVERYTHING)
    labels = [row.label for row in ledger.rows(snapshot)]
    symbols = text_of(formula(snapshot, Size(400, 4)))
    settings = snapshot.architecture.layer("h1")
    for part in settings.normalization.kind.parts:
        assert part.label in labels
        assert part.symbol.format(layer="h1") in symbols
    if settings.activation is not LINEAR:
        assert f"{settings.activation.symbol}′" in labels


@pytest.mark.parametrize("lines", ["jsonl", "csv"])
@pytest.mark.parametrize("kinds", EVERY)
def test_the_trace_tells_it(kinds: dict[str, Any], lines: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kinds.yaml"
    file.write_text(scenario(**kinds), encoding="utf-8")
    told = printed(capsys, "trace", str(file), "--steps", "2", "--meters", "--arrays", "--format", lines).splitlines()
    assert len(told) == (3 if lines == "jsonl" else 4)
    for part in network(**kinds).experiment.architecture.layer("h1").normalization.kind.parts:
        assert f"h1.{part.factor}" in told[0]


@pytest.mark.parametrize("kinds", EVERY)
def test_it_is_descended_looked_at_and_its_curvature_measured(kinds: dict[str, Any]) -> None:
    at = do(network(**kinds), {"step": 3})
    seen = at.observe(EVERYTHING)
    assert seen.orders is not None
    assert seen.meters is not None
    assert seen.activations is not None
    assert np.isfinite([seen.loss, seen.orders.second]).all()
    # without μ and σ it is no gradient of J, and what it changes by no Hessian
    detached = seen.architecture.layer("h1").normalization.kind.detached
    assert np.isnan(seen.meters.curvature) if detached else np.isfinite(seen.meters.curvature)
    if detached:  # its products stand against autograd, with μ and σ held, in tests/maths
        return
    loss = at.experiment.objective(at.history.moment)
    theta, rng = at.history.moment.state.theta, np.random.default_rng(0)
    direction = rng.normal(size=theta.size)
    exact, ahead, behind = loss.hessian(theta)(direction), *(loss.evaluate(theta + h * direction).gradient for h in (1e-6, -1e-6))
    np.testing.assert_allclose(exact, (ahead - behind) / 2e-6, rtol=0, atol=1e-6 * (1 + np.abs(exact).max()))


@pytest.mark.parametrize(("how", "kinds"), [pytest.param(how, each.values[0], id=f"{each.id}-{how}", marks=each.marks) for how in ("reset", "preserve") for each in EVERY])
def test_it_is_switched_off_and_on_again(how: str, kinds: dict[str, Any]) -> None:
    at = do(network(**kinds), {"step": 1})
    before = at.observe().loss
    kind = at.experiment.architecture.layer("h1").normalization.kind
    if how == "preserve" and not kind.folds:
        with pytest.raises(Refusal, match=f"preserve needs a map that is the same for every sample, and {kind.short}'s"):
            do(at, {"set": {"batch_norm": False, "switching": how}})
        return
    off = do(at, {"set": {"batch_norm": False, "switching": how}}).observe().loss
    on = do(at, {"set": {"batch_norm": True}}).observe().loss
    if how == "preserve":
        assert [off, on] == pytest.approx([before, before], rel=1e-9)
    do(at, {"step": 2})


@pytest.mark.parametrize("twin", mostly_slow(NORMALIZATIONS, ("batch_norm", "layer_norm")))
@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_every_kind_of_normalization_is_switched_into_every_other_and_beside_it_as_a_twin(name: str, twin: str) -> None:
    at = do(network(normalization=name), {"step": 2}, {"twin": {"normalization": twin}}, {"step": 1})
    seen = at.observe(EVERYTHING)
    assert seen.twin is not None
    assert [kind.name for _, kind in seen.twin.kinds] == [twin, twin]
    assert (seen.loss == seen.twin.loss) == (name == twin)
    do(at, {"twin": False}, {"set": {"normalization": twin}}, {"step": 1})
    assert [kind.name for _, kind in at.observe(EVERYTHING).kinds] == [twin, twin]


LATE: dict[str, tuple[dict[str, Any], ...]] = {
    "after 600 steps": ({"step": 600},),
    "diverged": ({"set": {"learning_rate": 1e200}}, {"step": 1}),
    "diverged beside a twin": ({"twin": {"normalization": "none"}}, {"set": {"learning_rate": 1e200}}, {"step": 1}),
    "evaluated": ({"set": {"mode": "eval"}}, {"step": 3}),
    "without a weight": ({"set": {"weights": {"h1.weight": [[0, 0]] * 4}}},),
    "beyond all numbers": ({"scale": {"layer": "h1", "by": 1e300}},),
}


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("name", mostly_slow(NORMALIZATIONS, ("layer_norm", "weight_norm")))
def test_every_view_and_the_sentence_that_says_why_stand_in_late_states(name: str, late: str, ascii: bool) -> None:
    seen = do(network(normalization=name, activation="relu"), *LATE[late]).observe(EVERYTHING)
    assert ("diverged" in late) <= seen.diverged
    for view in VIEWS.values():
        for size in (Size(80, 8), Size(120, 20)):
            if view.drawing is not None:
                assert len(view.drawing.lines(seen, size, ascii)) == size.height
    assert why(seen)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_a_landscape_is_of_the_kind_in_force(name: str) -> None:
    at = do(network(), {"set": {"normalization": name}}, {"step": 1})
    *_, survey = landscape(at.situation())
    short = NORMALIZATIONS[name].short
    assert [(course.label, course.norm) for course in survey.courses] == [(f"{short} off", ""), (f"{short} on", short)]
    alone = do(network(normalization=name), {"step": 1})
    *_, same = landscape(alone.situation())
    assert survey.courses[1] == same.courses[1], "trained anew in this kind, not in the scenario's"
    assert f" · {short} on · " in text_of(landscape_page(survey, Size(120, 30)))


def test_along_a_gradient_that_leaves_the_statistics_out_there_is_no_curvature(capsys: pytest.CaptureFixture[str]) -> None:
    detached = ("landscape", "goodfellow-chain", "--set", "normalization=batch_norm_detached")
    assert json.loads(printed(capsys, *detached, "--json"))["along_gradient"]["two_over_curvature"] is None
    assert "it leaves μ and σ out, so it is no slope of J" in " ".join(printed(capsys, *detached).split())
    whole = json.loads(printed(capsys, "landscape", "goodfellow-chain", "--set", "normalization=batch_norm", "--json"))
    assert whole["along_gradient"]["two_over_curvature"] > 0


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_a_sweep_is_of_the_kind_in_force_and_its_page_calls_it_so(name: str) -> None:
    at = do(network(), {"set": {"normalization": name}})
    found = complete(sweep(at.situation(), plan_for(at.situation(), count=3, steps=5, seeds=2)))
    alone = network(normalization=name)
    same = complete(sweep(alone.situation(), plan_for(alone.situation(), count=3, steps=5, seeds=2)))
    short = NORMALIZATIONS[name].short
    assert [side.label for side in found.variants[0].sides] == [f"{short} off", f"{short} on"]
    np.testing.assert_array_equal(found.variants[0].sides[1].loss, same.variants[0].sides[1].loss)
    text = text_of(sweep_page(found, Size(100, 24), 1))
    assert f" {short} off " in text
    assert f" {short} on " in text


@pytest.mark.parametrize("kinds", EVERY)
def test_it_is_swept(kinds: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kinds.yaml"
    file.write_text(scenario(**kinds), encoding="utf-8")
    found = json.loads(printed(capsys, "sweep", str(file), "--count", "2", "--steps", "3", "--from", "0.01", "--to", "0.1", "--json"))
    assert found


@pytest.mark.parametrize("kinds", EVERY)
def test_it_is_kept_and_resumed_bit_by_bit(kinds: dict[str, Any], tmp_path: Path) -> None:
    at = network(**kinds)
    at.recorder = Journal(tmp_path)
    do(at, {"step": 3}, {"set": {"batch_norm": ["h1"]}}, {"step": 2}, {"twin": {}}, {"step": 2})
    path = at.recorder.path
    assert path is not None
    at.recorder.close(at)
    again, sentence = resume(path)
    assert sentence is None
    assert bits(again.history.moment) == bits(at.history.moment)


@pytest.mark.parametrize(("cost", "activation"), list(itertools.product(COSTS, ACTIVATIONS)))
def test_every_activation_goes_with_every_cost(cost: str, activation: str) -> None:
    at = network(activation=activation, cost=cost)
    try:
        do(at, {"step": 5})
    except Refusal:
        pytest.fail("five small steps diverge")
    assert at.observe().loss < at.observe().starting_loss


def test_the_names_of_kinds_are_those_under_which_they_are_found() -> None:
    for known in (ACTIVATIONS, COSTS, NORMALIZATIONS, OPTIMIZERS, SCHEDULES):
        assert all(name == kind.name for name, kind in known.items())
