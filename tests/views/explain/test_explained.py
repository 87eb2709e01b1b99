"""What is explained: nothing that stands on the screen is without a text, and the numbers in the texts are those of the moment."""

import math
import unicodedata
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from session.worlds import CHAIN, do, session

from bntui.maths.kinds.activations import ACTIVATIONS, LINEAR
from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import CENTRE, NORMALIZATIONS
from bntui.maths.names import ACTIVATION, Name
from bntui.scenario.model.actions import ScaleWeights, Set
from bntui.scenario.model.vocabulary import HISTORIES, METERS
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf.library import folder, names
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.session import Session
from bntui.views.explain import of_meters
from bntui.views.explain.explained import explained
from bntui.views.explain.explanation import Explanation, lines_of
from bntui.views.explain.factors import ROUNDING, of_chain
from bntui.views.explain.marks import SIGNS, TIMELINE
from bntui.views.explain.of_views import THINGS, of_view
from bntui.views.kinds import VIEWS
from bntui.views.pages.landscape_page import MEASURES
from bntui.views.panes import ledger, meters
from bntui.views.panes.charts import ORDER_NAMES
from bntui.views.panes.formula import formula, loop_cut
from bntui.views.text.cells import cells
from bntui.views.text.lines import Size, plain, text_of

EVERYTHING = Detail(
    orders=True, meters=True, activations=True, sizes=True, eigenvalues=True, track=True, fit=True, full=True, validation=True
)
NET = """
version: 1
title: Explained
network:
  layers:
    - {{name: h1, units: 4, activation: {activation}}}
    - {{name: h2, units: 4, activation: {activation}, skip_from: previous}}
    - {{name: head, units: {units}, activation: {head}, batch_norm: false}}
  batch_norm: {{enabled: {on}}}
data: {{generator: {{name: {data}, samples: 16}}}}
cost: {cost}
training: {{learning_rate: 0.05}}
"""
STATES: dict[str, tuple[dict[str, Any], ...]] = {
    "at the start": (),
    "after steps": ({"step": 3},),
    "of one sample": ({"step": 3}, {"focus": {"sample": 1}}),
    "of one unit": ({"step": 3}, {"focus": {"unit": 1}}),
    "evaluated": ({"step": 3}, {"set": {"mode": "eval"}}),
    "with a twin": ({"twin": {}}, {"step": 3}),
}
# what a text needs no explaining for: letters of formulas, and what frames and axes are made of
NOTATION = set("‖∂·′²ᵀ√½¼−→←≤≥±°∏≈ŷ\u0302₁₂│┤└┴┬├─▁▂▃▄▅▆▇…")


def net(activation: str = "relu", cost: str = "half_mse", on: bool = True) -> Session:
    kind = COSTS[cost]
    data = {"numbers": "sine", "switches": "moons", "classes": "blobs"}[kind.targets]
    head = (kind.last_activation or LINEAR).name
    units = 3 if kind.targets == "classes" else 1
    text = NET.format(activation=activation, cost=cost, data=data, head=head, units=units, on="true" if on else "false")
    return session(text)


def lesson(name: str, *actions: dict[str, Any]) -> Session:
    return do(Session(read_text((folder() / f"{name}.yaml").read_text(), name, folder())), *actions)


def said(snapshot: Snapshot, name: str) -> Explanation:
    """The explanation of one row of the ledger."""
    return next(each for each in of_chain(snapshot, "all").explanations if each.name == name)


