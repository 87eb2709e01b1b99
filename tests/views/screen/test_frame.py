"""The panes together: what a person sees at every size of the screen, exploding and converged."""

from __future__ import annotations

import re
from operator import attrgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import frame as frame_of
from session.worlds import shelved

from bntui.scenario.model.actions import Shown, parse_action
from bntui.scenario.model.vocabulary import ORDERS
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.session import Session
from bntui.views.kinds import VIEWS
from bntui.views.panes import ledger
from bntui.views.panes.formula import formula, rows_needed
from bntui.views.screen.arrangement import arrange, has_room
from bntui.views.screen.frame import frame_detail
from bntui.views.screen.panes import Showing, ledger_limits, render, roomiest
from bntui.views.text.cells import cells, in_ascii
from bntui.views.text.lines import Size, Span, line_in_ascii, plain, text_of
from bntui.views.text.numbers import significant

SIZES = [(80, 24), (100, 30), (120, 40), (200, 60), (60, 18)]
EVERYTHING = Detail(orders=True, meters=True, activations=True)


def frame(at: Session, columns: int, rows: int, ascii: bool = False) -> str:
    detail = frame_detail(at.experiment.architecture, columns, rows)
    return frame_of(at.observe(detail), columns, rows, ascii)


RUNS = {
    "exploding": shelved("goodfellow-chain", {"step": 9}),
    "converged": shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"step": 60}),
    "deep": shelved("deep-relu", {"set": {"batch_norm": True}}, {"step": 2}),
    "one sample": shelved("sigmoid-net", {"focus": {"layer": "h2", "sample": 3, "unit": 1}}),
    "with a twin": shelved("goodfellow-chain", {"twin": {}}, {"step": 3}),
    "evaluating": shelved("sigmoid-net", {"set": {"batch_norm": True}}, {"step": 3}, {"set": {"mode": "eval"}}),
}
SNAPSHOTS = {name: run.observe(EVERYTHING) for name, run in RUNS.items()}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("run", RUNS)
def test_every_pane_fills_exactly_its_place(run: str, size: tuple[int, int]) -> None:
    snapshot = SNAPSHOTS[run]
    folding = roomiest(snapshot.architecture, *size)
    arrangement = arrange(*size, ledger.most_rows(snapshot.architecture, folding))
    for view in ("layers", "loss", "step", "meters", "activations"):
        for with_formula in (False, True):
            showing = Showing(view=view, folding=folding, formula=with_formula, limits=ledger_limits(snapshot, None))
            for name, lines in render(snapshot, arrangement, showing).items():
                place = arrangement[name]
                assert [cells(plain(line)) for line in lines] == [place.width] * place.height, (view, name)


@given(columns=st.integers(60, 220), rows=st.integers(18, 70), needed=st.integers(8, 120), lesson=st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_two_panes_share_a_cell_and_none_leaves_the_screen(
    columns: int, rows: int, needed: int, lesson: bool
) -> None:
    taken: set[tuple[int, int]] = set()
    for name, place in arrange(columns, rows, needed, lesson).panes:
        assert place.width > 0, name
        assert place.height > 0, name
        assert place.column + place.width <= columns, name
        assert place.row + place.height <= rows, name
        cells_of_pane = {
            (column, row)
            for column in range(place.column, place.column + place.width)
            for row in range(place.row, place.row + place.height)
        }
        assert not taken & cells_of_pane, name
        taken |= cells_of_pane


def test_below_sixty_by_eighteen_there_is_no_room() -> None:
    assert has_room(60, 18)
    assert not has_room(59, 18)
    assert not has_room(60, 17)
    with pytest.raises(ValueError, match="at least 60 columns"):
        frame(RUNS["converged"], 59, 24)


def test_the_first_row_says_where_one_stands() -> None:
    first = frame(RUNS["exploding"], 80, 24).splitlines()[0]
    assert first == "Goodfellow's chain · step 2 · J 1.68e27 ×9.2e23 · η 0.3 · BN off · DIVERGED"


def test_the_ledger_multiplies_down_to_the_gradient() -> None:
    rows = frame(shelved("goodfellow-chain"), 80, 24).splitlines()
    assert [row[:44].rstrip() for row in rows[1:8]] == [
        "∂J/∂a = 3.468       value       product",
        "cost ∂J/∂ŷ             1.348        1.348",
        "▸e      gain          ×1.2          1.617",
        "▸d      gain          ×0.8          1.294",
        "▸c      gain          ×1.3          1.682",
        "▸b      gain          ×0.9          1.514",
        "▾a      input         ×2.291        3.468",
    ]


def test_the_open_layer_under_bn_shows_its_three_parts_and_what_epsilon_leaves() -> None:
    text = frame(shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"focus": {"layer": "e"}}), 80, 24)
    rows = text.splitlines()[3:7]
    assert [row.split()[0] for row in rows] == ["▾e", "centre", "project", "input"]
    assert "ε/(v+ε) 6.9e-6" in rows[2]


