"""Whatever ends a session, its journal brings it back: the same step, the same bits, the same futures."""

import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from session.journals import cut_off, in_file, kept, often, resumed, told, whole
from session.worlds import BATCHES, CHAIN, SLOW_CHAIN, bits, do, session

from bntui.scenario.model.actions import Beat, parse_action
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import library
from bntui.session.keep import journal as journal_module
from bntui.session.keep import resuming, storage
from bntui.session.keep.journal import Journal, keep
from bntui.session.keep.resuming import resume
from bntui.session.keep.storage import Damaged
from bntui.session.look.face import Face, face_of
from bntui.session.look.quantities import measure
from bntui.session.run.refusal import Refusal
from bntui.session.session import Session

EVERYTHING: tuple[dict[str, Any], ...] = (
    {"step": 7},
    {"set": {"batch_norm": True}},
    {"step": 5},
    {"back": 9},
    {"set": {"learning_rate": 0.02}},
    {"set": {"momentum": 0.0}},
    {"step": 4},
    {"twin": {}},
    {"goto": 12},
    {"future": 0},
    {"scale": {"layer": "h1", "by": 10}},
    {"focus": {"layer": "h2"}},
    {"view": "loss"},
    {"step": 1},
)


def test_a_session_goes_on_where_it_was_cut_off(tmp_path: Path) -> None:
    at = do(kept(BATCHES, tmp_path), *EVERYTHING)
    before = whole(at)
    again = resumed(cut_off(at))
    assert whole(again) == before
    do(again, {"back": 3}, {"set": {"batch_norm": ["h1"]}}, {"step": 6})
    third = whole(again)
    assert whole(resumed(cut_off(again))) == third


def test_a_wrong_answer_comes_back_with_the_reason_against_it(tmp_path: Path) -> None:
    lesson = 'lesson: [{ask: {question: "Up?", choices: ["yes", "no"], answer: 2, wrong: {1: "It falls."}}}]\n'
    at = do(kept(SLOW_CHAIN + lesson, tmp_path), {"beat": 1}, {"answer": 1})
    again = resumed(cut_off(at)).stand().lesson
    assert again is not None
    assert again.answer == 1
    assert again.beat is not None
    assert again.beat.ask is not None
    assert again.beat.ask.against(1) == "It falls."


def test_a_session_knows_the_course_that_it_was_opened_from(tmp_path: Path) -> None:
    at = Session(replace(read_file(library.find("iris")), course=tmp_path / "mine.yaml"))
    at.recorder = Journal(tmp_path)
    at.do(parse_action({"step": 2}))
    assert resumed(cut_off(at)).loaded.course == (tmp_path / "mine.yaml").resolve()


def test_every_prefix_of_what_was_done_can_be_resumed(tmp_path: Path) -> None:
    for count in range(1, len(EVERYTHING) + 1):
        at = do(kept(BATCHES, tmp_path / str(count)), *EVERYTHING[:count])
        before = whole(at)
        assert whole(resumed(cut_off(at))) == before


def test_a_lesson_goes_on_at_its_beat(tmp_path: Path) -> None:
    lesson = "lesson: [{do: {step: 5}}, {do: [{reset: true}, {set: {batch_norm: true}}, {step: 20}]}]\n"
    at = do(kept(SLOW_CHAIN + lesson, tmp_path), {"beat": 1}, {"step": 2}, {"beat": 2})
    before = whole(at)
    again = resumed(cut_off(at))
    assert (whole(again), again.lesson.number) == (before, 2)
    do(again, {"beat": 1})
    assert again.history.step == 5


def test_how_it_was_shown_comes_back_and_an_older_journal_has_none(tmp_path: Path) -> None:
    at = do(kept(BATCHES, tmp_path), {"step": 2})
    again = resumed(cut_off(at))
    assert again.face is None
    again.face = Face("activations", True, "all", 3, 1, (1e-320, 1e5), 50)
    do(again, {"step": 1})
    third = resumed(cut_off(again))
    assert third.face == again.face
    path = cut_off(third)
    before = path.read_bytes()
    assert cut_off(resumed(path)).read_bytes() == before  # nothing is written that is there


