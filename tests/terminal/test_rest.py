"""Whatever stands over the screen: at rest it sends nothing, though the file is watched and the session lives on."""

from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.driver import bntui

SECONDS = 2.2  # the file is looked at, and a cursor would blink, four times meanwhile
LESSON = """
lesson:
  - ask: {question: "What happens to J?", choices: [it grows, it falls], answer: 2, because: "The rate is small."}
"""


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """A scenario in a file, so that it is watched, with a question."""
    file = tmp_path / "asking.yaml"
    file.write_text(SLOW_CHAIN + LESSON, encoding="utf-8")
    return file


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "shows"),
    [
        ("?", "The ledger multiplies"),
        ("o", "enter open"),
        ("o/", "enter open"),
        ("\t", "enter go there"),
        (":", "Search for commands"),
        ("s", "esc back"),
        ("g", "esc back"),
        ("gg", "esc back"),
        ("e", "New value"),
        ("j", "Go to step"),
        ("T", "A twin that differs in"),
        ("w", "Save the session"),
        ("x", "Export the trace"),
        ("n", "What happens to J?"),
    ],
)
def test_a_dialog_at_rest_sends_nothing(asking: Path, keys: str, shows: str) -> None:
    with bntui(asking) as terminal:
        terminal.until("‖∂J/∂W‖")
        for key in keys:
            terminal.press(key)
            terminal.quiet()
        terminal.until(shows)
        terminal.quiet(1.0)
        assert terminal.read(SECONDS) == 0


@pytest.mark.slow
def test_under_a_dialog_the_file_is_still_watched(asking: Path) -> None:
    with bntui(asking) as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.press("?")
        terminal.until("The ledger multiplies")
        asking.write_text(SLOW_CHAIN.replace("Goodfellow's chain", "Another title") + LESSON, encoding="utf-8")
        terminal.until("Another title")
