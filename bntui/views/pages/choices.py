"""What one chooses from in a session: its futures as a small tree, and the kinds of normalization."""

from __future__ import annotations

from collections.abc import Sequence

from bntui.maths.kinds.normalizations import NORMALIZATIONS, Normalization
from bntui.session.look.standing import Standing
from bntui.session.run.futures import FutureEnd
from bntui.views.text.cells import cells, cut, in_ascii
from bntui.views.text.numbers import brief, significant
from bntui.views.text.settings import normalization_text, switched_layers

NAME, LEAST_NAME = 30, 10  # columns of the tree
ROOMY = 80  # columns of the screen from which it has all of them
SPARE = 2  # of which the tree leaves


def future_lines(ends: Sequence[FutureEnd], ascii: bool, columns: int = ROOMY) -> tuple[str, list[tuple[int, str]]]:
    """The heading of the columns, and a row for each future with its number, every fork below what it left.

    On a screen of few columns it is told in fewer words where a future was left.
    """
    width = max(NAME - max(ROOMY - SPARE - columns, 0), LEAST_NAME)
    rows: list[tuple[int, str]] = []
    waiting = [(end, 0) for end in reversed(ends) if end.parent is None]
    while waiting:  # a list, not a recursion: a session may have thousands of forks
        end, depth = waiting.pop()
        rows.append((end.number, _row(end, depth, width, ascii)))
        waiting += [(each, depth + 1) for each in reversed(ends) if each.parent == end.number]
    return f"{'':<{width}}{'last step':>9}  {'J':>10}  {in_ascii('η', ascii):<8} norm", rows


def _row(end: FutureEnd, depth: int, width: int, ascii: bool) -> str:
    here = "●" if end.here else " "
    indent = "  " * min(depth - 1, 6) + "└ " if depth else ""
    forks = [""] if end.forked_at is None else [f", left at step {end.forked_at}", f" at {end.forked_at}", ""]
    names = [f"{here} {indent}{end.number}{fork}" for fork in forks]
    name = cut(next((each for each in names if cells(each) < width), names[-1]), width - 1)
    switchable = [layer for layer, _ in end.kinds] if end.all_normalized else []
    norm = ", ".join(f"{name} {where}" for name, where in switched_layers(end.kinds, switchable)) or "off"
    loss = significant(end.loss)
    return in_ascii(f"{name:<{width}}{end.last_step:>9}  {loss:>10}  {brief(end.learning_rate):<8} {norm}", ascii)


def kind_at_hand(standing: Standing) -> Normalization:
    """The kind of the layer in focus, as it is normalized or as it would be."""
    return dict(standing.at_hand)[standing.focus.layer]


def kind_lines(standing: Standing, ascii: bool, columns: int = ROOMY) -> tuple[str, list[tuple[str, str]]]:
    """What is normalized now, and a row for each kind of normalization with its name; those in force are marked.

    Over what each takes its statistics is told on a screen of enough columns.
    """
    now = normalization_text(standing.kinds, standing.architecture.switchable, standing.short, counted=True)
    forced = {kind for _, kind in standing.kinds}
    rows = []
    for name, kind in NORMALIZATIONS.items():
        mark = in_ascii("●" if kind in forced else " ", ascii)
        over = kind.taken_of if columns >= ROOMY else ""
        rows.append((name, in_ascii(f"{mark} {name:<20} {kind.short:<14} {over}".rstrip(), ascii)))
    return in_ascii(f"Normalization: {now}", ascii), rows