def test_a_session_that_was_only_shown_in_another_way_leaves_no_file(tmp_path: Path) -> None:
    at = kept(BATCHES, tmp_path)
    at.face = Face(formula=True)
    at.keep()
    assert not any(tmp_path.iterdir())
    do(at, {"view": "loss"}).keep()
    assert resumed(cut_off(at)).face == at.face


@pytest.mark.parametrize(
    "wrong",
    [
        {"view": "nowhere"},
        {"folding": "half"},
        {"formula": 1},
        {"page": -1},
        {"speed": 1.5},
        {"axis": [1.0]},
        {"axis": [2.0, 1.0]},
        {"axis": ["nan", 1.0]},
    ],
)
def test_a_face_that_there_is_not_is_none(wrong: dict[str, Any]) -> None:
    assert face_of(Face().record()) == Face()
    with pytest.raises((KeyError, TypeError, ValueError)):
        face_of(Face().record() | wrong)


def test_what_was_refused_or_cancelled_is_repeated_as_far_as_it_went(tmp_path: Path) -> None:
    at = kept(CHAIN, tmp_path)
    with pytest.raises(Refusal, match="diverged"):
        do(at, {"step": 50})
    with pytest.raises(Refusal, match="no future"):
        do(at, {"future": 9})
    do(at, {"back": 50}, {"set": {"learning_rate": 0.001}})
    work = at.perform(parse_action({"goto": 40}))
    for _ in range(3):
        next(work)
    work.close()
    assert at.history.step == 3
    before = whole(at)
    assert whole(resumed(cut_off(at))) == before


def test_a_beat_that_was_cut_short_is_repeated_as_far_as_it_went(tmp_path: Path) -> None:
    at = kept(SLOW_CHAIN + "lesson: [{do: [{step: 5}, {set: {batch_norm: true}}, {step: 9}]}]\n", tmp_path)
    work = at.perform(parse_action({"beat": 1}))
    for _ in range(8):
        next(work)
    work.close()
    before = bits(at.history.moment), at.history.step
    again = resumed(cut_off(at))
    assert (bits(again.history.moment), again.history.step) == before


def test_a_beat_that_the_program_died_in_stays_though_more_is_done_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "STRETCH", 0.0)
    at = kept(SLOW_CHAIN + "lesson: [{do: [{step: 5}, {set: {batch_norm: true}}, {step: 9}]}]\n", tmp_path)
    work = at.perform(parse_action({"beat": 1}))
    for _ in range(8):
        next(work)
    assert in_file(at)
    (path,) = storage.journals(tmp_path)
    died = tmp_path / "died.jsonl"
    died.write_bytes(path.read_bytes())
    again = resumed(died)
    steps = again.history.step
    assert steps >= 7
    assert again.observe().normalized == ("a", "b", "c", "d", "e")
    before = whole(do(again, {"step": 2}))
    third = resumed(cut_off(again))
    assert (whole(third), third.history.step) == (before, steps + 2)


def test_what_was_done_before_a_session_was_kept_is_kept_too(tmp_path: Path) -> None:
    at = do(session(BATCHES), *EVERYTHING)
    journal_module.keep(at, tmp_path)
    do(at, {"step": 3})
    before = whole(at)
    assert whole(resumed(cut_off(at))) == before


def test_ten_times_cut_off_and_resumed_nothing_is_lost(tmp_path: Path) -> None:
    at, never = kept(BATCHES, tmp_path), session(BATCHES)
    for turn in range(10):
        actions = {"step": 5}, {"set": {"batch_norm": turn % 2 == 0}}, {"back": 1}, {"step": 2}
        do(at, *actions)
        do(never, *actions)
        at = resumed(cut_off(at))
        assert whole(at)[0] == whole(never)[0]
        assert at.history.step == 6 * (turn + 1)


def test_what_is_done_after_a_journal_was_closed_is_told_not_to_be_kept(tmp_path: Path) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    cut_off(at)
    assert "not being kept any more" in str(do(at, {"step": 1}).keep())


def test_each_action_is_on_the_disk_when_it_has_been_taken(tmp_path: Path) -> None:
    at = kept(SLOW_CHAIN, tmp_path)
    for count, action in enumerate(({"step": 1}, {"set": {"batch_norm": True}}, {"back": 1}), start=2):
        do(at, action)
        at.keep()
        assert len(in_file(at)) == count


