"""How much is sent: over a slow line that is how long it takes."""

from __future__ import annotations

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
