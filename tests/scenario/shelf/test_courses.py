"""Courses: what is in the one that ships, and what is wrong with one's own, in exact sentences."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest
from session.worlds import CHAIN

from bntui.scenario.model.course import course_schema
from bntui.scenario.reading.loading import read_file
from bntui.scenario.shelf import courses, library
from bntui.scenario.text.complaints import ScenarioError
from bntui.scenario.text.document import parse

GOOD = """\
version: 1
title: My course
summary: Two lessons.
parts:
  - title: First
    about: What comes first.
    scenarios: [a.yaml, relu-net]
  - title: Second
    about: What comes then.
    scenarios: [sub/b.yml]
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of two files of one's own and a lesson of the library."""
    (tmp_path / "sub").mkdir()
    for name in ("a.yaml", "sub/b.yml"):
        (tmp_path / name).write_text(CHAIN, encoding="utf-8")
    path = tmp_path / "course.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def complaints(course: Path, text: str) -> list[str]:
    course.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        courses.opened(course)
    return [str(complaint).replace(f"{course.parent}{os.sep}", "") for complaint in raised.value.complaints]


def test_every_scenario_that_ships_is_in_the_course_once() -> None:
    assert sorted(path.stem for path in courses.shipped().files) == list(library.names())
    assert library.COURSE in {path.name for path in library.folder().iterdir()}


def test_the_shipped_course_begins_with_the_question_and_every_lesson_of_it_can_be_used() -> None:
    shipped = courses.shipped()
    assert [part.title for part in shipped.parts][:5] == [
        "The question",
        "What BN puts into the chain",
        "Why a larger rate",
        "What it does not do",
        "Rivals and practice",
    ]
    assert [entry.error for entry in shipped.entries() if entry.error] == []
    assert shipped.files[0].stem == "relu-net"


def test_every_lesson_of_the_course_takes_five_to_ten_minutes() -> None:
    assert {entry.name: entry.minutes for entry in courses.shipped().entries() if not 5 <= entry.minutes <= 10} == {}


def test_a_course_of_ones_own_has_its_files_and_those_of_the_library(course: Path) -> None:
    read = courses.opened(course)
    assert [[library.name_of(path) for path in part.files] for part in read.parts] == [
        [str((course.parent / "a.yaml").resolve()), "relu-net"],
        [str((course.parent / "sub" / "b.yml").resolve())],
    ]
    assert [entry.title for entry in read.entries()] == ["Goodfellow's chain", "The ReLU net of the question", "Goodfellow's chain"]


def test_a_lesson_knows_what_follows_it_in_the_course_that_it_was_opened_from(course: Path) -> None:
    a, b, shipped = course.with_name("a.yaml"), course.parent / "sub" / "b.yml", library.find("relu-net")
    following = [courses.place_of(each, course) for each in (a, shipped, b)]
    assert [None if place is None or place.following is None else place.following.path for place in following] == [shipped, b, None]
    assert courses.place_of(a, None) is None
    in_library = courses.place_of(shipped, None)
    assert in_library is not None
    assert in_library.following is not None
    assert in_library.following.name == "goodfellow-chain"
    assert courses.place_of(library.find("iris"), course) is None


