"""The speaker's view as plain text: the beat at hand with its notes, the next one, the clock, and the beats to come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bntui.scenario.text.wording import counted
from bntui.session.teach.notes import BeatNotes, Notes
from bntui.views.pages.sessions import clock_time
from bntui.views.text.cells import cells, cut, cut_at_word, in_ascii
from bntui.views.text.lines import Line, Span, hanging, text_of, wrapped
from bntui.views.text.markdown import markdown_in_ascii, markdown_lines, markdown_spans

NOBODY = "No lesson is running. Open one with bntui SCENARIO, then press n there; this view follows it."
SEVERAL = "Several lessons are running. Say whose notes you want: bntui notes PROCESS"
GONE = "The session has ended: {title}, beat {number}. This view goes on when it does: bntui --resume{name}"
BLANK = "The screen is BLANK; any key there goes on."
LAST = "That is the last beat."
LEAVE = "q leaves"
SHORT_NEXT = 3  # rows of the next beat where it has not all the room
ROOMY = 18  # rows from which the parts stand apart
LEAST_LIST = 4  # rows below which no list of beats is begun


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


def speaker_text(notes: Notes, now: float, width: int, height: int | None = None, ascii: bool = False) -> str:
    """What the speaker reads at a time (Unix), in lines of at most that width, all of it or in so many rows.

    The head is whole in any size, and the next beat keeps some rows of it; a part that has not all the room says how much more
    there is. What a tall window has over shows the beats from the one at hand on.
    """
    notes = _spelled(notes, ascii)
    head, at_hand, following = _head(notes, now, width), _at_hand(notes, width), _following(notes, width)
    if height is None:
        return in_ascii(text_of([*head, (), *at_hand, (), *following]), ascii)
    between: list[Line] = [()] if height >= ROOMY else []
    room = max(height - len(head) - 2 * len(between), 2)
    if len(at_hand) + len(following) > room:
        space = max(min(SHORT_NEXT, room - 1), room - len(at_hand))
        if len(following) > space:
            whole = space > 2 * SHORT_NEXT
            following = _shortened(following, space, width) if whole else _short_following(notes, width)[:space]
    at_hand = _shortened(at_hand, room - len(following), width)
    lines = [*head, *between, *at_hand, *between, *following]
    left = height - len(lines) - len(between)
    if left >= LEAST_LIST:
        lines += [*between, *_listed(notes, left, width)]
    return in_ascii(text_of(lines[:height]), ascii)


def fitted(text: str, width: int, height: int) -> str:
    """As much of a text, from its top, as has room in that many rows; the last one says how much more there is."""
    return text_of(_shortened([(Span(row),) for row in text.split("\n")], height, width))


def _shortened(lines: Sequence[Line], height: int, width: int) -> list[Line]:
    """The lines, or as many as there are rows for with a last one that says how many more there are."""
    if len(lines) <= height:
        return list(lines)
    kept = list(lines[: max(height - 1, 0)])
    more = counted(len(lines) - len(kept), "more line")
    told = f"… {more}; a taller window has room"
    return [*kept, (Span(cut(told if cells(told) <= width else f"… {more}", width)),)][:height]


def _spelled(notes: Notes, ascii: bool) -> Notes:
    """The notes in the characters that the terminal has, before they are broken into lines."""
    if not ascii:
        return notes
    title, words = in_ascii(notes.title, True), tuple(in_ascii(each, True) for each in notes.words)
    return replace(notes, title=title, words=words, now=_spelled_beat(notes.now), following=_spelled_beat(notes.following))


def _spelled_beat(beat: BeatNotes) -> BeatNotes:
    return BeatNotes(
        markdown_in_ascii(beat.say),
        markdown_in_ascii(beat.note),
        markdown_in_ascii(beat.question),
        tuple(map(markdown_in_ascii, beat.choices)),
        beat.answer,
        markdown_in_ascii(beat.because),
        {number: markdown_in_ascii(reason) for number, reason in beat.wrong.items()},
        in_ascii(beat.picture, True),
    )


def _head(notes: Notes, now: float, width: int) -> list[Line]:
    """The clock, and how far the lesson is; each in the longest form that has room."""
    passed, here = _lasted(now - notes.opened_at), _lasted(now - notes.beat_at)
    clock, short = (time.strftime(form, time.localtime(now)) for form in ("%H:%M:%S", "%H:%M"))
    planned = f" · planned {notes.minutes} min, {notes.left} left" if notes.minutes else ""
    of = f" of {notes.minutes} min" if notes.minutes else ""
    clocks = (
        f"{clock} · {passed} since the start · {here} at this beat{planned} · {LEAVE}",
        f"{clock} · {passed} since the start · {here} at this beat{planned}",
        f"{clock} · {passed}{of} · here {here}{f' · {notes.left} min left' if of else ''} · q",
        f"{short} · {passed}{of} · here {here}",
        f"{short} {passed}{of.removesuffix(' min')} {here}",
        f"{passed} {here}",
    )
    standings = (
        f" · beat {notes.number} of {notes.beats} · {notes.right} of {notes.questions} right",
        f" · beat {notes.number} of {notes.beats}",
        f" · {notes.number}/{notes.beats}",
    )
    behind = next((text for text in standings if cells(notes.title) + cells(text) <= width), standings[1])
    rows = [_fitting(clocks, width), cut_at_word(notes.title, max(width - cells(behind), 1)) + behind]
    return [(Span(cut(row, width)),) for row in (*rows, *([BLANK] if notes.blank else []))]


def _fitting(forms: Sequence[str], width: int) -> str:
    return next((text for text in forms if cells(text) <= width), forms[-1])


def _at_hand(notes: Notes, width: int) -> list[Line]:
    """The beat at hand with its notes; the right answer first, for not all of it may have room."""
    if not notes.number:
        return list(wrapped([Span("The lesson has not begun; n begins it.")], width))
    forms = (f"{begin} {notes.number}{standing}" for begin, standing in _standings(notes))
    room = width - cells(_heading(""))
    return _beat(_fitting(tuple(forms), room), notes.now, width)


def _standings(notes: Notes) -> tuple[tuple[str, str], ...]:
    """How the question of the beat at hand stands, in words that are ever fewer: the number of an answer is not cut."""
    right = notes.now.answer
    if notes.asking:
        waits = f", waits for answer {right}"
        return ("Now, beat", f", waiting for answer {right}"), ("Beat", waits), ("Beat", f": answer {right}")
    if not notes.answer:
        return (("Now, beat", ""),)
    if notes.answer == right:
        return ("Now, beat", f", answered {right}: right"), ("Beat", f", answered {right}: right"), ("Beat", f": {right}, right")
    given = f"{notes.answer}: not so, {right} is right"
    return ("Now, beat", f", answered {given}"), ("Beat", f", answered {given}"), ("Beat", f": {right}, not {notes.answer}")


def _following(notes: Notes, width: int) -> list[Line]:
    """The next beat with its notes."""
    if notes.number >= notes.beats:
        return [(Span(LAST),)]
    return _beat(f"Next, beat {notes.number + 1}", notes.following, width)


def _short_following(notes: Notes, width: int) -> list[Line]:
    """The first words of the next beat in one row, what it asks before what it says, and its note in another."""
    beat = notes.following
    sign, words = ("? ", beat.question) if beat.question else ("  ", beat.say or f"It opens {beat.picture}.")
    rows = [(sign, words), *([("! ", beat.note)] if beat.note else [])]
    heading = f"== Next, beat {notes.number + 1} =="
    return [(Span(cut(heading, width)),), *(_in_one_row(before, text, width) for before, text in rows)]


def _in_one_row(before: str, text: str, width: int) -> Line:
    words = "".join(span.text for span in markdown_spans(text))
    return (Span(before), Span(cut_at_word(words, max(width - cells(before), 1))))


def _listed(notes: Notes, height: int, width: int) -> list[Line]:
    """The beats from the one before the one at hand on, a row each, with a heading; the last row says how many more there are."""
    rows: list[Line] = [(Span(cut("== Beats: l there, or : and beat 7, goes to any ==", width)),)]
    first = max(min(notes.number - 1, notes.beats - height + 2), 1)
    for number, words in list(enumerate(notes.words, start=1))[first - 1 :]:
        rows.append((Span(cut_at_word(f"{'▸' if number == notes.number else ' '} {number:>2}  {words}", width)),))
    return _shortened(rows, height, width)


def _beat(heading: str, beat: BeatNotes, width: int) -> list[Line]:
    """Notes first: they are nowhere else."""
    return [(Span(cut(_heading(heading), width)),), *_told(beat, width)]


def _heading(text: str) -> str:
    return f"== {text} =="


def _told(beat: BeatNotes, width: int) -> Iterator[Line]:
    inner = max(width - 2, 2)
    if beat.note:
        yield from hanging("! ", markdown_lines(beat.note, inner))
    if beat.say:
        yield from hanging("  ", markdown_lines(beat.say, inner))
    if beat.question:
        yield from hanging("? ", markdown_lines(beat.question, inner))
        for place, choice in enumerate(beat.choices, start=1):
            mark = "*" if place == beat.answer else " "
            yield from hanging(f" {mark}{place} ", markdown_lines(choice, max(width - 4, 2)))
            if reason := beat.wrong.get(str(place)):
                yield from hanging("    not so: ", markdown_lines(reason, max(width - 12, 2)))
        if beat.because:
            yield from hanging("  ", markdown_lines(beat.because, inner))
    if beat.picture:
        yield from wrapped([Span(f"  It opens {beat.picture}.")], inner)


def _lasted(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes}:{rest:02d}"
