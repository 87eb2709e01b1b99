"""What a key or a beat changed shows what it was, until the next change."""

from __future__ import annotations

import pytest
from screens import frame
from session.worlds import shelved

from bntui.scenario.model.actions import parse_action
from bntui.session.look.snapshot import Detail
from bntui.session.session import Session
from bntui.views.panes.meters import meters_table
from bntui.views.screen.frame import frame_detail
from bntui.views.text.lines import Size, text_of

SIZES = [(60, 20), (80, 24), (120, 40)]


def lines(at: Session, columns: int, rows: int, ascii: bool = False) -> list[str]:
    return frame(at.observe(frame_detail(at.experiment.architecture, columns, rows)), columns, rows, ascii).splitlines()


def ledger(at: Session, columns: int, rows: int, ascii: bool = False) -> list[str]:
    width = 74 if columns == 120 else columns
    return [line[:width].rstrip() for line in lines(at, columns, rows, ascii)]


def test_the_row_that_a_key_scaled_and_the_cost_show_what_they_were_at_80x24() -> None:
    at = shelved("goodfellow-chain", {"step": 1}, {"scale": {"layer": "b", "by": 10}})
    assert ledger(at, 80, 24)[:8] == [
        "Goodfellow's chain · step 1 · J 1,830 → 2.0e5 · η 0.3 · BN off",
        "∂J/∂a = 1.93e5      value       product     1     10   100  1,000 10,000 1e5 1e6",
        "cost ∂J/∂ŷ           369.6        369.6     ███████████████        34.90 → 369.6",
        "▸e      gain          ×2.154      796.1                    ██",
        "▸d      gain          ×2.231    1,776                        ██",
        "▸c      gain          ×2.180    3,872                          ███",
        "▸b      gain         ×21.72    84,090        ×2.172 → ×21.72      ████████",
        "▾a      input         ×2.291        1.93e5                                ██",
    ]


def test_it_is_said_at_120x40_where_every_layer_is_open() -> None:
    at = shelved("goodfellow-chain", {"step": 1}, {"scale": {"layer": "b", "by": 10}})
    shown = ledger(at, 120, 40)
    assert shown[0].endswith("J 1,830 → 2.0e5 · η 0.3 · BN off")
    assert shown[6].startswith("▾b      weight       ×21.72    84,090        ×2.172 → ×21.72")
    assert sum(" → " in line for line in shown[1:8]) == 2


def test_on_60x20_a_bar_that_leaves_no_room_gives_way_and_no_number_is_cut() -> None:
    at = shelved("relu-net", {"set": {"batch_norm": True}}, {"step": 28}, {"scale": {"layer": "second", "by": 10}})
    shown = ledger(at, 60, 20)
    assert "        project       ×1.38e-7      4.62e-10 ×1.38e-5 →▒▒" in shown
    assert shown[0] == "The ReLU net of the… · step 28 · J 8.2e-4 · η 0.2 · BN on"


def test_a_switch_shows_its_new_rows_and_the_header_what_was() -> None:
    at = shelved("goodfellow-chain", {"step": 2}, {"set": {"batch_norm": True, "learning_rate": 0.1}})
    for size in SIZES:
        header, rows = lines(at, *size)[0], ledger(at, *size)
        assert "J 1.7e27 → 10.2 · η 0.3 → 0.1 · BN off → BN on" in header
        assert any("centre" in row and row.endswith("only rounding") for row in rows)
        assert any("input" in row and row.endswith("×2.291 → ≈0") for row in rows)


def test_a_row_that_was_not_there_is_new_unless_it_has_more_to_say() -> None:
    at = shelved("goodfellow-chain", {"focus": {"layer": "e"}}, {"set": {"batch_norm": True}})
    for size in SIZES:
        rows = ledger(at, *size)
        assert any("scale γ/σ" in row and " new " in row for row in rows)
    assert any("centre" in row and "took 94.2 % of δ²" in row for row in ledger(at, 80, 24))


def test_a_row_that_a_beat_opens_was_there_before() -> None:
    at = shelved("scale-invariance", {"beat": 3}, {"answer": 2}, {"beat": 6})
    rows = ledger(at, 80, 24)
    assert any("weight  »" in row for row in rows)
    assert not any(row.endswith(" new") for row in rows)


def test_in_ascii_with_a_twin_and_diverged() -> None:
    switched = ledger(shelved("goodfellow-chain", {"step": 2}, {"set": {"batch_norm": ["e"]}}), 80, 24, ascii=True)
    assert switched[0] == "Goodfellow's chain . step 2 . J 1.7e27 -> 10.2 . eta 0.3 . BN off -> BN e"
    assert all(line.isascii() for line in switched)
    beside = ledger(shelved("goodfellow-chain", {"step": 1}, {"twin": {}}, {"scale": {"layer": "b", "by": 10}}), 60, 20)
    assert beside[0] == "step 1 J 1,830 → 2.0e5 η 0.3 BN off twin BN on J 6.50"
    diverged = shelved("goodfellow-chain", {"step": 2}, {"scale": {"layer": "b", "by": 10}})
    assert "×535.7 → " in "\n".join(ledger(diverged, 80, 24))
    assert "DIVERGED" in ledger(diverged, 80, 24)[0]


