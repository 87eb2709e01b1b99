"""Folders on a server: locks that are refused or not answered, and sessions that are open on another machine."""

import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from session.journals import PATIENCE, cut_off, in_file, kept, resumed, told
from session.worlds import SLOW_CHAIN, do

from bntui.session.keep import holding, private, processes, storage
from bntui.session.keep.holding import Holder
from bntui.session.keep.kept import kept_sessions
from bntui.session.keep.processes import Process
from bntui.session.keep.resuming import resume, take_over
from bntui.session.keep.storage import Damaged
from bntui.views.pages.sessions import facts, still_open

pytestmark = pytest.mark.skipif(holding.fcntl is None, reason="there are no locks on this system")

DEAD = Process(2**22 + 1, "long ago")


@pytest.fixture
def waiting() -> Iterator[threading.Event]:
    """What a lock waits for that is not answered."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(params=[errno.ENOLCK, errno.EOPNOTSUPP, errno.ESTALE, None])
def without_locks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, waiting: threading.Event) -> list[int]:
    """A server that refuses locks, or never answers; how often it was asked."""
    asked: list[int] = []

    def flock(descriptor: int, kind: int) -> None:
        asked.append(descriptor)
        if request.param is None:
            waiting.wait(PATIENCE)
        raise OSError(request.param or errno.ENOLCK, "no lock")

    fcntl: Any = holding.fcntl
    monkeypatch.setattr(holding, "fcntl", SimpleNamespace(flock=flock, LOCK_EX=fcntl.LOCK_EX, LOCK_SH=fcntl.LOCK_SH, LOCK_NB=fcntl.LOCK_NB))
    monkeypatch.setattr(holding, "ANSWER", 0.05)
    monkeypatch.setattr(holding, "_without_locks", set())
    return asked


def noted(path: Path, process: Process, since: float = 1e9) -> None:
    """Say beside a journal that a process has it open."""
    told = {"number": process.number, "started": process.started, "host": process.host}
    private.write(path.with_suffix(".open"), json.dumps({"process": told, "since": since}))


def test_where_there_are_no_locks_the_note_says_who_has_a_session_open(tmp_path: Path, without_locks: list[int]) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 2})
    assert in_file(at)
    (one,) = kept_sessions(tmp_path)
    assert one.holder is not None
    assert one.holder.process == processes.this()
    with pytest.raises(Damaged, match="open in another window"):
        resume(one.path)
    path = cut_off(at)
    assert holding.holder(path) is None
    noted(path, DEAD)
    assert holding.holder(path) is None, "that process is gone"
    again = resumed(path)
    assert again.history.step == 2
    cut_off(again)
    assert len(without_locks) == 1, "it is not asked again"


def test_a_session_that_may_be_open_on_another_machine_is_gone_on_with_only_when_that_is_said(
    tmp_path: Path,
) -> None:
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 2}))
    number = os.getpid()
    noted(path, Process(number, processes.this().started, "far"))
    (one,) = kept_sessions(tmp_path)
    assert one.holder is not None
    assert still_open(one.holder, 1e9).startswith(f"perhaps still open on far, in process {number} since ")
    assert facts(one, one.written_at).endswith(" · perhaps open on far")
    with pytest.raises(Damaged, match="open in another window"):
        resume(path)
    session, sentence = take_over(path)
    assert (session.history.step, sentence) == (2, None)
    cut_off(session)


def test_whoever_a_session_was_taken_from_on_another_machine_notices_and_writes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 2}))
    fcntl: Any = holding.fcntl
    free = SimpleNamespace(flock=lambda *_: None, LOCK_EX=fcntl.LOCK_EX, LOCK_SH=fcntl.LOCK_SH, LOCK_NB=fcntl.LOCK_NB)
    with monkeypatch.context() as there:
        there.setattr(holding, "fcntl", free)  # each machine has locks of its own
        here = resumed(path)
        do(here, {"step": 1}).keep()
        assert in_file(here)
        there.setattr(processes.platform, "node", lambda: "far")
        away, _ = take_over(path)
        do(away, {"step": 5}).keep()
        assert in_file(away)
    do(here, {"step": 1})
    assert told(here) == "This session is not being kept any more: it goes on in another process."
    before = path.read_bytes()
    assert here.recorder is not None
    here.recorder.close(here)
    assert path.read_bytes() == before
    with monkeypatch.context() as there:
        there.setattr(processes.platform, "node", lambda: "far")
        cut_off(away)
    assert resumed(path).history.step == 8


def test_a_lock_that_another_machine_holds_is_told_with_its_name(tmp_path: Path) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 2})
    assert in_file(at)
    (path,) = storage.journals(tmp_path)
    noted(path, Process(77, "1", "far"))
    with pytest.raises(Damaged, match=r"process 77 on far has the session .* open; end it there first"):
        take_over(path)


@pytest.mark.parametrize("since", ["1e300", "-1", "NaN", "1e999"])
def test_a_note_of_no_time_says_nothing(tmp_path: Path, since: str) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 2})
    assert in_file(at)
    (path,) = storage.journals(tmp_path)
    this = processes.this()
    text = f'{{"process": {{"number": {this.number}, "started": "{this.started}"}}, "since": {since}}}'
    private.write(path.with_suffix(".open"), text)
    assert holding.holder(path) == Holder()
