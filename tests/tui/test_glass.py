"""The terminal shows what it would had everything been sent; pyte is the terminal."""

from __future__ import annotations

from itertools import permutations

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bntui.tui.glass import Glass, Pen, change, codes_of

COLUMNS, ROWS = 24, 6
COLOURS = ["", "39", "31", "97", "38;5;208", "38;2;224;224;224", "38;2;63;201;176"]
GROUNDS = ["", "49", "44", "48;2;18;18;18", "48;5;17"]
ATTRIBUTES = ["", "1", "3", "4", "7", "9", "1;4"]
PENS = st.builds(
    lambda *codes: ";".join(filter(None, codes)),
    st.sampled_from(ATTRIBUTES),
    st.sampled_from(COLOURS),
    st.sampled_from(GROUNDS),
)
TEXTS = st.text(st.sampled_from("    ab╷█⠒∂1"), max_size=9)


def piece(pen: str, text: str) -> str:
    """A text as textual colours it."""
    return f"\x1b[{pen}m{text}\x1b[0m" if pen else text


def at(row: int, column: int, pieces: list[tuple[str, str]]) -> str:
    room = COLUMNS - column + 1
    parts = []
    for pen, text in pieces:
        parts.append(piece(pen, text[:room]))
        room -= len(text[:room])
    return f"\x1b[{row};{column}H" + "".join(parts)


def changes(glass: Glass, written: str) -> str:
    """What is sent where each frame goes at once."""
    return glass.draw(written) + glass.changes()


PIECES = st.tuples(st.integers(1, COLUMNS), st.lists(st.tuples(PENS, TEXTS), max_size=4))


def frame_of(rows: dict[int, tuple[int, list[tuple[str, str]]]]) -> str:
    """A frame as textual writes it: from above to below, with a line feed after each row but the last."""
    return "\n".join(at(row, *rows[row]) for row in sorted(rows)) + "\x1b[1;1H"


FRAMES = st.dictionaries(st.integers(1, ROWS), PIECES, min_size=1).map(frame_of)


