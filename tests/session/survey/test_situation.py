"""Surveys look at a frozen situation: any length of run, whatever is done meanwhile, wherever their results are drawn."""

import ast
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import CHANGES, bits, do, held_over, loaded, scenarios

import bntui
from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.run.checkpoints import Checkpoints
from bntui.session.run.history import History
from bntui.session.run.refusal import Refusal
from bntui.session.run.replay import end_of, updated_moments
from bntui.session.session import Session
from bntui.session.survey.situation import Situation
from bntui.session.survey.surveying import growth_plan, landscape, survey_growth
from bntui.session.survey.sweeping import plan_for, sweep

Result = TypeVar("Result")
STEPS = (0, 600, 3000)
# what a survey may be opened over, beside the scenario as it is
STATES: dict[str, tuple[dict[str, object], ...]] = {
    "as it is": (),
    "BN on": ({"set": {"batch_norm": True}},),
    "BN off": ({"set": {"batch_norm": False}},),
    "diverged": ({"set": {"batch_norm": False, "learning_rate": 1e6}},),
    "a twin": ({"twin": {}},),
}


def elsewhere(results: Iterator[Result]) -> Result:
    """The last result, each asked for in another context, as a screen asks for it on one thread after another."""
    last = None
    while (newest := Context().run(next, results, None)) is not None:
        last = newest
    assert last is not None
    return last


def at_step(name: str, state: str, step: int) -> Session:
    """A session of a library scenario in a state, so many steps on or where it diverged."""
    at = Session(read_file(library.find(name), ("sweep.count=3", "sweep.steps=4", "sweep.seeds=1")))
    try:
        do(at, *STATES[state], {"step": step} if step else {"view": "layers"})
    except Refusal:
        assert at.observe().diverged_at is not None, "it ended early because it diverged"
    return at


def survey_all(situation: Situation) -> None:
    """Open every survey over a situation, and see it through."""
    found = elsewhere(landscape(situation))
    assert found.finished
    assert found.step == situation.moment.step
    assert all(course.steps[1] < max(situation.moment.step, 50) for course in found.courses)
    assert elsewhere(sweep(situation, plan_for(situation))).finished
    assert elsewhere(survey_growth(situation, growth_plan(situation, width=8, depth=4, seeds=1))).finished


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["sigmoid-net", "goodfellow-chain"])
def test_every_survey_opens_after_six_hundred_steps(name: str, state: str) -> None:
    survey_all(at_step(name, state, 600).situation())


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", library.names())
def test_every_survey_opens_at_any_step_of_every_scenario(name: str) -> None:
    for state in STATES:
        for step in STEPS:
            survey_all(at_step(name, state, step).situation())


def test_a_survey_sees_nothing_of_what_the_session_does_meanwhile() -> None:
    quiet, busy = (at_step("deep-relu", "BN on", 70) for _ in range(2))
    ended = False

    def go_on() -> None:
        while not ended:
            do(busy, {"step": 5}, {"set": {"batch_norm": False}}, {"back": 3}, {"set": {"batch_norm": True}})

    situation = busy.situation()
    other = Thread(target=go_on)
    other.start()
    try:
        found = elsewhere(landscape(situation))
    finally:
        ended = True
        other.join()
    alone = elsewhere(landscape(quiet.situation()))
    assert busy.history.step > 70
    assert found.courses == alone.courses
    assert found.ray is not None
    assert alone.ray is not None
    assert found.ray.loss.tobytes() == alone.ray.loss.tobytes()


DEEDS = st.one_of(
    st.builds(lambda count: {"step": count}, st.integers(1, 20)),
    st.builds(lambda count: {"back": count}, st.integers(1, 12)),
    st.builds(lambda number: {"twin": {"future": number}}, st.integers(0, 3)),
    st.sampled_from(({"twin": {}}, {"twin": False}, {"reset": True})),
    CHANGES,
)


@given(scenarios(), st.lists(DEEDS, max_size=12), st.integers(0, 30), st.sampled_from((600, 2**20)))
@held_over(60)
def test_the_way_to_where_a_session_stands_is_repeated_bit_by_bit(
    text: str, changes: list[dict[str, object]], count: int, budget: int
) -> None:
    at = Session(loaded(text))
    at.history = History(at.experiment, Checkpoints(budget))
    for deed in changes:
        try:
            at.do(parse_action(deed))
        except Refusal:
            continue
    way, steps = at.history.recent(count), at.history.step
    apart = at.situation().experiment()
    assert bits(end_of(apart, way)) == bits(at.history.moment)
    seen = [moment for moment in updated_moments(apart, way) if moment.step >= steps - count]
    assert len(seen) == min(count, steps)
    for back, moment in enumerate(reversed(seen), start=1):
        at.do(parse_action({"goto": steps - back}))
        assert bits(at.history.moment) == bits(moment)


def test_no_generator_yields_while_numpy_is_told_to_be_silent() -> None:
    """numpy's error state belongs to a context, and a generator may be resumed in another one."""
    for path in sorted(Path(bntui.__file__).parent.rglob("*.py")):
        for silenced in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(silenced, ast.With) and "errstate" in ast.dump(silenced.items[0]):
                inside = [type(each).__name__ for each in ast.walk(silenced)]
                assert not {"Yield", "YieldFrom"} & set(inside), f"{path.name}:{silenced.lineno}"


def test_nothing_is_computed_for_a_situation(monkeypatch: pytest.MonkeyPatch) -> None:
    at = at_step("deep-relu", "BN on", 100)

    def refuse(*_: object) -> None:
        raise AssertionError("the network was run")

    for name in ("evaluate", "repeated", "advance"):
        monkeypatch.setattr(at.experiment, name, refuse)
    assert at.situation().moment is at.history.moment
