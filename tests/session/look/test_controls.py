"""What a key means at a moment."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import BATCHES, CHAIN, do, held_over, session

from bntui.session.look import controls
from bntui.session.session import Session


def meant(action: object) -> object:
    return None if action is None else action.mapping()


@pytest.mark.parametrize(
    ("rate", "larger", "smaller"),
    [
        (0.3, 0.5, 0.2),
        (1.0, 2.0, 0.5),
        (2.0, 5.0, 1.0),
        (5.0, 10.0, 2.0),
        (1000.0, 2000.0, 500.0),
        (0.1, 0.2, 0.05),
        (0.1 + 0.2 - 0.1, 0.5, 0.1),
        (1e-5, 2e-5, 5e-6),
        (7.3e-3, 1e-2, 5e-3),
        (1e300, 2e300, 5e299),
    ],
)
def test_the_rate_climbs_a_ladder_of_one_two_five(rate: float, larger: float, smaller: float) -> None:
    assert (controls.rung(rate, up=True), controls.rung(rate, up=False)) == (larger, smaller)


def test_a_rate_that_is_a_rung_but_for_rounding_is_that_rung() -> None:
    assert controls.rung(0.1 * 3 - 0.1, up=True) == 0.5
    assert controls.rung(0.19999999999999998, up=False) == 0.1


@given(st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False))
@held_over(300)
def test_the_ladder_ends_where_no_number_can_be_written(rate: float) -> None:
    for up in (True, False):
        rung = controls.rung(rate, up)
        assert rung is None or (math.isfinite(rung) and rung > 0 and (rung > rate if up else rung < rate))


def test_up_and_down_again_comes_back_to_the_rung() -> None:
    rate = 0.2
    for _ in range(30):
        rate = controls.rung(rate, up=True)
    for _ in range(30):
        rate = controls.rung(rate, up=False)
    assert rate == 0.2


def test_at_the_end_of_the_ladder_the_key_does_nothing() -> None:
    at = do(session(CHAIN), {"set": {"learning_rate": 1.7e308}})
    assert controls.change_rate(at.observe(), up=True) is None
    assert meant(controls.change_rate(at.observe(), up=False)) == {"set": {"learning_rate": 1e308}}


def test_batch_norm_goes_off_where_any_is_on_and_on_where_none_is() -> None:
    at = session(BATCHES)
    assert meant(controls.toggle_batch_norm(at.observe())) == {"set": {"batch_norm": True}}
    do(at, {"set": {"batch_norm": ["h2"]}})
    assert meant(controls.toggle_batch_norm(at.observe())) == {"set": {"batch_norm": False}}


def test_one_layer_is_switched_and_the_others_stay() -> None:
    at = do(session(BATCHES), {"set": {"batch_norm": ["h2"]}}, {"focus": {"layer": "h1"}})
    assert meant(controls.toggle_layer(at.observe())) == {"set": {"batch_norm": ["h1", "h2"]}}
    do(at, {"focus": {"layer": "h2"}})
    assert meant(controls.toggle_layer(at.observe())) == {"set": {"batch_norm": []}}
    do(at, {"focus": {"layer": "head"}})  # it stays out of BN everywhere, but may be named
    do(at, controls.toggle_layer(at.observe()).mapping())
    assert at.observe().normalized == ("h2", "head")


def test_the_selected_layer_is_scaled() -> None:
    at = do(session(CHAIN), {"focus": {"layer": "c"}})
    assert meant(controls.scale_layer(at.observe(), 0.1)) == {"scale": {"layer": "c", "by": 0.1}}


def test_the_focus_moves_layer_by_layer_and_stays_at_the_ends() -> None:
    at = do(session(CHAIN), {"focus": {"layer": "d"}})
    visited = []
    for towards_output in (True, True, False, False, False, False, False):
        at.do(controls.move_layer(at.observe(), towards_output))
        visited.append(at.focus.layer)
    assert visited == ["e", "e", "d", "c", "b", "a", "a"]


def walk(at: Session, onward: bool, times: int) -> list[int | None]:
    seen = []
    for _ in range(times):
        at.do(controls.move_sample(at.observe(), onward))
        seen.append(at.focus.sample)
    return seen


def test_samples_come_round_to_the_whole_batch() -> None:
    at = session(CHAIN)
    assert walk(at, True, 5) == [0, 1, 2, None, 0]
    assert walk(at, False, 3) == [None, 2, 1]


def test_samples_are_those_of_a_mini_batch() -> None:
    assert walk(session(BATCHES), False, 1) == [5]


def test_units_come_round_to_the_whole_layer() -> None:
    at = do(session(BATCHES), {"focus": {"layer": "h2"}})
    seen = []
    for _ in range(4):
        at.do(controls.move_unit(at.observe()))
        seen.append(at.focus.unit)
    assert seen == [0, 1, None, 0]


def test_mode_and_way_of_switching_are_toggled() -> None:
    at = session(CHAIN)
    for _ in range(2):
        at.do(controls.toggle_mode(at.observe()))
        at.do(controls.toggle_switching(at.observe()))
        seen = at.observe()
        if seen.mode == "eval":
            assert seen.switching == "preserve"
    assert (at.observe().mode, at.observe().switching) == ("train", "reset")


def test_marks_are_jumped_to_from_both_sides() -> None:
    at = do(session(BATCHES), {"step": 3}, {"set": {"batch_norm": True}})
    do(at, {"step": 4}, {"scale": {"layer": "h1", "by": 2}}, {"step": 2}, {"goto": 5})
    assert meant(controls.to_mark(at.stand(), onward=True)) == {"goto": 7}
    assert meant(controls.to_mark(at.stand(), onward=False)) == {"goto": 3}
    do(at, {"goto": 7})
    assert controls.to_mark(at.stand(), onward=True) is None
    do(at, {"goto": 3})
    assert controls.to_mark(at.stand(), onward=False) is None
