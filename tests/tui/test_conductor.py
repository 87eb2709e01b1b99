"""The conductor without a screen: what is requested is decided on by where the session stands, which is worked out once a key."""

import asyncio
import select
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from session.worlds import SLOW_CHAIN
from session.worlds import session as session_of
from tui.behind import PATIENCE, conducting, settled

from bntui.scenario.model.actions import Step
from bntui.session.look import controls
from bntui.session.look.snapshot import Detail, Snapshot
from bntui.session.look.standing import Standing
from bntui.tui import pace
from bntui.tui.conductor import LIGHT, SPEEDS, Conductor


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


async def test_where_others_keep_the_processors_busy_a_run_makes_its_steps_and_fewer_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "waited_since", lambda time, work: 0.2)
    shown: list[int] = []

    def follow(conductor: Conductor) -> Callable[[Snapshot], None]:
        return lambda snapshot: shown.append(snapshot.step)

    async with conducting(session_of(SLOW_CHAIN), follow, frames=20) as conductor:
        conductor.speed = SPEEDS.index(100)
        await run_to(60, conductor, shown)
        assert max(after - before for before, after in pairwise(shown)) > 20  # in a frame of its own time it makes 5


async def test_where_no_frame_of_a_run_is_due_a_key_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "waited_since", lambda time, work: 3600.0)
    shown: list[int] = []

    def follow(conductor: Conductor) -> Callable[[Snapshot], None]:
        return lambda snapshot: shown.append(snapshot.step)

    async with conducting(session_of(SLOW_CHAIN), follow) as conductor:
        await run_to(1, conductor, shown)  # the frame after which none is due for an hour
        conductor.toggle_running()
        conductor.request(lambda standing: Step(count=100))
        await run_to(100, conductor, shown)


def test_a_program_that_was_stopped_for_hours_goes_on_as_before() -> None:
    now, work = pace.time_and_work()
    assert pace.waited_since(now - 7200, work) == pace.LONGEST_WAIT
    assert pace.waited_since(now, work - 7200) == 0


def waits() -> None:
    select.select([], [], [], 3 * LIGHT)


def works() -> None:
    end = time.thread_time() + 3 * LIGHT
    while time.thread_time() < end:
        pass


@pytest.mark.parametrize(("job", "light"), [(waits, True), (works, False)])
async def test_a_job_is_done_beside_the_keys_by_how_long_it_works_not_by_how_long_it_waits(job: Callable[[], None], light: bool) -> None:
    session = session_of(SLOW_CHAIN)
    observe = session.observe

    def observed(detail: Detail) -> Snapshot:
        job()
        return observe(detail)

    async with conducting(session) as conductor:
        session.observe = observed  # type: ignore[method-assign, assignment]
        conductor.look()
        await settled(conductor)
        assert conductor.light is light


async def run_to(step: int, conductor: Conductor, shown: list[int]) -> None:
    """Let it run until that step is shown."""
    if not conductor.running:
        conductor.toggle_running()
    async with asyncio.timeout(PATIENCE):
        while shown[-1] < step:
            await asyncio.sleep(0.01)
    conductor.pause()
    await settled(conductor)
