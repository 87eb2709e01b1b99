"""Whether an action fits a network and its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import assert_never

from bntui.maths.architecture import Architecture
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.scenario.model.actions import (
    Answer,
    AnyAction,
    Back,
    Beat,
    FocusPart,
    Future,
    GoTo,
    LookAt,
    Reset,
    ScaleWeights,
    Set,
    Step,
    Twin,
    Untwin,
    View,
)
from bntui.scenario.model.matrices import Drawn
from bntui.scenario.model.parts import Mistakes
from bntui.scenario.model.vocabulary import possible_parameters, unknown_history
from bntui.scenario.text.complaints import DocumentPath
from bntui.scenario.text.wording import counted, listing, shown, suggestion, unknown

NO_SKIPS = "this network has no skip connections; skip_from in a layer makes one"


def action_mistakes(action: AnyAction, architecture: Architecture, samples: int, held_out: bool = False) -> Mistakes:
    """What does not fit, as (path from the action's key on, sentence)."""
    found: Mistakes = []
    layers = [layer.name for layer in architecture.layers]
    match action:
        case Set():
            found += layer_list_mistakes(action.batch_norm, layers, ("batch_norm",))
            found += _kind_mistakes(action.normalization, architecture)
            found += _skip_mistakes(action.skips, architecture)
            found += rate_mistakes(action.learning_rates or {}, architecture, ("learning_rates",))
            found += _weight_mistakes(action, architecture)
        case Twin():
            found += layer_list_mistakes(action.batch_norm, layers, ("batch_norm",))
            found += _kind_mistakes(action.normalization, architecture)
            found += _skip_mistakes(action.skips, architecture)
        case ScaleWeights(layer=layer):
            found += [] if layer in layers else [(("layer",), unknown(layer, layers))]
        case LookAt():
            found += place_mistakes(action, architecture, samples)
        case View(quantity=str(name)):
            wrong = unknown_history(name, architecture, held_out)
            found += [] if wrong is None else [(("history",), wrong)]
        case Step() | Back() | GoTo() | Reset() | Untwin() | Future() | View() | Beat() | Answer():
            pass
        case _:
            assert_never(action)
    return [((action.key, *path), message) for path, message in found]


def layer_list_mistakes(chosen: bool | Sequence[str] | None, layers: Sequence[str], path: DocumentPath) -> Mistakes:
    """Names in a list of layers that no layer has."""
    if chosen is None or isinstance(chosen, bool):
        return []
    return [((*path, place), unknown(name, layers)) for place, name in enumerate(chosen) if name not in layers]


def _skip_mistakes(chosen: bool | None, architecture: Architecture) -> Mistakes:
    """Skip connections switched where there are none."""
    if chosen is None or architecture.forked:
        return []
    return [(("skips",), NO_SKIPS)]


def _kind_mistakes(chosen: str | Mapping[str, str] | None, architecture: Architecture) -> Mistakes:
    """Layers that do not exist, and those that cannot be normalized in the kind that is named for them."""
    if not isinstance(chosen, Mapping):
        return []
    layers = [layer.name for layer in architecture.layers]
    found: Mistakes = []
    for name, kind in chosen.items():
        wrong = architecture.layer(name).impossible(NORMALIZATIONS[kind]) if name in layers else unknown(name, layers)
        found += [(("normalization", name), wrong)] if wrong else []
    return found


def place_mistakes(place: FocusPart, architecture: Architecture, samples: int) -> Mistakes:
    """A layer, sample or unit that does not exist."""
    found: Mistakes = []
    layers = [layer.name for layer in architecture.layers]
    if place.layer is not None and place.layer not in layers:
        found.append((("layer",), unknown(place.layer, layers)))
    elif isinstance(place.unit, int):
        most = architecture.layer(place.layer).units if place.layer else max(each.units for each in architecture.layers)
        if place.unit >= most:
            found.append((("unit",), f"found {place.unit}; allowed: all, or 0 to {most - 1}"))
    if isinstance(place.sample, int) and place.sample >= samples:
        found.append((("sample",), f"found {place.sample}; allowed: all, or 0 to {samples - 1}"))
    return found


def rate_mistakes(patterns: Iterable[str], architecture: Architecture, path: DocumentPath) -> Mistakes:
    """Patterns that no parameter has, normalized in whichever kind or not."""
    parameters = possible_parameters(architecture)
    return [
        (
            (*path, pattern),
            f"{shown(pattern)} matches no parameter; there are {listing(parameters, 12)}{suggestion(pattern, parameters)}",
        )
        for pattern in patterns
        if not any(fnmatchcase(name, pattern) for name in parameters)
    ]


def _weight_mistakes(action: Set, architecture: Architecture) -> Mistakes:
    found: Mistakes = []
    parameters = possible_parameters(architecture)
    for name, value in (action.weights or {}).items():
        if name not in parameters:
            found.append((("weights", name), unknown(name, parameters)))
            continue
        if isinstance(value, Drawn):
            continue
        needed = parameter_shape(name, architecture)
        given = _shape(value)
        if given != needed and not (given == () and needed in ((1,), (1, 1))):
            message = f"found {_form(given)}; allowed: {_form(needed)}"
            found.append((("weights", name), message))
    return found


def parameter_shape(name: str, architecture: Architecture) -> tuple[int, ...]:
    """The shape of a possible parameter."""
    layer_name, _, kind = name.partition(".")
    layer = architecture.layer(layer_name)
    place = architecture.position(layer_name)
    before = architecture.layers[place - 1].units if place else architecture.inputs
    return (layer.units, before) if kind == "weight" else (layer.units,)


def _shape(value: float | tuple[float, ...] | tuple[tuple[float, ...], ...]) -> tuple[int, ...]:
    if not isinstance(value, tuple):
        return ()
    first = value[0]
    return (len(value), len(first)) if isinstance(first, tuple) else (len(value),)


def _form(shape: tuple[int, ...]) -> str:
    if not shape:
        return "a number"
    if len(shape) == 1:
        return f"a list of {counted(shape[0], 'number')}"
    return f"{counted(shape[0], 'row')} of {counted(shape[1], 'number')}"