@pytest.mark.parametrize("after", [{"step": 1}, {"back": 1}, {"reset": True}])
def test_the_next_change_ends_it(after: dict[str, object]) -> None:
    at = shelved("goodfellow-chain", {"set": {"learning_rate": 0.01}}, {"step": 3}, {"scale": {"layer": "b", "by": 2}})
    assert " → ×" in "\n".join(ledger(at, 80, 24))
    at.do(parse_action(after))
    assert " → " not in "\n".join(ledger(at, 80, 24))
    assert " → " not in ledger(at, 80, 24)[0]


def test_where_one_looks_is_no_change_and_what_was_is_of_the_same_sample() -> None:
    at = shelved("goodfellow-chain", {"scale": {"layer": "b", "by": 2}}, {"focus": {"layer": "a", "sample": 1}})
    shown = "\n".join(ledger(at, 80, 24))
    assert "×0.9 → ×1.8" in shown
    assert "-0.5882 →" in shown  # the one sample's cost: (1.2355 - 3)/3


def test_a_beat_is_compared_with_the_beat_before_whatever_it_did_on_the_way() -> None:
    at = shelved("relu-net", {"beat": 7})
    loss = at.observe().loss
    at.do(parse_action({"beat": 8}))
    moment = at.observe(Detail(changed=True))
    assert moment.changed_from is not None
    assert (moment.changed_from.loss, moment.changed_from.step, moment.step) == (loss, 2, 5)
    at.do(parse_action({"step": 1}))
    assert at.observe(Detail(changed=True)).changed_from is None


def test_a_beat_that_only_says_something_leaves_what_was_in_place() -> None:
    at = shelved("relu-net", {"beat": 1})
    assert at.observe(Detail(changed=True)).changed_from is None
    at.do(parse_action({"scale": {"layer": "first", "by": 2}}))
    assert at.observe(Detail(changed=True)).changed_from is not None
    at.do(parse_action({"beat": 2}))
    assert at.observe(Detail(changed=True)).changed_from is None  # the lesson goes on where it left off


def test_meters_show_over_the_layer_in_focus_what_was_different_in_it() -> None:
    at = shelved("relu-net", {"set": {"batch_norm": True}}, {"step": 28}, {"focus": {"layer": "second"}}, {"scale": {"layer": "second", "by": 10}})
    shown = text_of(meters_table(at.observe(Detail(meters=True, changed=True)), Size(80, 7))).splitlines()
    _, was, second, first = shown[3:7]
    assert second.split()[:4] == ["second", "12.00", "0.4222", "5.067"]
    assert first.split()[:4] == ["first", "1.200", "0.4961", "0.5953"]
    assert was.split()[:3] == ["sec…", "→", "1.200"]
    assert was.index("1.200") == first.index("1.200")
    assert "4.222" in was
    assert "λ_max" in shown[0]


def test_a_curvature_that_was_measured_before_stands_before_the_one_of_now() -> None:
    at = shelved("goodfellow-chain", {"set": {"learning_rate": 0.01}})
    measured = at.observe(Detail(meters=True, curvature=False))
    at.measured(measured, at.history.moment, at.history.place, lambda: False)
    at.do(parse_action({"set": {"batch_norm": ["e"]}}))
    shown = text_of(meters_table(at.observe(Detail(meters=True, changed=True)), Size(80, 7))).splitlines()
    assert shown[0].startswith("λ_max  5.482 → 1 ")


def test_a_stable_rate_with_weight_decay_and_what_it_was_are_told_in_full_at_80_columns() -> None:
    at = shelved("growing-rate", {"beat": 1})
    measured = at.observe(Detail(meters=True, curvature=False))
    at.measured(measured, at.history.moment, at.history.place, lambda: False)
    at.do(parse_action({"beat": 2}))
    shown = text_of(meters_table(at.observe(Detail(meters=True, changed=True)), Size(80, 9))).splitlines()
    assert shown[0].split("stable rate")[1].split() == ["0.03676", "→", "0.2473"]


def test_a_run_of_a_beat_compares_with_nothing_until_it_has_ended() -> None:
    at = shelved("relu-net", {"beat": 9}, {"answer": 2})
    seen = []
    for _ in at.perform(parse_action({"beat": 10})):
        seen.append(at.observe(Detail(changed=True)).changed_from is None)
    assert len(seen) == 28
    assert all(seen[2:])
