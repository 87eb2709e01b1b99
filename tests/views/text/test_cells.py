"""The cells of a text are those that a terminal gives to it, also where one character is made of several."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from session.worlds import held_over
from wcwidth import iter_graphemes, wcswidth

from bntui.views.text.cells import (
    ONE_EACH,
    cells,
    cut,
    cut_at_word,
    graphemes,
    has_room_for_a_word,
    in_ascii,
    in_ascii_cells,
    pad,
)
from bntui.views.text.lines import Span, plain, wrapped

HEART, SCIENTIST, FLAG = "\u2764\ufe0f", "\U0001f469\u200d\U0001f52c", "\U0001f1e9\U0001f1ea"


@pytest.mark.parametrize(
    ("text", "width"),
    [("ŷ", 1), ("x\u0302", 1), ("‖∂J/∂W‖", 7), ("漢字", 4), (HEART, 2), (SCIENTIST, 2), (FLAG, 2), ("e\u0301", 1)],
)
def test_a_character_takes_the_cells_that_a_terminal_gives_it(text: str, width: int) -> None:
    assert cells(text) == width
    assert cell_len(text) == width, "textual places everything by its own count"


def test_what_is_cut_keeps_characters_whole() -> None:
    assert cut(f"ab{SCIENTIST}cd", 4) == "ab…"
    assert cut(f"ab{SCIENTIST}cd", 5) == f"ab{SCIENTIST}…"
    assert cut("x\u0302y\u0302z", 2) == "x\u0302…"
    assert [plain(line) for line in wrapped([Span(HEART * 3)], 4)] == [HEART * 2, HEART]


def test_what_moves_the_cursor_is_a_question_mark() -> None:
    assert cut("a\x1b[31m\u202eb\u200bc", 20) == "a?[31m?b?c"
    assert cells("∂\x1b") == 2


@held_over(300)
@given(st.text(max_size=30), st.integers(0, 20))
@example("\u200d", 1)
@example("a\u200d\u200d", 4)
def test_padded_text_has_exactly_its_width(text: str, width: int) -> None:
    assert cells(pad(text, width)) == width


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("a·0.901 ·(1 − a)", "a*0.901 *(1 - a)"),
        ("1.482 · 1.2 · 5.701 = 10.14", "1.482 * 1.2 * 5.701 = 10.14"),
        ("(2 · 0.1) = 0.2", "(2 * 0.1) = 0.2"),
        ("step 0 · 13 minutes ago", "step 0 . 13 minutes ago"),
        ("··· off", "... off"),
    ],
)
def test_in_ascii_a_product_has_no_decimal_point_between_its_numbers(text: str, spelled: str) -> None:
    assert in_ascii(text, True) == spelled


def test_in_ascii_a_drawn_text_keeps_its_cells() -> None:
    text = f"x\u0302 {HEART}{SCIENTIST}│漢"
    assert in_ascii(text, True).isascii()
    assert len(in_ascii_cells(text)) == cells(text)


def test_what_is_known_to_take_one_cell_each_takes_it_and_stands_alone() -> None:
    known = [character for character in map(chr, range(0xD800)) if ONE_EACH.fullmatch(character)]
    known += [character + "\u0302" for character in known]
    assert len(known) > 2000
    assert {wcswidth(character) for character in known} == {1}
    assert all(character[0].isprintable() for character in known)
    assert list(iter_graphemes("".join(known))) == list(graphemes("".join(known))) == known
    assert cells("".join(known)) == len(known)


@pytest.mark.parametrize(
    ("width", "kept"),
    [(29, "A deep ReLU net, badly scaled"), (28, "A deep ReLU net, badly…"), (17, "A deep ReLU net…"), (16, "A deep ReLU net…"), (7, "A deep…"), (2, "A…")],
)
def test_a_sentence_is_cut_behind_a_word(width: int, kept: str) -> None:
    assert cut_at_word("A deep ReLU net, badly scaled", width) == kept
    assert cells(cut_at_word("Ein σ-γ tiefes", width)) <= width


def test_a_word_that_has_no_room_is_cut_itself() -> None:
    assert cut_at_word("Goodfellow's chain", 9) == "Goodfell…"
    assert cut_at_word("", 0) == cut_at_word("a b", 0) == ""
    assert not has_room_for_a_word("Goodfellow's chain", 12)
    assert has_room_for_a_word("Goodfellow's chain", 13)
    assert has_room_for_a_word("short", 5)
