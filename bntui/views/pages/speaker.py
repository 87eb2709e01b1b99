"""The speaker's view as plain text: the beat at hand with its notes, the next one, and the clock."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bntui.scenario.text.wording import counted
from bntui.session.teach.notes import BeatNotes, Notes
from bntui.views.pages.sessions import clock_time
from bntui.views.text.cells import cut
from bntui.views.text.lines import Line, Span, hanging, text_of, wrapped
from bntui.views.text.markdown import markdown_lines

NOBODY = "No lesson is running. Open one with bntui SCENARIO, then press n there; this view follows it."
SEVERAL = "Several lessons are running. Say whose notes you want: bntui notes PROCESS"
GONE = "The session has ended: {title}, beat {number}. This view goes on when it does: bntui --resume{name}"


def nobody_text(width: int) -> str:
    """What is said where no lesson runs."""
    return text_of(wrapped([Span(NOBODY)], width))


def gone_text(notes: Notes, width: int) -> str:
    """What is said when the session that these notes were of runs no more."""
    name = "" if notes.session is None else f" {notes.session}"
    return text_of(wrapped([Span(GONE.format(title=notes.title, number=notes.number, name=name))], width))


def several_text(lessons: Sequence[Notes], now: float, width: int) -> str:
    """What is said where several lessons run and none was chosen: all of them, by their process."""
    heading = text_of(wrapped([Span(SEVERAL)], width))
    rows = (
        f"{each.process.number:>8}  {each.title} · beat {each.number} of {each.beats} · opened {clock_time(each.opened_at, now)}"
        for each in lessons
    )
    return "\n".join([heading, *(cut(row, width) for row in rows)])


def speaker_text(notes: Notes, now: float, width: int) -> str:
    """What the speaker reads at a time (Unix), in lines of at most that width."""
    clock = time.strftime("%H:%M:%S", time.localtime(now))
    passed = f"{clock} · {_lasted(now - notes.opened_at)} since the start · {_lasted(now - notes.beat_at)} at this beat"
    standing = f"{notes.title} · beat {notes.number} of {notes.beats} · {notes.right} of {notes.questions} right"
    lines: list[Line] = [(Span(cut(passed, width)),), *wrapped([Span(standing)], width), ()]
    if notes.number:
        lines += _beat(f"Now, beat {notes.number}{', waiting for an answer' if notes.asking else ''}", notes.now, width)
    else:
        lines += wrapped([Span("The lesson has not begun; n begins it.")], width)
    lines.append(())
    if notes.number < notes.beats:
        lines += _beat(f"Next, beat {notes.number + 1}", notes.following, width)
    else:
        lines.append((Span("That is the last beat."),))
    return text_of(lines)


def fitted(text: str, width: int, height: int) -> str:
    """As much of a text, from its top, as has room in that many rows; the last one says how much more there is."""
    rows = text.split("\n")
    if len(rows) <= height:
        return text
    kept = rows[: max(height - 1, 0)]
    return "\n".join([*kept, cut(f"… {counted(len(rows) - len(kept), 'more line')}; a taller window has room", width)])


def _beat(heading: str, beat: BeatNotes, width: int) -> list[Line]:
    """Notes first: they are nowhere else."""
    lines: list[Line] = [(Span(cut(f"== {heading} ==", width)),)]
    inner = max(width - 2, 1)
    if beat.note:
        lines += hanging("! ", markdown_lines(beat.note, inner))
    if beat.say:
        lines += hanging("  ", markdown_lines(beat.say, inner))
    if beat.question:
        lines += hanging("? ", markdown_lines(beat.question, inner))
        for place, choice in enumerate(beat.choices, start=1):
            mark = "*" if place == beat.answer else " "
            lines += hanging(f" {mark}{place} ", markdown_lines(choice, max(width - 4, 1)))
            if reason := beat.wrong.get(str(place)):
                lines += hanging("    not so: ", markdown_lines(reason, max(width - 12, 1)))
        if beat.because:
            lines += hanging("  ", markdown_lines(beat.because, inner))
    if beat.picture:
        lines += wrapped([Span(f"  It opens {beat.picture}.")], inner)
    return lines


def _lasted(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes}:{rest:02d}"
