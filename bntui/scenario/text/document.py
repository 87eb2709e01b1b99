"""YAML text to a tree of values that know their line and column, refusing early what is not a plain document.

What a plain word means is decided by the core schema of YAML 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Any, NoReturn

from bntui.records import dataclass
from bntui.scenario.text.complaints import MOST_COMPLAINTS, DocumentPath
from bntui.scenario.text.files import MOST_BYTES
from bntui.scenario.text.wording import harmless, shown

if TYPE_CHECKING:
    import yaml

Scalar = str | int | float | bool | None

DEEPEST = 64
MOST_VALUES = 100_000

# What the parser itself would refuse, without saying in which line. It is compiled for the first text, which takes longer than to
# search it.
_UNREADABLE = "[^\x09\x0a\x0d\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
TOO_DEEP = f"found more than {DEEPEST} levels of nesting; that is the most allowed"
_TAB = "a tab is in the way; indent with spaces"

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float("inf") for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: float("-inf") for word in (".inf", ".Inf", ".INF")},
}
INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_INTEGER = 18


@dataclass(slots=True)
class ScalarNode:
    """A single value; `line` and `column` count from 1, `setting` is the --set it came from."""

    value: Scalar
    line: int = 0
    column: int = 0
    setting: str | None = None
    size: int = 1
    height: int = 1

    def plain(self) -> Any:
        """The value as plain Python."""
        return self.value


@dataclass(slots=True)
class ListNode:
    """A list of values. `size` counts every value in it, aliases expanded; `height` its levels."""

    line: int = 0
    column: int = 0
    setting: str | None = None
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1

    def plain(self) -> Any:
        """The value as plain Python."""
        return [item.plain() for item in self.items]


@dataclass(slots=True)
class MapNode:
    """A mapping: the value of each key, and the key as a node of its own for its place."""

    line: int = 0
    column: int = 0
    setting: str | None = None
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    size: int = 1
    height: int = 1

    def plain(self) -> Any:
        """The value as plain Python."""
        return {key: node.plain() for key, node in self.entries.items()}


Node = ScalarNode | ListNode | MapNode


class Unreadable(Exception):
    """The text is not a single plain document. `problems` holds (line, column, message)."""

    def __init__(self, problems: list[tuple[int, int, str]]) -> None:
        self.problems = problems
        super().__init__(problems)


@dataclass(slots=True)
class _Unfinished:
    """A collection that is being read, and the key whose value comes next."""

    node: ListNode | MapNode
    anchor: str | None
    key: ScalarNode | None = None


def parse(text: str) -> tuple[Node, list[tuple[int, int, str]]]:
    """The document in a text, and what is wrong with it that does not stop the reading: (line, column, message).

    Raises Unreadable where no document can be read at all.
    """
    return _Reader(text).read()


class _Reader:
    """Builds the tree from the parser's events, so that nothing is built before its size and depth are known."""

    def __init__(self, text: str) -> None:
        import yaml  # noqa: PLC0415 - a text that was found valid before is not read

        self._yaml = yaml
        self._text = text
        self._problems: list[tuple[int, int, str]] = []
        self._frames: list[_Unfinished] = []
        self._anchors: dict[str, Node | None] = {}
        self._values = 0
        self._root: Node | None = None

    def read(self) -> tuple[Node, list[tuple[int, int, str]]]:
        if len(self._text) > MOST_BYTES or len(self._text.encode("utf-8", "replace")) > MOST_BYTES:
            raise Unreadable([(1, 1, f"found more than {MOST_BYTES // 10**6} MB of text; that is the most allowed")])
        if found := re.search(_UNREADABLE, self._text.removeprefix("\ufeff")):
            raise Unreadable([self._unreadable(found)])
        for event in self._events():
            self._take(event)
        if self._root is None:
            raise Unreadable([(1, 1, "the file is empty; `bntui new FILE` writes a scenario to start from")])
        return self._root, self._problems

    def _events(self) -> Iterator[Any]:
        loader = getattr(self._yaml, "CSafeLoader", self._yaml.SafeLoader)
        no_nodes = self._yaml.StreamStartEvent, self._yaml.StreamEndEvent, self._yaml.DocumentEndEvent
        documents = 0
        try:
            for event in self._yaml.parse(self._text, loader):
                if isinstance(event, self._yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._stop(event, "a second document starts here; a file holds one scenario")
                elif not isinstance(event, no_nodes):
                    yield event
        except self._yaml.MarkedYAMLError as error:
            raise Unreadable([*self._problems, self._explained(error)]) from None

    def _take(self, event: Any) -> None:
        if isinstance(event, self._yaml.CollectionEndEvent):
            self._close()
            return
        self._values += 1
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, self._yaml.AliasEvent):
            self._add(self._alias(event), None, event)
            return
        if event.tag is not None:
            self._note(event, f"found the tag {shown(event.tag)}; a scenario has no tags")
        if isinstance(event, self._yaml.ScalarEvent):
            value = resolve(event.value) if event.implicit[0] else event.value
            text = harmless(value, lines=True) if isinstance(value, str) else value
            self._add(ScalarNode(text, line, column), event.anchor, event)
        else:
            if len(self._frames) >= DEEPEST:
                self._stop(event, TOO_DEEP)
            if self._expects_key():
                self._stop(event, "found a list or mapping as a key; a key is a word")
            mapping = isinstance(event, self._yaml.MappingStartEvent)
            if event.anchor is not None:
                self._anchors[event.anchor] = None
            node = MapNode(line, column) if mapping else ListNode(line, column)
            self._frames.append(_Unfinished(node, event.anchor))

    def _close(self) -> None:
        frame = self._frames.pop()
        self._add(frame.node, frame.anchor, None)

    def _add(self, node: Node, anchor: str | None, event: Any) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if self._values > MOST_VALUES:
            self._stop(event or node, f"found more than {MOST_VALUES:,} values; larger data belongs in a CSV file")
        if not self._frames:
            self._root = node
            return
        frame = self._frames[-1]
        parent = frame.node
        if isinstance(parent, ListNode):
            parent.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node, event)
            return
        else:
            self._put(parent, frame.key, node)
            frame.key = None
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)

    def _key(self, node: Node, event: Any) -> ScalarNode:
        if not isinstance(node, ScalarNode):
            self._stop(event, "found a list or mapping as a key; a key is a word")
        written = event.value if isinstance(event, self._yaml.ScalarEvent) else node.value
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        return ScalarNode(harmless(str(written), lines=True), line, column)

    def _put(self, mapping: MapNode, key: ScalarNode, node: Node) -> None:
        name = str(key.value)
        if name in mapping.keys:
            message = f"found the key {shown(name)} twice; the first is on line {mapping.keys[name].line}"
            self._note_at(key.line, key.column, message)
            return
        mapping.keys[name] = key
        mapping.entries[name] = node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            self._stop(event, f"found the alias {shown('*' + event.anchor)}, but nothing above has that name")
        node = self._anchors[event.anchor]
        if node is None:
            self._stop(event, f"found the alias {shown('*' + event.anchor)} inside what it names")
        self._values += node.size - 1
        if self._values > MOST_VALUES:
            self._stop(
                event, f"found aliases that stand for more than {MOST_VALUES:,} values; that is the most allowed"
            )
        if len(self._frames) + node.height > DEEPEST + 1:
            self._stop(event, TOO_DEEP)
        return node

    def _expects_key(self) -> bool:
        return bool(self._frames) and isinstance(self._frames[-1].node, MapNode) and self._frames[-1].key is None

    def _note(self, event: Any, message: str) -> None:
        self._note_at(event.start_mark.line + 1, event.start_mark.column + 1, message)

    def _note_at(self, line: int, column: int, message: str) -> None:
        if len(self._problems) < MOST_COMPLAINTS:
            self._problems.append((line, column, message))

    def _stop(self, place: Any, message: str) -> NoReturn:
        if isinstance(place, ScalarNode | ListNode | MapNode):
            raise Unreadable([*self._problems, (place.line, place.column, message)])
        mark = place.start_mark
        raise Unreadable([*self._problems, (mark.line + 1, mark.column + 1, message)])

    def _unreadable(self, found: re.Match[str]) -> tuple[int, int, str]:
        text = self._text.removeprefix("\ufeff")
        before = text[: found.start()]
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return line, column, f"found the character U+{ord(found[0]):04X}; a scenario is plain text"

    def _explained(self, error: yaml.MarkedYAMLError) -> tuple[int, int, str]:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            return 1, 1, f"not YAML: {error.problem or 'it cannot be parsed'}"
        line = self._line(mark.line)
        if line[mark.column : mark.column + 1] == "\t" or "tab character" in (error.problem or ""):
            return mark.line + 1, mark.column + 1, _TAB
        if "nesting depth" in (error.problem or ""):
            return self._too_deep()
        context = f" {error.context}" if error.context else ""
        return mark.line + 1, mark.column + 1, f"not YAML: {error.problem}{context}"

    def _too_deep(self) -> tuple[int, int, str]:
        """Where the nesting goes too deep: libyaml reads ahead, and gives up before it tells of what it has read."""
        depth = 0
        events: Iterator[Any] = self._yaml.parse(self._text, self._yaml.SafeLoader)
        for event in events:
            depth += isinstance(event, self._yaml.CollectionStartEvent)
            depth -= isinstance(event, self._yaml.CollectionEndEvent)
            if depth > DEEPEST:
                break
        return event.start_mark.line + 1, event.start_mark.column + 1, TOO_DEEP

    def _line(self, number: int) -> str:
        lines = self._text.removeprefix("\ufeff").split("\n", number + 1)
        return lines[number] if number < len(lines) else ""


def place(root: Node, path: DocumentPath, *, at_key: bool = False) -> ScalarNode | ListNode | MapNode:
    """The node whose place is told for a path: the deepest that is there; with `at_key`, the last key itself."""
    node = root
    for depth, part in enumerate(path):
        if isinstance(node, MapNode) and isinstance(part, str) and part in node.entries:
            if at_key and depth == len(path) - 1:
                return node.keys[part]
            node = node.entries[part]
        elif isinstance(node, ListNode) and isinstance(part, int) and 0 <= part < len(node.items):
            node = node.items[part]
        else:
            break
    return node


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar: 1e-3 is a number, on, off, yes and no are words."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if INTEGER.fullmatch(text):
        return _integer(text)
    if FLOAT.fullmatch(text):
        return float(text)
    return text


def _integer(text: str) -> int | float:
    """An integer, as a float where no integer of a scenario is that long (reading it could take very long)."""
    if len(text.lstrip("+-0")) > _LONGEST_INTEGER:
        return float(text) if text[:2] not in ("0o", "0x") else float("inf")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
