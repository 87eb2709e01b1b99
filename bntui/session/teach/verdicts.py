"""What became of scenario files that were checked: as sentences, as JSON, as JUnit XML for CI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypedDict
from xml.etree import ElementTree

from bntui.records import dataclass
from bntui.scenario.model.actions import Answer, Beat
from bntui.scenario.reading.loading import Loaded, as_input
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.document import parse, place
from bntui.scenario.text.formats import FORMAT, Document
from bntui.scenario.text.wording import counted, harmless
from bntui.session.look.quantities import Value
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.teach.pictures import measured


@dataclass(frozen=True, slots=True)
class Verdict:
    """One expectation: where it stands (line and column from 1), what was expected, what was found, whether it held.

    `quantity` is "" where the beat could not be played as it stands; `found` is then the sentence that says why.
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
            return self.found
        return f"{self.quantity} {self.expected}: {'yes' if self.held else 'no'}, it is {self.found}"


def play(loaded: Loaded) -> Iterator[Verdict]:
    """Play the lesson of a scenario from its first beat, every question answered rightly; what each beat expects."""
    return (verdict for _, verdict in beats_played(loaded) if verdict is not None)


def beats_played(loaded: Loaded) -> Iterator[tuple[int, Verdict | None]]:
    """Play a lesson as `play` does: the number of each beat before it is taken, then with each thing that it expects."""
    session = Session(loaded)
    for number in range(1, len(loaded.scenario.lesson) + 1):
        yield number, None
        take_beat(session, number)
        yield from ((number, verdict) for verdict in beat_verdicts(session, number))


def beat_place(loaded: Loaded, number: int) -> tuple[int, int, int]:
    """A beat's number, and the line and the column at which it stands."""
    root, _ = parse(loaded.source)
    node = place(root, ("lesson", number - 1))
    return number, node.line, node.column


def beat_verdicts(session: Session, number: int) -> Iterator[Verdict]:
    """What the beat that was just taken expects, and whether it holds; first of all, whether an action was refused."""
    root, _ = parse(session.loaded.source)
    if session.lesson.sentence:
        node = place(root, ("lesson", number - 1, "do"))
        refused = f"an action was refused: {session.lesson.sentence}"
        yield Verdict(number, node.line, node.column, "", "", refused, held=False)
    comparisons = session.lesson.beats[number - 1].expect or {}
    try:
        values = measured(session, comparisons)
    except Refusal as refusal:
        yield Verdict(*beat_place(session.loaded, number), "", "", f"the picture was refused: {refusal}", held=False)
        return
    for name, value in values.items():
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


