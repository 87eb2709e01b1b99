"""The first row of the screen: where one stands, as much of it as fits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from bntui.scenario.model.actions import Beat, Step
from bntui.session.look.snapshot import Snapshot
from bntui.views.text.cells import LIT_MARK, cells, cut_at_word, has_room_for_a_word, in_ascii
from bntui.views.text.lines import Line, Role, Span, fitted
from bntui.views.text.numbers import brief, significant
from bntui.views.text.settings import difference_text, normalization_text, optimizer_parts, skips_text

PARTS = (("step", "step "), ("loss", "J "), ("learning_rate", "η "), ("diverged", "DIVERGED"), ("twin.loss", "twin "))
LEAST_TITLE = 8  # cells below which a title says nothing


def header(snapshot: Snapshot, width: int, under_way: str, ascii: bool) -> Line:
    """Where one stands: as much of it as fits, in whole words, and the title where that leaves it room."""
    doing = [under_way] if under_way else []
    forms = ((0, " · "), (1, " · "), (2, " · "), (3, " · "), (3, " "), (4, " "))
    earlier = [snapshot.changed_from, None] if snapshot.changed_from is not None else [None]
    for then, (spared, separator) in product(earlier, forms):
        parts = [in_ascii(_lit_part(part, snapshot.lit), ascii) for part in _standing(snapshot, then, spared)]
        rest = separator.join([*parts, *doing])
        if cells(rest) <= width:
            break
    room = width - cells(rest) - 3
    role: Role = "warning" if snapshot.diverged else "plain"
    title = in_ascii(snapshot.title, ascii)
    if room >= min(LEAST_TITLE, cells(title)) and has_room_for_a_word(title, room):
        begin = Span(cut_at_word(title, room, in_ascii("…", ascii)), "strong")
        return fitted((begin, Span(" · "), *_spans([*parts, *doing], separator, role, ascii)), width)
    # without a title what is under way comes first
    first = [Span(text + separator, "strong") for text in doing]
    return fitted((*first, *_spans(parts, separator, role, ascii)), width)


def _lit_part(part: str, lit: Sequence[str]) -> str:
    """A part of the header with a mark before it where a lesson speaks of it."""
    return f"{LIT_MARK}{part}" if any(name in lit and part.startswith(begin) for name, begin in PARTS) else part


def _spans(parts: Sequence[str], separator: str, role: Role, ascii: bool) -> Line:
    """The parts of the header in a row, those that are lit in spans of their own."""
    mark = in_ascii(LIT_MARK, ascii)
    spans: list[Span] = []
    for place, part in enumerate(parts):
        before = separator if place else ""
        if part.startswith(mark):
            spans += [Span(before, role), Span(part, "lit")]
        elif spans and spans[-1].role == role:
            spans[-1] = Span(spans[-1].text + before + part, role)
        else:
            spans.append(Span(before + part, role))
    return tuple(spans)


def _standing(snapshot: Snapshot, then: Snapshot | None, spared: int) -> list[str]:
    """Step, J, rate, settings, divergence and twin; the more is spared, the less is told of each.

    J, rate and normalization with what they were before the last change, where `then` is that moment.
    """
    stepped = then is None or snapshot.action in (Beat.key, Step.key)  # else J was another one before, at the same step
    grown = stepped and (then is None or then.loss == snapshot.loss_before)  # beside what J was, × is the ratio of the two
    change = f" ×{brief(snapshot.loss / snapshot.loss_before)}" if snapshot.loss_before and not spared and grown else ""
    told = significant if spared < 2 and stepped else brief
    loss = told(snapshot.loss)
    normalization = _normalization(snapshot, counted=spared >= 2)
    parts = [f"step {snapshot.step}", f"J {loss}{change}", *optimizer_parts(snapshot, spared), normalization]
    if then is not None:
        was = _normalization(then, counted=spared >= 2)
        parts[-1] = parts[-1] if was == normalization else f"{was} → {normalization}"
        rate = brief(then.learning_rate)
        befores = {"J ": told(then.loss), **({"η ": rate} if rate != brief(snapshot.learning_rate) else {})}
        for place, part in enumerate(parts):
            for symbol, before in befores.items():
                if part.startswith(symbol) and part.split(" ×")[0] != symbol + before:
                    parts[place] = f"{symbol}{before} → {part.removeprefix(symbol)}"
    if snapshot.architecture.forked and not snapshot.skips:
        parts.append(skips_text(False))
    if snapshot.mode == "eval":
        parts.append("eval")
    if snapshot.switching == "preserve" and spared < 3:
        parts.append("preserve")
    if snapshot.diverged_at is not None:
        now = snapshot.diverged_at == snapshot.step or spared >= 3
        parts.append("DIVERGED" if now else f"DIVERGED at {snapshot.diverged_at}")
    twin = snapshot.twin
    if twin is not None:
        differs = difference_text(twin.difference, _normalization(twin, counted=spared >= 2))
        parts.append(f"twin {differs} J {brief(twin.loss)}" if spared < 4 else f"twin {brief(twin.loss)}")
    return parts


def _normalization(snapshot: Snapshot, counted: bool) -> str:
    return normalization_text(snapshot.kinds, snapshot.architecture.switchable, snapshot.short, counted=counted)
