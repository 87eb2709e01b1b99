"""Going back and forth in time: nothing is lost, and every number comes back bit by bit."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session.worlds import BATCHES, CHAIN, CHANGES, REFUSING, SLOW_CHAIN, bits, do, held_over, loaded, scenarios, session

from bntui.scenario.model.actions import parse_action
from bntui.scenario.reading.loading import Loaded
from bntui.session.run import tree
from bntui.session.run.branches import last_place, way_to
from bntui.session.run.checkpoints import Checkpoints
from bntui.session.run.experiment import Experiment
from bntui.session.run.history import History
from bntui.session.run.moment import Moment
from bntui.session.run.refusal import Refusal
from bntui.session.run.replay import end_of
from bntui.session.session import Session

# what a class might do within fifty steps, by the step at which it is done
DONE: Mapping[int, tuple[dict[str, Any], ...]] = {
    7: ({"set": {"batch_norm": True}},),
    13: ({"set": {"learning_rate": 0.02}}, {"set": {"momentum": 0.5}}),
    21: ({"scale": {"layer": "h1", "by": 10}},),
    28: ({"set": {"mode": "eval"}},),
    33: ({"set": {"switching": "preserve"}}, {"set": {"batch_norm": False}}),
    34: ({"set": {"mode": "train"}}, {"set": {"batch_norm": ["h2"]}}),
    41: ({"set": {"weights": {"h1.weight": [[0.5], [-0.5], [0.25]], "head.bias": 0.1}}},),
}


def fifty_steps() -> tuple[Session, list[tuple[Any, ...]]]:
    """A session after fifty steps with switches, and its bits after everything done at each step."""
    at = session(BATCHES)
    seen = []
    for step in range(51):
        if step:
            do(at, {"step": 1})
        do(at, *DONE.get(step, ()))
        seen.append(bits(at.history.moment))
    return at, seen


def test_fifty_steps_forward_back_and_forward_again_give_the_same_bits() -> None:
    at, seen = fifty_steps()
    do(at, {"back": 50})
    assert bits(at.history.moment) == seen[0]
    for step in range(1, 51):
        do(at, {"step": 1})
        assert bits(at.history.moment) == seen[step]
    assert at.history.step == at.history.last_step == 50


def test_every_single_step_back_lands_after_everything_that_was_done_there() -> None:
    at, seen = fifty_steps()
    for step in reversed(range(50)):
        do(at, {"back": 1})
        assert bits(at.history.moment) == seen[step]


def test_any_step_can_be_jumped_to_in_any_order() -> None:
    at, seen = fifty_steps()
    for step in (33, 7, 50, 0, 41, 40, 21, 28, 6, 49, 13):
        do(at, {"goto": step})
        assert bits(at.history.moment) == seen[step]


def test_the_switches_of_a_recorded_future_are_walked_with_it() -> None:
    at = do(session(SLOW_CHAIN), {"step": 3}, {"set": {"batch_norm": True}}, {"step": 2})
    do(at, {"back": 4}, {"step": 1})
    assert at.observe().normalized == ()
    do(at, {"step": 1})
    assert (at.history.step, at.observe().normalized) == (3, ("a", "b", "c", "d", "e"))


def test_two_actions_at_one_step_are_both_walked() -> None:
    at = do(session(CHAIN), {"set": {"batch_norm": True}}, {"step": 2}, {"set": {"learning_rate": 0.1}})
    do(at, {"set": {"batch_norm": ["a"]}}, {"step": 1}, {"back": 3}, {"step": 2})
    assert (at.observe().learning_rate, at.observe().normalized) == (0.1, ("a",))


def test_doing_something_else_begins_another_future_and_keeps_the_old() -> None:
    at = do(session(SLOW_CHAIN), {"step": 10})
    old = at.history.branches[0]
    kept = list(old.trail.low)
    do(at, {"back": 6}, {"set": {"batch_norm": True}}, {"step": 3})
    assert (at.history.step, at.history.last_step) == (7, 7)
    assert (old.length, list(old.trail.low)) == (10, kept)
    assert [branch.number for branch, _ in at.history.path()] == [0, 1]


def test_the_future_that_was_chosen_last_is_walked() -> None:
    at = do(session(SLOW_CHAIN), {"step": 5}, {"back": 3})
    do(at, {"set": {"learning_rate": 0.02}}, {"step": 5}, {"back": 6}, {"step": 1})
    assert (at.observe().learning_rate, at.history.last_step) == (0.02, 7)
    do(at, {"back": 1}, {"set": {"learning_rate": 0.05}}, {"step": 1}, {"back": 2}, {"step": 2})
    assert (at.observe().learning_rate, at.history.last_step) == (0.05, 2)


def test_changing_nothing_but_the_focus_keeps_the_future() -> None:
    at = do(session(SLOW_CHAIN), {"step": 5}, {"back": 3})
    do(at, {"focus": {"layer": "c"}}, {"view": "loss"})
    assert at.history.last_step == 5


def test_a_reset_begins_anew_and_keeps_what_was_done() -> None:
    at = session(BATCHES)
    fresh = bits(at.history.moment)
    do(at, {"set": {"batch_norm": True, "learning_rate": 0.5, "switching": "preserve"}}, {"step": 4}, {"reset": True})
    assert bits(at.history.moment) == fresh
    assert (at.history.step, at.history.last_step) == (0, 0)
    assert [branch.length for branch in at.history.branches] == [0, 4, 0]


def test_steps_after_a_reset_repeat_the_first_ones() -> None:
    at = do(session(BATCHES), {"step": 9})
    first = bits(at.history.moment)
    do(at, {"reset": True}, {"step": 9})
    assert bits(at.history.moment) == first


def test_resetting_twice_leaves_no_second_beginning() -> None:
    at = do(session(CHAIN), {"reset": True})
    assert len(at.history.branches) == 1
    do(at, {"step": 1}, {"reset": True}, {"reset": True})
    assert len(at.history.branches) == 2


def test_one_cannot_go_back_beyond_the_start_or_a_reset() -> None:
    at = do(session(BATCHES), {"step": 3}, {"back": 20})
    assert at.history.step == 0
    do(at, {"step": 3}, {"reset": True}, {"step": 2}, {"back": 20}, {"step": 1})
    assert (at.history.step, at.history.last_step) == (1, 2)


def test_going_to_a_step_beyond_the_end_steps_on() -> None:
    at = do(session(BATCHES), {"step": 3}, {"goto": 12})
    stepped = do(session(BATCHES), {"step": 12})
    assert bits(at.history.moment) == bits(stepped.history.moment)


def test_steps_taken_one_by_one_or_at_once_are_the_same() -> None:
    at = do(session(BATCHES), *[{"step": 1}] * 17)
    assert bits(at.history.moment) == bits(do(session(BATCHES), {"step": 17}).history.moment)


@pytest.mark.parametrize(
    ("text", "action", "sentence"),
    [
        (REFUSING, {"set": {"switching": "preserve", "batch_norm": True}}, "h: preserve needs γ and β"),
        (REFUSING, {"set": {"learning_rate": 9.0, "batch_norm": ["nobody"]}}, "there is no layer 'nobody'"),
        (REFUSING, {"set": {"learning_rate": 9.0, "weights": {"h.gamma": 1}}}, "there is no parameter 'h.gamma' now"),
        (REFUSING, {"set": {"weights": {"h.weight": [[1.0], [2.0], [3.0]]}}}, "h.weight has 2 × 1 numbers"),
        (REFUSING, {"scale": {"layer": "nobody", "by": 2}}, "there is no layer 'nobody'; the layers are h, head"),
        (REFUSING, {"focus": {"layer": "nobody"}}, "there is no layer 'nobody'; the layers are h, head"),
        (REFUSING, {"focus": {"layer": "head", "sample": 3}}, "there is no sample 3; a batch has the samples 0 to 2"),
        (REFUSING, {"future": 7}, "future"),
        (BATCHES, {"set": {"batch_norm": True}}, "one sample"),
    ],
)
def test_what_is_refused_is_told_and_changes_nothing(text: str, action: dict[str, Any], sentence: str) -> None:
    one_sample = ("training.batch_size=1",) if text is BATCHES else ()
    at = do(session(text, *one_sample), {"step": 4}, {"back": 2})
    before = bits(at.history.moment), at.history.last_step, len(at.history.branches), at.focus, at.last_action
    with pytest.raises(Refusal, match=sentence):
        do(at, action)
    assert (bits(at.history.moment), at.history.last_step, len(at.history.branches), at.focus, at.last_action) == before
    do(at, {"step": 2})
    assert at.history.step == 4


def walked(text: str, budget: int) -> History:
    """The history of a scenario with so many bytes for its past."""
    ready = loaded(text)
    return History(Experiment(ready.scenario, ready.problem), Checkpoints(budget))


def to(history: History, step: int) -> int:
    """Go back to a step; how many steps were replayed for it."""
    return sum(1 for _ in history.back_to(step))


def test_the_past_never_takes_more_than_its_budget() -> None:
    budget = 60_000
    checkpoints = Checkpoints(budget)
    ready = loaded(BATCHES)
    history = History(Experiment(ready.scenario, ready.problem), checkpoints)
    for step in range(1500):
        history.forward()
        if step % 40 == 0:
            history.act(parse_action({"set": {"batch_norm": step % 80 == 0}}))
        assert checkpoints.nbytes <= budget


@pytest.mark.parametrize("budget", [1, 5_000, 60_000])
def test_any_past_step_is_equal_to_a_fresh_replay_however_small_the_budget(budget: int) -> None:
    history, plenty = walked(BATCHES, budget), walked(BATCHES, 2**24)
    for step in range(400):
        for each in (history, plenty):
            each.forward()
            if step % 97 == 50:
                each.act(parse_action({"set": {"batch_norm": step % 2 == 0}}))
    for step in (399, 251, 250, 148, 147, 146, 2, 0):
        to(history, step)
        to(plenty, step)
        assert bits(history.moment) == bits(plenty.moment)


def test_few_steps_are_replayed_for_a_step_of_long_ago() -> None:
    history = walked(SLOW_CHAIN, 50_000)
    for _ in range(2_500):
        history.forward()
    replayed = [to(history, step) for step in (2_499, 2_001, 1_535, 777, 255, 17, 1)]
    assert max(replayed) < 64


def test_a_step_back_and_forth_replays_nothing() -> None:
    history = walked(BATCHES, 2**24)
    for _ in range(1000):
        history.forward()
    assert to(history, 999) == 0
    history.forward()
    assert to(history, 990) == 0


def test_thousands_of_switches_at_one_step_can_be_gone_back_over() -> None:
    history = walked(SLOW_CHAIN, 1)
    history.forward()
    for turn in range(1200):
        history.act(parse_action({"set": {"learning_rate": 0.01 + 0.001 * (turn % 2)}}))
    for _ in range(3):
        history.forward()
    to(history, 2)
    to(history, 1)
    assert (history.step, history.moment.learning_rate) == (1, 0.011)


ACTIONS = st.one_of(
    st.builds(lambda n: {"step": n}, st.integers(1, 6)),
    st.builds(lambda n: {"step": n}, st.integers(1, 6)),
    st.builds(lambda n: {"back": n}, st.integers(1, 9)),
    st.builds(lambda n: {"goto": n}, st.integers(0, 14)),
    CHANGES,
    st.just({"set": {"weights": {"l1.weight": [[0.5, -0.5]]}}}),
    st.just({"reset": True}),
)


class Line:
    """The same session told as a plain list of what was done, with a cursor; every past step is replayed afresh."""

    def __init__(self, ready: Loaded) -> None:
        self.experiment = Experiment(ready.scenario, ready.problem)
        self.done: list[dict[str, Any]] = []
        self.cursor = 0

    def step_of(self, cursor: int) -> int:
        return sum("step" in action for action in self.done[:cursor])

    def replayed(self, cursor: int) -> Moment:
        moment = self.experiment.start
        for action in self.done[:cursor]:
            moment = self.experiment.advance(moment, parse_action(action))
        return moment

    def go_to(self, step: int) -> None:
        """To after everything that was done at a step; beyond the end by new steps."""
        while self.step_of(self.cursor) < step:
            if self.cursor == len(self.done):
                self.experiment.advance(self.replayed(self.cursor), parse_action({"step": 1}))
                self.done.append({"step": 1})
            self.cursor += 1
        places = [place for place in range(len(self.done) + 1) if self.step_of(place) == step]
        self.cursor = max(places)

    def take(self, action: dict[str, Any]) -> None:
        """Take an action as DESIGN says it is taken. Raises Refusal."""
        ((key, value),) = action.items()
        here = self.step_of(self.cursor)
        if key == "back":
            self.go_to(max(0, here - value))
        elif key in ("step", "goto"):
            target = here + value if key == "step" else value
            for step in range(here + 1, target + 1) or [target]:
                self.go_to(step)
        elif key == "reset":
            self.done, self.cursor = [], 0
        else:
            self.experiment.advance(self.replayed(self.cursor), parse_action(action))
            self.done = [*self.done[: self.cursor], action]
            self.cursor += 1


def answer(take: Any, action: Any) -> str:
    """What came of an action: the sentence of its refusal, or nothing."""
    try:
        take(action)
    except Refusal as refusal:
        return str(refusal)
    return ""


def same_after_every_action(text: str, budget: int, actions: list[dict[str, Any]]) -> None:
    ready = loaded(text)
    at, line = Session(ready), Line(ready)
    at.history = History(at.experiment, Checkpoints(budget))
    for action in actions:
        assert answer(at.do, parse_action(action)) == answer(line.take, action)
        assert bits(at.history.moment) == bits(line.replayed(line.cursor))
        assert at.history.last_step == line.step_of(len(line.done))
        at.observe()


@given(scenarios(), st.sampled_from((1, 3_000, 2**24)), st.lists(ACTIONS, min_size=1, max_size=15))
@held_over(40)
def test_whatever_is_done_every_moment_equals_its_fresh_replay(
    text: str, budget: int, actions: list[dict[str, Any]]
) -> None:
    same_after_every_action(text, budget, actions)


@pytest.mark.slow
@given(scenarios(), st.sampled_from((1, 3_000, 2**24)), st.lists(ACTIONS, min_size=10, max_size=60))
@held_over(250)
def test_however_long_it_goes_on_every_moment_equals_its_fresh_replay(
    text: str, budget: int, actions: list[dict[str, Any]]
) -> None:
    same_after_every_action(text, budget, actions)


def test_the_path_leads_to_the_cursor_from_wherever_one_comes() -> None:
    at = session(BATCHES)
    setting: dict[str, Any] = {"set": {"learning_rate": 0.02}}
    for action in (setting, {"step": 3}, setting, setting, {"back": 2}, setting, {"step": 1}, {"future": 0}, {"reset": True}, setting):
        do(at, action)
        assert at.history.path() == way_to(at.history.branch, at.history.place[1])
        before = max(at.history.step - 1, 0)
        there = last_place([branch for branch, _ in at.history.path()], before)
        assert at.history.place_at(before) == (there[0].number, there[1])


LEADING: tuple[dict[str, Any], ...] = tuple(
    action for turn in range(8) for action in ({"set": {"batch_norm": turn % 2 == 0}}, {"step": 40})
)


def test_the_leaders_of_all_branches_together_are_few_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = do(session(BATCHES), *LEADING)
    monkeypatch.setattr(tree, "MOST_LEADERS_IN_ALL", 12)
    thinned = do(session(BATCHES), *LEADING)
    assert sum(len(branch.leaders) for branch in kept.history.branches) > 40
    assert sum(len(branch.leaders) for branch in thinned.history.branches[:-1]) <= 12
    assert all(branch.leaders for branch in thinned.history.branches)
    assert thinned.history.leads_since() == kept.history.leads_since()


@pytest.mark.parametrize("budget", [1, 2**20])
def test_a_twin_of_the_future_that_one_is_in_stands_where_it_stood_then_however_often_it_is_replayed(budget: int) -> None:
    at = session(SLOW_CHAIN)
    at.history = History(at.experiment, Checkpoints(budget))
    do(at, {"step": 3}, {"twin": {"future": 0}}, {"step": 2}, {"twin": {"future": 0}}, {"step": 2})
    ended = bits(at.history.moment)
    assert bits(do(at, {"goto": 0}, {"goto": 7}).history.moment) == ended
    assert end_of(at.situation().experiment(), at.history.recent(50)).twin is not None


@pytest.mark.parametrize("budget", [1, 2**20])
def test_a_twin_that_a_reset_has_left_is_there_however_often_its_past_is_replayed(budget: int) -> None:
    at = session(SLOW_CHAIN)
    at.history = History(at.experiment, Checkpoints(budget))
    do(at, {"step": 3}, {"twin": {"learning_rate": 0.01}}, {"step": 2}, {"reset": True}, {"step": 20})
    ended = bits(at.history.moment)
    assert at.history.moment.twin is not None
    assert bits(do(at, {"goto": 0}, {"goto": 20}).history.moment) == ended
    assert bits(do(at, {"future": 0}, {"future": 1}, {"goto": 20}).history.moment) == ended
    replay = end_of(at.situation().experiment(), at.history.recent(50))
    assert replay.twin is not None
    assert replay.twin.learning_rate == 0.01
