"""--set PATH=VALUE: values put into the document before it is validated.

A layer is found by its place or its name; * is every layer but the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bntui.scenario.data.layout import layer_names
from bntui.scenario.model.parts import ScenarioPart
from bntui.scenario.model.scenario import MOST_LAYERS, NetworkPart, Scenario
from bntui.scenario.model.sources import Data
from bntui.scenario.model.training import Training
from bntui.scenario.text.complaints import Complaint
from bntui.scenario.text.document import DEEPEST, ListNode, MapNode, Node, ScalarNode, Unreadable, parse
from bntui.scenario.text.wording import counted, harmless, listing, shown, suggestion

SHORT = "normalization"
BELOW_THE_TOP: dict[str, type[ScenarioPart]] = {"network": NetworkPart, "data": Data, "training": Training}
_GENERAL = re.compile(r"network\.(layers\..*\.)?normalization(\.|$)")
# Below these the rest of the path is one key, dots and all: its names are those of parameters and quantities.
_OPEN = re.compile(
    r"training\.(?:learning_rates|weight_decays)|lesson\.\d+\.(?:expect|run\.until)|.*\.set\.(?:weights|learning_rates)"
)


def apply_settings(root: Node, settings: Iterable[str]) -> list[Complaint]:
    """Puts each setting into the document; what cannot be put there is told."""
    complaints = []
    for setting in settings:
        path, equals, text = setting.partition("=")
        path = path.strip()
        if path == SHORT:
            path, text = _spelled(text.strip())
        if _GENERAL.match(path):
            _generalize(root)
        if equals and path:
            message = _begun_too_low(path) or _put(root, path, text)
        else:
            message = "allowed: PATH=VALUE, as training.learning_rate=0.1"
        if message:
            complaints.append(Complaint(f"--set {harmless(path)}", None, None, "", message))
    return complaints


def _begun_too_low(path: str) -> str | None:
    """What to say of a path that begins below the top, where it can mean one thing only."""
    first = path.partition(".")[0]
    above = [key for key, part in BELOW_THE_TOP.items() if first in part.yaml_keys()]
    if first in Scenario.yaml_keys() or len(above) != 1:
        return None
    return f"a path begins at the top of the scenario; did you mean {shown(f'{above[0]}.{path}')}?"


def _spelled(kind: str) -> tuple[str, str]:
    """What `normalization=KIND` is short for: that kind, and every layer that can be normalized; none of them by `none`."""
    settings = "{enabled: false}" if kind == "none" else f"{{enabled: true, kind: {kind}}}"
    return f"network.{SHORT}", settings


def _generalize(root: Node) -> None:
    """Writes a document's `batch_norm` in its general form, of the network and of its layers: a kind is to be set in it."""
    network = root.entries.get("network") if isinstance(root, MapNode) else None
    if not isinstance(network, MapNode):
        return
    layers = network.entries.get("layers")
    for node in (network, *(layers.items if isinstance(layers, ListNode) else ())):
        if isinstance(node, MapNode) and "batch_norm" in node.entries and SHORT not in node.entries:
            node.entries[SHORT] = node.entries.pop("batch_norm")
            node.keys[SHORT] = node.keys.pop("batch_norm")


def _put(root: Node, path: str, text: str) -> str | None:
    """Puts a value at a path; returns what hinders it."""
    if not text.strip():
        value: Node = ScalarNode(None)
    else:
        try:
            value, problems = parse(text.strip())
        except Unreadable as error:
            problems = error.problems
        if problems:
            return f"in the value: {problems[0][2]}"
    _mark(value, path)
    parts = path.split(".")
    if len(parts) > DEEPEST:
        return f"found a path of {len(parts)} parts; allowed: at most {DEEPEST}"
    if parts[:3] != ["network", "layers", "*"] or len(parts) == 3:
        return _place(root, parts, path, value)
    hidden = _hidden_layers(root)
    if not hidden:
        return "found * for the layers but the last; there is one layer alone"
    return next(filter(None, (_place(root, [*parts[:2], str(place), *parts[3:]], path, value) for place in hidden)), None)


