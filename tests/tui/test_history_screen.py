"""The history on the screen: opened by 9, gone through by 9, filled off the event loop."""

from session.worlds import BATCHES, SLOW_CHAIN
from tui.face import Face, exploring

from bntui.scenario.model.actions import parse_action
from bntui.session.look.snapshot import Detail

LESSON = """
lesson:
  - say: "How long is each weight?"
    do: [{step: 40}, {view: {history: weight}}]
  - say: "And by how much does it turn?"
    do: {view: {history: angle}}
"""


async def filled(face: Face) -> None:
    """Wait until the whole history is on the screen."""
    await face.until(lambda: "reading" not in face.everything() and _missing(face) == 0)


def _missing(face: Face) -> int:
    snapshot = face.explorer.snapshot
    return -1 if snapshot is None or snapshot.track is None else snapshot.track.missing


async def test_9_opens_the_history_and_again_goes_to_the_next_quantity() -> None:
    async with exploring(SLOW_CHAIN) as face:
        face.session.do(parse_action({"step": 300}))
        await face.press("9")
        await filled(face)
        assert "[9 history]" in face.says("tabs")
        assert face.says("panel").startswith("‖W‖ ")
        track = face.session.observe(Detail(track=True)).track
        assert track is not None
        assert track.steps.tolist() == list(range(301))
        await face.press("9")
        await filled(face)
        assert face.says("panel").startswith("γ/σ: there is no such number on the path to step 300")
        await face.press("b", "space", "space")
        await filled(face)
        assert face.says("panel").startswith("γ/σ ")
        await face.press("1", "9")
        assert face.session.stand().quantity == "scale"  # it opens where it was left


async def test_it_is_filled_while_a_run_goes_on() -> None:
    async with exploring(BATCHES, size=(120, 40)) as face:
        face.session.do(parse_action({"step": 200}))
        face.hit("9", "r")
        await face.until(lambda: face.session.history.step > 203 and -1 < _missing(face) < 20)
        await face.press("r")
        await filled(face)
        assert "‖W‖" in face.says("layers")
        assert face.says("loss").startswith("J")


async def test_another_quantity_is_read_though_the_one_before_was_not_finished() -> None:
    async with exploring(BATCHES) as face:
        face.session.do(parse_action({"step": 600}))
        face.hit("9", "9", "9", "9")
        await face.until(lambda: face.session.stand().quantity == "angle")
        await filled(face)
        assert face.says("panel").startswith("degrees turned a step ")


async def test_a_lesson_opens_a_history_and_back_returns_to_the_one_before() -> None:
    async with exploring(SLOW_CHAIN + LESSON) as face:
        await face.press("n")
        await filled(face)
        assert face.says("panel").startswith("‖W‖ ")
        await face.press("n")
        await filled(face)
        assert face.says("panel").startswith("degrees turned a step ")
        await face.press("p")
        await filled(face)
        assert face.says("panel").startswith("‖W‖ ")


async def test_nothing_is_read_where_nobody_looks() -> None:
    async with exploring(SLOW_CHAIN) as face:
        await face.press("space", "9", "1", "space", "space")
        snapshot = face.explorer.snapshot
        assert snapshot is not None
        assert snapshot.track is None


async def test_the_palette_knows_every_quantity_that_9_goes_through() -> None:
    async with exploring(BATCHES) as face:
        commands = {command.title: command for command in face.app.get_system_commands(face.explorer)}
        assert "history: J on all data (9)" in commands
        assert "history: J held out (9)" not in commands  # nothing is held out
        commands["history: ‖∂J/∂W‖ (9)"].callback()
        await face.until(lambda: face.session.stand().quantity == "gradient.*.weight")
        await filled(face)
        assert face.says("panel").startswith("‖∂J/∂W‖")