def test_a_course_that_is_saved_anew_leads_on_as_it_says_now(course: Path) -> None:
    a, b = course.with_name("a.yaml"), course.parent / "sub" / "b.yml"
    before = courses.place_of(a, course)
    course.write_text(GOOD.replace(", relu-net", ""), encoding="utf-8")
    b.write_text(CHAIN.replace("Goodfellow's chain", "Another chain"), encoding="utf-8")
    after = courses.place_of(a, course)
    assert [place and place.following and place.following.title for place in (before, after)] == [
        "The ReLU net of the question",
        "Another chain",
    ]
    course.write_text("[", encoding="utf-8")
    assert courses.place_of(a, course) is None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("version: 1", "version: 2", "course.yaml:1:10: version: found 2; allowed: 1"),
        ("summary", "sumary", "course.yaml:3:1: sumary: unknown key 'sumary'; allowed: version, title, summary, parts; did you mean 'summary'?"),
        ("about: What comes first.", "abuot: x", "course.yaml:6:5: parts.0.abuot: unknown key 'abuot'; allowed: title, about, scenarios; did you mean 'about'?"),
        ("[sub/b.yml]", "[]", "course.yaml:10:16: parts.1.scenarios: found an empty list; allowed: at least 1 entries"),
        ("[sub/b.yml]", "sub/b.yml", "course.yaml:10:16: parts.1.scenarios: found 'sub/b.yml'; allowed: a list"),
        ("[sub/b.yml]", "[7]", "course.yaml:10:17: parts.1.scenarios.0: found 7; allowed: text; put it in quotes"),
        ("sub/b.yml", "./a.yaml", "course.yaml:10:17: parts.1.scenarios.0: found './a.yaml', as in parts.0.scenarios.0; a scenario is read once in a course"),
        ("a.yaml", "aa.yaml", "course.yaml:7:17: parts.0.scenarios.0: found 'aa.yaml': there is no such scenario; did you mean 'a.yaml'?"),
        ("relu-net", "relunet", "course.yaml:7:25: parts.0.scenarios.1: found 'relunet': there is no such scenario; did you mean 'relu-net'?"),
        ("a.yaml", "../a.yaml", "course.yaml:7:17: parts.0.scenarios.0: found '../a.yaml': this lies outside the course's folder; put the file beside the course"),
        ("a.yaml", "/etc/passwd", "course.yaml:7:17: parts.0.scenarios.0: found '/etc/passwd': this lies outside the course's folder; put the file beside the course"),
        ("title: My", "title: &x My", None),
        ("My course", "!!python/name:os.system My", "course.yaml:2:8: found the tag 'tag:yaml.org,2002:python/name:os.system'; a scenario has no tags"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_course_is_told_with_its_place(course: Path, before: str, after: str, told: str | None) -> None:
    text = GOOD.replace(before, after, 1)
    if told is None:
        course.write_text(text, encoding="utf-8")
        assert courses.opened(course).title == "My course"
        return
    found = complaints(course, text)
    assert told in found


def test_every_mistake_of_a_course_is_told_at_once_and_a_scenario_that_cannot_be_used_by_its_own_name(course: Path) -> None:
    course.with_name("a.yaml").write_text(CHAIN.replace("units: 1", "unit: 1", 1), encoding="utf-8")
    assert [told.partition(":")[0] for told in complaints(course, GOOD)] == ["a.yaml", "a.yaml"]
    wrong = GOOD.replace("sub/b.yml", "c.yaml").replace("relu-net", "relu-nett")
    assert len(complaints(course, wrong)) == 2


def test_a_link_that_leads_out_of_the_folder_is_no_scenario_of_the_course(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "b.yaml"
    elsewhere.write_text(CHAIN, encoding="utf-8")
    course.with_name("a.yaml").unlink()
    course.with_name("a.yaml").symlink_to(elsewhere)
    (told,) = complaints(course, GOOD)
    assert told.endswith("this lies outside the course's folder; put the file beside the course")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, True),
        (GOOD.replace("parts", "prts"), True),
        (CHAIN, False),
        ("{version: 1, parts: []}", True),
        ("{version: 1, network: {}}", False),
        ("[", False),
        ("", False),
        ("parts", False),
    ],
)
def test_a_course_is_told_from_a_scenario(course: Path, text: str, expected: bool) -> None:
    course.write_text(text, encoding="utf-8")
    assert courses.is_course(course) is expected


def test_a_course_where_a_scenario_is_wanted_is_told_to_be_one(course: Path) -> None:
    with pytest.raises(ScenarioError, match="this is a course; wanted is a scenario"):
        read_file(course)


def test_the_schema_accepts_the_shipped_course_and_refuses_a_mistyped_key() -> None:
    schema = course_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = parse((library.folder() / library.COURSE).read_text(encoding="utf-8"))[0].plain()
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "prts": []}, schema)
