"""`bntui follow` where there is no terminal; tests/terminal has one."""

import os
from pathlib import Path

import pytest
from session.share.room import Room
from session.worlds import SLOW_CHAIN, do, session
from shell import Capture, printed, refused


def test_the_frame_of_a_shared_session_is_printed(capsys: Capture, tmp_path: Path) -> None:
    room = Room(tmp_path, session(SLOW_CHAIN))
    do(room.speaker, {"step": 3})
    room.tell()
    assert "step 3 " in printed(capsys, "follow", "--share", str(tmp_path)).splitlines()[0]


def test_of_a_session_that_is_not_there_those_that_are_are_told(capsys: Capture, tmp_path: Path) -> None:
    said = refused(capsys, "follow", "--share", str(tmp_path), "99")
    assert f"no session '99' is shared in {tmp_path}; those that are: none" in said
    Room(tmp_path, session(SLOW_CHAIN)).tell()
    said = refused(capsys, "follow", "--share", str(tmp_path), "99")
    assert f"no session '99' is shared in {tmp_path}; those that are: {os.getpid()} (Goodfellow's chain)" in said


def test_where_no_session_of_ones_own_runs_it_is_said_how_a_class_is_followed(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert "no session of your own runs; for a class, name its folder with --share" in refused(capsys, "follow")
    assert "no session '99' of your own runs; those that do: none" in refused(capsys, "follow", "99")


def test_of_a_session_on_another_machine_it_is_said_on_which(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("platform.node", lambda: "lab.7")
        Room(tmp_path, session(SLOW_CHAIN)).tell()
    said = refused(capsys, "follow", "--share", str(tmp_path))
    assert f"nobody shares a session in {tmp_path}; lab.7 has a session there, which can be followed on that machine alone" in said
