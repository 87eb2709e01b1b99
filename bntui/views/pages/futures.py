"""The futures of a session as a small tree of text."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.session.futures import FutureEnd
from bntui.views.drawing.picture import cut, in_ascii
from bntui.views.text.numbers import brief, significant

NAME = 30  # columns of the tree


def future_lines(ends: Sequence[FutureEnd], ascii: bool) -> tuple[str, list[tuple[int, str]]]:
    """The heading of the columns, and a row for each future with its number, every fork below what it left."""
    rows: list[tuple[int, str]] = []
    waiting = [(end, 0) for end in reversed(ends) if end.parent is None]
    while waiting:  # a list, not a recursion: a session may have thousands of forks
        end, depth = waiting.pop()
        rows.append((end.number, _row(end, depth, ascii)))
        waiting += [(each, depth + 1) for each in reversed(ends) if each.parent == end.number]
    return f"{'':<{NAME}}{'last step':>9}  {'J':>10}  {in_ascii('η', ascii):<8} BN", rows


def _row(end: FutureEnd, depth: int, ascii: bool) -> str:
    here = "●" if end.here else " "
    indent = "  " * min(depth - 1, 6) + "└ " if depth else ""
    fork = "" if end.forked_at is None else f", left at step {end.forked_at}"
    name = cut(f"{here} {indent}{end.number}{fork}", NAME - 1)
    norm = "off" if not end.normalized else "on" if end.all_normalized else " ".join(end.normalized)
    loss = significant(end.loss)
    return in_ascii(f"{name:<{NAME}}{end.last_step:>9}  {loss:>10}  {brief(end.learning_rate):<8} {norm}", ascii)
