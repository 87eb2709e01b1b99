"""An output is written whole or not at all, and replaces nothing that is being read."""

import os
import sys
from pathlib import Path

import pytest

from bntui.scenario.text.files import CannotWrite, output


def write(path: Path, *reading: Path, force: bool = False, text: str = "new") -> None:
    with output(path, reading, force) as file:
        file.write(text)


def test_a_file_that_is_not_there_is_written(tmp_path: Path) -> None:
    write(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "new"


def test_one_that_is_there_needs_force_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    path.chmod(0o640)
    with pytest.raises(CannotWrite, match="exists already; --force replaces it"):
        write(path)
    assert path.read_text() == "old"
    write(path, force=True)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("force", [False, True])
def test_what_is_being_read_is_never_replaced_by_whatever_name_it_is_called(tmp_path: Path, force: bool) -> None:
    source = tmp_path / "scenario.yaml"
    source.write_text("old")
    (tmp_path / "symbolic").symlink_to(source)
    os.link(source, tmp_path / "hard")
    (tmp_path / "sub").mkdir()
    for path in (source, tmp_path / "symbolic", tmp_path / "hard", tmp_path / "sub" / ".." / "scenario.yaml"):
        with pytest.raises(CannotWrite, match="is what is being read"):
            write(path, tmp_path / "other", source, force=force)
    assert source.read_text() == "old"


def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "other").symlink_to("loop")
    for name in ("loop", "other"):
        with pytest.raises(CannotWrite, match="this is a symbolic link that leads nowhere but to itself"):
            write(tmp_path / name, force=True)
    (tmp_path / "dangling").symlink_to("there")
    write(tmp_path / "dangling")
    assert (tmp_path / "there").read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, MemoryError])
def test_what_ends_half_way_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def write_half() -> None:
        with output(path, (), True) as file:
            file.write("half")
            file.flush()
            raise error

    with pytest.raises(error):
        write_half()
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert path.read_text() == "old"


def test_one_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out"

    def write_slowly() -> None:
        with output(path, (), False) as file:
            file.write("mine")
            path.write_text("somebody else's")

    with pytest.raises(CannotWrite, match="exists already"):
        write_slowly()
    assert path.read_text() == "somebody else's"


def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write(tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="is a directory; name a file in it"):
        write(tmp_path, force=True)


def test_a_folder_that_is_not_there_and_a_hidden_file_that_cannot_be_are_told_by_the_name_that_was_typed(tmp_path: Path) -> None:
    lost = tmp_path / "lost" / "out"
    with pytest.raises(CannotWrite) as told:
        write(lost)
    assert str(told.value) == f"{lost} cannot be written: there is no folder {lost.parent}"
    long = tmp_path / ("x" * 250)  # which leaves the hidden file's name no room
    with pytest.raises(CannotWrite) as told:
        write(long)
    assert str(told.value) == f"{long} cannot be written: File name too long"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_where_there_is_no_room_it_is_said_of_what() -> None:
    with pytest.raises(CannotWrite, match=r"^/dev/full cannot be written: No space left on device$"):
        write(Path("/dev/full"))


def test_what_is_refused_of_a_file_that_is_read_meanwhile_is_not_said_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"data\.csv"), output(tmp_path / "out", (), False):
        (tmp_path / "data.csv").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such devices on Windows")
def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    write(Path(os.devnull))
    assert not Path(os.devnull).is_file()
