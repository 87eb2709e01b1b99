"""Playing a lesson without a screen: every expectation with its value, its place in the file, and whether it held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bntui.scenario.model.actions import Answer, Beat
from bntui.scenario.reading.loading import Loaded
from bntui.scenario.text.document import parse, place
from bntui.session.expecting import measure
from bntui.session.quantities import Value
from bntui.session.session import Session


@dataclass(frozen=True, slots=True)
class Verdict:
    """One expectation: where it stands (line and column from 1), what was expected, what was found, whether it held.

    `quantity` is "" where an action of the beat was refused; `found` is then the sentence that refused it.
    """

    beat: int
    line: int
    column: int
    quantity: str
    expected: str
    found: str
    held: bool

    def __str__(self) -> str:
        if not self.quantity:
            return f"an action was refused: {self.found}"
        return f"{self.quantity} {self.expected}: {'yes' if self.held else 'no'}, it is {self.found}"


def play(loaded: Loaded) -> Iterator[Verdict]:
    """Play the lesson of a scenario from its first beat, every question answered rightly; what each beat expects."""
    session = Session(loaded)
    for number in range(1, len(loaded.scenario.lesson) + 1):
        take_beat(session, number)
        yield from beat_verdicts(session, number)


def beat_verdicts(session: Session, number: int) -> Iterator[Verdict]:
    """What the beat that was just taken expects, and whether it holds; first of all, whether an action was refused."""
    root, _ = parse(session.loaded.source)
    if session.lesson.sentence:
        node = place(root, ("lesson", number - 1, "do"))
        yield Verdict(number, node.line, node.column, "", "", session.lesson.sentence, held=False)
    comparisons = session.lesson.beats[number - 1].expect or {}
    for name, value in measure(session, comparisons).items():
        node = place(root, ("lesson", number - 1, "expect", name), at_key=True)
        comparison = comparisons[name]
        yield Verdict(number, node.line, node.column, name, str(comparison), found(value), comparison.holds(value))


def take_beat(session: Session, number: int) -> None:
    """Take a beat, its question answered rightly."""
    session.do(Beat(number=number))
    question = session.lesson.beats[number - 1].ask
    if session.lesson.asking and question is not None:
        session.do(Answer(choice=question.answer))


def found(value: Value) -> str:
    """A value as a verdict tells it."""
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else f"{value:.6g}"