def check(snapshot: Snapshot) -> None:
    """Every row of the ledger has its text, and every text can be read in a narrow place, in plain ASCII too."""
    for folding in ("selected", "all"):
        group = of_chain(snapshot, folding)
        rows = ledger.rows(snapshot, folding)
        assert len(group.explanations) == len(rows) + 1
        for row, explanation in zip(rows, group.explanations, strict=False):
            assert explanation.name == (f"{row.layer} {row.label}" if row.layer else row.label)
            assert explanation.says
            assert explanation.now
        assert rows[group.chosen].layer == snapshot.focus.layer
    for explanation in [each for group in explained(snapshot, "all", "layers") for each in group.explanations]:
        for ascii in (False, True):
            lines = lines_of(explanation, 30, ascii)
            assert lines
            assert max(cells(plain(line)) for line in lines) <= 30
            assert not ascii or (text_of(lines).isascii() and "?" not in text_of(lines))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", NORMALIZATIONS)
def test_every_part_of_every_normalization_is_explained_in_every_state(kind: str, state: str) -> None:
    at = do(net(), {"set": {"normalization": kind}}, *STATES[state], {"focus": {"layer": "h1"}})
    snapshot = at.observe(EVERYTHING)
    check(snapshot)
    parts = {factor.name.part for chain in snapshot.chains for factor in chain.factors}
    for part in NORMALIZATIONS[kind].parts:
        if part.factor in parts:
            text = said(snapshot, f"h1 {part.label}")
            assert part.does in text.says
            assert part.says in text.says
            assert text.why


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "linear"])
def test_every_slope_is_explained(name: str) -> None:
    snapshot = do(net(name), {"focus": {"layer": "h1"}}).observe(EVERYTHING)
    text = said(snapshot, f"h1 {ACTIVATIONS[name].symbol}′")
    assert ACTIVATIONS[name].slope_says in text.says
    assert text.why


@pytest.mark.parametrize("name", COSTS)
def test_every_cost_is_explained(name: str) -> None:
    text = said(net(cost=name).observe(EVERYTHING), "cost ∂J/∂ŷ")
    assert COSTS[name].formula in text.says
    assert COSTS[name].slope_formula in text.now


def test_every_row_is_explained_after_a_divergence_and_beside_a_twin_that_diverged() -> None:
    check(do(session(CHAIN), {"step": 2}).observe(EVERYTHING))
    check(do(session(CHAIN), {"set": {"batch_norm": True}}, {"twin": {}}, {"step": 5}).observe(EVERYTHING))


def test_what_a_part_took_is_what_stood_between_the_signals() -> None:
    at = lesson("three-parts", {"step": 3}, {"focus": {"layer": "h2"}})
    signals = {link.factor: link.signal for link in at.experiment.evaluate(at.history.moment).links}
    after = signals[Name("h2", CENTRE.factor)]
    before = signals[Name("h2", "norm.scale")]
    taken = np.sqrt(np.square(before - after).sum())
    text = said(at.observe(EVERYTHING), "h2 centre").why
    assert f"= {taken:.3f}, {100 * taken**2 / np.square(before).sum():.1f} % of δ²" in text
    assert text.endswith("From that β learns.")


def test_a_ratio_of_relu_is_the_share_of_the_signal_that_met_a_slope_of_one() -> None:
    at = do(net(), {"step": 3}, {"focus": {"layer": "h1"}})
    evaluation = at.experiment.evaluate(at.history.moment)
    order = [link.factor for link in evaluation.links]
    place = order.index(Name("h1", ACTIVATION))
    after, before = evaluation.links[place].signal, evaluation.links[place - 1].signal
    share = np.square(before[after == before]).sum() / np.square(before).sum()
    assert f"its square, {100 * share:.3g} %," in said(at.observe(EVERYTHING), "h1 relu′").why


def test_one_name_has_one_number_for_a_layer_and_says_of_what() -> None:
    snapshot = lesson("three-parts", {"step": 3}, {"focus": {"layer": "h2"}}).observe(EVERYTHING)
    scale = snapshot.numbers("h2").scale
    assert scale is not None
    text = said(snapshot, "h2 scale γ/σ").why
    assert f"norm {scale:.1f} (the meters' number), root mean square {scale / math.sqrt(8):.2f}" in text
    meter = next(each for each in of_view(snapshot, "meters").explanations if each.name == "γ/σ")
    assert meter.now == f"h2: {scale:.1f} over 8 units"


