"""Terminals by their names: which glyphs and colours each is sent, that keys and a run work, and that it is given back."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from paced import mostly_slow
from session.worlds import SLOW_CHAIN
from terminal.colours import colours_in
from terminal.driver import bntui

DOCS = Path(__file__).parents[2] / "docs" / "terminals.md"


class Sent(NamedTuple):
    """What a terminal is sent: the face, and the colours that its codes are of."""

    face: str
    colours: str


UNICODE, ASCII = "Unicode", "ASCII"
TERMINALS = {
    "xterm": Sent(UNICODE, "16"),
    "xterm-16color": Sent(UNICODE, "16"),
    "xterm-256color": Sent(UNICODE, "256"),
    "xterm-direct": Sent(UNICODE, "24 bits"),
    "alacritty": Sent(UNICODE, "24 bits"),
    "linux": Sent(ASCII, "16"),
    "screen": Sent(UNICODE, "16"),
    "screen-256color": Sent(UNICODE, "256"),
    "tmux": Sent(UNICODE, "16"),
    "tmux-256color": Sent(UNICODE, "256"),
    "vt100": Sent(ASCII, "none"),
    "putty": Sent(UNICODE, "16"),
    "putty-256color": Sent(UNICODE, "256"),
    "ms-terminal": Sent(UNICODE, "24 bits"),
}

@pytest.fixture
def settling(tmp_path: Path) -> Path:
    """A scenario that settles."""
    file = tmp_path / "settling.yaml"
    file.write_text(SLOW_CHAIN, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", mostly_slow(TERMINALS, ("linux",)))
def test_a_terminal_is_sent_what_it_can_show_works_and_is_given_back(settling: Path, name: str) -> None:
    sent = TERMINALS[name]
    dot, norm = (".", "|dJ/dW|") if sent.face == ASCII else ("·", "‖∂J/∂W‖")
    with bntui(settling, TERM=name, COLORTERM="") as terminal:
        terminal.until(f" {dot} step 0 {dot} ")
        terminal.until(norm)
        terminal.press("space", "right")
        terminal.until(f" {dot} step 2 {dot} ")
        terminal.press("home")
        terminal.until(f" {dot} step 0 {dot} ")
        terminal.press("r")
        terminal.until("r pause")
        terminal.press("r")
        terminal.until("r run")
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()
        assert norm not in terminal.text()  # nor where there is no other screen to go back to: the emulator has none
    assert colours_in(bytes(terminal.output)) == sent.colours
    assert terminal.output.isascii() is (sent.face == ASCII)


@pytest.mark.slow
@pytest.mark.parametrize(("option", "ascii"), [("--unicode", False), ("--ascii", True)])
def test_either_face_can_be_asked_for(settling: Path, option: str, ascii: bool) -> None:
    with bntui(settling, option, TERM="linux" if option == "--unicode" else "xterm", LC_ALL="C") as terminal:
        terminal.until("|dJ/dW|" if ascii else "‖∂J/∂W‖")
        terminal.press("q")
        assert terminal.ended() == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "variables", "ascii"),
    [
        (["show", "goodfellow-chain"], {"TERM": "linux"}, True),
        (["list"], {"BNTUI_FACE": "ascii"}, True),
        (["show", "goodfellow-chain", "--unicode"], {"TERM": "linux", "LC_ALL": "C"}, False),
    ],
)
def test_what_a_command_prints_there_has_the_same_face(arguments: list[str], variables: dict[str, str], ascii: bool) -> None:
    with bntui(*arguments, size=(100, 200), **variables) as terminal:
        assert terminal.ended() == 0
        assert terminal.output.isascii() is ascii
        assert ("∂J/∂a" in terminal.text()) is not ascii


@pytest.mark.parametrize("name", TERMINALS)
def test_the_table_of_the_docs_says_what_is_sent(name: str) -> None:
    rows = [row for row in DOCS.read_text(encoding="utf-8").splitlines() if row.startswith("| `") and f"`{name}`" in row]
    assert any(f"| {TERMINALS[name].face} | {TERMINALS[name].colours} |" in row for row in rows)


def test_every_terminal_of_the_docs_table_is_tried() -> None:
    table = re.search(r"\| `TERM` \|.*?\n\n", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert table is not None
    told = {name for row in table[0].strip().splitlines()[2:] for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}
    assert told == set(TERMINALS)