GOOD, FAILED, INVALID, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, what is wrong with it as a scenario, and what its lesson's expectations came to.

    `read` are all files read for it; `cut` says that it was given up before its end.
    """

    file: str
    complaints: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    read: tuple[Path, ...] = ()
    cut: bool = False

    @property
    def status(self) -> int:
        """130 where it was given up, 2 where the file is invalid, 1 where an expectation failed, else 0."""
        if self.cut:
            return INTERRUPTED
        if self.complaints:
            return INVALID
        return GOOD if all(verdict.held for verdict in self.verdicts) else FAILED


def to_be_checked(file: str) -> Iterator[Checked | str]:
    """The file, or of a course the course itself, checked, and then the files of its scenarios."""
    if file == library.INPUT:
        yield file
        return
    try:
        path = library.find(file)
        if not courses.is_course(path):
            yield file
            return
        course = courses.read_course(path)
    except ScenarioError as error:
        yield unread(file, error)
        return
    yield Checked(file, read=(path,))
    yield from map(str, course.files)


def checked(file: str, text: str | None = None) -> Checked:
    """Validate a file, a scenario of the library, or the text that came in at the standard input."""
    try:
        return Checked(file, read=opened(file, text).files)
    except ScenarioError as error:
        return unread(file, error)


def opened(file: str, text: str | None) -> Loaded:
    """The scenario of a file, or of the text that came in at the standard input. Raises ScenarioError."""
    return library.opened(file) if text is None else as_input(text)


def unread(file: str, error: ScenarioError) -> Checked:
    """A file that is invalid."""
    return Checked(file, tuple(str(error).splitlines()), read=(Path(file),))


def sentences(result: Checked) -> Iterator[str]:
    """What became of a file, a line for each expectation; nothing of one that was given up."""
    if result.complaints or result.cut:
        yield from result.complaints
        return
    file = harmless(result.file)
    for verdict in result.verdicts:
        yield f"{file}:{verdict.line}: beat {verdict.beat}: {harmless(str(verdict))}"
    failed = sum(not verdict.held for verdict in result.verdicts)
    if failed:
        yield f"{file}: {failed} of {counted(len(result.verdicts), 'expectation')} failed"
    else:
        held = f", {counted(len(result.verdicts), 'expectation')} held" if result.verdicts else ""
        yield f"{file}: good{held}"


class VerdictRecord(TypedDict):
    """What a lesson expects of a quantity, and whether it held."""

    beat: Annotated[int, "the beat, counted from 1"]
    line: Annotated[int, "the line of the file on which it stands, counted from 1"]
    column: Annotated[int, "the column, counted from 1"]
    quantity: Annotated[str, 'the quantity; "" where the beat could not be played as it stands']
    expected: Annotated[str, "what it is compared with, in words"]
    found: Annotated[str, "what was found, or the sentence that says why the beat was not played to its end"]
    held: Annotated[bool, "whether it held"]


class CheckedRecord(TypedDict):
    """A file that was checked."""

    file: Annotated[str, "the file, as it was named"]
    valid: Annotated[bool, "whether it can be used"]
    complaints: Annotated[list[str], "everything that is wrong with it, each with its place"]
    cut: Annotated[bool, "whether it was given up before its end, as by ctrl+c: what it says is all that was known by then"]
    expectations: Annotated[list[VerdictRecord], "what its lesson expects, in order; empty without --play"]


class CheckDocument(Document):
    """`bntui check --json`: what became of each file."""

    status: Annotated[int, "0 good, 1 an expectation failed, 2 a file is invalid, 130 some were given up, as by ctrl+c"]
    files: Annotated[list[CheckedRecord], "the files, those of a course one by one"]


def check_record(results: Sequence[Checked]) -> CheckDocument:
    """Everything as one document."""
    return {"format": FORMAT, "status": status(results), "files": [_checked_record(result) for result in results]}


def _checked_record(result: Checked) -> CheckedRecord:
    return {
        "file": result.file,
        "valid": not result.complaints,
        "complaints": list(result.complaints),
        "cut": result.cut,
        "expectations": [_verdict_record(verdict) for verdict in result.verdicts],
    }


def _verdict_record(verdict: Verdict) -> VerdictRecord:
    return {
        "beat": verdict.beat,
        "line": verdict.line,
        "column": verdict.column,
        "quantity": verdict.quantity,
        "expected": verdict.expected,
        "found": verdict.found,
        "held": verdict.held,
    }


def as_junit(results: Iterable[Checked]) -> str:
    """JUnit XML: a suite for each file, a case for each expectation."""
    suites = ElementTree.Element("testsuites")
    for result in results:
        failed = sum(not verdict.held for verdict in result.verdicts)
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=harmless(result.file),
            tests=str(len(result.verdicts) + 1),
            failures=str(failed),
            errors=str(int(bool(result.complaints))),
            skipped=str(int(result.cut)),
        )
        valid = ElementTree.SubElement(suite, "testcase", classname=harmless(result.file), name="valid")
        if result.complaints:
            problem = ElementTree.SubElement(valid, "error", message=harmless(result.complaints[0]))
            problem.text = "\n".join(result.complaints)
        if result.cut:
            ElementTree.SubElement(valid, "skipped", message="given up before its end")
        for verdict in result.verdicts:
            name = f"line {verdict.line}, beat {verdict.beat}: {verdict.quantity} {verdict.expected}".rstrip(": ")
            case = ElementTree.SubElement(suite, "testcase", classname=harmless(result.file), name=harmless(name))
            if not verdict.held:
                ElementTree.SubElement(case, "failure", message=harmless(str(verdict)))
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def status(results: Iterable[Checked]) -> int:
    """The worst of the statuses: invalid wins over failed."""
    return max((result.status for result in results), default=GOOD)
