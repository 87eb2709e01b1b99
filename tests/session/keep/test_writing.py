"""A disk that loses, refuses or takes its time: what is kept of a session then, and what is said."""

import errno
import os
import random
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session.journals import PATIENCE, cut_off, in_file, kept, resumed, told, whole
from session.keep.disks import Disk, Hands
from session.worlds import SLOW_CHAIN, do

from bntui.session.keep import journal as journal_module
from bntui.session.keep import private, storage, writing
from bntui.session.keep.journal import Journal
from bntui.session.keep.kept import kept_sessions
from bntui.session.keep.resuming import resume
from bntui.session.session import Session

KEYS = st.lists(
    st.tuples(st.floats(0.001, 1.6), st.sampled_from(["step", "rate", "run"])), min_size=1, max_size=25
)  # seconds before a key, and what it does


def where(at: Session) -> tuple[int, float]:
    """What tells the states of a played session apart."""
    return at.history.step, at.stand().learning_rate


def played(at: Session, hands: Hands, keys: list[tuple[float, str]]) -> list[tuple[float, tuple[int, float]]]:
    """Press keys as a person does; when which state was reached. A run makes a step every 50 ms until the next key."""
    reached = [(hands.now, where(at))]
    rate, running = 0.001, False
    for pause, key in keys:
        end = hands.now + pause
        while running and hands.now + 0.05 < end:
            hands.until(hands.now + 0.05)
            do(at, {"step": 1})
            reached.append((hands.now, where(at)))
        hands.until(end)
        running = key == "run"
        rate += 1e-6
        do(at, {"set": {"learning_rate": rate}} if key == "rate" else {"step": 1})
        if not running:
            at.keep()
        reached.append((hands.now, where(at)))
    at.keep()
    hands.until(hands.now + 5)
    return reached


def assert_at_most_a_second_is_lost(place: Path, keys: list[tuple[float, str]], share: float, seed: int) -> None:
    """Play; cut the power at some moment; go on: there is no state that was reached a second before, or earlier, but a later one."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        hands = Hands(monkeypatch)
        disk = Disk(monkeypatch, lambda: hands.now)
        at = kept(SLOW_CHAIN, place)
        reached = played(at, hands, keys)
    begin, end = reached[0][0], reached[-1][0] + 1.5
    moment = begin + share * (end - begin)
    left = disk.after_loss_of_power(moment, random.Random(seed))
    sure = max(index for index, (when, _) in enumerate(reached) if index == 0 or when <= moment - 1.0)
    path = place / "20260101-000000-aaaaaaaa.jsonl"
    path.write_bytes(left or b"")
    if sure == 0 and not storage.read(path).records:  # a session that was not yet a second old
        return
    again, _ = resume(path)
    assert where(again) in [state for _, state in reached[sure:]]
    assert again.recorder is not None
    again.recorder.close(again)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(KEYS, st.floats(0, 1), st.integers(0, 10**6))
def test_a_loss_of_power_costs_at_most_the_last_second(
    tmp_path_factory: pytest.TempPathFactory, keys: list[tuple[float, str]], share: float, seed: int
) -> None:
    assert_at_most_a_second_is_lost(tmp_path_factory.mktemp("power"), keys, share, seed)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, derandomize=True)
@given(KEYS, st.floats(0, 1), st.integers(0, 10**6))
def test_whenever_the_power_goes_it_costs_at_most_the_last_second(
    tmp_path_factory: pytest.TempPathFactory, keys: list[tuple[float, str]], share: float, seed: int
) -> None:
    assert_at_most_a_second_is_lost(tmp_path_factory.mktemp("power"), keys, share, seed)


def test_the_disk_is_not_asked_to_keep_more_often_than_is_promised_and_not_at_all_at_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands(monkeypatch)
    disk = Disk(monkeypatch, lambda: hands.now)
    played(kept(SLOW_CHAIN, tmp_path), hands, [(0.02, "step")] * 200)
    syncs = [when for when, kind, _, _ in disk.events if kind == "sync"]
    assert all(later - earlier >= writing.SYNC - 1e-9 for earlier, later in pairwise(syncs))
    assert 4 / writing.SYNC <= len(syncs) <= 4 / writing.SYNC + 2
    noted = len(disk.events)
    hands.until(hands.now + 1000)
    assert len(disk.events) == noted


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("when", ["refuses", "refuses_to_keep"])
def test_a_disk_that_refuses_is_told_of_once_and_when_it_takes_again_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, number: int
) -> None:
    hands = Hands(monkeypatch)
    disk = Disk(monkeypatch, lambda: hands.now)
    at = kept(SLOW_CHAIN, tmp_path)
    played(at, hands, [(0.1, "step"), (1.0, "rate"), (0.1, "step")])
    assert at.keep() is None
    setattr(disk, when, OSError(number, os.strerror(number)))
    played(at, hands, [(0.1, "rate")])
    sentence = str(at.keep())
    assert sentence.startswith("For now this session is not being kept")
    assert os.strerror(number) in sentence
    played(at, hands, [(0.1, "run"), (3.0, "step"), (0.1, "rate")])
    assert at.keep() is None
    setattr(disk, when, None)
    played(at, hands, [(0.1, "rate")])
    assert at.keep() == "This session is being kept again; nothing of it is missing."
    played(at, hands, [(0.1, "step")])
    left = disk.after_loss_of_power(hands.now, random.Random(0))
    assert left is not None
    path = tmp_path / "20260101-000000-aaaaaaaa.jsonl"
    path.write_bytes(left)
    assert whole(resumed(path)) == whole(at)


def test_what_a_disk_kept_while_it_refused_more_stands_in_the_journal_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands(monkeypatch)
    disk = Disk(monkeypatch, lambda: hands.now)
    path = tmp_path / "20260101-000000-aaaaaaaa.jsonl"
    writer = writing.Writer(path, lambda: b'{"number": 0}')

    def fill_up() -> None:
        disk.refuses = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        writer.put(b'{"number": 2}')
        hands.until(hands.now)

    disk.meanwhile = fill_up
    writer.put(b'{"number": 1}')
    hands.until(hands.now + 1.5 * writing.RETRY)  # it is tried again, and refused again
    assert writer.refusal is disk.refuses
    disk.refuses = None
    hands.until(hands.now + writing.RETRY)
    assert writer.refusal is None
    assert [record["number"] for record in storage.read(path).records] == [0, 1, 2]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A disk that takes nothing until it is let."""
    gate = threading.Event()

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def write(self, descriptor: int, data: bytes) -> int:
            gate.wait(PATIENCE)
            return os.write(descriptor, data)

    monkeypatch.setattr(storage, "os", Slow())
    return gate


