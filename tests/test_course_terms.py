"""docs/course.md: its course opens and is checked, and its terms come in the order in which the course introduces them."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from shell import Capture, printed

from bntui.scenario.model.beats import LessonBeat
from bntui.scenario.shelf import courses, library

PAGE = (Path(__file__).parents[1] / "docs" / "course.md").read_text(encoding="utf-8")
INTRODUCED = re.findall(r"^\| (.+?) \| ([a-z-]+) \|$", PAGE, re.MULTILINE)
ORDER = [path.stem for path in courses.shipped().files]
# how a term is found in a text, where that is not the term itself in any case and number
FORMS = {
    "z, the pre-activation": r"\bz\b|pre-activation",
    "learning rate, η": r"learning rate|η",
    "batch normalization, BN": r"\bBN\b|batch normali[sz]ation",
    "batch": r"\bbatch(es)?\b(?! normali[sz])",
    "dead unit": r"\bdead\b",
    "detached BN": r"\bdetached\b",
    "effective rate": r"\beffective (learning )?rates?\b",
    "weight decay": r"\bdecay",
    "layer norm": r"\blayer norm",
    "weight norm": r"\bweight norm",
    "He's rule": r"\bHe's\b",
    "cross-entropy": r"\bcross.entropy",
    "held out": r"\bheld.out|validation",
    "evaluation mode": r"\bevaluation\b",
    "momentum": r"\bmomentum\b",
    "Adam": r"\bAdam\b",
    "saturated": r"\bsaturat",
}


@functools.cache
def words_of(name: str) -> str:
    """All that a lesson says, without the names of others and without what is written as on the screen."""
    described = library.described(library.entry(library.find(name)))
    assert described is not None
    text = "\n".join(each for beat in described.scenario.lesson for each in texts(beat))
    return re.sub(r"`[^`]*`|\blesson on [\w ]+", "", text)


def texts(beat: LessonBeat) -> tuple[str, ...]:
    asked = () if beat.ask is None else (beat.ask.question, *beat.ask.choices, beat.ask.because, *beat.ask.wrong.values())
    return (beat.say or "", *asked)


def uses(name: str, term: str) -> str | None:
    """What a lesson says where it uses a term first; None where it never does."""
    form = FORMS.get(term) or rf"(?<!\w){re.escape(term)}"
    found = re.search(rf".{{0,40}}(?:{form}).{{0,20}}", words_of(name), 0 if term in ("γ", "β", "ε", "σ") else re.IGNORECASE)
    return None if found is None else found[0]


def test_the_terms_of_the_question_are_all_introduced() -> None:
    told = " ".join(term for term, _ in INTRODUCED)
    for term in (
        "learning rate", "gradient", "chain rule", "factor", "gain", "batch", "pre-activation", "normalization", "γ", "β", "ε",
        "projection", "stable rate", "curvature", "effective rate", "twin", "momentum", "weight decay",
    ):  # fmt: skip
        assert term in told


@pytest.mark.parametrize(("term", "lesson"), INTRODUCED)
def test_a_term_is_used_where_it_is_introduced_and_in_no_lesson_before(term: str, lesson: str) -> None:
    assert uses(lesson, term)
    before = ORDER[: ORDER.index(lesson)]
    assert {name: uses(name, term) for name in before if uses(name, term)} == {}


def test_the_terms_stand_in_the_order_of_the_course() -> None:
    places = [ORDER.index(lesson) for _, lesson in INTRODUCED]
    assert places == sorted(places)


def test_the_course_of_the_page_opens_is_listed_and_its_lessons_hold(tmp_path: Path, capsys: Capture) -> None:
    course, warm_up = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "course.yaml").write_text(course, encoding="utf-8")
    (tmp_path / "warm-up.yaml").write_text(warm_up, encoding="utf-8")
    opened = courses.opened(tmp_path / "course.yaml")
    assert [[library.name_of(path) for path in part.files] for part in opened.parts] == [
        [str((tmp_path / "warm-up.yaml").resolve()), "goodfellow-chain"],
        ["which-part", "the-answer"],
    ]
    assert printed(capsys, "list", str(opened.path)).startswith("Two afternoons on batch normalization\n\n1 Monday. ")
    assert "good, 2 expectations held" in printed(capsys, "check", str(tmp_path / "warm-up.yaml"), "--play")
    assert printed(capsys, "check", str(opened.path)).count(": good\n") == 5