def test_rounding_one_and_epsilon_are_told_apart() -> None:
    at = do(session(CHAIN), {"set": {"batch_norm": True}}, {"step": 3}, {"focus": {"layer": "a"}})
    assert said(at.observe(EVERYTHING), "a project").why == ROUNDING
    assert "×1: nothing of the signal lay along the mean" in said(at.observe(EVERYTHING), "d centre").why
    tiny = lesson("tiny-weights", {"set": {"batch_norm": True}}, {"focus": {"layer": "b"}})
    project = said(tiny.observe(EVERYTHING), "b project")
    assert "σ = √(v + ε) follows z only in part" in project.why
    assert project.lessons == ("tiny-weights",)


def test_the_twin_stands_beside_the_numbers_of_now() -> None:
    at = do(session(CHAIN), {"twin": {"learning_rate": 0.1}}, {"step": 1}, {"focus": {"layer": "a"}})
    snapshot = at.observe(EVERYTHING)
    assert snapshot.twin is not None
    own = next(factor for factor in snapshot.twin.chain("a").factors if factor.name == Name("e", "weight"))
    assert own.value is not None
    assert f"; in the twin ×{own.value:.2f}, product {own.product:.2f}" in said(snapshot, "e weight").now


def test_the_ledger_itself_says_what_a_part_took_and_what_is_only_rounding() -> None:
    notes = {
        (row.layer, row.label): row.notes
        for row in ledger.rows(lesson("three-parts", {"step": 3}, {"focus": {"layer": "h2"}}).observe(EVERYTHING), "all")
    }
    assert notes["h2", "centre"] == ("took 16.4 % of δ² along the mean over the samples", "took 16.4 % of δ²")
    assert notes["h2", "project"][0] == "took 16.3 % of δ² along x̂, ε/(v+ε) 1.6e-4"
    at = do(session(CHAIN), {"set": {"batch_norm": True}}, {"step": 3}, {"focus": {"layer": "a"}})
    rows = ledger.rows(at.observe(EVERYTHING), "selected")
    assert [row.layer for row in rows if row.notes == ("only rounding",)] == ["b", "a", "a", "a", "a"]
    assert all(span.role in ("faint", "selected") for row in rows[5:] for span in ledger.row_line(row, with_twin=False))


def test_a_part_that_takes_all_says_so() -> None:
    at = do(session(CHAIN), {"set": {"normalization": "weight_norm"}}, {"focus": {"layer": "e"}})
    values = {row.label: row for row in ledger.rows(at.observe(EVERYTHING), "selected")}
    assert values["project"].notes == ("nothing left: all lay along the rows of W", "nothing left")


def test_every_view_and_everything_that_it_names_is_explained() -> None:
    assert set(THINGS) == set(VIEWS)
    snapshot = net().observe(EVERYTHING)
    known = {view: {each.name for each in of_view(snapshot, view).explanations} for view in VIEWS}
    assert all(len(each) > 1 for each in known.values())
    assert set(ORDER_NAMES) <= known["step"]
    assert set(HISTORIES.values()) <= known["history"]
    assert {name for name, _ in MEASURES} <= known["landscape"]
    assert {*METERS, *meters.COLUMNS} - {"layer", "twin"} <= set(of_meters.METERS)
    assert any(name.startswith("½B") for name in known["sweep"])


def test_every_letter_of_the_timeline_is_explained() -> None:
    drawn = {*Set.signs.values(), ScaleWeights(layer="a", by=2).sign, "↑", "↓", "×"}
    assert set(TIMELINE) == drawn


