"""Kept sweeps: found by all that they depend on, and by nothing else; what is damaged is computed anew."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from session.worlds import CHAIN, do, session

from bntui.session.keep import sweeps
from bntui.session.keep.sweeps import key_of, swept
from bntui.session.session import Session
from bntui.session.survey import sweeping
from bntui.session.survey.swept import Sweep

QUICK = "\nsweep: {from: 1e-2, to: 10, count: 6, steps: 8, seeds: 2}\n"
NET = """
version: 1
title: Two drawn layers
network: {layers: [{name: h, units: 4, activation: relu}, {name: head, units: 1}]}
data: {generator: {name: sine, samples: 16}}
training: {learning_rate: 0.1}
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of one's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "bntui" / "sweeps"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many parts were run so far."""
    counted: list[int] = []
    ended = sweeping._ended

    def counting(*arguments):
        counted.append(1)
        return ended(*arguments)

    monkeypatch.setattr(sweeping, "_ended", counting)
    return counted


def result(at: Session, **wanted) -> Sweep:
    situation = at.situation()
    *_, last = swept(situation, sweeping.plan_for(situation, **wanted), workers=1)
    return last


def key(at: Session, **wanted) -> str | None:
    situation = at.situation()
    return key_of(situation, sweeping.plan_for(situation, **wanted))


def test_a_second_look_computes_nothing_and_says_the_same(cache: Path, runs: list[int]) -> None:
    first = result(session(NET + QUICK), over="normalization=none,batch_norm")
    made = len(runs)
    again = result(session(NET + QUICK), over="normalization=none,batch_norm")
    assert made > 0
    assert len(runs) == made
    assert again.finished
    assert again.figures == first.figures
    for one, other in zip(first.sides, again.sides, strict=True):
        np.testing.assert_allclose(one.ends, other.ends, rtol=1e-6)
        np.testing.assert_array_equal(one.diverged_at, other.diverged_at)
        np.testing.assert_allclose(one.turned, other.turned, rtol=1e-3)


@pytest.mark.parametrize(
    ("text", "actions", "wanted"),
    [
        (NET.replace("units: 4", "units: 5"), [], {}),
        (NET.replace("samples: 16", "samples: 17"), [], {}),
        (NET.replace("learning_rate: 0.1", "learning_rate: 0.1, momentum: 0.5"), [], {}),
        (f"{NET}switching: preserve\n", [], {}),
        (NET, [{"step": 1}], {}),
        (NET, [{"set": {"momentum": 0.5}}], {}),
        (NET, [], {"steps": 9}),
        (NET, [], {"count": 7}),
        (NET, [], {"last": 11.0}),
        (NET, [], {"seeds": 3}),
        (NET, [], {"group": "h.*"}),
        (NET, [], {"over": "gain"}),
        (NET, [], {"over": "depth=1,2"}),
    ],
)
def test_another_scenario_state_or_plan_has_another_key(text: str, actions: list[dict], wanted: dict) -> None:
    assert key(do(session(text + QUICK), *actions), **wanted) != key(session(NET + QUICK))


def test_words_twin_and_the_way_there_make_no_difference():
    told = NET.replace("Two drawn layers", "Another title") + "lesson: [{say: hello}]\n"
    way = do(session(told + QUICK), {"step": 2}, {"reset": True}, {"step": 1}, {"twin": {}}, {"step": 2})
    assert key(way) == key(do(session(NET + QUICK), {"step": 3}))


def test_the_beats_of_a_lesson_are_no_part_of_the_way(cache: Path) -> None:
    lesson = f"{NET}{QUICK}lesson: [{{do: {{step: 1}}}}, {{do: {{step: 2}}, sweep: true}}]\n"
    assert key(do(session(lesson), {"beat": 2})) == key(do(session(NET + QUICK), {"step": 3}))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[" * 100_000,
        lambda text: text.replace('"format": 1', '"format": 2'),
        lambda text: json.dumps(json.loads(text) | {"of": "0" * 64}),
        lambda text: json.dumps(json.loads(text) | {"sides": []}),
        lambda text: text.replace('"BN off"', '"BN on"'),
        lambda text: text.replace("], [", "], [[", 1),
        lambda text: text.replace("[[", '[["x", ', 1),
        lambda text: "{}",
        lambda text: "",
    ],
)
def test_what_is_damaged_or_of_another_sweep_is_computed_anew(cache: Path, runs: list[int], damage) -> None:
    whole = result(session(NET + QUICK))
    (file,) = cache.glob("*.json")
    file.write_text(damage(file.read_text()), encoding="utf-8")
    made = len(runs)
    assert result(session(NET + QUICK)).figures == whole.figures
    assert len(runs) > made
    before = len(runs)
    result(session(NET + QUICK))  # what was damaged has been written anew
    assert len(runs) == before


def test_a_pipe_or_a_link_in_its_place_is_neither_waited_for_nor_followed(cache: Path, tmp_path: Path, runs: list[int]) -> None:
    whole = result(session(NET + QUICK))
    (file,) = cache.glob("*.json")
    kept = file.read_text()
    file.unlink()
    os.mkfifo(file)
    assert result(session(NET + QUICK)).figures == whole.figures
    file.unlink()
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(kept, encoding="utf-8")
    file.symlink_to(elsewhere)
    made = len(runs)
    result(session(NET + QUICK))
    assert len(runs) > made
    assert elsewhere.read_text() == kept


def test_where_nothing_can_be_written_it_is_computed_and_nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no folder").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no folder"))
    assert result(session(NET + QUICK)).finished


def test_the_folder_keeps_no_more_than_so_many(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "MOST_KEPT", 2)
    for steps in (3, 4, 5, 6):
        result(session(NET + QUICK), steps=steps)
    assert len(list(cache.glob("*.json"))) == 2


def test_what_was_stopped_is_not_kept(cache: Path) -> None:
    situation = session(NET + QUICK).situation()
    running = swept(situation, sweeping.plan_for(situation), workers=1)
    next(running)
    running.close()
    assert not cache.exists()


def test_another_version_of_the_program_has_results_of_its_own(cache: Path, monkeypatch: pytest.MonkeyPatch, runs: list[int]) -> None:
    result(session(CHAIN + QUICK))
    made = len(runs)
    monkeypatch.setattr(sweeps, "_code", lambda: "another")
    result(session(CHAIN + QUICK))
    assert len(runs) > made
