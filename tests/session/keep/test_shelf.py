"""The lessons of a course as they are listed are kept between runs: what was saved anew is read again, and nothing else."""

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bntui.commands import cli
from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.courses import Course
from bntui.session.keep import private, shelf

LESSON = """
version: 1
title: {title}
network: {{layers: [{{name: head, units: 1}}]}}
data: {data}
training: {{learning_rate: 0.1}}
"""
COURSE = "version: 1\ntitle: Two\nparts: [{title: All, about: Both., scenarios: [one.yaml, two.yaml]}]\n"
LINE, TABLE = "{generator: {name: line}}", "{csv: {file: two.csv, inputs: [x], targets: [y]}}"
LONG_AGO = 1_000_000_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of one's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bntui" / "courses"


@pytest.fixture
def course(tmp_path: Path, cache: Path) -> Course:
    """Two lessons, the second with a table, all saved long ago."""
    save(tmp_path / "one.yaml", LESSON.format(title="One", data=LINE))
    save(tmp_path / "two.yaml", LESSON.format(title="Two", data=TABLE))
    save(tmp_path / "two.csv", "x,y\n1,2\n2,3\n")
    save(tmp_path / "course.yaml", COURSE)
    return courses.read_course(tmp_path / "course.yaml")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read as lessons."""
    read: list[str] = []
    entry = library.entry

    def counted(path: Path) -> library.LibraryEntry:
        read.append(path.name)
        return entry(path)

    monkeypatch.setattr(library, "entry", counted)
    return read


def save(path: Path, text: str, at: int = LONG_AGO) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at, at))


def titles(course: Course) -> list[str]:
    return [entry.error or entry.title for part in shelf.entries(course) for entry in part]


def test_a_second_look_reads_no_lesson_and_says_the_same(course: Course, reads: list[str]) -> None:
    first = shelf.entries(course)
    assert reads == ["one.yaml", "two.yaml"]
    assert shelf.entries(course) == first == tuple(part.entries() for part in course.parts)
    assert len(reads) == 4  # by the course itself


@pytest.mark.parametrize(("name", "text"), [("one.yaml", LESSON.format(title="Anew", data=LINE)), ("two.csv", "x,y\n1,2\n")])
def test_what_was_saved_anew_is_read_again_alone(course: Course, reads: list[str], name: str, text: str) -> None:
    titles(course)
    reads.clear()
    save(course.path.with_name(name), text, LONG_AGO + 1)
    assert titles(course)[0] == ("Anew" if name == "one.yaml" else "One")
    assert reads == [name.replace("csv", "yaml")]


def test_a_file_that_was_saved_a_moment_ago_is_read_each_time(course: Course, reads: list[str]) -> None:
    (course.path.with_name("one.yaml")).touch()
    titles(course)
    reads.clear()
    titles(course)
    assert reads == ["one.yaml"]


def test_a_lesson_is_listed_when_what_it_lacked_is_there(course: Course) -> None:
    table = course.path.with_name("two.csv")
    text = table.read_text(encoding="utf-8")
    table.unlink()
    assert "two.csv" in titles(course)[1]
    save(table, text)
    assert titles(course) == ["One", "Two"]


def test_another_version_of_the_program_reads_all_anew(course: Course, reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    titles(course)
    reads.clear()
    monkeypatch.setattr(shelf, "code", lambda: "another")
    titles(course)
    assert reads == ["one.yaml", "two.yaml"]


def _without(told: dict[str, object]) -> str:
    del told["lessons"][0]["stamps"]  # type: ignore[attr-defined]
    return json.dumps(told)


def _with(**values: object) -> Callable[[dict[str, object]], str]:
    def damaged(told: dict[str, object]) -> str:
        told["lessons"][0].update(values)  # type: ignore[attr-defined]
        return json.dumps(told)

    return damaged


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: "",
        lambda told: "{",
        lambda told: "[" * 100_000,
        lambda told: "[1]",
        lambda told: json.dumps(told)[:-20],
        lambda told: json.dumps(told) + " " * private.LARGEST,
        lambda told: json.dumps(told | {"format": 2}),
        lambda told: json.dumps(told | {"lessons": 3}),
        _without,
        _with(title=7),
        _with(title="\x1b[2J"),
        _with(minutes="ten"),
        _with(stamps={"one.yaml": [1]}),
        _with(stamps={"one.yaml": [float("inf"), 1, 1]}),
        _with(stamps=[]),
    ],
)
def test_what_is_damaged_is_made_anew(course: Course, cache: Path, damage: Callable[[dict[str, object]], str]) -> None:
    titles(course)
    (kept,) = cache.iterdir()
    good = kept.read_text(encoding="utf-8")
    kept.write_text(damage(json.loads(good)), encoding="utf-8")
    assert titles(course) == ["One", "Two"]
    assert kept.read_text(encoding="utf-8") == good


@pytest.mark.parametrize("place", ["a pipe", "a link to another file", "a folder"])
def test_what_is_no_file_of_ones_own_is_not_read(course: Course, cache: Path, tmp_path: Path, place: str) -> None:
    titles(course)
    (kept,) = cache.iterdir()
    told = kept.read_text(encoding="utf-8").replace('"One"', '"Another"')
    kept.unlink()
    if place == "a pipe":
        os.mkfifo(kept)
    elif place == "a folder":
        kept.mkdir()
    else:
        (tmp_path / "elsewhere").write_text(told, encoding="utf-8")
        kept.symlink_to(tmp_path / "elsewhere")
    assert titles(course) == ["One", "Two"]


def test_without_a_cache_folder_all_is_read_each_time(course: Course, reads: list[str], cache: Path) -> None:
    cache.parent.parent.write_text("no folder", encoding="utf-8")
    assert titles(course) == ["One", "Two"]
    assert titles(course) == ["One", "Two"]
    assert len(reads) == 4


@pytest.mark.parametrize("silent", ["_kept", "_keep"])
def test_a_cache_folder_that_gives_no_answer_is_not_waited_for(
    course: Course, reads: list[str], silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setattr(shelf, "ANSWER", 0.05)
    monkeypatch.setattr(shelf, silent, lambda *arguments: answers.wait(20))
    assert titles(course) == titles(course) == ["One", "Two"]
    assert len(reads) == 4
    answers.set()


def test_starts_at_the_same_time_say_the_same_and_leave_one_good_file(course: Course, cache: Path, reads: list[str]) -> None:
    with ThreadPoolExecutor(8) as starts:
        told = list(starts.map(lambda number: titles(course), range(32)))
    assert told == [["One", "Two"]] * 32
    assert [path.suffix for path in cache.iterdir()] == [".json"]
    reads.clear()
    titles(course)
    assert not reads


def test_of_many_courses_those_looked_at_last_are_kept(course: Course, cache: Path, tmp_path: Path) -> None:
    for number in range(shelf.MOST_KEPT + 3):
        path = tmp_path / f"course{number}.yaml"
        save(path, COURSE)
        titles(courses.read_course(path))
    assert len(list(cache.iterdir())) == shelf.MOST_KEPT


def test_the_list_reads_no_lesson_that_is_kept(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["list", str(course.path)]) == 0
    first = capsys.readouterr().out
    monkeypatch.setattr(library, "entry", lambda path: pytest.fail(f"{path} was read"))
    assert cli.run(["list", str(course.path)]) == 0
    assert capsys.readouterr().out == first