def test_a_running_stretch_reaches_the_disk_at_least_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(journal_module.time, "monotonic", lambda: clock[0])
    at = kept(SLOW_CHAIN, tmp_path)
    for count in range(1, 200):
        clock[0] += 0.01
        do(at, {"step": 1})
        lines = in_file(at)
        written = sum(line["do"]["step"] for line in lines if "do" in line)
        assert count - written <= 100
    assert len(lines) < 20, "steps in a row are one line"


def test_the_file_is_private_and_nobody_elses(tmp_path: Path) -> None:
    place = tmp_path / "state" / "sessions"
    one, other = do(kept(SLOW_CHAIN, place), {"step": 1}), do(kept(SLOW_CHAIN, place), {"step": 2})
    assert in_file(one)
    assert in_file(other)
    paths = {at.recorder.path for at in (one, other) if isinstance(at.recorder, Journal)}
    assert len(paths) == 2
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path} == {0o600}


def test_looking_only_leaves_no_file(tmp_path: Path) -> None:
    at = kept(SLOW_CHAIN, tmp_path)
    at.observe()
    at.keep()
    assert storage.journals(tmp_path) == []


@pytest.mark.parametrize("torn", [b"", b'{"do": {"st', b'{"do": {"step": 4}, "sum": "00000000"}\n'])
def test_a_torn_last_line_is_dropped(tmp_path: Path, torn: bytes) -> None:
    at = do(kept(BATCHES, tmp_path), {"step": 3}, {"set": {"batch_norm": True}})
    before = whole(at)
    path = cut_off(at)
    with path.open("ab") as file:
        file.write(torn)
    again = resumed(path)
    assert whole(again) == before
    do(again, {"step": 2})
    assert resumed(cut_off(again)).history.step == 5


@pytest.mark.parametrize("behind", [b"", b'{"do": {"step": 9}, "at": 12, "sum": "00000000"}\n'])
def test_a_hole_that_a_loss_of_power_has_left_is_where_the_session_goes_on(tmp_path: Path, behind: bytes) -> None:
    at = do(kept(BATCHES, tmp_path), {"step": 3}, {"set": {"batch_norm": True}})
    before = whole(at)
    path = cut_off(at)
    with path.open("ab") as file:
        file.write(b'{"do": {"st' + b"\0" * 700 + b'2"}\n' + behind)
    again, sentence = resume(path)
    assert sentence == "The end of this session was never written whole, as after a loss of power: it goes on at step 3."
    assert whole(again) == before
    assert resumed(cut_off(do(again, {"step": 2}))).history.step == 5


def test_far_from_the_end_a_hole_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LOST", 20)
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 3}, {"set": {"batch_norm": True}}, {"step": 2}))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:1], b"\0" * len(lines[1]), *lines[2:]]))
    with pytest.raises(Damaged, match="is damaged in line 2"):
        resume(path)


@pytest.mark.parametrize("line", range(4))
def test_a_journal_damaged_in_the_middle_is_refused_and_kept(tmp_path: Path, line: int) -> None:
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 3}, {"set": {"batch_norm": True}}, {"step": 2}, {"back": 1}))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b"e", b"a", 1)
    path.write_bytes(b"".join(lines))
    before = path.read_bytes()
    with pytest.raises(Damaged, match=rf"is damaged in line {line + 1}; it is kept as it is"):
        resume(path)
    assert path.read_bytes() == before


def test_a_line_that_is_missing_in_the_middle_is_noticed(tmp_path: Path) -> None:
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 3}, {"set": {"batch_norm": True}}, {"step": 2}))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:] + lines[3:]))
    with pytest.raises(Damaged, match="is damaged in line 3"):
        resume(path)


def test_a_journal_of_another_version_is_refused_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "FORMAT", 99)
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 3}))
    with pytest.raises(Damaged, match=r"another version of bntui \(format 99, this one reads \d+\); it is kept"):
        resume(path)
    assert path.exists()


