"""s, g and t at the end of every lesson: what they say is true there, and of use."""

import pytest
from textual.widgets import OptionList
from tui.face import Face, exploring, pane_text

from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.session import Session
from bntui.session.survey.surveying import Landscape
from bntui.session.survey.swept import Sweep
from bntui.session.teach.verdicts import take_beat
from bntui.tui.app import Bntui
from bntui.tui.screens.survey import Survey
from bntui.tui.widgets.pane import Pane

QUICK = ("sweep.count=6", "sweep.steps=20", "sweep.seeds=2")
FLAT = """
version: 1
title: Nothing to normalize
network: {layers: [{name: h, units: 3, batch_norm: false}, {name: head, units: 1, batch_norm: false}]}
data: {generator: {name: sine, samples: 8}}
training: {learning_rate: 0.1}
"""
DIVERGING = """
version: 1
title: Three steps to infinity
network: {layers: [{name: a, units: 1, weight: [[4.0]]}, {name: b, units: 1, weight: [[4.0]]}]}
data: {inputs: [[0.5], [1.0], [2.0]], targets: [[1.5], [3.0], [6.0]]}
training: {learning_rate: 9.0}
lesson: [{say: "It ends.", do: {step: 20}}]
"""


def page(face: Face) -> str:
    """The survey on top, without its breaks."""
    return " ".join(pane_text(face.screen.query_one("#page", Pane)).split())


async def pressed(face: Face, key: str, kind: type) -> str:
    """Press a key of the ledger, wait for all that its screen shows, and go back."""
    face.hit(key)
    await face.until(
        lambda: isinstance(face.screen, Survey) and isinstance(face.screen.result, kind) and not face.screen.computing
    )
    said = page(face)
    face.hit("escape")
    await face.until(lambda: face.screen is face.explorer)
    return said


async def read(face: Face) -> None:
    """Press s, g and t, and hold what they say to where the session stands."""
    now = face.explorer.snapshot
    assert now is not None
    swept = await pressed(face, "s", Sweep)
    if now.diverged:
        assert f"from the start (step {now.step} has diverged) by η" in swept
    elif "seeds" not in swept:  # from the session's own state, or of weights that are not drawn
        assert f"from step {now.step} by η" in swept or "one run each" in swept
    assert "had diverged" not in swept
    assert "trains" in swept  # what is found, in a sentence or a table
    assert "esc stops" not in swept  # it is whole
    along = await pressed(face, "g", Landscape)
    if now.diverged:
        assert "Look again from an earlier step: ← goes back, 0 to the start." in along
    else:
        assert "Along the gradient" in along
    await face.press("t")
    header = face.says("header")
    assert ("twin" in header) == (now.twin is None), header
    if now.diverged and now.twin is None:
        assert "The twin begins where this run has diverged; 0 starts both anew." in face.toasts()
        await face.press("0")
        assert " step 0 " in face.says("header")
        assert "twin" in face.says("header")


@pytest.mark.slow
@pytest.mark.parametrize("name", library.names())
async def test_at_the_end_of_every_lesson_they_say_something_true(name: str) -> None:
    session = Session(read_file(library.find(name), QUICK))
    for number in range(1, len(session.lesson.beats) + 1):
        take_beat(session, number)
    app = Bntui(session)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        face = Face(app, pilot)
        await face.until(lambda: app.explorer is not None and app.explorer.snapshot is not None)
        if session.lesson.picture(session.history.place) is not None:
            await face.until(lambda: isinstance(face.screen, Survey) and not face.screen.computing)
            face.hit("escape")
            await face.until(lambda: face.screen is face.explorer)
        await face.settled()
        await read(face)


async def test_at_the_end_of_a_lesson_that_diverges_they_begin_at_the_start_or_say_what_to_do() -> None:
    async with exploring(DIVERGING, *QUICK) as face:
        await face.press("n")
        assert "DIVERGED" in face.says("header")
        await read(face)


async def test_t_says_where_the_other_side_would_be_the_same() -> None:
    async with exploring(FLAT) as face:
        face.hit("t")
        await face.until(lambda: "a twin the other way would be the same" in face.toasts())
        assert face.session.history.moment.twin is None
        assert not face.screen.query(OptionList)
