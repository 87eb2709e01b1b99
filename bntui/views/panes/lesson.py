"""The beat of a lesson as lines: what is said, the question and its answer, the score at the end; cut into pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bntui.scenario.model.beats import Question
from bntui.session.snapshot import LessonStanding
from bntui.views.drawing.picture import cells, cut, in_ascii
from bntui.views.text.lines import fitted, padded
from bntui.views.text.markdown import Style, blocks
from bntui.views.text.spans import Line, Role, Span

ROLES: dict[Style, Role] = {"plain": "plain", "strong": "strong", "emphasis": "second", "code": "accent"}
RIGHT, WRONG = "✓ right", "✗ not quite"


def markdown_lines(text: str, width: int) -> tuple[Line, ...]:
    """A text in Markdown as lines of at most that width."""
    lines: list[Line] = []
    for block in blocks(text):
        spans = [Span(run.text, ROLES[run.style]) for run in block.runs]
        if block.kind == "code":
            lines.append(tuple(Span(cut(span.text, width), span.role) for span in spans))
        elif block.kind == "item":
            begin = f"{block.marker} "
            lines += hanging(begin, wrapped(spans, max(width - cells(begin), 1)))
        else:
            lines += wrapped(spans, width)
    return tuple(lines)


def hanging(begin: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines with something before the first and blanks of that width before the others."""
    blanks = Span(" " * cells(begin))
    return tuple((Span(begin) if index == 0 else blanks, *line) for index, line in enumerate(lines))


def wrapped(spans: Iterable[Span], width: int) -> tuple[Line, ...]:
    """Spans broken at blanks into lines of at most that width; a longer word is broken where the line ends."""
    lines: list[list[Span]] = [[]]
    room = width
    for word in _words(spans):
        length = sum(cells(span.text) for span in word)
        if lines[-1] and length + 1 > room:
            lines.append([])
            room = width
        if lines[-1]:
            lines[-1].append(Span(" "))
            room -= 1
        for span in word:
            for character_run in _pieces(span, room, width):
                if cells(character_run.text) > room:
                    lines.append([])
                    room = width
                lines[-1].append(character_run)
                room -= cells(character_run.text)
    return tuple(tuple(line) for line in lines if line)


def _words(spans: Iterable[Span]) -> Iterable[list[Span]]:
    """The words, each of one or more spans without a blank in them."""
    word: list[Span] = []
    for span in spans:
        for piece in re.split(r"(\s+)", span.text):
            if piece.isspace():
                if word:
                    yield word
                word = []
            elif piece:
                word.append(Span(piece, span.role))
    if word:
        yield word


def _pieces(span: Span, room: int, width: int) -> Iterable[Span]:
    """A span as it is, or, where no line holds it, in pieces."""
    text = span.text
    while cells(text) > (limit := max(room if cells(span.text) > width else width, 1)):
        length = next(size for size in range(len(text), 0, -1) if cells(text[:size]) <= limit or size == 1)
        yield Span(text[:length], span.role)
        text, room = text[length:], width
    yield Span(text, span.role)


def spelled(lesson: LessonStanding, ascii: bool) -> LessonStanding:
    """The lesson with the texts of the beat at hand in the characters that the terminal has, before they are broken into lines."""
    beat = lesson.beat
    if not ascii or beat is None:
        return lesson
    ask = beat.ask
    if ask is not None:
        choices = tuple(in_ascii(choice, True) for choice in ask.choices)
        texts = {"question": in_ascii(ask.question, True), "because": in_ascii(ask.because, True), "choices": choices}
        ask = ask.model_copy(update=texts)
    beat = beat.model_copy(update={"say": None if beat.say is None else in_ascii(beat.say, True), "ask": ask})
    beats = (*lesson.beats[: lesson.number - 1], beat, *lesson.beats[lesson.number :])
    return replace(lesson, beats=beats, sentence=in_ascii(lesson.sentence, True))


def beat_lines(lesson: LessonStanding, width: int) -> tuple[Line, ...]:
    """All that is to be read at the beat at hand."""
    lines: list[Line] = []
    if lesson.sentence:
        lines += wrapped([Span(lesson.sentence, "second")], width)
    beat = lesson.beat
    if beat is None:
        count = len(lesson.beats)
        text = f"This scenario has a lesson of {count} beat{'' if count == 1 else 's'}. **n** begins it, **p** goes back."
        return markdown_lines(text, width)
    if beat.say and not (beat.ask and lesson.answer):
        lines += markdown_lines(beat.say, width)
    if beat.ask is not None:
        lines += question_lines(beat.ask, lesson.answer, width)
        if lesson.asking:
            lines += markdown_lines("**n** opens the question; the lesson goes on once it is answered.", width)
    if lesson.finished:
        lines += markdown_lines(f"**The end of the lesson.** {score(lesson)}", width)
    return tuple(lines)


def question_lines(question: Question, answer: int | None, width: int) -> tuple[Line, ...]:
    """The question; once it is answered, whether that was right, and why."""
    lines = list(markdown_lines(question.question, width))
    if answer is None:
        return tuple(lines)
    right = answer == question.answer
    verdict = Span(RIGHT if right else WRONG, "accent" if right else "warning")
    told = f": {question.choices[question.answer - 1]}." if right else f": it is {question.choices[question.answer - 1]}."
    because = [Span(run.text, ROLES[run.style]) for block in blocks(question.because) for run in block.runs]
    return (*lines, *wrapped([verdict, Span(f"{told} "), *because], width))


def score(lesson: LessonStanding) -> str:
    """How many questions were answered rightly, as a sentence."""
    if not lesson.questions:
        return ""
    return f"{lesson.right} of {lesson.questions} question{'' if lesson.questions == 1 else 's'} answered rightly."


def pages(lines: Sequence[Line], height: int) -> tuple[tuple[Line, ...], ...]:
    """The lines in pages of at most that height; there is always one."""
    height = max(height, 1)
    return tuple(tuple(lines[at : at + height]) for at in range(0, len(lines), height)) or ((),)


def progress(lesson: LessonStanding) -> str:
    """How far the lesson has come, as 3/9."""
    return f"{lesson.number}/{len(lesson.beats)}"


def beat_pane(lesson: LessonStanding, width: int, height: int, page: int, error: str = "") -> tuple[Line, ...]:
    """The page of the beat at hand, or the error that a saved file has; a wide pane has a rule with the progress above."""
    lines = [*_error_lines(error, width), *beat_lines(lesson, width)]
    cut_into = pages(lines, height)
    return padded(cut_into[min(page, len(cut_into) - 1)], width, height)


def page_count(lesson: LessonStanding, width: int, height: int, error: str = "") -> int:
    """How many pages the beat at hand has."""
    return len(pages([*_error_lines(error, width), *beat_lines(lesson, width)], height))


def rule(lesson: LessonStanding, width: int, more: bool, ascii: bool) -> Line:
    """A rule across the screen with the progress in it."""
    dash = "-" if ascii else "─"
    text = f"{dash * 2} lesson {progress(lesson)}{' · n reads on' if more else ''} "
    return fitted((Span(text + dash * max(width - cells(text), 0), "faint"),), width)


def _error_lines(error: str, width: int) -> tuple[Line, ...]:
    if not error:
        return ()
    return wrapped([Span("The saved file cannot be used; the old lesson stays. ", "warning"), Span(error)], width)