class Terminal:
    """What is seen of everything that it was sent."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._screen.reset_mode(pyte.modes.DECAWM)  # as textual does
        self._stream = pyte.Stream(self._screen)

    def feed(self, sent: str) -> None:
        self._stream.feed(sent)

    @property
    def cursor(self) -> tuple[int, int]:
        return self._screen.cursor.y, self._screen.cursor.x

    @property
    def seen(self) -> list[list[tuple[object, ...]]]:
        return [[self._cell(row, column) for column in range(COLUMNS)] for row in range(ROWS)]

    def _cell(self, row: int, column: int) -> tuple[object, ...]:
        cell = self._screen.buffer[row][column]
        lines = (cell.underscore, cell.strikethrough, cell.reverse)
        if cell.data == " " and not any(lines):  # nobody sees the colour and weight of what is not there
            return " ", cell.bg
        return cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *lines


@settings(max_examples=80, deadline=None)
@given(st.lists(FRAMES, min_size=1, max_size=5))
def test_the_terminal_shows_what_it_would_had_all_been_sent(frames):
    glass, sparing, plain = Glass(), Terminal(), Terminal()
    for frame in frames:
        sparing.feed(changes(glass, frame))
        plain.feed(frame)
        assert sparing.seen == plain.seen
        assert sparing.cursor == plain.cursor
        assert changes(glass, frame) == ""


def test_what_is_there_already_is_not_sent_again():
    glass = Glass()
    frame = at(2, 3, [("1;38;2;224;224;224;48;2;18;18;18", "abc"), ("38;2;224;224;224;48;2;18;18;18", "  d")]) + "\x1b[1;1H"
    assert changes(glass, frame) == "\x1b[2;3H\x1b[1;38;2;224;224;224;48;2;18;18;18mabc  \x1b[22md\x1b[0m\x1b[1;1H"
    assert changes(glass, frame) == ""
    changed = frame.replace("abc", "axc")
    assert changes(glass, changed) == "\x1b[2;4H\x1b[1;38;2;224;224;224;48;2;18;18;18mx\x1b[0m\x1b[1;1H"


def test_the_cursor_goes_where_it_shall_stand_though_nothing_changes():
    glass = Glass()
    changes(glass, "\x1b[1;1Hab\x1b[1;1H")
    assert changes(glass, "\x1b[1;1Hab\x1b[1;2H") == "\x1b[1;2H"


@pytest.mark.parametrize("text", ["漢字", "e\u0301e", "👍"])
def test_characters_that_are_not_one_cell_each_are_sent_whole_each_time(text):
    glass = Glass()
    frame = f"\x1b[1;3H{text}x\x1b[1;1H"
    for _ in range(2):
        assert f"\x1b[1;3H{text}" in changes(glass, frame)


@pytest.mark.parametrize(("column", "at_the_edge"), [(8, True), (7, False)])
def test_only_a_letter_with_a_hat_in_the_last_column_is_written_in_a_terminal_that_wraps(column: int, at_the_edge: bool) -> None:
    glass = Glass()
    glass.resized(10, 2)
    sent = changes(glass, f"\x1b[1;{column}Haax\u0302")
    assert ("\x1b[?7haax\u0302\x1b[?7l" in sent) is at_the_edge
    assert ("\x1b[?7" in sent) is at_the_edge


@pytest.mark.parametrize("between", ["\x1b[?1049h", "\x1b[?1049l", "\x1b[2J", "\x1b]8;;http://a.b\x1b\\", "\x1b[1;1H\tx", "lost"])
def test_after_anything_that_may_draw_all_is_sent_again(between):
    glass, frame = Glass(), "\x1b[1;1Hab\x1b[1;1H"
    first = changes(glass, frame)
    assert changes(glass, between) == between
    assert changes(glass, frame) == first


@pytest.mark.parametrize("between", ["\x1b[?2026h", "\x1b[?2026l", "\x1b[?1000h", "\x1b]52;c;YWI=\x07", "\x1bP\x1b]52;c;YW\x1b\\\x1bPI=\x07\x1b\\", "\x07", "\x1b[>25u"])
def test_what_draws_nothing_is_passed_on_and_nothing_is_forgotten(between):
    glass, frame = Glass(), "\x1b[1;1Hab\x1b[1;1H"
    changes(glass, frame)
    assert changes(glass, between) == between
    assert changes(glass, frame) == ""


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(FRAMES, min_size=1, max_size=3), min_size=1, max_size=4))
def test_frames_that_could_not_go_go_as_one_that_is_the_newest(groups):
    glass, late, plain = Glass(), Terminal(), Terminal()
    for frames in groups:
        for frame in frames:
            assert glass.draw(frame) == ""
            plain.feed(frame)
        late.feed(glass.changes())
        assert glass.is_shown
        assert late.seen == plain.seen
        assert late.cursor == plain.cursor


def test_what_is_still_drawn_for_a_larger_terminal_is_not_sent_beyond_the_edges_of_a_smaller_one():
    glass, small = Glass(), Terminal()
    glass.resized(COLUMNS, ROWS)
    beyond = "\n".join(f"\x1b[{row};1H{'x' * (COLUMNS + 5)}\x1b[1;31mred\x1b[0m" for row in range(1, ROWS + 3))
    small.feed(changes(glass, beyond + "\x1b[1;1H"))
    frame = "\n".join(at(row, 1, [("", str(row) * COLUMNS)]) for row in range(1, ROWS + 1)) + "\x1b[1;1H"
    small.feed(changes(glass, beyond.replace("x", " ") + "\x1b[1;1H"))
    small.feed(changes(glass, frame))
    assert ["".join(str(cell[0]) for cell in row) for row in small.seen] == [str(row) * COLUMNS for row in range(1, ROWS + 1)]
    assert changes(glass, beyond.replace("x", "7") + "\x1b[1;1H").count("7") == COLUMNS * ROWS


def test_what_changes_and_changes_back_before_it_goes_is_not_sent():
    glass = Glass()
    changes(glass, "\x1b[1;1Hab\x1b[1;1H")
    glass.draw("\x1b[1;1Haa\x1b[1;1H")
    assert not glass.is_shown
    glass.draw("\x1b[1;1Hab\x1b[1;1H")
    assert glass.changes() == ""


def test_a_row_can_go_before_the_others():
    glass, sparing, plain = Glass(), Terminal(), Terminal()
    frame = "\x1b[1;1Hheader\n\x1b[2;1Hchart\x1b[1;1H"
    glass.draw(frame)
    plain.feed(frame)
    header = glass.changes_of(1)
    assert "header" in header
    assert "chart" not in header
    assert glass.changes_of(1) == ""
    sparing.feed(header + glass.changes())
    assert sparing.seen == plain.seen
    assert sparing.cursor == plain.cursor


def test_wide_characters_that_were_drawn_over_before_they_went_leave_nothing():
    glass, sparing, plain = Glass(), Terminal(), Terminal()
    for text in ("漢字漢字", "abcdefgh", "漢字"):
        frame = f"\x1b[1;1H{text}\x1b[1;1H"
        glass.draw(frame)
        plain.feed(frame)
    sparing.feed(glass.changes())
    assert sparing.seen == plain.seen


def test_what_was_drawn_goes_before_what_may_draw_over_it():
    glass = Glass()
    glass.draw("\x1b[1;1Hab\x1b[1;1H")
    assert glass.draw("\x1b[2J") == "\x1b[1;1Hab\x1b[1;1H\x1b[2J"
    assert glass.changes() == ""


class Console:
    """The pen of a Linux console (drivers/tty/vt/vt.c): bright ink and bold are one and the same, and only 22 and 0 end it."""

    def __init__(self) -> None:
        self.ink, self.paper, self.weight, self.lines = "7", "0", "normal", frozenset[str]()

    def takes(self, codes: str) -> tuple[str, str, str, frozenset[str]]:
        """How it writes from now on."""
        for code in codes.split(";"):
            if code == "0":
                self.__init__()  # type: ignore[misc]  # that is what a reset is
            elif code in ("1", "2", "22"):
                self.weight = {"1": "bold", "2": "half", "22": "normal"}[code]
            elif code in ("4", "7"):
                self.lines |= {code}
            elif code[0] in "39":
                self.ink = code[1].replace("9", "7") if code[0] == "3" else code[1]
                self.weight = "bold" if code[0] == "9" else self.weight
            else:
                self.paper = code[-1].replace("9", "0")
        return self.ink, self.paper, self.weight, self.lines


CONSOLE_PENS = [
    Pen(frozenset(attributes), ink, paper)
    for attributes in ("", "1", "2", "4", "14", "7")
    for ink in ("", "30", "37", "31", "91", "97")
    for paper in ("", "40", "107")
    if not (attributes == "2" and ink[:1] == "9")  # faint and bright at once nothing is, and there it could not be
]


def test_a_linux_console_writes_with_each_pen_as_it_does_after_a_reset_whatever_it_wrote_with_before() -> None:
    for before, after in permutations(CONSOLE_PENS, 2):
        console = Console()
        console.takes(";".join(codes_of(before)) or "0")
        assert console.takes(change(before, after)) == Console().takes(";".join(codes_of(after)) or "0"), (before, after)
