"""The forward pass as a staircase beside the ledger's, and the loop of which a normalization cuts a link."""

from __future__ import annotations

import math

import pytest
from screens import frame
from session.worlds import shelved

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_text
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.session import Session
from bntui.views.panes.formula import formula, loop_cut, rows_needed
from bntui.views.panes.forward import forward_staircase
from bntui.views.screen.frame import frame_detail
from bntui.views.text.lines import Size, text_of

SIZES = Detail(sizes=True)

NET = """
version: 1
title: Kinds
network:
  layers:
    - {name: h1, units: 4, activation: tanh, bias: false}
    - {name: h2, units: 4, activation: tanh, bias: false}
    - {name: head, units: 1, batch_norm: false}
  batch_norm: {epsilon: 1e-12}
  init: {scheme: xavier, gain: 1.0, seed: 1}
data: {generator: {name: gaussian, samples: 12, seed: 0, inputs: 3, outputs: 1}}
training: {learning_rate: 0.01}
"""


def staircase(at: Session, width: int, height: int, ascii: bool = False) -> list[str]:
    return text_of(forward_staircase(at.observe(SIZES), Size(width, height), ascii)).rstrip().splitlines()


def test_every_stage_is_a_row_from_x_at_the_bottom_to_y_at_the_top() -> None:
    at = shelved("goodfellow-chain", {"step": 1}, {"set": {"batch_norm": ["c"]}})
    assert staircase(at, 60, 11) == [
        "forward ▲ rms            0.1        1           10       100",
        "e     z          4.804                   ████",
        "d     z          2.231               ████",
        "c     BN         1.000               ▒▒▒▒▒▒▒▒▒▒▒▒▒",
        "      z         13.41                         ████",
        "b     z          6.149                    ████",
        "a     z          2.832                ████",
        "x                1.323                │",
    ]


def test_two_layers_whose_names_begin_alike_are_told_apart() -> None:
    rows = staircase(shelved("saturated-sigmoids"), 60, 12)
    assert [row[:8] for row in rows[1:]] == ["head   z", "after2 z", "h2     σ", "       z", "after1 z", "h1     σ", "       z", "x       "]


def test_where_that_is_too_much_every_layer_is_a_row_with_z_and_a() -> None:
    at = shelved("deep-relu", {"step": 1})
    shown = staircase(at, 80, 11)
    assert shown[0].startswith("▲ rms      z            a       ")
    assert [line.split()[0] for line in shown[1:]] == ["head", *(f"h{number}" for number in range(8, 0, -1)), "x"]
    assert shown[1].startswith("head  57,030       57,030")
    few = staircase(at, 80, 6)
    assert [line.split()[0] for line in few[1:]] == ["head", "h8", "+6", "h1", "x"]  # h1 is in focus
    assert few[3] == "+6 more"
    assert "more" not in " ".join(shown)


def test_what_normalization_makes_of_z_stands_between_them() -> None:
    shown = staircase(shelved("deep-relu", {"set": {"batch_norm": True}}), 80, 11)
    assert shown[0].split()[:5] == ["▲", "rms", "z", "BN", "a"]
    row = next(line for line in shown if line.startswith("h5"))
    assert row.split()[2] == "1.000"
    head = next(line for line in shown if line.startswith("head"))  # which has none
    assert head.split()[:3] == ["head", "1.815", "1.815"]


def test_a_sample_shows_its_own_sizes() -> None:
    at = shelved("goodfellow-chain", {"focus": {"layer": "a", "sample": 2}})
    shown = staircase(at, 60, 11)
    assert shown[0].startswith("forward ▲ sample 2")
    assert shown[-1].split()[1] == "2"  # x is 2
    assert shown[-2].split()[2] == "2.2"


def test_beside_a_twin_in_ascii_and_diverged() -> None:
    beside = staircase(shelved("deep-relu", {"twin": {}}, {"step": 1}), 80, 11)
    assert all("◇" in line for line in beside[1:-1])
    ascii = staircase(shelved("deep-relu", {"twin": {}}, {"step": 1}), 80, 11, ascii=True)
    assert all(line.replace("…", "").isascii() for line in ascii)
    diverged = shelved("deep-relu", {"set": {"learning_rate": 1e30}}, {"step": 3})
    shown = diverged.observe(SIZES)
    assert shown.diverged
    assert len(staircase(diverged, 80, 11)) == 11


