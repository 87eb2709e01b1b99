"""The speaker's view as plain text: the beat at hand with its notes, the next one, and the clock."""

from __future__ import annotations

import time

from bntui.session.notes import BeatNotes, Notes
from bntui.views.text.lines import Line, Span, hanging, text_of
from bntui.views.text.markdown import markdown_lines

NOBODY = "No lesson is running. Open one with `bntui SCENARIO`, then press n there; this view follows it."


def speaker_text(notes: Notes | None, now: float, width: int) -> str:
    """What the speaker reads at a time (Unix), in lines of at most that width."""
    if notes is None:
        return text_of(markdown_lines(NOBODY.replace("`", ""), width))
    clock = time.strftime("%H:%M:%S", time.localtime(now))
    lines: list[Line] = [
        (Span(f"{clock} · {_lasted(now - notes.opened_at)} since the start · {_lasted(now - notes.beat_at)} at this beat"),),
        (Span(f"{notes.title} · beat {notes.number} of {notes.beats} · {notes.right} of {notes.questions} right"),),
        (),
    ]
    if notes.number:
        lines += _beat(f"Now, beat {notes.number}{', waiting for an answer' if notes.asking else ''}", notes.now, width)
    else:
        lines.append((Span("The lesson has not begun; n begins it."),))
    lines.append(())
    if notes.number < notes.beats:
        lines += _beat(f"Next, beat {notes.number + 1}", notes.following, width)
    else:
        lines.append((Span("That is the last beat."),))
    return text_of(lines)


def _beat(heading: str, beat: BeatNotes, width: int) -> list[Line]:
    """Notes first: they are nowhere else."""
    lines: list[Line] = [(Span(f"== {heading} =="),)]
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
        if beat.because:
            lines += hanging("  ", markdown_lines(beat.because, inner))
    return lines


def _lasted(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes}:{rest:02d}"
