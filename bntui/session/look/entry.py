"""What a person types to change a value: `0.05`, `rate h*.weight 10`, `momentum 0.9`, `adam`, `decay 0.01`, `skips off`."""

from __future__ import annotations

import json
import math
from difflib import get_close_matches

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.scenario.model.actions import AnyAction, Set, Untwin, parse_action
from bntui.scenario.reading.action_checks import action_mistakes, parameter_shape
from bntui.scenario.text.wording import listing
from bntui.session.look.standing import Standing

EXAMPLE, LONGEST_EXAMPLE = 1.2, 40
SWITCHES = {"bn": "batch_norm", "batch_norm": "batch_norm", "skips": "skips"}
RATES = ("η", "eta", "lr", "rate", "learning_rate")
DECAYS = ("decay", "weight_decay")


class EntryError(ValueError):
    """A typed value that cannot be taken; the message is a sentence."""


def read_entry(standing: Standing, text: str) -> AnyAction:
    """The action that a typed value stands for. Raises EntryError."""
    if text.lstrip().startswith("["):
        raise EntryError(f"a list needs the parameter's name before it, as in {example(standing)}")
    name, _, value = text.strip().replace("=", " ").partition(" ")
    if name in ("optimizer", *OPTIMIZERS):
        return _optimizer(value.strip() if name == "optimizer" else text.strip())
    if not value:
        name, value = "learning_rate", name
    if name in RATES and " " in value.strip():
        return _rate_of(standing, *value.strip().rsplit(maxsplit=1))
    if name == "skips":
        return _fitting(standing, {"set": dict([_twin_difference(name, value.strip())])})
    number = _value(value.strip())
    if name in RATES:
        if not isinstance(number, float) or number <= 0:
            raise EntryError("a learning rate is a number above 0, such as 0.05")
        return Set(learning_rate=number)
    if name == "momentum":
        if not isinstance(number, float) or not 0 <= number < 1:
            raise EntryError("a momentum is a number from 0 to below 1, such as 0.9")
        return Set(momentum=number)
    if name in DECAYS:
        if not isinstance(number, float) or number < 0:
            raise EntryError("a weight decay is a number from 0, such as 0.01")
        return Set(weight_decay=number)
    parameters = standing.parameter_names
    if name not in parameters:
        near = get_close_matches(name, [*parameters, "momentum", "decay", "optimizer", "learning_rate", "skips"], n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {listing(parameters, 8)}"
        raise EntryError(f"there is no value '{name}' here{hint}")
    return _fitting(standing, {"set": {"weights": {name: number}}})


def _rate_of(standing: Standing, pattern: str, text: str) -> AnyAction:
    """The rate of the parameters that a pattern names."""
    rate = _value(text)
    if not isinstance(rate, float) or rate < 0:
        raise EntryError("a learning rate of some parameters is a number of 0 or more, such as 0.05")
    return _fitting(standing, {"set": {"learning_rates": {pattern: rate}}})


def _optimizer(name: str) -> AnyAction:
    if name not in OPTIMIZERS:
        raise EntryError(f"there is no optimizer '{name}'; there are {', '.join(OPTIMIZERS)}")
    return Set(optimizer=name)


def example(standing: Standing) -> str:
    """Something to type that this network takes: its smallest parameter, in the layer in focus where there are several.

    A list that is too long for a hint is only begun.
    """
    shapes = {name: parameter_shape(name, standing.architecture) for name in standing.parameter_names}
    focused = standing.focus.layer
    name, shape = min(shapes.items(), key=lambda each: (math.prod(each[1]), each[0].layer != focused))
    value: object = EXAMPLE
    for size in () if math.prod(shape) == 1 else reversed(shape):
        value = [value] * size
    text = f"{name} {json.dumps(value)}"
    return text if len(text) <= LONGEST_EXAMPLE else f"{name} {'[' * len(shape)}{EXAMPLE}, ...{', ...'.join(']' * len(shape))}"


def read_twin(text: str) -> AnyAction:
    """The twin that is asked for: `rate 0.01`, `bn on`, `norm layer_norm`, `skips off`, several, nothing, or `away`.

    Raises EntryError.
    """
    words = text.replace("=", " ").replace(",", " ").split()
    if words == ["away"]:
        return Untwin()
    if len(words) % 2:
        raise EntryError("name what differs and its value: rate 0.01, bn on, norm layer_norm, optimizer adam, seed 3, future 1")
    return _parsed({"twin": dict(_twin_difference(name, value) for name, value in zip(words[::2], words[1::2], strict=True))})


def _twin_difference(name: str, value: str) -> tuple[str, object]:
    if name in SWITCHES:
        if value not in ("on", "off"):
            raise EntryError(f"{'bn' if name == 'batch_norm' else name} is on or off, not '{value}'")
        return SWITCHES[name], value == "on"
    if name in ("norm", "normalization"):
        return "normalization", _kind_named(value)
    if name in RATES:
        rate = _value(value)
        if not isinstance(rate, float) or rate <= 0:
            raise EntryError("a learning rate is a number above 0, such as 0.05")
        return "learning_rate", rate
    if name in DECAYS:
        return "weight_decay", _value(value)
    if name == "optimizer":
        return "optimizer", value
    if name in ("seed", "init_seed", "future"):
        if not value.isdecimal():
            raise EntryError(f"{name} is a whole number of 0 or more, not '{value}'")
        return ("future" if name == "future" else "init_seed"), int(value)
    near = get_close_matches(name, ["bn", "norm", "skips", "rate", "optimizer", "decay", "seed", "future"], n=1)
    raise EntryError(f"'{name}' is nothing that a twin can differ in" + (f"; did you mean {near[0]}?" if near else ""))


def _kind_named(word: str) -> str:
    """The kind of normalization, or none, that a word stands for, by its name or its short name."""
    shorts = {kind.short.lower(): name for name, kind in NORMALIZATIONS.items()}
    name = shorts.get(word.lower(), word.lower())
    known = ("none", *NORMALIZATIONS)
    if name not in known:
        near = get_close_matches(name, known, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {listing(NORMALIZATIONS, 8)}"
        raise EntryError(f"norm is none or a kind of normalization, not '{word}'; {hint}")
    return name


def _fitting(standing: Standing, mapping: dict[str, object]) -> AnyAction:
    """The action of a mapping, where this network can take it."""
    action = _parsed(mapping)
    for path, message in action_mistakes(action, standing.architecture, standing.samples, standing.held_out_samples > 0):
        raise EntryError(message if path[-2] == "learning_rates" else f"{path[-1]}: {message}")
    return action


def _parsed(mapping: dict[str, object]) -> AnyAction:
    try:
        return parse_action(mapping)
    except ValueError as error:
        raise EntryError(str(error)) from error


def _value(text: str) -> float | list[object]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, list):
        return value
    if text.startswith("["):
        raise EntryError(f"'{text}' is no list such as [1, 2] or [[1], [2]]")
    try:
        number = float(text)
    except ValueError:
        raise EntryError(f"'{text}' is not a number") from None
    if not math.isfinite(number):
        raise EntryError(f"'{text}' is not finite")
    return number
