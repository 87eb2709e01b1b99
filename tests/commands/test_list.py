"""`bntui list` as a person at a shell meets it."""

import json
from pathlib import Path

from session.worlds import CHAIN
from shell import CORE, Capture, printed

from bntui.scenario.shelf import courses, library


def test_list_names_every_scenario_with_its_title_and_size(capsys: Capture) -> None:
    rows = printed(capsys, "list").splitlines()
    course = courses.shipped()
    assert rows[0] == course.title
    assert [row.split()[0] for row in rows if row.startswith("  ")] == [path.stem for path in course.files]
    assert set(CORE) <= set(library.names())
    assert next(row for row in rows if row.startswith("  goodfellow-chain")).endswith(" minutes; 5 layers, 5 weights)")


def test_list_says_what_each_part_of_the_library_is_about(capsys: Capture) -> None:
    rows = printed(capsys, "list").splitlines()
    for number, part in enumerate(courses.shipped().parts, start=1):
        assert f"{number} {part.title}. {part.about}" in rows


def test_list_of_a_course_of_ones_own_names_its_files(capsys: Capture, file: Path) -> None:
    file.write_text(CHAIN, encoding="utf-8")
    course = file.with_name("mine.yaml")
    course.write_text(f"version: 1\ntitle: Mine\nparts: [{{title: P, about: Of it., scenarios: [{file.name}, iris]}}]\n")
    rows = printed(capsys, "list", str(course)).splitlines()
    assert rows[:3] == ["Mine", "", "1 P. Of it."]
    assert [row.split()[0] for row in rows[3:]] == [str(file.resolve()), "iris"]


def test_list_as_json_has_every_scenario_with_its_part_and_its_file(capsys: Capture) -> None:
    told, course = json.loads(printed(capsys, "list", "--json")), courses.shipped()
    assert [part["title"] for part in told["parts"]] == [part.title for part in course.parts]
    assert [(each["name"], each["part"]) for each in told["scenarios"]] == [
        (path.stem, number) for number, part in enumerate(course.parts, start=1) for path in part.files
    ]
    assert all(Path(each["path"]).is_file() and each["minutes"] >= 1 and each["complaints"] == [] for each in told["scenarios"])


def test_list_as_json_tells_what_is_wrong_with_a_scenario(capsys: Capture, file: Path) -> None:
    file.write_text(CHAIN.replace("units: 1", "unit: 1", 1), encoding="utf-8")
    course = file.with_name("mine.yaml")
    course.write_text(f"version: 1\ntitle: Mine\nparts: [{{title: P, about: Of it., scenarios: [{file.name}]}}]\n")
    (entry,) = json.loads(printed(capsys, "list", str(course), "--json"))["scenarios"]
    assert "unknown key 'unit'" in " ".join(entry["complaints"])
