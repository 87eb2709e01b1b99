"""Dataclasses as the standard library has them, made in a third of its time and memory: a start makes more than a hundred.

The standard library writes and compiles six functions for each frozen class. Here all classes share those that need not know the
fields by heart, and only what makes an instance is compiled, when there is a first one. tests/benchmarks/start.py measures it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Never

__all__ = ["dataclass"]

LEFT_OUT: Any = object()


def _record(
    kind: type | None = None, /, *, frozen: bool = False, eq: bool = True, slots: bool = False, kw_only: bool = False
) -> Any:
    """What `dataclasses.dataclass` makes of a class, and understood by all of that module, with its words that are used here."""

    def made(kind: type) -> type:
        kind = dataclasses.dataclass(kind, init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
        fields = dataclasses.fields(kind)
        _give(kind, __init__=_begun(kind, fields, frozen), __repr__=_shown)
        if eq:
            compared = [field.name for field in fields if field.compare]
            # two names at least: of one there would be no tuple
            _give(kind, _compared=attrgetter(*compared, *compared[:1]) if compared else type)
            _give(kind, __eq__=_equal, __hash__=_hashed if frozen else None)
        if frozen:
            _give(kind, __setattr__=_refuse_to_set, __delattr__=_refuse_to_delete)
            if slots:
                _give(kind, __getstate__=_state, __setstate__=_take_state)
        return kind

    return made if kind is None else made(kind)


if TYPE_CHECKING:  # who checks types knows the standard library's own
    from dataclasses import dataclass
else:
    dataclass = _record


def _give(kind: type, **named: Any) -> None:
    """Add what the class has not written itself; Python writes that it has no hash where it compares."""
    for name, given in named.items():
        if name not in vars(kind) or (name == "__hash__" and vars(kind)[name] is None):
            setattr(kind, name, given)


def _begun(kind: type, fields: Iterable[dataclasses.Field[Any]], frozen: bool) -> Callable[..., None]:
    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807
        begin = _compiled(fields, frozen, hasattr(kind, "__post_init__"))
        setattr(kind, "__init__", begin)  # noqa: B010 - an assignment is no type's
        begin(self, *given, **named)

    return __init__


def _compiled(fields: Iterable[dataclasses.Field[Any]], frozen: bool, is_finished: bool) -> Callable[..., None]:
    """The function that sets the fields of an instance, from what is given and what is left out."""
    known: dict[str, Any] = {"LEFT_OUT": LEFT_OUT, "set_field": object.__setattr__}
    given: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for field in fields:
        value = name = field.name
        if field.default is not dataclasses.MISSING:
            known[f"default_{name}"] = field.default
            name = f"{name}=default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"make_{name}"] = field.default_factory
            value = f"make_{name}() if {name} is LEFT_OUT else {name}"
            name = f"{name}=LEFT_OUT"
        if field.init:
            (named if field.kw_only else given).append(name)
            lines.append(f"set_field(self, {field.name!r}, {value})" if frozen else f"self.{field.name} = {value}")
    if is_finished:
        lines.append("self.__post_init__()")
    heads = ["self", *given, *(["*", *named] if named else [])]
    exec("\n ".join([f"def __init__({', '.join(heads)}):", *(lines or ["pass"])]), known)
    begin: Callable[..., None] = known["__init__"]
    return begin


def _shown(self: Any) -> str:
    """The name of the class and the values of its fields."""
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self: Any, other: Any) -> bool:
    """Whether another of the same class has the same values."""
    return self._compared(self) == self._compared(other) if type(self) is type(other) else NotImplemented


def _hashed(self: Any) -> int:
    """The same of all that are equal."""
    return hash(self._compared(self))


def _refuse_to_set(self: object, name: str, value: object) -> Never:
    """Nothing changes in what is frozen. Raises FrozenInstanceError."""
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> Never:
    """Nothing is taken from what is frozen. Raises FrozenInstanceError."""
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    """The values of the fields, for pickle and copy, which could not set them."""
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _take_state(self: Any, state: list[Any]) -> None:
    """Set the values of the fields."""
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