@pytest.mark.parametrize(("columns", "rows"), [(60, 20), (80, 24), (120, 40)])
def test_the_screen_shows_the_whole_staircase_of_the_chain_at_every_size(columns: int, rows: int) -> None:
    at = shelved("goodfellow-chain", {"step": 1})
    detail = frame_detail(at.experiment.architecture, columns, rows, "forward")
    shown = frame(at.observe(detail), columns, rows, view="forward").splitlines()
    first = next(place for place, line in enumerate(shown) if "forward ▲ rms" in line)
    column = shown[first].index("forward")
    assert [line[column:].split()[0] for line in shown[first + 1 : first + 7]] == ["e", "d", "c", "b", "a", "x"]
    if columns == 120:
        assert shown[first].startswith("∂J/∂a")  # beside the ledger


def loop_at(kind: str | None, *actions: dict[str, object]) -> Snapshot:
    at = Session(read_text(NET, "test.yaml", None))
    at.do(parse_action({"set": {"normalization": kind or "none"}}))
    for action in actions:
        at.do(parse_action(action))
    at.do(parse_action({"focus": {"layer": "h2"}}))
    return at.observe(SIZES)


def size_before_activation(snapshot: Snapshot) -> float:
    """How large what enters the activation of h2 is."""
    stages = dict(snapshot.sizes[1].stages)
    return stages.get("norm", stages["z"])


@pytest.mark.parametrize("kind", [None, *NORMALIZATIONS])
def test_the_link_is_marked_as_cut_where_ten_times_the_weights_do_not_enlarge_what_the_activation_gets(kind: str | None) -> None:
    """The control run: the same network, with the weights as they are and ten times as large."""
    before, after = loop_at(kind), loop_at(kind, {"scale": {"layer": "h2", "by": 10}})
    ratio = size_before_activation(after) / size_before_activation(before)
    mark, sentence = loop_cut(before)
    assert math.isclose(ratio, 1 if mark == "✗" else 10, rel_tol=1e-3), (kind, ratio, sentence)
    assert ("cuts the last link" in sentence) == (mark == "✗")
    assert (mark == "✗") == (kind not in (None, "batch_centre"))


def test_in_evaluation_mode_what_goes_by_running_estimates_cuts_nothing() -> None:
    for kind in ("batch_norm", "layer_norm", "weight_norm"):
        steps = ({"step": 3}, {"set": {"mode": "eval"}})
        before, after = loop_at(kind, *steps), loop_at(kind, *steps, {"scale": {"layer": "h2", "by": 10}})
        ratio = size_before_activation(after) / size_before_activation(before)
        assert loop_cut(before)[0] == ("→" if kind == "batch_norm" else "✗")
        assert (ratio > 2) == (kind == "batch_norm")


def test_the_formula_has_the_loop_below_it_at_the_rows_that_it_asks_for() -> None:
    at = shelved("goodfellow-chain", {"set": {"batch_norm": ["c"]}}, {"focus": {"layer": "c"}}).observe()
    shown = text_of(formula(at, Size(80, rows_needed(at, 80)))).splitlines()
    assert shown[-2:] == [
        "the loop  activations → gradients → weights ✗ activations",
        "BN in c cuts the last link: it divides by σ, which grows with the weights.",
    ]
    narrow = text_of(formula(at, Size(58, rows_needed(at, 58)))).splitlines()
    assert narrow[-3:] == [
        "the loop  activations → gradients → weights ✗ activations",
        "BN in c cuts the last link: it divides by σ, which grows",
        "with the weights.",
    ]
    less = text_of(formula(at, Size(58, rows_needed(at, 58) - 1))).rstrip().splitlines()
    assert less[-1] == "the loop  activations → gradients → weights ✗ activations"  # half a sentence would say something else