def test_what_bn_takes_out_exactly_is_shown_as_nothing() -> None:
    text = frame(shelved("goodfellow-chain", {"set": {"batch_norm": True}}), 80, 24)
    assert text.splitlines()[1].startswith("∂J/∂a ≈ 0")


def test_after_a_dead_unit_factors_have_no_value() -> None:
    dead = shelved("relu-net", {"step": 5})
    rows = frame(dead, 80, 24).splitlines()
    assert any(row.split()[-2:-1] == ["–"] or " – " in row for row in rows[3:7])
    assert rows[1].startswith("∂J/∂first = 0 ")


def test_growth_and_shrinkage_differ_by_glyph_and_not_by_colour_alone() -> None:
    text = frame(shelved("goodfellow-chain"), 80, 24)
    growing, falling = text.splitlines()[3], text.splitlines()[4]
    assert "█" in growing
    assert "▒" not in growing
    assert "▒" in falling
    assert "█" not in falling


def test_plain_ascii_is_plain_ascii_and_keeps_its_width() -> None:
    for run in RUNS.values():
        text = frame(run, 80, 24, ascii=True)
        assert text.isascii()
        assert all(len(row) <= 80 for row in text.splitlines())


def test_the_twin_has_its_column_and_its_ratio() -> None:
    rows = frame(RUNS["with a twin"], 100, 30).splitlines()
    assert "twin BN on J 0.765" in rows[0]
    assert "product        twin      ratio" in rows[1]
    assert "×5e13" in rows[2]


@pytest.mark.parametrize(("ascii", "twin", "own"), [(False, "◇", "⠒"), (True, "o", "*")])
def test_the_twin_has_one_sign_in_ledger_and_chart_and_j_keeps_its_own(ascii: bool, twin: str, own: str) -> None:
    text = frame(RUNS["with a twin"], 100, 30, ascii=ascii)
    assert f"J  {twin} twin  {own} J" in text
    assert any(twin in row[50:] for row in text.splitlines()[2:8]), "in the ledger"
    alone = frame(shelved("goodfellow-chain", {"step": 3}), 100, 30, ascii=True)
    assert sum(row[50:].count("*") for row in alone.splitlines()[12:]) > 3, "J is drawn as it is beside the twin"


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        ({}, "twin BN on J "),
        ({"learning_rate": 0.01}, "twin η 0.01 J "),
        ({"init_seed": 3}, "twin seed 3 J "),
        ({"batch_norm": ["h2"], "learning_rate": 5}, "twin BN h2 η 5 J "),
    ],
)
def test_the_twin_is_named_by_what_it_differs_in(difference: dict[str, object], said: str) -> None:
    at = shelved("sigmoid-net", {"twin": difference}, {"step": 2})
    assert said in frame(at, 100, 30).splitlines()[0]


def test_a_group_with_a_rate_of_its_own_is_named_behind_the_rate() -> None:
    at = shelved("sigmoid-net", {"set": {"learning_rates": {"h*.weight": 1000}}})
    assert " · η 0.3 (h*.weight 1,000) · " in frame(at, 100, 30).splitlines()[0]
    at.do(parse_action({"set": {"learning_rates": {"*.gamma": 0.1}}}))
    assert " · η 0.3 (2 of their own) · " in frame(at, 100, 30).splitlines()[0]


