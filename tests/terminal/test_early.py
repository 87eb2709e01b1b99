"""What happens to keys and signals while textual is being loaded, which a busy machine takes its time for."""

import signal
import sys
from collections.abc import Iterator

import pytest
from terminal.driver import MODES, Terminal

# where textual would be loaded, the program waits until something has been typed: at most as long as it takes to notice that
# a terminal that edits lines will never say so
LOADING = """
import select, sys
from bntui.commands import cli

class Slow:
    def find_spec(self, name, path, target=None):
        if name == "textual":
            sys.meta_path.remove(self)
            print("loading", flush=True)
            select.select([0], [], [], 10)

sys.meta_path.insert(0, Slow())
sys.exit(cli.run(["goodfellow-chain"]))
"""


@pytest.fixture
def loading() -> Iterator[Terminal]:
    """A program that waits for a key before it loads textual."""
    with Terminal([sys.executable, "-c", LOADING]) as terminal:
        terminal.until("loading")
        yield terminal


def test_keys_that_are_pressed_before_the_first_frame_are_not_echoed_and_do_what_they_do(loading: Terminal) -> None:
    before = len(loading.output)
    loading.press("b", "space", "space", "enter")
    loading.until(lambda text: "step 2" in text and "BN on" in text and "▸e" not in text)
    begin = loading.output.index(b"\x1b[?1049h")
    assert loading.output[before:begin] == b""
    loading.press("q")
    assert loading.ended() == 0
    loading.assert_restored()


@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_signal_before_the_first_frame_leaves_the_terminal_as_it_was(loading: Terminal, name: str, status: int) -> None:
    loading.process.send_signal(signal.Signals[name])
    assert loading.ended() == status
    assert loading.mode(MODES["alternate screen"]) is None
    assert loading.attributes == loading.attributes_now


def test_a_program_that_was_suspended_gives_the_terminal_as_it_was_to_the_shell(loading: Terminal) -> None:
    loading.press("space")
    loading.until("step 1")
    loading.press("\x1a")
    loading.until(lambda text: loading.mode(MODES["alternate screen"]) is False)
    assert loading.attributes == loading.attributes_now
