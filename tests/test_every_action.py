"""Every action passes through everything that reads actions, and changes what it says it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from session.worlds import SLOW_CHAIN, bits, session

from bntui.scenario.model.actions import ACTION_TYPES, ActionPart, AnyAction, BeatAction, Changed, Reset, Set, parse_action
from bntui.scenario.model.scenario import json_schema
from bntui.scenario.reading.loading import read_text
from bntui.scenario.shelf.reference import reference
from bntui.scenario.shelf.writing import to_yaml
from bntui.scenario.text.complaints import ScenarioError
from bntui.session.keep.journal import Journal
from bntui.session.keep.resuming import resume
from bntui.session.look.snapshot import Detail
from bntui.session.session import Session
from bntui.session.trace import tracing

# one of each, as something that can be done where `before` has been done
EXAMPLES: dict[str, dict[str, Any]] = {
    "Step": {"step": 2},
    "Back": {"back": 1},
    "GoTo": {"goto": 1},
    "Reset": {"reset": True},
    "Set": {"set": {"learning_rate": 0.05}},
    "ScaleWeights": {"scale": {"layer": "b", "by": 2.0}},
    "Twin": {"twin": {"learning_rate": 0.02}},
    "Untwin": {"twin": False},
    "Future": {"future": 0},
    "LookAt": {"focus": {"layer": "c", "sample": 1}},
    "View": {"view": "meters"},
    "Beat": {"beat": 1},
    "Answer": {"answer": 1},
}
QUESTION = {"ask": {"question": "?", "choices": ["yes", "no"], "answer": 1}}
EVERY = [pytest.param(kind, id=kind.__name__) for kind in ACTION_TYPES]


def action_of(kind: type[ActionPart]) -> AnyAction:
    return parse_action(EXAMPLES[kind.__name__])


def begun(kind: type[ActionPart]) -> Session:
    """A session with two futures and a twin, where the action can be taken; for an answer, a question is asked."""
    at = session(f"{SLOW_CHAIN}\nlesson: {json.dumps([QUESTION if kind.key == 'answer' else {'do': {'step': 1}}])}")
    for before in ({"step": 3}, {"back": 2}, {"scale": {"layer": "a", "by": 0.5}}, {"step": 1}, {"twin": {}}, {"step": 1}):
        at.do(parse_action(before))
    if kind.key == "answer":
        at.do(parse_action({"beat": 1}))
    return at


def one_action(example: dict[str, Any]) -> dict[str, Any]:
    """A scenario whose lesson does this."""
    return {
        "version": 1,
        "title": "One action",
        "network": {"layers": [{"name": name, "units": 1} for name in "abc"]},
        "data": {"inputs": [[1.0], [2.0]], "targets": [[1.0], [3.0]]},
        "training": {"learning_rate": 0.1},
        "lesson": [{"do": [example]}],
    }


@pytest.mark.parametrize("kind", [kind for kind in ACTION_TYPES if kind.changes == "lesson"])
def test_a_lesson_that_turns_its_own_pages_is_refused_by_schema_and_reader(kind: type[ActionPart]) -> None:
    document = one_action(EXAMPLES[kind.__name__])
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(document)
    with pytest.raises(ScenarioError, match=f"{kind.key}: a lesson does not turn its own pages"):
        read_text(json.dumps(document), "test.yaml", None)


@pytest.mark.parametrize("kind", get_args(BeatAction))
def test_it_is_read_written_allowed_by_the_schema_and_told_in_the_reference(kind: type[ActionPart]) -> None:
    example = EXAMPLES[kind.__name__]
    document = one_action(example)
    jsonschema.validate(document, json_schema())
    loaded = read_text(json.dumps(document), "test.yaml", None)
    (action,) = loaded.scenario.lesson[0].actions
    assert type(action) is kind
    assert action.mapping() == example
    assert read_text(to_yaml(loaded.scenario), "again.yaml", None).scenario == loaded.scenario
    assert f"| `{kind.key}` | " in reference()


@pytest.mark.parametrize("kind", EVERY)
def test_it_says_what_it_is_and_what_it_changes(kind: type[ActionPart]) -> None:
    assert kind.changes in get_args(Changed)
    assert kind.__doc__
    assert kind.sole is None or kind.sole in kind.fields


@pytest.mark.parametrize("kind", EVERY)
def test_it_changes_what_it_says(kind: type[ActionPart]) -> None:
    at, action = begun(kind), action_of(kind)
    branches, place, looks, lesson = len(at.history.branches), at.history.place, (at.focus, at.view), at.lesson.standing
    last = at.last_action
    at.do(action)
    begins_a_future, moves = len(at.history.branches) > branches, at.history.place != place
    match kind.changes:
        case "network":
            assert begins_a_future
            assert at.last_action == kind.key
        case "cursor":
            assert moves
            assert at.last_action == kind.key
            assert not begins_a_future
        case "look":
            assert not moves
            assert (at.focus, at.view) != looks
            assert at.last_action == last
        case "lesson":
            assert at.lesson.standing != lesson
    assert kind.changes == "look" or (at.focus, at.view) == looks
    assert kind.changes == "lesson" or at.lesson.standing == lesson


@pytest.mark.parametrize("kind", EVERY)
def test_a_trace_has_a_line_for_each_state_that_it_reaches(kind: type[ActionPart]) -> None:
    at, action = begun(kind), action_of(kind)
    lines = list(tracing.by_actions(at, [action], Detail()))
    assert len(lines) == 1 + (getattr(action, "count", 1) if kind.key == "step" else action.leads_on)


@pytest.mark.parametrize("kind", EVERY)
def test_its_sign_stands_on_the_timeline(kind: type[ActionPart]) -> None:
    at, action = begun(kind), action_of(kind)
    before = [mark.sign for mark in at.stand().marks]
    at.do(action)
    after = [mark.sign for mark in at.stand().marks]
    if not action.sign:
        assert len(after) <= len(before)
    else:
        assert after.count(action.sign) == before.count(action.sign) + 1


@pytest.mark.parametrize(
    ("values", "sign"),
    [({"batch_norm": True, "learning_rate": 1.0}, "b"), ({"learning_rate": 1.0}, "η"), ({"mode": "eval"}, "m"),
     ({"weights": {"a.weight": 1.0}}, "w"), ({"momentum": 0.5}, ""), ({"optimizer": "adam"}, "o"), ({"weight_decay": 0.1}, "d"), ({"switching": "preserve"}, "")],
)  # fmt: skip
def test_a_set_is_marked_by_the_first_thing_that_it_sets(values: dict[str, Any], sign: str) -> None:
    assert parse_action({"set": values}).sign == sign
    assert set(Set.signs) <= set(Set.fields)


@pytest.mark.parametrize("kind", EVERY)
def test_it_is_kept_and_resumed_bit_by_bit(kind: type[ActionPart], tmp_path: Path) -> None:
    at = begun(kind)
    again = Session(at.loaded)
    again.recorder = Journal(tmp_path)
    for entry in [*(entry.action for entry in at.log), action_of(kind)]:
        again.do(entry)
    path = again.recorder.path
    assert path is not None
    again.recorder.close(again)
    resumed, sentence = resume(path)
    assert sentence is None
    assert bits(resumed.history.moment) == bits(again.history.moment)
    assert (resumed.focus, resumed.view, resumed.lesson.standing) == (again.focus, again.view, again.lesson.standing)


def test_there_is_an_example_of_every_action() -> None:
    assert set(EXAMPLES) == {kind.__name__ for kind in ACTION_TYPES}
    assert Reset in ACTION_TYPES