def test_a_disk_that_takes_its_time_holds_no_key_up_and_gets_all_in_the_end(tmp_path: Path, gate: threading.Event) -> None:
    at = kept(SLOW_CHAIN, tmp_path)
    for count in range(40):
        do(at, {"set": {"learning_rate": 0.001 + count / 1e6}}, {"step": 1})
        assert at.keep() is None
    assert at.history.step == 40
    assert all(path.read_bytes() == b"" for path in storage.journals(tmp_path))
    gate.set()
    assert len(in_file(at)) == 81
    before = whole(at)
    assert whole(resumed(cut_off(at))) == before


def test_a_time_in_which_the_machine_lets_nothing_go_on_is_not_taken_for_a_slow_disk(
    tmp_path: Path, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "SHORT", PATIENCE)
    writer = writing.Writer(tmp_path / "20260101-000000-aaaaaaaa.jsonl", lambda: b'{"number": 0}')
    wait_for = writer._state.wait_for

    def standing_still(predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        if gate.is_set():
            return wait_for(predicate, timeout)
        gate.set()  # the first time has passed, and only now the disk takes something
        return False

    monkeypatch.setattr(writer._state, "wait_for", standing_still)
    writer.put(b'{"number": 1}')
    writer.settle()
    assert [record["number"] for record in storage.read(writer._path).records] == [0, 1]
    assert writer.finish(PATIENCE)


class SlowToKeep:
    """A disk that takes what is written, and says that it keeps it only when it is let."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.refuses: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, descriptor: int, data: bytes) -> int:
        if self.refuses is not None:
            raise self.refuses
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        self.gate.wait(PATIENCE)


@pytest.fixture
def slow_to_keep(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowToKeep]:
    disk = SlowToKeep()
    monkeypatch.setattr(storage, "os", disk)
    monkeypatch.setattr(private, "os", disk)
    yield disk
    disk.gate.set()


def test_a_disk_that_is_slow_to_keep_has_all_in_the_file_that_was_done_so_that_a_kill_costs_nothing(
    tmp_path: Path, slow_to_keep: SlowToKeep
) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path / "new" / "folder"), {"step": 1}, {"set": {"learning_rate": 0.001}})
    assert at.keep() is None
    assert [record.get("do") for record in in_file(at)] == [None, {"step": 1}, {"set": {"learning_rate": 0.001}}]
    assert not slow_to_keep.gate.is_set()
    slow_to_keep.gate.set()
    cut_off(at)


def test_who_leaves_while_a_disk_is_slow_to_keep_is_told_that_and_not_that_something_is_lost(
    tmp_path: Path, slow_to_keep: SlowToKeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "ENDING", 0.05)
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert len(in_file(at)) == 2
    assert isinstance(at.recorder, Journal)
    at.recorder.leave(at)
    at.recorder.finish()
    assert at.recorder.unkept == f"what was done last is written, but {tmp_path} has not said yet that it keeps it"
    assert at.recorder.name is not None


def test_what_was_written_before_a_disk_was_full_is_named_to_who_leaves_though_it_was_not_kept_for_good_yet(
    tmp_path: Path, slow_to_keep: SlowToKeep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "ENDING", 0.05)
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert len(in_file(at)) == 2
    slow_to_keep.refuses = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    do(at, {"set": {"learning_rate": 0.001}})
    assert told(at).startswith("For now this session is not being kept")
    assert isinstance(at.recorder, Journal)
    at.recorder.leave(at)
    at.recorder.finish()
    assert at.recorder.unkept == f"what was done last is not kept: {tmp_path} cannot be written (No space left on device)"
    assert [at.recorder.name] == [one.name for one in kept_sessions(tmp_path)]
    assert [one.step for one in kept_sessions(tmp_path)] == [1]


def test_a_disk_that_gives_no_answer_lets_one_leave_and_says_what_that_costs(
    tmp_path: Path, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "ENDING", 0.05)
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert isinstance(at.recorder, Journal)
    at.recorder.leave(at)
    at.recorder.finish()
    assert at.recorder.unkept == f"what was done last is not kept: {tmp_path} cannot be written (it gives no answer)"
    assert at.recorder.name is None
    gate.set()


def test_a_journal_that_is_deleted_under_the_session_is_told_of(tmp_path: Path) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert len(in_file(at)) == 2
    for path in tmp_path.iterdir():
        path.unlink()
    do(at, {"step": 1})
    assert told(at) == "This session is not being kept any more: its journal was deleted."
    assert do(at, {"step": 1}).keep() is None


def test_what_waits_for_a_disk_is_bounded(tmp_path: Path, gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_HELD", 2000)
    at = kept(SLOW_CHAIN, tmp_path)
    for count in range(40):
        do(at, {"set": {"learning_rate": 0.001 + count / 1e6}})
    assert told(at).startswith("This session is not being kept any more: more is waiting to be written than the program holds")
    gate.set()


def test_while_a_table_larger_than_what_may_wait_is_written_keys_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_HELD", 2000)
    hands = Hands(monkeypatch)
    disk = Disk(monkeypatch, lambda: hands.now)
    writer = writing.Writer(tmp_path / "20260101-000000-aaaaaaaa.jsonl", lambda: b'{"table": "' + b"A" * 4000 + b'"}')
    disk.meanwhile = lambda: writer.put(b'{"number": 2}')
    writer.put(b'{"number": 1}')
    hands.until(hands.now + 1)
    assert not writer.is_lost
    records = storage.read(tmp_path / "20260101-000000-aaaaaaaa.jsonl").records
    assert [record.get("number") for record in records] == [None, 1, 2]


def test_while_a_disk_refuses_no_checkpoint_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "CHECKPOINT", 0.0)
    (tmp_path / "file").touch()
    at = do(kept(SLOW_CHAIN, tmp_path / "file" / "sessions"), {"step": 1})
    assert "cannot be written" in told(at)
    assert isinstance(at.recorder, Journal)
    for _ in range(30):
        do(at, {"step": 1}).keep()
    waiting = at.recorder._writer._waiting if at.recorder._writer else ()
    assert sum(b"checkpoint" in text for text in waiting) <= 1
    at.recorder.close(at)
