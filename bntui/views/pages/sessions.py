"""The sessions that can be gone on with, in words."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bntui.scenario.text.wording import counted
from bntui.session.keep.holding import Holder
from bntui.session.keep.kept import KeptSession
from bntui.views.text.cells import cells, cut, cut_at_word, pad

MINUTE, HOUR = 60.0, 3600.0
NARROWEST_TITLE = 12


def facts(kept: KeptSession, now: float) -> str:
    """The step, when a session was written last, and whether it is open elsewhere."""
    return " · ".join(word for word in _facts(kept, now) if word)


def listed(sessions: Sequence[KeptSession], now: float, width: int) -> list[str]:
    """A line of at most that width for each session, with its number and name; all are aligned."""
    rows = [_facts(kept, now) for kept in sessions]
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    ends = ["  ".join(pad(word, room) for word, room in zip(row, widths, strict=True)).rstrip() for row in rows]
    begins = [f"{number:>3}  {kept.name}  " for number, kept in enumerate(sessions, start=1)]
    room = max(NARROWEST_TITLE, width - max(map(cells, ends)) - max(map(cells, begins)) - 2)
    room = min(room, max(cells(kept.title) for kept in sessions))
    titles = [pad(cut_at_word(kept.title, room), room) for kept in sessions]
    return [cut(f"{begin}{title}  {end}", width) for begin, title, end in zip(begins, titles, ends, strict=True)]


def still_open(holder: Holder, now: float) -> str:
    """Who has a session open, and since when."""
    if holder.process is None or holder.since is None:
        return "still open elsewhere"
    since = f"since {clock_time(holder.since, now)}"
    if holder.is_elsewhere:  # where it may have ended with its machine
        return f"perhaps still open on {holder.process.host}, in process {holder.process.number} {since}"
    return f"still open in process {holder.process.number} {since}"


def clock_time(at: float, now: float) -> str:
    """A time of this day (Unix), or a day before it."""
    then = time.localtime(at)
    today = then[:3] == time.localtime(now)[:3]
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", then)


def _facts(kept: KeptSession, now: float) -> tuple[str, str, str]:
    step = "" if kept.step is None else f"step {kept.step}"
    return step, _ago(kept.written_at, now), _where(kept.holder)


def _where(holder: Holder | None) -> str:
    if holder is None:
        return ""
    if holder.process is None:
        return "open elsewhere"
    return f"perhaps open on {holder.process.host}" if holder.is_elsewhere else f"open in process {holder.process.number}"


def _ago(at: float, now: float) -> str:
    passed = max(now - at, 0.0)
    if passed >= HOUR:
        return clock_time(at, now)
    return f"{counted(int(passed / MINUTE), 'minute')} ago" if passed >= MINUTE else f"{counted(int(passed), 'second')} ago"
