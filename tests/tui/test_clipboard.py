"""What is sent to have a text copied, as far as each of those between hands it on."""

import base64
import re

import pytest

from bntui.tui.clipboard import PIECE, codes_for

TEXT = "σ grows with |w|\n" * 200


def handed_on(codes: str) -> str:
    """What GNU screen hands on to the terminal: what stands in its strings; other codes of the kind it drops."""
    return "".join(re.findall("\x1bP(.*?)\x1b\\\\", codes, re.DOTALL))


def copied(codes: str) -> str:
    """What a terminal makes of codes of its own."""
    (encoded,) = re.fullmatch("\x1b]52;c;([^\x07\x1b]*)\x07", codes).groups()  # type: ignore[union-attr]
    return base64.b64decode(encoded).decode()


@pytest.mark.parametrize("environment", [{}, {"TERM": "xterm"}, {"TERM": "screen", "TMUX": "here"}, {"TERM": "tmux-256color"}])
def test_a_terminal_and_tmux_are_sent_the_plain_code(environment: dict[str, str]) -> None:
    assert copied(codes_for(TEXT, environment)) == TEXT


@pytest.mark.parametrize("environment", [{"STY": "1.pts", "TERM": "xterm"}, {"TERM": "screen.xterm-256color"}, {"TERM": "screen"}])
def test_gnu_screen_hands_all_of_it_on_in_pieces_that_it_can_hold(environment: dict[str, str]) -> None:
    codes = codes_for(TEXT, environment)
    assert copied(handed_on(codes)) == TEXT
    assert max(map(len, re.findall("\x1bP.*?\x1b\\\\", codes, re.DOTALL))) <= PIECE + 4
    assert copied(re.sub("\x1bP.*?\x1b\\\\", "", codes, flags=re.DOTALL)) == TEXT  # a tmux that calls itself screen