def test_a_csv_scenario_is_resumed_without_its_csv(tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text("length,kind\n1.5,setosa\n0.1,virginica\n-0.3,setosa\n2.25,virginica\n")
    (tmp_path / "flowers.yaml").write_text(
        "version: 1\ntitle: Flowers\nnetwork: {layers: [{name: h, units: 3, activation: tanh}, {name: o, units: 2}]}\n"
        "data: {csv: {file: flowers.csv, inputs: [length], targets: [kind]}, standardize: true,"
        " validation: {csv: {file: more.csv, inputs: [length], targets: [kind]}}}\n"
        "cost: cross_entropy\ntraining: {learning_rate: 0.1}\n"
    )
    (tmp_path / "more.csv").write_text("length,kind\n0.3,virginica\n")
    at = Session(read_file(tmp_path / "flowers.yaml", ("training.learning_rate=0.5",)))
    at.recorder = Journal(tmp_path / "kept")
    do(at, {"step": 4})
    before = whole(at)
    path = cut_off(at)
    for name in ("flowers.csv", "more.csv", "flowers.yaml"):
        (tmp_path / name).unlink()
    again = resumed(path)
    assert whole(again) == before
    assert again.stand().learning_rate == 0.5
    assert measure(again, ["validation.loss"]) == measure(at, ["validation.loss"])


def test_a_table_that_unpacks_beyond_all_bounds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data.csv").write_text("x,y\n" + "0,0\n" * 1000)
    (tmp_path / "s.yaml").write_text(
        "{version: 1, title: t, network: {layers: [{units: 1}]}, data: {csv: {file: data.csv, inputs: [x], targets: [y]}},"
        "training: {learning_rate: 0.1}}"
    )
    at = Session(read_file(tmp_path / "s.yaml"))
    at.recorder = Journal(tmp_path / "kept")
    path = cut_off(do(at, {"step": 1}))
    assert path.stat().st_size < 16_000  # the table alone is
    monkeypatch.setattr(resuming, "MOST_NUMBERS", 999)
    with pytest.raises(Damaged, match="its table is too large"):
        resume(path)


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    at = do(kept(SLOW_CHAIN, tmp_path / "file" / "sessions"), {"step": 1})
    assert "cannot be written" in told(at)
    assert do(at, {"step": 1}).keep() is None
    assert at.recorder is not None
    at.recorder.close(at)
    assert at.recorder.name is None
    assert "what was done last is not kept" in str(at.recorder.unkept)


@pytest.mark.slow
def test_checkpoints_are_leapt_to_and_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    often(monkeypatch)
    at = kept(BATCHES, tmp_path)
    begun = time.process_time()
    for count in (900, 400, 3000, 17, 1):
        do(at, {"step": count})
        at.keep()
        do(at, {"step": 2}, {"set": {"batch_norm": count % 2 == 0}})
    do(at, {"step": 1500}, {"twin": {}}, {"step": 1200})
    at.keep()
    stepping = time.process_time() - begun
    before = whole(at)
    begun = time.process_time()
    again = resumed(cut_off(at))
    assert time.process_time() - begun < 0.6 * stepping  # of about 7,000 steps the last 2,000
    assert whole(again) == before
    do(at, {"goto": 2000})
    do(again, {"goto": 2000})
    assert bits(at.history.moment) == bits(again.history.moment)


def test_the_arithmetic_of_another_machine_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    often(monkeypatch)
    monkeypatch.setattr(journal_module, "next_digest", lambda moment, repeated: "0" * 64)
    at = do(kept(BATCHES, tmp_path), {"set": {"learning_rate": 0.2}}, {"step": 30})
    before = bits(at.history.moment)
    again, sentence = resume(cut_off(at))
    assert "differ in the last digits" in str(sentence)
    assert "from step 1 on" in str(sentence)
    assert bits(again.history.moment) == before


def test_a_lesson_that_was_only_opened_leaves_nothing_to_go_on_with(tmp_path: Path) -> None:
    opened = Session(read_file(library.find("goodfellow-chain")))
    keep(opened, tmp_path)
    opened.do(Beat(number=1))
    assert in_file(opened)
    assert len(storage.journals(tmp_path)) == 1
    opened.recorder.leave(opened)
    opened.recorder.finish()
    assert storage.journals(tmp_path) == []
    assert opened.recorder.name is None
