"""The conductor without a screen: what is requested is decided on by where the session stands, which is worked out once a key."""

from functools import partial

from session.worlds import SLOW_CHAIN
from session.worlds import session as session_of
from tui.behind import conducting, settled

from bntui.scenario.model.actions import Step
from bntui.session.look import controls
from bntui.session.look.snapshot import Standing


async def test_a_key_makes_the_session_stand_once() -> None:
    session = session_of(SLOW_CHAIN)
    stood: list[int] = []
    stand = session.stand

    def counted() -> Standing:
        stood.append(session.history.step)
        return stand()

    async with conducting(session) as conductor:
        session.stand = counted  # type: ignore[method-assign]
        for _ in range(3):
            conductor.request(lambda standing: Step(count=standing.step + 1))
            await settled(conductor)
        assert stood == [1, 3, 7]


async def test_of_two_keys_at_once_the_second_knows_what_the_first_did() -> None:
    session = session_of(SLOW_CHAIN)
    async with conducting(session) as conductor:
        rate = session.stand().learning_rate
        for _ in range(2):
            conductor.request(partial(controls.change_rate, up=True))
        await settled(conductor)
        once = controls.rung(rate, up=True)
        assert once is not None
        assert session.stand().learning_rate == controls.rung(once, up=True)


async def test_a_session_that_goes_on_in_anothers_place_is_asked_where_it_stands() -> None:
    old, new = session_of(SLOW_CHAIN), session_of(SLOW_CHAIN)
    async with conducting(old) as conductor:
        conductor.request(lambda standing: Step(count=4))
        await settled(conductor)
        conductor.request(lambda standing: conductor.go_on_with(new))
        conductor.request(lambda standing: Step(count=standing.step + 1))
        await settled(conductor)
        assert (old.history.step, new.history.step) == (4, 1)
