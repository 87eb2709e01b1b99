"""docs/scenarios.md: every key of a scenario, from the model itself."""

from __future__ import annotations

import sys
from typing import Any

from bntui.maths.kinds.costs import COSTS
from bntui.maths.kinds.normalizations import NORMALIZATIONS
from bntui.maths.kinds.optimizers import OPTIMIZERS
from bntui.maths.kinds.schedules import SCHEDULES, settings_of
from bntui.scenario.model.actions import ACTION_TYPES, FocusPart
from bntui.scenario.model.beats import LessonBeat, Question, RunPart
from bntui.scenario.model.comparisons import Comparison
from bntui.scenario.model.parts import ScenarioPart
from bntui.scenario.model.pictured import PICTURED
from bntui.scenario.model.pictures import BeatLandscape, BeatSweep, SweepPart
from bntui.scenario.model.scenario import (
    MOST_LAYERS,
    MOST_WEIGHTS,
    Init,
    LayerBatchNorm,
    LayerNormalization,
    LayerPart,
    NetworkBatchNorm,
    NetworkNormalization,
    NetworkPart,
    json_schema,
)
from bntui.scenario.model.sources import GENERATORS, MOST_NUMBERS, Csv, Data, GeneratorPart, HeldOutPart
from bntui.scenario.model.training import SchedulePart, Training
from bntui.scenario.model.vocabulary import FAMILIES, PLAIN_QUANTITIES
from bntui.scenario.reading.checks import MOST_ACTIVATIONS
from bntui.scenario.reading.memory import DEFAULT, size_text
from bntui.scenario.shelf.writing import TEMPLATE
from bntui.scenario.text.document import DEEPEST, MOST_VALUES
from bntui.scenario.text.files import MOST_BYTES

# In the order in which a reader of a scenario comes across them; the place in the document is the title.
_SECTIONS: tuple[tuple[str, type[ScenarioPart]], ...] = (
    ("network", NetworkPart),
    ("network.layers", LayerPart),
    ("network.layers: batch_norm", LayerBatchNorm),
    ("network.layers: normalization", LayerNormalization),
    ("network.batch_norm", NetworkBatchNorm),
    ("network.normalization", NetworkNormalization),
    ("network.init", Init),
    ("data", Data),
    ("data.csv", Csv),
    ("data.validation", HeldOutPart),
    ("training", Training),
    ("training.schedule", SchedulePart),
    ("focus", FocusPart),
    ("sweep", SweepPart),
    ("lesson", LessonBeat),
    ("lesson: ask", Question),
    ("lesson: run", RunPart),
    ("lesson: sweep", BeatSweep),
    ("lesson: landscape", BeatLandscape),
    ("lesson: expect, and until of run", Comparison),
)


def reference() -> str:
    """The whole document, as Markdown."""
    schema = json_schema()
    parts = schema["$defs"]
    sections = [_OPENING, _section("A scenario", schema)]
    for title, part in _SECTIONS:
        sections.append(_section(title, parts[part.__name__]))
        if part is NetworkNormalization:
            sections.append(_normalizations())
        if part is Data:
            sections.append(_generators(parts))
        if part is SchedulePart:
            sections += [_schedules(), _optimizers(), _costs()]
    sections += [_actions(parts), _quantities(), _bounds(), f"## A scenario to start from\n\n```yaml\n{TEMPLATE}```\n"]
    return "\n".join(sections)


_OPENING = """\
# Scenarios

A scenario is a YAML file: a network, its data, how it is trained, and perhaps a lesson. `bntui check FILE` tells
every mistake with its line and column, `bntui schema` gives editors the JSON Schema, `bntui new FILE` writes a file to
start from. Scalars are those of YAML 1.2: `1e-3` is a number, `on` and `off` are words. This page is generated from
the program's own model.
"""


def _section(title: str, schema: dict[str, Any]) -> str:
    return f"## {title}\n\n{schema['description']}\n\n{_table(schema)}"


