"""Dataclasses as the standard library has them, made in a third of its time: a start makes more than a hundred.

The standard library writes and compiles six functions for a frozen class. Here they are closures over the names of its fields,
and only what makes an instance is compiled, when there is a first one. tests/benchmarks/start.py measures what it is for.
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
        _give(kind, _shown([field.name for field in fields if field.repr]), _begun(kind, fields, frozen))
        if eq:
            _give(kind, *_compared([field.name for field in fields if field.compare]))
            if not frozen:
                setattr(kind, "__hash__", None)  # noqa: B010 - what changes has no hash; an assignment is no type's
        if frozen:
            _give(kind, _refuse_to_set, _refuse_to_delete)
            if slots:
                _give(kind, *_pickled([field.name for field in fields]))
        return kind

    return made if kind is None else made(kind)


if TYPE_CHECKING:  # who checks types knows the standard library's own
    from dataclasses import dataclass
else:
    dataclass = _record


def _give(kind: type, *functions: Callable[..., Any]) -> None:
    """Add the methods that the class has not written itself."""
    for function in functions:
        if function.__name__ not in vars(kind):
            setattr(kind, function.__name__, function)


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


def _compared(names: list[str]) -> tuple[Callable[..., bool], Callable[..., int]]:
    values = attrgetter(*names, *names[:1]) if names else type  # two names at least: of one it makes no tuple

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return __eq__, __hash__


def _shown(names: list[str]) -> Callable[..., str]:
    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def _refuse_to_set(self: object, name: str, value: object) -> Never:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> Never:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


_refuse_to_set.__name__, _refuse_to_delete.__name__ = "__setattr__", "__delattr__"


def _pickled(names: list[str]) -> tuple[Callable[..., list[Any]], Callable[..., None]]:
    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return __getstate__, __setstate__