HEADERS = {
    "with rates of groups": shelved(
        "deep-relu", {"set": {"learning_rates": {"h*.weight": 1000}, "switching": "preserve"}}, {"twin": {}}, {"step": 2}
    ),
    "with a diverged twin": shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"twin": {}}, {"step": 20}),
    "diverged beside a twin": shelved("goodfellow-chain", {"twin": {}}, {"step": 20}),
    "evaluated beside a twin": shelved(
        "goodfellow-chain", {"set": {"switching": "preserve"}}, {"twin": {}}, {"step": 20}, {"set": {"mode": "eval"}}
    ),
    "in all layers but one": shelved("deep-relu", {"set": {"batch_norm": list(RUNS["deep"].experiment.architecture.switchable[1:])}}),
}


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("run", HEADERS)
def test_the_first_row_is_never_cut_and_begins_with_a_word(run: str, size: tuple[int, int], ascii: bool) -> None:
    at = HEADERS[run]
    first = frame(at, *size, ascii).splitlines()[0]
    assert first[0].isalpha()
    snapshot = at.observe()
    assert re.search(r" BN (on|off|in \d+|h\d\w*)\b", first), first
    wanted = [f"step {snapshot.step}", "J ", in_ascii("η", ascii), "BN "]
    wanted += ["eval"] * (snapshot.mode == "eval") + ["DIVERGED"] * snapshot.diverged
    for word in wanted:
        assert word in first
    if snapshot.twin is not None:
        assert re.search(r"twin (BN (on|off) J )?[\d.e+-]+$", first), first
        assert "twin BN" in first or size == (60, 18)


def view(snapshot: Snapshot, name: Shown, size: tuple[int, int]) -> str:
    drawing = VIEWS[name].drawing
    assert drawing is not None
    return text_of(drawing.lines(snapshot, Size(*size), False))


def test_the_twins_step_stands_beside_ones_own_with_marks_where_its_bars_would_end() -> None:
    snapshot = shelved("sigmoid-net", {"twin": {}}, {"step": 3}).observe(EVERYTHING)
    assert snapshot.orders is not None
    assert snapshot.twin is not None
    assert snapshot.twin.orders is not None
    title, *rows = view(snapshot, "step", (80, 5)).splitlines()
    assert title.endswith("what it did   ◇ the twin")
    for row, own, twin in zip(rows, *(attrgetter(*ORDERS)(each.orders) for each in (snapshot, snapshot.twin)), strict=True):
        assert row[13:].split()[:3] == [significant(own), "◇", significant(twin)]
        middle, mark = 41 + (80 - 41) // 2, row.rindex("◇")
        assert (mark >= middle) == (twin > 0)


def test_where_a_twin_diverged_there_is_no_step_of_it() -> None:
    twin = shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"twin": {}}, {"step": 5}).observe(EVERYTHING).twin
    assert twin is not None
    assert (twin.diverged_at, twin.orders) == (2, None)
    assert view(twin, "step", (80, 5)).startswith("Diverged at step 2: nothing has been updated since.")


@pytest.mark.parametrize("width", [44, 80])
def test_the_twins_meters_stand_beside_ones_own(width: int) -> None:
    snapshot = shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"twin": {}}, {"step": 1}).observe(EVERYTHING)
    assert snapshot.meters is not None
    assert snapshot.twin is not None
    assert snapshot.twin.meters is not None
    text = view(snapshot, "meters", (width, 12))
    assert f"{significant(snapshot.meters.curvature)} ◇ {significant(snapshot.twin.meters.curvature)}" in text
    assert "…" not in text
    heading = next(row for row in text.splitlines() if row.startswith("layer"))
    assert heading.split()[1:4] == ["‖W‖", "W·γ/σ", "◇"] or heading.split()[1:5] == ["‖W‖", "γ/σ", "W·γ/σ", "◇"]
    row = next(row for row in text.splitlines() if row.startswith("e "))
    assert significant(snapshot.twin.numbers("e").weight) in row.split(), "without BN a signal meets the weight alone"


