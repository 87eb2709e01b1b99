"""How much is sent: over a slow line that is how long it takes."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from statistics import median

import pytest
from terminal.driver import bntui

FIRST_SCREEN, STEP, BLANK = 6_000, 1_200, 1_500  # bytes


def test_the_first_screen_and_a_step_send_little():
    with bntui("goodfellow-chain", "--mouse") as terminal:
        terminal.until("┤")
        terminal.quiet()
        assert len(terminal.output) <= FIRST_SCREEN
        terminal.press("b")
        terminal.until("BN on")
        sent = []
        for step in (1, 2, 3):
            before = len(terminal.output)
            terminal.press("space")
            terminal.until(f"step {step} ")
            sent.append(len(terminal.output) - before)
        assert median(sent) <= STEP


PAGE = " ".join((Path(__file__).parents[2] / "docs" / "terminals.md").read_text(encoding="utf-8").split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "variables"),
    [
        (r"the first screen is ([\d.]+) kB", {}),
        (r"the same first screen is ([\d.]+) kB in 256", {"COLORTERM": ""}),
        (r"in 256 colours, ([\d.]+) in 16", {"COLORTERM": "", "TERM": "xterm"}),
        (r"in 16, ([\d.]+) with `NO_COLOR=1`", {"NO_COLOR": "1"}),
    ],
)
def test_the_first_screen_is_as_many_bytes_as_the_page_says(said: str, variables: dict[str, str]):
    with bntui("deep-relu", **variables) as terminal:
        terminal.answer()
        terminal.until("┤")
        terminal.quiet()
    (told,) = re.findall(said, PAGE)
    assert len(terminal.output) / 1000 == pytest.approx(float(told), abs=0.15)
    (compressed,) = re.findall(r"the first screen is [\d.]+ kB, ([\d.]+) kB with it", PAGE)
    assert len(zlib.compress(bytes(terminal.output))) / 1000 == pytest.approx(float(compressed), abs=0.15)


def test_a_screen_that_something_else_has_written_on_is_repaired():
    with bntui("goodfellow-chain") as terminal:
        terminal.until("┤")
        terminal.quiet()
        before = terminal.text()
        terminal.screen.erase_in_display(2)  # as if another program had
        terminal.press("\x0c")
        terminal.until("┤")
        terminal.quiet()
        assert terminal.text() == before


@pytest.mark.slow
def test_a_blank_screen_sends_what_it_takes_away_and_then_nothing():
    with bntui("goodfellow-chain", "--beat", "4") as terminal:
        terminal.until("6 lesson 4/12")
        terminal.until("┤")
        terminal.quiet()
        shown, before = terminal.text(), len(terminal.output)
        terminal.press(".")
        terminal.until(lambda screen: screen.strip() == "any key goes on")
        terminal.quiet()
        blank = len(terminal.output)
        assert blank - before <= BLANK
        terminal.quiet(1.5)
        assert len(terminal.output) == blank
        terminal.press("q")
        terminal.until("6 lesson 4/12")
        terminal.quiet()
        assert terminal.text() == shown
