"""A dialog in a window that is made smaller is what it is when it is opened there."""

import time

import pytest
from session.worlds import SLOW_CHAIN
from textual.screen import ModalScreen
from tui.face import Face, exploring

LESSON = """
lesson:
  - ask: {question: "What happens to the gradient of the first layer, where all the others are as large?", choices: [up, "it
      becomes smaller and smaller, from step to step, until nothing is left of it"], answer: 1}
  - say: "So it went, and then nobody saw it again, for many steps, and then for many more."
"""
KEYS = {
    "help": "question_mark",
    "explained": "i",
    "beats": "l",
    "question": "n",
    "kinds": "N",
    "futures": "tab",
    "jump": "j",
    "value": "e",
    "twin": "T",
    "save": "w",
    "export": "x",
    "discard": "Q",
}
UNCHANGED = 0.2  # seconds for which nothing changes on what is drawn to its end
LOOKS = 20  # that see nothing change, for a busy machine may let seconds pass in which nothing can


def drawn(face: Face) -> list[str]:
    """The rows of the dialog on top, with its frame; none before it has a place, or while there is no room for it."""
    own = [child.region for child in face.screen.children if child.region and not (child.id or "").startswith("textual")]
    rows = face.screen._compositor.render_strips()
    return [row.crop(place.x, place.right).text for place in own[:1] for row in rows[place.y : place.bottom]]


async def opened(face: Face, key: str) -> None:
    face.hit(key)
    await face.until(lambda: isinstance(face.screen, ModalScreen))


async def drawn_to_its_end(face: Face) -> list[str]:
    """The rows when nothing changes any more."""
    shown, since, looks = drawn(face), time.monotonic(), 0

    def is_over() -> bool:
        nonlocal shown, since, looks
        if (now := drawn(face)) != shown:
            shown, since, looks = now, time.monotonic(), 0
        looks += 1
        return bool(shown) and looks > LOOKS and time.monotonic() - since > UNCHANGED

    await face.until(is_over)
    return shown


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.slow
async def test_a_dialog_in_a_smaller_window_is_what_it_is_when_it_is_opened_there(name: str) -> None:
    async with exploring(SLOW_CHAIN + LESSON, size=(60, 20)) as face:
        await opened(face, KEYS[name])
        small = await drawn_to_its_end(face)
    async with exploring(SLOW_CHAIN + LESSON, size=(100, 30)) as face:
        await opened(face, KEYS[name])
        large = await drawn_to_its_end(face)
        assert large != small
        await face.pilot.resize_terminal(60, 20)
        await face.until(lambda: drawn(face) == small)
        await face.pilot.resize_terminal(59, 17)
        await face.until(lambda: drawn(face) != small)
        await face.pilot.resize_terminal(100, 30)
        await face.until(lambda: drawn(face) == large)