@pytest.mark.parametrize("height", range(5, 16))
@pytest.mark.parametrize("ascii", [False, True])
def test_meters_say_how_many_layers_they_do_not_show(height: int, ascii: bool) -> None:
    snapshot = SNAPSHOTS["deep"]
    drawing = VIEWS["meters"].drawing
    assert drawing is not None
    rows = text_of(drawing.lines(snapshot, Size(80, height), ascii)).splitlines()
    names = [layer.name for layer in snapshot.architecture.layers]
    shown = [row.split()[0] for row in rows if row and row.split()[0] in names]
    assert snapshot.focus.layer in shown
    said = [int(found[1]) for row in rows if (found := re.match(r"\+(\d+) more", row))]
    assert said == ([len(names) - len(shown)] if len(shown) < len(names) else [])


def test_the_twins_activations_are_drawn_over_ones_own_and_counted() -> None:
    snapshot = shelved("relu-net", {"twin": {}}, {"step": 3}).observe(EVERYTHING)
    text = view(snapshot, "activations", (80, 12))
    assert "◇ twin" in text
    assert "g′=0 100 % (start 0 %) ◇ 50 %" in text
    assert text.count("◇") > 8


def test_a_long_chain_is_shortened_to_the_rows_there_are() -> None:
    rows = ledger.rows(SNAPSHOTS["deep"], "all")
    for height in range(3, len(rows) + 3):
        assert len(ledger.shortened(rows, height)) == min(height, len(rows))
    folded = ledger.shortened(ledger.rows(SNAPSHOTS["deep"]), 9)
    assert any("…" in row.layer for row in folded)


def test_folded_gains_and_open_factors_multiply_to_the_same_product() -> None:
    for snapshot in SNAPSHOTS.values():
        assert ledger.rows(snapshot, "all")[-1].after == ledger.rows(snapshot)[-1].after


def formula_words(snapshot: Snapshot, width: int, height: int) -> str:
    return text_of(formula(snapshot, Size(width, height)))


def test_the_formula_grows_by_the_factors_of_bn_at_the_switch() -> None:
    chain = shelved("goodfellow-chain")
    before = formula_words(chain.observe(), 80, 20)
    chain.do(parse_action({"set": {"batch_norm": True}}))
    after = formula_words(chain.observe(), 80, 20)
    assert "γ_e/σ_e" not in before
    assert after.count("γ_") == after.count("(I−x̂x̂ᵀ/m)") == 5


@pytest.mark.parametrize("run", ["exploding", "converged", "deep"])
def test_each_symbol_of_the_formula_stands_over_its_number_and_none_is_cut(run: str) -> None:
    snapshot = SNAPSHOTS[run]
    every = [plain(line) for line in formula(snapshot, Size(80, rows_needed(snapshot, 80)))]
    rows = every[: next(place for place, row in enumerate(every) if row.startswith("the loop"))]
    factors = 0
    for symbols, numbers in zip(rows[::2], rows[1::2], strict=True):
        assert cells(symbols) == cells(numbers) == 80
        assert symbols.count("·") == numbers.count("·")
        factors += symbols.count("·")
    assert factors == len(snapshot.chain(snapshot.focus.layer).factors) - 1


def test_where_the_whole_formula_does_not_fit_the_layers_above_are_one_derivative_each() -> None:
    text = formula_words(SNAPSHOTS["deep"], 80, 6)
    assert "∂a_h8/∂a_in" in text
    assert "γ_h8" not in text


def test_an_eval_run_says_so_and_what_training_mode_would_give() -> None:
    text = frame(RUNS["evaluating"], 120, 40)
    assert " · eval" in text.splitlines()[0]
    assert "Evaluation mode" in text
    assert "in training mode" in text


