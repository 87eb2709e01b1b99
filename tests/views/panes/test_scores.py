"""What stands over the chart of J: scores of all data and of held-out data, in as much room as there is."""

from __future__ import annotations

from typing import Any

import pytest
from session.worlds import BATCHES, BLOBS, CHAIN, do, session

from bntui.session.look.snapshot import Detail
from bntui.session.session import Session
from bntui.views.kinds import LOSS
from bntui.views.panes.scores import loss_title
from bntui.views.screen.arrangement import arrange
from bntui.views.screen.panes import Showing, detail_for, render
from bntui.views.text.cells import cells
from bntui.views.text.lines import text_of
from bntui.views.text.numbers import brief, percent

SCORES = Detail(full=True, validation=True)


def title(at: Session, width: int) -> str:
    return loss_title(at.observe(SCORES), width)


def numbers(at: Session) -> tuple[str, str, str, str]:
    seen = at.observe(SCORES)
    return (brief(seen.full.loss), percent(seen.full.accuracy), brief(seen.validation.loss), percent(seen.validation.accuracy))


def test_the_more_room_there_is_the_more_is_told() -> None:
    at = do(session(BLOBS), {"step": 7})
    loss, right, held_loss, held_right = numbers(at)
    assert title(at, 78) == f"J · all {loss}, {right} · held out (eval) {held_loss}, {held_right}"
    assert title(at, 44) == f"J · all {loss} · held out {held_loss}, {held_right}"
    assert title(at, 39) == f"J · held out (eval) {held_loss}, {held_right}"
    assert title(at, 20) == f"J · held out {held_right}"
    assert title(at, 5) == "J"


def test_that_it_is_evaluation_is_said_in_training_under_batch_norm_alone() -> None:
    at = do(session(BLOBS), {"step": 7})
    assert "(eval)" in title(at, 78)
    assert "(eval)" not in title(do(at, {"set": {"mode": "eval"}}), 78)
    assert "(eval)" not in title(do(at, {"set": {"mode": "train", "batch_norm": False}}), 78)


def test_the_twin_stands_behind_its_mark() -> None:
    at = do(session(BLOBS), {"twin": {"batch_norm": False}}, {"step": 7})
    seen = at.observe(SCORES)
    shares = f"{percent(seen.validation.accuracy)} ◇ {percent(seen.twin.validation.accuracy)}"
    assert title(at, 26) == f"held out {shares}"
    assert title(at, 28) == f"J · held out {shares}"


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        (CHAIN, (), "J"),
        (CHAIN, ("data.validation=0.4",), "J · held out {validation}"),
        (BATCHES, (), "J · all {full}"),
        (BLOBS, ("training.batch_size=full", "data.validation=0.1"), "J · held out (eval) {validation}, {right}"),
    ],
)
def test_only_what_differs_from_j_is_told(text: str, changes: tuple[str, ...], expected: str) -> None:
    at = session(text, *changes)
    seen = at.observe(SCORES)
    known: dict[str, Any] = {"full": brief(seen.full.loss)}
    if seen.validation is not None:
        known |= {"validation": brief(seen.validation.loss), "right": percent(seen.validation.accuracy)}
    assert title(at, 60) == expected.format(**known)


def test_classes_without_held_out_data_tell_what_is_right_of_the_batch() -> None:
    whole = BLOBS.replace(", validation: 0.25", "").replace(", batch_size: 9", "")
    at = do(session(whole), {"step": 3})
    assert title(at, 60) == f"J · right {percent(at.observe().accuracy)}"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize("ascii", [False, True])
def test_the_first_frame_has_it_over_the_curve(size: tuple[int, int], ascii: bool) -> None:
    at = do(session(BLOBS), {"twin": {}}, {"step": 4})
    arrangement, showing = arrange(*size, 8), Showing(ascii=ascii)
    detail = detail_for(showing, arrangement, large=True)
    assert (detail.full, detail.validation) == (True, True)
    panes = render(at.observe(detail), arrangement, showing)
    assert "held out" in text_of(panes["loss" if arrangement.wide else "panel"])
    assert not detail_for(showing, arrangement, large=True, scored=False).validation


def test_a_view_beside_which_there_is_no_curve_asks_for_no_score() -> None:
    narrow = arrange(80, 24, 8)
    assert not detail_for(Showing(view="meters"), narrow, large=True).validation
    assert LOSS.drawing is not None
    assert LOSS.drawing.detail == SCORES


def test_a_form_does_not_change_with_the_length_of_its_numbers() -> None:
    at = session(BLOBS)
    forms = set()
    for _ in range(12):
        do(at, {"step": 1})
        text = title(at, 44)
        forms.add("".join(letter for letter in text if letter.isalpha() or letter in "()"))
        assert cells(text) <= 44
    assert len(forms) == 1


@pytest.mark.parametrize(("share", "text"), [(1.0, "100 %"), (0.99999, ">99.9 %"), (0.9694, "96.9 %"), (0.0, "0 %"), (None, "–")])
def test_only_all_is_a_hundred_percent(share: float | None, text: str) -> None:
    assert percent(share) == text
