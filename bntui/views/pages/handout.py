"""A lesson as a handout: its text, and ledger and charts at each beat, as Markdown or as one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.model.scenario import Scenario
from bntui.session.teach.verdicts import Verdict
from bntui.views.text.markdown import html_of, html_of_words, markdown_of, markdown_of_words, plain_markdown

_STYLE = """\
body { max-width: 62em; margin: 2em auto; padding: 0 1em; font-family: serif; line-height: 1.5; color: #111; background: #fff }
pre { font-family: monospace; font-size: 0.8em; line-height: 1.15; overflow-x: auto; border: 1px solid #999; padding: 0.6em }
h2 { margin-top: 2em } .question { border-left: 4px solid #111; padding-left: 1em } @media print { pre { break-inside: avoid } }
"""


@dataclass(frozen=True, slots=True)
class Played:
    """A beat after it was taken: the screen as text, and what it expected."""

    number: int
    beat: LessonBeat
    frame: str
    verdicts: tuple[Verdict, ...]


def as_markdown(scenario: Scenario, beginning: str, beats: Sequence[Played]) -> str:
    """The handout as Markdown; the frames stand in it as code. `beginning` is shown where there is no lesson."""
    parts = [f"# {plain_markdown(scenario.title)}"]
    if scenario.summary:
        parts.append(plain_markdown(scenario.summary))
    if not beats:
        parts.append(_fenced(beginning))
    for one in beats:
        parts.append(f"## {one.number}")
        if one.beat.say:
            parts.append(markdown_of(one.beat.say))
        if ask := one.beat.ask:
            choices = "\n".join(f"{place}. {markdown_of_words(choice)}" for place, choice in enumerate(ask.choices, start=1))
            answer = f"**Answer: {ask.answer}.** {markdown_of(ask.because)}".strip()
            against = [f"**Not {number}.** {markdown_of(reason)}" for number, reason in ask.wrong.items()]
            parts += [f"**Question.** {markdown_of(ask.question)}", choices, answer, *against]
        parts.append(_fenced(one.frame))
        if one.verdicts:
            parts.append("\n".join(f"- {plain_markdown(_checked(verdict))}" for verdict in one.verdicts))
    return "\n\n".join(parts) + "\n"


def as_html(scenario: Scenario, beginning: str, beats: Sequence[Played]) -> str:
    """The handout as one HTML page that needs nothing else; every text in it is escaped."""
    parts = [f"<h1>{escape(scenario.title)}</h1>", f"<p>{escape(scenario.summary)}</p>" if scenario.summary else ""]
    if not beats:
        parts.append(f"<pre>{escape(beginning)}</pre>")
    for one in beats:
        parts.append(f"<h2>{one.number}</h2>")
        if one.beat.say:
            parts.append(html_of(one.beat.say))
        if ask := one.beat.ask:
            choices = "".join(f"<li>{html_of_words(choice)}</li>" for choice in ask.choices)
            answer = f"<p><strong>Answer: {ask.answer}.</strong></p>{html_of(ask.because)}"
            wrong = ask.wrong.items()
            against = "".join(f"<p><strong>Not {escape(number)}.</strong></p>{html_of(reason)}" for number, reason in wrong)
            parts.append(f'<div class="question">{html_of(ask.question)}<ol>{choices}</ol>{answer}{against}</div>')
        parts.append(f"<pre>{escape(one.frame)}</pre>")
        if one.verdicts:
            parts.append("<ul>" + "".join(f"<li>{escape(_checked(each))}</li>" for each in one.verdicts) + "</ul>")
    head = f'<meta charset="utf-8"><title>{escape(scenario.title)}</title><style>{_STYLE}</style>'
    body = "\n".join(part for part in parts if part)
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


def _checked(verdict: Verdict) -> str:
    return f"{'✓' if verdict.held else '✗ failed:'} {verdict}"


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```"
