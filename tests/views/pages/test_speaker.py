"""The speaker's view in a window that is too small for it."""

import time

import pytest
from session.published import told

from bntui.views.pages.speaker import fitted, speaker_text


@pytest.mark.parametrize("width", [30, 80])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    assert max(map(len, speaker_text(told("A chain of five layers"), time.time(), width).split("\n"))) <= width


def test_a_text_that_has_no_room_shows_its_top_and_says_how_much_more_there_is() -> None:
    assert fitted("a\nb\nc\nd", 40, 4) == "a\nb\nc\nd"
    assert fitted("a\nb\nc\nd", 40, 3) == "a\nb\n… 2 more lines; a taller window has room"
    assert fitted("a\nb\nc\nd", 8, 3) == "a\nb\n… 2 mor…"


def test_a_wrong_choice_has_the_reason_against_it_below() -> None:
    lines = speaker_text(told("t"), time.time(), 60).split("\n")
    at = lines.index("  1 a")
    assert lines[at : at + 3] == ["  1 a", "    not so: It grows.", " *2 b"]
