"""Colours as they arrive: chosen where there are sixteen, none under NO_COLOR, and what is chosen or lit is seen in any case."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from session.worlds import SLOW_CHAIN
from terminal.colours import colours_in
from terminal.driver import Terminal, bntui
from textual.color import Color
from tui.palettes import PALETTES, colour, contrast

LESSON = """
lesson:
  - {say: "Look.", show: [gain.e, gain.d]}
  - ask: {question: "Which one?", choices: ["one", "two"], answer: 2, because: "So it is."}
"""
SIXTEEN = {"TERM": "xterm", "COLORTERM": ""}
# what is pressed, one key after another, and what is then to be read
JOURNEY = (
    (("space", "space", "b", "t"), "twin BN off"),
    (("2", "3", "4", "5"), "[5 activations]"),
    (("T",), "norm layer_norm"),
    (("escape", "N"), "normalize so"),
    (("escape", ":"), "Search for commands"),
    (("down", "theme"), "theme: other colours"),
    (("escape", "escape", "e"), "sets η"),
    (("foo", "enter"), "'foo' is no"),
    (("escape", "i"), "Explained:"),
    (("escape", "?"), "The ledger multiplies"),
    (("escape", "o"), "gradient descent step by step"),
    (("escape", "s"), "esc back"),
    (("escape", "escape", "g"), "growth with depth"),  # the first stops what is not yet computed
    (("escape", "escape", "n", "n"), "Which one?"),
)
NAMES = {"brown": "yellow", "brightbrown": "bright_yellow", "bfightmagenta": "bright_magenta"}  # as pyte calls them


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """A scenario whose lesson lights something up."""
    file = tmp_path / "lesson.yaml"
    file.write_text(SLOW_CHAIN + LESSON, encoding="utf-8")
    return file


def stations(terminal: Terminal) -> Iterator[str]:
    """The screens of the journey, each by a word that stands on it."""
    terminal.until("‖∂J/∂W‖")
    for keys, shown in JOURNEY:
        terminal.press_each(*keys)
        terminal.until(shown)
        yield shown


def pairs(terminal: Terminal, bold: bool = False) -> set[tuple[str, str]]:
    """The ink and the paper of every character that is seen, or of those that are bold."""
    found = set()
    for row in terminal.screen.buffer.values():
        for cell in row.values():
            if bold and not cell.bold:
                continue
            ink, paper = (cell.bg, cell.fg) if cell.reverse else (cell.fg, cell.bg)
            found.add((paper if cell.data.strip() in ("", "█") else ink, paper))
    return {tuple(NAMES.get(name, name.replace("bright", "bright_")) for name in pair) for pair in found}


def assert_bold_is_not_paler(terminal: Terminal, shown: str) -> None:
    """Of terminals that write what is bold in the bright form of its colour: PuTTY, xterm, the Linux console and more."""
    for ink, paper in pairs(terminal, bold=True):
        bright = f"bright_{ink}"
        if "default" in (ink, paper) or ink.startswith("bright") or ink == paper:
            continue
        for palette in PALETTES:
            ground = colour(palette, paper)
            assert contrast(colour(palette, bright), ground) >= contrast(colour(palette, ink), ground), (shown, ink, paper, palette)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "projector"])
def test_of_sixteen_colours_all_that_is_read_stands_out_from_its_ground(lesson: Path, theme: str) -> None:
    papers = {"light": "bright_white", "projector": "bright_white", "ansi": "default"}
    with bntui(lesson, "--theme", theme, size=(100, 30), **SIXTEEN) as terminal:
        for shown in stations(terminal):
            assert colours_in(bytes(terminal.output)) == "16"
            assert_bold_is_not_paler(terminal, shown)
            assert {cell_len(character) for character in terminal.text() if character != "\n"} == {1}, shown
            seen = pairs(terminal)
            assert papers.get(theme, "black") in {paper for _, paper in seen}
            assert theme == "ansi" or "default" not in {name for pair in seen for name in pair}, (shown, seen)
            grounds = ("#000000", "#ffffff") if theme == "ansi" else ("#000000",)
            for ink, paper in seen:
                for palette in PALETTES:
                    for ground in grounds:
                        inverse = "#ffffff" if ground == "#000000" else "#000000"
                        behind = Color.parse(ground) if paper == "default" else colour(palette, paper)
                        written = Color.parse(inverse) if ink == "default" else colour(palette, ink)
                        assert ink == paper or contrast(written, behind) >= 2.6, (shown, ink, paper, palette)


@pytest.mark.slow
@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}])
def test_where_no_colour_is_wanted_or_known_none_is_sent(lesson: Path, variables: dict[str, str]) -> None:
    with bntui(lesson, "--unicode", size=(100, 30), **variables) as terminal:
        for shown in stations(terminal):
            assert colours_in(bytes(terminal.output)) == "none", shown
        terminal.press_each("escape", "q")
        assert terminal.ended() == 0
    assert colours_in(bytes(terminal.output)) == "none"


def reversed_text(terminal: Terminal) -> str:
    """What stands on the screen with ink and paper exchanged."""
    rows = ((row[column] for column in sorted(row)) for _, row in sorted(terminal.screen.buffer.items()))
    return "\n".join("".join(cell.data for cell in row if cell.reverse).strip() for row in rows).strip()


@pytest.mark.slow
def test_without_colours_what_is_chosen_or_lit_is_seen(lesson: Path) -> None:
    with bntui(lesson, NO_COLOR="1") as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.until(lambda text: "gain" in reversed_text(terminal))
        terminal.press_each("escape", "N")
        terminal.until("normalize so")
        chosen = reversed_text(terminal)
        terminal.press("down")
        terminal.until(lambda text: reversed_text(terminal) != chosen)
        assert colours_in(bytes(terminal.output)) == "none"


@pytest.mark.slow
def test_an_empty_no_color_asks_for_nothing(lesson: Path) -> None:
    with bntui(lesson, NO_COLOR="") as terminal:
        terminal.until("‖∂J/∂W‖")
        assert colours_in(bytes(terminal.output)) == "24 bits"
