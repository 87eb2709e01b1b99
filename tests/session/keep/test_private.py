"""The files of the user's own, and the folders in which they lie."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bntui.session.keep import private
from bntui.session.share.folder import Folder


def in_a_class(path: Path) -> None:
    os.close(Folder(path.parent, os.getuid()).created(path))


@pytest.mark.parametrize("make", [lambda path: private.write(path, "text"), in_a_class])
def test_all_folders_that_are_made_are_closed_to_others_whatever_the_umask(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "state" / "bntui" / "room" / "file"
    before = os.umask(0)
    try:
        make(path)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, *path.parents[:3])] == [0o600, 0o700, 0o700, 0o700]


def test_what_stands_in_the_place_of_a_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "room").write_text("mine")
    with pytest.raises(FileExistsError):
        private.make_folder(tmp_path / "room")
    assert (tmp_path / "room").read_text() == "mine"