def _hidden_layers(root: Node) -> range:
    """The places of the layers but the last, whose units the targets decide."""
    network = root.entries.get("network") if isinstance(root, MapNode) else None
    layers = network.entries.get("layers") if isinstance(network, MapNode) else None
    return range(len(layers.items) - 1 if isinstance(layers, ListNode) else 0)


def _place(root: Node, parts: list[str], path: str, value: Node) -> str | None:
    node = root
    done = 0
    while done < len(parts):
        key, used = _next(node, parts, done)
        done += used
        if isinstance(node, ListNode):
            item = _item(node, key, in_layers=parts[: done - used] == ["network", "layers"])
            if isinstance(item, str):
                return item
            if done == len(parts):
                node.items[item] = value
            else:
                child = node.items[item] = _own(node.items[item])
                node = child
        elif isinstance(node, MapNode):
            if done == len(parts):
                node.entries[key] = value
                node.keys[key] = ScalarNode(key, setting=path)
            else:
                node = _entered(node, key, path)
        else:
            return f"{'.'.join(parts[: done - used])} is {shown(node.plain())}, so there is no {key} in it"
    return None


def _item(node: ListNode, key: str, *, in_layers: bool) -> int | str:
    """The place in a list that a key means; a sentence where it means none."""
    if re.fullmatch(r"\d{1,9}", key) and int(key) < len(node.items):
        return int(key)
    allowed = f"0 to {len(node.items) - 1}" if node.items else "nothing, the list is empty"
    if not in_layers or not node.items:
        return f"found {shown(key)} for a place in a list; allowed: {allowed}"
    written = [_written(layer) for layer in node.items]
    called: dict[str, int] = {}
    for name, place in layer_names(written):
        own, repeat = written[place]
        if repeat is not None and name == key:
            return f"{shown(key)} is one of {counted(repeat, 'layer')} written once; allowed: {own or place}, all of them"
        if repeat is None or own is not None:
            called.setdefault(name if repeat is None else own or name, place)
    if key in called:
        return called[key]
    return f"found {shown(key)} for a layer; allowed: {allowed}, {listing(called)}{suggestion(key, called)}"


def _written(layer: Node) -> tuple[str | None, int | None]:
    """The name and the `repeat` of a layer that nobody has checked yet; None for what will be refused."""
    entries = layer.entries if isinstance(layer, MapNode) else {}
    name, repeat = (entries[key].plain() if key in entries else None for key in ("name", "repeat"))
    return (
        name if isinstance(name, str) else None,
        repeat if isinstance(repeat, int) and 1 <= repeat <= MOST_LAYERS else None,
    )


def _next(node: Node, parts: list[str], done: int) -> tuple[str, int]:
    """The key that comes next, and of how many parts it is: the longest that is there, else one part."""
    if isinstance(node, MapNode):
        if _OPEN.fullmatch(".".join(parts[:done])):
            return ".".join(parts[done:]), len(parts) - done
        for end in range(len(parts), done + 1, -1):
            if (key := ".".join(parts[done:end])) in node.entries:
                return key, end - done
    return parts[done], 1


def _entered(node: MapNode, key: str, path: str) -> Node:
    """What is under a key; an empty mapping where nothing is yet."""
    there = node.entries.get(key)
    if there is None or (isinstance(there, ScalarNode) and there.value is None):
        there = MapNode(setting=path)
        node.keys.setdefault(key, ScalarNode(key, setting=path))
    node.entries[key] = _own(there)
    return node.entries[key]


def _own(node: Node) -> Node:
    """A copy of a collection: an alias may show the same one elsewhere, where the setting does not reach."""
    if isinstance(node, ListNode):
        return replace(node, items=list(node.items))
    if isinstance(node, MapNode):
        return replace(node, entries=dict(node.entries), keys=dict(node.keys))
    return node


def _mark(node: Node, path: str) -> None:
    """Says of a value and of all in it where it came from."""
    node.setting = path
    if isinstance(node, ListNode):
        for item in node.items:
            _mark(item, path)
    elif isinstance(node, MapNode):
        for key, entry in node.entries.items():
            node.keys[key].setting = path
            _mark(entry, path)
