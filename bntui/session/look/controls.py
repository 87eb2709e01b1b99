"""What a control means at this moment: the action that a key, a click or a palette entry stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bntui.scenario.model.actions import AnyAction, Back, GoTo, HistoryPart, LookAt, Reset, ScaleWeights, Set, Step, View
from bntui.scenario.model.vocabulary import HISTORIES, of_history
from bntui.session.look.standing import Standing

LADDER = (1.0, 2.0, 5.0)

Control = Callable[[Standing], AnyAction | None]


def step(standing: Standing) -> AnyAction:
    """One step on."""
    return Step(count=1)


def step_back(standing: Standing) -> AnyAction | None:
    """One step back; None at the start."""
    return Back(count=1) if standing.step else None


def to_start(standing: Standing) -> AnyAction:
    """To step 0."""
    return GoTo(step=0)


def to_end(standing: Standing) -> AnyAction:
    """To the last recorded step."""
    return GoTo(step=standing.last_step)


def start_anew(standing: Standing) -> AnyAction:
    """Start anew."""
    return Reset()


def toggle_batch_norm(standing: Standing) -> AnyAction:
    """Normalization everywhere: any on → none, none → all that can be switched, in the kind at hand."""
    return Set(batch_norm=not standing.normalized)


def toggle_layer(standing: Standing) -> AnyAction:
    """Normalization of the layer in focus alone, the others as they are."""
    chosen = set(standing.normalized) ^ {standing.focus.layer}
    names = tuple(layer.name for layer in standing.architecture.layers if layer.name in chosen)
    return Set(batch_norm=names)


def normalize(standing: Standing, kind: str) -> AnyAction | None:
    """The normalized layers in this kind, or where there are none all that can be; None where they are so already."""
    alike = standing.kinds and all(each.name == kind for _, each in standing.kinds)
    return None if alike else Set(normalization=kind)


def toggle_skips(standing: Standing) -> AnyAction:
    """The skip connections, there or not; a network without any refuses it in a sentence."""
    return Set(skips=not standing.skips)


def change_rate(standing: Standing, up: bool) -> AnyAction | None:
    """The next learning rate on the ladder 1, 2, 5, 10, 20 …; None at its ends."""
    rate = rung(standing.base_rate, up)
    return None if rate is None else Set(learning_rate=rate)


def rung(rate: float, up: bool) -> float | None:
    """The nearest 1, 2 or 5 times a power of ten above or below a rate; None where no such number can be written."""
    exponent = math.floor(math.log10(rate))
    rungs = [float(f"{digit:g}e{exponent + offset}") for offset in (-1, 0, 1) for digit in LADDER]
    margin = 1 + 1e-9  # a rate that is a rung but for rounding is that rung
    found = [r for r in rungs if (r > rate * margin if up else r < rate / margin) and 0 < r < math.inf]
    return (min(found) if up else max(found)) if found else None


def scale_layer(standing: Standing, by: float) -> AnyAction:
    """Multiply the weights of the layer in focus."""
    return ScaleWeights(layer=standing.focus.layer, by=by)


def move_layer(standing: Standing, towards_output: bool) -> AnyAction:
    """Put the next layer into focus; at either end the focus stays."""
    names = [layer.name for layer in standing.architecture.layers]
    return LookAt(layer=_neighbour(names, standing.focus.layer, towards_output))


def move_sample(standing: Standing, onward: bool) -> AnyAction:
    """The next reading: the whole batch, then sample 0, 1, 2 … and round again."""
    current = -1 if standing.focus.sample is None else standing.focus.sample
    count = standing.samples + 1
    following = (current + 1 + (1 if onward else -1)) % count - 1
    return LookAt(sample="all" if following < 0 else following)


def move_unit(standing: Standing) -> AnyAction:
    """The next reading of the layer in focus: all its units, then unit 0, 1, 2 … and round again."""
    units = standing.architecture.layer(standing.focus.layer).units
    following = 0 if standing.focus.unit is None else standing.focus.unit + 1
    return LookAt(unit=following if following < units else "all")


def histories(standing: Standing) -> list[str]:
    """What the histories are gone through, as far as this network and its data have it."""
    names = [name for name in HISTORIES if of_history(name, standing.architecture, standing.held_out_samples > 0)]
    return [name for name in names if name != "full_loss" or not standing.full_batch]  # of the whole data it is J


def next_history(standing: Standing) -> AnyAction:
    """The history of the next quantity, and round again."""
    names = histories(standing)
    place = names.index(standing.quantity) + 1 if standing.quantity in names else 0
    return View(name=HistoryPart(history=names[place % len(names)]))


def toggle_mode(standing: Standing) -> AnyAction:
    """Training or evaluation mode."""
    return Set(mode="eval" if standing.mode == "train" else "train")


def toggle_switching(standing: Standing) -> AnyAction:
    """Whether a switch of BN resets γ and β or preserves the outputs."""
    return Set(switching="preserve" if standing.switching == "reset" else "reset")


def to_mark(standing: Standing, onward: bool) -> AnyAction | None:
    """The nearest marked step before or after the cursor; None where there is none."""
    if onward:
        later = [mark.step for mark in standing.marks if mark.step > standing.step]
        return GoTo(step=min(later)) if later else None
    earlier = [mark.step for mark in standing.marks if mark.step < standing.step]
    return GoTo(step=max(earlier)) if earlier else None


def _neighbour(names: Sequence[str], name: str, onward: bool) -> str:
    place = names.index(name) + (1 if onward else -1)
    return names[min(max(place, 0), len(names) - 1)]
