"""A session as a file: a scenario whose lesson repeats it, a trace, and nothing overwritten by mistake."""

import csv
import json
from pathlib import Path

import pytest
from session.worlds import BATCHES, SLOW_CHAIN, bits, do, session

from bntui.scenario.reading.loading import read_file
from bntui.scenario.text.files import CannotWrite
from bntui.session.keep import saving
from bntui.session.look.quantities import measure
from bntui.session.session import Session

DONE = ({"step": 7}, {"set": {"batch_norm": True}}, {"step": 5}, {"back": 9}, {"scale": {"layer": "h1", "by": 10}},
        {"step": 2}, {"future": 0}, {"goto": 12}, {"twin": {}}, {"step": 1})  # fmt: skip


def repeated(path: Path) -> Session:
    """The session after the lesson of a written scenario."""
    loaded = read_file(path)
    at = Session(loaded)
    for beat in loaded.scenario.lesson:
        for action in beat.actions:
            at.do(action)
    return at


def test_the_lesson_of_a_saved_session_repeats_it(tmp_path: Path) -> None:
    at = do(session(BATCHES), *DONE)
    path = saving.write_scenario(at, str(tmp_path / "saved"))
    assert path.name == "saved.yaml"
    again = repeated(path)
    assert bits(again.history.moment) == bits(at.history.moment)
    assert len(again.history.branches) == len(at.history.branches)


def test_a_session_with_a_lesson_is_saved_as_the_way_to_where_it_stands(tmp_path: Path) -> None:
    at = do(session(SLOW_CHAIN + "lesson: [{do: {step: 5}}, {do: [{set: {batch_norm: true}}, {step: 9}]}]\n"), {"beat": 1})
    do(at, {"step": 3}, {"beat": 2}, {"step": 1})
    again = repeated(saving.write_scenario(at, str(tmp_path / "saved.yaml")))
    assert bits(again.history.moment) == bits(at.history.moment)


def test_a_twin_that_a_reset_has_left_is_in_what_is_saved_too(tmp_path: Path) -> None:
    at = do(session(SLOW_CHAIN + "lesson: [{do: {step: 5}}]\n"), {"beat": 1}, {"twin": {"learning_rate": 0.01}}, {"reset": True})
    do(at, {"step": 4})
    again = repeated(saving.write_scenario(at, str(tmp_path / "saved.yaml")))
    assert at.history.moment.twin is not None
    assert bits(again.history.moment) == bits(at.history.moment)


@pytest.mark.parametrize(
    "more",
    [
        "",
        ", standardize: [x], validation: {share: 0.3, seed: 2}",
        ", standardize: true, validation: {csv: {file: data.csv, inputs: [y], targets: [x]}}",
    ],
)
def test_the_data_of_a_csv_file_goes_along_to_another_folder(more: str, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    (tmp_path / "s.yaml").write_text(
        "version: 1\ntitle: T\nnetwork: {layers: [{units: 1}]}\ntraining: {learning_rate: 0.1}\n"
        f"data: {{csv: {{file: data.csv, inputs: [x], targets: [y]}}{more}}}\n"
    )
    (tmp_path / "other").mkdir()
    at = do(Session(read_file(tmp_path / "s.yaml")), {"step": 3})
    again = repeated(saving.write_scenario(at, str(tmp_path / "other" / "saved.yaml")))
    assert bits(again.history.moment) == bits(at.history.moment)
    assert measure(again, ["validation.loss"]) == measure(at, ["validation.loss"])


def test_nothing_is_overwritten_unless_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "there.yaml"
    path.write_text("mine")
    at = do(session(BATCHES), {"step": 1})
    with pytest.raises(CannotWrite, match=r"there\.yaml exists already; a ! after its name replaces it"):
        saving.write_scenario(at, str(path))
    assert path.read_text() == "mine"
    assert saving.write_scenario(at, f"{path}!") == path
    assert repeated(path).history.step == 1


def test_neither_the_scenario_nor_its_csv_file_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    own = tmp_path / "s.yaml"
    own.write_text(
        "{version: 1, title: t, network: {layers: [{units: 1}]}, data: {csv: {file: data.csv, inputs: [x], targets: [y]}},"
        " training: {learning_rate: 0.01}}"
    )
    at = do(Session(read_file(own)), {"step": 1})
    for path in (own, tmp_path / "data.csv"):
        before = path.read_text()
        with pytest.raises(CannotWrite, match="is what is being read; nothing was written"):
            saving.write_scenario(at, f"{path}!")
        with pytest.raises(CannotWrite, match="is what is being read; nothing was written"):
            list(saving.write_trace(at, f"{path}!"))
        assert path.read_text() == before


def test_the_trace_has_every_state_and_tells_how_far_it_is(tmp_path: Path) -> None:
    at = do(session(SLOW_CHAIN), {"step": 3}, {"set": {"batch_norm": True}}, {"step": 2})
    assert list(saving.write_trace(at, str(tmp_path / "t"))) == list(range(1, 8))
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 1, 2, 3, 3, 4, 5]
    assert saving.states_of(at) == 7


def test_a_trace_under_a_name_that_ends_in_csv_is_a_table(tmp_path: Path) -> None:
    at = do(session(SLOW_CHAIN), {"step": 3}, {"set": {"batch_norm": True}}, {"step": 2})
    assert list(saving.write_trace(at, str(tmp_path / "t.csv"))) == list(range(1, 8))
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["0", "1", "2", "3", "3", "4", "5"]


def test_the_trace_of_a_session_keeps_its_twin(tmp_path: Path) -> None:
    at = do(session(SLOW_CHAIN), {"step": 1}, {"twin": {}}, {"step": 1})
    for name in ("t.csv", "t.jsonl"):
        list(saving.write_trace(at, str(tmp_path / name)))
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    with (tmp_path / "t.csv").open(encoding="utf-8") as file:
        rows = [row["twin.loss"] for row in csv.DictReader(file)]
    assert rows == ["", "", *(repr(line["twin"]["loss"]) for line in lines[2:])]


def test_an_export_that_is_stopped_leaves_no_file(tmp_path: Path) -> None:
    work = saving.write_trace(do(session(SLOW_CHAIN), {"step": 9}), str(tmp_path / "t.jsonl"))
    next(work)
    work.close()
    assert list(tmp_path.iterdir()) == []
