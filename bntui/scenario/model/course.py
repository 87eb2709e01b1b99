"""A course: parts, each with the scenarios that are read in it, in their order."""

from __future__ import annotations

from typing import Annotated, Any

from bntui.scenario.model.parts import Field, Limits, ScenarioPart, Sentence, StrictStr, Title, Version
from bntui.scenario.model.validating import schema_of

FileName = Annotated[StrictStr, Limits(min_length=1, max_length=1000)]


class CoursePart(ScenarioPart, title="Part"):
    """A part of a course: what it is about, and its scenarios in order."""

    title: Title = Field(description="Its heading.")
    about: Annotated[Sentence, Limits(min_length=1)] = Field(description="A sentence: what is learnt in it.")
    scenarios: Annotated[tuple[FileName, ...], Limits(min_length=1, max_length=100)] = Field(
        description="Its scenarios in order: files in the course's folder, as growth.yaml, or names from the library."
    )


class CourseDocument(ScenarioPart, title="Course"):
    """Scenarios in the order in which they are read, in parts."""

    version: Version = Field(description="The version of this format, 1.")
    title: Title = Field(description="Its name.")
    summary: Sentence = Field(default="", description="A sentence or two: what the course is about.")
    parts: Annotated[tuple[CoursePart, ...], Limits(min_length=1, max_length=50)] = Field(description="Its parts, in order.")


def course_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a course's YAML."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(CourseDocument), "title": "A course of bntui"}
