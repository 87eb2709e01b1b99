"""What followers of a session have of it: the same bits at the same place, whatever the speaker did."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from paced import mostly_slow
from session.share.room import Room
from session.worlds import BATCHES, BLOBS, SLOW_CHAIN, both, do, session, shelved

from bntui.scenario.model.actions import parse_action
from bntui.session.keep import journal, resuming, sweeps
from bntui.session.run.futures import futures
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session
from bntui.session.share.looks import Looks, SweepShown
from bntui.session.share.speaking import ROLLS_AT
from bntui.session.survey import sweeping

SEEN = ("title", "step", "last_step", "action", "loss", "loss_before", "marks", "focus", "view", "quantity", "leads_since", "lit", "picture")
Way = list[Mapping[str, Any]]


def alike(one: Session, other: Session) -> None:
    """All that a screen shows of both is the same."""
    assert both(one) == both(other)
    mine, its = one.observe(), other.observe()
    for name in SEEN:
        assert getattr(mine, name) == getattr(its, name), name
    for name in ("steps", "low", "high"):
        assert getattr(mine.trail, name).tobytes() == getattr(its.trail, name).tobytes()
    assert [chain.product for chain in mine.chains] == [chain.product for chain in its.chains]
    assert mine.changed_from is its.changed_from is None
    assert futures(one.history) == futures(other.history)


WAYS: list[Way] = [
    [{"step": 1}, {"step": 1}, {"back": 1}],
    [{"step": 40}, {"set": {"batch_norm": True}}, {"step": 30}, {"back": 50}, {"step": 3}, {"set": {"learning_rate": 0.01}}, {"step": 20}],
    [{"step": 5}, {"twin": {}}, {"step": 5}, {"scale": {"layer": "h1", "by": 3}}, {"step": 4}, {"goto": 2}, {"future": 0}],
    [{"step": 5}, {"back": 3}, {"set": {"mode": "eval"}}, {"step": 2}, {"twin": {"future": 0}}, {"step": 2}, {"reset": True}, {"step": 1}],
    [{"set": {"optimizer": "adam"}}, {"step": 9}, {"set": {"normalization": "layer_norm"}}, {"step": 9}, {"focus": {"layer": "h2", "unit": 1}}],
    [{"view": {"history": "weight"}}, {"focus": {"sample": 2}}, {"set": {"switching": "preserve"}}, {"set": {"batch_norm": True}}, {"step": 3}],
    [{"set": {"learning_rate": 1e6}}, {"step": 50}],
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at_once", [pytest.param(True, marks=pytest.mark.slow), False])
def test_a_follower_stands_where_the_speaker_does_bit_by_bit(tmp_path: Path, way: Way, at_once: bool) -> None:
    room = Room(tmp_path, session(BATCHES))
    if not at_once:
        alike(room.speaker, room.pass_on())
    for action in way:
        try:
            do(room.speaker, action)
        except Refusal:
            assert room.speaker.observe().diverged
        if not at_once:
            alike(room.speaker, room.pass_on())
    alike(room.speaker, room.pass_on())


@pytest.mark.parametrize("way", WAYS)
def test_whoever_comes_late_computes_no_step(tmp_path: Path, way: Way) -> None:
    room = Room(tmp_path, session(BATCHES))
    for action in way[:-1]:
        do(room.speaker, action)
    room.tell()
    news = room.look()
    follower = room.follower_of(news)
    assert list(follower.learn(news)) == []
    alike(room.speaker, follower)


def test_what_is_overtaken_while_it_is_read_is_read_again_and_no_step_is_computed(tmp_path: Path) -> None:
    room = Room(tmp_path, session(BATCHES))
    room.pass_on()
    do(room.speaker, {"step": 30})
    room.tell()
    stale = room.subscription.peek()
    assert stale is not None
    do(room.speaker, {"step": 30})
    room.tell()
    assert room.subscription.look(stale) is None
    news = room.look()
    assert list(room.follower.learn(news)) == []
    alike(room.speaker, room.follower)


def test_what_is_done_is_told_apart_from_steps_of_a_run(tmp_path: Path) -> None:
    room = Room(tmp_path, session(BATCHES))
    acts = []
    for action in ({"step": 9}, {"step": 9}, {"set": {"batch_norm": True}}, {"step": 9}, {"view": "meters"}, {"focus": {"layer": "h2"}}):
        do(room.speaker, action)
        room.tell(Looks(running=True, speed=200))
        acts.append(room.learn().present.acts)
    assert [later - earlier for earlier, later in pairwise(acts)] == [0, 1, 1, 1, 1]


@pytest.mark.slow
def test_after_three_thousand_steps_and_a_class_that_went_back_and_forth(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    room.pass_on()
    do(room.speaker, {"step": 3000}, {"set": {"batch_norm": True}}, {"back": 2500}, {"step": 7})
    alike(room.speaker, room.pass_on())
    do(room.speaker, {"set": {"learning_rate": 0.02}}, {"step": 5}, {"goto": 0}, {"goto": 505})
    alike(room.speaker, room.pass_on())


def test_a_lesson_is_followed_beat_by_beat(tmp_path: Path) -> None:
    room = Room(tmp_path, shelved("relu-net"))
    for number in range(1, len(room.speaker.lesson.beats) + 1):
        do(room.speaker, {"beat": number})
        mine, its = room.speaker.observe().lesson, room.pass_on().observe().lesson
        assert mine is not None
        assert its is not None
        assert (mine.number, len(mine.beats), mine.questions, mine.right) == (its.number, len(its.beats), its.questions, its.right)
        if room.speaker.lesson.asking:
            do(room.speaker, {"answer": 1})
        alike(room.speaker, room.pass_on())


def test_looking_around_leaves_the_speaker_alone_and_returns(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 12})
    follower = room.pass_on()
    do(follower, {"back": 5}, {"focus": {"layer": "c"}}, {"view": "meters"})
    assert follower.around
    do(room.speaker, {"set": {"batch_norm": True}}, {"step": 3})
    room.pass_on()
    assert (follower.history.step, follower.focus.layer, follower.view, follower.speakers_step) == (7, "c", "meters", 15)
    do(follower, {"step": 2})
    assert follower.history.step == 9
    for _ in follower.join():
        pass
    alike(room.speaker, follower)
    assert not follower.around


@pytest.mark.parametrize(
    "action", [{"set": {"batch_norm": True}}, {"reset": True}, {"twin": {}}, {"scale": {"layer": "a", "by": 2}}, {"beat": 1}, {"answer": 1}, {"step": 1}]
)
def test_what_would_change_something_is_refused(tmp_path: Path, action: Mapping[str, Any]) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 12})
    follower = room.pass_on()
    with pytest.raises(Refusal, match="anna"):
        follower.do(parse_action(action))
    alike(room.speaker, follower)
    assert not follower.around  # nothing has moved


@pytest.mark.parametrize("way", mostly_slow(WAYS, WAYS[1:4]))
def test_a_state_that_is_taken_over_is_the_same_and_goes_on(tmp_path: Path, way: Way) -> None:
    room = Room(tmp_path, session(BATCHES))
    for action in way[:-1]:
        do(room.speaker, action)
    follower = room.pass_on()
    own = follower.taken_over()()
    if follower.leaves_twin:
        do(room.speaker, {"twin": False})
    assert both(own) == both(room.speaker)
    ahead = room.speaker.history.last_step > room.speaker.history.step  # what is recorded there is another's
    for each in (own, room.speaker) if not ahead else ():
        with suppress(Refusal):  # it diverges
            do(each, {"step": 3})
    assert both(own) == both(room.speaker)


def test_a_session_of_ones_own_is_resumed_at_the_same_bits(tmp_path: Path) -> None:
    room = Room(tmp_path / "class", shelved("relu-net"))
    do(room.speaker, {"beat": 3}, {"step": 7}, {"set": {"batch_norm": True}}, {"step": 4})
    own = room.pass_on().taken_over()()
    journal.keep(own, tmp_path).close(own)
    resumed, sentence = resuming.resume(next(tmp_path.glob("*.jsonl")))
    assert sentence is None
    assert both(resumed) == both(room.speaker)
    assert resumed.lesson.standing is None


def test_another_scenario_is_followed(tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 12})
    room.pass_on()
    room.speaker = session(BLOBS)
    do(room.speaker, {"step": 2})
    alike(room.speaker, room.pass_on())


def test_a_tree_that_has_grown_large_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bntui.session.share.speaking.ROLLS_AT", 3000)
    assert ROLLS_AT > 2**20
    room = Room(tmp_path, session(SLOW_CHAIN))
    trees = set()
    for _ in range(12):
        do(room.speaker, {"step": 20})
        alike(room.speaker, room.pass_on())
        trees |= {path.name for path in tmp_path.glob("*.tree")}
        assert len(list(tmp_path.glob("*.tree"))) == 1
    assert len(trees) > 1


def test_a_sweep_is_the_speakers_own(tmp_path: Path) -> None:
    room = Room(tmp_path, session(BATCHES, "sweep.count=3", "sweep.steps=4", "sweep.seeds=2"))
    do(room.speaker, {"step": 4}, {"set": {"batch_norm": True}})
    situation = room.speaker.situation()
    *_, made = sweeping.sweep(situation, sweeping.plan_for(situation), None, 1)
    key = sweeps.key_of(situation, made.plan)
    assert key is not None
    shown = SweepShown(key, sweeping.asked_for(made.plan), sweeps.written(key, made))
    room.tell(Looks(over="sweep", sweep=shown))
    follower = room.learn()
    assert follower.sweep == shown
    own = follower.situation()
    [known] = sweeps.told(own, sweeping.plan_of(own, shown.picture), shown.key, shown.text)
    for mine, its in zip(made.variants[0].sides, known.variants[0].sides, strict=True):
        assert its.loss == pytest.approx(mine.loss, rel=1e-6, nan_ok=True)
    do(follower, {"back": 1})
    with pytest.raises(Refusal, match="does not fit"):
        sweeps.told(follower.situation(), sweeping.plan_of(own, shown.picture), shown.key, shown.text)
