"""The library as rows: every row has its width, what is done is marked, and the lesson to go on with is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bntui.scenario.shelf import courses, library
from bntui.scenario.shelf.courses import Course, Part
from bntui.scenario.shelf.library import LibraryEntry
from bntui.session.teach.completion import Completed
from bntui.views.pages.shelf import lesson_row, part_rows, preview, welcome
from bntui.views.text.cells import cells, in_ascii

LESSON = LibraryEntry("a", "Weights γ", "What they do.", "2 layers", Path("a.yaml"), minutes=7, questions=4)
PART = Part("The question", "What the chain rule multiplies, and how it grows.", (Path("a.yaml"), Path("b.yaml")))
COURSE = Course(Path("mine.yaml"), "My own", "", (PART,))


@pytest.mark.parametrize(
    ("went", "tag", "row"),
    [
        (None, "", "  Weights γ                      7 min"),
        (None, "go on", "▸ Weights γ  go on               7 min"),
        (Completed(3, 4), "", "✓ Weights γ                 3/4  7 min"),
        (Completed(0, 0), "", "✓ Weights γ                      7 min"),
    ],
)
def test_a_row_says_what_is_done_how_well_and_how_long_it_takes(went: Completed | None, tag: str, row: str) -> None:
    assert lesson_row(LESSON, went, tag, 38) == row


@pytest.mark.parametrize("width", [24, 30, 38, 60])
@pytest.mark.parametrize("ascii", [False, True])
def test_every_row_of_the_library_is_as_wide_as_its_list(width: int, ascii: bool) -> None:
    for entry in courses.shipped().entries():
        for went in (None, Completed(1, 3)):
            for tag in ("", "begin here"):
                row = lesson_row(entry, went, tag, width, lambda text: in_ascii(text, ascii))
                lines = row.split("\n")
                assert {cells(line) for line in lines} == {width}
                assert "γ" not in row or not ascii
                assert lines[0].endswith(f"{entry.minutes} min")
                said = " ".join([lines[0].removesuffix(f"{entry.minutes} min"), *lines[1:]]).split()
                assert [word for word in in_ascii(entry.title, ascii).split() if word not in said] == [], "no title is cut"


def test_a_part_says_how_much_of_it_is_done_and_what_is_learnt_in_it() -> None:
    entries = (LESSON, LibraryEntry("b", "B", "", "", Path("b.yaml")))
    assert part_rows(2, PART, entries, {"b": Completed(1, 1)}, 30) == (
        "2 The question          1 of 2",
        "What the chain rule",
        "multiplies, and how it grows.",
    )
    assert part_rows(2, PART, entries, {}, 18)[0].split("\n") == ["2 The       0 of 2", "    question      "]


def test_the_first_lines_say_where_to_begin_to_go_on_and_that_all_is_done() -> None:
    assert welcome(COURSE, False, "A", 0) == ("bntui · My own", "New here? Begin with: A. enter opens it.")
    assert welcome(COURSE, True, "B", 1)[0].startswith("bntui · gradient descent step by step")
    assert welcome(COURSE, False, "B", 1)[1] == "1 of 2 lessons done. Go on with: B. enter opens it."
    assert welcome(COURSE, False, "B", 1, chosen=False)[1] == "1 of 2 lessons done. Go on with: B. ▸ marks it."
    assert welcome(COURSE, False, None, 2)[1].startswith("The course is done; ")


def test_a_lesson_says_before_it_is_opened_how_long_it_takes_and_how_it_went() -> None:
    entry = library.entry(library.find("iris"))
    lines = preview(entry, library.described(entry), 40, Completed(2, entry.questions)).splitlines()
    assert lines[0] == entry.title
    assert f"about {entry.minutes} minutes: 10 beats, {entry.questions} questions" in " ".join(lines)
    assert f"completed, 2 of {entry.questions} right" in lines
    assert max(map(cells, lines)) <= 40


def test_what_cannot_be_used_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: [", encoding="utf-8")
    entry = library.entry(broken)
    assert "not YAML" in preview(entry, library.described(entry), 40)
