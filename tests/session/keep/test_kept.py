"""Sessions that can be gone on with: found, chosen, taken over, discarded, and never deleted before somebody says so."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from session.journals import cut_off, in_file, kept, resumed
from session.worlds import SLOW_CHAIN, do

from bntui.session.keep import holding, private, processes
from bntui.session.keep import kept as sessions
from bntui.session.keep.holding import Holder
from bntui.session.keep.journal import Journal
from bntui.session.keep.kept import discard, found, kept_sessions
from bntui.session.keep.processes import Process
from bntui.session.keep.resuming import resume, take_over
from bntui.session.keep.storage import Damaged, journals
from bntui.session.look.face import Face
from bntui.session.session import Session

LESSON = "lesson: [{do: {step: 2}}, {do: {step: 3}}]\n"


def left(at: Session) -> Path:
    """Leave a session as by `q`."""
    assert isinstance(at.recorder, Journal)
    at.recorder.leave(at)
    at.recorder.finish()
    assert at.recorder.path is not None
    return at.recorder.path


def looked_at(place: Path) -> Path:
    """A session in which nothing but looking was done."""
    at = kept(SLOW_CHAIN, place)
    at.face = Face(formula=True)
    return left(do(at, {"focus": {"layer": "b"}}, {"view": "loss"}))


def read_to_the_end(place: Path) -> Path:
    """A session that was left when its lesson had been played."""
    return left(do(kept(SLOW_CHAIN + LESSON, place), {"beat": 1}, {"beat": 2}))


def test_all_that_can_be_gone_on_with_is_found_the_newest_first(tmp_path: Path) -> None:
    assert list(kept_sessions(tmp_path)) == []
    paths = [cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": count})) for count in (1, 2, 3)]
    for age, path in enumerate(paths):
        os.utime(path, ns=(10**18 - age, 10**18 - age))
    known = list(kept_sessions(tmp_path))
    assert [one.path for one in known] == paths
    assert [one.step for one in known] == [1, 2, 3]
    assert {one.title for one in known} == {"Goodfellow's chain"}
    assert [one.holder for one in known] == [None] * 3
    assert found(known, "2") == found(known, known[1].name) == found(known, known[1].name[:5]) == known[1]
    with pytest.raises(LookupError, match="there is no session '4'"):
        found(known, "4")


def test_the_step_that_is_told_is_the_one_at_which_it_goes_on(tmp_path: Path) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 9}, {"back": 4}, {"goto": 7}, {"back": 2})
    path = cut_off(at)
    assert [one.step for one in kept_sessions(tmp_path)] == [resumed(path).history.step] == [5]


def test_a_session_that_was_left_can_be_gone_on_with(tmp_path: Path) -> None:
    path = left(do(kept(SLOW_CHAIN, tmp_path), {"step": 4}))
    assert [one.path for one in kept_sessions(tmp_path)] == [path]
    assert resumed(path).history.step == 4


@pytest.mark.slow
def test_a_session_that_is_open_is_locked_and_so_is_one_that_was_resumed(tmp_path: Path) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert in_file(at)
    for _ in range(3):
        (one,) = kept_sessions(tmp_path)
        assert one.holder is not None
        assert one.holder.process == processes.this()
        assert time.time() - 60 < (one.holder.since or 0) <= time.time()
        with pytest.raises(Damaged, match="open in another window"):
            resume(one.path)
        with pytest.raises(Damaged, match="open in another window"):
            discard(one.path)
        at = resumed(cut_off(do(at, {"step": 1})))
    cut_off(at)
    assert next(kept_sessions(tmp_path)).holder is None


def test_nothing_unfinished_is_ever_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SPARED", 3)
    paths = {cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 1})) for _ in range(24)}
    paths |= {left(do(kept(SLOW_CHAIN + LESSON, tmp_path), {"beat": 1}, {"step": 1})) for _ in range(8)}
    paths |= {left(do(kept(SLOW_CHAIN + LESSON, tmp_path), {"beat": 1}, {"beat": 2}, {"step": 1})) for _ in range(8)}
    looked_at(tmp_path)
    assert paths <= set(journals(tmp_path))
    assert paths <= {one.path for one in kept_sessions(tmp_path)}


def test_what_nobody_misses_is_deleted_but_for_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SPARED", 3)
    open_one = do(kept(SLOW_CHAIN, tmp_path), {"view": "loss"})
    assert in_file(open_one)
    gone = [make(tmp_path) for make in (looked_at, read_to_the_end, looked_at, read_to_the_end)]
    for age, path in enumerate(reversed([*journals(tmp_path)])):
        os.utime(path, ns=(10**18 + age, 10**18 + age))
    last = read_to_the_end(tmp_path)
    assert isinstance(open_one.recorder, Journal)
    there = journals(tmp_path)
    assert {last, open_one.recorder.path} < set(there)
    assert len(there) == 4
    assert set(gone) - set(there)
    assert {path.stem for path in tmp_path.glob("*.open")} == {open_one.recorder.path.stem if open_one.recorder.path else ""}


def test_a_lesson_that_was_played_to_its_end_can_be_gone_on_with_while_it_is_there(tmp_path: Path) -> None:
    path = read_to_the_end(tmp_path)
    assert [one.path for one in kept_sessions(tmp_path)] == [path]
    again = resumed(path)
    assert (again.history.step, again.lesson.number) == (5, 2)
    do(again, {"step": 1})
    assert resumed(cut_off(again)).history.step == 6


def test_a_session_that_another_took_the_place_of_is_not_offered(tmp_path: Path) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert at.recorder is not None
    at.recorder.replaced(at)
    at.recorder.finish()
    assert list(kept_sessions(tmp_path)) == []
    assert len(journals(tmp_path)) == 1


def test_a_session_that_was_discarded_is_gone(tmp_path: Path) -> None:
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 1}))
    discard(path)
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert in_file(at)
    assert at.recorder is not None
    at.recorder.discard()
    assert list(tmp_path.iterdir()) == []


# opens the session of a journal, until it is hung up on, or whatever happens
HOLDS = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, signal.SIGUSR1})
from pathlib import Path
from bntui.session.keep.resuming import resume
session, _ = resume(Path(sys.argv[1]))
print("open", flush=True)
signal.sigwait({signal.SIGUSR1 if sys.argv[2] == "deaf" else signal.SIGHUP})
session.recorder.close(session)
"""


