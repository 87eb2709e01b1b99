"""Whoever follows stands back as a process and, where the system weighs terminals, as a terminal, which gets its weight back."""

import pytest

from bntui.session.share import behind
from bntui.session.share.behind import NICE, Behind


class Weighed:
    """What the system says of the terminal; it refuses some of the first changes, as where many come at once."""

    def __init__(self, nice: int, refuses: int = 0) -> None:
        self.nice, self.refuses = nice, refuses

    def read_text(self) -> str:
        return f"/autogroup-7 nice {self.nice}\n"

    def write_text(self, text: str) -> int:
        self.refuses -= 1
        if self.refuses >= 0:
            raise BlockingIOError
        self.nice = int(text)
        return len(text)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How far processes were asked to stand back."""
    asked: list[int] = []
    monkeypatch.setattr("os.nice", asked.append)
    return asked


def test_a_terminal_stands_back_and_gets_its_weight_back(monkeypatch: pytest.MonkeyPatch, processes: list[int]) -> None:
    terminal = Weighed(0)
    monkeypatch.setattr(behind, "TERMINAL", terminal)
    standing = Behind()
    assert (terminal.nice, processes) == (NICE, [NICE])
    standing.stand_as_before()
    standing.stand_back()  # it is over
    assert terminal.nice == 0


def test_what_is_refused_now_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, processes: list[int]) -> None:
    monkeypatch.setattr(behind, "BETWEEN", 0.0)
    terminal = Weighed(0, refuses=2)
    monkeypatch.setattr(behind, "TERMINAL", terminal)
    standing = Behind()
    standing.stand_back()
    assert terminal.nice == 0
    standing.stand_back()
    assert terminal.nice == NICE
    terminal.refuses = 2
    standing.stand_as_before()
    assert terminal.nice == 0


def test_a_terminal_that_stands_further_back_stays_there(monkeypatch: pytest.MonkeyPatch, processes: list[int]) -> None:
    terminal = Weighed(15)
    monkeypatch.setattr(behind, "TERMINAL", terminal)
    Behind().stand_as_before()
    assert terminal.nice == 15
