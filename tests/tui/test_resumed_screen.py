"""A session that was left or cut off, on the screen again: it looks as it did."""

from pathlib import Path

import pytest
from session.journals import cut_off
from session.worlds import BATCHES, CHAIN
from tui.face import Face, exploring, going_on

from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.session import Session

SIZES = [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow), pytest.param((200, 60), marks=pytest.mark.slow)]
LONG = "\n".join(f"      Sentence {number} of a beat that is read on more than one page of this screen." for number in range(30))
LESSON = f"lesson:\n  - say: |\n{LONG}\n"


def seen(face: Face) -> dict[str, str]:
    """All that the screen shows."""
    return {name: face.says(name) for name in face.explorer.shown}


def resumed(at: Session) -> Session:
    """The session from its journal, as if the program had been killed."""
    again, sentence = resume(cut_off(at))
    assert sentence is None
    return again


async def left(face: Face, place: Path, *keys: str) -> dict[str, str]:
    """What the screen shows at last of a session that is kept, when these keys have been pressed."""
    face.session.recorder = Journal(place)
    await face.press(*keys)
    return seen(face)


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_opened_and_unfolded_is_there_again(tmp_path: Path, size: tuple[int, int]) -> None:
    async with exploring(BATCHES, size=size) as face:
        before = await left(face, tmp_path, "space", "space", "5", "up", "f", "enter")
        at = face.session
    async with going_on(resumed(at), size=size) as face:
        assert seen(face) == before
        await face.press("enter", "f")
        after = seen(face)
        assert after != before
        at = face.session
    async with going_on(resumed(at), size=size) as face:
        assert seen(face) == after


async def test_the_axis_stays_as_far_as_it_had_grown(tmp_path: Path) -> None:
    async with exploring(CHAIN) as face:
        before = await left(face, tmp_path, "space", *["asterisk"] * 4, "left")
        limits = face.explorer.showing.limits
        at = face.session
    async with exploring(CHAIN) as face:
        assert face.explorer.showing.limits != limits  # of a screen that has shown nothing but this
    async with going_on(resumed(at)) as face:
        assert face.explorer.showing.limits == limits
        assert seen(face) == before


async def test_a_beat_is_read_on_at_its_page_and_a_run_at_its_speed(tmp_path: Path) -> None:
    async with exploring(CHAIN + LESSON) as face:
        before = await left(face, tmp_path, "n", "n", "greater_than_sign")
        assert face.explorer.companion.page == 1
        at = face.session
        await face.until(lambda: at.face is not None and at.face.speed == 20)
    async with going_on(resumed(at)) as face:
        assert seen(face) == before
        assert face.explorer.conductor.steps_per_second == 20
        await face.press("n")
        assert face.explorer.companion.page == 2


async def test_who_only_unfolds_leaves_nothing_to_go_on_with(tmp_path: Path) -> None:
    async with exploring(BATCHES) as face:
        await left(face, tmp_path, "enter", "f", "greater_than_sign")
        assert not any(tmp_path.glob("*.jsonl"))
