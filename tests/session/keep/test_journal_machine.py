"""Whatever is done in a session, and wherever it is cut off: memory, journal and a fresh replay are one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from session.journals import cut_off, often, resumed, whole
from session.worlds import CHANGES, bits, do, loaded, scenarios

from bntui.scenario.model.actions import parse_action
from bntui.session.keep.journal import Journal
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

TAKEN = st.one_of(
    st.builds(lambda n: {"step": n}, st.integers(1, 30)),
    st.builds(lambda n: {"step": n}, st.integers(1, 3)),
    st.builds(lambda n: {"back": n}, st.integers(1, 20)),
    st.builds(lambda n: {"goto": n}, st.integers(0, 60)),
    st.builds(lambda n: {"future": n}, st.integers(0, 4)),
    CHANGES,
    st.sampled_from(({"reset": True}, {"twin": {}}, {"twin": False}, {"focus": {"sample": 0}}, {"view": "step"})),
)


class Sessions(RuleBasedStateMachine):
    """Random actions in a session that is kept; it is cut off and resumed at random."""

    place: Path

    @initialize(text=scenarios(), number=st.integers(0, 10**9))
    def begin(self, text: str, number: int) -> None:
        self.text = text
        self.at = Session(loaded(text))
        self.at.recorder = Journal(self.place)

    @rule(action=TAKEN)
    def take(self, action: dict[str, Any]) -> None:
        try:
            do(self.at, action)
        except Refusal:
            return

    @rule(count=st.integers(1, 9), bits_done=st.integers(0, 9))
    def begin_and_cancel(self, count: int, bits_done: int) -> None:
        work = self.at.perform(parse_action({"step": count}))
        try:
            for _ in range(bits_done):
                next(work)
        except (Refusal, StopIteration):
            return
        finally:
            work.close()

    @rule()
    def flush(self) -> None:
        self.at.keep()

    @precondition(lambda self: len(list(self.at.log)) > 0)
    @rule()
    def cut_off_and_resume(self) -> None:
        before = whole(self.at)
        self.at = resumed(cut_off(self.at))
        assert whole(self.at) == before

    @precondition(lambda self: self.at.history.step > 0)
    @rule(count=st.integers(1, 12))
    def back_then_forward_is_identity(self, count: int) -> None:
        count = min(count, self.at.history.step)
        before = bits(self.at.history.moment), self.at.stand().last_step
        do(self.at, {"back": count})
        assert self.at.stand().last_step == before[1]
        do(self.at, {"step": count})
        assert (bits(self.at.history.moment), self.at.stand().last_step) == before

    @invariant()
    def the_moment_equals_a_fresh_replay_of_its_path(self) -> None:
        history = self.at.history
        moment = history.experiment.start
        for branch, walked in history.path():
            if branch.action is not None:
                moment = history.experiment.advance(moment, branch.action)
            for _ in range(walked):
                moment = history.experiment.updated(moment)
        assert bits(moment) == bits(history.moment)

    def teardown(self) -> None:
        if hasattr(self, "at") and self.at.recorder is not None:
            self.at.recorder.close(self.at)


def held(place: Path, examples: int, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    often(monkeypatch)
    monkeypatch.setattr(Sessions, "place", place, raising=False)
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_is_done_memory_journal_and_a_fresh_replay_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(tmp_path, 25, 12, monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_however_long_it_goes_on_memory_journal_and_a_fresh_replay_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(tmp_path, 300, 40, monkeypatch)
