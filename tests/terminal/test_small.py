"""Windows too small for anything but a sentence, or for that: whatever is open, the program goes on."""

import pytest
from terminal.driver import Terminal, bntui

SIZES = ((1, 1), (9, 10), (6, 10), (4, 10), (1, 24), (2, 24), (3, 24), (4, 2), (10, 3), (59, 17))
OPENED = {  # the keys that open something, and a word of it
    "a question": (("n", "n"), "look again first"),
    "a line": (("j",), "Go to step"),
    "the discarding": (("Q",), "Discard this session"),
    "the futures": (("\t",), "every path taken"),
    "help": (("?",), "Each row is a factor"),  # its third row: a key that comes before the next size does may scroll it
    "the palette": ((":",), "Search for commands"),
    "the library": (("o",), "enter open"),
    "a sweep's line": (("s", "g"), "Sweep the rate of"),
    "the landscape": (("g",), "g growth with depth"),
}

# in the fast suite a dialog and a screen of its own
NAMES = [name if name in ("a question", "help") else pytest.param(name, marks=pytest.mark.slow) for name in OPENED]


def shrink(program: Terminal, *keys: str) -> None:
    """Go through all the sizes, with keys at each."""
    for size in SIZES:
        program.resize(*size)
        program.read(0.2)
        program.press(*keys)
        program.read(0.2)
        assert program.process.poll() is None, program.last_words()


def leave(program: Terminal) -> None:
    """Back to the session, whatever stands over it."""
    for _ in range(20):
        program.press("escape")
        program.quiet()
        if program.row(-1).startswith(("space step", "← back")):
            return
    raise TimeoutError(program.text())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_what_is_open_outlives_every_size_and_is_there_again(name: str) -> None:
    keys, word = OPENED[name]
    with bntui("goodfellow-chain") as program:
        program.until("· step 0")
        for key in keys:
            program.press(key)
            program.quiet()
        program.until(word)
        shrink(program, "up", "down")
        program.until("please make")
        assert word not in program.text()
        program.resize(80, 24)
        program.until(word)
        leave(program)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_what_is_opened_in_a_window_of_any_size_ends_nothing(name: str) -> None:
    with bntui("goodfellow-chain", size=(1, 1)) as program:
        program.resize(80, 24)
        program.until("· step 0")
        shrink(program, *OPENED[name][0])
        program.resize(80, 24)
        program.until(lambda text: "please make" not in text and bool(text.strip()))
        leave(program)


def test_what_is_typed_goes_where_it_went_before_the_window_was_too_small() -> None:
    with bntui("goodfellow-chain") as program:
        program.until("· step 0")
        program.press("j")
        program.until("Go to step")
        program.resize(20, 5)
        program.until("please make")
        program.resize(80, 24)
        program.until("Go to step")
        program.press("1", "enter")
        program.until("· step 1 ")
