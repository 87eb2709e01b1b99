"""Files that are not there, not files, or not meant well, are refused in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bntui.scenario.reading.loading import read_file, read_text
from bntui.scenario.text.complaints import ScenarioError

HEAD = """\
version: 1
title: T
network: {layers: [{name: head, units: UNITS}]}
cost: COST
training: {learning_rate: 0.1}
data: {csv: {file: data.csv, inputs: [x], targets: [y]}}
"""


def refusal(path: Path | str) -> str:
    started = time.process_time()
    with pytest.raises(ScenarioError) as raised:
        read_file(path)
    assert time.process_time() - started < 1.0
    (complaint,) = raised.value.complaints
    return complaint.message


def test_what_is_no_scenario_file_is_refused_at_once(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.yaml") == "there is no such file"
    assert refusal(tmp_path) == "this is a directory; name a file in it"
    assert refusal("a\0b") == "there is no such file; the name has a null character"
    assert refusal("a" * 5000) == "there is no such file; the name is too long"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refusal(tmp_path / "loop") == "this is a symbolic link that leads nowhere but to itself"
    (tmp_path / "latin.yaml").write_bytes(b"version: 1\ntitle: caf\xe9\n")
    assert refusal(tmp_path / "latin.yaml") == "found the byte 0xe9; the text must be UTF-8"
    with pytest.raises(ScenarioError, match=r"latin\.yaml:2:11: "):
        read_file(tmp_path / "latin.yaml")


def test_pipes_devices_and_large_files_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "this is not a regular file, but a device, pipe or socket"
    assert refusal(os.devnull) == "this is not a regular file, but a device, pipe or socket"
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(100_000_000)
    assert refusal(tmp_path / "large.yaml") == "this file is larger than 10 MB; that is the most allowed"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.touch(mode=0)
    assert refusal(path) == "this file may not be read"


def test_a_file_name_cannot_move_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        read_file(tmp_path / "\x1b[2J\u202e.yaml")
    assert "\x1b" not in str(raised.value)
    assert "\u202e" not in str(raised.value)


def with_csv(
    folder: Path, content: str | bytes, cost: str = "half_mse", units: int = 1, name: str = "data.csv"
) -> list[str]:
    if name == "data.csv":
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    text = HEAD.replace("COST", cost).replace("UNITS", str(units)).replace("data.csv", name)
    try:
        loaded = read_text(text, "f.yaml", folder)
    except ScenarioError as error:
        return [str(complaint) for complaint in error.complaints]
    return [str(loaded.problem.inputs.tolist()), str(loaded.problem.targets.tolist())]


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    assert with_csv(tmp_path, "\ufeffy, z ,x\r\n1,9,2\r\n\r\n3e0,9,-.5\r\n") == ["[[2.0], [-0.5]]", "[[1.0], [3.0]]"]


def test_labels_are_numbered_in_order(tmp_path: Path) -> None:
    assert with_csv(tmp_path, 'x,y\n1,rose\n2,"a, b"\n3,rose\n', "cross_entropy", 2) == [
        "[[1.0], [2.0], [3.0]]",
        "[[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]",
    ]
    assert with_csv(tmp_path, "x,y\n1,1\n2,0\n", "cross_entropy", 2)[1] == "[[0.0, 1.0], [1.0, 0.0]]"


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("x,y\n1,\n2,3\n", ["data.csv:2:3: found an empty cell; allowed: a number"]),
        ("x,y\n1,two\n", ["data.csv:2:3: found 'two'; allowed: a number"]),
        ('x,y,z\n"1",nan,"a,b"\n', ["data.csv:2:5: found 'nan'; allowed: a finite number"]),
        ("x,y\n1,1e999\n", ["data.csv:2:3: found '1e999'; allowed: a finite number"]),
        ("x,y\n1_0,2\n", ["data.csv:2:1: found '1_0'; allowed: a number"]),
        ("x,y\n1,2,3\n1\n", ["data.csv:2:1: found 3 cells; the header has 2",
                           "data.csv:3:1: found 1 cells; the header has 2"]),
        ("x,y\n", ["data.csv:1:1: there are no rows under the header"]),
        ("", ["data.csv:1:1: the file is empty; its first line names the columns"]),
        ('x,y\n1,"2\n', ["data.csv:2:1: not CSV: unexpected end of data"]),
        ('x,y\n1,"2\n3"\n', ["data.csv:2:1: found a quoted cell that runs over several lines"]),
        (b"x,y\n1,\xff\n", ["data.csv:2:3: found the byte 0xff; the text must be UTF-8"]),
        ("xx,y\n1,2\n", ["f.yaml:6:39: data.csv.inputs.0: found 'x'; allowed: xx, y; did you mean 'xx'?"]),
        ("x,x,y\n1,2,3\n", ["f.yaml:6:39: data.csv.inputs.0: found 2 columns named 'x' in the file"]),
        ("x;y\n1;2\n", ["f.yaml:6:39: data.csv.inputs.0: found 'x'; allowed: x;y; columns are separated by commas",
                        "f.yaml:6:53: data.csv.targets.0: found 'y'; allowed: x;y; columns are separated by commas"]),
    ],
)  # fmt: skip
def test_a_csv_file_with_holes_is_refused_at_its_place(
    tmp_path: Path, content: str | bytes, messages: list[str]
) -> None:
    assert with_csv(tmp_path, content) == messages


def test_a_label_too_many(tmp_path: Path) -> None:
    assert with_csv(tmp_path, "x,y\n1,a\n2,b\n3,c\n", "cross_entropy", 2) == [
        "f.yaml:6:53: data.csv.targets.0: found 3 labels ('a', 'b', 'c') for 2 units in the last layer; "
        "allowed: a unit for each label"
    ]


def test_a_csv_file_stays_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / "data.csv").write_text("x,y\n1,2\n")
    (folder / "link.csv").symlink_to(tmp_path / "data.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    outside = "this lies outside the scenario's folder; put the file beside the scenario"
    place = "f.yaml:6:20: data.csv.file: found"
    for name in ("../data.csv", "link.csv", str(tmp_path / "data.csv")):
        assert with_csv(folder, "", name=name)[0].startswith(f"{place} ")
        assert with_csv(folder, "", name=name)[0].endswith(outside)
    assert "leads nowhere but to itself" in with_csv(folder, "", name="loop.csv")[0]
    assert with_csv(folder, "", name="none.csv") == [f"{place} 'none.csv': there is no such file"]
    os.mkfifo(folder / "pipe.csv")
    assert with_csv(folder, "", name="pipe.csv")[0].endswith("this is not a regular file, but a device, pipe or socket")


def test_reading_is_light() -> None:
    program = (
        "import sys, bntui.scenario.reading.loading\n"
        "print(*sorted({name for name in sys.modules if name.startswith(('numpy.', 'textual', 'plotext', 'rich'))}))"  # numpy waits
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
