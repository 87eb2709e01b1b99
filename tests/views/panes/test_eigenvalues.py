"""The view of the eigenvalues: what a person reads in it, before and after a switch, beside a twin, where there is nothing."""

import re
from dataclasses import replace

import pytest
from session.worlds import BATCHES, CHAIN, do, session

from bntui.session.look.snapshot import CurvedDirection, Detail, Eigenvalues, Snapshot
from bntui.session.session import Session
from bntui.views.panes.eigenvalues import eigenvalues_chart
from bntui.views.text.cells import cells
from bntui.views.text.lines import Size, plain, text_of

LOOK = Detail(eigenvalues=True, curvature=False)
NET = BATCHES.replace("batch_size: 6, ", "")


def measured(at: Session) -> Snapshot:
    """What the screen shows after a while."""
    shown = at.observe(LOOK)
    return at.measured(shown, at.history.moment, at.history.place, lambda: False)


def rows(snapshot: Snapshot, width: int = 60, height: int = 14, ascii: bool = False) -> list[str]:
    lines = eigenvalues_chart(snapshot, Size(width, height), ascii)
    assert [cells(plain(line)) for line in lines] == [width] * height
    return text_of(lines).split("\n")


def made(*values: float, least: float, doubt: float = 0.0) -> Snapshot:
    """A snapshot with these eigenvalues, each half along the mean."""
    of = [CurvedDirection(value, doubt, doubt == 0.0, 0.5) for value in (*values, least)]
    return replace(session(CHAIN).observe(LOOK), eigenvalues=Eigenvalues(tuple(of[:-1]), of[-1]))


def test_each_has_its_number_its_share_and_a_bar_and_what_curves_downwards_stands_on_the_other_side() -> None:
    _, _, first, second, least, *_ = rows(made(8.0, 4.0, least=-4.0))
    assert first.split()[:4] == ["1", "8", "50", "%"]
    assert first.count("█") == pytest.approx(2 * second.count("█"), abs=1)
    assert "▒" not in first
    assert least.split()[0] == "least"
    assert "█" not in least
    assert least.index("▒") < least.index("│") == first.index("│") < first.index("█")
    assert least.count("▒") == pytest.approx(second.count("█"), abs=1)


def test_what_is_not_found_to_the_last_digit_is_a_bound_with_its_doubt() -> None:
    _, heading, first, least, *_ = rows(made(8.0, least=-4.0, doubt=0.25))
    assert "doubt" in heading
    assert first.split()[:5] == ["1", "≥8", "50", "%", "±0.25"]
    assert least.split()[1] == "≤-4"
    assert "doubt" not in "".join(rows(made(8.0, least=-4.0)))


def test_after_a_switch_what_was_there_before_is_marked_behind() -> None:
    at = session(NET)
    before = measured(at)
    assert "before" not in "".join(rows(before))
    do(at, {"set": {"batch_norm": True}})
    after = measured(at)
    assert after.eigenvalues_before == before.eigenvalues
    assert after.eigenvalues != before.eigenvalues
    shown = rows(after)
    assert "• before" in shown[1]
    assert sum(line.count("•") + line.count("▸") + line.count("◂") for line in shown[2:]) == 11
    do(at, {"step": 1})
    assert measured(at).eigenvalues_before == after.eigenvalues


def test_a_twins_stand_in_the_same_rows() -> None:
    at = do(session(NET), {"twin": {}})
    shown = rows(measured(at))
    assert "◇ twin" in shown[1]
    assert sum(line.count("◇") + line.count("▸") + line.count("◂") for line in shown[2:]) == 11
    assert all(line.isascii() for line in rows(measured(at), ascii=True))


def test_the_first_is_the_curvature_of_the_meters() -> None:
    snapshot = session(NET).observe(Detail(eigenvalues=True, meters=True))
    assert snapshot.eigenvalues.largest[0].value == snapshot.meters.curvature


def test_where_there_are_few_rows_they_stand_beside_each_other_and_the_least_is_never_left_out() -> None:
    snapshot = measured(session(NET))
    for width, height in ((80, 5), (44, 12), (44, 9), (39, 5), (60, 6), (30, 3), (120, 5)):
        text = " ".join(rows(snapshot, width, height))
        assert " 1 " in text, (width, height)
        assert "least" in text, (width, height)
    assert all(f" {number} " in " ".join(rows(snapshot, 80, 7)) for number in range(1, 11))


def test_a_chain_of_five_weights_has_five_and_a_flat_direction_is_none() -> None:
    at = do(session(CHAIN), {"set": {"batch_norm": True}})
    shown = rows(measured(at), 60, 18)
    numbered = [line.split()[0] for line in shown[2:] if line.strip()]
    assert numbered == [*map(str, range(1, 11)), "least"]
    plain_chain = [line.split()[0] for line in rows(measured(session(CHAIN)), 60, 18)[2:] if line.strip()]
    assert plain_chain == ["1", "2", "3", "4", "5", "least"]
    assert any("≈0" in line for line in shown)


def test_a_network_that_has_run_out_of_the_numbers_says_so() -> None:
    at = do(session(CHAIN), {"set": {"learning_rate": 1e6}}, {"step": 1})
    assert at.observe().diverged
    assert "least" in " ".join(rows(measured(at), 80, 5))  # a line that is beyond 1e12 times its start has a Hessian still
    of = CurvedDirection(float("nan"), float("nan"), False, float("nan"))
    broken = replace(at.observe(LOOK), eigenvalues=Eigenvalues((of,), of))
    assert rows(broken, 80, 5)[0] == "The Hessian is not finite here, and has no eigenvalues."


def test_a_gradient_that_leaves_the_statistics_out_has_no_hessian() -> None:
    at = do(session(NET), {"set": {"normalization": "batch_norm_detached"}})
    assert rows(measured(at), 80, 5)[0] == "A gradient without μ and σ is no gradient of J: there is no Hessian."
    do(at, {"set": {"mode": "eval"}})  # where the statistics stand still for the gradient of every kind
    assert "least" in " ".join(rows(measured(at), 80, 5))


def test_until_they_are_measured_it_says_so() -> None:
    assert rows(session(NET).observe(LOOK))[0] == "measuring …"


def test_measuring_that_is_stopped_is_not_kept() -> None:
    at = session(NET)
    shown = at.observe(LOOK)
    at.measured(shown, at.history.moment, at.history.place, lambda: True)
    assert at.observe(LOOK).unmeasured
    assert not measured(at).unmeasured
    assert not at.observe(LOOK).unmeasured


def test_what_has_no_room_is_counted_before_the_least() -> None:
    snapshot = measured(session(NET))
    for width, height in ((80, 5), (44, 9), (39, 5), (60, 6)):
        shown = rows(snapshot, width, height)
        numbered = re.findall(r"(\d+) +-?\d\S+ +\d+ %", " ".join(shown))
        assert f"+{10 - len(numbered)} more" in " ".join(shown), "\n".join(shown)
    assert "+4 more" in " ".join(rows(snapshot, 80, 5, ascii=True))
    assert "more" not in " ".join(rows(snapshot, 80, 8))
