"""`bntui schema` as a person at a shell meets it."""

import json

import jsonschema
from shell import CORE, Capture, printed

from bntui.scenario.shelf import library
from bntui.scenario.text.document import parse


def test_schema_accepts_what_is_shipped_and_refuses_what_is_wrong(capsys: Capture) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(printed(capsys, "schema")))
    for name in CORE:
        validator.validate(parse(library.find(name).read_text(encoding="utf-8"))[0].plain())
    assert not validator.is_valid({"version": 1, "title": "nothing else"})


def test_the_schema_of_courses_takes_the_one_that_ships(capsys: Capture) -> None:
    schema = json.loads(printed(capsys, "schema", "--course"))
    assert schema["title"] == "A course of bntui"
    course = parse((library.folder() / library.COURSE).read_text(encoding="utf-8"))[0].plain()
    jsonschema.Draft202012Validator(schema).validate(course)
    assert not jsonschema.Draft202012Validator(schema).is_valid({**course, "parts": []})
