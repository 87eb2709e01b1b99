"""Preferences: read from a file and the environment, remembered, and refused in a sentence."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntui.scenario.text.wording import harmless
from bntui.session.keep import preferences
from bntui.session.keep.preferences import Preferences, Unusable, of_environment, remember, remembered

ALL = Preferences(theme="nord", ascii=True, frames=5, mouse=False)
WRITTEN = """theme: nord
face: ascii
fps: 5
mouse: off
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the preferences stand."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "bntui" / "preferences"


def written(file: Path, content: str | bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_where_there_is_no_file_nothing_is_preferred(file: Path) -> None:
    assert remembered() == (Preferences(), None)


def test_what_is_remembered_is_read_again_and_nobody_else_reads_it(file: Path) -> None:
    assert remember(ALL) == file
    assert file.read_text() == WRITTEN
    assert file.stat().st_mode & 0o077 == 0
    assert remembered() == (ALL, None)


def test_what_else_stands_in_the_file_stays(file: Path) -> None:
    written(file, "# in the lecture hall\ntheme: projector  # dark on white\n\nfps: 10\n")
    remember(Preferences(theme="dark", mouse=True))
    assert file.read_text() == "# in the lecture hall\ntheme: dark\n\nfps: 10\nmouse: on\n"


def test_a_link_goes_on_leading_to_the_file(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("fps: 10\n")
    file.parent.mkdir()
    file.symlink_to(kept)
    remember(Preferences(frames=12.5))
    assert (file.is_symlink(), kept.read_text()) == (True, "fps: 12.5\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("theme dark\n", "line 1: found 'theme dark'; a line is such as theme: light"),
        ("\nfps: 500\n", "line 2: fps: '500' is not a number from 1 to 120"),
        ("face: asci\n", "line 1: face: found 'asci'; allowed: ascii, unicode; did you mean 'ascii'?"),
        ("mouse: yes\n", "line 1: mouse: found 'yes'; allowed: on, off"),
        ("thme: dark\n", "line 1: found 'thme'; allowed: theme, face, fps, mouse; did you mean 'theme'?"),
        ("theme:\n", "line 1: theme: there is no theme without a name"),
        (b"theme: d\xe4rk\n", "found the byte 0xe4; the text must be UTF-8"),
        ("x" * 1_000_001, "this file is larger than 1 MB; that is the most allowed"),
        ("\x1b[31m: dark\n", "line 1: found '␛[31m'; allowed: theme, face, fps, mouse"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence_and_not_written_to(file: Path, content: str | bytes, sentence: str) -> None:
    written(file, content)
    kept, told = remembered()
    assert kept == Preferences()
    assert told == f"{file} is not used: {sentence}"
    with pytest.raises(Unusable) as refused:
        remember(ALL)
    assert str(refused.value) == told
    assert file.read_bytes() == (content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("what", ["a folder", "a pipe", "a device", "a link to itself", "a link to nothing"])
def test_what_is_no_file_is_told_in_a_sentence(file: Path, what: str) -> None:
    file.parent.mkdir()
    if what == "a folder":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file)
    else:
        file.symlink_to({"a device": "/dev/zero", "a link to itself": "preferences", "a link to nothing": "nothing"}[what])
    kept, told = remembered()
    assert kept == Preferences()
    assert str(told).startswith(f"{file} is not used: th")


def test_a_file_of_somebody_else_is_not_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(file, WRITTEN)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    owner = file.stat().st_uid
    kept, told = remembered()
    assert (kept, told) == ((ALL, None) if owner == 0 else (Preferences(), f"{file} is not used: this file belongs to somebody else"))


def test_where_nothing_can_be_written_that_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(blocked))
    assert remembered() == (Preferences(), None)
    with pytest.raises(Unusable, match=r"blocked/bntui/preferences cannot be written: "):
        remember(ALL)


def test_the_environment_says_the_same_and_counts_more() -> None:
    variables = {"BNTUI_THEME": "nord", "BNTUI_FACE": "ascii", "BNTUI_FPS": "5", "BNTUI_MOUSE": "off", "BNTUI_OTHER": "x"}
    assert of_environment(variables) == ALL
    assert of_environment({"BNTUI_FPS": ""}) == Preferences()
    assert Preferences(frames=5).over(Preferences(theme="light", frames=10)) == Preferences(theme="light", frames=5)
    with pytest.raises(Unusable, match="the environment variable BNTUI_FPS: '0' is not a number from 1 to 120"):
        of_environment({"BNTUI_FPS": "0"})


def test_the_file_is_named_from_the_home_directory_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert preferences.shown_path(tmp_path / ".config" / "bntui" / "preferences") == "~/.config/bntui/preferences"


@pytest.mark.slow
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.from_regex(r"(theme|face|fps|mouse): ?.*\n?").map(str.encode))
def test_whatever_stands_in_the_file_it_is_used_or_told_of_in_one_line(content: bytes) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", folder)
        written(Path(folder) / "bntui" / "preferences", content)
        kept, told = remembered()
        assert told is None or (kept == Preferences() and told == harmless(told))
