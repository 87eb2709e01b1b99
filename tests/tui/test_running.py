"""Runs and explosions on the screen: paused, switched meanwhile, and come back from."""

import pytest
from session.worlds import CHAIN, SLOW_CHAIN
from tui.face import exploring

WIDE = (120, 40)


async def test_r_runs_until_it_is_pressed_again() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("r")
        await face.until(lambda: "10/s" in face.says("header"))
        await face.until(lambda: face.session.history.step >= 2)
        await face.press("r")
        assert "/s" not in face.says("header")
        step = face.session.history.step
        assert f" · step {step} · " in face.says("header")
        await face.press("b")
        assert f" · step {step} · " in face.says("header")


async def test_batch_norm_is_switched_and_the_speed_changed_while_it_runs() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("r", *["greater_than_sign"] * 3)
        await face.until(lambda: "100/s" in face.says("header"))
        face.hit("b")
        await face.until(lambda: "BN on" in face.says("header"))
        switched = face.session.history.step
        await face.until(lambda: face.session.history.step > switched + 20)
        face.hit("less_than_sign")
        await face.until(lambda: "50/s" in face.says("header"))
        face.hit("r")
        await face.settled()
        assert [mark.sign for mark in face.session.stand().marks] == ["b"]


async def test_going_back_pauses_a_run() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.hit("r")
        await face.until(lambda: face.session.history.step >= 2)
        await face.press("left")
        assert face.explorer.conductor.running is False
        assert face.session.stand().last_step == face.session.stand().step + 1


async def test_an_explosion_says_so_and_one_can_go_back_and_on_with_batch_norm() -> None:
    async with exploring(CHAIN) as face:
        await face.press("space", "space")
        assert "DIVERGED" in face.says("header")
        assert face.says("why").startswith("why  Diverged at step 2: J is 1.7e27.")
        await face.press("space")
        await face.until(lambda: "diverged at step 2" in face.toasts())
        assert " · step 2 · " in face.says("header")
        await face.press("left", "b", *["space"] * 20)
        assert " · step 21 · " in face.says("header")
        assert "DIVERGED" not in face.says("header")


async def test_a_run_into_an_explosion_pauses_there() -> None:
    async with exploring(CHAIN) as face:
        face.hit("r")
        await face.until(lambda: "diverged at step 2" in face.toasts())
        await face.settled()
        assert face.explorer.conductor.running is False
        assert "DIVERGED" in face.says("header")


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_every_view_of_an_explosion_beyond_all_numbers_can_be_opened(size: tuple[int, int]) -> None:
    async with exploring(CHAIN, "training.learning_rate=1e300", size=size) as face:
        await face.press("space", "space", "b")
        for key in ("1", "2", "3", "4", "5", "f", "enter", "up", "right_square_bracket", "asterisk", "left", "home"):
            await face.press(key)
            assert "step" in face.says("header")
