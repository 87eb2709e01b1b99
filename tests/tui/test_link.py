"""A frame goes when the last one has arrived, whatever becomes of the answers; and no answer is ever taken for keys."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest
from textual.events import Key, Paste

from bntui.tui.link import (
    ANSWER,
    BLOCKED,
    FIRST_SCREEN,
    HELD_BACK,
    LEARNING,
    MOST_OWED,
    PATIENCE,
    RATION,
    SLOWEST,
    Answers,
    Link,
    Ration,
    Written,
)

ENOUGH = 15.0  # seconds; far more than is ever needed, so that a busy machine fails no test


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def link(clock: Clock) -> Link:
    """A line to a terminal that has answered."""
    link = Link(clock)
    link.asked(4)
    clock.now += 0.6
    link.answered()
    return link


def test_the_next_frame_waits_for_the_answer_to_the_last(link: Link, clock: Clock) -> None:
    assert link.wait == 0
    link.asked(1000)
    assert link.wait > 0
    clock.now += 0.8
    assert link.wait > 0
    link.answered()
    assert link.wait == 0
    assert link.took == pytest.approx(0.8)


def test_a_terminal_that_does_not_answer_is_not_asked_any_more(clock: Clock) -> None:
    link = Link(clock)
    assert link.asks
    link.asked(4)
    clock.now += LEARNING - 0.1
    assert link.asks
    assert link.wait == 0  # nothing waits for what may never come
    clock.now += 0.2
    assert not link.asks
    assert link.missing == 0
    link.answered()  # it was only slow
    assert link.asks


def test_a_question_behind_much_waits_longer(link: Link, clock: Clock) -> None:
    link.asked(9000)
    assert link.wait == pytest.approx(PATIENCE + 9000 / SLOWEST)


def test_where_answers_are_late_frames_become_rarer_and_all_are_waited_for(link: Link, clock: Clock) -> None:
    waits = []
    for _ in range(3):  # nothing comes: one frame more goes after each wait
        link.asked(0)
        waits.append(link.wait)
        clock.now += link.wait
        assert link.wait == 0
    assert waits == [pytest.approx(PATIENCE * each) for each in (1, 2, 4)]
    for left in (2, 1, 0):  # the line is there again
        link.answered()
        assert link.missing == left
        assert (link.wait > 0) == (left > 0)


def test_an_answer_that_was_lost_is_missed_once(link: Link, clock: Clock) -> None:
    link.asked(0)  # lost
    clock.now += link.wait
    link.asked(0)
    clock.now += 0.6
    link.answered()
    assert link.missing == 1  # it may yet be late
    clock.now += link.wait
    link.asked(0)
    clock.now += 0.6
    link.answered()
    assert link.missing == 0
    assert link.wait == 0


def test_an_answer_to_nothing_does_not_let_two_frames_go_later(link: Link) -> None:
    link.answered()
    link.asked(0)
    assert link.missing == 1


def test_a_line_of_which_nothing_is_known_is_sent_a_screen_at_once_and_then_what_a_slow_one_carries(clock: Clock) -> None:
    ration = Ration(clock)
    ration.sent(FIRST_SCREEN)
    assert ration.wait == 0
    begin = clock.now
    for _ in range(10):
        clock.now += ration.wait
        ration.sent(800)
    clock.now += ration.wait
    assert 10 * 800 / (clock.now - begin) == pytest.approx(RATION)


def test_a_key_is_shown_at_once_and_the_run_waits_the_longer_but_not_for_ever(clock: Clock) -> None:
    ration = Ration(clock)
    ration.sent(FIRST_SCREEN)
    ration.sent(800)
    for _ in range(100):  # a key that is held down
        ration.pressed()
        assert ration.wait == 0
        ration.sent(800)
    assert ration.wait == 0  # one frame may have been under way before the key
    ration.sent(800)
    assert ration.wait == pytest.approx(MOST_OWED + 800 / RATION)


class Heard:
    """What a parser makes of what arrives."""

    def __init__(self, missing: int) -> None:
        self.answers = 0
        self.messages: list[object] = []
        self._link = Link()
        for _ in range(missing):
            self._link.asked(0)
        self._parser = Answers(self._link, self._answered)

    def _answered(self) -> None:
        self._link.answered()
        self.answers += 1

    def feed(self, *pieces: str) -> Heard:
        for piece in pieces:
            self.messages += self._parser.feed(piece)
        return self

    def until(self, is_so: Callable[[], bool]) -> None:
        """Let time go on until something is so."""
        end = time.monotonic() + ENOUGH
        while not is_so():
            assert time.monotonic() < end
            self.messages += self._parser.tick()

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.messages if isinstance(message, Key)]

    @property
    def pasted(self) -> list[str]:
        return [message.text for message in self.messages if isinstance(message, Paste)]


@pytest.mark.parametrize("cut", range(1, 4))
def test_an_answer_in_pieces_is_no_key(cut: int) -> None:
    heard = Heard(1).feed("a" + ANSWER[:cut], ANSWER[cut:] + "b")
    assert heard.answers == 1
    assert heard.keys == ["a", "b"]


def test_an_answer_letter_by_letter_is_no_key() -> None:
    heard = Heard(2).feed(*ANSWER, "r", *ANSWER)
    assert heard.answers == 2
    assert heard.keys == ["r"]


def test_answers_among_keys_are_taken_out() -> None:
    heard = Heard(2).feed(f"r\x1b[A{ANSWER}{ANSWER}\x1b[Bq")
    assert heard.answers == 2
    assert heard.keys == ["r", "up", "down", "q"]


def test_an_arrow_in_pieces_stays_an_arrow() -> None:
    heard = Heard(1).feed("\x1b", "[", "A", ANSWER)
    assert heard.keys == ["up"]
    assert heard.answers == 1


def test_an_answer_in_a_pasted_text_is_none_of_it() -> None:
    heard = Heard(1).feed(f"\x1b[200~1e{ANSWER[:2]}", f"{ANSWER[2:]}-3\x1b[201~x")
    assert heard.answers == 1
    assert heard.pasted == ["1e-3"]
    assert heard.keys == ["x"]


def test_an_answer_that_comes_when_none_is_expected_any_more_is_no_key() -> None:
    heard = Heard(0).feed(f"a{ANSWER}b")
    assert heard.keys == ["a", "b"]


def test_the_escape_key_stays_one_while_an_answer_is_missing() -> None:
    heard = Heard(1).feed("\x1b")
    heard.until(lambda: heard.keys == ["escape"])
    heard.feed(ANSWER)
    assert heard.answers == 1
    assert heard.keys == ["escape"]


def test_a_key_behind_an_escape_that_has_waited_is_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard(1).feed("\x1b")
    later = time.monotonic() + 1.5 * HELD_BACK
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert heard.feed(":").keys == ["escape", "colon"]


@pytest.mark.parametrize(("rest", "keys"), [("e", ["escape", "e"]), ("\x1b", ["escape"]), ("[A", ["up"]), ("OP", ["f1"])])
def test_a_machine_that_stood_still_behind_an_escape_takes_no_key_for_its_rest(
    rest: str, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(0).feed("\x1b")
    later = time.monotonic() + 5
    monkeypatch.setattr("textual._parser.get_time", lambda: later)
    assert heard.feed(rest).keys == keys


def test_keys_whose_end_never_comes_are_given_back_at_the_end() -> None:
    assert Heard(1).feed("a\x1b", "").keys == ["a", "escape"]


def test_a_line_that_keeps_a_write_waiting_is_left_alone_for_as_long() -> None:
    reads, writes = os.pipe()
    with open(writes, "w", encoding="utf-8") as file, open(reads, "rb") as there:
        written = Written(file)
        written.write("a")
        written.flush()
        assert written.gone == 1
        assert written.rests == 0
        size = 1 << 20  # more than a pipe holds
        writing = threading.Thread(target=lambda: (written.write("x" * size), written.flush()))
        writing.start()
        first = there.read(1 + 1)  # the write has begun
        begin = time.monotonic()
        while (waited := time.monotonic() - begin) < 2 * BLOCKED:
            assert written.gone == 1
        end = begin + waited
        assert len(first + there.read(size - 1)) == 1 + size
        writing.join()
        assert written.gone == 2
        assert written.rests > end + waited