def test_in_ascii_the_columns_stay_where_they_are_and_what_stands_at_the_end_is_not_cut() -> None:
    run = shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"step": 3})
    before, after = frame(run, 80, 24).split("\n"), frame(run, 80, 24, ascii=True).split("\n")
    scale = next(row for row in before if "γ/σ" in row), next(row for row in after if "gamma/sigma" in row)
    assert [scale[0].index(each) for each in "≈◂"] == [scale[1].index(each) for each in "~<"]
    assert after[0].endswith("BN on")
    run = shelved("goodfellow-chain", {"set": {"batch_norm": True}}, {"step": 3}, {"focus": {"layer": "d"}})
    before, after = frame(run, 80, 24).split("\n"), frame(run, 80, 24, ascii=True).split("\n")
    assert any(re.search(r"ε/\(v\+ε\) \S+e-\d+$", row) for row in before)
    assert any(re.search(r"eps \S+e-\d+$", row) for row in after)  # the shorter note, where the longer one would move a number


@pytest.mark.parametrize(
    ("changes", "focus"),
    [((), "h8"), (("network.batch_norm.placement=after_activation",), "h8"), (("network.batch_norm.affine=false",), "h1")],
)
def test_the_numbers_of_the_ledger_stand_in_ascii_where_they_stand_else(changes: tuple[str, ...], focus: str) -> None:
    run = Session(read_file(library.find("deep-relu"), changes))
    for action in ({"set": {"batch_norm": True}}, {"step": 2}, {"focus": {"layer": focus}}):
        run.do(parse_action(action))
    before, after = (frame(run, 120, 40, ascii=ascii).split("\n")[1:20] for ascii in (False, True))
    rows = [place for place, row in enumerate(before) if "σ" in row[:17]]
    assert rows
    assert any("gamma/sigma" in after[place] or changes for place in rows)
    for place in rows:
        told = after[place][22:44].replace("x", "×").replace("~", "≈")
        assert told == before[place][22:44]
        assert after[place][:22].split()[-1] in ("scale", "gamma/sigma", "1/sigma")


def test_a_note_that_is_longer_in_ascii_moves_no_number() -> None:
    run = shelved("goodfellow-chain", {"set": {"batch_norm": True}})
    before, after = (frame(run, 120, 40, ascii=ascii).split("\n")[1:20] for ascii in (False, True))
    rows = [place for place, row in enumerate(before) if "project" in row and "e-" in row]
    assert any("ε/(v+ε)" in before[place] for place in rows)
    for place in rows:
        assert after[place][36:44] == before[place][36:44].replace("≈", "~")


def test_a_power_is_one_power_in_ascii() -> None:
    assert in_ascii("10⁻³ · 2ᵏ × ½ é", True) == "10^-3 . 2^k x 1/2 e"
    assert plain(line_in_ascii((Span("10⁻³ at η    now"),), 20)).rstrip() == "10^-3 at eta now"
    heading = (Span(f"{'layer':<17}‖W‖{'γ/σ':>11}{'W·γ/σ':>11}"), Span("  "))
    assert plain(line_in_ascii(heading, 44)).split() == ["layer", "|W|", "gamma/sigma", "W*gamma/sigma"]


@pytest.mark.parametrize(("width", "row"), [
    (111, " 1 layers  2 J  3 step  4 meters  5 activations  f formula  6 lesson 8/12  7 sizes  8 eigen  9 history  F fit "),
    (105, "1 layers 2 J [3 step] 4 meters 5 activations f formula 6 lesson 8/12 7 sizes 8 eigen 9 history F fit "),
    (80, "1 2 [3 step] 4 5 f 6 lesson 8/12 7 8 9 F "),
    (60, "1 2 3 [4 meters] 5 f 6 lesson 8/12 7 8 9 F "),
])
def test_where_the_tabs_have_no_room_they_move_together_and_then_only_the_open_one_has_its_name(width: int, row: str) -> None:
    at = shelved("goodfellow-chain", {"beat": 8})
    opened = next((view for view in ("step", "meters") if f"[{VIEWS[view].key}" in row), "sweep")
    showing = Showing(view=opened)
    arrangement = arrange(width, 24, 10, lesson=True)
    (tabs,) = render(at.observe(), arrangement, showing)["tabs"]
    assert plain(tabs).rstrip() == row.rstrip()
