"""The beat of a lesson as lines: what is said, the question and its answer, the score at the end; cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bntui.scenario.model.beats import Question
from bntui.session.look.standing import LessonStanding
from bntui.views.text.cells import cells, in_ascii
from bntui.views.text.lines import Line, Span, fitted, padded, wrapped
from bntui.views.text.markdown import markdown_in_ascii, markdown_lines, markdown_spans

MORE = " …"  # at the end of a page that another follows
DONE = "It was the last lesson: the course is done. o opens any of them again."
RIGHT, WRONG, INSTEAD = "✓ Right: ", "✗ Not quite: ", "The right answer: "


def spelled(lesson: LessonStanding, ascii: bool) -> LessonStanding:
    """The lesson with the texts of the beat at hand in the characters that the terminal has, before they are broken into lines.

    Signs of one cell that would be Markdown in ASCII stay, as `markdown_in_ascii` says.
    """
    beat = lesson.beat
    if not ascii or beat is None:
        return lesson
    ask = beat.ask
    if ask is not None:
        choices = tuple(map(markdown_in_ascii, ask.choices))
        wrong = {number: markdown_in_ascii(reason) for number, reason in ask.wrong.items()}
        texts = {"question": markdown_in_ascii(ask.question), "because": markdown_in_ascii(ask.because)}
        ask = ask.changed(**texts, choices=choices, wrong=wrong)
    beat = beat.changed(say=None if beat.say is None else markdown_in_ascii(beat.say), ask=ask)
    beats = (*lesson.beats[: lesson.number - 1], beat, *lesson.beats[lesson.number :])
    return replace(lesson, beats=beats, sentence=in_ascii(lesson.sentence, True))


def beat_lines(lesson: LessonStanding, width: int, ends: bool = True, whole: bool = True) -> tuple[Line, ...]:
    """All that is to be read at the beat at hand; where it `ends` the lesson that is said too.

    Of a question that was answered the answer and its reasons alone, unless the `whole` is wanted.
    """
    lines: list[Line] = []
    if lesson.sentence:
        lines += wrapped([Span(lesson.sentence, "second")], width)
    beat = lesson.beat
    if beat is None:
        count = len(lesson.beats)
        text = f"This scenario has a lesson of {count} beat{'' if count == 1 else 's'}."
        if not lesson.followed:
            text += " **n** begins it."
        return markdown_lines(text, width)
    if beat.say and not (beat.ask and lesson.answer):
        lines += markdown_lines(beat.say, width)
    if beat.ask is not None:
        lines += question_lines(beat.ask, lesson.answer, width, whole)
        if lesson.asking:
            lines += markdown_lines("**n** opens the question; the lesson goes on once it is answered.", width)
    if ends and lesson.finished:
        lines += wrapped([Span("The end of the lesson.", "strong"), Span(f" {ending(lesson)}")], width)
    return tuple(lines)


def question_lines(question: Question, answer: int | None, width: int, whole: bool = True) -> tuple[Line, ...]:
    """The question; once it is answered, what was answered, whether that was right, and why: these alone unless `whole`."""
    asked = markdown_lines(question.question, width)
    if answer is None:
        return asked
    asked = asked if whole else ()
    told = (*markdown_spans(_sentence(question.choices[question.answer - 1])), Span(" "), *markdown_spans(question.because))
    if answer == question.answer:
        return (*asked, *wrapped([Span(RIGHT, "accent"), *told], width))
    return (*asked, *wrapped([*_against(question, answer), Span(" "), Span(INSTEAD, "warning"), *told], width))


def against_lines(question: Question, choice: int, width: int) -> tuple[Line, ...]:
    """What is said of a wrong choice to whoever may try again: not which one is right."""
    return wrapped(_against(question, choice), width)


def _against(question: Question, choice: int) -> tuple[Span, ...]:
    """A wrong choice, and what speaks against it."""
    given = markdown_spans(_sentence(question.choices[choice - 1]))
    reason = markdown_spans(question.against(choice))
    return (Span(WRONG, "warning"), *given, *((Span(" "), *reason) if reason else ()))


def _sentence(text: str) -> str:
    """The text with a full stop, unless it ends a sentence by itself."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def ending(lesson: LessonStanding) -> str:
    """What is said when the lesson is over: the score, and how one comes to the next one, unless another one speaks."""
    if lesson.followed:
        return f"{score(lesson)} {f'Next: {_sentence(lesson.following)}' if lesson.following else ''}".strip()
    onward = DONE if lesson.completes else "o opens another one."
    if lesson.following:
        onward = f"Next: {_sentence(lesson.following)} n opens it."
    return f"{score(lesson)} {onward}".strip()


def score(lesson: LessonStanding) -> str:
    """How many questions were answered rightly, as a sentence."""
    if not lesson.questions:
        return ""
    return f"{lesson.right} of {lesson.questions} question{'' if lesson.questions == 1 else 's'} answered rightly."


def pages(lines: Sequence[Line], height: int) -> tuple[tuple[Line, ...], ...]:
    """The lines in as few pages of at most that height as hold them, alike but for a line; there is always one.

    A last page of one word would be turned to for nothing.
    """
    count = max(-(-len(lines) // max(height, 1)), 1)
    ends = [-(-len(lines) * number // count) for number in range(count + 1)]
    return tuple(tuple(lines[begin:end]) for begin, end in pairwise(ends))


def progress(lesson: LessonStanding) -> str:
    """How far the lesson has come, as 3/9."""
    return f"{lesson.number}/{len(lesson.beats)}"


def beat_pane(
    lesson: LessonStanding, width: int, height: int, page: int, error: str = "", ends: bool = True
) -> tuple[Line, ...]:
    """The page of the beat at hand, or the error that a saved file has; a wide pane has a rule with the progress above."""
    cut_into = _cut_into(lesson, width, height, error, ends)
    page = min(page, len(cut_into) - 1)
    lines = cut_into[page]
    if page < len(cut_into) - 1:
        lines = (*lines[:-1], (*lines[-1], Span(MORE, "accent")))
    return padded(lines, width, height)


def _cut_into(lesson: LessonStanding, width: int, height: int, error: str, ends: bool = True) -> tuple[tuple[Line, ...], ...]:
    """The pages: one without an answered question where it has no room; several leave room for the sign that there is more."""
    lines = [*_error_lines(error, width), *beat_lines(lesson, width, ends)]
    if len(lines) > height:
        lines = [*_error_lines(error, width), *beat_lines(lesson, width, ends, whole=False)]
    if len(lines) > height:
        width = max(width - len(MORE), 1)
        lines = [*_error_lines(error, width), *beat_lines(lesson, width, ends)]
    return pages(lines, height)


def page_count(lesson: LessonStanding, width: int, height: int, error: str = "", ends: bool = True) -> int:
    """How many pages the beat at hand has."""
    return len(_cut_into(lesson, width, height, error, ends))


def progress_rule(lesson: LessonStanding, width: int, more: bool, ascii: bool) -> Line:
    """A rule across the screen with the progress in it."""
    dash = "-" if ascii else "─"
    text = f"{dash * 2} lesson {progress(lesson)}{' · n reads on' if more else ''} "
    return fitted((Span(text + dash * max(width - cells(text), 0), "faint"),), width)


def _error_lines(error: str, width: int) -> tuple[Line, ...]:
    if not error:
        return ()
    return wrapped([Span("The saved file cannot be used; the old lesson stays. ", "warning"), Span(error)], width)
