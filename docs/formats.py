"""docs/formats.md: every field of every JSON document that a command writes, from the types that the writing code is held to.

    python docs/formats.py > docs/formats.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from bntui.commands.list import ListDocument
from bntui.scenario.model.vocabulary import WORDS
from bntui.scenario.text.formats import Document, Number
from bntui.session.survey.results import COLUMNS, GrowthDocument, LandscapeDocument, SweepDocument
from bntui.session.teach.verdicts import CheckDocument
from bntui.session.trace.seeds import SeedsLine, SpreadRecord
from bntui.session.trace.trace_lines import QuantitiesLine, TraceLine


def fields(part: type) -> dict[str, tuple[Any, str, bool]]:
    """The fields of a document or of a part of one: the type of each, its sentence, and whether it may be left out."""
    found = {}
    for name, hint in get_type_hints(part, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        (inner,) = get_args(hint) if optional else (hint,)
        of_type, says = get_args(inner)
        found[name] = of_type, says, optional
    return found


DOCUMENTS: tuple[type[Document], ...] = (
    TraceLine,
    QuantitiesLine,
    SeedsLine,
    SweepDocument,
    LandscapeDocument,
    GrowthDocument,
    CheckDocument,
    ListDocument,
)

# fields whose names are those of the quantities that were asked for: what they are, and what is said of them
OPEN: dict[type[Document], tuple[Any, str]] = {
    QuantitiesLine: (
        Number | bool | str | list[str] | dict[str, str | float] | None,
        "each quantity by its name, null where it does not exist; each word as `bntui trace` tells it",
    ),
    SeedsLine: (SpreadRecord, "each quantity by its name"),
}

_OPENING = """\
# What the commands write

Every JSON document and every line of a trace says `"format": 1`, and is strict JSON in UTF-8. A field that a reader does not know
may be passed over: fields are added under the same number.

JSON has no other numbers than finite ones. Wherever a number may not be finite, in every document, array and cell of a table, it is
`"inf"`, `"-inf"` or `"nan"` (in CSV without the quotes): Python's `float(…)` reads each of them. `null`, in CSV an empty cell,
is where a number does not exist.

Two runs of a command write the same bytes, on one core or many; where numpy's products are given more than one thread by hand
(`OPENBLAS_NUM_THREADS`), last digits may differ.

This page is written by `python docs/formats.py > docs/formats.md`, from the types that the code is checked against.
"""

_SCRIPTS = """\
## Traces in a script

| | |
|---|---|
| `bntui trace units-that-learn --only 'loss,gain.*' --every 10 -o run.csv` | some quantities at every tenth step, as a table |
| `bntui trace units-that-learn --steps 5000 --to 'loss<0.01'` | until J is below 0.01; the quotes keep the shell from reading `<` |
| `bntui trace units-that-learn --seeds 9 --only loss` | the median and the quartiles of J over nine seeds |
| `bntui trace goodfellow-chain --lesson` | what the lesson does, its twins included |
| `bntui trace - --set training.learning_rate=0.1` | a scenario from the standard input; its CSV files lie in the folder at hand |

A run that diverges before its last step ends its trace there, which is said on the standard error, and the status is 0. With `--to`
it is 0 where the bound is reached, 1 where it is not. Ctrl-C ends with 130, SIGTERM with 143, and the lines that were written
are kept, in a file (`-o`) as well. What cannot be taken, a bound or a quantity that is none, is 2 and a sentence.

Each factor is told once in a line. This puts the chain of a layer together, from `bntui trace sigmoid-net --steps 3 -o run.jsonl`:

```python
import json

with open("run.jsonl", encoding="utf-8") as file:
    for line in file:
        state = json.loads(line)
        chains = {
            layer["layer"]: state["chain"][: layer["shared"]] + layer["tail"]
            for layer in state["layers"]
        }
        print(state["step"], *(f"{factor['factor']} {factor['value']:.3g}" for factor in chains["h3"]))
```
"""

_TRACE_TABLE = f"""\
## `bntui trace --format csv`

A header, and a row for each state. The first columns are `step` and `action`; then comes every number of a line of JSON in the
column of its quantity, as `loss`, `gain.h1`, `factor.h1.norm.scale`, `remembered.velocity`; [scenarios.md](scenarios.md) lists the
quantities. There is a column for each that may come while normalizations and optimizers are switched. Of parameters and gradients
(`--arrays`) it has the norms. The twin's follow, where the lesson makes one, as `twin.loss`. With `--only` the columns are what was
asked for, in that order; `twin.…` and `ratio.…`, this network's over the twin's, may be asked for as well.

With `--seeds` the columns are {", ".join(f"`{name}`" for name in fields(SeedsLine) if name != "format")}, and of each quantity \
{", ".join(f"`<quantity>.{name}`" for name in fields(SpreadRecord))}.

Some columns are in words, a list or mapping with blanks between, as `h1=batch_norm h2=layer_norm`:
"""

_SWEEP_TABLE = """\
## `bntui sweep --format csv`

A row for every run, so that any program that reads tables can group and draw them.
"""

_PLAIN: dict[object, str] = {str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null"}


def page() -> str:
    """The whole page, as Markdown."""
    tables = [_TRACE_TABLE, *_columns(WORDS), "", _SWEEP_TABLE, *_columns(COLUMNS), ""]
    return "\n".join([_OPENING, _SCRIPTS, *(_section(document) for document in DOCUMENTS), *tables])


def all_fields(part: type) -> dict[str, tuple[Any, str, bool]]:
    """The fields of a part, with one for all whose names are not known beforehand."""
    open_one = {"<quantity>": (*OPEN[part], False)} if part in OPEN else {}
    return fields(part) | open_one


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
    what, _, says = cleandoc(document.__doc__ or "").partition(": ")
    lines = [f"## {what}", "", says[:1].upper() + says[1:], "", *_table(document)]
    for part in dict.fromkeys(below(document)):
        its, whole = list(fields(part)), list(fields(document))
        table = [f"Its fields are those of the line, from `{its[0]}` to `{its[-1]}`."] if set(its) < set(whole) else _table(part)
        lines += ["", f"### {_path(document, part)}", "", part.__doc__ or "", "", *table]
    return "\n".join([*lines, ""])


def below(part: type) -> Iterator[type]:
    """The parts that a document is made of, as often as it has them."""
    for of_type, _, _ in all_fields(part).values():
        for each in parts(of_type):
            yield each
            yield from below(each)


def _path(part: type, wanted: type) -> str:
    """Under which fields a part is found."""
    return ", ".join(f"`{path}`" for path in _paths(part, wanted))


def _paths(part: type, wanted: type) -> Iterator[str]:
    for name, (of_type, _, _) in all_fields(part).items():
        for each in parts(of_type):
            if each is wanted:
                yield name
            yield from (f"{name}.{rest}" for rest in _paths(each, wanted))


def _table(part: type) -> list[str]:
    rows = [
        f"| `{name}` | {in_words(of_type)}{', or left out' if optional else ''} | {says.replace('|', '&#124;')} |"
        for name, (of_type, says, optional) in all_fields(part).items()
    ]
    return ["| field | | |", "|---|---|---|", *rows]


def _columns(columns: dict[str, str]) -> list[str]:
    """The columns of a table, and what each says."""
    return ["| column | |", "|---|---|", *(f"| `{name}` | {says.replace('|', '&#124;')} |" for name, says in columns.items())]


if __name__ == "__main__":
    print(page(), end="")
