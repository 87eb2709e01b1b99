"""What a sweep goes over beside the learning rate: a path of the scenario and its values, as PATH=a,b,c."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.records import dataclass
from bntui.scenario.data.layout import architecture_of
from bntui.scenario.model.parts import ScenarioPart
from bntui.scenario.model.scenario import MOST_LAYERS, Scenario
from bntui.scenario.text.wording import listing, shown, suggestion

Grid = Literal["gain", "depth"]
GRIDS: tuple[Grid, ...] = get_args(Grid)
NORMALIZATION, DEPTH, NONE = "normalization", "depth", "none"
MOST_VALUES = 26  # each has a letter
# what a sweep of learning rates does not depend on, and the rate that it goes over itself
ASIDE = ("version", "title", "summary", "switching", "focus", "sweep", "lesson", "training.learning_rate")


class OverError(ValueError):
    """What a sweep cannot go over; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Over:
    """A path of the scenario, `normalization` or `depth`, and its values as the document would spell them."""

    path: str
    values: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it is typed."""
        return f"{self.path}={','.join(self.values)}"

    def setting(self, value: str) -> tuple[str, ...]:
        """The setting PATH=VALUE that puts a value into the document; none where the path is no place in it."""
        return () if self.path in (NORMALIZATION, DEPTH) else (f"{self.path}={value}",)


def read_over(text: str, scenario: Scenario) -> Over:
    """What is typed as PATH=a,b,c; the path may be short where it can mean one thing only. Raises OverError.

    `normalization` alone is over none and all kinds in which every layer can be normalized.
    """
    path, equals, typed = text.partition("=")
    if not equals and path.strip() == NORMALIZATION:
        return Over(NORMALIZATION, (NONE, *_possible_kinds(scenario)))
    values = tuple(_split(typed))
    if not equals or not all(values):
        raise OverError(f"found {shown(text)}; allowed: gain, depth, normalization, or PATH=a,b,c, as batch_size=4,16,full")
    return _checked(Over(whole_path(path.strip(), scenario), values))


def grid_of(asked: str | Mapping[str, tuple[Any, ...]]) -> Grid | None:
    """Which grid is asked for, None where something else is."""
    return next((grid for grid in GRIDS if isinstance(asked, str) and asked.strip() == grid), None)


def asked_over(asked: str | Mapping[str, tuple[Any, ...]], scenario: Scenario) -> Over:
    """What a sweep goes over that is asked for as PATH=a,b,c or as a mapping of one path to its values. Raises OverError."""
    if isinstance(asked, str):
        return read_over(asked, scenario)
    ((path, values),) = asked.items()
    spelled = tuple(value if isinstance(value, str) else json.dumps(value) for value in values)
    return _checked(Over(whole_path(path, scenario), spelled))


def _checked(over: Over) -> Over:
    if len(over.values) > MOST_VALUES:
        raise OverError(f"found {len(over.values)} values; allowed: at most {MOST_VALUES}, each has a letter")
    twice = [value for place, value in enumerate(over.values) if value in over.values[:place]]
    if twice:
        raise OverError(f"found {shown(twice[0])} twice; each value has a curve of its own")
    kinds = (NONE, *NORMALIZATIONS)
    for value in over.values if over.path == NORMALIZATION else ():
        if value not in kinds:
            raise OverError(f"found {shown(value)}; allowed: {', '.join(kinds)}{suggestion(value, kinds)}")
    for value in over.values if over.path == DEPTH else ():
        if not value.isdecimal() or not 1 <= int(value) < MOST_LAYERS:
            raise OverError(f"found {shown(value)} for a depth; allowed: 1 to {MOST_LAYERS - 1} hidden layers")
    return over


def whole_path(path: str, scenario: Scenario) -> str:
    """The path that is meant: itself where it begins at the top, else the only one that ends so. Raises OverError."""
    if path in (NORMALIZATION, DEPTH):
        return path
    known = tuple(paths(scenario))
    if path.partition(".")[0] in Scenario.yaml_keys():
        if _stands_aside(path):
            raise OverError(f"{path} cannot be swept over; allowed: paths of network, data, cost and training but the rate")
        return path
    found = [each for each in known if each.endswith(f".{path}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise OverError(f"{shown(path)} may be {' or '.join(found)}; write the whole path")
    names = dict.fromkeys((NORMALIZATION, DEPTH, *(each.rpartition(".")[2] for each in reversed(known))))
    raise OverError(f"there is no {shown(path)} to sweep over; there are {listing(names, 12)}{suggestion(path, names)}")


def _possible_kinds(scenario: Scenario) -> Iterator[str]:
    architecture = architecture_of(scenario, 1)  # how many inputs there are says nothing of what a layer can be normalized by
    layers = [layer for layer in architecture.layers if layer.switchable]
    return (name for name, kind in NORMALIZATIONS.items() if not any(layer.impossible(kind) for layer in layers))


def paths(scenario: Scenario) -> Iterator[str]:
    """The paths of all that the scenario says or leaves to a default, but what stands aside; `*` is every layer but the last."""
    yield from (path for path in _below(scenario, "") if not _stands_aside(path))


def _stands_aside(path: str) -> bool:
    return any(path == aside or path.startswith(f"{aside}.") for aside in ASIDE)


def _below(part: ScenarioPart, front: str) -> Iterator[str]:
    for name, field in part.fields.items():
        path, value = f"{front}{field.key}", getattr(part, name)
        if isinstance(value, ScenarioPart):
            yield from _below(value, f"{path}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], ScenarioPart):
            yield from _below(value[0], f"{path}.*.")
        else:
            yield path


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets or quotes."""
    begin = depth = 0
    for found in re.finditer(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\[\]{},]", text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if found[0] == "," and not depth:
            yield text[begin : found.start()].strip()
            begin = found.end()
    yield text[begin:].strip()
