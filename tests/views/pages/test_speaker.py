"""The speaker's view in windows of any size."""

import time
from dataclasses import replace

import pytest
from session.published import told

from bntui.session.teach.notes import BeatNotes, Notes
from bntui.views.pages.speaker import fitted, speaker_text
from bntui.views.text.cells import cells


@pytest.mark.parametrize("width", [30, 80])
def test_no_line_is_wider_than_the_window(width: int) -> None:
    assert max(map(len, speaker_text(told("A chain of five layers"), time.time(), width).split("\n"))) <= width


def test_a_text_that_has_no_room_shows_its_top_and_says_how_much_more_there_is() -> None:
    assert fitted("a\nb\nc\nd", 40, 4) == "a\nb\nc\nd"
    assert fitted("a\nb\nc\nd", 40, 3) == "a\nb\n… 2 more lines; a taller window has room"
    assert fitted("a\nb\nc\nd", 8, 3) == "a\nb\n… 2 mor…"


def test_in_ascii_a_product_stays_one() -> None:
    assert "  yhat = x*a*b*c of 2 . 3" in speaker_text(at_hand(say="ŷ = x·a·b·c of 2 · 3"), 0, 60, ascii=True)


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("height", [10, 16, 24, 60])
@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_in_any_size_the_head_and_the_next_beat_are_there_and_what_is_cut_is_marked(width: int, height: int, ascii: bool) -> None:
    long = " ".join(["A long story of δ."] * 60)
    for notes in (told("A chain of five layers and more"), at_hand(say=long), at_hand(say="Short."), following(say=long)):
        lines = speaker_text(notes, notes.opened_at + 75, width, height, ascii).split("\n")
        assert len(lines) <= height
        assert max(map(cells, lines)) <= width
        assert not ascii or "\n".join(lines).isascii()
        assert "1:15" in lines[0]
        assert "beat 3 of 9" in lines[1] or "3/9" in lines[1]
        assert any(line.startswith("== Now, beat 3") for line in lines)
        (at,) = (place for place, line in enumerate(lines) if line.startswith("== Next, beat 4"))
        assert any(line.startswith("! Slowly.") for line in lines[at:])
        whole = speaker_text(notes, notes.opened_at + 75, width, None, ascii).split("\n")
        marks = [line for line in lines if line.startswith("~ " if ascii else "… ") or line.endswith("~" if ascii else "…")]
        assert marks or {line for line in whole if line} <= {*lines, whole[0]}


def at_hand(say: str) -> Notes:
    return replace(told("A chain"), now=BeatNotes(say=say))


def following(say: str) -> Notes:
    return replace(told("A chain"), following=BeatNotes(say=say, note="Slowly."))


def test_the_clock_is_told_with_what_is_planned_and_in_few_words_where_there_is_little_room() -> None:
    notes = replace(told("The chain"), beat_at=1000.0, opened_at=925.0)
    rows = {width: speaker_text(notes, 1005, width, 24).split("\n")[:2] for width in (100, 60, 40)}
    assert rows[100][0].endswith("· 1:20 since the start · 0:05 at this beat · planned 8 min, 5 left · q leaves")
    assert rows[60][0].endswith("· 1:20 of 8 min · here 0:05 · 5 min left · q")
    assert rows[40][0].endswith("· 1:20 of 8 min · here 0:05")
    assert rows[40][1] == "The chain · beat 3 of 9 · 1 of 4 right"


def test_a_tall_window_lists_the_beats_and_a_blank_screen_is_told_of() -> None:
    notes = replace(told("The chain"), blank=True)
    lines = speaker_text(notes, time.time(), 80, 40).split("\n")
    assert lines[2] == "The screen is BLANK; any key there goes on."
    at = lines.index("== Beats: l there, or : and beat 7, goes to any ==")
    assert lines[at + 1 : at + 4] == ["   1  Words of 1.", "   2  Words of 2.", "▸  3  Words of 3."]


def test_the_right_answer_is_told_where_the_choices_have_no_room() -> None:
    assert "== Now, beat 3, waiting for answer 2 ==" in speaker_text(told("t"), time.time(), 40, 10).split("\n")


@pytest.mark.parametrize(("answer", "told_of_it"), [(0, ""), (2, ", answered 2: right"), (1, ", answered 1: not so, 2 is right")])
def test_what_was_answered_is_told_above_the_question(answer: int, told_of_it: str) -> None:
    lines = speaker_text(replace(told("t"), asking=False, answer=answer), time.time(), 60, 24).split("\n")
    at = lines.index(f"== Now, beat 3{told_of_it} ==")
    assert "? Why?" in lines[at:]
    assert "    not so: It grows." in lines[at:]


@pytest.mark.parametrize(
    ("width", "asking", "answer", "heading"),
    [
        (39, True, 0, "== Beat 13, waits for answer 2 =="),
        (30, True, 0, "== Beat 13: answer 2 =="),
        (45, False, 1, "== Beat 13, answered 1: not so, 2 is right =="),
        (30, False, 1, "== Beat 13: 2, not 1 =="),
        (31, False, 2, "== Beat 13: 2, right =="),
    ],
)
def test_in_a_narrow_window_the_numbers_of_the_answers_are_not_cut(width: int, asking: bool, answer: int, heading: str) -> None:
    notes = replace(told("t"), number=13, beats=20, asking=asking, answer=answer)
    assert heading in speaker_text(notes, time.time(), width, 8).split("\n")


def test_a_wrong_choice_has_the_reason_against_it_below() -> None:
    lines = speaker_text(told("t"), time.time(), 60).split("\n")
    at = lines.index("  1 a")
    assert lines[at : at + 3] == ["  1 a", "    not so: It grows.", " *2 b"]
