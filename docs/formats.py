"""docs/formats.md: every field of every JSON document that a command writes, from the types that the writing code is held to.

    python docs/formats.py > docs/formats.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from bntui.scenario.text.formats import Document, Number
from bntui.session.survey.results import COLUMNS, GrowthDocument, LandscapeDocument, SweepDocument
from bntui.session.teach.verdicts import CheckDocument

DOCUMENTS: tuple[type[Document], ...] = (SweepDocument, LandscapeDocument, GrowthDocument, CheckDocument)

_OPENING = """\
# What the commands write

Every JSON document and every line of a trace says `"format": 1`, and is strict JSON in UTF-8. A field that a reader does not know
may be passed over: fields are added under the same number.

JSON has no other numbers than finite ones. Wherever a number may not be finite, in every document, array and cell of a table, it is
`"inf"`, `"-inf"` or `"nan"` (in CSV without the quotes): Python's `float(…)` reads each of them. `null`, in CSV an empty cell,
is where a number does not exist.

Two runs of a command write the same bytes, on one core or many.

This page is written by `python docs/formats.py > docs/formats.md`, from the types that the code is checked against.
"""

_SWEEP_TABLE = """\
## `bntui sweep --format csv`

A row for every run, so that any program that reads tables can group and draw them.
"""

_PLAIN: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null"}


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join([_OPENING, *(_section(document) for document in DOCUMENTS), _SWEEP_TABLE, *_columns(COLUMNS), ""])


def fields(part: type) -> dict[str, tuple[Any, str, bool]]:
    """The fields of a document or of a part of one: the type of each, its sentence, and whether it may be left out."""
    found = {}
    for name, hint in get_type_hints(part, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        (inner,) = get_args(hint) if optional else (hint,)
        of_type, says = get_args(inner)
        found[name] = of_type, says, optional
    return found


def parts(of_type: Any) -> Iterator[type]:
    """The parts of documents that a type is made of."""
    if is_typeddict(of_type):
        yield of_type
    else:
        for each in get_args(of_type):
            yield from parts(each)


def in_words(of_type: Any) -> str:
    """A type as the page calls it."""
    if of_type == Number:
        return "number"
    if of_type in _PLAIN:
        return _PLAIN[of_type]
    if is_typeddict(of_type):
        return "mapping"
    origin, arguments = get_origin(of_type), get_args(of_type)
    if origin in (UnionType, Union):
        return " or ".join(in_words(each) for each in _of_union(arguments))
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_several(arguments[0])}"
    if origin is tuple:
        return f"list of {len(arguments)} {_several(arguments[0])}"
    if origin is dict:
        return f"mapping of names to {_several(arguments[1])}"
    raise TypeError(f"the page has no word for {of_type}")


def _of_union(arguments: tuple[Any, ...]) -> list[Any]:
    """What a union is of, where Python has flattened a Number in it."""
    number = set(get_args(Number))
    return [Number, *(each for each in arguments if each not in number)] if number <= set(arguments) else list(arguments)


def _several(of_type: Any) -> str:
    """A type as the page calls several of it."""
    one = in_words(of_type)
    if get_origin(of_type) in (UnionType, Union) and one != "number":
        return f"({one})"
    words = {"whole number": "whole numbers", "text": "texts", "number": "numbers", "mapping": "mappings"}
    return words[one] if one in words else re.sub(r"^(list|mapping)", r"\1s", one)


def _section(document: type[Document]) -> str:
    what, _, says = (document.__doc__ or "").partition(": ")
    lines = [f"## {what}", "", says[:1].upper() + says[1:], "", *_table(document)]
    for part in dict.fromkeys(below(document)):
        lines += ["", f"### {_path(document, part)}", "", part.__doc__ or "", "", *_table(part)]
    return "\n".join([*lines, ""])


def below(part: type) -> Iterator[type]:
    """The parts that a document is made of, as often as it has them."""
    for of_type, _, _ in fields(part).values():
        for each in parts(of_type):
            yield each
            yield from below(each)


def _path(part: type, wanted: type) -> str:
    """Under which fields a part is found."""
    return ", ".join(f"`{path}`" for path in _paths(part, wanted))


def _paths(part: type, wanted: type) -> Iterator[str]:
    for name, (of_type, _, _) in fields(part).items():
        for each in parts(of_type):
            if each is wanted:
                yield name
            yield from (f"{name}.{rest}" for rest in _paths(each, wanted))


def _table(part: type) -> list[str]:
    rows = [
        f"| `{name}` | {in_words(of_type)}{', or left out' if optional else ''} | {says.replace('|', '&#124;')} |"
        for name, (of_type, says, optional) in fields(part).items()
    ]
    return ["| field | | |", "|---|---|---|", *rows]


def _columns(columns: dict[str, str]) -> list[str]:
    """The columns of a table, and what each says."""
    return ["| column | |", "|---|---|", *(f"| `{name}` | {says.replace('|', '&#124;')} |" for name, says in columns.items())]


if __name__ == "__main__":
    print(page(), end="")
