"""The pictures of beats as they are read: every mistake at once, each at its place."""

import pytest
from session.worlds import CHAIN, loaded

from bntui.scenario.model.pictures import BeatLandscape, BeatSweep
from bntui.scenario.model.validating import validated
from bntui.scenario.text.complaints import ScenarioError


def of_beat(text: str):
    return loaded(f"{CHAIN}\nlesson: [{{{text}}}]\n").scenario.lesson[0].picture


def test_a_picture_is_a_sweep_or_a_landscape_with_what_the_scenario_leaves_open():
    assert of_beat("say: look") is None
    assert of_beat("sweep: true") == BeatSweep()
    assert of_beat("sweep: {over: 'normalization=none,batch_norm', from: 1e-3, seeds: 8}") == validated(BeatSweep,
        {"over": "normalization=none,batch_norm", "from": 1e-3, "seeds": 8}
    )
    assert of_beat("landscape: true") == BeatLandscape()
    assert of_beat("landscape: {growth: true, width: 32}") == BeatLandscape(growth=True, width=32)


@pytest.mark.parametrize(
    ("beat", "sentences"),
    [
        ("sweep: false", ["sweep: found false; allowed: true, or leave the key out"]),
        ("landscape: 3", ["landscape: found 3; allowed: true, or {growth: true}"]),
        ("sweep: true, landscape: true", ["found landscape beside sweep; allowed: one of them, a beat opens one picture"]),
        ("sweep: {stepz: 3, count: 1}", ["sweep.count: found 1; allowed: at least 2", "unknown key 'stepz'", "did you mean 'steps'?"]),
        ("landscape: {width: 32}", ["landscape.width: width goes with growth: true"]),
        (
            "sweep: {over: 'normalization=none,bn', group: 'q*', from: 100}, show: [chart.los]",
            [
                "sweep.over: found 'bn'; allowed: none, batch_norm",
                "sweep.group: 'q*' matches no parameter",
                "sweep.from: the rates go from 100 to 30; allowed: to above from",
                "did you mean 'loss'?",
            ],
        ),
        ("sweep: {over: {batch_size: [2, 3000]}}", ["sweep.over.batch_size: with 3000: found 3000; allowed: full, or at most the 3"]),
        ("sweep: {over: 'training.nothing=1,2'}", ["sweep.over: with 1: ", "nothing"]),
        ("do: {view: sweep}", ["found 'sweep'; allowed: layers, loss, ", "(sweep and landscape are keys of a beat)"]),
    ],
)
def test_what_is_wrong_with_a_picture_is_told_at_its_place(beat: str, sentences: list[str]) -> None:
    with pytest.raises(ScenarioError) as told:
        of_beat(beat)
    for sentence in sentences:
        assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("beat", "sentence"),
    [
        ("expect: {sweep.off.trains: {is: 1}}", "this beat opens no sweep; allowed: with the key sweep beside it"),
        ("landscape: true, show: [sweep.off.trains]", "show.0: this beat opens no sweep"),
        ("sweep: true, expect: {sweep.offf.trains: {is: 1}}", "did you mean 'sweep.off.trains'?"),
        ("sweep: {over: 'normalization=none,batch_norm'}, expect: {sweep.ratio: {is: 1}}", "there are sweep.none.largest_rate, "),
        ("landscape: true, expect: {landscape.growth.on: {is: 1}}", "unknown quantity 'landscape.growth.on'"),
        ("sweep: true, run: {until: {sweep.off.trains: {is: 1}}}", "a picture is made after the run; expect may compare with it"),
    ],
)
def test_a_name_that_stands_in_no_picture_is_told(beat: str, sentence: str) -> None:
    with pytest.raises(ScenarioError) as told:
        of_beat(beat)
    assert sentence in str(told.value)


def test_every_mistake_of_every_beat_is_told_at_once():
    with pytest.raises(ScenarioError) as told:
        loaded(f"{CHAIN}\nlesson: [{{sweep: {{over: depht}}}}, {{sweep: {{group: q}}}}, {{expect: {{losss: {{is: 1}}}}}}]\n")
    assert len(told.value.complaints) == 3
