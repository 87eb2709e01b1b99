"""Which face is chosen: what is asked for, or what encoding, locale and terminal can show."""

import pytest

from bntui.views.text.face import draws_ascii

NOT_UTF_8 = [{}, {"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "en_US.ISO-8859-1", "LANG": "en_US.UTF-8"}, {"LC_CTYPE": "de_DE@euro"}]
UTF_8 = [
    {"LANG": "C.UTF-8"}, {"LANG": "en_US.utf8"}, {"LC_CTYPE": "UTF-8"}, {"LANG": "C", "LC_CTYPE": "C.UTF-8"},
    {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.UTF-8@euro"}, {"LC_ALL": "xx_XX.UTF-8", "LANG": "C"},
]  # fmt: skip
WITHOUT_GLYPHS = ["linux", "linux-16color", "screen.linux", "vt100", "vt220", "ansi", "cons25"]
WITH_GLYPHS = [
    "xterm", "xterm-256color", "screen", "screen-256color", "tmux", "tmux-256color", "putty", "putty-256color", "ms-terminal", "linuxx", ""
]  # fmt: skip


@pytest.mark.parametrize("environment", NOT_UTF_8)
def test_a_locale_that_is_not_utf_8_gets_ascii(environment: dict[str, str]) -> None:
    assert draws_ascii(None, "utf-8", environment, on_terminal=True)


@pytest.mark.parametrize("environment", UTF_8)
def test_a_locale_of_utf_8_gets_all_there_is(environment: dict[str, str]) -> None:
    assert not draws_ascii(None, "utf-8", environment, on_terminal=True)


def test_an_output_of_another_encoding_gets_ascii_whatever_the_locale() -> None:
    assert draws_ascii(None, "latin-1", {"LC_ALL": "C.UTF-8"}, on_terminal=False)


@pytest.mark.parametrize("name", WITHOUT_GLYPHS)
def test_a_terminal_whose_font_lacks_the_glyphs_gets_ascii_and_a_file_written_there_does_not(name: str) -> None:
    environment = {"LANG": "C.UTF-8", "TERM": name}
    assert draws_ascii(None, "utf-8", environment, on_terminal=True)
    assert not draws_ascii(None, "utf-8", environment, on_terminal=False)


@pytest.mark.parametrize("name", WITH_GLYPHS)
def test_any_other_terminal_gets_all_there_is(name: str) -> None:
    assert not draws_ascii(None, "utf-8", {"LANG": "C.UTF-8", "TERM": name}, on_terminal=True)


@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize("environment", [{"LANG": "C", "TERM": "linux"}, {"LANG": "C.UTF-8", "TERM": "xterm"}])
def test_what_is_asked_for_counts_more_than_all_of_that(environment: dict[str, str], ascii: bool) -> None:
    assert draws_ascii(ascii, "latin-1", environment, on_terminal=True) is ascii
