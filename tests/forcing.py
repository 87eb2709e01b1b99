"""Lessons played with another normalization than their own: which of their claims hangs on its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bntui.scenario.model.pictured import is_pictured
from bntui.scenario.model.scenario import Scenario
from bntui.scenario.model.validating import validated
from bntui.scenario.reading.loading import Loaded, read_text
from bntui.scenario.shelf.writing import to_yaml
from bntui.scenario.text.complaints import Complaint, ScenarioError
from bntui.session.teach.verdicts import play

NONE = "none"
EXPECT = "expect"


def holds_with(loaded: Loaded, kind: str) -> bool:
    """Whether all that a lesson expects is still so with another kind of normalization, or none, in place of every one it has.

    What names a row that the other kind has not does not hold, nor does what that kind cannot do in this network. Pictures are
    left out: a sweep over kinds names its own.
    """
    try:
        forced, unsaid = _read(loaded, _forced(loaded, kind))
    except ScenarioError as error:
        if all("cannot be" in complaint.message for complaint in error.complaints):  # one unit has no deviation of its own
            return False
        raise
    return not unsaid and all(verdict.held for verdict in play(forced))


def kinds_of(loaded: Loaded) -> set[str]:
    """The kinds that a lesson itself names when it sets a normalization."""
    mapping: dict[str, Any] = loaded.scenario.mapping()
    wanted = [change.get("normalization") for beat in mapping["lesson"] for change in _changes(beat)]
    named = [each for one in wanted for each in (one.values() if isinstance(one, dict) else (one,))]
    return {kind for kind in named if kind not in (None, NONE)}


def _forced(loaded: Loaded, kind: str) -> dict[str, Any]:
    mapping: dict[str, Any] = loaded.scenario.mapping()
    network = mapping["network"]
    own = network.pop("batch_norm", None) or network.pop("normalization", None) or {}
    network["normalization"] = {**own, "enabled": False} if kind == NONE else {**own, "kind": kind}
    for layer in network["layers"]:
        settings = layer.pop("batch_norm", layer.pop("normalization", True))
        settings = True if isinstance(settings, str) else settings
        layer["normalization"] = {**settings, "kind": kind} if isinstance(settings, dict) and "kind" in settings else settings
    for beat in mapping["lesson"]:
        for key in ("sweep", "landscape"):
            beat.pop(key, None)
        for names in (EXPECT, "show"):
            if names in beat:
                kept = [name for name in beat[names] if not is_pictured(name)]
                beat[names] = {name: beat[names][name] for name in kept} if names == EXPECT else kept
                if not kept:
                    del beat[names]
        for change in _changes(beat):
            _force(change, kind)
    mapping["lesson"] = [beat or {"say": "A picture."} for beat in mapping["lesson"]]
    return mapping


def _changes(beat: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What sets a normalization in a beat."""
    actions = beat.get("do", [])
    for action in actions if isinstance(actions, list) else [actions]:
        for key in ("set", "twin"):
            if isinstance(action.get(key), dict):
                yield action[key]


def _force(change: dict[str, Any], kind: str) -> None:
    if kind == NONE:
        for key in ("batch_norm", "normalization"):
            if key in change:
                change[key] = False if key == "batch_norm" else NONE
    elif isinstance(wanted := change.get("normalization"), dict):
        change["normalization"] = dict.fromkeys(wanted, kind)
    elif wanted not in (None, NONE):
        change["normalization"] = kind


def _read(loaded: Loaded, mapping: dict[str, Any]) -> tuple[Loaded, int]:
    """The scenario without what names a row that it does not have, and how much that was."""
    unsaid = 0
    while True:
        try:
            text = to_yaml(validated(Scenario, mapping))
            return read_text(text, "forced.yaml", loaded.folder), unsaid
        except ScenarioError as error:
            removed = sum(_remove(mapping, complaint) for complaint in error.complaints)
            if not removed:
                raise
            unsaid += removed


def _remove(mapping: dict[str, Any], complaint: Complaint) -> bool:
    """Take out the name that a complaint is about; whether there was one."""
    lesson, number, key, *name = complaint.path.split(".", maxsplit=3)
    if lesson != "lesson" or key not in (EXPECT, "show", "run"):
        return False
    beat = mapping["lesson"][int(number)]
    if key == EXPECT:
        beat[key].pop(".".join(name))
    if key != EXPECT or not beat[key]:
        del beat[key]
    if not beat:
        beat["say"] = "Nothing."
    return True
