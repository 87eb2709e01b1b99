"""Preferences in the real program: what is chosen or typed once comes again, and what cannot be used or kept ends nothing."""

from pathlib import Path

import pytest
from session.worlds import SLOW_CHAIN
from terminal.driver import Terminal, bntui


@pytest.fixture
def settling(tmp_path: Path) -> Path:
    """A scenario that settles."""
    file = tmp_path / "settling.yaml"
    file.write_text(SLOW_CHAIN, encoding="utf-8")
    return file


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A configuration folder."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


def preferences(home: Path) -> Path:
    return home / "bntui" / "preferences"


def written(home: Path, text: str) -> None:
    preferences(home).parent.mkdir()
    preferences(home).write_text(text, encoding="utf-8")


def left(terminal: Terminal) -> None:
    terminal.press("q")
    assert terminal.ended() == 0


def paper(terminal: Terminal) -> str:
    """What is behind the header."""
    return str(terminal.screen.buffer[0][0].bg)


def in_the_corner(terminal: Terminal) -> str:
    """What is told there, as one line."""
    return " ".join(" ".join(row.partition("▌")[2] for row in terminal.text().split("\n")).replace("▌", "").split())


def choose_theme(terminal: Terminal, name: str) -> None:
    terminal.press(":")
    terminal.until("Search for commands")
    terminal.press("theme: other")
    terminal.until("theme: other colours")
    terminal.press("enter")
    terminal.until("Search for themes")
    terminal.press(name)
    terminal.until(lambda text: text.count(name) > 1)
    terminal.press("enter")


@pytest.mark.slow
def test_a_theme_that_is_chosen_comes_again_until_another_is_typed(settling: Path, home: Path) -> None:
    with bntui(settling, XDG_CONFIG_HOME=str(home)) as terminal:
        terminal.until("‖∂J/∂W‖")
        before = paper(terminal)
        choose_theme(terminal, "projector")
        terminal.until(lambda text: paper(terminal) == "ffffff")
        terminal.until("comes again")
        left(terminal)
    assert preferences(home).read_text() == "theme: projector\n"
    with bntui(settling, XDG_CONFIG_HOME=str(home)) as terminal:
        terminal.until("‖∂J/∂W‖")
        assert paper(terminal) == "ffffff"
    with bntui(settling, "--theme", "dark", XDG_CONFIG_HOME=str(home)) as terminal:
        terminal.until("‖∂J/∂W‖")
        assert paper(terminal) == before
        left(terminal)
    assert preferences(home).read_text() == "theme: projector\n"


@pytest.mark.slow
def test_what_is_typed_is_remembered_only_where_that_is_asked_for(settling: Path, home: Path) -> None:
    variables = {"XDG_CONFIG_HOME": str(home)}
    with bntui(settling, "--ascii", "--fps", "5", "--no-mouse", **variables) as terminal:
        terminal.until("|dJ/dW|")
    assert not preferences(home).exists()
    with bntui(settling, "--ascii", "--fps", "5", "--no-mouse", "--remember", size=(100, 30), **variables) as terminal:
        terminal.until("Remembered in")
        left(terminal)
    assert preferences(home).read_text() == "face: ascii\nfps: 5\nmouse: off\n"
    with bntui(settling, **variables) as terminal:
        terminal.until("|dJ/dW|")
        assert not terminal.mouse
    with bntui(settling, BNTUI_FACE="unicode", BNTUI_MOUSE="on", **variables) as terminal:
        terminal.until("‖∂J/∂W‖")
        assert terminal.mouse
    with bntui(settling, "--ascii", BNTUI_FACE="unicode", **variables) as terminal:
        terminal.until("|dJ/dW|")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "sentence"),
    [("fps: 500\n", "is not used: line"), ("theme: drak\n", "there is no theme 'drak'"), ("theme: \x1b[2J\n", "there is no theme '␛[2J'")],
)
def test_a_file_that_cannot_be_used_is_told_of_and_the_program_goes_on(settling: Path, home: Path, text: str, sentence: str) -> None:
    written(home, text)
    with bntui(settling, size=(140, 40), XDG_CONFIG_HOME=str(home)) as terminal:
        terminal.until(lambda _: sentence in in_the_corner(terminal))
        terminal.press("space")
        terminal.until(" · step 1 · ")
        left(terminal)
        assert "Traceback" not in terminal.last_words()


@pytest.mark.slow
def test_where_nothing_can_be_kept_that_is_told_and_the_theme_is_taken(settling: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    with bntui(settling, size=(120, 40), XDG_CONFIG_HOME=str(blocked)) as terminal:
        terminal.until("‖∂J/∂W‖")
        choose_theme(terminal, "light")
        terminal.until("The theme is not remembered")
        terminal.press("space")
        terminal.until(" · step 1 · ")
        left(terminal)


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        ([], {"BNTUI_FPS": "0"}, "the environment variable BNTUI_FPS: '0' is not a number from 1 to 120"),
        pytest.param([], {"BNTUI_THEME": "drak"}, "there is no theme 'drak'", marks=pytest.mark.slow),
        pytest.param(["--remember"], {}, "--remember keeps --theme, --ascii or --unicode, --mouse and --fps", marks=pytest.mark.slow),
        pytest.param(["--theme", "drak", "--remember"], {}, "there is no theme 'drak'", marks=pytest.mark.slow),
    ],
)
def test_what_is_asked_for_and_cannot_be_is_refused_before_the_screen_is_taken(
    settling: Path, home: Path, arguments: list[str], variables: dict[str, str], sentence: str
) -> None:
    with bntui(settling, *arguments, size=(200, 24), XDG_CONFIG_HOME=str(home), **variables) as terminal:
        assert terminal.ended() == 2
        assert f"bntui: {sentence}" in terminal.text()
    assert not preferences(home).exists()
