"""`bntui report` as a person at a shell meets it."""

from pathlib import Path

from session.worlds import SLOW_CHAIN
from shell import Capture

from bntui.commands.cli import run

GOOD = SLOW_CHAIN + 'lesson: [{say: "**Look** <b>", do: {step: 2}, expect: {step: {is: 2}}}]\n'


def test_a_report_in_markdown_has_text_frame_and_verdict(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    handout = file.with_suffix(".md")
    assert run(["report", str(file), "-o", str(handout)]) == 0
    text = handout.read_text(encoding="utf-8")
    assert "**Look** \\<b\\>" in text
    assert "· step 2 ·" in text
    assert "✓ step exactly 2: yes, it is 2" in text


def test_a_report_in_html_is_one_page_and_escaped(file: Path) -> None:
    file.write_text(GOOD.replace("Goodfellow's chain", "'<script>alert(1)</script>'"), encoding="utf-8")
    handout = file.with_suffix(".html")
    assert run(["report", str(file), "-o", str(handout)]) == 0
    text = handout.read_text(encoding="utf-8")
    assert "<strong>Look</strong> &lt;b&gt;" in text
    assert "<script>" not in text
    assert "src=" not in text
    assert "href=" not in text


def test_a_report_needs_an_ending_that_says_its_form(file: Path, capsys: Capture) -> None:
    file.write_text(GOOD, encoding="utf-8")
    assert run(["report", str(file), "-o", str(file.with_suffix(".pdf"))]) == 2
    assert "ends in neither .md nor .html" in capsys.readouterr().err


def test_a_report_tells_why_a_wrong_choice_is_wrong(file: Path) -> None:
    ask = 'lesson: [{ask: {question: "Up?", choices: ["yes", "no"], answer: 2, wrong: {1: "It *falls* <b>."}}}]\n'
    file.write_text(SLOW_CHAIN + ask, encoding="utf-8")
    for ending, told in ((".md", "**Not 1.** It *falls* \\<b\\>."), (".html", "<strong>Not 1.</strong></p><p>It <em>falls</em> &lt;b&gt;.")):
        handout = file.with_suffix(ending)
        assert run(["report", str(file), "-o", str(handout)]) == 0
        assert told in handout.read_text(encoding="utf-8")
