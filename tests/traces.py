"""What a test reads in a trace."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def strict(text: str) -> Any:
    """What strict JSON says: NaN and Infinity are none of it."""
    return json.loads(text, parse_constant=_refuse)


def read(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The lines of a trace."""
    found = []
    for line in lines:
        assert line.endswith("\n")
        assert "\n" not in line[:-1]
        found.append(strict(line))
    return found


def chain_of(line: dict[str, Any], layer: str) -> list[dict[str, Any]]:
    """The whole chain of a layer, from the cost to its input."""
    its = layer_of(line, layer)
    return [*line["chain"][: its["shared"]], *its["tail"]]


def layer_of(line: dict[str, Any], layer: str) -> dict[str, Any]:
    """What a line says of a layer."""
    (found,) = (each for each in line["layers"] if each["layer"] == layer)
    return dict(found)


def quantities_in(line: dict[str, Any]) -> dict[str, Any]:
    """Every number of a line, by the name that its quantity has, and every word; those of the twin as well."""
    found = {name: line[name] for name in PLAIN if name in line}
    for name in ("validation", "full"):
        joint = "." if name == "validation" else "_"
        found |= {f"{name}{joint}{which}": value for which, value in line.get(name, {}).items()}
    found |= {f"remembered.{what}": size for what, size in line["remembered"].items()}
    for layer in line["layers"]:
        found |= {f"product.{layer['layer']}": layer["gradient"], f"gain.{layer['layer']}": layer["gain"]}
    factors = [*line["chain"], *(factor for layer in line["layers"] for factor in layer["tail"])]
    found |= {f"factor.{each['factor']}": each["value"] for each in factors}
    for before, each in zip(line["chain"], line["chain"][1:], strict=False):
        if "added" in each:
            layer = each["factor"].removesuffix(".skip")
            found |= {f"skip.{layer}": each["added"], f"branch.{layer}": before["product"]}
    found |= {f"order.{name}": value for name, value in (line.get("order") or {}).items()}
    for name, value in line.get("meters", {}).items():
        found |= {f"{name}.{each}": one for each, one in value.items()} if isinstance(value, dict) else {name: value}
    if line.get("twin") is not None:
        found |= {f"twin.{name}": value for name, value in quantities_in(line["twin"]).items()}
    return found


PLAIN = (
    "step", "action", "loss", "accuracy", "diverged", "learning_rate", "base_rate", "momentum", "epoch",
    "learning_rates", "optimizer", "mode", "batch_norm", "normalization",
)  # fmt: skip


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