def _table(schema: dict[str, Any]) -> str:
    needed = schema.get("required", [])
    rows = ["| key | value | default | |", "|---|---|---|---|"]
    for key, value in schema.get("properties", {}).items():
        default = "needed" if key in needed else _default(value)
        rows.append(f"| `{key}` | {_kind(value)} | {default} | {_cell(value.get('description', ''))} |")
    return "\n".join(rows) + "\n"


def _costs() -> str:
    rows = [
        f"| `{name}` | {_cell(cost.formula)} | {_cell(cost.says)} | {_cell(cost.counts_right) or 'none'} |"
        for name, cost in COSTS.items()
    ]
    head = "J of a batch of m samples and a network of n outputs, and of what `accuracy` is the share.\n"
    return "\n".join(["## Costs\n", head, "| cost | J | | right |", "|---|---|---|---|", *rows, ""])


def _normalizations() -> str:
    rows = [
        f"| `{kind.name}` | {kind.short} | {_cell(kind.says)} | {', '.join(part.name for part in kind.parts)} "
        f"| {', '.join(part for part, _ in kind.parameters)} | {', '.join(part for part, _ in kind.running) or 'nothing'} |"
        for kind in NORMALIZATIONS.values()
    ]
    head = (
        "What each makes of a layer's z, the parts of its factor in the chain, what it learns (unless `affine` is false), and what "
        "it estimates while it is trained: in evaluation mode that stands for the batch's statistics. σ is √(v + ε), where v is "
        "the mean of (z − μ)², or of z² where no mean is taken away.\n"
    )
    columns = "| kind | on the screen | | parts | learns | estimates |"
    return "\n".join(["## Normalizations\n", head, columns, "|---|---|---|---|---|---|", *rows, ""])


def _schedules() -> str:
    rows = [
        f"| `{name}` | {', '.join(f'`{key}`' for key in settings_of(kind))} | {_cell(kind.formula)} |"
        for name, kind in SCHEDULES.items()
    ]
    head = (
        "The share of every rate that is in force at step t, counted from the end of the warm-up. It depends on the number of "
        "the step alone.\n"
    )
    return "\n".join([head, "| kind | its keys | share |", "|---|---|---|", *rows, ""])


def _optimizers() -> str:
    rows = [
        f"| `{name}` | {', '.join(f'`{key}`' for key in kind.settings)} | {_cell(kind.formula)} |"
        for name, kind in OPTIMIZERS.items()
    ]
    head = (
        "As torch.optim has them. Each takes its own keys of `training` and leaves the others to whoever is set later. λ is the "
        "weight decay: it is in the step alone, so that J, its gradient and its curvature are those of the data's cost, and the "
        "first order gᵀs of a step with decay need not be below 0.\n"
    )
    return "\n".join(["## Optimizers\n", head, "| optimizer | its keys | step |", "|---|---|---|", *rows, ""])


def _generators(parts: dict[str, Any]) -> str:
    shared = GeneratorPart.yaml_keys()
    every = {name: parts[kind.__name__] for name, kind in GENERATORS.items()}
    some = next(iter(every.values()))
    text = ["## data.generator\n", "Each has `samples`, `seed` and `noise`, and keys of its own.\n"]
    text += [_table({**some, "properties": {key: some["properties"][key] for key in shared}})]
    text += ["| name | what it makes | its own keys |", "|---|---|---|"]
    for name, schema in every.items():
        own = {key: value for key, value in schema["properties"].items() if key not in (*shared, "name")}
        keys = ", ".join(f"`{key}` ({_default(value)})" for key, value in own.items())
        text.append(f"| `{name}` | {_cell(schema['description'])} | {keys} |")
    return "\n".join(text) + "\n"


