"""A terminal that has ASCII alone: no other byte reaches it, whatever is open."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.colours import colours_in
from terminal.driver import bntui

LESSON = """
lesson:
  - say: "The rate η is **small**: γ/σ, ∂J/∂ŷ, ‖w‖² ≤ 10⁻³ …"
  - ask: {question: "What happens to ∂J/∂a — é?", choices: ["×2 → ∞", "½"], answer: 2, because: "“σ” is small ✓"}
"""

# what is pressed, and what is then to be read
JOURNEY: Sequence[tuple[Sequence[str], str]] = (
    ((), "gamma/sigma, dJ/dyhat, |w|^2 <= 10^-3"),
    ((" ", " "), ". step 2 ."),
    (("2",), "[2 J]"),
    (("3",), "[3 step]"),
    (("4",), "[4 meters]"),
    (("5",), "[5 activations]"),
    (("6",), "[6 lesson"),
    (("7",), "[7 sizes]"),
    (("8",), "[8 eigen]"),
    (("9",), "[9 history]"),
    (("F",), "[F fit"),
    (("1",), "[1 layers]"),
    (("i", "down"), "Explained: the chain of"),
    (("escape", "N"), "enter normalize so"),
    (("escape", "l"), "Beats: 1 of 2"),
    (("escape", "r"), "r pause"),
    (("r",), "r run"),
    (("home",), ". step 0 ."),
    (("end",), "[1 layers]"),
    (("f",), "dJ/dw_a = dJ/dyhat"),
    (("b",), "gamma_a/sigma_a"),
    (("f", "t"), "twin BN off"),
    (("?",), "scale gamma/sigma (sigma grows"),
    (("escape", ":"), "Search for commands~"),
    (("÷", "\x7f", "weights"), "selected layer's weights / 2"),
    (("\x7f" * 7, "theme: other"), "theme: other colours"),
    (("enter",), "Search for themes~"),
    (("escape", "e"), "0.05 sets eta . momentum"),
    (("ηé", "enter"), "'etae' is no"),
    (("escape", "j"), "a whole number, 0 is the start"),
    (("escape", "T"), "bn on . norm layer_norm"),
    (("escape", "left", "b", "\t"), "^v choose  enter go there"),
    (("escape", "w"), "a file name"),
    (("escape", "x"), "Export the trace"),
    (("escape", "o"), "bntui . gradient descent step by step"),
    (("/", "moons"), "/ find, or a file"),
    (("escape", "escape", "s"), "esc back"),
    (("g",), "as h*.weight or *.gamma"),
    (("escape", "escape", "g"), "g growth with depth"),
    (("g",), "g landscape  r again"),
    (("escape", "escape", "n"), "What happens to dJ/da - e?"),
    (("2",), '"sigma" is small +'),
    (("n",), "That was the last beat."),
    (("y",), "to the terminal as"),
)


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """A scenario with a lesson full of the field's letters."""
    file = tmp_path / "lesson.yaml"
    file.write_text(SLOW_CHAIN.replace("Goodfellow's chain", "Goodfellow’s chain ∂ “é”") + LESSON, encoding="utf-8")
    return file


@pytest.mark.slow
@pytest.mark.parametrize(("options", "locale"), [(["--ascii"], {}), ([], {"LC_ALL": "en_US.ISO-8859-1"})])
def test_every_byte_that_reaches_the_terminal_is_ascii(lesson: Path, options: list[str], locale: dict[str, str]) -> None:
    variables = {"LANG": ""} if locale else {}
    with bntui(lesson, *options, size=(100, 30), **{**variables, **locale}) as terminal:
        terminal.until("|dJ/dW|")
        for keys, shown in JOURNEY:
            terminal.press_each(*keys)
            terminal.until(shown)
            assert terminal.output.isascii(), (shown, sorted({each for each in terminal.output.decode() if not each.isascii()}))
            assert b"\\u" not in terminal.output
        terminal.press("q")
        assert terminal.ended() == 0
    assert terminal.output.isascii()


LATE: Sequence[tuple[Sequence[str], str]] = (
    (("t",), "twin BN on"),
    (("j",), "a whole number, 0 is the start"),
    (("600", "enter"), ". step 600 ."),
    (("j",), "a whole number, 0 is the start"),
    (("3000", "enter"), ". step 3000 ."),
    (("b",), "-> BN on"),
    (("r",), "r pause"),
    (("r",), "r run"),
    *(((key,), f"[{key} ") for key in "345789F"),
    (("f",), "dJ/dw_a = dJ/dyhat"),
    (("home",), ". step 0 ."),
    (("e",), "sets eta . momentum"),
    (("5", "enter"), "-> 5 "),
    (("r",), "DIVERGED"),
    (("1",), "[1 layers]"),
    (("i",), "Explained:"),
    (("escape",), "[1 layers]"),
    (("g",), "esc back"),
    (("escape", "escape"), "[1 layers]"),
    (("\t",), "^v choose  enter go there"),
)


@pytest.mark.slow
def test_late_and_diverged_beside_a_twin_all_of_it_is_ascii_and_without_a_colour(tmp_path: Path) -> None:
    file = tmp_path / "chain.yaml"
    file.write_text(SLOW_CHAIN, encoding="utf-8")
    with bntui(file, size=(100, 30), TERM="linux", NO_COLOR="1") as terminal:
        terminal.until("|dJ/dW|")
        for keys, shown in LATE:
            terminal.press_each(*keys)
            terminal.until(shown)
            assert terminal.output.isascii(), shown
            assert colours_in(bytes(terminal.output)) == "none", shown


@pytest.mark.slow
def test_without_a_scenario_the_library_is_ascii(lesson: Path) -> None:
    with bntui(LANG="C") as terminal:
        terminal.until("^v choose")
        for _ in range(3):
            terminal.press("down")
            terminal.quiet()
        assert terminal.output.isascii()


def test_a_byte_that_is_no_utf_8_ends_nothing(lesson: Path) -> None:
    with bntui(lesson, LANG="", LC_ALL="en_US.ISO-8859-1") as terminal:
        terminal.until("|dJ/dW|")
        terminal.press_bytes(b"\xe4")
        terminal.quiet()
        terminal.press("space")
        terminal.until(". step 1 .")


@pytest.mark.slow
def test_a_character_that_comes_in_pieces_is_one(lesson: Path) -> None:
    with bntui(lesson) as terminal:
        terminal.until("‖∂J/∂W‖")
        terminal.press("j")
        terminal.until("Go to step")
        for piece in (b"\xc3", b"\xa9", b"1"):
            terminal.press_bytes(piece)
            terminal.quiet()
        terminal.until("é1")
