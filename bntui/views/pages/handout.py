"""A lesson, or a whole course, as a handout: its words, the screen at each beat, its questions, and their answers at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from bntui.records import dataclass
from bntui.scenario.model.beats import LessonBeat, Question
from bntui.scenario.text.wording import counted
from bntui.views.drawing import svg
from bntui.views.text.lines import Lines, text_of
from bntui.views.text.markdown import (
    fenced,
    html_of,
    html_of_words,
    labelled_markdown,
    markdown_of,
    markdown_of_words,
    plain_markdown,
)

_STYLE = """\
body { max-width: 62em; margin: 2em auto; padding: 0 1em; font-family: serif; line-height: 1.5; color: #111; background: #fff }
h2, h3, h4 { break-after: avoid } .question { border-left: 4px solid #111; padding-left: 1em; break-inside: avoid }
.answer { break-inside: avoid } nav li { margin: 0.2em 0 } .about { font-style: italic }
@media print { body { max-width: none; margin: 0 } section.lesson, section.answers { break-before: page } @page { margin: 1.5cm } }
"""


@dataclass(frozen=True, slots=True)
class Played:
    """A beat after it was taken, every question answered rightly: the screen then, or the picture that it opens."""

    number: int
    beat: LessonBeat
    picture: Lines


@dataclass(frozen=True, slots=True)
class ToldLesson:
    """A lesson that was played; `beginning` is the screen of a scenario that has none."""

    title: str
    summary: str
    beats: tuple[Played, ...]
    beginning: Lines = ()


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A part of a course."""

    title: str
    about: str
    lessons: tuple[ToldLesson, ...]


@dataclass(frozen=True, slots=True)
class Handout:
    """What is handed out: the parts of a course, or one part without a title for one lesson; with answers or without."""

    title: str
    summary: str
    parts: tuple[ToldPart, ...]
    answers: bool = True

    @property
    def numbered(self) -> tuple[tuple[ToldPart, tuple[tuple[str, ToldLesson], ...]], ...]:
        """Every part with its lessons, each with what its beats' numbers begin with: those of the part and of the lesson in it."""
        return tuple(
            (part, tuple((f"{place}.{number}." if self.is_course else "", lesson) for number, lesson in enumerate(part.lessons, 1)))
            for place, part in enumerate(self.parts, start=1)
        )

    @property
    def answered(self) -> tuple[tuple[str, Played, Question], ...]:
        """The beats whose answers stand at the end, each with its number and its question."""
        if not self.answers:
            return ()
        lessons = (each for _, lessons in self.numbered for each in lessons)
        return tuple((f"{begin}{one.number}", one, ask) for begin, lesson in lessons for one, ask in _questions(lesson))

    @property
    def is_course(self) -> bool:
        """Whether it is a course rather than one lesson."""
        return bool(self.parts[0].title)


def as_markdown(handout: Handout) -> str:
    """The handout as Markdown; the screens stand in it as code."""
    return "\n\n".join(_markdown(handout)) + "\n"


def _markdown(handout: Handout) -> Iterator[str]:
    yield f"# {plain_markdown(handout.title)}"
    if handout.summary:
        yield plain_markdown(handout.summary)
    for place, (part, lessons) in enumerate(handout.numbered, start=1):
        if handout.is_course:
            yield from (f"## {place} {plain_markdown(part.title)}", plain_markdown(part.about))
        for begin, lesson in lessons:
            yield from _markdown_lesson(begin, lesson, handout.is_course)
    if handout.answered:
        yield "## Answers"
    for number, one, ask in handout.answered:
        yield labelled_markdown(f"**{number}: {ask.answer}.**", ask.because)
        yield from (labelled_markdown(f"**Not {other}.**", reason) for other, reason in ask.wrong.items())
        yield _fenced(one.picture)


def _markdown_lesson(begin: str, lesson: ToldLesson, in_course: bool) -> Iterator[str]:
    if in_course:
        yield f"### {begin.rstrip('.')} {plain_markdown(lesson.title)}"
        if lesson.summary:
            yield plain_markdown(lesson.summary)
    if not lesson.beats:
        yield _fenced(lesson.beginning)
    for one in lesson.beats:
        yield f"{'####' if in_course else '##'} {begin}{one.number}"
        if one.beat.say:
            yield markdown_of(one.beat.say)
        if ask := one.beat.ask:
            yield labelled_markdown("**Question.**", ask.question)
            yield "\n".join(f"{place}. {markdown_of_words(choice)}" for place, choice in enumerate(ask.choices, start=1))
        else:
            yield _fenced(one.picture)


def as_html(handout: Handout) -> str:
    """The handout as one HTML page that needs nothing else and prints; every text in it is escaped, the screens are SVG."""
    head = f'<meta charset="utf-8"><title>{escape(handout.title)}</title><style>{_STYLE}{svg.STYLE}</style>'
    body = "\n".join(_html(handout))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _html(handout: Handout) -> Iterator[str]:
    yield f"<h1>{escape(handout.title)}</h1>"
    if handout.summary:
        yield f"<p>{escape(handout.summary)}</p>"
    if handout.is_course:
        yield from _contents(handout)
    for place, (part, lessons) in enumerate(handout.numbered, start=1):
        if handout.is_course:
            yield f'<h2>{place} {escape(part.title)}</h2><p class="about">{escape(part.about)}</p>'
        for begin, lesson in lessons:
            yield from _html_lesson(begin, lesson, handout.is_course)
    if handout.answered:
        yield '<section class="answers"><h2>Answers</h2>'
        for number, one, ask in handout.answered:
            yield from _html_answer(number, one, ask)
        yield "</section>"


def _contents(handout: Handout) -> Iterator[str]:
    """The parts and their lessons, each of which leads to its place in this page."""
    yield "<nav>"
    for place, (part, lessons) in enumerate(handout.numbered, start=1):
        yield f"<p><strong>{place} {escape(part.title)}.</strong> {escape(part.about)}</p><ul>"
        for begin, lesson in lessons:
            questions = counted(len(_questions(lesson)), "question")
            yield f'<li><a href="#{begin}">{begin.rstrip(".")} {escape(lesson.title)}</a> ({questions})</li>'
        yield "</ul>"
    yield "</nav>"


def _html_lesson(begin: str, lesson: ToldLesson, in_course: bool) -> Iterator[str]:
    yield '<section class="lesson">' if in_course else "<section>"
    if in_course:
        yield f'<h3 id="{begin}">{begin.rstrip(".")} {escape(lesson.title)}</h3>'
        yield f"<p>{escape(lesson.summary)}</p>" if lesson.summary else ""
    if not lesson.beats:
        yield svg.svg(lesson.beginning, f"The screen of {lesson.title}")
    for one in lesson.beats:
        level = "h4" if in_course else "h2"
        yield f"<{level}>{begin}{one.number}</{level}>"
        if one.beat.say:
            yield html_of(one.beat.say)
        if ask := one.beat.ask:
            choices = "".join(f"<li>{html_of_words(choice)}</li>" for choice in ask.choices)
            yield f'<div class="question">{html_of(ask.question)}<ol>{choices}</ol></div>'
        else:
            yield svg.svg(one.picture, f"The screen at beat {begin}{one.number}")
    yield "</section>"


def _html_answer(number: str, one: Played, ask: Question) -> Iterator[str]:
    yield f'<div class="answer"><h4>{number}: {ask.answer}</h4>{html_of(ask.because)}'
    yield from (f"<p><strong>Not {escape(other)}.</strong></p>{html_of(reason)}" for other, reason in ask.wrong.items())
    yield svg.svg(one.picture, f"The screen after question {number}") + "</div>"


def _questions(lesson: ToldLesson) -> Sequence[tuple[Played, Question]]:
    """The beats of a lesson that ask, each with its question."""
    return [(one, one.beat.ask) for one in lesson.beats if one.beat.ask is not None]


def _fenced(lines: Lines) -> str:
    return fenced(text_of(lines), "text")
