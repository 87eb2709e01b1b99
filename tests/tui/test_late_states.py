"""Each key in late states: after many steps, diverged, beside a twin, at a question, over a survey, while it runs: all stays whole."""

import re
from typing import Any

import pytest
from tui.face import Face

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import Loaded, read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.tui.app import Bntui
from bntui.tui.keys import KEYS
from bntui.tui.screens.survey import Survey

pytestmark = pytest.mark.slow

BN = {"set": {"batch_norm": True}}
STATES: dict[str, tuple[str, tuple[dict[str, Any], ...], str]] = {  # the scenario, what was done in it, and the key that comes before
    "at the start": ("sigmoid-net", (), ""),
    "after 600 steps": ("deep-relu", (BN, {"step": 600}), ""),
    "after 3000 steps": ("goodfellow-chain", (BN, {"step": 3000}), ""),
    "diverged": ("goodfellow-chain", ({"step": 2},), ""),
    "beside a twin that diverged": ("goodfellow-chain", (BN, {"twin": {}}, {"step": 20}), ""),
    "600 steps beside a twin": ("relu-net", (BN, {"twin": {}}, {"step": 600}), ""),
    "at a question": ("relu-net", ({"beat": 6},), ""),
    "over a sweep": ("relu-net", (BN, {"step": 20}), "s"),
    "over the landscape": ("relu-net", (BN, {"step": 20}), "g"),
    "while it runs": ("sigmoid-net", (BN, {"step": 600}), "r"),
}
SHARE = 4  # of the states that each key is pressed in, one is
LEAVING = ("app.quit", "app.suspend_process")
PRESSED = [key.name for key in KEYS if key.action not in LEAVING]
NO_SENTENCE = re.compile(r"went wrong|Traceback|\bNone\b|\bnan\b|<\w+ object|\{\w*\}")


def led(loaded: Loaded, done: tuple[dict[str, Any], ...]) -> Session:
    """A session in such a state."""
    session = Session(loaded)
    for each in done:
        session.do(parse_action(each))
    return session


async def left(face: Face) -> None:
    """Back to the session at rest, whatever stands over it."""
    while face.screen is not face.explorer:
        above = face.screen
        await face.pilot.press("escape")
        await face.until(lambda above=above: face.screen is not above)
    face.explorer.conductor.pause()
    await face.settled()


async def begun(face: Face, before: str) -> None:
    """Its charts are there, and what the key before brings."""
    await face.until(lambda: face.app.explorer is not None and face.explorer.snapshot is not None and face.explorer.showing.charts)
    if before:
        face.hit(before)
        await face.until(lambda: face.explorer.conductor.running if before == "r" else isinstance(face.screen, Survey))


def place(face: Face) -> tuple[object, ...]:
    """Where the session stands, and how many paths it has."""
    return face.session.history.place, len(face.session.history.branches)


def assert_whole(face: Face) -> None:
    """All panes have something to say, and say it in words and numbers."""
    told = {name: face.says(name) for name in face.explorer.shown}
    assert [name for name in ("header", "ledger", "why", "keys") if not told[name].strip()] == []
    assert any("┤" in text for text in told.values()) or face.explorer.showing.opened.name not in ("layers", "loss")
    assert NO_SENTENCE.search("\n".join([*told.values(), face.toasts()])) is None


@pytest.mark.parametrize("name", STATES)
async def test_a_key_is_answered_and_the_screen_stays_whole(name: str) -> None:
    scenario, done, before = STATES[name]
    loaded, turn = read_file(library.find(scenario)), list(STATES).index(name)
    app = Bntui(led(loaded, done))
    async with app.run_test(size=(80, 24) if turn % 2 else (120, 40), notifications=True) as pilot:
        face = Face(app, pilot)
        await face.settled()
        stood = place(face)
        for key in PRESSED[turn % SHARE :: SHARE]:
            if place(face) != stood:
                app.explore(led(loaded, done))
            await begun(face, before)
            await pilot.press(key)
            await pilot.pause()
            await left(face)
            assert_whole(face)
            app.clear_notifications()