@pytest.mark.parametrize("state", STATES)
def test_every_sign_that_is_drawn_is_explained(state: str) -> None:
    at = do(net(), {"set": {"batch_norm": True}}, *STATES[state])
    snapshot = at.observe(EVERYTHING)
    explained_signs = set("".join(SIGNS))
    for view in VIEWS.values():
        if view.drawing is None:
            continue
        text = text_of(view.drawing.lines(snapshot, Size(78, 12), False))
        for character in set(text) - explained_signs - NOTATION:
            assert character.isascii() or character.isalpha() or "BRAILLE" in unicodedata.name(character), (view.name, character)


def test_every_lesson_that_is_named_is_in_the_library_and_is_a_lesson() -> None:
    snapshot = net().observe(EVERYTHING)
    named = {name for group in explained(snapshot, "all", "layers") for each in group.explanations for name in each.lessons}
    assert len(named) > 10
    assert named <= set(names())
    for name in named:
        assert lesson(name).stand().lesson, name


def test_the_rows_that_are_explained_are_those_of_the_ledger_also_where_a_beat_has_opened_a_layer() -> None:
    at = do(net(), {"step": 2}, {"focus": {"layer": "h1"}})
    for lit in ((), ("factor.h2.weight",), ("gain.h2",)):
        snapshot = replace(at.observe(EVERYTHING), lit=lit)
        for folding in ("selected", "all"):
            assert len(of_chain(snapshot, folding).explanations) == len(ledger.rows(snapshot, folding)) + 1, (lit, folding)


def test_where_epsilon_rules_neither_the_row_nor_the_loop_says_that_the_size_of_w_cancels() -> None:
    snapshot = lesson("tiny-weights", {"set": {"batch_norm": True}}, {"focus": {"layer": "e"}}).observe(EVERYTHING)
    twice = lesson("tiny-weights", {"set": {"batch_norm": True}}, {"focus": {"layer": "e"}}, {"scale": {"layer": "e", "by": 2}})
    before, after = (each.numbers("e").pair for each in (snapshot, twice.observe(EVERYTHING)))
    assert before is not None
    assert after == pytest.approx(2 * before, rel=1e-3), "so it would be false"
    assert "Twice the W makes half" not in said(snapshot, "e scale γ/σ").why
    assert loop_cut(snapshot)[0] == "→"
    large = do(session(CHAIN), {"set": {"batch_norm": True}}, {"focus": {"layer": "e"}}).observe(EVERYTHING)
    assert "Twice the W makes half" in said(large, "e scale γ/σ").why
    assert loop_cut(large)[0] == "✗"


def test_below_a_dead_layer_nothing_learns_but_where_a_skip_goes_round_it() -> None:
    dead = {"set": {"weights": {"h2.bias": [-1e3] * 4}}}
    for actions, sentence in (((dead,), "goes round by the skip"), (({"set": {"skips": False}}, dead), "below here nothing learns")):
        snapshot = do(net(on=False), *actions, {"focus": {"layer": "h1"}}).observe(EVERYTHING)
        assert sentence in said(snapshot, "h2 relu′").why
        assert (snapshot.numbers("h1").weight_gradient > 0) == ("skip" in sentence)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_a_size_of_one_is_said_of_those_that_divide_z_by_its_own_size(name: str) -> None:
    snapshot = do(net(), {"set": {"normalization": name}}).observe(EVERYTHING)
    sizes = next(each for each in snapshot.sizes if each.layer == snapshot.focus.layer)
    (found,) = (each for each in THINGS["forward"](snapshot) if each.name == snapshot.short)
    assert sizes.normalized is not None
    assert ("its size is 1" in found.says) == (abs(sizes.normalized - 1) < 0.01)


def test_without_gamma_none_is_named() -> None:
    at = do(session(CHAIN, "network.batch_norm={enabled: true, affine: false}"), {"focus": {"layer": "e"}})
    snapshot = at.observe(EVERYTHING)
    assert "·1/σ_e" in text_of(formula(snapshot, Size(200, 4)))
    assert "δ ↦ δ·1/σ." in said(snapshot, "e scale 1/σ").says
