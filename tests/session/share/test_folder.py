"""Who may read what is shared, and what is said of it."""

import json
import os
import stat
from pathlib import Path

import pytest
from session.share.room import Room
from session.worlds import CHAIN, do, session

from bntui.session.keep.processes import Process
from bntui.session.share import folder as folders
from bntui.session.share.folder import PRESENT, NoClass
from bntui.session.share.following import is_live, machines, shared
from bntui.session.share.speaking import Speaking


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def made(tmp_path: Path, bits: int) -> Path:
    path = tmp_path / "class"
    path.mkdir()
    path.chmod(bits)
    return path


def test_ones_own_folder_is_closed_to_everybody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    own = folders.own()
    room = Room(tmp_path, session(CHAIN))
    room.speaking = Speaking(own)
    room.tell()
    assert mode(own.path) == 0o700
    assert {mode(path) for path in own.path.iterdir()} == {0o600}
    assert len(list(own.path.iterdir())) == 3


def test_a_folder_made_for_a_class_has_files_for_whoever_may_enter(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        folder = folders.to_share_in(made(tmp_path, 0o755))
        room = Room(tmp_path, session(CHAIN))
        room.speaking = Speaking(folder)
        room.tell()
    finally:
        os.umask(before)
    assert {mode(path) for path in folder.path.iterdir()} == {0o644}


@pytest.mark.parametrize(
    ("bits", "says"),
    [
        (0o755, "Everybody on this machine can read"),
        (0o750, "Members of the group"),
        (0o700, "Nobody but you can read"),
        (0o711, "Nobody but you can read"),
    ],
)
def test_who_can_read_is_said(tmp_path: Path, bits: int, says: str) -> None:
    for each in (tmp_path, *tmp_path.parents):
        if not each.stat().st_mode & stat.S_IXOTH:
            each.chmod(each.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
        if each == Path("/tmp"):
            break
    assert folders.readers(made(tmp_path, bits)).startswith(says)


def test_a_folder_that_cannot_be_reached_is_said_with_the_cure(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert folders.readers(made(tmp_path, 0o755)).endswith("(chmod o+x " + str(tmp_path.resolve()) + ").")


def test_nobody_is_told_to_close_a_folder_that_is_there_for_all_to_write_to(tmp_path: Path) -> None:
    with pytest.raises(NoClass) as told:
        folders.to_share_in(made(tmp_path, 0o1777))
    assert str(told.value).endswith("/class is there for everybody to write to; make a folder in it, with `mkdir -m 755`")


@pytest.mark.parametrize("bits", [0o777, 0o775])
def test_a_folder_into_which_others_write_is_refused(tmp_path: Path, bits: int) -> None:
    with pytest.raises(NoClass, match="chmod go-w"):
        folders.to_share_in(made(tmp_path, bits))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoClass, match="is not a folder"):
        folders.to_follow_in(tmp_path / "file")
    with pytest.raises(NoClass, match="file is not a folder"):
        folders.to_follow_in(tmp_path / "file" / "class")


def test_where_there_is_no_folder_it_is_said_who_makes_it(tmp_path: Path) -> None:
    for opened in (folders.to_share_in, folders.to_follow_in):
        with pytest.raises(NoClass, match=r"there is no folder .*missing; whoever speaks makes it first, with `mkdir -m 755`"):
            opened(tmp_path / "missing")
    with pytest.raises(NoClass, match=r"there is no folder .*missing/class; "):
        folders.to_follow_in(tmp_path / "missing" / "class")


def test_whoever_may_not_look_into_a_folder_is_told_who_can_let_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = made(tmp_path, 0o700)
    folders.to_follow_in(room)
    closed = room
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed)  # the tests may run as the one who may everything
    with pytest.raises(NoClass) as told:
        folders.to_follow_in(room)
    assert str(told.value) == (
        f"{room} is closed to you; {folders.user_name(os.getuid())}, whose folder it is, says who may watch: `chmod o+rx {room}`"
    )
    room.chmod(0o750)
    with pytest.raises(NoClass, match=rf": the group \S+ may, and with `chmod o\+rx {room}` everybody$"):
        folders.to_follow_in(room)
    closed = tmp_path
    tmp_path.chmod(0o700)
    with pytest.raises(NoClass) as told:
        folders.to_follow_in(room)
    assert str(told.value).startswith(f"{room} cannot be reached: {tmp_path} is closed to you; ")
    assert str(told.value).endswith(f"says who may watch: `chmod o+x {tmp_path}`")


def test_when_it_ends_nothing_is_left(tmp_path: Path) -> None:
    room = Room(tmp_path, session(CHAIN))
    room.tell()
    assert [each.process.number for each in shared(room.folder)] == [os.getpid()]
    room.speaking.end()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_left_is_not_followed_and_goes(tmp_path: Path) -> None:
    room = Room(tmp_path, session(CHAIN))
    do(room.speaker, {"step": 2})
    room.tell()
    for path in list(tmp_path.iterdir()):
        text = path.read_text(encoding="utf-8").replace(f"bntui-{os.getpid()}@", "bntui-999999999@")
        left = path.with_name(path.name.replace(str(os.getpid()), "999999999"))
        left.write_text(text.replace(f'"number": {os.getpid()}, "started"', '"number": 999999999, "started"'), encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 6
    assert len(shared(room.folder)) == 1
    Speaking(room.folder).clear()
    assert len(list(tmp_path.iterdir())) == 3
    assert is_live(room.folder, room.look().present)


@pytest.mark.parametrize(
    "process",
    [None, [], "1", {}, {"number": "1", "started": "1", "host": "h"}, {"number": True, "started": "1", "host": "h"}, {"number": 1}],
)
def test_what_says_of_no_process_that_it_shares_it_is_left_alone(tmp_path: Path, process: object) -> None:
    room = Room(tmp_path, session(CHAIN))
    room.tell()
    present = room.folder.file(room.subscription.process, PRESENT)
    present.write_text(json.dumps(json.loads(present.read_bytes()) | {"process": process}), encoding="utf-8")
    Speaking(room.folder).clear()
    assert present.exists()


def test_two_machines_share_in_one_folder_and_neither_touches_the_others_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path, session(CHAIN))
    with monkeypatch.context() as patch:  # a process of the same number there
        patch.setattr("platform.node", lambda: "lab.7")
        there = Room(tmp_path, session(CHAIN))
        do(there.speaker, {"step": 2})
        there.tell()
        theirs = {path: path.read_bytes() for path in tmp_path.iterdir()}
        assert there.learn().history.step == 2
    room.tell()
    assert [each.place for each in shared(room.folder)] == [(0, 0)]
    assert machines(room.folder) == ["lab.7"]
    Speaking(room.folder).clear()
    room.speaking.end()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == theirs
    assert shared(room.folder) == []


def test_what_another_program_takes_away_at_the_same_moment_troubles_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path, session(CHAIN))
    room.tell()
    listed = [room.folder.file(Process(999999999, ""), PRESENT), *room.folder.presents()]
    monkeypatch.setattr(folders.Folder, "presents", lambda folder: iter(listed))
    Speaking(room.folder).clear()
    assert is_live(room.folder, room.look().present)


@pytest.mark.parametrize(("refusing", "count"), [(PermissionError(), 1), (ProcessLookupError(), 0)])
def test_where_processes_of_others_are_hidden_a_speaker_who_runs_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusing: OSError, count: int
) -> None:
    room = Room(tmp_path, session(CHAIN))
    room.tell()

    def refuse(number: int, signal: int) -> None:
        raise refusing

    monkeypatch.setattr("bntui.session.share.following.processes.runs", lambda process, user=None: False)
    monkeypatch.setattr("bntui.session.share.following.processes.PROC", tmp_path)
    monkeypatch.setattr("os.kill", refuse)
    assert len(shared(room.folder)) == count
