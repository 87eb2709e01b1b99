"""Every path taken is kept: futures can be listed and returned to, and the timeline has marks to jump between."""

import pytest
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, bits, do, session

from bntui.session.run.futures import futures
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session


def forked() -> Session:
    """Ten steps; back to the fourth, BN on, three steps; back to the second, another rate, one step."""
    at = do(session(SLOW_CHAIN), {"step": 10}, {"back": 6}, {"set": {"batch_norm": True}}, {"step": 3})
    return do(at, {"back": 5}, {"set": {"learning_rate": 0.02}}, {"step": 1})


def test_futures_are_counted_from_0_in_the_order_begun() -> None:
    found = futures(forked().history)
    assert [(each.number, each.parent, each.forked_at, each.last_step) for each in found] == [
        (0, None, None, 10),
        (1, 0, 4, 7),
        (2, 0, 2, 3),
    ]
    assert [[layer for layer, _ in each.kinds] for each in found] == [[], ["a", "b", "c", "d", "e"], []]
    assert [each.learning_rate for each in found] == [0.01, 0.01, 0.02]
    assert [each.here for each in found] == [False, False, True]


def test_the_loss_of_a_future_is_the_one_at_its_end() -> None:
    at = forked()
    told = {each.number: each.loss for each in futures(at.history)}
    for number in (1, 0, 2):
        do(at, {"future": number})
        do(at, {"goto": at.stand().last_step})
        assert at.observe().loss == told[number]


def test_a_change_at_the_end_of_a_future_goes_on_in_it() -> None:
    at = do(session(SLOW_CHAIN), {"step": 3}, {"set": {"batch_norm": True}}, {"set": {"momentum": 0.5}}, {"step": 2})
    assert [each.last_step for each in futures(at.history)] == [5]


def test_returning_to_another_future_lands_at_the_same_step_in_it() -> None:
    at = do(session(BATCHES), {"step": 10})
    tenth, seventh = bits(at.history.moment), bits(do(at, {"back": 3}).history.moment)
    do(at, {"back": 3}, {"set": {"batch_norm": True}}, {"step": 3}, {"future": 0})
    assert (bits(at.history.moment), at.stand().last_step) == (seventh, 10)
    do(at, {"step": 3})
    assert bits(at.history.moment) == tenth


def test_returning_to_a_shorter_future_lands_at_its_end() -> None:
    at = do(forked(), {"future": 0}, {"goto": 10}, {"future": 2})
    assert (at.history.step, at.stand().last_step, at.observe().learning_rate) == (3, 3, 0.02)


def test_before_the_fork_only_the_way_ahead_changes() -> None:
    at = do(forked(), {"back": 2})
    before = bits(at.history.moment)
    ends = []
    for number in (0, 1, 2):
        do(at, {"future": number})
        assert bits(at.history.moment) == before
        ends.append(at.stand().last_step)
    assert ends == [10, 7, 3]


def test_at_the_fork_itself_the_old_future_goes_on_without_the_change() -> None:
    at = do(session(SLOW_CHAIN), {"step": 6}, {"back": 2}, {"set": {"batch_norm": True}}, {"step": 2}, {"back": 2})
    assert at.observe().normalized
    do(at, {"future": 0})
    assert (at.history.step, at.observe().normalized, at.stand().last_step) == (4, (), 6)
    do(at, {"future": 1})
    assert (at.history.step, bool(at.observe().normalized), at.stand().last_step) == (4, True, 6)


def test_what_was_done_before_a_reset_is_a_future_to_return_to() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": True}}, {"step": 5})
    fifth = bits(at.history.moment)
    do(at, {"reset": True}, {"step": 2}, {"future": 0}, {"goto": 5})
    assert bits(at.history.moment) == fifth
    do(at, {"future": 1})
    assert (at.history.step, at.observe().normalized) == (2, ())


def test_a_future_can_be_gone_on_in() -> None:
    at = do(forked(), {"future": 1}, {"goto": 7}, {"step": 2})
    assert [each.last_step for each in futures(at.history)] == [10, 9, 3]


def test_a_future_that_is_none_is_refused() -> None:
    with pytest.raises(Refusal, match="there is no future 1; there is only 0"):
        do(session(CHAIN), {"step": 1}, {"future": 1})
    at = forked()
    before = bits(at.history.moment), at.stand().last_step
    with pytest.raises(Refusal, match="there is no future 7; there are 0 to 2"):
        do(at, {"future": 7})
    assert (bits(at.history.moment), at.stand().last_step) == before


def marks(at: Session) -> list[tuple[int, str]]:
    return [(mark.step, mark.sign) for mark in at.stand().marks]


def test_jumps_of_the_loss_and_divergence_are_marked_once() -> None:
    at = session(CHAIN)
    with pytest.raises(Refusal, match="diverged"):
        do(at, {"step": 50})
    signs = [sign for _, sign in marks(at)]
    assert signs.count("↑") == 1
    assert marks(at)[-1] == (at.history.step, "×")
    do(at, {"back": 50})
    assert marks(at)[-1][1] == "×", "what is recorded ahead is marked too"


def test_a_jump_of_another_future_is_not_marked() -> None:
    at = session(CHAIN)
    with pytest.raises(Refusal, match="diverged"):
        do(at, {"step": 50})
    do(at, {"back": 50}, {"set": {"learning_rate": 0.001}}, {"step": 3})
    assert marks(at) == [(0, "η")]
    do(at, {"future": 0})
    assert "×" in {sign for _, sign in marks(at)}


def test_the_marks_of_a_long_run_stay_few() -> None:
    at = session(BATCHES)
    for turn in range(700):
        do(at, {"step": 1}, {"scale": {"layer": "head", "by": 1000 if turn % 2 else 0.001}})
    assert all(len(branch.jumps.marks) <= 256 for branch in at.history.branches)
