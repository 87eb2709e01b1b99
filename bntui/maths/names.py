"""The names of parameters and factors: a layer and a part of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from bntui.records import dataclass


class Name(str):
    """A parameter or a factor, as the weight of layer h1; it reads h1.weight. `layer` is "" for the cost, which belongs to none.

    It is compared, sorted and kept as that text, so that whoever has only the text, from a file or a person, finds it too.
    """

    __slots__ = ("layer", "part")
    layer: str
    part: str

    def __new__(cls, layer: str, part: str) -> Name:
        """The part `part` of the layer `layer`; asked for again it is the same object, which a dict finds soonest."""
        return _made(layer, part)

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override] # str's own has one argument
        return self.layer, self.part

    @classmethod
    def read(cls, text: str) -> Name:
        """The name that a text spells, as h1.norm.scale; no layer's name has a dot."""
        layer, dot, part = text.partition(".")
        return cls(layer, part) if dot else cls("", text)


@lru_cache(maxsize=2**14)
def _made(layer: str, part: str) -> Name:
    name = str.__new__(Name, f"{layer}.{part}" if layer else part)
    name.layer, name.part = layer, part
    return name


COST = Name("", "cost")
WEIGHT, BIAS, ACTIVATION, INPUT, SKIP = "weight", "bias", "activation", "input", "skip"


@dataclass(frozen=True, slots=True)
class ByName:
    """A number for every parameter, and those for parameters whose names match a pattern; the last match holds."""

    value: float
    by_name: tuple[tuple[str, float], ...] = ()

    def of(self, parameter: str) -> float:
        """The number of one parameter."""
        matching = (value for pattern, value in reversed(self.by_name) if fnmatchcase(parameter, pattern))
        return next(matching, self.value)

    @property
    def is_zero(self) -> bool:
        """Whether it is 0 for every parameter."""
        return not self.value and not any(value for _, value in self.by_name)
