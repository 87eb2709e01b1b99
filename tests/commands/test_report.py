"""`bntui report` as a person at a shell meets it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt
from paced import mostly_slow
from session.worlds import SLOW_CHAIN
from shell import Capture, printed, refused

from bntui.commands.cli import run

GOOD = SLOW_CHAIN + 'lesson: [{say: "**Look** <b>", do: {step: 2}, expect: {step: {is: 2}}}]\n'
ASKED = (
    SLOW_CHAIN
    + 'lesson: [{say: First.}, {ask: {question: "Up?", choices: ["*yes*", "no"], answer: 2, because: "It **sank**.", '
    + 'wrong: {1: "It *falls* <b>."}}, do: {step: 2}}]\n'
)
COURSE = """version: 1
title: A course <i>of mine</i>
summary: Two lessons.
parts:
  - {title: Begin, about: What is what., scenarios: [one.yaml]}
  - {title: Go on, about: And what then., scenarios: [two.yaml, goodfellow-chain]}
"""


class Page(HTMLParser):
    """What a browser would make of a page: its tags with their attributes, its headings, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag  # every tag is closed in its turn

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A teacher's course of two lessons and one of the library."""
    (tmp_path / "one.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "two.yaml").write_text(ASKED, encoding="utf-8")
    path = tmp_path / "course.yaml"
    path.write_text(COURSE, encoding="utf-8")
    return path


def handout(path: Path, capsys: Capture, *arguments: str, ending: str = ".html") -> str:
    """The handout of a file."""
    written = path.with_suffix(ending)
    printed(capsys, "report", str(path), "-o", str(written), "--force", *arguments)
    return written.read_text(encoding="utf-8")


def test_a_report_in_markdown_has_text_and_screen(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    text = handout(file, capsys, ending=".md")
    assert "**Look** \\<b\\>" in text
    assert "· step 2 ·" in text


def test_what_the_author_expects_is_not_in_a_report(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    for ending in (".md", ".html"):
        assert "✓" not in handout(file, capsys, ending=ending)


HOSTILE = [
    "<img src=x onerror=alert(1)> <b>x</b>",
    "<script>alert(1)</script>",
    "[a](javascript:alert(1)) [b](data:text/html,x) <javascript:alert(1)>",
    "![far](http://example.org/x.png)",
    "[a][r]\n\n[r]: javascript:alert(1)",
    "````\n<script>alert(1)</script>\n````",
    "~~~\n<script>alert(1)</script>",
    "- <script>\n\n  <b>x",
]


@pytest.mark.parametrize("said", mostly_slow(HOSTILE, HOSTILE[:1]))
def test_a_report_in_markdown_has_no_html_no_picture_from_elsewhere_and_no_link_that_runs(
    file: Path, capsys: Capture, said: str
) -> None:
    title = "````" + "<script>x</script>"
    lesson = [{"say": said, "note": said}, {"ask": {"question": said, "choices": [said, "b"], "answer": 1, "because": said}}]
    scenario = yaml.safe_load(GOOD) | {"title": title, "summary": said, "lesson": lesson}
    file.write_text(yaml.safe_dump(scenario), encoding="utf-8")
    tokens = MarkdownIt("commonmark").parse(handout(file, capsys, ending=".md"))
    every = [*tokens, *(inner for token in tokens for inner in token.children or ())]
    assert not {token.type for token in every} & {"html_block", "html_inline", "image"}
    assert not [token for token in every if not str(token.attrs.get("href", "http")).startswith("http")]


def test_a_report_in_html_is_one_page_and_escaped(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD.replace("Goodfellow's chain", "'<script>alert(1)</script>'"), encoding="utf-8")
    text = handout(file, capsys)
    assert "<strong>Look</strong> &lt;b&gt;" in text
    tags = {tag for tag, _ in Page(text).tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "a", "image", "use", "foreignobject"}


def test_the_screens_of_an_html_report_are_pictures_that_can_be_read_out(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    page = Page(handout(file, capsys))
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert [each["aria-label"] for each in pictures] == ["The screen at beat 1"]
    assert any("step 2" in text for text in page.texts)
    assert any(tag == "path" and (attributes["class"] or "").startswith("block") for tag, attributes in page.tags)


def test_what_a_beat_lights_up_is_marked(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD.replace("expect:", "show: [loss], expect:"), encoding="utf-8")
    assert [attributes["class"] for tag, attributes in Page(handout(file, capsys)).tags if tag == "rect"].count("lit") == 1


@pytest.mark.parametrize(
    ("ending", "told", "asked"),
    [(".md", "**Not 1.** It *falls* \\<b\\>.", "1. *yes*"), (".html", "<p>It <em>falls</em> &lt;b&gt;.", "<li><em>yes</em></li>")],
)
def test_answers_stand_at_the_end_with_the_screen_that_proves_them(
    file: Path, capsys: Capture, ending: str, told: str, asked: str
) -> None:
    file.write_text(ASKED, encoding="utf-8")
    text = handout(file, capsys, ending=ending)
    assert text.index(asked) < text.index("Answers") < text.index("sank") < text.index(told) < text.index("step 2")


@pytest.mark.parametrize("ending", [".md", ".html"])
def test_a_report_without_answers_gives_none_away(file: Path, capsys: Capture, ending: str) -> None:
    file.write_text(f"{ASKED}summary: What it finds is that it drops.\n", encoding="utf-8")
    text = handout(file, capsys, "--no-answers", ending=ending)
    assert "Up?" in text
    assert not re.search("Answer|sank|falls|drops|step 2", text)
    assert "it drops" in handout(file, capsys, ending=ending)


@pytest.mark.parametrize("ending", [".md", ".html"])
def test_a_course_without_answers_leaves_out_what_a_lesson_finds(course: Path, capsys: Capture, ending: str) -> None:
    two = course.with_name("two.yaml")
    two.write_text(f"{two.read_text(encoding='utf-8')}summary: What it finds is that it drops.\n", encoding="utf-8")
    text = handout(course, capsys, "--no-answers", ending=ending)
    assert "Two lessons." in text
    assert "it drops" not in text


def test_a_course_is_one_page_with_its_parts_and_lessons(course: Path, capsys: Capture) -> None:
    text = handout(course, capsys)
    page = Page(text)
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["#1.1.", "#2.1.", "#2.2."]
    assert {f"#{attributes['id']}" for tag, attributes in page.tags if tag == "h3"} == set(links)
    assert "A course &lt;i&gt;of mine&lt;/i&gt;" in text
    headings = [
        text.index(each) for each in ("<h2>1 Begin", "<h4>1.1.1<", "<h2>2 Go on", "<h4>2.1.2<", "<h2>Answers", "<h4>2.1.2: 2<")
    ]
    assert headings == sorted(headings)


def test_a_course_in_markdown(course: Path, capsys: Capture) -> None:
    text = handout(course, capsys, ending=".md")
    assert "## 1 Begin\n\nWhat is what." in text
    assert "#### 1.1.1\n" in text
    assert "**2.1.2: 2.** It **sank**." in text


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_course_that_comes_with_the_program(tmp_path: Path, capsys: Capture) -> None:
    written = tmp_path / "course.html"
    printed(capsys, "report", "--course", "-o", str(written))
    text = written.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(text) < 10_000_000
    unmarked = [attributes for tag, attributes in page.tags if tag == "a" and not (attributes["href"] or "").startswith("#")]
    assert unmarked == []


def test_a_report_needs_an_ending_that_says_its_form(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    assert "ends in neither .md nor .html" in refused(capsys, "report", str(file), "-o", str(file.with_suffix(".pdf")))


@pytest.mark.parametrize("named", [[], ["goodfellow-chain", "--course"]])
def test_a_report_is_of_one_thing(named: list[str], tmp_path: Path, capsys: Capture) -> None:
    assert "one thing" in refused(capsys, "report", *named, "-o", str(tmp_path / "course.html"))


def test_the_report_of_a_course_replaces_no_lesson_of_it(course: Path, capsys: Capture) -> None:
    linked = course.with_name("one.md")
    linked.symlink_to(course.with_name("one.yaml"))
    assert run(["report", str(course), "-o", str(linked), "--force"]) == 2
    assert "being read" in capsys.readouterr().err
    assert course.with_name("one.yaml").read_text(encoding="utf-8") == GOOD