def _actions(parts: dict[str, Any]) -> str:
    text = ["## Actions\n", "Each is a mapping of one key. `do` takes one, or a list of them.\n"]
    text += ["| action | value | |", "|---|---|---|"]
    composed = []
    for kind in ACTION_TYPES:
        if kind.changes == "lesson":
            continue  # a lesson does not turn its own pages
        schema = parts[kind.__name__]
        value = schema["properties"][kind.key]
        text.append(f"| `{kind.key}` | {_kind(value)} | {_cell(schema['description'])} {_detail(value)}|")
        if "properties" in value:
            composed.append(f"### {kind.key}\n\n{_table(value)}")
    return "\n".join(text) + "\n\n" + "\n".join(composed)


def _detail(value: dict[str, Any]) -> str:
    return "" if "properties" in value else f"{_cell(value.get('description', ''))} ".lstrip()


def _quantities() -> str:
    rows = [f"| `{name}` | {_cell(says)} |" for name, says in (PLAIN_QUANTITIES | FAMILIES).items()]
    return "\n".join(
        [
            "## Quantities\n",
            "What `expect` and `until` compare; norms are over the whole batch.",
            "Before each of them `twin.` takes the twin's, `ratio.` this over the twin's.\n",
            "| quantity | |",
            "|---|---|",
            *rows,
            "",
            "Of the picture that a beat opens, in its `expect` and `show` alone. Curves are named as its page names them: off and",
            "on, or the values of what the sweep goes over, as `sweep.batch_norm.largest_rate`.\n",
            "| quantity | |",
            "|---|---|",
            *(f"| `{name}` | {_cell(says)} |" for name, says in PICTURED.items()),
            "",
        ]
    )


def _bounds() -> str:
    return f"""\
## Bounds

At most {MOST_BYTES // 10**6} MB of YAML, {DEEPEST} levels of nesting, {MOST_VALUES:,} values in the file (larger data
belongs in a CSV file), {MOST_LAYERS} layers, {MOST_WEIGHTS:,} weights, {MOST_NUMBERS:,} numbers of data, and
{MOST_ACTIVATIONS:,} activations (all units times the samples of a batch). What a scenario, a view or a survey needs of
memory is reckoned beforehand and refused beyond {size_text(DEFAULT)}, or beyond what `--memory` says.
"""


def _kind(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(form) for form in value["anyOf"]))
    if "$ref" in value:
        return (
            "an action" if value["$ref"].rpartition("/")[2] in {kind.__name__ for kind in ACTION_TYPES} else "a mapping"
        )
    if "const" in value:
        return f"`{str(value['const']).lower()}`"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if value.get("type") == "array":
        return f"list of {_plural(value.get('items', {}))}"
    return _SINGLE[value.get("type", "object")] + _range(value)


_SINGLE = {
    "number": "number",
    "integer": "whole number",
    "string": "text",
    "boolean": "true, false",
    "object": "a mapping",
    "null": "null",
}


def _plural(value: dict[str, Any]) -> str:
    kinds = {"number": "numbers", "integer": "whole numbers", "string": "texts", "array": "rows", "boolean": "switches"}
    if "anyOf" in value and "type" not in value["anyOf"][0]:
        return "actions"
    if "anyOf" in value:
        return " or ".join(_plural(form) for form in value["anyOf"])
    return kinds.get(value.get("type", ""), "mappings")


def _range(value: dict[str, Any]) -> str:
    if "exclusiveMinimum" in value and "exclusiveMaximum" in value:
        return f" above {value['exclusiveMinimum']} and below {value['exclusiveMaximum']}"
    if "exclusiveMinimum" in value:
        return f" above {value['exclusiveMinimum']}"
    if "exclusiveMaximum" in value:
        return f" from {value['minimum']} to below {value['exclusiveMaximum']}"
    if "minimum" in value and value.get("maximum", 10**6) < 10**6:
        return f" from {value['minimum']} to {value['maximum']:,}"
    return f" from {value['minimum']}" if "minimum" in value else ""


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default is None or default in ("", [], {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