def elsewhere(path: Path, kind: str = "good") -> subprocess.Popen[str]:
    """Another process that has this session open."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(path), kind], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="there are no hang-ups on Windows")
@pytest.mark.parametrize("suspended", [False, True])
def test_a_session_is_taken_over_from_a_process_that_still_has_it_open(tmp_path: Path, suspended: bool) -> None:
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 3}))
    process = elsewhere(path)
    if suspended:
        process.send_signal(signal.SIGSTOP)
    (one,) = kept_sessions(tmp_path)
    assert one.holder is not None
    assert one.holder.process is not None
    assert one.holder.process.number == process.pid
    session, sentence = take_over(path)
    assert (session.history.step, sentence, process.wait(10)) == (3, None, 0)
    process.communicate()
    cut_off(session)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no hang-ups on Windows")
def test_a_process_that_does_not_end_is_told_of_and_keeps_its_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bntui.session.keep.resuming.SECONDS_TO_END", 0.2)
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path), {"step": 3}))
    process = elsewhere(path, "deaf")
    with pytest.raises(Damaged, match=f"process {process.pid} was asked to end, but still has the session"):
        take_over(path)
    process.kill()
    process.communicate()
    assert resumed(path).history.step == 3


def test_a_number_that_belongs_to_another_process_by_now_is_not_asked_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert in_file(at)
    (path,) = journals(tmp_path)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    told = {"process": {"number": bystander.pid, "started": "long ago"}, "since": 0.0}
    private.write(path.with_suffix(".open"), json.dumps(told))
    assert holding.holder(path) == Holder()
    with pytest.raises(Damaged, match="no other process of yours is seen"):
        take_over(path)
    assert bystander.poll() is None
    bystander.communicate(b"\n")
    assert bystander.returncode == 0


@pytest.mark.parametrize("note", ["", "[]", "{", '{"process": 1}', '{"process": {"number": 1e999, "started": 1}, "since": 0}'])
def test_a_note_that_says_nothing_leaves_the_lock_to_decide(tmp_path: Path, note: str) -> None:
    at = do(kept(SLOW_CHAIN, tmp_path), {"step": 1})
    assert in_file(at)
    (path,) = journals(tmp_path)
    private.write(path.with_suffix(".open"), note)
    assert holding.holder(path) == Holder()
    cut_off(at)
    private.write(path.with_suffix(".open"), note)
    assert holding.holder(path) is None


def test_a_process_is_known_by_its_number_and_its_start() -> None:
    this = processes.this()
    assert processes.runs(this)
    assert not processes.runs(Process(this.number, f"{this.started}0"))
    assert not processes.runs(Process(2**22 + 1, this.started))


def test_a_process_of_somebody_else_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = processes.this().started
    monkeypatch.setattr(processes.os, "getuid", lambda: os.stat(tmp_path).st_uid + 1)
    assert not processes.runs(Process(os.getpid(), started))


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps on this machine")
def test_where_there_is_no_proc_the_system_is_asked_by_ps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    this = processes.this()
    assert processes.runs(this)
    assert not processes.runs(Process(this.number, "long ago"))
    assert not processes.runs(Process(2**22 + 1, this.started))


def test_a_folder_that_is_a_link_keeps_the_mode_of_what_it_leads_to(tmp_path: Path) -> None:
    target = tmp_path / "shared"
    target.mkdir(mode=0o755)
    target.chmod(0o755)
    (tmp_path / "sessions").symlink_to(target)
    path = cut_off(do(kept(SLOW_CHAIN, tmp_path / "sessions"), {"step": 1}))
    assert target.stat().st_mode & 0o777 == 0o755
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["pipe", "device", "link", "huge"])
def test_what_is_no_small_file_of_ones_own_is_not_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "completed.json"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "link":
            (tmp_path / "other").write_text("{}")
            path.symlink_to(tmp_path / "other")
        case _:
            path.write_bytes(b" " * (private.LARGEST + 1))
    assert private.read(path) is None
