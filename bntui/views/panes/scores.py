"""What stands over the chart of J: J and accuracy beyond the batch, where there is more than the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bntui.records import dataclass
from bntui.session.look.snapshot import Score, Snapshot
from bntui.views.text.cells import TWIN_MARK, cells
from bntui.views.text.numbers import brief, percent

WIDEST_LOSS, WIDEST_SHARE = 0.00123, 0.123  # of those that are usual: by them it is decided what fits, so that no form flickers

Says = Callable[[Score], str]


@dataclass(frozen=True, slots=True)
class _Said:
    """A score with its label, and the twin's behind its mark; `widest` is the same with the widest numbers."""

    text: str
    widest: str


def loss_title(snapshot: Snapshot, width: int) -> str:
    """J, on all training data where batches are small and on held-out data where there is some, as much as fits, the latter first.

    Accuracy stands beside it, or in place of it where room is short; alone where a batch is all data and nothing is held out.
    Held-out data is scored in evaluation mode: that is said where a network in training has another mode.
    """
    modes = (" (eval)", "") if snapshot.mode == "train" and snapshot.normalized else ("",)
    forms = [_joined(form) for mode in modes for form in _forms(snapshot, mode)]
    fitting = [form for form in forms if cells(form.widest) <= width]
    return max(fitting, key=lambda form: cells(form.widest), default=_Said("J", "J")).text


def _forms(snapshot: Snapshot, mode: str) -> Iterator[list[_Said]]:
    """What may be said, in every form."""
    begin, twin = _Said("J", "J"), snapshot.twin
    full, validation = (None, None) if twin is None else (twin.full, twin.validation)
    for says in (_both, _share):
        held_out = _said(f"held out{mode}", snapshot.validation, validation, says)
        if not snapshot.full_batch and (says is _both or not held_out):
            yield [begin, *_said("all", snapshot.full, full, says), *held_out]
            yield [begin, *_said("all", snapshot.full, full, _loss), *held_out]
        elif not held_out and snapshot.accuracy is not None:
            beside = None if twin is None else Score(twin.loss, twin.accuracy)
            yield [begin, *_said("right", Score(snapshot.loss, snapshot.accuracy), beside, _share)]
        yield [begin, *held_out]
        if held_out:
            yield held_out


def _said(label: str, own: Score | None, twin: Score | None, says: Says) -> list[_Said]:
    """Nothing where there is no score."""
    if own is None:
        return []
    wide = says(Score(WIDEST_LOSS, None if own.accuracy is None else WIDEST_SHARE))
    if twin is None:
        return [_Said(f"{label} {says(own)}", f"{label} {wide}")]
    return [_Said(f"{label} {says(own)} {TWIN_MARK} {says(twin)}", f"{label} {wide} {TWIN_MARK} {wide}")]


def _joined(parts: list[_Said]) -> _Said:
    return _Said(" · ".join(part.text for part in parts), " · ".join(part.widest for part in parts))


def _loss(score: Score) -> str:
    return brief(score.loss)


def _share(score: Score) -> str:
    return _loss(score) if score.accuracy is None else percent(score.accuracy)


def _both(score: Score) -> str:
    return _loss(score) if score.accuracy is None else f"{_loss(score)}, {percent(score.accuracy)}"
