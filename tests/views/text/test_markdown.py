"""Markdown on a screen, as HTML and written anew: what is meant is shown as meant, and nothing else gets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from session.worlds import held_over

from bntui.views.text import markdown
from bntui.views.text.cells import cells
from bntui.views.text.lines import Span, line_in_ascii, plain, text_of
from bntui.views.text.markdown import (
    html_of,
    html_of_words,
    markdown_in_ascii,
    markdown_lines,
    markdown_of,
    markdown_of_words,
    markdown_spans,
    plain_markdown,
)

PIECES = (
    *("<b>", "<!--", "[a](b)", "[a]: /u", "[a]", "![p](q)", "<http://a.b>", "`", "```", "\\", "\n", "\n\n", " ", "    "),
    *("- ", "1. ", "> ", "# ", "|", "|-|", "&lt;", "x", "*", "_"),
)
EVERYTHING = """\
## A heading
Go on\\
with [the paper](https://arxiv.org/abs/1502.03167), <https://a.b> and <b onclick="x()">HTML</b>, \\*plain\\*.

3. third
4. fourth
   - within

> quoted

| layer | gain |
|---|---|
| a | **8.1** |

```
x  =  1
```
![a picture](http://else.where/i.png) [no](javascript:alert(1))
"""


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a **b** c", [("a ", "plain"), ("b", "strong"), (" c", "plain")]),
        ("*b*, _c_", [("b", "second"), (", ", "plain"), ("c", "second")]),
        ("`a**b`", [("a**b", "accent")]),
        ("2 * 3 * 4", [("2 * 3 * 4", "plain")]),
        ("a_b_c and **open", [("a_b_c and **open", "plain")]),
        ("# Look", [("Look", "strong")]),
    ],
)
def test_bold_italics_code_and_headings(text: str, spans: list[tuple[str, str]]) -> None:
    (line,) = markdown_lines(text, 40)
    joined: list[Span] = []
    for span in line:
        if joined and (joined[-1].role == span.role or span.text == " "):
            joined[-1] = Span(joined[-1].text + span.text, joined[-1].role)
        else:
            joined.append(span)
    expected = [("".join(text for text, _ in spans), [role for _, role in spans])]
    assert [(plain(line), [span.role for span in joined])] == expected


def test_a_screen_shows_every_form_as_it_is_meant() -> None:
    assert text_of(markdown_lines(EVERYTHING, 60)).splitlines() == [
        "A heading",
        "Go on",
        "with the paper (https://arxiv.org/abs/1502.03167),",
        'https://a.b and <b onclick="x()">HTML</b>, *plain*.',
        "3. third",
        "4. fourth",
        "   • within",
        "│ quoted",
        "layer  gain",
        "a      8.1",
        "x  =  1",
        "a picture (http://else.where/i.png)",
        "[no](javascript:alert(1))",
    ]


def test_an_item_of_a_list_hangs_below_its_marker() -> None:
    assert text_of(markdown_lines("- one two three", 9)) == "• one two\n  three"


def test_a_comma_stays_at_its_bold_word() -> None:
    assert [plain(line) for line in markdown_lines("aaaa **bb**, cc", 8)] == ["aaaa bb,", "cc"]


def test_a_table_that_is_too_wide_is_broken_inside_its_cells() -> None:
    lines = text_of(markdown_lines("| layer | what it does |\n|---|---|\n| a | it grows and grows |", 20))
    assert lines.splitlines() == ["layer  what it does", "a      it grows and", "       grows"]


@held_over(300)
@given(st.text(alphabet="ab *_`é漢❤\ufe0f\u0302 \n-1.>|#[](<:\\\\", max_size=80), st.integers(2, 30))
def test_no_line_is_wider_than_its_pane(text: str, width: int) -> None:
    assert all(cells(plain(line)) <= width for line in markdown_lines(text, width))


def test_html_has_nothing_that_loads_runs_or_leads_away() -> None:
    text = html_of(EVERYTHING)
    assert "&lt;b onclick=&quot;x()&quot;&gt;HTML" in text
    assert "<ol start=\"3\">" in text
    assert "<td><strong>8.1</strong></td>" in text
    assert "the paper (https://arxiv.org/abs/1502.03167)" in text
    for danger in ("<b ", "<a", "<img", "href", "src"):
        assert danger not in text
    assert html_of_words("**a** & <i>") == "<strong>a</strong> &amp; &lt;i&gt;"


def test_written_anew_it_says_the_same_to_a_reader_that_takes_html() -> None:
    written = markdown_of(EVERYTHING)
    assert markdown_of(written) == written
    careless = MarkdownIt("commonmark").enable("table").render(written)
    for danger in ("<b ", "<a", "<img", "href", "src"):
        assert danger not in careless
    assert careless == html_of(EVERYTHING) + "\n"
    assert markdown_of_words("**a** <i>") == "**a** \\<i\\>"


@held_over(300)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_written_anew_has_no_html_no_link_and_no_picture(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown_of(text))
    kinds = {each.type for token in tokens for each in (token, *(token.children or ()))}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}


@held_over(100)
@given(st.text(alphabet="ab*_`-+1.>|#[](<&;)~=\\\\", min_size=1, max_size=40))
def test_a_title_is_no_markdown(text: str) -> None:
    assert markdown_lines(f"x{plain_markdown(text)}", 200) == ((Span(f"x{text}"),),)


WRITTEN = ("*", "**", "***", "`", "``", "_", "aZ", "b", "0", "9. ", "1)", "- ", "+ ", "-", " ", ".", ",", "(", ")", "'", "“", "·", "∂", "×", "ŷ", "é", "漢", "\u0302", "\u00a0", "=")


@held_over(600)
@given(st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=14).map("".join), st.integers(2, 30))
def test_a_simple_paragraph_is_read_as_markdown_it_reads_it(text: str, width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "_simple", lambda text: None)
        read = markdown_lines.__wrapped__(text, width), markdown_spans.__wrapped__(text)
    assert (markdown_lines(text, width), markdown_spans(text)) == read


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One step.", "One step."),
        ("of **a** each is folded to its **gain** (**enter** unfolds)", "of a each is folded to its gain (enter unfolds)"),
        ("*why* `a**b`?", "why a**b?"),
        ("λ_max is 0.5", "λ_max is 0.5"),
        ("0.24: less", "0.24: less"),
    ],
)
def test_what_nearly_every_text_is_needs_no_reader(text: str, said: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "_tree", None)
        assert text_of(markdown_lines.__wrapped__(text, 80)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The chain ŷ = x·a·b·c·d·e is **one** product.", "The chain yhat = x*a*b*c*d*e is one product."),
        ("relu(w₂·relu(w₁·x))", "relu(w2*relu(w1*x))"),
        ("**w**·x, x·**w** and *γ/σ*·‖w‖² · `a·b`", "w*x, x*w and gamma/sigma*|w|^2 . a*b"),
        ("1 + 0.1 · 5 = 1.5", "1 + 0.1 * 5 = 1.5"),
        ("− 5 · 2\n\n• 3 ≈ 4 ~ 5", "- 5 . 2\n* 3 ~ 4 ~ 5"),
    ],
)
def test_in_ascii_a_sign_is_never_read_as_markdown(text: str, said: str) -> None:
    lines = [line_in_ascii(line, 60) for line in markdown_lines(markdown_in_ascii(text), 60)]
    assert text_of(lines) == said
