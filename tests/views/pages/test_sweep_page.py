"""The page of a sweep: exactly its size at any size, and sentences that state what was found."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from session.worlds import CHAIN, session
from views.pages.paged import LONG, SIZES, assert_nothing_is_cut, whole

from bntui.maths.kinds.costs import HALF_MSE
from bntui.maths.sweep import NEVER
from bntui.scenario.reading.overs import Over
from bntui.session.survey.sweeping import complete, plan_for, sweep
from bntui.session.survey.swept import Plan, Side, Sweep, Variant
from bntui.views.drawing.canvas import Size
from bntui.views.pages.sweep_page import figures, findings, page, progress_bar, title
from bntui.views.text.lines import plain, text_of

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


@cache
def sweeps_over(over):
    """A sweep of the chain before anything was run, and the whole of it."""
    at = session(CHAIN, "sweep.count=5", "sweep.steps=4")
    first, *_, last = sweep(at.situation(), plan_for(at.situation(), over=over))
    return first, last


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("over", [None, "gain", "depth"])
def test_a_sweeps_page_has_exactly_its_size(size, ascii, over):
    for result in sweeps_over(over):
        for cursor in (None, 0, 4):
            text = whole(page(result, Size(*size), cursor, ascii=ascii), *size)
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


SPREAD_OUT = (
    side("BN off", [[0.1] * 3, [5.0, 6.25, 7.125], [np.inf] * 3, [np.inf] * 3], [[NEVER] * 3, [NEVER] * 3, [1, 2, 3], [1] * 3]),
    side("BN on", [[1.25e-4, 6.5e-5, 4.25e-4]] * 4),
)


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


@pytest.mark.parametrize("size", [(80, 23), (120, 39)])
def test_what_was_found_is_told_to_its_end(size):
    drawn = page(made(OFF, ON), Size(*size))
    assert text_of(drawn).replace("\n", " ").rstrip().endswith(findings(made(OFF, ON)))


def test_in_ascii_the_two_curves_have_signs_of_their_own():
    seeds = replace(made(side("BN off", [[0.1, 3.0]] * 4), side("BN on", [[0.2, 0.4]] * 4)), seeds=(0, 1))
    assert "o BN off  * BN on" in text_of(page(seeds, Size(80, 23), ascii=True)).splitlines()[1]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_word_and_no_number_is_cut(width: int, ascii: bool) -> None:
    several = replace(made(*SPREAD_OUT), title=LONG)
    assert_nothing_is_cut(lambda size: page(several, size, 1, ascii=ascii), width, ascii)
